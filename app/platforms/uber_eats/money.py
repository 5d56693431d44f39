"""Charges beside the dishes, and which of them the total already contains. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, OrderLine, Party
from app.texts import tr

_KINDS = {
    "delivery_fee": ChargeKind.DELIVERY,
    "bag_fee": ChargeKind.PACKAGING,
    "pick_and_pack_fee": ChargeKind.PACKAGING,
}


def fee(name: str, amount: Money) -> Charge:
    """A fee by Uber's own name for it ("SMALL_ORDER_FEE")."""
    return Charge(_KINDS.get(name.lower(), ChargeKind.SERVICE), words(name), amount, Party.CUSTOMER)


def tax(amount: Money) -> Charge:
    """A tax, if it is put on top."""
    return Charge(ChargeKind.TAX, "Tax", amount, Party.CUSTOMER)


def tip(amount: Money) -> Charge:
    """A tip, if the total contains it."""
    return Charge(ChargeKind.TIP, "Tip", amount, Party.CUSTOMER)


def discount(names: Sequence[str], amount: Money) -> Charge:
    """A promotion; its sign differs between sources. Who pays for it is not on the wire: the shop's is the careful
    reading, which never makes income look larger."""
    name = ", ".join(words(name) for name in names if name) or "Promotion"
    return Charge(ChargeKind.DISCOUNT, name, Money(-abs(amount.minor), amount.currency), Party.SHOP)


def words(name: str) -> str:
    """`SMALL_ORDER_FEE` as `Small order fee`."""
    return name.replace("_", " ").strip().capitalize()


def explained(
    total: Money, lines: Iterable[OrderLine], certain: Sequence[Charge], perhaps: Sequence[Charge]
) -> list[Charge]:
    """`certain` charges, with those of `perhaps` (tax, tips, adjustments) that make everything add up to `total`.

    The documents do not say whether a total contains them, and it differs by country: tax is on top in the United States
    and inside the prices in Europe. The smallest set that adds up is taken; where none does, nothing is invented and the
    difference is flagged.
    """
    parts = [line.total for line in lines] + [charge.amount for charge in certain]
    missing = total - Money.total(parts, total.currency)
    for count in range(len(perhaps) + 1):
        for chosen in combinations(perhaps, count):
            if Money.total([charge.amount for charge in chosen], total.currency) == missing:
                return [*certain, *chosen]
    return list(certain)


def checks(total: Money, lines: Iterable[OrderLine], charges: Iterable[Charge]) -> Iterator[str]:
    """Names the difference between the platform's total and its parts."""
    parts = [line.total for line in lines] + [charge.amount for charge in charges]
    difference = total - Money.total(parts, total.currency)
    if difference:
        yield tr("total differs from dishes, fees and discounts by {amount}", amount=difference)
