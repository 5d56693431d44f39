"""Just Eat for practice and tests: orders accepted on its own device, drivers, and a strict server of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.just_eat.simulated_orders import (
    DRIVEN,
    RESTAURANT,
    ZONE,
    Placed,
    completed,
    from_wish,
    moment,
    random_wish,
)
from app.platforms.just_eat.simulated_pushes import Pushes
from app.platforms.just_eat.simulated_wire import Wire
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

ORDER_KEY, MENU_KEY = "practice-order-key", "practice-menu-key"
WEBHOOK_KEY, WEBHOOK_SECRET = "practice-push-key-0001", "practice-hash-secret-0001"
# What a driver does: JET Connect's code, and the code before it. That a driver was found is not told there.
DRIVES = {
    Happening.COURIER_AT_STORE: ("driverAtRestaurant", ("",)),
    Happening.COURIER_PICKED_UP: ("onItsWay", ("", "driverAtRestaurant")),
    Happening.DELIVERED: ("delivered", ("onItsWay",)),
}
CANCELLATIONS = ("custCancelledMadeMistake", "custCancelledChangedMind", "systemCancelledOther", "restCancelledOutOfStock")


class JustEatSimulator(Simulator):
    """One restaurant with one partner signed up."""

    name = "just_eat"
    currency = "GBP"
    cuisine = "noodles"
    happenings = frozenset({Happening.CANCEL, Happening.COMPLETE, *DRIVES})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes = Pushes(self, WEBHOOK_KEY, WEBHOOK_SECRET, self._heard)
        self.wire = Wire(self, self.pushes, ORDER_KEY, MENU_KEY)

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form."""
        return {
            "api_key": ORDER_KEY,
            "menu_key": MENU_KEY,
            "webhook_key": WEBHOOK_KEY,
            "webhook_secret": WEBHOOK_SECRET,
            "restaurant": RESTAURANT,
            "shop_name": "Practice Kitchen",
            "currency": self.currency,
            "country": "GB",
            "timezone": ZONE,
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """See `simulated_wire`."""
        self.wire.routes(router)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return web.json_response({"message": f"{request.method} {request.path} cannot be read"}, status=400)

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders, and the device accepts; a `payload` is an order in JET Connect's form, taken at its word."""
        number, now = len(self.wire.orders), steady.now()
        body = from_wish(order or random_wish(self.random), number, now, self.random, self.speed)
        if payload is not None:
            body = completed(payload, body)
        if body["id"] in self.wire.orders:
            raise ValueError(f"order {body['id']} exists")
        placed = Placed(body, steady.time())
        self.wire.orders[placed.id] = placed
        self.record("placed", placed.id, number=placed.number, total_minor=placed.total)
        self.pushes.order(placed)
        return placed.id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What customers, drivers and Just Eat do. There are no requests, refunds, urges or changes."""
        order = self.wire.orders[order_id]
        if happening in DRIVES:
            self._drive(order, *DRIVES[happening])
        elif happening is Happening.CANCEL:
            self._cancel(order)
        elif happening is Happening.COMPLETE:
            self._complete(order)
        else:
            raise ImpossibleError(f"Just Eat has no {happening}")
        self.record("happened", order_id, happening=happening.value, **detail)

    def truth(self) -> list[Truth]:
        """Every order, in the sequence they were placed."""
        now = steady.time()
        return [
            Truth(
                order.id,
                order.number,
                order.driver or order.kitchen(now).value,
                order.kitchen(now).value,
                self.currency,
                order.total,
                0,
                order.placed_at,
                order.heard_at,
                tuple(order.commands),
            )
            for order in self.wire.orders.values()
        ]

    def undelivered(self) -> bool:
        """Whether a push is still on its way."""
        return self.pushes.under_way > 0

    def go_offline(self, is_offline: bool) -> None:
        """Somebody closes or opens the restaurant in Just Eat's portal."""
        changed = {"lastChangedTimeStampUtc": moment(steady.now()), "delivery": {"isOffline": is_offline}}
        self.pushes.event("", "restaurant_offline", {"restaurantId": RESTAURANT, **changed})

    async def stop(self) -> None:
        """See `Simulator.stop`; pushes under way end too."""
        await super().stop()
        await self.pushes.close()

    def _heard(self, order_id: str) -> None:
        order = self.wire.orders[order_id]
        order.heard_at = order.heard_at or steady.time()

    def _drive(self, order: Placed, code: str, before: tuple[str, ...]) -> None:
        if order.ended or order.body["type"] != DRIVEN or order.driver not in before:
            raise ImpossibleError(f"no driver does that: the order is {order.driver or order.ended or 'accepted'}")
        order.driver = code
        now = moment(steady.now())
        told = {"orderID": order.id, "driverStatus": {"code": code}, "happenedAt": now}
        if self.pushes.older_api:
            driver = {"DriverName": "Sam R.", "DriverContactNumber": "+441632960111", "TimeStamp": now}
            told = {"Event": code[0].upper() + code[1:], "OrderId": order.id, **driver}
        self.pushes.event(order.id, "driver", told)

    def _cancel(self, order: Placed) -> None:
        if order.ended or order.driver in ("onItsWay", "delivered"):
            raise ImpossibleError(f"the order is {order.driver or order.ended or 'accepted'}")
        order.ended = Kitchen.CANCELLED
        code = self.random.choice(CANCELLATIONS)
        told = {"orderID": order.id, "reason": {"code": code}, "happenedAt": moment(steady.now())}
        if self.pushes.older_api:
            told = {"Event": "OrderCancelled", "OrderId": order.id, "Reason": "cust_cancelled_made_mistake"}
        self.pushes.event(order.id, "cancelled", told)

    def _complete(self, order: Placed) -> None:
        """Just Eat settles it, and tells nobody."""
        if order.ended or (order.body["type"] == DRIVEN and order.driver != "delivered"):
            raise ImpossibleError(f"the order is {order.driver or order.ended or 'accepted'}")
        order.ended = Kitchen.COMPLETED


class OlderSimulator(JustEatSimulator):
    """The same restaurant with the older API's pushes."""

    variant = "older"

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes.older_api = True
