"""One open account at the corner shop: poll its list of changes, set an order's state."""

from __future__ import annotations

import json
from typing import Any

import httpx

from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.platforms import http
from app.platforms.api import Message, Page, ProtocolError, RejectedError, Settings, ShopInfo
from corner_shop import mapping

STATES = {
    CommandKind.ACCEPT: "accepted",
    CommandKind.REJECT: "refused",
    CommandKind.READY: "ready",
    CommandKind.COMPLETE: "fetched",
}


class CornerShopConnector:
    """See `app.platforms.api.Connector`."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._http, self._address, self._key = client, settings.address, settings.values.get("key", "")

    async def verify(self) -> ShopInfo:
        return ShopInfo(str((await self._call("GET", "/shop"))["name"]))

    async def fetch_orders(self, cursor: str) -> Page:
        """The cursor is the number of the last change seen; the shop numbers them without a gap."""
        answer = await self._call("GET", "/changes", params={"after": cursor or "0"})
        return Page(tuple(map(_message, answer["orders"])), str(answer["last"]), bool(answer["more"]))

    async def fetch_order(self, order_id: str) -> Message:
        return _message(await self._call("GET", f"/orders/{order_id}"))

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return mapping.read(message)

    async def send(self, command: Command) -> OrderUpdate | None:
        """To set a state that the order has is success at the shop, so a repetition needs no thought."""
        if command.kind not in STATES:
            raise RejectedError("The corner shop has no such button")
        state = {"state": STATES[command.kind], "reason": command.reason or ""}
        return self.read(_message(await self._call("PUT", f"/orders/{command.order_id}/state", json=state)))[0]

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine."""

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = await http.call(self._http, method, self._address + path, headers={"X-Key": self._key}, **options)
        if not isinstance(answer.body, dict):
            http.raise_for(answer, "")
            raise ProtocolError("The corner shop answered something else")
        http.raise_for(answer, str(answer.body.get("error", "")))
        return answer.body


def _message(order: dict[str, Any]) -> Message:
    body = json.dumps(order, sort_keys=True).encode()
    return Message(f"order:{order['id']}:{order['changed']}", "order", body, int(order["changed"]), str(order["id"]))
