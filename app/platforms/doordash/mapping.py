"""DoorDash's pushes in the counter's words: pure functions, the most tested file of this platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Courier, Customer, Fulfilment, Option, OrderFacts, OrderLine
from app.platforms import shapes
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.doordash.events import Kind, Push, push_of
from app.platforms.doordash.money import charges_of, checks_of, deductions_of, line_total, total_of
from app.platforms.doordash.told import FAILED, read_verdict
from app.platforms.doordash.wire import Address, Dasher, Item, Order, instant
from app.texts import tr

SHORTEST, LONGEST = timedelta(minutes=3), timedelta(minutes=8)  # "3-8 minutes, varies by order" (vendor's guide)
DELIVERY = {
    "dasher_confirmed": Delivery.ASSIGNED,
    "arriving_at_store": Delivery.ASSIGNED,  # 400 m away
    "arrived_at_store": Delivery.AT_STORE,
    "dasher_out_for_delivery": Delivery.PICKED_UP,
    "dropoff": Delivery.DELIVERED,
}
FULFILMENT = {
    "dx_delivery": Fulfilment.DELIVERY,
    "mx_fleet_delivery": Fulfilment.DELIVERY,
    "pickup": Fulfilment.PICKUP,
    "": Fulfilment.DELIVERY,
}
CHANNELS = {"CAVIAR": "Caviar", "STOREFRONT": "Storefront", "WHITE_LABELED": "Drive", "DOORDASH_CHECKOUT": "Checkout"}
CURRENCIES = ("USD", "CAD", "AUD", "NZD")  # the countries where DoorDash itself trades
# Besides pydantic's errors (ValueError): absurd numbers, absurd years, absurd nesting.
UNREADABLE = (*shapes.UNREADABLE, AttributeError)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the wire does not tell: the account's currency, the shop, and how long DoorDash waits at least."""

    currency: str = CURRENCIES[0]
    shop: str = ""
    store_id: str = ""
    decision: timedelta = SHORTEST


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored message. Raises ProtocolError or UnknownMessageError."""
    try:
        if message.kind == FAILED:
            return (read_verdict(message),)
        return (_update(push_of(message.body), message, reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not an order or event in DoorDash's form: {what}", what=shapes.short(error))) from error


def order_number(order: Order) -> str:
    """What the Dasher says at the counter; without it, the end of the id."""
    return order.delivery_short_code or order.id[-4:].upper()


def event_version(push: Push, heard: int) -> int:
    """Milliseconds: a Dasher report's own time; everything else on this wire is timeless, and as old as its arrival."""
    if push.kind is not Kind.DASHER:
        return heard
    try:
        at = instant(push.content.get("created_at") or push.fields.get("created_at"))
        return int(at.timestamp() * 1000) if at else heard
    except UNREADABLE:
        return heard


def _update(push: Push, message: Message, reading: Reading) -> OrderUpdate:
    if _is_foreign(push, reading):
        raise UnknownMessageError(tr("a message of another shop: {shop}", shop=_store_of(push)))
    if push.kind in (Kind.ORDER, Kind.ADJUSTED):
        return _order_update(push, message, reading)
    if push.kind is Kind.OTHER:
        raise UnknownMessageError(tr("a message about no order: {name}", name="DoorDash"))
    if not push.order_id:
        raise ProtocolError(tr("An event that names no order"))
    if push.kind is Kind.DASHER:
        return _dasher_update(push, message.version)
    # A release says that the Dasher is near and a held order shall be cooked now.
    kitchen = Kitchen.CANCELLED if push.kind is Kind.CANCELLED else Kitchen.PREPARING
    return OrderUpdate(push.order_id, message.version, kitchen=kitchen)


def _is_foreign(push: Push, reading: Reading) -> bool:
    """All restaurants of one provider share one address at DoorDash."""
    store = _store_of(push)
    return bool(reading.store_id and store) and store != reading.store_id


def _store_of(push: Push) -> str:
    store = push.fields.get("store")
    found = store.get("merchant_supplied_id") if isinstance(store, dict) else push.fields.get("location_id")
    return str(found) if isinstance(found, str | int) else ""


