"""Deliveroo's webhook signature: hex HMAC-SHA256 over the sequence guid and the raw body."""

from __future__ import annotations

import hashlib
import hmac
import re

# Order, rider and menu events use one space; the deprecated POS events a space, a line feed and a space.
SEPARATOR, LEGACY_SEPARATOR = b" ", b" \n "
# The message is not delimited: a guid with a blank in it could have been cut out of somebody's body.
_GUID = re.compile(r"[0-9A-Za-z_.:-]{1,100}")


def signature(secret: str, guid: str, body: bytes, separator: bytes = SEPARATOR) -> str:
    """The value of `x-deliveroo-hmac-sha256`; the key is the webhook secret, not the client secret."""
    return hmac.new(secret.encode(), guid.encode() + separator + body, hashlib.sha256).hexdigest()


def genuine(secret: str, guid: str, body: bytes, given: str) -> bool:
    """Whether `given` signs this body in either form. An account without a webhook secret trusts nobody."""
    if not secret or not _GUID.fullmatch(guid):
        return False
    wanted = given.strip().lower().encode("utf-8", "surrogatepass")
    forms = (signature(secret, guid, body, separator).encode() for separator in (SEPARATOR, LEGACY_SEPARATOR))
    return any(hmac.compare_digest(form, wanted) for form in forms)
