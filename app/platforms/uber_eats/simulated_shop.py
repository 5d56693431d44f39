"""The rules of the pretend Uber: what may follow what, what expires, what is announced, how the store stands."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app import steady
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.orders import Fulfilment
from app.platforms.simulation import Happening, ImpossibleError
from app.platforms.uber_eats.generation import CURRENT, Generation
from app.platforms.uber_eats.simulated_bodies import Bill, Writer
from app.platforms.uber_eats.simulated_orders import COURIERS, MENU, Placed

DECIDE_WITHIN = 690.0  # documented: 11.5 minutes
# Uber's word after each step of a courier, and the words it may follow ("" before anybody was looked for).
COURIER_STEPS = {
    Happening.COURIER_ASSIGNED: ("EN_ROUTE_TO_PICKUP", ("", "SCHEDULED")),
    Happening.COURIER_CHANGED: ("EN_ROUTE_TO_PICKUP", ("EN_ROUTE_TO_PICKUP", "ARRIVED_AT_PICKUP")),
    Happening.COURIER_AT_STORE: ("ARRIVED_AT_PICKUP", ("EN_ROUTE_TO_PICKUP",)),
    Happening.COURIER_PICKED_UP: ("EN_ROUTE_TO_DROPOFF", ("", "SCHEDULED", "EN_ROUTE_TO_PICKUP", "ARRIVED_AT_PICKUP")),
    Happening.DELIVERED: ("COMPLETED", ("EN_ROUTE_TO_DROPOFF",)),
}
COOKING = (Kitchen.ACCEPTED, Kitchen.READY)


@dataclass(slots=True)
class Shop:
    """`tell(kind, order, status)` announces; `later(seconds, do)` waits simulated seconds."""

    generation: Generation
    chance: random.Random
    writer: Writer
    tell: Callable[[str, Placed, str], None]
    later: Callable[[float, Callable[[], None]], None]
    orders: dict[str, Placed] = field(default_factory=dict)
    online: bool = True
    paused_until: float = 0.0
    prep_seconds: int = 900
    suspended: dict[str, float] = field(default_factory=dict)

    @property
    def current(self) -> bool:
        """Whether the store is on the current generation."""
        return self.generation is CURRENT

    def take(self, order: Placed) -> None:
        """A customer ordered; the clock of the decision runs."""
        self.orders[order.id] = order
        later_kind = "orders.scheduled.notification" if order.scheduled and self.current else "orders.notification"
        self.tell(later_kind, order, "pos")
        self.later(DECIDE_WITHIN, lambda: self._expire(order))

    def accept(self, order: Placed, ready_at: float | None) -> None:
        """ImpossibleError for an order that was decided already."""
        _must(order.kitchen is Kitchen.NEW, f"order is {order.state(self.current)}")
        order.kitchen, order.ready_at = Kitchen.ACCEPTED, ready_at
        if order.fulfilment is Fulfilment.DELIVERY:
            order.courier = "SCHEDULED"

    def deny(self, order: Placed) -> None:
        """In the previous generation the tablet may still accept; the time keeps running."""
        _must(order.kitchen is Kitchen.NEW, f"order is {order.state(self.current)}")
        order.kitchen = Kitchen.REJECTED
        if self.current:
            order.failure = "POS_DENIED"
            self.tell("orders.failure", order, "failed")

    def cancel_by_shop(self, order: Placed) -> None:
        """The shop gives up an order it accepted."""
        self._end(order, "MERCHANT_CANCELLED")

    def cancel_by_customer(self, order: Placed) -> None:
        """Without asking the shop."""
        self._end(order, "CUSTOMER_CANCELLED")

    def ready(self, order: Placed) -> None:
        """Only the current generation has it; food already taken along needs no word any more."""
        _must(order.kitchen is Kitchen.ACCEPTED, f"order is {order.state(self.current)}")
        order.kitchen = Kitchen.READY

    def courier(self, order: Placed, step: Happening) -> None:
        """A courier's next step, announced."""
        word, before = COURIER_STEPS[step]
        _must(order.fulfilment is Fulfilment.DELIVERY, "nobody fetches this order")
        _must(order.kitchen in (*COOKING, Kitchen.HANDED_OVER), f"order is {order.state(self.current)}")
        _must(order.courier in before, f"the courier is {order.courier or 'not looked for'}")
        if step is Happening.COURIER_CHANGED or not order.courier_name:
            order.courier_name = self.chance.choice([name for name in COURIERS if name != order.courier_name])
        order.courier = word
        if step is Happening.COURIER_PICKED_UP:
            order.kitchen = Kitchen.HANDED_OVER
        self.tell("delivery.state_changed", order, word)
        if step is Happening.COURIER_AT_STORE:
            self.tell("orders.release", order, "pos")

    def complete(self, order: Placed) -> None:
        """The customer has it."""
        fetched = order.fulfilment is not Fulfilment.DELIVERY and order.kitchen in COOKING
        _must(fetched or order.courier == "COMPLETED", f"order is {order.state(self.current)}")
        _must(order.kitchen not in DEAD, f"order is {order.state(self.current)}")
        order.kitchen = Kitchen.COMPLETED

    def change(self, order: Placed) -> None:
        """The customer strikes a dish, or adds one to an order of one."""
        _must(order.kitchen in COOKING and order.wish is not None, "this order cannot be edited")
        assert order.wish
        lines = order.wish.lines
        wish = replace(order.wish, lines=lines[:-1] if len(lines) > 1 else (*lines, MENU[3]))
        self.rewrite(order, wish=wish)
        self.tell("orders.customer_order_edit", order, "pos")

    def rewrite(self, order: Placed, **content: object) -> None:
        """Put another content into an order, and bill it anew."""
        for name, value in content.items():
            setattr(order, name, value)
        assert order.wish
        bill = Bill.of(order.wish, tax_on_top=order.total == Bill.of(order.wish, tax_on_top=True).total)
        write = self.writer.current if self.current else self.writer.previous
        order.body, order.total = write(order.wish, order.id, order.placed_at, bill), bill.total

    def is_online(self) -> bool:
        """A pause ends by itself."""
        return self.online or steady.time() >= self.paused_until

    def _expire(self, order: Placed) -> None:
        if order.kitchen is Kitchen.NEW or (order.kitchen is Kitchen.REJECTED and not self.current):
            order.kitchen, order.failure = Kitchen.CANCELLED, "UNACCEPTED"  # the real word is not known
            self.tell("orders.failure" if self.current else "orders.cancel", order, "cancelled")

    def _end(self, order: Placed, failure: str) -> None:
        _must(order.kitchen not in (*DEAD, Kitchen.COMPLETED, Kitchen.HANDED_OVER), f"order is {order.state(self.current)}")
        order.kitchen, order.failure = Kitchen.CANCELLED, failure
        self.tell("orders.failure" if self.current else "orders.cancel", order, "cancelled")


def _must(allowed: bool, words: str) -> None:
    if not allowed:
        raise ImpossibleError(words)
