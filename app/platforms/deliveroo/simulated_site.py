"""The rules of the pretend Deliveroo's one site: who may change what when, its timers, its riders, its menu."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app import steady
from app.platforms.deliveroo.simulated_orders import MENU, RELAY, Placed, item_id, moment, shown
from app.platforms.simulation import ImpossibleError

DECIDE_WITHIN = 600.0  # simulated seconds, for orders wanted at once
INJECT_WITHIN = 180.0
CLOSE_AFTER, CLOSE_WITHIN = 3, 900.0  # automatic rejections within so many simulated seconds close the site
CHANGES = {("placed", "accepted"), ("placed", "rejected"), ("accepted", "confirmed")}
STAGES = ("", "in_kitchen", "ready_for_collection_soon", "ready_for_collection", "collected")
SHOP = {"lat": 51.5, "lon": -0.1}
RIDERS = (("Sam R.", "7781"), ("Priya K.", "4410"), ("Tomasz W.", "9025"))
# What a rider does, and the rider's state before: None before the first one, or after the last one left.
RIDER_STEPS: dict[str, tuple[str | None, ...]] = {
    "rider_assigned": (None, "rider_unassigned"),
    "rider_unassigned": ("rider_assigned", "rider_arrived"),
    "rider_arrived": ("rider_assigned",),
    "rider_confirmed_at_restaurant": ("rider_assigned", "rider_arrived"),
    "rider_in_transit": ("rider_arrived", "rider_confirmed_at_restaurant", "rider_assigned"),
}


class WireError(Exception):
    """An answer that is not 2xx, in the form of the Site API."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Site:
    """`tell(event, order)` pushes; `later(seconds, do)` waits simulated seconds; `speed` is theirs per real one."""

    chance: random.Random
    tell: Callable[[str, Placed], None]
    later: Callable[[float, Callable[[], None]], None]
    speed: float
    tabletless: bool = True
    open_hours: bool = True
    status: str = "OPEN"
    workload: str = "QUIET"
    orders: dict[str, Placed] = field(default_factory=dict)
    tablet: list[tuple[str, str]] = field(default_factory=list)  # order id and what the staff read there
    menu: dict[str, str] = field(default_factory=lambda: {item_id(line.name): line.name for line in MENU})
    off: dict[str, str] = field(default_factory=dict)
    _auto_rejected: list[float] = field(default_factory=list)

    def take(self, order: Placed) -> None:
        """A customer ordered."""
        self.orders[order.id] = order
        self.tell("order.new", order)
        if order.body["asap"]:
            self.later(DECIDE_WITHIN, lambda: self._give_up(order))

    # -- status

    def change(self, order: Placed, status: str) -> None:
        """What a partner may ask for; 409 for a second time."""
        if not order.tabletless:
            raise WireError(400, "bad_request", "the site uses a tablet")
        if status == order.status:
            raise WireError(409, "conflict", f"the order is {status} already")
        if (order.status, status) not in CHANGES or (status == "confirmed" and order.body["asap"]):
            raise WireError(409, "conflict", f"the order is {order.status}")
        order.commands.append(status)
        self._move(order, status)

    def accept_on_tablet(self, order: Placed) -> None:
        """The staff of a site with a tablet."""
        if order.tabletless or order.status != "placed":
            raise ImpossibleError(f"the order is {order.status}")
        self._move(order, "accepted")

    def cancel(self, order: Placed) -> None:
        """Deliveroo's service, asked by the customer."""
        if order.status not in ("placed", "accepted", "confirmed") or not order.live:
            raise ImpossibleError(f"the order is {order.status}")
        self._move(order, "canceled")

    def complete(self, order: Placed) -> None:
        """It reached the customer; a status that only other clients know."""
        carried = order.carried == "rider_in_transit" or order.body["fulfillment_type"] != "deliveroo"
        if order.status not in ("accepted", "confirmed") or not carried:
            raise ImpossibleError(f"the order is {order.status}")
        self._move(order, "delivered")

    def _move(self, order: Placed, status: str) -> None:
        order.move(status, _now())
        if status == "accepted":
            order.accepted_at = steady.time()
            if not order.tabletless:
                self.later(INJECT_WITHIN, lambda: self._missed(order))
        self.tell("order.status_update", order)

    def _give_up(self, order: Placed) -> None:
        if order.status != "placed":
            return
        now = steady.time()
        self._move(order, "rejected")
        self._auto_rejected.append(now)
        recent = [at for at in self._auto_rejected if (now - at) * self.speed <= CLOSE_WITHIN]
        if len(recent) >= CLOSE_AFTER:
            self.status = "CLOSED"

    # -- the till's reports

    def inject(self, order: Placed, status: str) -> None:
        """A sync status: once, on a site with a tablet, within three minutes of acceptance."""
        if order.tabletless or not order.accepted_at:
            raise WireError(400, "bad_request", "no sync status is expected")
        late = (steady.time() - order.accepted_at) * self.speed > INJECT_WITHIN
        if order.injected or late:
            raise WireError(409, "conflict", "a sync status was sent already or the time is over")
        order.injected = status
        order.commands.append(f"sync_{status}")
        if status == "failed":
            self.tablet.append((order.id, "the till could not take the order"))

    def prepare(self, order: Placed, stage: str) -> None:
        """A preparation stage; the same one again only updates it."""
        if order.status not in ("accepted", "confirmed"):
            raise WireError(400, "bad_request", f"the order is {order.status}")
        if not order.body["asap"] and order.status == "accepted" and order.tabletless:
            raise WireError(400, "bad_request", "a scheduled order must be confirmed first")
        if STAGES.index(stage) < STAGES.index(order.stage):
            raise WireError(409, "conflict", f"the order is {order.stage}")
        if stage != order.stage:
            order.commands.append(stage)
        order.stage = stage

    def _missed(self, order: Placed) -> None:
        if not order.injected and order.status != "canceled":
            order.injected = "no_sync_confirmation"
            self.tablet.append((order.id, "the till did not confirm the order"))

    # -- riders

    def ride(self, order: Placed, status: str) -> None:
        """One step of a rider (a key of RIDER_STEPS)."""
        possible = order.body["fulfillment_type"] == "deliveroo" and order.status in ("accepted", "confirmed")
        if not possible or (order.carried or None) not in RIDER_STEPS[status]:
            raise ImpossibleError(f"no rider does that: the order is {order.status}, the rider {order.carried or 'unknown'}")
        if status == "rider_assigned":
            order.riders.append(self._rider(order))
        order.riders[-1]["status_log"].append({"at": moment(_now()), "status": status})
        order.riders[-1] |= self._place()
        self.tell("rider.status_update", order)

    def change_rider(self, order: Placed) -> None:
        """Another one comes."""
        self.ride(order, "rider_unassigned")
        self.ride(order, "rider_assigned")

    def _rider(self, order: Placed) -> dict[str, Any]:
        last = order.riders[-1]["full_name"] if order.riders else ""
        name, code = self.chance.choice([rider for rider in RIDERS if rider[0] != last])
        calls = {"contact_number": "", "bridge_number": RELAY, "bridge_code": code}
        return {"full_name": name, "estimated_arrival_time": moment(_now()), **self._place(), **calls, "status_log": []}

    def _place(self) -> dict[str, Any]:
        """Not far from the shop."""
        near = {name: round(at + self.chance.uniform(-0.01, 0.01), 6) for name, at in SHOP.items()}
        return {**near, "accuracy_in_meters": 10, "at": moment(_now())}

    # -- open or not, and what is sold

    def set_status(self, status: str) -> None:
        """Opening works within the hours only."""
        if status == "OPEN" and not self.open_hours:
            raise WireError(400, "bad_request", "Unable to open restaurant, reason: OPENING_HOURS")
        self.status = status

    def set_availability(self, changes: dict[str, str]) -> None:
        """All or nothing."""
        if unknown := sorted(set(changes) - self.menu.keys()):
            raise WireError(404, "not_found", f"item {unknown[0]} is not on the menu")
        self.off = {name: status for name, status in {**self.off, **changes}.items() if status != "available"}

    def wake_up(self) -> None:
        """The morning's reset: what was sold out is sold again, what was hidden stays so."""
        self.off = {name: status for name, status in self.off.items() if status == "hidden"}


def event_of(event: str, order: Placed) -> dict[str, Any]:
    """What is pushed."""
    if event == "rider.status_update":
        return {"event": event, "body": {"order_id": order.id, "stacked_with": [], "riders": order.riders}}
    return {"event": event, "body": {"order": shown(order)}}


def _now() -> datetime:
    return steady.now()