def _order_update(push: Push, message: Message, reading: Reading) -> OrderUpdate:
    """A status other than NEW is in no document: kept and shown. An adjusted order's status says nothing of the kitchen."""
    order = Order.model_validate(push.content.get("order"))
    event = push.content.get("event")
    status = event.get("status") if isinstance(event, dict) else "NEW"
    is_new, adjusted = status == "NEW", push.kind is Kind.ADJUSTED
    return OrderUpdate(
        order.id,
        message.version,
        facts=_facts(order, placed_at(message), reading),
        kitchen=Kitchen.NEW if is_new and not adjusted else None,
        payment=Payment.PAID,
        unmapped="" if is_new or adjusted else str(status) or "-",
    )


def placed_at(message: Message) -> datetime:
    """The order's arrival. A later message about it carries that behind an @ in its kind."""
    _, _, first = message.kind.partition("@")
    return datetime.fromtimestamp((int(first) if first else message.version) / 1000, UTC)


def _facts(order: Order, placed: datetime, reading: Reading) -> OrderFacts:
    currency, items = reading.currency, order.dishes()
    group = len({item.consumer_name for _, item in items}) > 1
    lines = tuple(_line(at, category, item, currency, group) for at, (category, item) in enumerate(items, 1))
    total = total_of(order, currency)
    charges = charges_of(order, Money.total((line.total for line in lines), currency))
    return OrderFacts(
        number=order_number(order),
        reference=order.id,
        fulfilment=Fulfilment.PICKUP if order.is_pickup else FULFILMENT.get(order.fulfillment_type, Fulfilment.DELIVERY),
        placed_at=placed,
        total=total,
        total_told=False,
        lines=lines,
        shop=reading.shop,
        source=CHANNELS.get(order.experience, ""),
        due_at=order.estimated_pickup_time,
        scheduled=bool(order.is_scheduled),
        decide_by=placed + reading.decision,
        charges=charges,
        deductions=deductions_of(order, currency),
        customer=_customer(order),
        note=order.order_special_instructions,
        tableware=0 if order.is_plastic_ware_option_selected is False else None,
        pickup_code=order.delivery_short_code,
        checks=(*checks_of(total, lines, charges), *_odd_type(order)),
    )


def _line(place: int, category: str, item: Item, currency: str, group: bool) -> OrderLine:
    total = line_total(item, currency)
    options = tuple(Option(one.name, quantity=int(one.quantity), price=Money(one.price, currency)) for one in item.chosen())
    return OrderLine(
        key=item.line_item_id or str(place),
        name=item.name,
        quantity=item.quantity,
        unit_price=Money(item.price, currency),
        total=total,
        options=options,
        note=item.special_instructions,
        sku=item.merchant_supplied_id,
        category=category,
        basket=item.consumer_name if group else "",
    )


def _customer(order: Order) -> Customer:
    """The number is DoorDash's support or its relay, never the customer's own: starred, nobody could be called."""
    found = order.consumer
    if found is None:
        return Customer(address=_address(order))
    return Customer(f"{found.first_name} {found.last_name}".strip(), found.phone, _address(order))


def _address(order: Order) -> str:
    found = order.delivery_address or Address()
    place = (found.street, found.subpremise, found.city, f"{found.state} {found.zip_code}".strip())
    return ", ".join(part for part in (*place, order.address_instructions or found.address_instructions) if part)


def _odd_type(order: Order) -> Iterator[str]:
    if order.fulfillment_type not in FULFILMENT:
        yield tr("unknown service type: {type}", type=order.fulfillment_type)


def _dasher_update(push: Push, version: int) -> OrderUpdate:
    """With the food at the door DoorDash's part is over: nothing later is ever told."""
    status = str(push.fields.get("dasher_status") or "-")
    state = DELIVERY.get(status)
    return OrderUpdate(
        push.order_id,
        version,
        kitchen=Kitchen.COMPLETED if state is Delivery.DELIVERED else None,
        delivery=state,
        courier=_courier(push.fields),
        unmapped="" if state else status,
    )


def _courier(fields: Mapping[str, Any]) -> Courier | None:
    """Older reports have the Dasher's fields beside the others. A name and what they drive: that is who comes in."""
    inner = fields.get("dasher")
    dasher = Dasher.model_validate(inner if isinstance(inner, dict) else fields)
    vehicle = dasher.vehicle
    drives = " ".join(part for part in (vehicle.color, vehicle.make, vehicle.model) if part) if vehicle else ""
    name = f"{dasher.first_name} {dasher.last_name}".strip()
    shown = f"{name} ({drives})" if name and drives else name or drives
    return Courier(shown, dasher.phone_number) if shown or dasher.phone_number else None
