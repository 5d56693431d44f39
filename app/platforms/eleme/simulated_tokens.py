"""The pretend Ele.me's authorisation server: consent page, codes used once, tokens that are replaced and that die."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

from aiohttp import web

from app import steady

REDIRECT = "https://counter.example/return"
GRACE = 1_800.0  # seconds during which a replaced refresh token still works


@dataclass(slots=True)
class Tokens:
    """`lifetime` and `refresh_lifetime` in seconds (recalled); `grants` counts what was asked, by grant type."""

    key: str
    secret: str
    chance: random.Random
    lifetime: float = 30 * 86_400.0
    refresh_lifetime: float = 35 * 86_400.0
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    grants: list[str] = field(default_factory=list)

    def alive(self, token: str) -> bool:
        """Whether an access token works now."""
        return self.access.get(token, 0.0) > steady.time()

    def code(self) -> str:
        """What the consent page hands out, good for one exchange."""
        code = f"{self.chance.getrandbits(64):016x}"
        self.codes.add(code)
        return code

    async def authorize(self, request: web.Request) -> web.Response:
        """The owner says yes at once: back to the return address with a code and the same state."""
        query = request.query
        if query.get("response_type") != "code" or query.get("client_id") != self.key:
            return web.json_response({"error": "invalid_request"}, status=400)
        if query.get("redirect_uri") != REDIRECT:
            return web.json_response({"error": "redirect_uri_mismatch"}, status=400)
        back = urlencode({"code": self.code(), "state": query.get("state", "")})
        return web.Response(status=302, headers={"Location": f"{REDIRECT}?{back}"})

    async def token(self, request: web.Request) -> web.Response:
        """`POST /token`."""
        pair = f"{quote_plus(self.key)}:{quote_plus(self.secret)}"
        if request.headers.get("Authorization") != "Basic " + base64.b64encode(pair.encode()).decode():
            return _refused("invalid_client", "client authentication failed", 401)
        if request.content_type != "application/x-www-form-urlencoded":
            return _refused("invalid_request", "a form is expected")
        form = dict(parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True))
        self.grants.append(form.get("grant_type", ""))
        return self._grant(form)

    def _grant(self, form: Mapping[str, str]) -> web.Response:
        match form:
            case {"grant_type": "client_credentials"}:
                return web.json_response(self._access())
            case {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": key}:
                if code not in self.codes or (back, key) != (REDIRECT, self.key):
                    return _refused("invalid_grant", "authorization code is expired or was used")
                self.codes.remove(code)
                return web.json_response(self._pair())
            case {"grant_type": "refresh_token", "refresh_token": old, "scope": "all"}:
                return self._replaced(old)
        return _refused("unsupported_grant_type", "grant type or its parameters")

    def _replaced(self, old: str) -> web.Response:
        """Both tokens are replaced; the old refresh token keeps a grace, the old access token does not."""
        if self.refresh.get(old, 0.0) <= steady.time():
            return _refused("invalid_grant", "refresh token is invalid or expired")
        self.refresh[old] = min(self.refresh[old], steady.time() + GRACE)
        self.access.clear()
        return web.json_response(self._pair())

    def _access(self) -> dict[str, Any]:
        token = f"{self.chance.getrandbits(128):032x}"
        self.access[token] = steady.time() + self.lifetime
        return {"access_token": token, "token_type": "bearer", "expires_in": int(self.lifetime)}

    def _pair(self) -> dict[str, Any]:
        refresh = f"{self.chance.getrandbits(128):032x}"
        self.refresh[refresh] = steady.time() + self.refresh_lifetime
        return self._access() | {"refresh_token": refresh}


def busy() -> web.Response:
    """Too many calls; the words are not known."""
    return _refused("exceed_limit", "too many requests", 429)


def _refused(error: str, text: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error, "error_description": text}, status=status)
