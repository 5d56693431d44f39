"""The pretend Uber's authorisation server: client credentials, scopes, tokens that die, a hundred grants an hour."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from app import steady
from app.platforms.uber_eats.client import SCOPES

GRANTS_AN_HOUR = 100


@dataclass(slots=True)
class Tokens:
    """`lifetime` in seconds (documented: 30 days); `granted` are the moments of every grant, `allowed` the app's scopes."""

    client_id: str
    secret: str
    chance: random.Random
    lifetime: float = 30 * 86_400.0
    allowed: set[str] = field(default_factory=lambda: set(SCOPES.split()))
    alive: dict[str, tuple[float, set[str]]] = field(default_factory=dict)
    granted: list[float] = field(default_factory=list)

    def scopes(self, header: str) -> set[str] | None:
        """What a bearer may do; None for a dead token."""
        kind, _, token = header.partition(" ")
        ends, scopes = self.alive.get(token, (0.0, set[str]()))
        return scopes if kind == "Bearer" and ends > steady.time() else None

    async def token(self, request: web.Request) -> web.Response:
        """`POST /oauth/v2/token`, form encoded."""
        if request.content_type != "application/x-www-form-urlencoded":
            return _refused("invalid_request", "a form is expected", 400)
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            return _refused("invalid_client", "client authentication failed", 401)
        wanted = set(form.get("scope", "").split())
        if form.get("grant_type") != "client_credentials" or not wanted or wanted - self.allowed:
            return _refused("invalid_scope", "scope(s) are invalid", 400)
        recent = [moment for moment in self.granted if moment > steady.time() - 3600]
        if len(recent) >= GRANTS_AN_HOUR:
            return busy()
        return web.json_response(self._granted(wanted))

    def _granted(self, scopes: set[str]) -> dict[str, object]:
        token = f"{self.chance.getrandbits(128):032x}"
        self.granted.append(steady.time())
        self.alive[token] = (steady.time() + self.lifetime, scopes)
        ends = {"expires_in": int(self.lifetime), "token_type": "Bearer"}
        return {"access_token": token, "scope": " ".join(sorted(scopes)), **ends}


def busy() -> web.Response:
    """Too many calls."""
    return _refused("rate_limited", "too many token requests", 429)


def _refused(error: str, text: str, status: int) -> web.Response:
    return web.json_response({"error": error, "error_description": text}, status=status)
