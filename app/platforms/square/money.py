"""An order's money: dishes, taxes, discounts, charges and tip that add up to Square's total, or a check by how much not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Party
from app.platforms.square.wire import Applied, Line, Order
from app.texts import tr

FAILED_REFUNDS = frozenset({"REJECTED", "FAILED"})
# Service charges have no kind on the wire (AUTO_GRATUITY apart): their names are the shop's own, so this is a best effort.
_WORDS = (
    (ChargeKind.DELIVERY, ("deliver", "courier", "livraison", "envío")),
    (ChargeKind.PACKAGING, ("bag", "pack", "container", "emballage")),
    (ChargeKind.TIP, ("tip", "gratuity", "pourboire", "propina")),
)


def line_total(line: Line, currency: str) -> Money:
    """All portions with what was chosen for them, before discounts and additive taxes. Zero where Square gives no figure."""
    if line.gross_sales_money is not None:
        return line.gross_sales_money
    dishes = line.variation_total_price_money or _times(line.base_price_money, line.quantity)
    if dishes is not None:
        chosen = (one.total_price_money for one in line.modifiers)
        return Money.total((one for one in chosen if one), dishes.currency) + dishes
    return line.total_money or Money.zero(currency)


def unit_price(line: Line, currency: str) -> Money:
    """One portion without options; the line's total by its quantity where the wire leaves it out."""
    if line.base_price_money is not None:
        return line.base_price_money
    total = line_total(line, currency)
    return Money(_rounded(Decimal(total.minor) / line.quantity), total.currency) if line.quantity else total


def charges_of(order: Order) -> tuple[Charge, ...]:
    """Everything beside the dishes, and none of zero."""
    found = [*_discounts(order), *_service_charges(order), *_tip(order), *_rounding(order)]
    left = order.total_money - _sum(order, found)
    tax = _tax(order, left)
    names = ", ".join(dict.fromkeys(one.name for one in order.taxes if one.name))
    return tuple(one for one in [*found, Charge(ChargeKind.TAX, names, tax, Party.CUSTOMER)] if one.amount)


def deductions_of(order: Order) -> tuple[Charge, ...]:
    """Square's processing fee; it appears on the order some seconds after the payment (documented)."""
    fees = [one.processing_fee_money for one in order.tenders if one.processing_fee_money]
    fee = Money.total(fees, order.total_money.currency)
    return (Charge(ChargeKind.COMMISSION, "Square", fee, Party.SHOP),) if fee else ()


def checks_of(order: Order, charges: Sequence[Charge]) -> Iterator[str]:
    """What does not add up. Money on its way back is none of it: Square may never say that it arrived."""
    difference = order.total_money - _sum(order, charges)
    if difference:
        yield tr("total differs from dishes, fees and discounts by {amount}", amount=difference)
    if any(not _has_figure(line) for line in order.line_items):
        yield tr("a dish came without its total")


def paid(order: Order) -> bool:
    """Whether nothing is left to collect."""
    if order.net_amount_due_money is not None:
        return order.net_amount_due_money.minor <= 0
    return not received(order) < order.total_money


def received(order: Order) -> Money:
    """All payments, tips included."""
    return Money.total((one.amount_money for one in order.tenders if one.amount_money), order.total_money.currency)


def refunded(order: Order) -> Money:
    """What has really gone back: a pending refund may still fail."""
    given = (one.amount_money for one in order.refunds if one.status in ("APPROVED", "COMPLETED"))
    return Money.total((one for one in given if one), order.total_money.currency)


def _sum(order: Order, charges: Iterable[Charge]) -> Money:
    currency = order.total_money.currency
    parts = [line_total(line, currency) for line in order.line_items] + [charge.amount for charge in charges]
    return Money.total(parts, currency)


def _tax(order: Order, left: Money) -> Money:
    """The part of the taxes that stands beside the dishes: the reading that closes the sum, else the documented one.

    In Europe and Australia prices hold an inclusive tax; in the United States, Canada and Japan Square takes it out of
    `gross_sales_money` (documented), so that it counts like an additive one.
    """
    zero = Money.zero(left.currency)
    whole = order.total_tax_money or zero
    held = (one.applied_money for one in order.taxes if one.type == "INCLUSIVE" and one.applied_money)
    inclusive = Money.total(held, left.currency)
    return left if left in (whole, zero) else whole - inclusive


def _discounts(order: Order) -> Iterator[Charge]:
    """At whose cost is not on the wire; at Square the shop runs its own offers."""
    for name, amount in _named(order.discounts, order.total_discount_money):
        yield Charge(ChargeKind.DISCOUNT, name, -amount, Party.SHOP)


def _service_charges(order: Order) -> Iterator[Charge]:
    kinds = {one.name: _kind(one) for one in order.service_charges}
    for name, amount in _named(order.service_charges, order.total_service_charge_money):
        yield Charge(kinds.get(name, ChargeKind.SERVICE), name, amount, Party.CUSTOMER)


def _kind(charge: Applied) -> ChargeKind:
    if charge.type == "AUTO_GRATUITY":
        return ChargeKind.TIP
    words = charge.name.casefold()
    return next((kind for kind, known in _WORDS if any(word in words for word in known)), ChargeKind.SERVICE)


def _named(entries: Sequence[Applied], whole: Money | None) -> list[tuple[str, Money]]:
    """The entries one by one where they make up the whole, which is Square's own figure; otherwise the whole alone."""
    parts = [(one.name, one.applied_money) for one in entries if one.applied_money is not None]
    if whole is None:
        return parts
    if Money.total((amount for _, amount in parts), whole.currency) == whole:
        return parts
    return [(", ".join(one.name for one in entries if one.name), whole)]


def _tip(order: Order) -> Iterator[Charge]:
    if order.total_tip_money is not None:
        yield Charge(ChargeKind.TIP, "", order.total_tip_money, Party.CUSTOMER)


def _rounding(order: Order) -> Iterator[Charge]:
    if order.rounding_adjustment and order.rounding_adjustment.amount_money:
        yield Charge(ChargeKind.OTHER, "Rounding", order.rounding_adjustment.amount_money, Party.CUSTOMER)


def _has_figure(line: Line) -> bool:
    figures = (line.gross_sales_money, line.variation_total_price_money, line.base_price_money, line.total_money)
    return any(one is not None for one in figures)


def _times(price: Money | None, quantity: Decimal) -> Money | None:
    return None if price is None else Money(_rounded(price.minor * quantity), price.currency)


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
