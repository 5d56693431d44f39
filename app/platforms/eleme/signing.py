"""Ele.me's two signatures, MD5 over sorted fields: of a call (values as compact JSON) and of a push (as raw text)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def sign_call(action: str, token: str, app_key: str, timestamp: int, params: Mapping[str, Any], secret: str) -> str:
    """Signature of a call: action + token + `key=<JSON of value>` sorted by key + secret, MD5, upper-case hex.

    `params` must be the very object that is sent: inner objects are signed in the order in which they are sent.
    """
    fields = {**params, "app_key": app_key, "timestamp": timestamp}
    joined = "".join(f"{key}={compact(fields[key])}" for key in sorted(fields))
    return _md5(action + token + joined + secret)


def sign_push(envelope: Mapping[str, Any], secret: str) -> str:
    """Signature of a push: `key=value` of every field but `signature`, sorted by key, + secret, MD5, upper-case hex."""
    joined = "".join(f"{key}={envelope[key]}" for key in sorted(envelope) if key != "signature")
    return _md5(joined + secret)


def compact(value: Any) -> str:
    """JSON without blanks, `/` and non-ASCII left as they are: the form that is signed and sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _md5(text: str) -> str:
    # surrogatepass: a broken emoji in a customer's note must give a wrong signature, not a crash
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
