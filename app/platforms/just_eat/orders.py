"""An order of either family as the counter's facts: accepted from the beginning, since it is pushed only then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Charge, Fulfilment, Option, OrderFacts, OrderLine
from app.platforms.api import UnknownMessageError
from app.platforms.just_eat.money import Part, adjustments, breakdown, checks_of, deposit, line_totals, rest_of
from app.platforms.just_eat.older import Dish, Prepare
from app.platforms.just_eat.people import courier_of, customer_of, older_customer_of
from app.platforms.just_eat.wire import Item, Order
from app.texts import tr

FULFILMENT = {
    "delivery-by-delivery-partner": Fulfilment.DELIVERY,
    "delivery-by-merchant": Fulfilment.DELIVERY,
    "collection-by-customer": Fulfilment.PICKUP,
    "delivery": Fulfilment.DELIVERY,
    "collection": Fulfilment.PICKUP,
}
OWN_NAME = "Just Eat"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the account wants its orders read. `restaurant` "": orders of any are ours."""

    restaurant: str = ""
    shop: str = ""
    currency: str = "GBP"


@dataclass(frozen=True, slots=True)
class Bill:
    """An order's money, read so that it adds up if it can."""

    total: Money
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...]
    checks: tuple[str, ...]


def order_update(order: Order, version: int, reading: Reading) -> OrderUpdate:
    """JET Connect's order. UnknownMessageError for another restaurant's."""
    _ours(reading, order.pos_location_id)
    paid = order.payment_method.lower() != "cash"
    courier = courier_of(order.driver) if order.driver else None
    return OrderUpdate(
        order.id,
        version,
        facts=_facts(order, version, reading, paid),
        kitchen=Kitchen.ACCEPTED,
        payment=Payment.PAID if paid else Payment.UNPAID,
        courier=courier if courier and courier.name else None,
    )


def prepare_update(order: Prepare, version: int, reading: Reading) -> OrderUpdate:
    """The older API's order. UnknownMessageError for another restaurant's."""
    if order.restaurant:
        _ours(reading, order.restaurant.id, order.restaurant.reference)
    lines = order.payment.lines if order.payment else []
    paid = not any(line.type.lower() == "cash" and not line.paid for line in lines)
    return OrderUpdate(
        order.order_id,
        version,
        facts=_older_facts(order, version, reading, paid),
        kitchen=Kitchen.ACCEPTED,
        payment=Payment.PAID if paid else Payment.UNPAID,
    )


def failed_update(found: Mapping[str, Any], version: int, reading: Reading) -> OrderUpdate:
    """Just Eat believes that we do not have it. If that is so it is an order like any other; if we do have it, what we have
    is worth more, and staff must know that the device asks for it too."""
    told = found["order"]
    way, shop, notes = told.get("fulfilment") or {}, told.get("restaurant") or {}, told.get("customerNotes")
    order = Order.model_validate(
        {
            "id": told["orderId"],
            "third_party_order_reference": told.get("friendlyOrderReference"),
            "items": told.get("items"),
            "total": told.get("totalPrice"),
            "created_at": told.get("placedDate"),
            "type": way.get("type"),
            "collect_at": way.get("customerDueDate"),
            "kitchen_notes": notes if isinstance(notes, str) else "",
            "posLocationId": shop.get("id"),
        }
    )
    placed = aware(order.created_at, UTC)
    update = order_update(order, max(0, int(placed.timestamp() * 1000) - 1) if placed else version, reading)
    error = str(found.get("validationError") or "")
    return replace(update, payment=None, unmapped=f"backup flow: {error}" if error else "backup flow")


def aware(at: datetime | None, zone: tzinfo) -> datetime | None:
    """UTC; a time without an offset is the restaurant's."""
    if at is None:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _ours(reading: Reading, *named: str) -> None:
    if reading.restaurant and any(named) and reading.restaurant not in named:
        raise UnknownMessageError(tr("an order of another shop: {shop}", shop=next(name for name in named if name)))


def _facts(order: Order, version: int, reading: Reading, paid: bool) -> OrderFacts:
    zone, bill = _zone(order.location.timezone if order.location else ""), _bill(order, reading.currency)
    extras, kind = order.extras, order.type.lower()
    first, second = order.collect_at, order.deliver_at
    due = (second or first) if kind == "delivery-by-merchant" else (first or second)
    notes = (order.kitchen_notes, order.collection_notes, order.delivery_notes)
    source = order.channel.name if order.channel else ""
    return OrderFacts(
        number=order.third_party_order_reference or (extras.order_reference if extras else "") or order.id[-4:],
        reference=order.id,
        fulfilment=Fulfilment.DINE_IN if _dines_in(kind) else FULFILMENT.get(kind, Fulfilment.DELIVERY),
        placed_at=aware(order.created_at, zone) or datetime.fromtimestamp(version / 1000, UTC),
        total=bill.total,
        lines=bill.lines,
        shop=reading.shop,
        source="" if source == OWN_NAME else source,
        due_at=aware(due, zone),
        scheduled=bool(extras and extras.asap is False),
        charges=bill.charges,
        paid=paid,
        customer=customer_of(order.delivery or order.collector),
        note="\n".join(note for note in notes if note),
        checks=(*_odd(order.type), *bill.checks),
    )


