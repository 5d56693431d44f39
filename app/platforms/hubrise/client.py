"""HubRise's API: one method per call, the access token on each, the call budget before each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, TemporaryError
from app.platforms.http import Answer
from app.platforms.hubrise.budget import Budget
from app.texts import tr

API = "https://api.hubrise.com"
EVENTS = {"order": ["create", "update"], "delivery": ["create", "update"]}


class Client:
    """Calls with a location's token. `address` replaces the platform's host; tokens do not expire."""

    def __init__(self, client: httpx.AsyncClient, address: str, token: str, budget: Budget) -> None:
        self._http = client
        self._base = f"{address or API}/v1"
        self._token = token
        self.budget = budget

    async def location(self) -> Answer:
        """The location we are signed in to."""
        return _object(await self._call("GET", "/location", urgent=True))

    async def change_location(self, change: Mapping[str, Any]) -> Answer:
        """Change the location."""
        return await self._call("PATCH", "/location", urgent=True, json=dict(change))

    async def catalog(self, catalog_id: str) -> Answer:
        """A whole catalogue (a heavy call)."""
        return _object(await self._call("GET", f"/catalogs/{_path(catalog_id)}", heavy=True))

    async def inventory(self, catalog_id: str) -> Answer:
        """What is not unlimited at this location."""
        return _list(await self._call("GET", f"/catalogs/{_path(catalog_id)}/location/inventory", urgent=True))

    async def change_inventory(self, catalog_id: str, entries: Sequence[Mapping[str, Any]]) -> Answer:
        """Change these entries; all others stay."""
        path = f"/catalogs/{_path(catalog_id)}/location/inventory"
        return await self._call("PATCH", path, urgent=True, json=[dict(entry) for entry in entries])

    async def delivery(self, order_id: str) -> Answer:
        """The delivery of an order, with what the order itself does not carry; 404 where there is none."""
        return _object(await self._call("GET", f"/location/orders/{_path(order_id)}/delivery"))

    async def callback(self) -> Answer:
        """The callback of this connection; 404 or an empty object when there is none."""
        return await self._call("GET", "/callback")

    async def set_callback(self, url: str | None) -> Answer:
        """Register the one callback of this connection; None makes it passive (a queue to be polled)."""
        return await self._call("POST", "/callback", json={"url": url, "events": EVENTS})

    async def events(self) -> Answer:
        """Events not acknowledged yet, without their content; at most 100."""
        return _list(await self._call("GET", "/callback/events"))

    async def event(self, event_id: str) -> Answer:
        """One event with the state it reports."""
        return _object(await self._call("GET", f"/callback/events/{_path(event_id)}"))

    async def acknowledge(self, event_id: str) -> Answer:
        """Take one event off the queue."""
        return await self._call("DELETE", f"/callback/events/{_path(event_id)}")

    async def orders(self, query: Mapping[str, str]) -> Answer:
        """A page of orders (a heavy call); the header X-Cursor-Next leads to the next."""
        return _list(await self._call("GET", "/location/orders", heavy=True, params=dict(query)))

    async def order(self, order_id: str, urgent: bool = False) -> Answer:
        """One order as it stands."""
        return _object(await self._call("GET", f"/location/orders/{_path(order_id)}", urgent=urgent))

    async def change_order(self, order_id: str, change: Mapping[str, Any]) -> Answer:
        """Change an order; answers the whole order."""
        return _object(await self._call("PATCH", f"/location/orders/{_path(order_id)}", urgent=True, json=dict(change)))

    async def _call(self, method: str, path: str, heavy: bool = False, urgent: bool = False, **options: Any) -> Answer:
        if not self._token:
            raise AuthError(tr("Not signed in to HubRise yet"))
        self.budget.spend(heavy, urgent)
        headers = {"X-Access-Token": self._token}
        answer = await http.call(self._http, method, self._base + path, headers=headers, **options)
        if answer.status < 300:
            return answer
        raise self._error(answer)

    def _error(self, answer: Answer) -> PlatformError:
        """Documentation "errors": a type, a message, and for validation one text per field."""
        kind, text = error_text(answer.body)
        if answer.status == 429:
            wait = http.retry_after(answer.headers)
            return TemporaryError(text, self.budget.until_next() if wait is None else wait)
        return http.error_for(answer, text, kind)


def error_text(body: Any) -> tuple[str, str]:
    """HubRise's error type and its words, the fields' included."""
    if not isinstance(body, dict):
        return "", ""
    errors = body.get("errors")
    fields = [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
    details = [f"{entry.get('field', '')}: {entry.get('message', '')}" for entry in fields]
    return str(body.get("error_type") or ""), " · ".join([str(body.get("message") or ""), *details])


def _path(part: str) -> str:
    return quote(part, safe="")


def _object(answer: Answer) -> Answer:
    if not isinstance(answer.body, dict):
        raise ProtocolError(tr("HubRise answered something else than its documentation says"))
    return answer


def _list(answer: Answer) -> Answer:
    if not isinstance(answer.body, list) or not all(isinstance(entry, dict) for entry in answer.body):
        raise ProtocolError(tr("HubRise answered something else than its documentation says"))
    return answer
