"""A pushed event: verified on the raw bytes before anything in it is used."""

from __future__ import annotations

import json
from typing import Any

from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest
from app.platforms.deliveroo.mapping import event_order_id, event_version
from app.platforms.deliveroo.polling import digest
from app.platforms.deliveroo.signing import genuine
from app.texts import tr

OK = WebhookReply()  # any 200: the Order Events page asks for no body


def received(request: WebhookRequest, secret: str) -> Received:
    """One event. The header that names its type is not signed, so the body's own name counts.

    Keyed by the body: a repeat carries the same one, whether or not it carries the same guid.
    """
    guid = request.headers.get("x-deliveroo-sequence-guid", "")
    given = request.headers.get("x-deliveroo-hmac-sha256", "")
    if not genuine(secret, guid, request.body, given):
        raise ForgedWebhookError(tr("The signature is missing or wrong"))
    event = _object(request.body)
    if not isinstance(event.get("event"), str):
        raise ProtocolError(tr("A signed message that is no event"))
    key, version = f"event:{digest(request.body)}", event_version(event)
    return Received((Message(key, "event", request.body, version, event_order_id(event)),), OK)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}
