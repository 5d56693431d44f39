"""Giving money back through the shop: once per key, by the payment provider where there is one, portion by portion."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.portions import countable, worth
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.api import RejectedError
from app.platforms.refunding import too_many
from app.platforms.woocommerce import money, wire
from app.platforms.woocommerce.wire import Line, Order, RefundedLine
from app.texts import tr

# Money that never passed through a provider: asking one for it ends in HTTP 500 (observed for cash).
BY_HAND = frozenset({"", "cod", "bacs", "cheque"})
# An order of which nothing is left becomes "refunded" by itself.
TERMS = RefundTerms(under_way=frozenset(RefundBy), completed=frozenset(RefundBy), cancels=True)


def tag_of(key: str) -> str:
    """What marks a refund as asked for by `key`. It stands in the reason, which is stored together with the refund: there is
    no key for repeats on this wire, and a fact beside the refund would be written after the money moved."""
    return f"#{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def done(order: Order, key: str) -> Money | None:
    """What the refund of `key` gave back, by the shop's books; None while it is not in them."""
    made = (one for one in order.refunds if one.reason.endswith(tag_of(key)))
    return next((money.money(-one.total, order) for one in made), None)


def refund_for(
    order: Order,
    amount: Money | None,
    lines: Sequence[Portions],
    reason: str,
    key: str,
    back: Sequence[RefundedLine] = (),
) -> dict[str, Any]:
    """What to POST, after `back` went back. RejectedError for more than is left, another currency, or a line that the order
    has not.

    `amount` must be text (observed). Order totals never change: what is left is the total less all refunds.
    """
    parts = [] if amount is not None else [_part(order, one, back) for one in lines]
    left = money.money(order.total, order) - money.refunded(order)
    wanted = (_worth(order, parts) if parts else left) if amount is None else amount
    if wanted.currency != order.currency:
        raise RejectedError(tr("This order was paid in {currency}", currency=order.currency), "currency")
    if wanted.minor <= 0 or left < wanted:
        raise RejectedError(tr("Only {amount} of this order can still be given back", amount=left), "amount")
    asked: dict[str, Any] = {
        "amount": str(wanted.major),
        "reason": f"{reason} {tag_of(key)}".strip(),
        "api_refund": order.payment_method not in BY_HAND,
        "api_restock": False,  # food does not go back on the shelf
    }
    return {**asked, "line_items": [one.asked() for one in parts]} if parts else asked


@dataclass(frozen=True, slots=True)
class Part:
    """Portions of a line with their net price and their taxes, by rate; together they are what a customer paid for them."""

    line: Line
    count: int
    total: Decimal
    tax: Decimal
    taxes: tuple[tuple[Any, Decimal], ...]

    def asked(self) -> dict[str, Any]:
        """The line as a refund names it."""
        taxes = [{"id": rate, "refund_total": str(tax)} for rate, tax in self.taxes]
        return {"id": int(self.line.id), "quantity": self.count, "refund_total": str(self.total), "refund_tax": taxes}


def _part(order: Order, asked: Portions, back: Iterable[RefundedLine]) -> Part:
    """A share of what is left of the line, by the shop's books: they know of what was given back there, too."""
    line = _line(order, asked.line)
    returned = [one for one in back if one.line == line.id]
    left = countable(line.quantity) - int(-sum((one.quantity for one in returned), Decimal(0)))
    count = countable(line.quantity) if asked.count is None else asked.count
    if count > left:
        raise too_many(line.name, left)

    def share(whole: Decimal, gone: Iterable[Decimal]) -> Decimal:
        rest = whole + sum(gone, Decimal(0))  # what went back is negative
        return rest if count == left else worth(money.money(rest, order), left, 0, count).major

    taxes = tuple(
        (tax.get("id"), share(_total(tax), (_total(other) for one in returned for other in _same(one, tax))))
        for tax in line.taxes
    )
    tax = share(line.total_tax, (one.total_tax for one in returned))
    gross = share(line.total + line.total_tax, (one.total + one.total_tax for one in returned))
    return Part(line, count, gross - tax, tax, taxes)


def _same(line: RefundedLine, tax: dict[str, Any]) -> list[dict[str, Any]]:
    return [other for other in line.taxes if str(other.get("id")) == str(tax.get("id"))]


def _total(tax: dict[str, Any]) -> Decimal:
    return wire.amount(tax.get("total"))


def _line(order: Order, key: str) -> Line:
    found = next((line for line in order.line_items if line.id == key), None)
    if found is None:
        raise RejectedError(tr("The order has no such line"), "line")
    return found


def _worth(order: Order, parts: Iterable[Part]) -> Money:
    return money.money(sum((one.total + one.tax for one in parts), Decimal(0)), order)
