"""The money of a Meituan order: which fees and discounts make up the total, who bears them, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, OrderLine, Party
from app.platforms.meituan.payloads import Activity, Food, Order, Receipt
from app.texts import tr

CURRENCY = "CNY"


def yuan(amount: Decimal) -> Money:
    """Yuan of the wire as exact money."""
    return Money.parse(amount, CURRENCY)


def fen(amount: int) -> Money:
    """Fen of the wire as money."""
    return Money(amount, CURRENCY)


def charges_of(order: Order, lines: Iterable[OrderLine]) -> tuple[Charge, ...]:
    """Fees and discounts beside the dishes."""
    return tuple(charge for charge in (*_fees(order, lines), *_discounts(order)) if charge.amount)


def deductions_of(order: Order) -> tuple[Charge, ...]:
    """What Meituan keeps of the shop's income: its commission, and the delivery fee where its couriers come."""
    receipt = order.poi_receive_detail
    if receipt is None:
        return ()
    commission = Charge(ChargeKind.COMMISSION, "平台服务费", fen(abs(receipt.food_share_fee_charge_by_poi)), Party.SHOP)
    delivery = Charge(ChargeKind.DELIVERY, "配送费归平台", fen(abs(receipt.logistics_fee)), Party.SHOP)
    kept = (commission, delivery) if _delivery_kept(order, receipt) else (commission,)
    return tuple(charge for charge in kept if charge.amount)


def income_of(order: Order) -> Money | None:
    """What the shop gets; None while it is not known."""
    receipt = order.poi_receive_detail
    cents = receipt.wm_poi_receive_cent if receipt and receipt.wm_poi_receive_cent is not None else order.wm_poi_receive_cent
    return None if cents is None else fen(cents)


def checks_of(order: Order, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> tuple[str, ...]:
    """Sentences about figures that contradict one another; empty when all is well."""
    found = []
    if rest := yuan(order.total) - _sum(lines, charges):
        found.append(tr("total differs from dishes, fees and discounts by {amount}", amount=rest))
    fees = [charge for charge in charges if charge.kind is not ChargeKind.DISCOUNT]
    if order.original_price is not None and (rest := yuan(order.original_price) - _sum(lines, fees)):
        found.append(tr("price before discounts differs from dishes and fees by {amount}", amount=rest))
    found += [tr("nobody is named as paying {name}", name=a.remark or a.type) for a in order.extras if _unnamed(a)]
    return (*found, *_income_check(order))


def _fees(order: Order, lines: Iterable[OrderLine]) -> Iterator[Charge]:
    boxes, bag = _packaging(order, lines)
    yield Charge(ChargeKind.PACKAGING, "餐盒", boxes, Party.CUSTOMER)
    yield Charge(ChargeKind.PACKAGING, "打包袋", bag, Party.CUSTOMER)
    yield Charge(ChargeKind.DELIVERY, "配送费", yuan(order.shipping_fee), Party.CUSTOMER)


def _packaging(order: Order, lines: Iterable[OrderLine]) -> tuple[Money, Money]:
    """Boxes and bag: whatever the price before discounts holds beside dishes and delivery.

    Never computed from `box_num` (the sources disagree whether it counts a line or a unit), but not believed either beyond
    what the most generous reading allows: the rest is flagged.
    """
    paid_for = order.original_price if order.original_price is not None else order.total + sum(map(_off, order.extras))
    room = yuan(paid_for - order.shipping_fee) - _sum(lines, ())
    bag = min(fen(max(order.package_bag_money, 0)), max(room, fen(0)))
    most = Money.total((yuan(_most_boxes(food)) for food in order.detail or ()), CURRENCY)
    return max(min(room - bag, most), fen(0)), bag


def _most_boxes(food: Food) -> Decimal:
    return max(food.box_price, Decimal(0)) * max(food.box_num, Decimal(1)) * max(food.quantity, Decimal(1))


def _off(activity: Activity) -> Decimal:
    return activity.reduce_fee


def _discounts(order: Order) -> Iterator[Charge]:
    for activity in order.extras:
        platform = activity.mt_charge or Decimal(0)
        # what nobody is named for is put on the shop, the careful side, and named in the checks
        shop = activity.reduce_fee - platform
        yield Charge(ChargeKind.DISCOUNT, activity.remark or "优惠", yuan(-shop), Party.SHOP)
        yield Charge(ChargeKind.DISCOUNT, activity.remark or "优惠", yuan(-platform), Party.PLATFORM)


def _unnamed(activity: Activity) -> bool:
    return activity.reduce_fee != (activity.mt_charge or 0) + (activity.poi_charge or 0)


def _income_check(order: Order) -> tuple[str, ...]:
    """Income is the price before discounts less the shop's part of them, commission, and a delivery fee it never sees."""
    receipt, income = order.poi_receive_detail, income_of(order)
    if receipt is None or income is None or order.original_price is None:
        return ()
    by_shop = _expected(order, receipt) - income
    if not by_shop or not by_shop - fen(abs(receipt.logistics_fee)):
        return ()
    return (tr("income differs from what the figures give by {amount}", amount=-by_shop),)


def _delivery_kept(order: Order, receipt: Receipt) -> bool:
    """Whether the figures show that the delivery fee is not the shop's; the courier decides where they do not tell."""
    income = income_of(order)
    if order.original_price is None or income is None or not receipt.logistics_fee:
        return order.carried_by_meituan
    return _expected(order, receipt) - income == fen(abs(receipt.logistics_fee))


def _expected(order: Order, receipt: Receipt) -> Money:
    """What the shop would get if the delivery fee were its own."""
    by_poi = sum(part.money_cent for part in receipt.act_order_charge_by_poi)
    return yuan(order.original_price or Decimal(0)) - fen(by_poi + abs(receipt.food_share_fee_charge_by_poi))


def _sum(lines: Iterable[OrderLine], charges: Iterable[Charge]) -> Money:
    return Money.total([*(line.total for line in lines), *(charge.amount for charge in charges)], CURRENCY)
