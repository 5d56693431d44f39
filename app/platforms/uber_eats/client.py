"""Calls to Uber with a bearer token: its life, the hosts of each environment, refusals as the contract's errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings
from app.platforms.http import Answer
from app.platforms.renewing import Token, asked, lifetime
from app.texts import N_, tr

PRODUCTION, SANDBOX = N_("production"), N_("sandbox")
# The two environments' hosts are never mixed.
API = {PRODUCTION: "https://api.uber.com", SANDBOX: "https://test-api.uber.com"}
# Older clients use https://login.uber.com/oauth/v2/token, and so do some pages: a setting may replace these.
TOKEN = {
    PRODUCTION: "https://auth.uber.com/oauth/v2/token",
    SANDBOX: "https://sandbox-login.uber.com/oauth/v2/token",
}
SCOPES = "eats.order eats.store eats.store.orders.read eats.store.status.write"

Clock = Callable[[], float]


class Client:
    """One account's calls. Tokens live 30 days and only 100 an hour are granted, so they are kept; saved before used."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._values = dict(settings.values)
        # asking again after a crash costs one of 100 grants an hour, no more
        self._token = Token(self._values, settings.save, self._grant, clock)
        environment = self._values.get("environment") or PRODUCTION
        self._base = (settings.address or API.get(environment, API[PRODUCTION])).rstrip("/")
        own = f"{self._base}/oauth/v2/token" if settings.address else TOKEN.get(environment, TOKEN[PRODUCTION])
        self._token_url = self._values.get("token_url", "").strip() or own
        self._http = client
        self._clock = clock

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read something; the answer must be an object."""
        answer = await self._call("GET", path, params=dict(params or {}))
        if not isinstance(answer.body, dict):
            raise ProtocolError(tr("Uber answered something else than its documentation says"))
        return answer

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Change something; most answers are empty."""
        return await self._call("POST", path, json=dict(body))

    async def aclose(self) -> None:
        """Let a renewal under way come to its end: what it brings may be granted only once."""
        await self._token.aclose()

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        token = await self._token.living()
        answer = await self._send(method, path, token, options)
        if answer.status == 401:
            answer = await self._send(method, path, await self._token.living(dead=token), options)
        if answer.status < 300:
            return answer
        raise _error(method, answer)

    async def _send(self, method: str, path: str, token: str, options: Mapping[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return await http.call(self._http, method, self._base + path, headers=headers, **options)

    async def _grant(self) -> dict[str, str]:
        form = {
            "client_id": self._values.get("client_id", ""),
            "client_secret": self._values.get("client_secret", ""),
            "grant_type": "client_credentials",
            "scope": self._values.get("scopes", "").strip() or SCOPES,
        }
        answer = await asked(http.call(self._http, "POST", self._token_url, data=form))
        body = answer.body if isinstance(answer.body, dict) else {}
        words = str(body.get("error_description") or body.get("error") or body.get("message") or "")
        if answer.status in (400, 401, 403):
            raise AuthError(words or tr("Uber does not know this client ID and secret"))
        http.raise_for(answer, words)
        try:
            return {"access_token": str(body["access_token"]), **lifetime(body["expires_in"], self._clock())}
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ProtocolError(tr("Uber granted a token of an unknown form")) from None


def _error(method: str, answer: Answer) -> PlatformError:
    """Error body `{"code": ..., "message": ...}` (recalled).

    403 on a change says that this app may not (it is not the store's order manager, or lacks one scope): signing in again
    would not help, and must not stop orders from coming in.
    """
    body = answer.body if isinstance(answer.body, dict) else {}
    code, words = str(body.get("code") or ""), str(body.get("message") or "")
    if answer.status == 403 and method == "POST":
        return RejectedError(words or tr("Uber does not allow this app to do that"), code or "403")
    return http.error_for(answer, words, code)
