"""HubRise for practice and tests: a strict server of its wire, with sending apps, customers and couriers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from app import steady
from app.domain.money import Money
from app.platforms.hubrise import mapping
from app.platforms.hubrise.sign_in import SCOPE
from app.platforms.hubrise.simulated_connections import Door, WireError
from app.platforms.hubrise.simulated_events import Herald
from app.platforms.hubrise.simulated_location import CATALOG
from app.platforms.hubrise.simulated_orders import PROMPT, OrderMaker
from app.platforms.hubrise.simulated_wire import Wire
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

ZONE = ZoneInfo("Europe/Paris")
OPEN = ("new", "received", "accepted", "in_preparation", "awaiting_shipment", "awaiting_collection", "in_delivery")
COOKING = ("new", "received", "accepted", "in_preparation")
DRIVERS = (("John", "+33612345678", "1234"), ("Aïcha", "+33687654321", "5678"), ("Marek", "+33611112222", "9012"))
# Where a delivery must stand before each step of its courier; None: no delivery was booked yet.
COURIER_STEPS = {
    Happening.COURIER_ASSIGNED: ("pickup_enroute", (None, "pending")),
    Happening.COURIER_CHANGED: ("pickup_enroute", ("pickup_enroute", "pickup_approaching", "pickup_waiting")),
    Happening.COURIER_AT_STORE: ("pickup_waiting", ("pickup_enroute", "pickup_approaching")),
    Happening.COURIER_PICKED_UP: (
        "dropoff_enroute",
        (None, "pending", "pickup_enroute", "pickup_approaching", "pickup_waiting"),
    ),
    Happening.DELIVERED: ("delivered", ("dropoff_enroute", "dropoff_approaching", "dropoff_waiting")),
}


class HubRiseSimulator(Simulator):
    """One location with one console signed in; sending apps and couriers act through `place` and `happen`."""

    name = "hubrise"
    currency = "EUR"
    happenings = frozenset({Happening.CANCEL, Happening.CHANGE, Happening.COMPLETE, *COURIER_STEPS})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.door = Door(self.random, "practice-client", f"practice-secret-{seed}", speed)
        self._console = self.door.connect("practice-counter", SCOPE)
        self._maker = OrderMaker(self.random, _now, self.currency, speed)
        herald = Herald(self, self.door, self._maker.new_id, _now)
        herald.heard = self._heard
        self.wire = Wire(self, self.door, self._maker, herald)
        self._heard_at: dict[str, float] = {}

    @property
    def credentials(self) -> Mapping[str, str]:
        """Signed in already; the last two shorten waits as much as the rest of this simulator does."""
        return {
            "client_id": self.door.client_id,
            "client_secret": self.door.client_secret,
            "access_token": self._console.token,
            "catalog_id": CATALOG,
            "calls_per_minute": f"{500 * self.speed:g}",
            "scheduled_minutes": f"{(PROMPT[1] + 60.0) / 60.0 / self.speed:g}",
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """OAuth under /oauth2/v1, the API under /v1: HubRise's two hosts in one."""
        self.wire.routes(router)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return WireError(400, "bad_request", f"{request.method} {request.path} cannot be read").response()

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A sending app creates an order; a `payload` is taken at its word, sums included."""
        if payload is not None:
            made = self._maker.completed(payload)
        else:
            made = self._maker.from_wish(order or self._maker.random_wish())
        if made["id"] in self.wire.orders:
            raise ValueError(f"order {made['id']} exists")
        self.wire.add(made, None)
        return str(made["id"])

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What a sending app or a carrier does. HubRise carries no requests, refunds or urges: those are impossible."""
        order = self.wire.orders[order_id]
        if happening in COURIER_STEPS:
            self._courier(order, happening)
        elif happening is Happening.CANCEL:
            self._cancel(order, str(detail.get("reason", "")))
        elif happening is Happening.CHANGE:
            self._change(order)
        elif happening is Happening.COMPLETE:
            self._complete(order)
        else:
            raise ImpossibleError(f"HubRise has no {happening}")
        self.record("happened", order_id, happening=str(happening))

    def truth(self) -> list[Truth]:
        """Every order, in the sequence they were placed."""
        return [self._truth(order) for order in self.wire.orders.values()]

    def _truth(self, order: dict[str, Any]) -> Truth:
        total = str(order["total"])
        return Truth(
            order_id=order["id"],
            number=str(order["collection_code"] or str(order["ref"] or order["id"])[-4:]),
            status=str(order["status"]),
            kitchen=mapping.KITCHEN.get(order["status"], ""),
            currency=total[-3:],
            total_minor=Money.parse(total[:-4], total[-3:]).minor,
            refunded_minor=0,
            placed_at=datetime.fromisoformat(order["created_at"]).timestamp(),
            delivered_to_console_at=self._heard_at.get(order["id"]),
            commands=tuple(self.wire.commands.get(order["id"], ())),
        )

    def _heard(self, order_id: str) -> None:
        self._heard_at.setdefault(order_id, steady.time())

    def _cancel(self, order: dict[str, Any], reason: str) -> None:
        if order["status"] not in OPEN:
            raise ImpossibleError(f"the order is {order['status']}")
        self.wire.update(order, None, status="cancelled", **({"seller_notes": reason} if reason else {}))

    def _complete(self, order: dict[str, Any]) -> None:
        if order["status"] not in OPEN or order["status"] in ("new", "received"):
            raise ImpossibleError(f"the order is {order['status']}")
        self.wire.update(order, None, status="completed")

    def _change(self, order: dict[str, Any]) -> None:
        """A dish is struck, or added to an order of one; a payment made is replaced by one of the new total."""
        if order["status"] not in COOKING:
            raise ImpossibleError(f"the order is {order['status']}")
        live = [item for item in order["items"] if not item["deleted"]]
        changed = {"items": [{"id": live[-1]["id"], "deleted": True} if len(live) > 1 else self._maker.dish(self.random)]}
        draft = {**order}
        self._maker.change(draft, changed)
        paid = [payment for payment in order["payments"] if not payment["deleted"]]
        if paid:
            again = {"name": paid[0]["name"], "ref": paid[0]["ref"], "amount": draft["total"], "info": None}
            struck = [{"id": payment["id"], "deleted": True} for payment in paid]
            self._maker.change(draft, {"payments": [*struck, again]})
        self.wire.update(order, None, **draft)

    def _courier(self, order: dict[str, Any], happening: Happening) -> None:
        status, before = COURIER_STEPS[happening]
        delivery = order["delivery"]
        if order["service_type"] != "delivery" or order["status"] in ("new", "received", "rejected", "cancelled"):
            raise ImpossibleError(f"no courier comes for a {order['service_type']} order that is {order['status']}")
        if (delivery["status"] if delivery else None) not in before:
            raise ImpossibleError(f"the delivery is {delivery['status'] if delivery else 'not booked'}")
        booked = delivery is not None
        order["delivery"] = {**(delivery or self._booking()), **self._driver(delivery, happening), "status": status}
        self.wire.tell("delivery", "update" if booked else "create", order, None)
        if happening is Happening.COURIER_PICKED_UP and order["status"] in OPEN[:-1]:
            self.wire.update(order, None, status="in_delivery")

    def _booking(self) -> dict[str, Any]:
        ref = f"1Z{self.random.randrange(1000):03}"
        address = f"https://example.test/t/{ref}"
        return {"carrier": "Uber Direct", "carrier_ref": "uber", "ref": ref, "fee": "4.00 EUR", "tracking_url": address}

    def _driver(self, delivery: dict[str, Any] | None, happening: Happening) -> dict[str, Any]:
        """The same driver as before, unless there was none or another one comes."""
        if delivery and delivery.get("driver_name") and happening is not Happening.COURIER_CHANGED:
            return {}
        others = [driver for driver in DRIVERS if driver[0] != (delivery or {}).get("driver_name")]
        name, phone, code = self.random.choice(others)
        return {"driver_name": name, "driver_phone": phone, "driver_phone_access_code": code}


def _now() -> datetime:
    return steady.now(ZONE)
