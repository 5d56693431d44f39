"""Calls to Square with a bearer token: its life, single-use refresh tokens, refusals as the contract's errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, Settings
from app.platforms.http import Answer
from app.platforms.renewing import Renewal
from app.platforms.square import sign_in
from app.platforms.square.answers import VERSION, error_of
from app.texts import tr

Clock = Callable[[], float]

# Access tokens live 30 days. The vendor advises a new one every week: then a renewal that went wrong has three weeks to be
# noticed, and a refresh token that died with a crash leaves a token that still works.
RENEW_BEFORE = 23 * 86_400.0  # seconds of life left
TRY_AGAIN_AFTER = 3_600.0  # after a renewal that failed while the token in hand still works
MOST_PAGES = 200


class Client:
    """One account's calls, with a personal token or one that the sign-in granted. The clock (Unix seconds) ages tokens."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._values = dict(settings.values)
        self._base = sign_in.host(settings.values, settings.address)
        self._http = client
        self._clock = clock
        self._renewal = Renewal(self._values, settings.save, self._grant)
        self._rest_until = 0.0

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read something; the answer must be an object."""
        return await self._call("GET", path, params=dict(params or {}))

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Search or change something."""
        return await self._call("POST", path, json=dict(body))

    async def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Change something."""
        return await self._call("PUT", path, json=dict(body))

    async def order(self, order_id: str) -> Answer:
        """One order, `{"order": {...}}`."""
        return await self.get(f"/v2/orders/{path_of(order_id)}")

    async def pages(
        self, path: str, query: Mapping[str, Any], name: str, post: bool = False
    ) -> AsyncIterator[dict[str, Any]]:
        """Every entry of the list `name`, over all pages."""
        cursor = ""
        for _ in range(MOST_PAGES):
            asked = {**query, **({"cursor": cursor} if cursor else {})}
            answer = await (self.post(path, asked) if post else self.get(path, asked))
            for entry in objects(answer.body.get(name)):
                yield entry
            cursor = str(answer.body.get("cursor") or "")
            if not cursor:
                return
        raise ProtocolError(tr("Square's list has no end"))

    async def aclose(self) -> None:
        """Let a renewal under way come to its end: what it brings may be granted only once."""
        await self._renewal.aclose()

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        token = await self._token()
        answer = await self._send(method, path, token, options)
        if answer.status == 401 and self._renewable:
            answer = await self._send(method, path, await self._token(dead=token), options)
        if answer.status >= 300:
            raise error_of(answer)
        if not isinstance(answer.body, dict):
            raise ProtocolError(tr("Square answered something else than its documentation says"))
        return answer

    async def _send(self, method: str, path: str, token: str, options: Mapping[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Square-Version": VERSION}
        return await http.call(self._http, method, self._base + path, headers=headers, **options)

    @property
    def _renewable(self) -> bool:
        """Whether the token in hand came from the sign-in: a personal one that was pasted over it is left alone."""
        mark = sign_in.fingerprint(self._values.get("access_token", ""))
        return bool(self._values.get("refresh_token")) and self._values.get("granted", mark) == mark

    async def _token(self, dead: str = "") -> str:
        """A living token. `dead` names one that Square refused; whoever comes second finds it already renewed."""
        held = self._values.get("access_token", "")
        if not held:
            raise AuthError(tr("Not signed in to Square yet"))
        if held == dead:
            await self._renewal.done()
        elif self._renewable and not dead and self._ageing():
            await self._renew_in_time()
        return self._values["access_token"]

    def _ageing(self) -> bool:
        ends, now = _number(self._values.get("expires_at", "")), self._clock()
        return bool(ends) and ends - now < RENEW_BEFORE and now >= self._rest_until

    async def _renew_in_time(self) -> None:
        """What goes wrong here must not stop a token that still works; it is tried again, and a dead one says so itself."""
        try:
            await self._renewal.done()
        except PlatformError:
            if self._renewal.unsaved:
                raise
            self._rest_until = self._clock() + TRY_AGAIN_AFTER

    async def _grant(self) -> dict[str, str]:
        """What a refresh token brings, which works once.

        A crash between Square's answer and the disk loses the next refresh token for good: the wire offers no second try.
        Then the old access token lives on for weeks, because renewing begins early.
        """
        form = {
            "client_id": self._values.get("application_id", "").strip(),
            "grant_type": "refresh_token",
            "refresh_token": self._values["refresh_token"],
        }
        return await sign_in.grant(self._http, self._base, form)


def path_of(part: str) -> str:
    """An id as a part of a path."""
    return quote(part, safe="")


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list; nothing for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
