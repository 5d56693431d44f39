"""The money of a DoorDash order: the wire has no total, so it is added up here, and said to be."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, OrderLine, Party
from app.platforms.doordash.wire import Discount, Item, Order
from app.texts import tr


def line_total(item: Item, currency: str) -> Money:
    """A dish with its options: the wire gives unit prices only."""
    unit = item.price + sum(option.price * option.quantity for option in item.chosen())
    return Money(int((unit * item.quantity).to_integral_value(ROUND_HALF_UP)), currency)


def total_of(order: Order, currency: str) -> Money:
    """What the customer pays the shop: subtotal, tax, fees and tips. Dishes are never summed for it: the vendor's own sample
    has a dish for nothing in an order of 20 dollars."""
    fees = sum(fee.price + fee.tax for fee in order.custom_fee)
    return Money(order.subtotal + order.tax + fees + order.delivery_fee + _tips(order), currency)


def charges_of(order: Order, dishes: Money) -> tuple[Charge, ...]:
    """What stands beside the dishes. `subtotal` already reflects promotions (vendor's guide), so they count only where the
    dishes are not the subtotal by themselves."""
    currency = dishes.currency
    tax = order.tax + sum(fee.tax for fee in order.custom_fee)
    named = (
        (ChargeKind.TAX, tax),
        (ChargeKind.PACKAGING, sum(fee.price for fee in order.custom_fee)),
        (ChargeKind.DELIVERY, order.delivery_fee),
        (ChargeKind.TIP, _tips(order)),
    )
    charges = tuple(Charge(kind, "", Money(amount, currency), Party.CUSTOMER) for kind, amount in named if amount)
    return charges if dishes.minor == order.subtotal else (*charges, *_discounts(order, currency))


def deductions_of(order: Order, currency: str) -> tuple[Charge, ...]:
    """Tax that DoorDash keeps and pays to the state itself."""
    kept = order.tax_amount_remitted_by_doordash if order.is_tax_remitted_by_doordash else 0
    return (Charge(ChargeKind.TAX, "", Money(kept, currency), Party.SHOP),) if kept else ()


def checks_of(total: Money, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> Iterator[str]:
    """What does not add up."""
    parts = [line.total for line in lines] + [charge.amount for charge in charges]
    if rest := total - Money.total(parts, total.currency):
        yield tr("total differs from dishes, fees and discounts by {amount}", amount=rest)


def _tips(order: Order) -> int:
    return order.merchant_tip_amount + order.tip_amount


def _discounts(order: Order, currency: str) -> Iterator[Charge]:
    found = [*order.applied_discounts_details, *_of_items(order)]
    for discount in found:
        shop, platform = discount.merchant_funded_discount_amount, discount.doordash_funded_discount_amount
        for amount, party in ((shop, Party.SHOP), (platform, Party.PLATFORM)):
            if amount:
                yield Charge(ChargeKind.DISCOUNT, discount.promo_code, Money(-abs(amount), currency), party)


def _of_items(order: Order) -> Iterator[Discount]:
    for _, item in order.dishes():
        yield from item.applied_item_discount_details
