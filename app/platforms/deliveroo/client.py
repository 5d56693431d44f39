"""Deliveroo's Order, Site and Menu APIs: one method per call, a short-lived token on each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from app.platforms import http, renewing
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings
from app.platforms.http import Answer
from app.texts import tr

API = "https://api.developers.deliveroo.com"
RENEW_BEFORE = 60.0  # seconds of life left below which a token is renewed ahead of the call
SPARE = 0.2  # of a life shorter than that would need
LIFE = 300.0  # seconds, where an answer does not say; recalled


class Client:
    """One account's calls. `clock` is monotonic seconds and only ages the token.

    Tokens come from the client's own id and secret, so one that is lost with the process costs one more call and nothing
    is stored.
    """

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        values = settings.values
        self._http = client
        self._base = (settings.address or API).rstrip("/")
        self._id, self._secret = values.get("client_id", ""), values.get("client_secret", "")
        self._brand, self._site = values.get("brand_id", "").strip(), values.get("site_id", "").strip()
        self._clock = clock
        self._token, self._good_until = "", 0.0
        self._renewing = asyncio.Lock()

    # -- orders

    async def live_orders(self, page: str) -> Answer:
        """Orders under way, at most 100; Get Orders page: 5 calls a minute for each restaurant."""
        return await self._orders({"live_orders": "true"} | ({"cursor": page} if page else {}))

    async def orders_between(self, start: str, end: str, page: str) -> Answer:
        """Orders of a time (ISO 8601; `end` "" for until now), whatever became of them; nothing older than 30 days."""
        window = {"start_date": start} | ({"end_date": end} if end else {})
        return await self._orders({"cursor": page} if page else window)  # a page's token holds the times

    async def order(self, order_id: str) -> Answer:
        """One order as it stands."""
        return _object(await self._call("GET", f"/order/v2/orders/{_path(order_id)}"))

    async def change_status(self, order_id: str, change: Mapping[str, str]) -> Answer:
        """Accept, reject or confirm: once per order, 5 calls a minute for each order."""
        return await self._call("PATCH", f"/order/v1/orders/{_path(order_id)}", json=dict(change))

    async def report_injection(self, order_id: str, report: Mapping[str, str]) -> Answer:
        """`sync_status`: once per order within three minutes, one call in 10 seconds."""
        return await self._call("POST", f"/order/v1/orders/{_path(order_id)}/sync_status", json=dict(report))

    async def report_stage(self, order_id: str, report: Mapping[str, Any]) -> Answer:
        """`prep_stage`: creates a stage or updates it."""
        return await self._call("POST", f"/order/v1/orders/{_path(order_id)}/prep_stage", json=dict(report))

    # -- site and menu

    async def location(self) -> Answer:
        """The brand of our site; the one call that needs no brand."""
        return _object(await self._call("GET", f"/site/v1/restaurant_locations/{_path(self.site)}"))

    async def status(self) -> Answer:
        """Whether the site is open."""
        return _object(await self._call("GET", self._site_path("status")))

    async def set_status(self, status: str) -> Answer:
        """OPEN or CLOSED; opening outside the hours is refused."""
        return await self._call("PUT", self._site_path("status"), json={"status": status})

    async def workload(self) -> Answer:
        """How busy the site says it is."""
        return _object(await self._call("GET", self._site_path("workload/mode")))

    async def set_workload(self, mode: str) -> Answer:
        """QUIET, MODERATE or BUSY."""
        return await self._call("PUT", self._site_path("workload/mode"), json={"mode": mode})

    async def menu(self) -> Answer:
        """The site's menu."""
        return _object(await self._call("GET", self._menu_path("menu")))

    async def unavailabilities(self) -> Answer:
        """Ids of what is not sold now."""
        return _object(await self._call("GET", self._menu_path("menu/item_unavailabilities")))

    async def change_availability(self, item_ids: Sequence[str], status: str) -> Answer:
        """Change these items only; one unknown id fails the whole call with 404."""
        changes = {"item_unavailabilities": [{"item_id": item_id, "status": status} for item_id in item_ids]}
        return await self._call("POST", self._menu_path("menu/item_unavailabilities"), json=changes)

    # -- below

    @property
    def site(self) -> str:
        """The site's id."""
        return self._site

    async def _orders(self, query: Mapping[str, str]) -> Answer:
        path = f"/order/v2/brand/{_path(self._known_brand())}/restaurant/{_path(self._site)}/orders"
        answer = _object(await self._call("GET", path, params=dict(query)))
        orders = answer.body.get("orders")
        if not isinstance(orders, list) or not all(isinstance(order, dict) for order in orders):
            raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
        return answer

    def _site_path(self, what: str) -> str:
        return f"/site/v1/brands/{_path(self._known_brand())}/sites/{_path(self._site)}/{what}"

    def _menu_path(self, what: str) -> str:
        return f"/menu/v2/brands/{_path(self._known_brand())}/sites/{_path(self._site)}/{what}"

    def _known_brand(self) -> str:
        if not self._brand:
            raise RejectedError(tr("the account has no brand yet: test it first"))
        return self._brand

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        """A token that died on the way is replaced once; a second refusal needs a person."""
        answer, token = await self._ask(method, path, "", **options)
        if answer.status == 401:
            answer, _ = await self._ask(method, path, token, **options)
        if answer.status < 300:
            return answer
        raise _error(answer)

    async def _ask(self, method: str, path: str, dead: str, **options: Any) -> tuple[Answer, str]:
        token = await self._living_token(dead)
        headers = {"Authorization": f"Bearer {token}"}
        return await http.call(self._http, method, self._base + path, headers=headers, **options), token

    async def _living_token(self, dead: str) -> str:
        """`dead` names a token Deliveroo refused; whoever comes second finds it already replaced."""
        async with self._renewing:
            if not self._token or self._token == dead or self._clock() >= self._good_until:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        pair = httpx.BasicAuth(self._id, self._secret)
        form = {"grant_type": "client_credentials"}
        asked = self._clock()
        url = f"{auth_of(self._base)}/oauth2/token"
        answer = await renewing.asked(http.call(self._http, "POST", url, data=form, auth=pair))
        if answer.status in (400, 401, 403):
            raise AuthError(tr("Deliveroo does not know this client ID and secret"))
        if answer.status >= 300:
            raise _error(answer)
        self._token, life = _granted(answer.body)
        self._good_until = asked + life - min(RENEW_BEFORE, life * SPARE)


def auth_of(base: str) -> str:
    """Where tokens are: `api.…` has `auth.…` beside it, `api-sandbox.…` has `auth-sandbox.…`; any other host has both."""
    parts = urlsplit(base)
    if not parts.netloc.startswith(("api.", "api-")):
        return base
    return urlunsplit(parts._replace(netloc="auth" + parts.netloc.removeprefix("api")))


def _granted(body: Any) -> tuple[str, float]:
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
    try:
        life = float(body.get("expires_in") or LIFE)
    except (TypeError, ValueError):
        life = LIFE
    return token, max(0.0, min(life, 86_400.0))


def _error(answer: Answer) -> PlatformError:
    """Site API: `{"error": {"code", "message"}}`; the others are seen with `message` alone."""
    body = answer.body if isinstance(answer.body, dict) else {}
    found = body.get("error")
    inner = found if isinstance(found, dict) else body
    words = str(inner.get("message") or (found if isinstance(found, str) else ""))
    return http.error_for(answer, words, str(inner.get("code") or ""))


def _path(part: str) -> str:
    return quote(part, safe="")


def _object(answer: Answer) -> Answer:
    if not isinstance(answer.body, dict):
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
    return answer
