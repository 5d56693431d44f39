"""What Uber said as reports on orders: an order of either generation, or an event that names one. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import DEAD, Delivery, Kitchen, Payment
from app.domain.orders import Courier
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.shapes import UNREADABLE, Text, short
from app.platforms.uber_eats import current, current_wire, previous, previous_wire
from app.platforms.uber_eats.people import DELIVERY
from app.platforms.uber_eats.wire import Milliseconds, Wire
from app.texts import tr

DECISION_WINDOW = timedelta(minutes=11.5)  # documented: then Uber cancels by itself
ORDER, EVENT = "order", "event"

# Events that only say "read the order": they carry no cart. A failure's reason stands on the order too.
NOTICES = frozenset(
    (
        "orders.notification",
        "orders.scheduled.notification",
        "orders.release",
        "orders.failure",
        "orders.customer_order_edit",
        "orders.fulfillment_issues.resolved",
        "order.fulfillment_issues.resolved",  # one page's spelling
    )
)
CANCELLED = "orders.cancel"
COURIER = "delivery.state_changed"
_LEFT = (Delivery.PICKED_UP, Delivery.DELIVERED)


class Meta(Wire):
    """`user_id` is the store, `resource_id` the order."""

    user_id: Text = ""
    store_id: Text = ""
    resource_id: Text = ""
    order_id: Text = ""
    status: Text = ""
    reason: Text = ""


class Event(Wire):
    """A webhook's envelope. Its `resource_href` is never followed: the account says where the API is."""

    event_id: Text = ""
    event_type: Text = ""
    event_time: Milliseconds = 0
    meta: Meta | None = None
    store_id: Text = ""

    @property
    def order_id(self) -> str:
        """The order it is about; "" for events about a store."""
        return (self.meta.order_id or self.meta.resource_id) if self.meta else ""

    @property
    def store(self) -> str:
        """The store it is about."""
        named = (self.meta.user_id or self.meta.store_id) if self.meta else ""
        return named or self.store_id


@dataclass(frozen=True, slots=True)
class Reading:
    """The account's settings that decide how an order reads."""

    store_id: str = ""
    window: timedelta = DECISION_WINDOW


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored message of kind "order" or "event". Raises ProtocolError or UnknownMessageError."""
    try:
        found = json.loads(message.body)
        if message.kind == ORDER:
            return (order_update(found, message.version, reading),)
        return (_event_update(Event.model_validate(found), message.version, reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not an order or event in Uber's form: {what}", what=short(error))) from error


def order_of(found: Any) -> current_wire.Order | previous_wire.Order:
    """An order of whichever generation. ValueError (pydantic's) or TypeError when it has neither's form."""
    inner = unwrapped(found)
    if "current_state" in inner or "cart" in inner:
        return previous_wire.Order.model_validate(inner)
    return current_wire.Order.model_validate(inner)


def unwrapped(found: Any) -> Mapping[str, Any]:
    """The current generation puts an order into `{"order": ...}`. TypeError for what is no object."""
    inner = found.get("order", found) if isinstance(found, Mapping) else None
    if not isinstance(inner, Mapping):
        raise TypeError("not an object")
    return inner


def order_update(found: Any, version: int, reading: Reading) -> OrderUpdate:
    """An order as a report. UnknownMessageError for one of another store."""
    order = order_of(found)
    _must_be_ours(order.store.id if order.store else "", reading)
    delivery, courier, odd = courier_of(order.deliveries)
    return OrderUpdate(
        order.id,
        version,
        facts=_facts(order, reading),
        kitchen=_kitchen(order.kitchen, delivery),
        delivery=delivery,
        payment=Payment.PAID if order.paid else Payment.UNPAID,
        courier=courier,
        reason=order.reason if order.kitchen in DEAD else "",
        unmapped=odd if order.kitchen else order.state or "(no state)",
    )


def courier_of(
    trips: Sequence[current_wire.CourierTrip | previous_wire.CourierTrip],
) -> tuple[Delivery | None, Courier | None, str]:
    """The courier who counts: the last one that did not fail (couriers get re-assigned), or else the last."""
    alive = [trip for trip in trips if trip.state != "FAILED"] or list(trips)
    if not alive:
        return None, None, ""
    trip = alive[-1]
    state = DELIVERY.get(trip.state)
    return state, trip.courier, "" if state or not trip.state else f"delivery {trip.state}"


def _facts(order: current_wire.Order | previous_wire.Order, reading: Reading) -> Any:
    if isinstance(order, previous_wire.Order):
        return previous.facts(order, reading.window)
    return current.facts(order, reading.window)


def _kitchen(kitchen: Kitchen | None, delivery: Delivery | None) -> Kitchen | None:
    """Food that a courier carries has left the kitchen, whatever the order's own state says."""
    if delivery in _LEFT and kitchen in (Kitchen.ACCEPTED, Kitchen.PREPARING, Kitchen.READY):
        return Kitchen.HANDED_OVER
    return kitchen


def _event_update(event: Event, version: int, reading: Reading) -> OrderUpdate:
    if event.event_type not in NOTICES | {CANCELLED, COURIER}:
        raise UnknownMessageError(tr("{kind} is not used here", kind=event.event_type or "?"))
    if not event.order_id:
        raise ProtocolError(tr("An event that names no order"))
    _must_be_ours(event.store, reading)
    if event.event_type == CANCELLED:
        reason = event.meta.reason if event.meta else ""
        return OrderUpdate(event.order_id, version, kitchen=Kitchen.CANCELLED, reason=reason, incomplete=True)
    if event.event_type == COURIER:
        return _courier_update(event, version)
    return OrderUpdate(event.order_id, version, incomplete=True)


def _courier_update(event: Event, version: int) -> OrderUpdate:
    """Only the state; who the courier is stands on the order."""
    word = event.meta.status if event.meta else ""
    delivery = DELIVERY.get(word)
    odd = "" if delivery or not word else f"delivery {word}"
    return OrderUpdate(event.order_id, version, delivery=delivery, unmapped=odd, incomplete=True)


def _must_be_ours(store: str, reading: Reading) -> None:
    """An app has one webhook address for all its stores."""
    if store and reading.store_id and store != reading.store_id:
        raise UnknownMessageError(tr("a message of another shop: {shop}", shop=store))
