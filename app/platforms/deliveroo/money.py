"""The money of a Deliveroo order. No document says what each figure contains, so parts are taken where they close the sum.

Seen on the wire: dishes with and without their modifiers in `total_price`, and a `total_price` of the order both before
and after the shop's own discount. What closes no sum is flagged, never corrected.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, OrderLine, Party
from app.platforms.deliveroo.wire import Item, Order
from app.texts import tr


def total_of(order: Order) -> Money:
    """What the customer pays for what the shop sells. ValueError when the order names no total at all."""
    known = (order.total_price, order.partner_order_total, order.partner_order_subtotal, order.subtotal)
    found = next((amount for amount in known if amount is not None), None)
    if found is None:
        raise ValueError("an order without a total")
    return found


def dishes_of(order: Order) -> list[Money]:
    """The total of each dish, its modifiers included in the one way that adds up to the order's subtotal."""
    currency = total_of(order).currency
    plain = [_own(item, currency) for item in order.items]
    beside = [_modifiers(item, currency) for item in order.items]
    each = [Money.parse(extra.major * item.quantity, currency) for item, extra in zip(order.items, beside, strict=True)]
    subtotal = order.subtotal if order.subtotal is not None else order.partner_order_subtotal
    for extras in (beside, each):
        if subtotal is None or Money.total(plain, currency) == subtotal:
            return plain
        with_extras = [one + extra for one, extra in zip(plain, extras, strict=True)]
        if Money.total(with_extras, currency) == subtotal:
            return with_extras
    return plain


def charges_of(order: Order, dishes: Money) -> tuple[tuple[Charge, ...], tuple[Charge, ...]]:
    """What makes up the total beside the dishes, and what is taken from the shop's income without being part of it."""
    possible = tuple(_possible(order))
    missing = total_of(order) - dishes
    taken = next((some for some in _fewer_and_fewer(possible) if _sum(some, missing.currency) == missing), possible)
    loose = [charge for charge in possible if charge.kind is ChargeKind.DISCOUNT and charge not in taken]
    deductions = (Charge(one.kind, one.name, -one.amount, one.borne_by) for one in loose if one.borne_by is Party.SHOP)
    return taken, tuple(deductions)


def checks_of(order: Order, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> Iterator[str]:
    """Sentences about figures that contradict one another."""
    total = total_of(order)
    rest = total - Money.total((line.total for line in lines), total.currency) - _sum(charges, total.currency)
    if rest:
        yield tr("total differs from dishes, fees and discounts by {amount}", amount=rest)
    if any(item.total_price is None for item in order.items):
        yield tr("a dish came without its total")


def _own(item: Item, currency: str) -> Money:
    if item.total_price is not None:
        return item.total_price
    return Money.parse(item.unit_price.major * item.quantity, currency) if item.unit_price else Money.zero(currency)


def _modifiers(item: Item, currency: str) -> Money:
    parts = (_own(modifier, currency) + _modifiers(modifier, currency) for modifier in item.modifiers)
    return Money.total(parts, currency)


def _possible(order: Order) -> Iterator[Charge]:
    fee = order.delivery.delivery_fee if order.delivery else None
    named = (
        (ChargeKind.PACKAGING, "Bag fee", order.bag_fee),
        (ChargeKind.OTHER, "Surcharge", order.surcharge),
        (ChargeKind.DELIVERY, "Delivery fee", fee),
    )
    yield from (Charge(kind, name, amount, Party.CUSTOMER) for kind, name, amount in named if amount)
    if order.offer_discount:
        yield Charge(ChargeKind.DISCOUNT, "Offer", -order.offer_discount, _bearer(order))


def _bearer(order: Order) -> Party:
    """The shop, unless what it is owed on shows that the offer left it untouched."""
    untouched = order.partner_order_subtotal is not None and order.partner_order_total == order.partner_order_subtotal
    return Party.PLATFORM if untouched else Party.SHOP


def _fewer_and_fewer(charges: tuple[Charge, ...]) -> Iterator[tuple[Charge, ...]]:
    for size in range(len(charges), -1, -1):
        yield from combinations(charges, size)


def _sum(charges: tuple[Charge, ...], currency: str) -> Money:
    return Money.total((charge.amount for charge in charges), currency)
