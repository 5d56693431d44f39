"""An order of the previous generation as facts: fees by name, tax and tips as far as the total contains them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.domain.commands import CommandKind
from app.domain.money import Money
from app.domain.orders import Charge, Customer, Fulfilment, Option, OptionKind, OrderFacts, OrderLine
from app.platforms.uber_eats import money
from app.platforms.uber_eats.people import address_of, note_of, phone
from app.platforms.uber_eats.previous_wire import Charges, Eater, EaterDelivery, Item, Order, Price
from app.texts import tr

FULFILMENT = {
    "PICK_UP": Fulfilment.PICKUP,
    "DINE_IN": Fulfilment.DINE_IN,
    "DELIVERY_BY_UBER": Fulfilment.DELIVERY,
    "DELIVERY_BY_RESTAURANT": Fulfilment.DELIVERY,
}
FEES = ("bag_fee", "pick_and_pack_fee", "delivery_fee", "small_order_fee")
# The wire has no flag for it: an order wanted this much later than it was placed was ordered for later.
SCHEDULED_AFTER = timedelta(minutes=60)


def facts(order: Order, window: timedelta) -> OrderFacts:
    """Everything but how far the order has come."""
    charges = order.payment.charges
    lines = tuple(_line(item, order) for item in order.cart.items)
    known = tuple(money.explained(charges.total, lines, list(_certain(order)), list(_perhaps(charges))))
    scheduled = _is_scheduled(order)
    return OrderFacts(
        number=order.display_id or order.id[-5:],
        reference=order.id,
        fulfilment=FULFILMENT.get(order.type, Fulfilment.DELIVERY),
        placed_at=order.placed_at,
        total=charges.total,
        lines=lines,
        shop=order.store.name if order.store else "",
        source="Postmates" if order.brand == "POSTMATES" else "",
        due_at=order.estimated_ready_for_pickup_at,
        scheduled=scheduled,
        # An order for later is offered long after it was placed, at a moment that is not on the wire.
        decide_by=None if scheduled else order.placed_at + window,
        charges=known,
        paid=order.paid,
        customer=_customer(order.eater),
        note=order.cart.special_instructions,
        tableware=_tableware(order),
        checks=tuple(_checks(order, lines, known)),
        not_offered=frozenset({CommandKind.READY}),  # this generation has no word for it
    )


def _is_scheduled(order: Order) -> bool:
    ready = order.estimated_ready_for_pickup_at
    return ready is not None and ready - order.placed_at >= SCHEDULED_AFTER


def _line(item: Item, order: Order) -> OrderLine:
    nothing = Money.zero(order.payment.charges.total.currency)
    price = item.price or Price()
    allergy = item.special_requests.allergy if item.special_requests else None
    allergens = [one.freeform_text or one.type for one in allergy.allergens_to_exclude] if allergy else []
    return OrderLine(
        key=item.instance_id or item.id,
        name=item.title,
        quantity=item.quantity,
        unit_price=price.base_unit_price or price.unit_price or nothing,
        total=price.total_price or nothing,
        options=tuple(_options(item)),
        note=note_of(item.special_instructions, allergens, allergy.allergy_instructions if allergy else ""),
        sku=item.external_data or item.id,
        basket=_basket(item, order),
    )


def _options(item: Item) -> Iterator[Option]:
    """Everything but a removal is a choice: the wire does not tell additions from variants."""
    for group in item.selected_modifier_groups:
        for one in group.selected_items:
            yield Option(one.title, quantity=int(one.quantity), price=one.price.unit_price if one.price else None)
            yield from _options(one)
        for one in group.removed_items:
            yield Option(one.title, OptionKind.REMOVE)


def _basket(item: Item, order: Order) -> str:
    """Whose dish it is in a group order."""
    names = {eater.id: eater.first_name for eater in order.eaters if eater.id}
    return names.get(item.eater_id, "") if len(names) > 1 else ""


def _certain(order: Order) -> Iterator[Charge]:
    charges, rest = order.payment.charges, order.payment.charges.total_fee
    for name in FEES:
        amount: Money | None = getattr(charges, name)
        if amount:
            yield money.fee(name, amount)
            rest = rest - amount if rest else None
    if rest and rest.minor > 0:  # `total_fee` is the sum of the named ones, and of some that have no name here
        yield money.fee("other_fees", rest)
    if charges.total_promo_applied:
        found = order.payment.promotions
        yield money.discount([one.promo_type for one in found.promotions] if found else [], charges.total_promo_applied)


def _perhaps(charges: Charges) -> Iterator[Charge]:
    if charges.tax:
        yield money.tax(charges.tax)
    if charges.tip:
        yield money.tip(charges.tip)
    if charges.total_fee_tax:
        yield money.tax(charges.total_fee_tax)


def _tableware(order: Order) -> int | None:
    """One set for each who eats, if wanted at all; None when the restaurant decides."""
    wish = order.packaging.disposable_items if order.packaging else None
    if wish is None or wish.should_include is None:
        return None
    return max(1, len(order.eaters)) if wish.should_include else 0


def _customer(eater: Eater | None) -> Customer:
    if eater is None:
        return Customer()
    initial = f"{eater.last_name[:1]}." if eater.last_name else ""
    name = " ".join(filter(None, (eater.first_name, initial)))
    return Customer(name, phone(eater.phone, eater.phone_code), _address(eater.delivery))


def _address(delivery: EaterDelivery | None) -> str:
    if delivery is None:
        return ""
    place = delivery.location if isinstance(delivery.location, dict) else {"address": delivery.location}
    names = ("address", "street_address", "street_address_line_one", "street_address_line_two", "unit_number")
    parts = [str(place[name]) for name in (*names, "business_name", "postal_code", "city") if place.get(name)]
    return address_of(*parts, delivery.notes)


def _checks(order: Order, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> Iterator[str]:
    yield from money.checks(order.payment.charges.total, lines, charges)
    if any(item.price is None or item.price.total_price is None for item in order.cart.items):
        yield tr("a dish came without its total")
    if order.type not in FULFILMENT:
        yield tr("unknown service type: {type}", type=order.type)
