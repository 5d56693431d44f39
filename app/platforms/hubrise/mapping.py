"""HubRise's messages in the counter's words: pure functions, the most tested file of this platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import CLOSED, Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import (
    Charge,
    ChargeKind,
    Courier,
    Customer,
    Fulfilment,
    Option,
    OptionKind,
    OrderFacts,
    OrderLine,
    Party,
)
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.hubrise.wire import (
    DealLine,
    Event,
    Item,
    Order,
    OrderStatus,
    WireCharge,
    WireCustomer,
    WireDelivery,
    WireOption,
)
from app.platforms.shapes import UNREADABLE, masked, short
from app.texts import tr

# Documentation "orders", statuses. `delivery_failed` left the kitchen: only the delivery went wrong.
KITCHEN = {
    "new": Kitchen.NEW,
    "received": Kitchen.NEW,
    "accepted": Kitchen.ACCEPTED,
    "in_preparation": Kitchen.PREPARING,
    "awaiting_shipment": Kitchen.READY,
    "awaiting_collection": Kitchen.READY,
    "in_delivery": Kitchen.HANDED_OVER,
    "completed": Kitchen.COMPLETED,
    "rejected": Kitchen.REJECTED,
    "cancelled": Kitchen.CANCELLED,
    "delivery_failed": Kitchen.HANDED_OVER,
}
# "approaching" is still on the road. A cancelled delivery may be booked again: a newer report then wins over FAILED.
DELIVERY = {
    "pending": Delivery.PENDING,
    "pickup_enroute": Delivery.ASSIGNED,
    "pickup_approaching": Delivery.ASSIGNED,
    "pickup_waiting": Delivery.AT_STORE,
    "dropoff_enroute": Delivery.PICKED_UP,
    "dropoff_approaching": Delivery.PICKED_UP,
    "dropoff_waiting": Delivery.PICKED_UP,
    "delivered": Delivery.DELIVERED,
    "cancelled": Delivery.FAILED,
}
FULFILMENT = {"delivery": Fulfilment.DELIVERY, "collection": Fulfilment.PICKUP, "eat_in": Fulfilment.DINE_IN}
# The charge types were withdrawn from the wire; names are free text of the sending app, so this is a best effort.
CHARGE_WORDS = (
    (ChargeKind.DELIVERY, ("deliver", "livraison", "liefer", "shipping", "envío")),
    (ChargeKind.PACKAGING, ("bag", "pack", "emballage", "verpack", "sac")),
    (ChargeKind.TIP, ("tip", "pourboire", "trinkgeld", "propina")),
    (ChargeKind.SERVICE, ("service",)),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The account's settings that decide how an order reads.

    `decision`: how long the sending app waits for an answer, where the shop knows it; HubRise does not tell.
    `scheduled_after`: an order wanted later than this after it was placed was ordered for later. The wire has no flag,
    and senders give prompt orders an expected time too.
    """

    shop: str = ""
    decision: timedelta | None = None
    scheduled_after: timedelta = timedelta(minutes=60)


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored message of kind "event" or "order". Raises ProtocolError or UnknownMessageError."""
    try:
        found = json.loads(message.body)
        if message.kind == "order":
            return (order_update(found, message.version, reading),)
        return (_event_update(Event.model_validate(found), reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not an order or event in HubRise's form: {what}", what=short(error))) from error


def event_version(event: Event) -> int:
    """Milliseconds of the event's creation: its content was true then."""
    return int(event.created_at.timestamp() * 1000)


def order_update(found: Any, version: int, reading: Reading) -> OrderUpdate:
    """An order object as a report. ValueError (pydantic's) when it has not the documented form."""
    order = Order.model_validate(found)
    delivery, courier, odd = _delivery(order.delivery)
    if order.status == "in_delivery":
        delivery = max(delivery or Delivery.PICKED_UP, Delivery.PICKED_UP, key=list(Delivery).index)
    if order.status == "delivery_failed":
        delivery = Delivery.FAILED
    return OrderUpdate(
        order.id,
        version,
        facts=_facts(order, reading),
        kitchen=KITCHEN.get(order.status),
        delivery=delivery,
        payment=Payment.PAID if _paid(order) else Payment.UNPAID,
        courier=courier,
        reason=order.seller_notes if KITCHEN.get(order.status) in CLOSED else "",
        unmapped=odd if order.status in KITCHEN else order.status or "(no status)",
    )


def _event_update(event: Event, reading: Reading) -> OrderUpdate:
    if event.resource_type not in ("order", "delivery") or event.event_type not in ("create", "update"):
        raise UnknownMessageError(tr("{kind} is not used here", kind=f"{event.resource_type}.{event.event_type}"))
    if not event.order_id:
        raise ProtocolError(tr("An event that names no order"))
    if event.resource_type == "delivery":
        return _delivery_update(event)
    state = event.new_state or {}
    if "items" in state and "total" in state:
        update = order_update(state, event_version(event), reading)
        if update.order_id != event.order_id:
            raise ProtocolError(tr("An event about one order that carries another"))
        return update
    return _status_update(event, OrderStatus.model_validate(state))


def _status_update(event: Event, state: OrderStatus) -> OrderUpdate:
    """A callback without the order in it: worth a fetch."""
    kitchen = KITCHEN.get(state.status)
    return OrderUpdate(
        event.order_id,
        event_version(event),
        kitchen=kitchen,
        reason=state.seller_notes if kitchen in CLOSED else "",
        unmapped="" if kitchen else state.status,
        incomplete=True,
    )


