"""An order's money: dishes, fees, discounts and taxes that add up to the total, or a check that says by how much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Party
from app.platforms.woocommerce import clean
from app.platforms.woocommerce.wire import Fee, Line, Order
from app.texts import tr

ROUNDING = "Rounding"
# Fees have no kind on the wire: their names are the shop's own words, so this is a best effort.
_WORDS = (
    (ChargeKind.DELIVERY, "deliver|livraison|liefer|shipping|envío|entrega|consegna|bezorg|配送"),
    (ChargeKind.PACKAGING, r"\bbags?\b|\bpack(?:ag|ing)|emballage|verpack|\bsacs?\b|embalaje|包装|打包|餐盒"),
    (ChargeKind.TIP, r"\btips?\b|gratuity|pourboire|trinkgeld|propina|gorjeta|mancia|fooi|小费"),
    (ChargeKind.SERVICE, "service|servicio|servizio|服务"),
)


def money(amount: Decimal, order: Order) -> Money:
    """In the order's currency. A shop's decimals are its own setting (observed: yen with two); the currency's count."""
    return Money.parse(amount, order.currency)


def line_total(line: Line, order: Order) -> Money:
    """What the dishes of a line cost before discounts, with the tax in it where the shop's prices have it."""
    return money(line.subtotal + (line.subtotal_tax if order.prices_include_tax else 0), order)


def unit_price(line: Line, order: Order) -> Money:
    """A line's total by its quantity: `price` on the wire is an unrounded float, after discounts (observed)."""
    total = line.subtotal + (line.subtotal_tax if order.prices_include_tax else 0)
    return money(total / line.quantity if line.quantity else total, order)


def charges(order: Order) -> list[Charge]:
    """Everything beside the dishes, the cents lost by rounding each figure for itself included."""
    found = [one for one in _charges(order) if one.amount]
    lost = _difference(order, found)
    figures = 2 * (len(order.line_items) + len(found) + 1)  # net and tax are rounded apart, each by half a unit at most
    if lost and abs(lost.minor) <= max(1, figures // (2 if order.prices_include_tax else 4)):  # on top: tax is one figure
        found.append(Charge(ChargeKind.OTHER, ROUNDING, lost, Party.SHOP))
    return found


def checks(order: Order, found: list[Charge]) -> Iterator[str]:
    """What does not add up."""
    difference = _difference(order, found)
    if difference:
        yield tr("total differs from dishes, fees and discounts by {amount}", amount=difference)


def refunded(order: Order) -> Money:
    """Everything given back so far; a refund's total is negative, and may be "-0.00" (observed)."""
    return money(-sum((one.total for one in order.refunds), Decimal(0)), order)


def _difference(order: Order, found: list[Charge]) -> Money:
    parts = [line_total(line, order) for line in order.line_items] + [charge.amount for charge in found]
    return money(order.total, order) - Money.total(parts, order.currency)


def _charges(order: Order) -> Iterator[Charge]:
    taxed = order.prices_include_tax
    carriage = order.shipping_total + (order.shipping_tax if taxed else 0)
    name = ", ".join(clean.line(one.method_title) for one in order.shipping_lines)
    yield Charge(ChargeKind.DELIVERY, name, money(carriage, order), Party.CUSTOMER)
    for fee in order.fee_lines:
        yield _fee(fee, order)
    yield Charge(ChargeKind.DISCOUNT, ", ".join(one.code for one in order.coupon_lines), _discount(order), Party.SHOP)
    if not taxed:
        name = ", ".join(dict.fromkeys(clean.line(one.label) for one in order.tax_lines if one.label))
        yield Charge(ChargeKind.TAX, name, money(order.total_tax, order), Party.CUSTOMER)


def _fee(fee: Fee, order: Order) -> Charge:
    """A fee below zero is how many plug-ins write a discount (observed)."""
    amount = money(fee.total + (fee.total_tax if order.prices_include_tax else 0), order)
    if amount.minor < 0:
        return Charge(ChargeKind.DISCOUNT, clean.line(fee.name), amount, Party.SHOP)
    words = fee.name.casefold()
    kind = next((kind for kind, known in _WORDS if re.search(known, words)), ChargeKind.OTHER)
    return Charge(kind, clean.line(fee.name), amount, Party.CUSTOMER)


def _discount(order: Order) -> Money:
    """From the lines, which always say it: the order's own `discount_total` forgets what an editor changed by hand."""
    taxed = order.prices_include_tax
    off = Money.zero(order.currency)
    for line in order.line_items:
        off += money(line.total + (line.total_tax if taxed else 0), order) - line_total(line, order)
    return off
