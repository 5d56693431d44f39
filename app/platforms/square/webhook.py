"""A pushed event: verified on the raw bytes before anything in it is used."""

from __future__ import annotations

import hashlib
import json

from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest
from app.platforms.shapes import UNREADABLE
from app.platforms.square.mapping import EVENT
from app.platforms.square.signing import genuine
from app.platforms.square.wire import Event
from app.texts import tr

HEADER = "x-square-hmacsha256-signature"
# Any 2xx is an acknowledgement; this is what a relay, which knows no secret, answers too.
OK = WebhookReply(200, b"{}")


def receive(request: WebhookRequest, key: str, url: str) -> Received:
    """The message of a signed event, keyed by its id so that a repeat is known. `url` is the registered one."""
    if not genuine(key, url, request.body, request.headers.get(HEADER, "")):
        raise ForgedWebhookError(tr("The signature is missing or wrong"))
    try:
        event = Event.model_validate(json.loads(request.body))
        changed = event.order
    except UNREADABLE:
        raise ProtocolError(tr("A signed callback that is no event")) from None
    at = changed.updated_at or event.created_at
    version = int(at.timestamp() * 1000) if at else 0
    name = event.event_id or hashlib.sha256(request.body).hexdigest()[:32]
    return Received((Message(f"event:{name}", EVENT, request.body, version, changed.order_id),), OK)
