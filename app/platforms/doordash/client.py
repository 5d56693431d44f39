"""DoorDash's Marketplace API: one method per call, each with a token of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.doordash.signing import token
from app.platforms.http import Answer
from app.texts import tr

API = "https://openapi.doordash.com/marketplace"
THROTTLED_PAUSE = 60.0  # "wait a minute" (integration notes), where no Retry-After says otherwise
LIMITED = "request_rate_limited"  # also seen with status 422
MOST_ITEMS = 40  # in one call (integration notes)


class Client:
    """One account's calls. `clock` is Unix seconds and only stamps tokens, corrected once DoorDash refused one."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Callable[[], float] = steady.time) -> None:
        values = settings.values
        self._http = client
        self._base = (settings.address or API).rstrip("/")
        self._ids = values.get("developer_id", "").strip(), values.get("key_id", "").strip()
        self._secret = values.get("signing_secret", "")
        self._provider = values.get("provider_type", "").strip()
        self._store = values.get("store_id", "").strip()
        self._clock = clock
        self._skew = 0.0

    # -- orders: {id} is DoorDash's own number

    async def confirm(self, order_id: str, decision: Mapping[str, str]) -> Answer:
        """Accept or fail an order; 202."""
        return await self._order(order_id, "", decision)

    async def ready(self, order_id: str, body: Mapping[str, str]) -> Answer:
        """The food stands ready. One vendor page wants a token of its own for this, a guide says the same: the same here."""
        return await self._order(order_id, "/events/order_ready_for_pickup", body)

    async def cancel(self, order_id: str, reason: Mapping[str, str]) -> Answer:
        """Cancel an accepted order; only for accounts on DoorDash's list."""
        return await self._order(order_id, "/cancellation", reason)

    async def adjust(self, order_id: str, changes: Mapping[str, Any]) -> Answer:
        """Take dishes out, change or replace them; only for accounts on DoorDash's list."""
        return await self._order(order_id, "/adjustment", changes)

    # -- the store: {location} is the merchant's number of it

    async def details(self) -> Answer:
        """The store's provider and what keeps it closed."""
        return _object(await self._call("GET", self._store_path("store_details")))

    async def menu(self) -> Answer:
        """What is on the menu now."""
        return _object(await self._call("GET", self._store_path("store_menu")))

    async def set_status(self, status: Mapping[str, Any]) -> Answer:
        """Pause or open the store."""
        return await self._call("PUT", self._store_path("status"), json=dict(status))

    async def set_items(self, what: str, ids: Sequence[str], active: bool) -> None:
        """`what` is items or item_options; one unknown entry fails its whole call."""
        for start in range(0, len(ids), MOST_ITEMS):
            entries = [{"merchant_supplied_id": one, "is_active": active} for one in ids[start : start + MOST_ITEMS]]
            await self._call("PUT", self._store_path(f"{what}/status"), json=entries)

    # -- below

    async def _order(self, order_id: str, what: str, body: Mapping[str, Any]) -> Answer:
        return await self._call("PATCH", f"/api/v1/orders/{_path(order_id)}{what}", json=dict(body))

    def _store_path(self, what: str) -> str:
        return f"/api/v1/stores/{_path(self._store)}/{what}"

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        """A refused token is signed once more by DoorDash's own clock; a second refusal needs a person."""
        answer = await self._ask(method, path, **options)
        if answer.status == 401 and (there := http.server_time(answer.headers)):
            self._skew = there - self._clock()
            answer = await self._ask(method, path, **options)
        if answer.status < 300:
            return answer
        raise _error(answer, acting=method != "GET")

    async def _ask(self, method: str, path: str, **options: Any) -> Answer:
        try:
            signed = token(*self._ids, self._secret, int(self._clock() + self._skew))
        except ValueError:
            raise AuthError(tr("The signing secret cannot be read: paste it as DoorDash shows it")) from None
        headers = {"Authorization": f"Bearer {signed}", "auth-version": "v2", "User-Agent": agent(self._provider)}
        if self._provider.endswith("_sandbox"):
            headers["dd-tenant-id"] = "doortest:default"  # asked for by older guides
        return await http.call(self._http, method, self._base + path, headers=headers, **options)


def agent(provider: str) -> str:
    """The provider's name in camel case, as the vendor wants to see it: `acme_console` calls as `AcmeConsole/1.0`."""
    return f"{''.join(part[:1].upper() + part[1:] for part in provider.split('_'))}/1.0"


def _error(answer: Answer, acting: bool) -> PlatformError:
    """403 to a command is about a permission (cancellations and adjustments need DoorDash's list), not about the sign-in."""
    body = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("code") or "")
    words = str(body.get("message") or body.get("error") or body.get("reason") or "")
    if answer.status == 429 or code == LIMITED:
        return TemporaryError(words or f"HTTP {answer.status}", http.retry_after(answer.headers) or THROTTLED_PAUSE)
    if answer.status == 403 and acting:
        return RejectedError(tr("DoorDash has not allowed this account to do that ({words})", words=words or "403"), "403")
    return http.error_for(answer, words or code)


def _path(part: str) -> str:
    return quote(part, safe="")


def _object(answer: Answer) -> Answer:
    if not isinstance(answer.body, dict):
        raise ProtocolError(tr("DoorDash answered something else than its documentation says"))
    return answer
