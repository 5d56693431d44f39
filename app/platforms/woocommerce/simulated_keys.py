"""How the pretend shop checks who calls: keys over https, OAuth 1.0a over http, and 401 for everything else (observed)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from aiohttp import web

from app import steady

CANNOT_VIEW, WRONG = "woocommerce_rest_cannot_view", "woocommerce_rest_authentication_error"
MISSING = "woocommerce_rest_authentication_missing_parameter"
FIELDS = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
TOLERANCE = 900
HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


class WireError(Exception):
    """An error as the interface words it; `data` is an object with the status, or where PHP was lazy the bare number."""

    def __init__(self, status: int, code: str, message: str, bare: bool = False, **more: Any) -> None:
        super().__init__(message)
        data: Any = status if bare else {"status": status, **more}
        self.status, self.body = status, {"code": code, "message": message, "data": data}

    def response(self) -> web.Response:
        """The answer."""
        return web.json_response(self.body, status=self.status)


@dataclass
class Keys:
    """The shop's keys: `known` maps a consumer key to its secret and its rights ("read", "write", "read_write").

    `home` is the address the shop is configured with; `secure` is whether PHP believes that it is called over https.
    """

    known: dict[str, tuple[str, str]]
    home: Callable[[], str]
    secure: bool = False
    clock: Callable[[], float] = steady.time
    _nonces: dict[int, str] = field(default_factory=dict)

    def check(self, request: web.Request, form: Mapping[str, str]) -> None:
        """Raise WireError(401) unless the caller may do what it asks. The fields of a `form` count like the query's."""
        query, header = {**dict(request.query), **form}, request.headers.get("Authorization", "")
        oauth = {name: value for name, value in query.items() if name.startswith("oauth_")} or _from_header(header)
        if self.secure and ("consumer_key" in query or header.startswith("Basic ")):
            key = self._basic(query, header)
        elif oauth:
            key = self._oauth(request, {**query, **oauth})
        else:
            raise nobody()
        wanted = "read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"
        if wanted not in self.known[key][1]:
            raise WireError(401, WRONG, f"The API key provided does not have {wanted} permissions.")

    def _basic(self, query: Mapping[str, str], header: str) -> str:
        """Keys in the query win over a header."""
        key, secret = query.get("consumer_key", ""), query.get("consumer_secret", "")
        if not key:
            key, _, secret = _decoded(header.removeprefix("Basic ")).partition(":")
        if key not in self.known:
            raise nobody()
        if not hmac.compare_digest(self.known[key][0].encode(), secret.encode()):
            raise WireError(401, WRONG, "Consumer secret is invalid.")
        return key

    def _oauth(self, request: web.Request, given: Mapping[str, str]) -> str:
        missing = [name for name in FIELDS if not given.get(name)]
        if missing:
            raise WireError(401, MISSING, f"Missing OAuth parameters: {', '.join(missing)}")
        key = given["oauth_consumer_key"]
        if key not in self.known:
            raise nobody()
        self._check_signature(request, given, self.known[key][0])
        self._check_moment(given)
        return key

    def _check_signature(self, request: web.Request, given: Mapping[str, str], secret: str) -> None:
        params = dict(given)
        signature = params.pop("oauth_signature")
        method = HASHES.get(given["oauth_signature_method"])
        if method is None:
            raise WireError(401, WRONG, "Invalid signature - signature method is invalid.")
        home = urlsplit(self.home())
        scheme = "https" if self.secure else "http"
        url = f"{scheme}://{home.netloc}{request.raw_path.partition('?')[0]}"
        pairs = "&".join(sorted(f"{_enc(name)}={_enc(value)}" for name, value in params.items()))
        base = f"{request.method}&{_enc(url)}&{_enc(pairs)}"
        right = base64.b64encode(hmac.new(f"{secret}&".encode(), base.encode(), method).digest()).decode()
        if not hmac.compare_digest(right.encode(), signature.encode()) or any(name.endswith("[]") for name in params):
            raise WireError(401, WRONG, "Invalid signature - provided signature does not match.")

    def _check_moment(self, given: Mapping[str, str]) -> None:
        stamp = int(given["oauth_timestamp"]) if given["oauth_timestamp"].isdigit() else 0
        if abs(self.clock() - stamp) > TOLERANCE:
            raise WireError(401, WRONG, "Invalid timestamp.")
        if given["oauth_nonce"] in self._nonces.values():
            raise WireError(401, WRONG, "Invalid nonce - nonce has already been used.")
        self._nonces[stamp] = given["oauth_nonce"]  # one a second is remembered, no more (observed)
        for old in [at for at in self._nonces if at < stamp - TOLERANCE]:
            del self._nonces[old]


def nobody() -> WireError:
    """No key, one the shop does not know, and Basic over plain http look the same."""
    return WireError(401, CANNOT_VIEW, "Sorry, you cannot list resources.")


def _decoded(text: str) -> str:
    """Of what is no Basic header PHP makes no user."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def _from_header(header: str) -> dict[str, str]:
    if not header.startswith("OAuth "):
        return {}
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}


def _enc(text: str) -> str:
    return quote(text, safe="~")
