"""What a push is about: told apart, and answered, before anything in it is believed. Pure.

Documented: the envelope of new orders, the flat cancellation without a type, Dasher reports within `delivery` (older ones
flat). Not documented in any source we found: the forms of a release and of an adjusted order; they are known by their
type's name. Anything else is acknowledged and ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.platforms.api import ProtocolError, WebhookReply, WebhookRequest
from app.texts import tr

NEW_ORDER = "ordercreate"
WILL_DECIDE = WebhookReply(202, b"{}")  # a 200 would mean that the shop has accepted
HEARD = WebhookReply(200, b"{}")


class Kind(StrEnum):
    """Kinds of message, as stored."""

    ORDER = "order"
    ADJUSTED = "adjusted"
    CANCELLED = "cancelled"
    RELEASED = "released"
    DASHER = "dasher"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Push:
    """One push: its kind, the order's id ("" when it names none), and where its fields stand."""

    kind: Kind
    order_id: str
    fields: Mapping[str, Any]
    content: Mapping[str, Any]


def push_of(body: bytes) -> Push:
    """Tell a push apart. Raises ProtocolError when it is no JSON object."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ProtocolError(tr("a message of DoorDash that is no JSON object"))
    fields = {name: value for part in _parts(content) for name, value in part.items()}
    kind = _kind(content, fields)
    return Push(kind, _order_id(kind, content, fields), fields, content)


def reply_of(request: WebhookRequest) -> WebhookReply:
    """What DoorDash wants to hear: of a new order, that it will be decided. Raises ProtocolError."""
    if request.method != "POST":  # a menu pull is a GET, and an empty answer could pass for an empty menu
        raise ProtocolError(tr("DoorDash pushes with POST"))
    return WILL_DECIDE if push_of(request.body).kind is Kind.ORDER else HEARD


def _parts(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The places where a push may keep its fields, the telling ones last."""
    yield content
    for name in ("event", "order", "delivery"):
        part = content.get(name)
        if isinstance(part, dict):
            yield part


def _kind(content: Mapping[str, Any], fields: Mapping[str, Any]) -> Kind:
    name = _name(content)
    if name == NEW_ORDER:
        return Kind.ORDER
    for word, kind in (("dasher", Kind.DASHER), ("cancel", Kind.CANCELLED), ("release", Kind.RELEASED)):
        if word in name:
            return kind
    if "dasher_status" in fields:
        return Kind.DASHER
    if isinstance(content.get("order"), dict) and "categories" in content["order"]:
        return Kind.ADJUSTED if name else Kind.ORDER
    nameless = not name and "external_order_id" in fields and not any("release" in field for field in fields)
    return Kind.CANCELLED if nameless else Kind.OTHER


def _name(content: Mapping[str, Any]) -> str:
    event = content.get("event")
    inner = event if isinstance(event, dict) else content
    found = inner.get("type") or content.get("event_type") or ""
    return found.lower() if isinstance(found, str) else "?"


def _order_id(kind: Kind, content: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """We confirm with the order's own id, so `client_order_id` brings exactly that back; a published Dasher report has an
    `external_order_id` in another form than orders have."""
    order = content.get("order")
    own = order.get("id") if isinstance(order, dict) else None
    names = [own] if kind in (Kind.ORDER, Kind.ADJUSTED) else []
    found = [*names, fields.get("client_order_id"), fields.get("external_order_id"), own]
    return next((str(one) for one in found if isinstance(one, str | int) and not isinstance(one, bool) and one), "")
