"""A pushed event: verified on the raw bytes before anything in it is used."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

from app.platforms.api import ForgedWebhookError, Message, ProtocolError
from app.platforms.shapes import UNREADABLE
from app.platforms.uber_eats.mapping import EVENT, Event
from app.texts import tr


def sign(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the body as it arrived, keyed with the client secret or a signing key."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verified(body: bytes, signature: str, secrets: Iterable[str]) -> Message:
    """The event as a message, keyed by its id so that a repeat is known. ForgedWebhookError, or ProtocolError.

    Several secrets: newer dashboards give a signing key of its own, and a second one while the first is being replaced.
    """
    given = signature.strip().lower().encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(sign(secret, body).encode(), given) for secret in secrets if secret]
    if not any(matches):
        raise ForgedWebhookError(tr("The signature is missing or wrong"))
    try:
        event = Event.model_validate(json.loads(body))
    except UNREADABLE:
        raise ProtocolError(tr("A signed callback that is no event")) from None
    key = event.event_id or hashlib.sha256(body).hexdigest()[:32]
    return Message(f"event:{key}", EVENT, body, event.event_time, event.order_id)
