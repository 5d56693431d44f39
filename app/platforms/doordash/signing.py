"""DD-JWT-V1, the bearer token of a call, and the comparison of a push's Authorization header."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

LIFE = 300  # seconds; DoorDash takes 1800 at most (public integration notes)
_HEADER = {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}


def token(developer_id: str, key_id: str, secret: str, at: int, life: int = LIFE) -> str:
    """A token signed at Unix second `at`. ValueError for a secret that is not base64url."""
    claims = {"aud": "doordash", "iss": developer_id, "kid": key_id, "exp": at + life, "iat": at}
    head = f"{_part(_HEADER)}.{_part(claims)}"
    return f"{head}.{encoded(hmac.digest(key_of(secret), head.encode(), hashlib.sha256))}"


def key_of(secret: str) -> bytes:
    """The key behind a signing secret, which is base64 of either alphabet, padded or not. ValueError for anything else."""
    plain = secret.strip().rstrip("=").translate(str.maketrans("+/", "-_"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except ValueError as error:  # binascii's is one
        raise ValueError("not a signing secret") from error


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def is_ours(expected: str, given: str) -> bool:
    """Whether a push's Authorization header is the one typed into the subscription, with or without `Bearer`.

    Nothing signs the body: whoever knows the token can send anything. An empty expectation believes nobody.
    """
    wanted, offered = expected.strip().encode(), given.strip().encode()
    plain = hmac.compare_digest(wanted, offered)
    bearer = hmac.compare_digest(b"Bearer " + wanted, offered)
    return bool(wanted) and (plain or bearer)


def _part(value: object) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())
