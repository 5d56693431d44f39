"""WooCommerce's two signatures: OAuth 1.0a without a token for a shop on plain http, and HMAC-SHA256 of a webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def oauth_query(
    method: str, url: str, params: Mapping[str, str], key: str, secret: str, nonce: str, timestamp: int
) -> dict[str, str]:
    """`params` with the OAuth fields and the signature, all for the query string.

    `url` has no query and is the address as the shop knows itself. A form-encoded body would have to be signed too, JSON is
    not (observed), and WooCommerce refuses `oauth_version` (its documentation, "authentication over HTTP").
    """
    fields = {
        **params,
        "oauth_consumer_key": key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(timestamp),
    }
    return {**fields, "oauth_signature": _sign(f"{secret}&".encode(), base_string(method, url, fields).encode())}


def base_string(method: str, url: str, fields: Mapping[str, str]) -> str:
    """RFC 5849: METHOD & url & sorted fields, each percent-encoded, the fields' names and values once more before."""
    pairs = sorted((percent(name), percent(value)) for name, value in fields.items())
    return "&".join((method.upper(), percent(url), percent("&".join(f"{name}={value}" for name, value in pairs))))


def webhook_signature(secret: str, body: bytes) -> str:
    """What stands in X-WC-Webhook-Signature over the raw body."""
    return _sign(secret.encode(), body)


def percent(text: str) -> str:
    """RFC 3986: everything but letters, digits and -._~ is encoded."""
    return quote(text, safe="~")


def _sign(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