def _delivery_update(event: Event) -> OrderUpdate:
    if event.new_state is None:
        return OrderUpdate(event.order_id, event_version(event), incomplete=True)
    delivery, courier, odd = _delivery(WireDelivery.model_validate(event.new_state))
    return OrderUpdate(event.order_id, event_version(event), delivery=delivery, courier=courier, unmapped=odd)


def _delivery(found: WireDelivery | None) -> tuple[Delivery | None, Courier | None, str]:
    if found is None:
        return None, None, ""
    state = DELIVERY.get(found.status)
    out = state in (Delivery.PICKED_UP, Delivery.DELIVERED)
    courier = Courier(
        name=found.driver_name or found.carrier,
        phone=_with_code(found.driver_phone, found.driver_phone_access_code),
        eta=found.estimated_dropoff_at if out else found.estimated_pickup_at,
        text=found.status if state is Delivery.FAILED else "",
    )
    return state, courier, "" if state or not found.status else f"delivery {found.status}"


def _facts(order: Order, reading: Reading) -> OrderFacts:
    due = order.confirmed_time or order.expected_time
    wanted = order.expected_time or order.created_at
    charges = tuple(_charges(order))
    lines = tuple(_line(item, order) for item in order.items if not item.deleted)
    return OrderFacts(
        number=call_number(order),
        reference=order.ref or order.id,
        fulfilment=FULFILMENT.get(order.service_type, Fulfilment.DELIVERY),
        placed_at=order.created_at,
        total=order.total,
        lines=lines,
        shop=reading.shop,
        source=order.created_by,
        due_at=due,
        scheduled=wanted - order.created_at >= reading.scheduled_after,
        decide_by=order.created_at + reading.decision if reading.decision else None,
        charges=charges,
        paid=_paid(order),
        customer=_customer(order.customer),
        note=order.customer_notes,
        pickup_code=order.collection_code,
        checks=tuple(_checks(order, lines, charges)),
    )


def call_number(order: Order) -> str:
    """The short number called out. HubRise counts no orders per day: the collection code is what rider and customer read
    aloud; without one the last four characters of the sender's number are the same on the sender's own receipt."""
    return order.collection_code or (order.ref or order.id)[-4:]


def _line(item: Item, order: Order) -> OrderLine:
    return OrderLine(
        key=item.id,
        name=f"{item.product_name} ({item.sku_name})" if item.sku_name else item.product_name,
        quantity=item.quantity,
        unit_price=item.price,
        total=_subtotal(item),
        options=tuple(_option(option) for option in item.options),
        note=item.customer_notes,
        sku=item.sku_ref,
        category=_deal_name(item.deal_line, order),
    )


def _option(option: WireOption) -> Option:
    """Everything but a removal is a choice: the wire does not tell additions from variants."""
    kind = OptionKind.REMOVE if option.removed else OptionKind.CHOICE
    return Option(option.name, kind, int(option.quantity), option.price)


def _subtotal(item: Item) -> Money:
    if item.subtotal is not None:
        return item.subtotal
    currency = item.price.currency
    extras = (option.price.major * option.quantity for option in item.options if option.price)
    return Money.parse((item.price.major + sum(extras)) * item.quantity, currency)


def _deal_name(place: DealLine | None, order: Order) -> str:
    deal = (order.deals or {}).get(place.deal_key) if place else None
    return str(deal.get("name") or "") if deal else ""


def _charges(order: Order) -> Iterator[Charge]:
    for charge in order.charges:
        if not charge.deleted:
            yield Charge(_charge_kind(charge), charge.name, charge.price, Party.CUSTOMER)
    for discount in order.discounts:
        if not discount.deleted:
            # At whose cost is not on the wire. The shop's is the careful reading: it never makes income look larger.
            yield Charge(ChargeKind.DISCOUNT, discount.name, -discount.price_off, Party.SHOP)


def _charge_kind(charge: WireCharge) -> ChargeKind:
    words = f"{charge.name} {charge.ref}".casefold()
    return next((kind for kind, known in CHARGE_WORDS if any(word in words for word in known)), ChargeKind.OTHER)


def _received(order: Order) -> Money:
    return Money.total((paid.amount for paid in order.payments if not paid.deleted), order.total.currency)


def _paid(order: Order) -> bool:
    """No payments: the customer pays at the door. Payments short of the total: there is still money to collect."""
    return not _received(order) < order.total


def _checks(order: Order, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> Iterator[str]:
    parts = [line.total for line in lines] + [charge.amount for charge in charges]
    difference = order.total - Money.total(parts, order.total.currency)
    if difference:
        yield tr("total differs from dishes, fees and discounts by {amount}", amount=difference)
    if _received(order) and not _paid(order):
        yield tr("paid {paid} of {total}", paid=_received(order), total=order.total)
    if any(item.subtotal is None for item in order.items if not item.deleted):
        yield tr("a dish came without its total")
    if order.service_type not in FULFILMENT:
        yield tr("unknown service type: {type}", type=order.service_type)


def _customer(found: WireCustomer | None) -> Customer:
    if found is None:
        return Customer()
    street = [found.address_1, found.address_2, f"{found.postal_code} {found.city}".strip()]
    address = ", ".join(part for part in street if part)
    notes = f" ({found.delivery_notes})" if found.delivery_notes else ""
    initial = f" {found.last_name[0]}." if found.last_name else ""
    return Customer(f"{found.first_name}{initial}".strip(), _phone(found), address + notes, found.nb_orders)


def _phone(found: WireCustomer) -> str:
    """A number with an access code is the platform's relay and may be shown; any other is the customer's own."""
    return _with_code(found.phone, found.phone_access_code) if found.phone_access_code else masked(found.phone)


def _with_code(phone: str, code: str) -> str:
    return f"{phone} #{code}" if phone and code else phone
