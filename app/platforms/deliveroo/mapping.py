"""Deliveroo's orders and events in the counter's words: pure functions, the most tested file of this platform."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.domain.changes import OrderUpdate
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.orders import Courier, Customer, Fulfilment, Option, OrderFacts, OrderLine
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.deliveroo.money import charges_of, checks_of, dishes_of, total_of
from app.platforms.deliveroo.wire import Address, Item, Order, Rider, RiderReport, WireCustomer, instant
from app.platforms.shapes import UNREADABLE, masked, short
from app.texts import tr

# The documented statuses, and "delivered", which two public clients list and no document names.
KITCHEN = {
    "pending": Kitchen.NEW,
    "placed": Kitchen.NEW,
    "accepted": Kitchen.ACCEPTED,
    "confirmed": Kitchen.PREPARING,  # a scheduled order whose cooking begins
    "delivered": Kitchen.COMPLETED,
    "rejected": Kitchen.REJECTED,  # by the shop or by the clock: the wire does not say which
    "canceled": Kitchen.CANCELLED,
}
DELIVERY = {
    "rider_assigned": Delivery.ASSIGNED,
    "rider_arrived": Delivery.AT_STORE,
    "rider_confirmed_at_restaurant": Delivery.AT_STORE,
    "rider_in_transit": Delivery.PICKED_UP,
    "rider_unassigned": Delivery.PENDING,
}
FULFILMENT = {
    "deliveroo": Fulfilment.DELIVERY,
    "restaurant": Fulfilment.DELIVERY,
    "autonomous": Fulfilment.DELIVERY,
    "customer": Fulfilment.PICKUP,
    "table_service": Fulfilment.DINE_IN,
}
ORDER_EVENTS = frozenset({"order.new", "order.status_update", "orders.new", "orders.status_update"})
RIDER_EVENT = "rider.status_update"
# The deprecated POS webhook: the first is sent when the site accepted the order, the second when it was cancelled.
LEGACY_EVENTS = {"new_order": Kitchen.ACCEPTED, "cancel_order": Kitchen.CANCELLED}
DECISION_WINDOW = timedelta(minutes=10)
DECISIONS = frozenset({CommandKind.ACCEPT, CommandKind.REJECT})  # taken on the tablet where a site has one
SHORT_WINDOW, SHORT_MARKETS = timedelta(minutes=7), frozenset({"ae", "kw"})  # Update Order Status page


@dataclass(frozen=True, slots=True)
class Reading:
    """How the account wants its orders read: the shop's name, the time to decide where it is not the market's own, and
    whether the site has Deliveroo's tablet, for orders that do not say so.
    """

    shop: str = ""
    decision: timedelta | None = None
    tablet: bool = False

    def has_tablet(self, tabletless: bool | None) -> bool:
        """An order says it of its site; the account form decides for those that do not."""
        return self.tablet if tabletless is None else not tabletless


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored message of kind "order" or "event". Raises ProtocolError or UnknownMessageError."""
    try:
        found = json.loads(message.body)
        if message.kind == "order":
            return (order_update(order_of(found), message.version, reading),)
        return (_event_update(found, message, reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not an order or event in Deliveroo's form: {what}", what=short(error))) from error


def order_of(found: Any) -> Order:
    """An order, bare or wrapped (`{"order": …}`: the answer's form is not documented; a push adds `{"body": …}`).

    ValueError for anything else.
    """
    for wrapper in ("body", "order"):
        if isinstance(found, dict) and "id" not in found and isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    return Order.model_validate(found)


def order_update(order: Order, version: int, reading: Reading) -> OrderUpdate:
    """A whole order as a report."""
    unknown = sorted(status or "(no status)" for status in order.statuses - KITCHEN.keys())
    return OrderUpdate(
        order.id,
        version,
        facts=_facts(order, version, reading),
        kitchen=None if unknown else kitchen_of(order),
        payment=Payment.UNPAID if order.cash_due else Payment.PAID,
        unmapped=unknown[0] if unknown else "",
    )


def kitchen_of(order: Order) -> Kitchen:
    """The furthest known step, an end winning over all (the order of `Kitchen`)."""
    known = [KITCHEN[status] for status in order.statuses if status in KITCHEN]
    return max(known, key=list(Kitchen).index, default=Kitchen.NEW)


def placed_at(order: Order) -> datetime | None:
    """When the order reached the site; the log may begin with the moments before."""
    stamps = [stamp.at for stamp in order.status_log if stamp.at]
    return order.reached("placed") or min(stamps, default=None)


def event_order_id(found: Mapping[str, Any]) -> str:
    """The order an event is about, "" for events about none."""
    body = found.get("body")
    inner = body if isinstance(body, dict) else found
    order = inner.get("order")
    return str((order.get("id") if isinstance(order, dict) else inner.get("order_id")) or "")


def event_version(found: Any) -> int:
    """Milliseconds of the latest moment an event tells of: its content was true then. 0 where it tells of none."""
    return max((int(at.timestamp() * 1000) for at in _moments(found)), default=0)


def _moments(found: Any, depth: int = 6) -> Iterator[datetime]:
    """The log's entries, and in deprecated events, whose field names are not known, the time beside the event's name."""
    if not isinstance(found, dict | list) or not depth:
        return
    pairs = found.items() if isinstance(found, dict) else (("", one) for one in found)
    for name, value in pairs:
        if name == "at" or (name.endswith("_at") and "event" in found):
            try:
                at = instant(value)
            except UNREADABLE:
                continue
            if at:
                yield at
        elif name in ("", "body", "order", "status_log", "riders"):
            yield from _moments(value, depth - 1)


def _event_update(found: Any, message: Message, reading: Reading) -> OrderUpdate:
    if not isinstance(found, dict):
        raise TypeError("not an object")
    event, body = found.get("event"), found.get("body")
    if event in ORDER_EVENTS and isinstance(body, dict):
        return order_update(order_of(body.get("order")), message.version, reading)
    if event == RIDER_EVENT and isinstance(body, dict):
        return _rider_update(RiderReport.model_validate(body), message.version)
    if isinstance(event, str) and event in LEGACY_EVENTS:
        return _legacy_update(LEGACY_EVENTS[event], event_order_id(found), message.version)
    raise UnknownMessageError(tr("{kind} is not used here", kind=str(event)[:60]))


def _legacy_update(kitchen: Kitchen, order_id: str, version: int) -> OrderUpdate:
    """The fields of a deprecated event's order are not documented any more: it is worth a fetch, and no more."""
    if not order_id:
        raise ProtocolError(tr("An event that names no order"))
    return OrderUpdate(order_id, version, kitchen=kitchen, incomplete=True)


def _rider_update(report: RiderReport, version: int) -> OrderUpdate:
    move = last_move(report)
    if move is None:
        return OrderUpdate(report.order_id, version)
    courier = Courier() if move.state is Delivery.PENDING else _courier(move.rider)
    unmapped = "" if move.state else move.status
    return OrderUpdate(report.order_id, version, delivery=move.state, courier=courier, unmapped=unmapped)


class Move(NamedTuple):
    """What a rider did; no `state` for a word that no document names."""

    rider: Rider
    status: str
    state: Delivery | None


def last_move(report: RiderReport) -> Move | None:
    """Of the rider who stands for the order, who moved last; the wire keeps unassigned ones in the list.

    Of two moves at one moment the later entry of the log counts.
    """
    never = datetime.min.replace(tzinfo=UTC)
    stamps = [(stamp.at or never, at, stamp.status) for at, one in enumerate(report.riders) for stamp in one.status_log]
    if not stamps:
        return None
    _, place, status = max(reversed(stamps), key=lambda stamp: stamp[:2])
    return Move(report.riders[place], status, DELIVERY.get(status))


def _courier(rider: Rider) -> Courier:
    return Courier(rider.full_name, _phone(rider.bridge_number, rider.bridge_code, rider.contact_number), _eta(rider))


def _eta(rider: Rider) -> datetime | None:
    """When the rider reaches the shop; over once they have left it."""
    return None if any(stamp.status == "rider_in_transit" for stamp in rider.status_log) else rider.estimated_arrival_time


def _facts(order: Order, version: int, reading: Reading) -> OrderFacts:
    totals = dishes_of(order)
    total = total_of(order)
    lines = tuple(_line(at, item, money) for at, (item, money) in enumerate(zip(order.items, totals, strict=True), 1))
    charges, deductions = charges_of(order, sum(totals, total - total))
    placed = placed_at(order) or datetime.fromtimestamp(version / 1000, UTC)
    return OrderFacts(
        number=order.display_id or order.order_number[-4:] or order.id[-4:],
        reference=order.order_number or order.id,
        fulfilment=FULFILMENT.get(order.fulfillment_type, Fulfilment.DELIVERY),
        placed_at=placed,
        total=total,
        lines=lines,
        shop=reading.shop,
        due_at=order.prepare_for,
        scheduled=order.asap is False,
        decide_by=_decide_by(order, placed, reading),
        charges=charges,
        deductions=deductions,
        paid=not order.cash_due,
        customer=_customer(order),
        note="\n".join(_notes(order)),
        tableware=0 if order.cutlery_notes.upper().startswith("NO CUTLERY") else None,
        checks=(*checks_of(order, lines, charges), *_odd_type(order)),
        not_offered=DECISIONS if reading.has_tablet(order.is_tabletless) else frozenset(),
    )


def _decide_by(order: Order, placed: datetime, reading: Reading) -> datetime | None:
    """Documented for orders wanted at once; when a scheduled order is given up is not."""
    if order.asap is False:
        return None
    market = order.id.partition(":")[0]
    return placed + (reading.decision or (SHORT_WINDOW if market in SHORT_MARKETS else DECISION_WINDOW))


def _line(place: int, item: Item, total: Any) -> OrderLine:
    """Dishes have no ids on this wire, and an order is never changed: the place is the key."""
    return OrderLine(
        key=str(place),
        name=item.operational_name or item.name,
        quantity=item.quantity,
        unit_price=item.unit_price or total,
        total=total,
        options=tuple(_options(item)),
        sku=item.pos_item_id,
    )


def _options(item: Item) -> Iterator[Option]:
    """Modifiers of modifiers follow their own; the wire does not tell additions and removals from choices."""
    for modifier in item.modifiers:
        name = modifier.operational_name or modifier.name
        yield Option(name, quantity=int(modifier.quantity), price=modifier.unit_price)
        yield from _options(modifier)


def _notes(order: Order) -> Iterator[str]:
    if order.remake_details and order.remake_details.parent_order_id:
        yield tr("Made again for an earlier order")
    if order.order_notes:
        yield order.order_notes
    if order.cutlery_notes and not order.cutlery_notes.upper().startswith("NO CUTLERY"):
        yield order.cutlery_notes


def _odd_type(order: Order) -> Iterator[str]:
    if order.fulfillment_type not in FULFILMENT:
        yield tr("unknown service type: {type}", type=order.fulfillment_type)


def _customer(order: Order) -> Customer:
    found = order.customer or WireCustomer()
    address = order.delivery.address if order.delivery else None
    place = tr("Table {number}", number=order.table_number) if order.table_number else _address(address)
    before = 0 if found.order_frequency_at_site.upper() == "NEW CUSTOMER" else None
    phone = _phone(found.contact_number, found.contact_access_code, found.contact_number)
    return Customer(found.first_name, phone, place, before)


def _address(found: Address | None) -> str:
    if found is None:
        return ""
    street = found.address_line_1 or f"{found.street} {found.number}".strip()
    parts = (street, found.address_line_2, f"{found.postal_code} {found.city}".strip())
    return ", ".join(part for part in parts if part)


def _phone(relay: str, code: str, own: str) -> str:
    """A number with a code is Deliveroo's relay and may be shown; any other is somebody's own."""
    return f"{relay} #{code}" if relay and code else masked(own)
