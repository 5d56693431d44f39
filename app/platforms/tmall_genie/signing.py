"""The signatures of the two announcement interfaces: ACS3-HMAC-SHA256 (iap) and the Taobao Open Platform's (top)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def body_hash(body: bytes) -> str:
    """What `x-acs-content-sha256` carries."""
    return hashlib.sha256(body).hexdigest()


def signed_names(headers: Mapping[str, str]) -> list[str]:
    """The headers that ACS3 signs: host, content-type and every x-acs-*, sorted."""
    return sorted(name for name in headers if name in ("host", "content-type") or name.startswith("x-acs-"))


def sign_acs3(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """Lower-case hex signature; `headers` by lower-case name. The rule was run in the official SDK's own library."""
    names = signed_names(headers)
    parts = [method, path, canonical_query(query)]
    parts += ["".join(f"{name}:{headers[name].strip()}\n" for name in names), ";".join(names), body_hash(body)]
    text = f"{ALGORITHM}\n{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def authorization(headers: Mapping[str, str], access_key: str, signature: str) -> str:
    """The Authorization header of a signed ACS3 call."""
    return f"{ALGORITHM} Credential={access_key},SignedHeaders={';'.join(signed_names(headers))},Signature={signature}"


def canonical_query(query: Mapping[str, str]) -> str:
    """Sorted and percent-encoded; the very text that is sent after the question mark."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))


def sign_top(fields: Mapping[str, str], secret: str) -> str:
    """Upper-case hex: `key+value` of every field sorted by key; `sign_method` says whether md5 or hmac (HMAC-MD5).

    The rule was read in a public client's source, not run in an official SDK.
    """
    text = "".join(f"{name}{fields[name]}" for name in sorted(fields) if name != "sign")
    if fields.get("sign_method") == "hmac":
        return hmac.new(secret.encode(), text.encode(), hashlib.md5).hexdigest().upper()
    return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
