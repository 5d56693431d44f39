"""Notifications of the Alipay gateway: verified as a form, kept as they came, and what each says of an order.

The frame is documented (the message service's fields; the older `notify_time` and `notify_type` have a test vector). The
names and contents of Koubei's own messages were not found: any message that names an order makes us read that order, and
those that say more are told apart by names from the account form, as the app's subscription page shows them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState
from app.domain.lifecycle import Kitchen
from app.platforms.api import ForgedWebhookError, Message, ProtocolError, UnknownMessageError
from app.platforms.koubei.payloads import CHINA, LATEST
from app.platforms.koubei.signing import KeyFormError, is_signed, notice_texts, public_key
from app.texts import tr

NOTICE = "notice"
MOST_FIELDS = 100
_REASONS = ("reason", "memo", "refund_reason", "cancel_reason")  # where a message may say why; all guessed


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading must know beside the message: which app and shop are ours, and the names of telling messages."""

    app_id: str = ""
    shop_id: str = ""
    cancelled: frozenset[str] = frozenset()
    refund_asked: frozenset[str] = frozenset()
    finished: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Reading:
        """From the account form; several names are separated by commas or blanks."""
        names = {name: frozenset(values.get(f"{name}_message", "").replace(",", " ").split()) for name in _TELLING}
        return cls(values.get("app_id", "").strip(), values.get("shop_id", "").strip(), **names)


_TELLING = ("cancelled", "refund_asked", "finished")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification's fields, and its content if there is one."""

    fields: Mapping[str, str]
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What kind of message it is; the older form calls it a type."""
        return self.fields.get("msg_method") or self.fields.get("notify_type", "")

    @property
    def order_id(self) -> str:
        """The order it speaks of; "" when it speaks of none."""
        found = self.content.get("order_id") or self.fields.get("order_id") or ""
        return str(found) if isinstance(found, str | int) else ""

    @property
    def version(self) -> int:
        """When the platform made it, in milliseconds. Raises ProtocolError when it does not say."""
        try:
            if "utc_timestamp" in self.fields:
                stated = int(self.fields["utc_timestamp"])
            else:
                moment = datetime.fromisoformat(self.fields["notify_time"])
                stated = int((moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).timestamp() * 1000)
        except (KeyError, ValueError, OverflowError):
            raise ProtocolError(tr("a notification of Alipay without a time")) from None
        if not 0 < stated < LATEST:
            raise ProtocolError(tr("a notification of Alipay without a time"))
        return stated


def verified(body: bytes, alipay_key: str, app_id: str) -> Message:
    """The message to store. Raises ProtocolError (no form of fields) or ForgedWebhookError."""
    notice = parsed(body)
    signature = notice.fields.get("sign", "")
    try:
        key = public_key(alipay_key)
    except KeyFormError:
        raise ForgedWebhookError(tr("Alipay's public key cannot be read: paste it from the app's page")) from None
    if not signature or not any(is_signed(text, signature, key) for text in notice_texts(notice.fields)):
        raise ForgedWebhookError(tr("a message with a missing or wrong signature"))
    if notice.fields.get("app_id", app_id) != app_id:
        raise ForgedWebhookError(tr("a message for another app"))
    if not notice.fields.get("notify_id"):
        raise ProtocolError(tr("a notification of Alipay without a number"))
    return Message(notice.fields["notify_id"], NOTICE, body, notice.version, notice.order_id)


def parsed(body: bytes) -> Notice:
    """The form's fields, each once. Raises ProtocolError."""
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise ProtocolError(tr("a notification of Alipay that is not a form")) from None
    fields = dict(pairs)
    if len(fields) != len(pairs) or fields.get("charset", "utf-8").lower().replace("-", "") != "utf8":
        raise ProtocolError(tr("a notification of Alipay that is not a form"))
    return Notice(fields, _content(fields.get("biz_content", "")))


def read(body: bytes, version: int, reading: Reading) -> OrderUpdate:
    """What a stored notification says. UnknownMessageError for one that is about no order of ours."""
    notice = parsed(body)
    order_id, shop_id = notice.order_id, notice.content.get("shop_id")
    if not order_id:
        raise UnknownMessageError(tr("a message about no order: {name}", name=notice.name or "-"))
    if reading.shop_id and shop_id and str(shop_id) != reading.shop_id:
        raise UnknownMessageError(tr("a message of another shop: {shop}", shop=shop_id))
    reason = _reason(notice.content)
    if notice.name in reading.refund_asked:
        # agreeing takes every dish back, so this is a wish to cancel; the time to answer is not known
        request = CustomerRequest(RequestKind.CANCEL, RequestState.OPEN, reason)
        return OrderUpdate(order_id, version, request=request, incomplete=True)
    if notice.name in reading.cancelled:
        return OrderUpdate(order_id, version, kitchen=Kitchen.CANCELLED, reason=reason, incomplete=True)
    kitchen = Kitchen.COMPLETED if notice.name in reading.finished else None
    return OrderUpdate(order_id, version, kitchen=kitchen, incomplete=True)


def _reason(content: Mapping[str, Any]) -> str:
    return next((found for name in _REASONS if isinstance(found := content.get(name), str) and found), "")


def _content(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
