"""Giving money back through the shop: once per key, by the payment provider where there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.domain.money import Money
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.api import RejectedError
from app.platforms.woocommerce import money
from app.platforms.woocommerce.wire import Line, Order
from app.texts import tr

# Money that never passed through a provider: asking one for it ends in HTTP 500 (observed for cash).
BY_HAND = frozenset({"", "cod", "bacs", "cheque"})
# An order of which nothing is left becomes "refunded" by itself.
TERMS = RefundTerms(under_way=frozenset(RefundBy), completed=frozenset(RefundBy), cancels=True)


def tag_of(key: str) -> str:
    """What marks a refund as asked for by `key`. It stands in the reason, which is stored together with the refund: there is
    no key for repeats on this wire, and a fact beside the refund would be written after the money moved."""
    return f"#{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def is_done(order: Order, key: str) -> bool:
    """Whether the refund of `key` is in the shop's books."""
    return any(one.reason.endswith(tag_of(key)) for one in order.refunds)


def refund_for(order: Order, amount: Money | None, lines: Sequence[str], reason: str, key: str) -> dict[str, Any]:
    """What to POST. RejectedError for more than is left, another currency, or a line that the order has not.

    `amount` must be text (observed). Order totals never change: what is left is the total less all refunds.
    """
    chosen = [_line(order, line_key) for line_key in lines]
    left = money.money(order.total, order) - money.refunded(order)
    wanted = (_worth(order, chosen) if chosen else left) if amount is None else amount
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
    return {**asked, "line_items": [_returned(line) for line in chosen]} if chosen and amount is None else asked


def _line(order: Order, key: str) -> Line:
    found = next((line for line in order.line_items if line.id == key), None)
    if found is None:
        raise RejectedError(tr("The order has no such line"), "line")
    return found


def _worth(order: Order, lines: Sequence[Line]) -> Money:
    return money.money(sum((line.total + line.total_tax for line in lines), Decimal(0)), order)


def _returned(line: Line) -> dict[str, Any]:
    taxes = [{"id": tax.get("id"), "refund_total": str(tax.get("total") or "0")} for tax in line.taxes]
    return {"id": int(line.id), "quantity": int(line.quantity), "refund_total": str(line.total), "refund_tax": taxes}
