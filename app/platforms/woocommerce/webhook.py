"""A webhook: verified on the raw bytes before anything in it is used.

It is a hint at best: a shop sends it up to a minute late and only while it has visitors, in any order, built when it is
sent, never again, and to public addresses on ports 80, 443 and 8080 only (all observed). Orders rely on the poll.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re

from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest
from app.platforms.shapes import UNREADABLE
from app.platforms.woocommerce.mapping import PUSH, version_of
from app.platforms.woocommerce.signing import webhook_signature
from app.platforms.woocommerce.wire import Order
from app.texts import tr

OK = WebhookReply()
_PING = re.compile(rb"webhook_id=\d+")


def receive(request: WebhookRequest, secret: str) -> Received:
    """The message of a signed request. The ping of a new webhook is form-encoded and carries no signature (observed)."""
    if request.method != "POST":
        raise ProtocolError(tr("WooCommerce pushes with POST"))
    given = request.headers.get("x-wc-webhook-signature", "")
    if not given and _PING.fullmatch(request.body):
        return Received((), OK)
    if not secret or not hmac.compare_digest(webhook_signature(secret, request.body).encode(), given.encode()):
        raise ForgedWebhookError(tr("The signature is missing or wrong"))
    if _PING.fullmatch(request.body) or request.headers.get("x-wc-webhook-resource", "order") != "order":
        return Received((), OK)
    return Received((_message(request.body),), OK)


def _message(body: bytes) -> Message:
    """Keyed by content: a delivery id counts seconds and is shared by many deliveries (observed)."""
    key = f"push:{hashlib.sha256(body).hexdigest()[:32]}"
    try:
        order = Order.model_validate(json.loads(body))
    except UNREADABLE:
        if not body.lstrip().startswith(b"{"):
            raise ProtocolError(tr("a pushed message of an unknown form")) from None
        return Message(key, PUSH, body, 0)  # an error or an id only: `read` knows which
    return Message(key, PUSH, body, version_of(order, 0), str(order.id))
