"""An order of the current generation as facts: prices are joined to dishes, tax and tips to the total. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Customer, Fulfilment, Option, OptionKind, OrderFacts, OrderLine, Party
from app.platforms.uber_eats import money
from app.platforms.uber_eats.current_wire import Allergy, Breakdown, CourierTrip, Detail, Item, Order, Person, Place, Request
from app.platforms.uber_eats.people import address_of, note_of
from app.texts import tr

FULFILMENT = {
    "PICKUP": Fulfilment.PICKUP,
    "PICK_UP": Fulfilment.PICKUP,
    "DINE_IN": Fulfilment.DINE_IN,
    "DELIVERY_BY_UBER": Fulfilment.DELIVERY,
    "DELIVERY_BY_RESTAURANT": Fulfilment.DELIVERY,
    "DELIVERY_BY_MERCHANT": Fulfilment.DELIVERY,
}


def facts(order: Order, window: timedelta) -> OrderFacts:
    """Everything but how far the order has come."""
    detail = order.payment.payment_detail
    lines = tuple(_lines(order))
    charges = tuple(money.explained(detail.order_total, lines, list(_certain(detail)), list(_perhaps(detail))))
    scheduled = _is_scheduled(order)
    return OrderFacts(
        number=order.display_id or order.id[-5:],
        reference=order.id,
        fulfilment=FULFILMENT.get(order.fulfillment_type, Fulfilment.DELIVERY),
        placed_at=order.created_time,
        total=detail.order_total,
        lines=lines,
        shop=order.store.name if order.store else "",
        due_at=_due(order),
        scheduled=scheduled,
        # An order for later may be offered long after it was placed, at a moment that is not on the wire.
        decide_by=None if scheduled else order.created_time + window,
        charges=charges,
        paid=order.paid,
        customer=_customer(order),
        note="; ".join(filter(None, (*(cart.special_instructions for cart in order.carts), order.store_instructions))),
        tableware=_tableware(order),
        checks=tuple(_checks(order, lines, charges)),
    )


def _is_scheduled(order: Order) -> bool:
    """The range stays when the order becomes active; the status does not."""
    span = order.scheduled_order_target_delivery_time_range
    return order.status == "SCHEDULED" or bool(span and span.start_time)


def _due(order: Order) -> datetime | None:
    """When the food must be ready; the customer's own time only where Uber says nothing better."""
    span = order.scheduled_order_target_delivery_time_range
    known = order.preparation_time.ready_for_pickup_time if order.preparation_time else None
    return known or (span.start_time if span else None)


def _lines(order: Order) -> Iterator[OrderLine]:
    detail = order.payment.payment_detail
    prices = {one.cart_item_id: one for one in detail.item_charges.price_breakdown} if detail.item_charges else {}
    nothing = Money.zero(detail.order_total.currency)
    for item in (item for cart in order.carts for item in cart.items):
        price = prices.get(item.cart_item_id, Breakdown())
        yield OrderLine(
            key=item.cart_item_id or item.id,
            name=item.title,
            quantity=item.quantity,
            unit_price=price.unit or nothing,
            total=price.total or nothing,
            options=tuple(_options(item, prices)),
            note=_note(item.customer_request),
            sku=item.external_data or item.id,
            basket=_basket(item, order),
        )


def _options(item: Item, prices: dict[str, Breakdown]) -> Iterator[Option]:
    """Everything but a removal is a choice: the wire does not tell additions from variants."""
    for group in item.selected_modifier_groups:
        for one in group.selected_items:
            price = prices.get(one.cart_item_id, Breakdown())
            yield Option(one.title, quantity=int(one.quantity), price=price.unit)
            yield from _options(one, prices)
        for one in group.removed_items:
            yield Option(one.title, OptionKind.REMOVE)


def _note(request: Request | None) -> str:
    if request is None:
        return ""
    allergy = request.allergy or Allergy()
    found = [str(one.get("type") or "") if isinstance(one, dict) else one or "" for one in allergy.allergens]
    return note_of(request.special_instructions, found, allergy.instructions)


def _basket(item: Item, order: Order) -> str:
    """Whose dish it is in a group order."""
    names = {person.id: person.name for person in order.customers if person.id}
    return names.get(item.customer_id, "") if len(names) > 1 else ""


def _certain(detail: Detail) -> Iterator[Charge]:
    fees, promotions = detail.fees, detail.promotions
    if fees and fees.total:
        named = [money.fee(one.id, one.amount) for one in fees.details if one.amount]
        complete = Money.total([one.amount for one in named], fees.total.currency) == fees.total
        yield from named if complete else [money.fee("fees", fees.total)]
    if promotions and promotions.total:
        yield money.discount([one.type for one in promotions.details], promotions.total)


def _perhaps(detail: Detail) -> Iterator[Charge]:
    if detail.tax:
        yield money.tax(detail.tax)
    if detail.tips and detail.tips.total:
        yield money.tip(detail.tips.total)
    if detail.adjustment and detail.adjustment.total:
        yield Charge(ChargeKind.OTHER, "Price changed by the shop", detail.adjustment.total, Party.CUSTOMER)


def _customer(order: Order) -> Customer:
    first = next((one for one in order.customers if one.is_primary_customer), None)
    person = first or next(iter(order.customers), Person())
    place = next((one for one in order.deliveries if one.location), CourierTrip())
    at = place.location or Place()
    lines = (at.street_address_line_one, at.street_address_line_two, at.unit_number, at.business_name)
    address = address_of(*lines, at.postal_code, at.city, place.instructions)
    return Customer(person.name, person.contact.shown if person.contact else "", address)


def _tableware(order: Order) -> int | None:
    """One set for each who eats, if wanted at all; None when nobody said."""
    wishes = [cart.include_single_use_items for cart in order.carts if cart.include_single_use_items is not None]
    if not wishes:
        return None
    return max(1, len(order.customers)) if any(wishes) else 0


def _checks(order: Order, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> Iterator[str]:
    detail = order.payment.payment_detail
    yield from money.checks(detail.order_total, lines, charges)
    priced = {one.cart_item_id for one in detail.item_charges.price_breakdown if one.total} if detail.item_charges else set()
    if any(item.cart_item_id not in priced for cart in order.carts for item in cart.items):
        yield tr("a dish came without its total")
    if order.fulfillment_type not in FULFILMENT:
        yield tr("unknown service type: {type}", type=order.fulfillment_type)
