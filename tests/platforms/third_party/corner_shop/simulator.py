"""The corner shop's own side of the wire, as strict as the shop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from app import steady
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder, Simulator, Truth
from corner_shop.mapping import KITCHEN, Order

PAGE = 50
NEXT = {"new": {"accepted", "refused"}, "accepted": {"ready"}, "ready": {"fetched"}}


class CornerShopSimulator(Simulator):
    """A shop with one key."""

    name = "corner_shop"
    currency = "EUR"
    happenings = frozenset({Happening.CANCEL})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.orders: dict[str, dict[str, Any]] = {}
        self.changes: list[str] = []  # ids of orders; a change is known by its place
        self.told: dict[str, float] = {}
        self.carried_out: dict[str, list[str]] = {}

    @property
    def credentials(self) -> Mapping[str, str]:
        return {"key": "under-the-mat"}

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/shop", self._served)
        router.add_get("/changes", self._served)
        router.add_get("/orders/{id}", self._served)
        router.add_put("/orders/{id}/state", self._served)

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        wish = order or PretendOrder((PretendLine("Rolls", 45, self.random.randint(1, 9)), PretendLine("Milk", 139)))
        items = [{"name": line.name, "price": line.price, "count": line.quantity} for line in wish.lines]
        number = str(len(self.orders) + 1)
        body = {
            "id": f"c{self.random.randrange(10**6)}-{number}",
            "number": number,
            "placed": steady.now().isoformat(),
            "items": items,
            "total": sum(line.price * line.quantity for line in wish.lines),
            "phone": f"{wish.phone[:3]}****{wish.phone[-2:]}" if wish.phone else "",
            **(payload or {}),
        }
        self._change(body | {"state": "new"})
        Order.model_validate(self.orders[body["id"]])
        self.record("placed", body["id"])
        return str(body["id"])

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        order = self.orders[order_id]
        if happening is not Happening.CANCEL or order["state"] not in NEXT:
            raise ImpossibleError(f"not at a shop like this: {happening}")
        self._change(order | {"state": "cancelled"})
        self.record("happened", order_id, happening=happening.value, **detail)

    def truth(self) -> list[Truth]:
        return [
            Truth(
                order["id"],
                order["number"],
                order["state"],
                KITCHEN[order["state"]].value,
                self.currency,
                order["total"],
                0,
                datetime.fromisoformat(order["placed"]).timestamp(),
                self.told.get(order["id"]),
                tuple(self.carried_out.get(order["id"], ())),
            )
            for order in self.orders.values()
        ]

    def _change(self, order: Mapping[str, Any]) -> None:
        before = self.orders.get(order["id"], {}).get("changed", 0)
        self.orders[order["id"]] = dict(order) | {"changed": max(int(steady.time() * 1000), before + 1)}
        self.changes.append(order["id"])

    async def _served(self, request: web.Request) -> web.Response:
        """The faults of the day around the shop's answer."""
        await asyncio.sleep(self.faults.latency)
        if request.headers.get("X-Key") != self.credentials["key"]:
            return web.json_response({"error": "no such key"}, status=401)
        if self.chance(self.faults.break_call) or self.chance(self.faults.throttle):
            return web.Response(status=503)
        answer = await self._answer(request)
        if self.chance(self.faults.lose_reply) and request.transport:
            request.transport.close()
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path == "/shop":
            return web.json_response({"name": "The corner shop"})
        if request.path == "/changes":
            return self._listed(int(request.query["after"]))
        order = self.orders.get(request.match_info["id"])
        if order is None:
            return web.json_response({"error": "no such order"}, status=404)
        if request.method == "GET":
            return web.json_response(order)
        return self._set(order, json.loads(await request.text())["state"])

    def _listed(self, after: int) -> web.Response:
        page = self.changes[after : after + PAGE]
        last = after + len(page)
        for order_id in page:
            self.told.setdefault(order_id, steady.time())
        orders = [self.orders[order_id] for order_id in dict.fromkeys(page)]
        return web.json_response({"orders": orders, "last": last, "more": last < len(self.changes)})

    def _set(self, order: Mapping[str, Any], state: str) -> web.Response:
        if order["state"] != state:
            if state not in NEXT.get(order["state"], ()) or self.chance(self.faults.refuse):
                self.record("refused", order["id"], state=state)
                return web.json_response({"error": f"it is {order['state']}"}, status=409)
            self._change(dict(order) | {"state": state})
            self.carried_out.setdefault(order["id"], []).append(state)
            self.record("commanded", order["id"], state=state)
        return web.json_response(self.orders[order["id"]])
