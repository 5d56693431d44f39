"""Meituan's two signatures: MD5 over the URL and the sorted parameters (waimaiopen), SHA-1 over sorted fields (gateway)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def sign_open(url: str, params: Mapping[str, str], secret: str) -> str:
    """`sig` of waimaiopen: MD5 of URL + "?" + `key=value` joined by "&" in order of the keys + secret, lower-case hex.

    `url` is without its query, scheme and path included; values are raw, not URL-encoded; `sig` itself is left out. A push
    is signed alike, over the callback URL exactly as it was registered.
    """
    joined = "&".join(f"{key}={params[key]}" for key in sorted(params) if key != "sig")
    return hashlib.md5(_bytes(f"{url}?{joined}{secret}"), usedforsecurity=False).hexdigest()


def sign_partner(params: Mapping[str, str], key: str) -> str:
    """`sign` of the service providers' gateway: SHA-1 of sign key + every `name` + `value` in order of the names, lower-case
    hex. Empty values and `sign` itself are left out. Pushes are signed alike, over their form fields.
    """
    joined = "".join(name + params[name] for name in sorted(params) if name != "sign" and params[name])
    return hashlib.sha1(_bytes(key + joined), usedforsecurity=False).hexdigest()


def _bytes(text: str) -> bytes:
    # surrogatepass: a broken emoji in a customer's note must give a wrong signature, not a crash
    return text.encode("utf-8", "surrogatepass")
