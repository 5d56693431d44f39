"""A pushed message: verified on the raw bytes before anything in it is used."""

from __future__ import annotations

import hmac
import json
import re
from typing import Any

from app.platforms.api import ForgedWebhookError, ProtocolError
from app.platforms.eleme.signing import sign_push
from app.texts import tr

# What makes a re-split of the unseparated signature text (digits and keys moved between fields) impossible.
_FIELD_FORMS = {
    "requestId": re.compile(r"[0-9A-Za-z_-]{1,64}"),
    "type": re.compile(r"\d{1,6}"),
    "timestamp": re.compile(r"\d{1,16}"),
    "appId": re.compile(r"\d{1,20}"),
    "shopId": re.compile(r"-?\d{1,20}"),
    "userId": re.compile(r"-?\d{1,20}"),
}
_CERTAIN = ("requestId", "type", "message", "timestamp", "signature")


def verified(body: bytes, secret: str) -> dict[str, Any]:
    """The pushed envelope, numbers as the very text that was signed. Raises ForgedWebhookError or ProtocolError."""
    try:
        envelope = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise ProtocolError(tr("a pushed message that is not JSON")) from None
    if not isinstance(envelope, dict) or not all(isinstance(value, str) for value in envelope.values()):
        raise ProtocolError(tr("a pushed message of an unknown form"))
    if "signature" not in envelope:
        raise ForgedWebhookError(tr("a message without a signature"))
    forms = all(form.fullmatch(envelope[name]) for name, form in _FIELD_FORMS.items() if name in envelope)
    if not forms or not all(name in envelope for name in _CERTAIN):
        raise ProtocolError(tr("a pushed message of an unknown form"))
    signature = envelope["signature"].upper().encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(signature, sign_push(envelope, secret).encode()):
        raise ForgedWebhookError(tr("a message with a wrong signature"))
    return envelope
