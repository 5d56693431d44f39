"""Who we are at a NATS server: a file with `user:password`, or a `.creds` file (a JWT and the seed of its key)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PART = re.compile(r"-+BEGIN [A-Z ]+-+\s+([A-Za-z0-9_.=-]+)\s+-+END [A-Z ]+-+")


class CredentialsError(ValueError):
    """The file cannot be used; the text does not repeat what it holds."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Nothing, a user with a password, or a JWT with its key."""

    user: str = ""
    password: str = field(default="", repr=False)
    jwt: str = field(default="", repr=False)
    key: Ed25519PrivateKey | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """As arguments of nats-py's `connect`."""
        key = self.key
        if key is not None:
            return {
                "user_jwt_cb": lambda: bytearray(self.jwt.encode()),
                "signature_cb": lambda nonce: base64.b64encode(key.sign(nonce.encode())),
            }
        return {"user": self.user, "password": self.password} if self.user else {}


def read_credentials(path: Path) -> Credentials:
    """Raises CredentialsError, or OSError when the file cannot be read."""
    try:
        text = path.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise CredentialsError(f"{path} is no text") from None
    if text.startswith("-"):
        parts = _PART.findall(text)
        if len(parts) != 2:
            raise CredentialsError(f"{path} is not a credentials file of NATS")
        return Credentials(jwt=parts[0], key=_key(parts[1], path))
    user, colon, password = text.partition(":")
    if not user or not colon or not password or "\n" in text:
        raise CredentialsError(f"{path} should hold one line user:password, or be a .creds file")
    return Credentials(user, password)


def _key(seed: str, path: Path) -> Ed25519PrivateKey:
    """A user's seed: base32 of two prefix bytes, 32 bytes of Ed25519 seed and a checksum (nkeys documentation)."""
    try:
        raw = base64.b32decode(seed + "=" * (-len(seed) % 8))
    except (binascii.Error, ValueError):
        raw = b""
    if not seed.startswith("SU") or len(raw) != 36 or binascii.crc_hqx(raw[:34], 0) != int.from_bytes(raw[34:], "little"):
        raise CredentialsError(f"{path} holds no seed of a NATS user")
    return Ed25519PrivateKey.from_private_bytes(raw[2:34])
