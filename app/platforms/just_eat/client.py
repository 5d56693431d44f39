"""JET Connect's calls: one method each, a key in the header, refusals as the contract's errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from app.platforms import http
from app.platforms.api import PlatformError, Settings
from app.platforms.http import Answer

API = "https://api.flytplatform.com"
NO_ORDER = "order-console-test"  # asked for by `verify`: that Just Eat does not know it proves the key
# Where a callback address may lead: nobody who merely knows our key shall make this program call elsewhere.
HOUSES = (".just-eat.io", ".just-eat.com", ".just-eat.co.uk", ".justeattakeaway.com", ".flytplatform.com")


class Client:
    """One account's calls. Just Eat may give one key for orders and another for menus and restaurants."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        values = settings.values
        self._http = client
        self._base = (settings.address or API).rstrip("/")
        self._order_key = values.get("api_key", "").strip()
        self._menu_key = values.get("menu_key", "").strip() or self._order_key

    async def probe(self) -> None:
        """The one call that only reads: the result of a change of an order. 404 for an order that cannot exist. Raises
        AuthError for a key that is not good."""
        answer = await self._ask("GET", f"/orders/{NO_ORDER}/modification", self._order_key)
        if answer.status != 404:
            _raise(answer)

    async def report_success(self, order_id: str, at: str, transmission: str) -> None:
        """The order is here. An empty `transmissionId` is refused, so an unknown one is left out."""
        named = {"transmissionId": transmission} if transmission else {}
        await self._order(order_id, "sent-to-pos-success", {"happenedAt": at, **named})

    async def report_failure(self, order_id: str, at: str, transmission: str, text: str) -> None:
        """The order could not be read here: it goes to the restaurant's device at once. No refusal."""
        named = {"transmissionId": transmission} if transmission else {}
        told = {"happenedAt": at, "errorCode": "MALFORMED_REQUEST", "errorMessage": text[:200]}
        await self._order(order_id, "sent-to-pos-failed", {**told, **named})

    async def call_back(self, address: str, failure: str) -> None:
        """The second part of the answer to an asynchronous push of the older API. An address elsewhere is not called."""
        if not self._is_theirs(address):
            return
        told = {"status": "Failure", "message": failure} if failure else {"status": "Success", "message": "Order received"}
        _raise(await http.call(self._http, "POST", address, json={**told, "data": {}}))

    async def set_offline(self, restaurant: str, online_at: str) -> None:
        """Until somebody opens it, or until `online_at`: the restaurant's local time without an offset."""
        await self._restaurant("PUT", restaurant, "offline", {"onlineAt": online_at} if online_at else {})

    async def set_online(self, restaurant: str) -> None:
        """Takes orders again."""
        await self._restaurant("PUT", restaurant, "online", {})

    async def change_items(self, restaurant: str, references: Sequence[str], event: str, at: str, until: str) -> None:
        """`event` is AVAILABLE or UNAVAILABLE; `until` "" for until somebody changes it."""
        told = {"event": event, "itemReferences": list(references), "restaurant": restaurant, "happenedAt": at}
        body = {**told, "nextAvailableAt": until} if until else told
        _raise(await self._ask("POST", "/item-availability", self._menu_key, json=body))

    async def _order(self, order_id: str, what: str, body: Mapping[str, str]) -> None:
        _raise(await self._ask("POST", f"/order/{_path(order_id)}/{what}", self._order_key, json=dict(body)))

    async def _restaurant(self, method: str, restaurant: str, what: str, body: Mapping[str, str]) -> None:
        _raise(await self._ask(method, f"/restaurants/{_path(restaurant)}/{what}", self._menu_key, json=dict(body)))

    async def _ask(self, method: str, path: str, key: str, **options: Any) -> Answer:
        headers = {"X-Flyt-Api-Key": key, "x-jet-application": "order-console"}
        return await http.call(self._http, method, self._base + path, headers=headers, **options)

    def _is_theirs(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
            host = f".{parts.hostname or ''}"
        except ValueError:
            return False
        return address.startswith(f"{self._base}/") or (parts.scheme == "https" and host.endswith(HOUSES))


def _raise(answer: Answer) -> None:
    if answer.status >= 300:
        raise _error(answer)


def _error(answer: Answer) -> PlatformError:
    """No page shows the form of a refusal: `message`, `error` or `detail` are looked for."""
    body = answer.body if isinstance(answer.body, dict) else {}
    words = next((body[name] for name in ("message", "error", "detail") if isinstance(body.get(name), str)), "")
    return http.error_for(answer, words)


def _path(part: str) -> str:
    return quote(part, safe="")
