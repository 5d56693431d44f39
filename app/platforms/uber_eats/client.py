"""Calls to Uber with a bearer token: its life, the hosts of each environment, refusals as the contract's errors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings
from app.platforms.http import Answer
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
RENEW_BEFORE = 60.0  # seconds of life left below which a token is renewed ahead of the call

Clock = Callable[[], float]


class Client:
    """One account's calls. Tokens live 30 days and only 100 an hour are granted, so they are kept; saved before used."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = time.time) -> None:
        self._values = dict(settings.values)
        self._save = settings.save
        environment = self._values.get("environment") or PRODUCTION
        self._base = (settings.address or API.get(environment, API[PRODUCTION])).rstrip("/")
        own = f"{self._base}/oauth/v2/token" if settings.address else TOKEN.get(environment, TOKEN[PRODUCTION])
        self._token_url = self._values.get("token_url", "").strip() or own
        self._http = client
        self._clock = clock
        self._renewing = asyncio.Lock()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read something; the answer must be an object."""
        answer = await self._call("GET", path, params=dict(params or {}))
        if not isinstance(answer.body, dict):
            raise ProtocolError(tr("Uber answered something else than its documentation says"))
        return answer

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Change something; most answers are empty."""
        return await self._call("POST", path, json=dict(body))

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        token = await self._token()
        answer = await self._send(method, path, token, options)
        if answer.status == 401:
            answer = await self._send(method, path, await self._token(dead=token), options)
        if answer.status < 300:
            return answer
        raise _error(method, answer)

    async def _send(self, method: str, path: str, token: str, options: Mapping[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return await http.call(self._http, method, self._base + path, headers=headers, **options)

    async def _token(self, dead: str = "") -> str:
        """A living token. `dead` names one that Uber refused; whoever comes second finds it already renewed."""
        async with self._renewing:
            held = self._values.get("access_token", "")
            ends = _seconds(self._values.get("expires_at", ""))
            if held and held != dead and ends - self._clock() > RENEW_BEFORE:
                return held
            granted = await self._grant()
            await self._save(granted)  # before use: asking again after a crash costs one of 100 grants an hour, no more
            self._values.update(granted)
            return granted["access_token"]

    async def _grant(self) -> dict[str, str]:
        form = {
            "client_id": self._values.get("client_id", ""),
            "client_secret": self._values.get("client_secret", ""),
            "grant_type": "client_credentials",
            "scope": self._values.get("scopes", "").strip() or SCOPES,
        }
        answer = await http.call(self._http, "POST", self._token_url, data=form)
        body = answer.body if isinstance(answer.body, dict) else {}
        words = str(body.get("error_description") or body.get("error") or body.get("message") or "")
        if answer.status in (400, 401, 403):
            raise AuthError(words or tr("Uber does not know this client ID and secret"))
        http.raise_for(answer, words)
        try:
            ends = int(self._clock() + float(body["expires_in"]))
            return {"access_token": str(body["access_token"]), "expires_at": str(ends)}
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


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
