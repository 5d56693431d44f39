"""The money of an Ele.me order: which fees and discounts make up the total, who bears them, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, OrderLine, Party
from app.platforms.eleme.payloads import Activity, Item, Order
from app.texts import tr

CURRENCY = "CNY"
PACKAGING_CATEGORY = 102


def yuan(amount: Decimal) -> Money:
    """Yuan of the wire as exact money."""
    return Money.parse(amount, CURRENCY)


def line_total(item: Item) -> Money:
    """Ele.me's own figure for a line; price times quantity where it gives none."""
    return yuan(item.price * item.quantity if item.total is None else item.total)


def charges_of(order: Order, lines: Iterable[OrderLine]) -> tuple[Charge, ...]:
    """Fees and discounts beside the dishes.

    Packaging stands twice on the wire (a field and an item of the extra group) and counts once. Whether the red packet and
    the member's delivery discount are part of the activities is not documented: they are taken where they close the sum.
    """
    charges = [charge for charge in (*_fees(order), *_discounts(order)) if charge.amount]
    missing = yuan(order.total_price) - _sum(lines, charges)
    return (*charges, *_closing(missing, _loose_discounts(order)))


def deductions_of(order: Order) -> tuple[Charge, ...]:
    """What Ele.me keeps: the service fee, which the wire writes as a negative amount."""
    if order.downgraded or not order.service_fee:
        return ()
    return (Charge(ChargeKind.COMMISSION, "平台服务费", yuan(abs(order.service_fee)), Party.SHOP),)


def checks_of(order: Order, lines: tuple[OrderLine, ...], charges: tuple[Charge, ...]) -> tuple[str, ...]:
    """Sentences about figures that contradict one another; empty when all is well."""
    found = []
    if rest := yuan(order.total_price) - _sum(lines, charges):
        found.append(tr("total differs from dishes, fees and discounts by {amount}", amount=rest))
    if order.downgraded:
        return tuple(found)
    fees = [charge for charge in charges if charge.kind is not ChargeKind.DISCOUNT]
    if order.original_price is not None and (rest := yuan(order.original_price) - _sum(lines, fees)):
        found.append(tr("price before discounts differs from dishes and fees by {amount}", amount=rest))
    if order.order_activities and (rest := yuan(order.activity_total - sum(a.amount for a in order.order_activities))):
        found.append(tr("sum of the discounts differs from the discounts by {amount}", amount=rest))
    found += [tr("nobody is named as paying {name}", name=a.name) for a in order.order_activities if a.amount - _parts(a)]
    return (*found, *_income_check(order))


def _fees(order: Order) -> Iterable[Charge]:
    extras = [item for group in order.groups if group.type == "extra" for item in group.items]
    packaging = [item for item in extras if item.category_id == PACKAGING_CATEGORY or item.id == "-70000"]
    in_items = Money.total(map(line_total, packaging), CURRENCY)
    yield Charge(ChargeKind.PACKAGING, "餐盒", yuan(order.package_fee) or in_items, Party.CUSTOMER)
    yield Charge(ChargeKind.DELIVERY, "配送费", yuan(order.deliver_fee), Party.CUSTOMER)
    yield Charge(ChargeKind.OTHER, "冷链包装", yuan(order.cold_box_fee), Party.CUSTOMER)
    for item in extras:
        if item not in packaging and not (order.deliver_fee and "配送" in item.name):
            yield Charge(ChargeKind.OTHER, item.name, line_total(item), Party.CUSTOMER)


def _discounts(order: Order) -> Iterable[Charge]:
    if not order.order_activities:
        yield Charge(ChargeKind.DISCOUNT, "优惠", yuan(order.shop_part), Party.SHOP)
        yield Charge(ChargeKind.DISCOUNT, "优惠", yuan(order.eleme_part), Party.PLATFORM)
    for activity in order.order_activities:
        # what nobody is named for is put on the shop, the careful side, and named in the checks
        shop = activity.restaurant_part + (activity.amount - _parts(activity))
        yield Charge(ChargeKind.DISCOUNT, activity.name, yuan(shop), Party.SHOP)
        yield Charge(ChargeKind.DISCOUNT, activity.name, yuan(activity.eleme_part + activity.family_part), Party.PLATFORM)


def _parts(activity: Activity) -> Decimal:
    return activity.restaurant_part + activity.eleme_part + activity.family_part


def _loose_discounts(order: Order) -> list[Charge]:
    loose = (("红包", order.hongbao), ("会员减配送费", order.vip_delivery_fee_discount))
    return [Charge(ChargeKind.DISCOUNT, name, yuan(-abs(part)), Party.PLATFORM) for name, part in loose if part]


def _closing(missing: Money, loose: list[Charge]) -> tuple[Charge, ...]:
    for size in range(1, len(loose) + 1):
        for chosen in combinations(loose, size):
            if missing and not missing - _sum((), chosen):
                return chosen
    return ()


def _income_check(order: Order) -> tuple[str, ...]:
    """Income is original price + shop's share - service fee, less the delivery fee where the platform delivers."""
    if order.income is None or order.original_price is None:
        return ()
    by_shop = yuan(order.income - (order.original_price + order.shop_part - abs(order.service_fee)))
    by_platform = by_shop + yuan(order.deliver_fee)
    if not by_shop or not by_platform:
        return ()
    return (tr("income differs from what the figures give by {amount}", amount=by_platform),)


def _sum(lines: Iterable[OrderLine], charges: Iterable[Charge]) -> Money:
    return Money.total([*(line.total for line in lines), *(charge.amount for charge in charges)], CURRENCY)
