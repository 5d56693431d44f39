"""The money of a Just Eat order. No page says what a dish's price contains, so it is read in the one way that adds up.

Seen on the wire: options beside the price of their dish, for each piece or once, and options within it. What closes no sum
is flagged, never corrected. The wire does not say who bears a discount: it is put down to the shop until a statement says
more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Party
from app.platforms.just_eat.older import Breakdown
from app.platforms.just_eat.wire import Payment
from app.texts import tr

ADJUSTMENTS = {
    "deliveryfee": (ChargeKind.DELIVERY, "Delivery fee"),
    "servicecharge": (ChargeKind.SERVICE, "Service charge"),
    "bagfee": (ChargeKind.PACKAGING, "Bag fee"),
    "smallorderfee": (ChargeKind.OTHER, "Small order fee"),
    "drivertip": (ChargeKind.TIP, "Driver tip"),
    "discount": (ChargeKind.DISCOUNT, "Discount"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A dish, or what was chosen for one, in either family's words."""

    name: str
    sku: str
    quantity: Decimal
    unit: Money | None
    total: Money | None
    note: str = ""
    parts: tuple[Part, ...] = ()


def line_totals(dishes: Sequence[Part], goods: Money | None, currency: str) -> list[Money]:
    """What each dish costs with its options; `goods` is what they must make together, where anything says so."""
    readings: tuple[Callable[[Part], Money], ...] = (
        lambda dish: _own(dish, currency) + _times(_options(dish, currency), dish.quantity),
        lambda dish: _own(dish, currency) + _options(dish, currency),
        lambda dish: _own(dish, currency),
    )
    possible = [[reading(dish) for dish in dishes] for reading in readings]
    return next((totals for totals in possible if Money.total(totals, currency) == goods), possible[0])


def adjustments(payment: Payment | None, currency: str) -> Iterator[Charge]:
    """Fees and discounts of JET Connect."""
    for one in payment.adjustments if payment else ():
        if one.price:
            kind, name = ADJUSTMENTS.get(one.name.replace("_", "").lower(), (ChargeKind.OTHER, one.name))
            yield _charge(kind, name, Money(one.price, currency))


def breakdown(found: Breakdown | None, currency: str) -> Iterator[Charge]:
    """Fees, tips and the discount of the older API; its taxes are within the prices."""
    if found is None:
        return
    fees = found.fees
    named = (
        (ChargeKind.DELIVERY, "Delivery fee", fees and fees.delivery),
        (ChargeKind.SERVICE, "Service charge", fees and fees.service_charge),
        (ChargeKind.OTHER, "Other", fees and fees.other),
        (ChargeKind.TIP, "Tip", found.tips),
        (ChargeKind.DISCOUNT, "Discount", found.discount),
    )
    yield from (_charge(kind, name, Money.parse(amount, currency)) for kind, name, amount in named if amount)


def deposit(rest: Money, payment: Payment | None) -> tuple[Charge, ...]:
    """Deposits on bottles stand apart; whether the total holds them shows only where they close the sum."""
    if payment is None or not payment.deposit or payment.deposit != rest.minor:
        return ()
    return (Charge(ChargeKind.OTHER, "Deposit", rest, Party.CUSTOMER),)


def rest_of(total: Money, lines: Sequence[Money], charges: Sequence[Charge]) -> Money:
    """What dishes and charges do not explain."""
    return total - Money.total([*lines, *(charge.amount for charge in charges)], total.currency)


def checks_of(rest: Money) -> tuple[str, ...]:
    """A sentence about figures that contradict one another."""
    return (tr("total differs from dishes, fees and discounts by {amount}", amount=rest),) if rest else ()


def _charge(kind: ChargeKind, name: str, amount: Money) -> Charge:
    """The older API writes a discount as a positive number, JET Connect as a negative one."""
    if kind is ChargeKind.DISCOUNT:
        return Charge(kind, name, -amount if amount.minor > 0 else amount, Party.SHOP)
    return Charge(kind, name, amount, Party.CUSTOMER)


def _own(part: Part, currency: str) -> Money:
    if part.total is not None:
        return part.total
    return _times(part.unit, part.quantity) if part.unit else Money.zero(currency)


def _options(part: Part, currency: str) -> Money:
    return Money.total((_own(one, currency) + _options(one, currency) for one in part.parts), currency)


def _times(amount: Money, quantity: Decimal) -> Money:
    return Money.parse(amount.major * quantity, amount.currency)
