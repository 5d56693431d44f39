"""The money of a Koubei order: what the dishes cost, fees, whose discounts, and what does not add up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, OrderLine, Party
from app.platforms.koubei.payloads import Dish, Order
from app.texts import tr

CURRENCY = "CNY"


def yuan(amount: Decimal) -> Money:
    """Yuan of the wire as exact money."""
    return Money.parse(amount, CURRENCY)


def is_paid(order: Order) -> bool:
    """Dine-in may be paid after the meal: such an order has no payment yet."""
    return bool(order.pay_channels) or bool(order.pay_amount)


def total_of(order: Order) -> Money:
    """What the customer paid, or what is to be paid. Zero, and flagged, where the platform gives no figure at all."""
    figures = (order.pay_amount,) if is_paid(order) else ()
    for figure in (*figures, order.trade_amount, order.bill_amount):
        if figure is not None:
            return yuan(figure)
    return yuan(Decimal(0))


def unit_price(order: Order, dish: Dish) -> Decimal:
    """One dish without its additions: price and surcharge for the way of cooking (做法加价) are separate on the wire."""
    if dish.has_change and dish.change_price is not None:
        return dish.change_price + dish.practice_price
    price = dish.member_price if order.member_flag and dish.member_price is not None and _members(order) else dish.sell_price
    return price + dish.practice_price


def part_total(part: Dish) -> Decimal:
    """What an addition adds to its line; the contents of a set are in the set's price unless it says otherwise."""
    if part.type == "SIDE" or part.ext_info.get("costInclusive", "").lower() == "false":
        return (part.sell_price + part.practice_price) * part.dish_num
    return Decimal(0)


def line_total(order: Order, dish: Dish) -> Money:
    """A dish with everything that belongs to it: Koubei gives no figure of its own for a line."""
    return yuan(unit_price(order, dish) * dish.dish_num + sum(part_total(part) for part in order.parts_of(dish)))


def charges_of(order: Order) -> tuple[Charge, ...]:
    """Fees and discounts beside the dishes; a discount shared by shop and platform is two charges."""
    charges = [
        Charge(ChargeKind.PACKAGING, "打包费", yuan(order.packing_amount), Party.CUSTOMER),
        Charge(ChargeKind.SERVICE, "服务费", yuan(order.service_amount), Party.CUSTOMER),
        Charge(ChargeKind.OTHER, "其他费用", yuan(order.other_amount), Party.CUSTOMER),
    ]
    for discount in (discount for channel in order.pay_channels for discount in channel.discount_details):
        name = discount.discount_name or "优惠"
        charges.append(Charge(ChargeKind.DISCOUNT, name, yuan(-abs(discount.mrt_discount)), Party.SHOP))
        charges.append(Charge(ChargeKind.DISCOUNT, name, yuan(-abs(discount.rt_discount)), Party.PLATFORM))
    return tuple(charge for charge in charges if charge.amount)


def checks_of(order: Order, lines: Iterable[OrderLine], charges: tuple[Charge, ...]) -> tuple[str, ...]:
    """Sentences about figures that contradict one another; empty when all is well."""
    found, dishes = [], Money.total((line.total for line in lines), CURRENCY)
    fees = [charge.amount for charge in charges if charge.kind is not ChargeKind.DISCOUNT]
    everything = Money.total([dishes, *(charge.amount for charge in charges)], CURRENCY)
    if rest := total_of(order) - everything:
        found.append(tr("total differs from dishes, fees and discounts by {amount}", amount=rest))
    before = order.bill_amount if order.bill_amount is not None else order.trade_amount
    if is_paid(order) and before is not None and (rest := yuan(before) - Money.total([dishes, *fees], CURRENCY)):
        found.append(tr("price before discounts differs from dishes and fees by {amount}", amount=rest))
    return (*found, *_receipt_check(order, charges))


def _receipt_check(order: Order, charges: Iterable[Charge]) -> tuple[str, ...]:
    """The shop receives what the customer paid and what the platform gave (derived from the reference's figures)."""
    if order.receipt_amount is None or not is_paid(order):
        return ()
    given = [-charge.amount for charge in charges if charge.borne_by is Party.PLATFORM]
    rest = yuan(order.receipt_amount) - Money.total([total_of(order), *given], CURRENCY)
    return (tr("income differs from what the figures give by {amount}", amount=rest),) if rest else ()


def _members(order: Order) -> bool:
    """Whether the bill was made of members' prices. No source says which price a member's order lists, so the figures
    decide: only where the usual prices do not give the bill."""
    before = order.bill_amount if order.bill_amount is not None else order.trade_amount
    fees = order.packing_amount + order.service_amount + order.other_amount
    usual = sum(_usual(dish) * dish.dish_num + sum(map(part_total, order.parts_of(dish))) for dish in order.mains())
    return before is not None and usual + fees != before


def _usual(dish: Dish) -> Decimal:
    changed = dish.change_price if dish.has_change else None
    return (dish.sell_price if changed is None else changed) + dish.practice_price
