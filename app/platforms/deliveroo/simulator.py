"""Deliveroo for practice and tests: a strict server of its wire, with customers, riders and a tablet behind it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.deliveroo.mapping import KITCHEN
from app.platforms.deliveroo.simulated_orders import BRAND, CURRENCY, SITE, Placed, completed, from_wish, random_wish
from app.platforms.deliveroo.simulated_pushes import Pushes
from app.platforms.deliveroo.simulated_site import DECIDE_WITHIN, Site, WireError
from app.platforms.deliveroo.simulated_wire import Wire, refused
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

CLIENT_ID, CLIENT_SECRET, WEBHOOK_SECRET = "practice-client", "practice-secret-0001", "practice-webhook-0001"
AT_THE_TABLET = (5.0, 60.0)  # simulated seconds until somebody accepts there
RIDES = {
    Happening.COURIER_ASSIGNED: "rider_assigned",
    Happening.COURIER_AT_STORE: "rider_confirmed_at_restaurant",
    Happening.COURIER_PICKED_UP: "rider_in_transit",
}
STAGE_KITCHEN = {
    "in_kitchen": Kitchen.PREPARING,
    "ready_for_collection_soon": Kitchen.PREPARING,
    "ready_for_collection": Kitchen.READY,
    "collected": Kitchen.HANDED_OVER,
}


class DeliverooSimulator(Simulator):
    """One site with one partner signed up, without Deliveroo's tablet."""

    name = "deliveroo"
    currency = CURRENCY
    cuisine = "noodles"
    happenings = frozenset({Happening.CANCEL, Happening.COURIER_CHANGED, Happening.COMPLETE, *RIDES})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes = Pushes(self, WEBHOOK_SECRET, self._heard)
        self.site = Site(self.random, self.pushes.push, self.later, speed)
        self.wire = Wire(self, self.site, CLIENT_ID, CLIENT_SECRET)

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form; the time to decide is the one this simulator really keeps."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "webhook_secret": WEBHOOK_SECRET,
            "site_id": SITE,
            "brand_id": BRAND,
            "decision_minutes": str(DECIDE_WITHIN / 60 / self.speed),
        }

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return refused(WireError(400, "bad_request", f"{request.method} {request.path} cannot be read"))

    def routes(self, router: web.UrlDispatcher) -> None:
        """Both of Deliveroo's hosts in one."""
        self.wire.routes(router)

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders; a `payload` is an order in Deliveroo's form, taken at its word."""
        number, now = len(self.site.orders), steady.now()
        if payload is not None:
            body = completed(payload, number, now, self.random)
        else:
            body = from_wish(order or random_wish(self.random), number, now, self.random, self.speed)
        if body["id"] in self.site.orders:
            raise ValueError(f"order {body['id']} exists")
        tabletless = bool(body.pop("is_tabletless", self.site.tabletless))
        placed = Placed(body, steady.time(), tabletless)
        self.record("placed", placed.id, number=body["display_id"], total_minor=placed.total)
        self.site.take(placed)
        return placed.id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What customers, riders and Deliveroo do. It has no requests, refunds, urges or changes."""
        order = self.site.orders[order_id]
        if happening in RIDES:
            self.site.ride(order, RIDES[happening])
        elif happening is Happening.COURIER_CHANGED:
            self.site.change_rider(order)
        elif happening is Happening.CANCEL:
            self.site.cancel(order)
        elif happening is Happening.COMPLETE:
            self.site.complete(order)
        else:
            raise ImpossibleError(f"Deliveroo has no {happening}")
        self.record("happened", order_id, happening=str(happening))

    def truth(self) -> list[Truth]:
        """Every order, in the sequence they were placed."""
        return [
            Truth(
                order.id,
                str(order.body["display_id"]),
                order.status,
                kitchen_of(order).value,
                str(order.body["total_price"]["currency_code"]),
                order.total,
                0,
                order.placed_at,
                order.heard_at,
                tuple(order.commands),
            )
            for order in self.site.orders.values()
        ]

    def expire_tokens(self) -> bool:
        """All of them."""
        self.wire.tokens.clear()
        return True

    async def stop(self) -> None:
        """See `Simulator.stop`; pushes under way end too."""
        await super().stop()
        await self.pushes.close()

    def _heard(self, order_id: str) -> None:
        order = self.site.orders[order_id]
        order.heard_at = order.heard_at or steady.time()


class TabletSimulator(DeliverooSimulator):
    """Deliveroo's tablet stands on the counter: the staff accept there, and the till reports what it took."""

    variant = "tablet"

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.site.tabletless = False

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """See `Simulator.place`; somebody looks at the tablet soon."""
        order_id = super().place(order, payload)
        self.later(self.random.uniform(*AT_THE_TABLET), lambda: self._accept(order_id))
        return order_id

    def _accept(self, order_id: str) -> None:
        with suppress(ImpossibleError):  # the customer was faster, or it was accepted by hand
            self.site.accept_on_tablet(self.site.orders[order_id])


class LegacySimulator(DeliverooSimulator):
    """The site also has the deprecated POS webhook, which is signed with another separator."""

    variant = "legacy"

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes.legacy = True


def kitchen_of(order: Placed) -> Kitchen:
    """How far it is: the furthest of its status and the last stage the kitchen told."""
    stage = STAGE_KITCHEN.get(order.stage, Kitchen.NEW)
    return max(KITCHEN[order.status], stage, key=list(Kitchen).index)
