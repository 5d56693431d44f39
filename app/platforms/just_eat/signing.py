"""How Just Eat proves that a push is its own: the key it was given, a hash of the body, a stamp on onboarding news."""

from __future__ import annotations

import base64
import hashlib
import hmac

ALGORITHM = "HMAC-SHA256"


def signature(secret: str, body: bytes) -> str:
    """Base64 HMAC-SHA256 over the raw body alone: the time beside it in the header is not signed."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def hash_header(secret: str, body: bytes, at: int) -> str:
    """The value of `X-JET-Connect-Hash`; `at` in Unix milliseconds."""
    return f"{ALGORITHM} t={at},signature={signature(secret, body)}"


def is_hashed(secret: str, body: bytes, header: str) -> bool:
    """Whether the header belongs to this body. The base64 may itself end in `=`: each part is split once only."""
    algorithm, _, rest = header.strip().partition(" ")
    parts = {name.strip(): value for name, _, value in (part.partition("=") for part in rest.split(","))}
    return algorithm == ALGORITHM and same(parts.get("signature", ""), signature(secret, body))


def onboarding_signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Webhook-Signature` on news about onboarding."""
    signed = timestamp.encode("utf-8", "surrogatepass") + b"\n" + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def same(given: str, wanted: str) -> bool:
    """Compared in constant time. Nothing wanted means that nobody is believed."""
    left, right = (text.strip().encode("utf-8", "surrogatepass") for text in (given, wanted))
    return bool(right) and hmac.compare_digest(left, right)
