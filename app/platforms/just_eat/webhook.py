"""A push: believed for the key that Just Eat was given and, where it is an order, for the hash of its raw bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest
from app.platforms.just_eat.mapping import EVENT, ORDER, is_order, is_prepare, order_id_of, version_of
from app.platforms.just_eat.signing import is_hashed, onboarding_signature, same
from app.texts import tr

OK = WebhookReply(body=b"{}")
# "I shall tell later", within five minutes: so an order counts as arrived only once a counter has it, whoever took the push
# for it. When nobody tells, Just Eat's own device asks for it.
LATER = WebhookReply(202, b"{}")
STAMP_MAY_BE_OFF = 300.0  # seconds


@dataclass(frozen=True, slots=True)
class Secrets:
    """`key` comes back as the Authorization header of every push, `hashing` signs orders, `onboarding` that news."""

    key: str = field(default="", repr=False)
    hashing: str = field(default="", repr=False)
    onboarding: str = field(default="", repr=False)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Secrets:
        """From the account form."""
        names = ("webhook_key", "webhook_secret", "onboarding_secret")
        return cls(*(values.get(name, "").strip() for name in names))


def received(request: WebhookRequest, secrets: Secrets) -> Received:
    """One push. No push has an id: an order is known by its number and content, anything else by its content.

    Raises ForgedWebhookError or ProtocolError.
    """
    if request.method in ("GET", "HEAD") and not request.body:
        return Received((), OK)
    _believe(request, secrets)
    found = _object(request.body)
    order_id = order_id_of(found)
    if is_order(found) or is_prepare(found):
        if not order_id:
            raise ProtocolError(tr("An order without a number"))
        digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
        message = Message(f"order:{order_id}:{digest}", ORDER, request.body, version_of(found), order_id)
    else:
        digest = hashlib.sha256(request.body).hexdigest()
        message = Message(f"event:{digest}", EVENT, request.body, version_of(found), order_id)
    return Received((message,), reply_to(request))


def reply_to(request: WebhookRequest) -> WebhookReply:
    """What a relay, which knows no secret, answers: the same as the counter. ProtocolError for what is no object."""
    if request.method in ("GET", "HEAD") and not request.body:
        return OK
    found = _object(request.body)
    return LATER if is_order(found) or (is_prepare(found) and callback_of(request)) else OK


def callback_of(request: WebhookRequest) -> str:
    """Where the older API wants to hear what became of an asynchronous push; "" for a synchronous one."""
    return request.query.get("callback", "")


def transmission_of(body: bytes) -> str:
    """The number of this sending of an order, "" where it has none."""
    found = _object(body)
    given = found.get("transmission_id") or found.get("transmissionId") or ""
    return str(given) if isinstance(given, str | int) else ""


def _believe(request: WebhookRequest, secrets: Secrets) -> None:
    """News about onboarding is stamped in its own way; the name of its time's header was not found and is a guess."""
    headers, hashed = request.headers, request.headers.get("x-jet-connect-hash")
    if stamp := headers.get("x-webhook-signature"):
        moment = headers.get("x-webhook-timestamp", "")
        genuine = bool(secrets.onboarding) and same(stamp, onboarding_signature(secrets.onboarding, moment, request.body))
        genuine = genuine and _is_recent(moment, request.received)
    else:
        genuine = same(headers.get("authorization", ""), secrets.key)
        if secrets.hashing and (hashed is not None or _is_hashable(request.body)):
            genuine = genuine and is_hashed(secrets.hashing, request.body, hashed or "")
    if not genuine:
        raise ForgedWebhookError(tr("The signature is missing or wrong"))


def _is_recent(moment: str, received: datetime) -> bool:
    """Documented: a stamp (Unix seconds) of more than five minutes off is refused, so that no copy of it lives on."""
    if not re.fullmatch(r"[0-9]{1,12}", moment):
        return False
    return abs(received.timestamp() - int(moment)) <= STAMP_MAY_BE_OFF


def _is_hashable(body: bytes) -> bool:
    """Only JET Connect's orders carry a hash."""
    try:
        return is_order(_object(body))
    except ProtocolError:
        return False


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProtocolError(tr("A push of Just Eat that is no object"))
    return found
