"""Square's orders and events in the counter's words: pure functions, the most tested file of this platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import DEAD, Delivery, Kitchen, Payment
from app.domain.orders import Charge, Courier, Customer, Fulfilment, Option, OrderFacts, OrderLine
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.shapes import UNREADABLE, masked, short
from app.platforms.square import money
from app.platforms.square.wire import Address, Details, Event, Fulfillment, Line, Order
from app.texts import tr

ORDER, EVENT = "order", "event"
# Documented for orders made through the API only. `order.updated` follows each change of a fulfilment and any payment: the
# poll hears those.
WAKES = frozenset({"order.created", "order.fulfillment.updated"})
DRAFT = "DRAFT"
LATER = timedelta(minutes=60)  # wanted later than this after it was placed: ordered for later
ORDER_STATES = frozenset({"OPEN", "COMPLETED", "CANCELED"})
LIVE = {"PROPOSED": Kitchen.NEW, "RESERVED": Kitchen.ACCEPTED, "PREPARED": Kitchen.READY}
ENDS = frozenset({"COMPLETED", "CANCELED", "FAILED"})
FULFILMENT = {"PICKUP": Fulfilment.PICKUP, "DELIVERY": Fulfilment.DELIVERY}
# New ids of orders all end alike (observed in every published example).
_ID_TAIL = "ZY"


@dataclass(frozen=True, slots=True)
class Reading:
    """The account's settings that decide how an order reads."""

    shop: str = ""
    location: str = ""


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored message of kind "order" or "event". Raises ProtocolError or UnknownMessageError."""
    try:
        found = json.loads(message.body)
        if message.kind == EVENT:
            return (_event_update(Event.model_validate(found), message.version, reading),)
        return (order_update(order_of(found), message.version, reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not an order or event in Square's form: {what}", what=short(error))) from error


def order_of(found: Any) -> Order:
    """An order, bare or as a single-order answer wraps it. ValueError (pydantic's) when it has not the documented form."""
    inner = found.get("order") if isinstance(found, dict) else None
    return Order.model_validate(inner if isinstance(inner, dict) else found)


def version_of(order: Order, otherwise: int) -> int:
    """Milliseconds of the order's last change: the clock that lists, answers and events share."""
    return int(order.updated_at.timestamp() * 1000) if order.updated_at else otherwise


def concerns_the_counter(order: Order) -> bool:
    """Whether somebody waits for food: a sale at the till has no fulfilment, a draft was not ordered yet."""
    return bool(order.fulfillments) and order.state != DRAFT


def order_update(order: Order, version: int, reading: Reading) -> OrderUpdate:
    """An order as a report. UnknownMessageError for one that is not the counter's business."""
    if not concerns_the_counter(order):
        raise UnknownMessageError(tr("not the counter's business as it stands: {status}", status=order.state))
    kitchen = kitchen_of(order)
    given_back = money.refunded(order)
    return OrderUpdate(
        order.id,
        version_of(order, version),
        facts=_facts(order, reading),
        kitchen=kitchen,
        delivery=_delivery(order),
        payment=_payment(order),
        courier=_courier(order),
        refunded=given_back if given_back else None,
        refunded_at=max((one.created_at for one in order.refunds if one.created_at), default=None) if given_back else None,
        reason=_reason(order) if kitchen in DEAD else "",
        unmapped=_unknown(order),
    )


def kitchen_of(order: Order) -> Kitchen | None:
    """How far the kitchen is; None where Square shows a state that no document names.

    The fulfilments tell, not the order: a paid order that was cancelled may end as COMPLETED, for "canceled orders are not
    paid" (documented). Of several fulfilments the one least far counts, ended ones only when all have ended.
    """
    if _unknown(order):
        return None
    if order.state == "CANCELED":
        return _death(order)
    alive = [LIVE[one.state] for one in order.fulfillments if one.state in LIVE]
    if alive and order.state == "OPEN":
        return min(alive, key=list(Kitchen).index)
    ended = {one.state for one in order.fulfillments}
    return Kitchen.COMPLETED if alive or "COMPLETED" in ended else _death(order)


def _unknown(order: Order) -> str:
    states = [order.state] if order.state not in ORDER_STATES else []
    states += [one.state for one in order.fulfillments if one.state not in LIVE and one.state not in ENDS]
    return ", ".join(state or "(no status)" for state in states)


def _death(order: Order) -> Kitchen:
    """FAILED is what becomes of an order that nobody took; `expired_at` says that its time ran out."""
    ended = [one.details for one in order.fulfillments if one.state != "COMPLETED"]
    if any(one.expired_at for one in ended):
        return Kitchen.EXPIRED
    failed = any(one.state == "FAILED" or one.details.rejected_at for one in order.fulfillments)
    return Kitchen.REJECTED if failed and not any(one.was_accepted for one in ended) else Kitchen.CANCELLED


def _event_update(event: Event, version: int, reading: Reading) -> OrderUpdate:
    """Events are thin, and do not tell how far anything is: they are worth a fetch, no more."""
    changed = event.order
    if event.type not in WAKES:
        raise UnknownMessageError(tr("{kind} is not used here", kind=event.type))
    if not changed.order_id:
        raise ProtocolError(tr("An event that names no order"))
    if reading.location and changed.location_id and changed.location_id != reading.location:
        raise UnknownMessageError(tr("about another location: {location}", location=changed.location_id))
    if changed.state == DRAFT:
        raise UnknownMessageError(tr("not the counter's business as it stands: {status}", status=changed.state))
    return OrderUpdate(changed.order_id, version, incomplete=True)


def _facts(order: Order, reading: Reading) -> OrderFacts:
    if order.created_at is None:
        raise ValueError("no time of creation")
    first = _first(order)
    due = first.details.pickup_at or first.details.deliver_at
    charges = money.charges_of(order)
    kind = FULFILMENT.get(first.type, Fulfilment.DELIVERY if first.type == "SHIPMENT" else Fulfilment.PICKUP)
    return OrderFacts(
        number=call_number(order),
        reference=order.reference_id or order.id,
        fulfilment=kind,
        placed_at=order.created_at,
        total=order.total_money,
        lines=tuple(_line(line, order) for line in order.line_items),
        shop=reading.shop,
        source=order.source.name if order.source else "",
        due_at=due,
        scheduled=_scheduled(first.details, order.created_at, due),
        decide_by=first.details.expires_at,
        charges=charges,
        deductions=money.deductions_of(order),
        paid=money.paid(order),
        customer=_customer(first.details, kind),
        note="\n".join(_notes(order)),
        checks=tuple(_checks(order, charges)),
    )


def call_number(order: Order) -> str:
    """The short number called out. Square counts no orders per day: the sender's number, a ticket name with a figure in it,
    or what of the id is different each time."""
    if order.reference_id:
        return order.reference_id if len(order.reference_id) <= 6 else order.reference_id[-4:]
    if len(order.ticket_name) <= 6 and any(letter.isdigit() for letter in order.ticket_name):
        return order.ticket_name
    return order.id.removesuffix(_ID_TAIL)[-4:]


def _first(order: Order) -> Fulfillment:
    """The fulfilment that stands for the order: a living one before those that ended."""
    return next((one for one in order.fulfillments if one.state in LIVE), order.fulfillments[0])


def _scheduled(details: Details, placed: datetime, due: datetime | None) -> bool:
    """SCHEDULED is what the wire says by default (documented), so a time soon after the order is taken for "at once"."""
    return details.schedule_type != "ASAP" and due is not None and due - placed >= LATER


def _line(line: Line, order: Order) -> OrderLine:
    currency = order.total_money.currency
    return OrderLine(
        key=line.uid,
        name=f"{line.name} ({line.variation_name})" if _says_more(line) else line.name,
        quantity=line.quantity,
        unit_price=money.unit_price(line, currency),
        total=money.line_total(line, currency),
        options=tuple(_options(line)),
        note=line.note,
        sku=line.catalog_object_id,
    )


def _says_more(line: Line) -> bool:
    """Square calls the only variation of a dish "Regular"."""
    return line.variation_name not in ("", "Regular", line.name)


def _options(line: Line) -> Iterator[Option]:
    """The wire does not tell a variant from an addition or a removal: the words do."""
    for one in line.modifiers:
        quantity = int(one.quantity) if one.quantity is not None else 1
        if quantity:
            yield Option(one.name, quantity=quantity, price=one.base_price_money)


def _delivery(order: Order) -> Delivery | None:
    """Only a delivery has one, and Square shows no steps between asking a courier and the end."""
    first = _first(order)
    if first.type != "DELIVERY" or _unknown(order):
        return None
    if first.state == "COMPLETED":
        return Delivery.DELIVERED
    if first.state == "FAILED" and first.details.was_accepted:
        return Delivery.FAILED
    return Delivery.ASSIGNED if first.details.courier_provider_name else Delivery.PENDING


def _courier(order: Order) -> Courier | None:
    """Who carries it. The number is the courier service's own, so it may be shown."""
    details = _first(order).details
    if not details.courier_provider_name and not details.courier_support_phone_number:
        return None
    return Courier(details.courier_provider_name, details.courier_support_phone_number, details.courier_pickup_at)


def _payment(order: Order) -> Payment:
    given_back = money.refunded(order)
    if given_back:
        return Payment.PART_REFUNDED if given_back < order.total_money else Payment.REFUNDED
    return Payment.PAID if money.paid(order) else Payment.UNPAID


def _reason(order: Order) -> str:
    return " · ".join(dict.fromkeys(one.details.cancel_reason for one in order.fulfillments if one.details.cancel_reason))


def _notes(order: Order) -> Iterator[str]:
    for one in order.fulfillments:
        yield from filter(None, (one.details.note, one.details.dropoff_notes))
        if one.details.is_curbside_pickup:
            yield tr("Bring it to the customer's car")
        if one.details.is_no_contact_delivery:
            yield tr("Leave it at the door")


def _checks(order: Order, charges: tuple[Charge, ...]) -> Iterator[str]:
    yield from money.checks_of(order, charges)
    for kind in dict.fromkeys(one.type for one in order.fulfillments):
        if kind not in FULFILMENT:
            yield tr("unknown service type: {type}", type=kind)
    if len(order.fulfillments) > 1:
        yield tr("leaves the shop in {parts} parts: see Square", parts=len(order.fulfillments))


def _customer(details: Details, kind: Fulfilment) -> Customer:
    who = details.recipient
    if who is None:
        return Customer()
    place = _address(who.address) if kind is Fulfilment.DELIVERY and who.address else ""
    return Customer(_name(who.display_name), masked(who.phone_number), place)


def _name(shown: str) -> str:
    """First name and an initial, as the platforms with couriers of their own show it."""
    first, _, rest = shown.strip().partition(" ")
    last = rest.split()[-1] if rest.split() else ""
    return f"{first} {last[0]}." if len(last) > 1 and last.isalpha() else shown.strip()


def _address(place: Address) -> str:
    town = f"{place.postal_code} {place.locality}".strip()
    return ", ".join(filter(None, (place.address_line_1, place.address_line_2, place.address_line_3, town)))