def _older_facts(order: Prepare, version: int, reading: Reading, paid: bool) -> OrderFacts:
    way, shop = order.fulfilment, order.restaurant
    zone, bill = _zone(shop.timezone if shop else ""), _older_bill(order, reading.currency)
    method = way.method if way else ""
    return OrderFacts(
        number=order.friendly_reference or order.order_id[-6:],
        reference=order.order_id,
        fulfilment=FULFILMENT.get(method.lower(), Fulfilment.DELIVERY),
        placed_at=aware(order.placed, zone) or datetime.fromtimestamp(version / 1000, UTC),
        total=bill.total,
        lines=bill.lines,
        shop=(shop.name if shop else "") or reading.shop,
        due_at=aware((way.prepare_for or way.due) if way else None, zone),
        scheduled=bool(way and way.due_asap is False),
        charges=bill.charges,
        paid=paid,
        customer=older_customer_of(order),
        note="\n".join(order.notes),
        checks=(*_odd(method), *bill.checks),
    )


def _bill(order: Order, currency: str) -> Bill:
    """The wire names no currency: the account does."""
    payment = order.payment
    minor = order.total if order.total is not None else payment.final if payment else None
    if minor is None:
        raise ValueError("an order without a total")
    total = Money(minor, currency)
    charges, dishes = tuple(adjustments(payment, currency)), [_part(item, currency) for item in order.items]
    cart = payment.items_in_cart if payment else None
    totals = line_totals(dishes, rest_of(total, [], charges) if cart is None else Money(cart, currency), currency)
    charges += deposit(rest_of(total, totals, charges), payment)
    return Bill(total, _lines(dishes, totals), charges, checks_of(rest_of(total, totals, charges)))


def _older_bill(order: Prepare, fallback: str) -> Bill:
    currency = order.currency if re.fullmatch("[A-Z]{3}", order.currency) else fallback
    if order.total is None:
        raise ValueError("an order without a total")
    total, found = Money.parse(order.total, currency), order.breakdown
    charges, dishes = tuple(breakdown(found, currency)), [_older_part(dish, currency) for dish in order.items]
    goods = Money.parse(found.items, currency) if found and found.items is not None else rest_of(total, [], charges)
    totals = line_totals(dishes, goods, currency)
    return Bill(total, _lines(dishes, totals), charges, checks_of(rest_of(total, totals, charges)))


def _part(item: Item, currency: str) -> Part:
    unit, total = (None if amount is None else Money(amount, currency) for amount in (item.price, item.total))
    inner = tuple(_part(child, currency) for child in item.children)
    return Part(item.name, item.plu, item.quantity, unit, total, item.notes, inner)


def _older_part(dish: Dish, currency: str) -> Part:
    amounts = (dish.unit_price, dish.total_price)
    unit, total = (None if amount is None else Money.parse(amount, currency) for amount in amounts)
    name = f"{dish.name} ({dish.synonym})" if dish.synonym else dish.name
    inner = tuple(_older_part(one, currency) for one in dish.items)
    return Part(name, dish.reference, dish.quantity, unit, total, "", inner)


def _lines(dishes: Sequence[Part], totals: Sequence[Money]) -> tuple[OrderLine, ...]:
    """Dishes have no ids of their own on this wire: the place is the key."""
    return tuple(
        OrderLine(str(at), dish.name, dish.quantity, dish.unit or total, total, tuple(_options(dish)), dish.note, dish.sku)
        for at, (dish, total) in enumerate(zip(dishes, totals, strict=True), 1)
    )


def _options(dish: Part) -> Iterator[Option]:
    """Options of options follow their own; the wire does not tell additions and removals from choices."""
    for one in dish.parts:
        yield Option(one.name, quantity=max(1, int(one.quantity)), price=one.unit)
        yield from _options(one)


def _odd(kind: str) -> tuple[str, ...]:
    known = kind.lower() in FULFILMENT or _dines_in(kind.lower())
    return () if known else (tr("unknown service type: {type}", type=kind or "-"),)


def _dines_in(kind: str) -> bool:
    """Variants exist whose names were not found."""
    return "dine" in kind or "table" in kind


def _zone(name: str) -> tzinfo:
    return ZoneInfo(name) if name else UTC
