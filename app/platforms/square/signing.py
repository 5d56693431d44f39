"""Square's webhook signature: base64 of HMAC-SHA256 over the registered notification URL and the raw body."""

from __future__ import annotations

import base64
import hashlib
import hmac


def signature(key: str, url: str, body: bytes) -> str:
    """The value of `x-square-hmacsha256-signature`. `url` is the one registered at Square, byte for byte: nothing is added,
    decoded or taken away, and it need not be the address at which the request arrived (a relay stands between)."""
    return base64.b64encode(hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest()).decode()


def genuine(key: str, url: str, body: bytes, given: str) -> bool:
    """Whether `given` signs this body for this URL. An account without a key or a URL trusts nobody."""
    if not key or not url:
        return False
    return hmac.compare_digest(signature(key, url, body).encode(), given.encode("utf-8", "surrogatepass"))
