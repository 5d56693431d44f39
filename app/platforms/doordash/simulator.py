"""DoorDash for practice and tests: a strict server of its wire, with customers and Dashers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app import steady
from app.platforms.doordash.simulated_orders import CURRENCY, PROVIDER, STORE, Placed, from_wish, random_wish
from app.platforms.doordash.simulated_pushes import Pushes
from app.platforms.doordash.simulated_store import DECIDE_WITHIN, RIDES, Store, WireError
from app.platforms.doordash.simulated_wire import Wire
from app.platforms.doordash.wire import Order
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

IDS = ("practice-developer", "practice-key")
SECRET = "cHJhY3RpY2Utc2lnbmluZy1zZWNyZXQtMDAwMQ"
HOOK_TOKEN = "practice-hook-token"


class DoorDashSimulator(Simulator):
    """One store with one integration signed up. `store.listed` False takes it off the list for cancelling."""

    name = "doordash"
    currency = CURRENCY
    cuisine = "noodles"
    happenings = frozenset({Happening.CANCEL, Happening.COMPLETE, *RIDES})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes = Pushes(self, HOOK_TOKEN, self._heard, lambda order, status: self.store.answered(order, status))
        self.store = Store(self.random, self.pushes.push, self.later)
        self.wire = Wire(self, self.store, IDS, SECRET)

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form; the time to decide is the shortest that this simulator keeps."""
        return {
            "developer_id": IDS[0],
            "key_id": IDS[1],
            "signing_secret": SECRET,
            "hook_token": HOOK_TOKEN,
            "provider_type": PROVIDER,
            "store_id": STORE,
            "shop_name": "Practice Burgers",
            "currency": CURRENCY,
            "decision_minutes": str(DECIDE_WITHIN[0] / 60 / self.speed),
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """DoorDash's wire."""
        self.wire.routes(router)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return self.wire.refused(WireError(400, f"{request.method} {request.path} cannot be read", "validation_error"))

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders; a `payload` is an order in DoorDash's form, taken at its word."""
        body = from_wish(order or random_wish(self.random), steady.now(), self.random, self.speed)
        if payload is not None:
            body = {**body, **payload}
            Order.model_validate(body)
        if body["id"] in self.store.orders:
            raise ValueError(f"order {body['id']} exists")
        placed = Placed(body, steady.time())
        self.record("placed", placed.id, number=placed.number, total_minor=placed.total)
        self.store.take(placed)
        return placed.id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What customers and Dashers do. There are no requests, urges or refunds here."""
        order = self.store.orders[order_id]
        if happening in RIDES:
            self.store.ride(order, happening)
        elif happening is Happening.CANCEL:
            self.store.cancel(order)
        elif happening is Happening.COMPLETE:
            self.store.complete(order)
        else:
            raise ImpossibleError(f"DoorDash has no {happening}")
        self.record("happened", order_id, happening=str(happening), **detail)

    def truth(self) -> list[Truth]:
        """Every order, in the sequence they were placed."""
        return [
            Truth(
                order.id,
                order.number,
                order.status,
                order.kitchen.value,
                self.currency,
                order.total,
                0,
                order.placed_at,
                order.heard_at,
                tuple(order.commands),
            )
            for order in self.store.orders.values()
        ]

    def undelivered(self) -> bool:
        """Every push that nobody answered yet."""
        return self.pushes.under_way > 0

    async def stop(self) -> None:
        """See `Simulator.stop`; pushes under way end too."""
        await super().stop()
        await self.pushes.close()

    def _heard(self, order_id: str) -> None:
        order = self.store.orders[order_id]
        order.heard_at = order.heard_at or steady.time()
