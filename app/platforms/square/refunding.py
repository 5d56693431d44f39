"""Giving money back through Square: once per key, from the payments that were made, oldest first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.portions import countable, worth
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.api import RejectedError
from app.platforms.refunding import too_many
from app.platforms.square import money
from app.platforms.square.wire import Line, Order, Refund, Tender
from app.texts import tr

# Money goes back of payments: an order stays as it is, and Square counts no portions. What they are worth we work out.
TERMS = RefundTerms(under_way=frozenset(RefundBy), completed=frozenset(RefundBy))


def tag_of(key: str) -> str:
    """Marks a refund as asked for by `key`. Square forgets idempotency keys one day; the reason stays with the order."""
    return f"#{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def refunds_for(
    order: Order, amount: Money | None, lines: Sequence[Portions], reason: str, key: str
) -> list[dict[str, Any]]:
    """What to POST, one body for each payment drawn upon; nothing when `key` was served already.

    The plan is the same on every try: money that went back for this key does not count as gone. RejectedError for more than
    is left, another currency, or a line that the order has not.
    """
    tag = tag_of(key)
    left = {one.payment: _left(order, one, tag) for one in order.tenders if one.amount_money and one.payment}
    whole = Money.total(left.values(), order.total_money.currency)
    wanted = amount
    if wanted is None:
        wanted = _worth(order, lines) if lines else whole
    if wanted.currency != whole.currency:
        raise RejectedError(tr("This order was paid in {currency}", currency=whole.currency), "currency")
    if wanted.minor <= 0 or whole < wanted:
        raise RejectedError(tr("Only {amount} of this order can still be given back", amount=whole), "amount")
    done = {one.tender_id for one in _standing(order) if one.reason.endswith(tag)}
    parts = [(payment, part) for payment, part in _spread(left, wanted) if _tender(order, payment).id not in done]
    return [_body(payment, part, f"{reason} {tag}".strip(), key) for payment, part in parts]


def given(order: Order, bodies: Sequence[dict[str, Any]], key: str) -> Money:
    """What goes back in all under `key`: what went before, and these."""
    currency = order.total_money.currency
    before = (one.amount_money for one in _standing(order) if one.reason.endswith(tag_of(key)))
    asked = (Money(body["amount_money"]["amount"], currency) for body in bodies)
    return Money.total((*(one for one in before if one), *asked), currency)


def _body(payment: str, part: Money, reason: str, key: str) -> dict[str, Any]:
    return {
        # Documented: at most 45 characters.
        "idempotency_key": hashlib.sha256(f"{key}|{payment}".encode()).hexdigest()[:40],
        "payment_id": payment,
        "amount_money": {"amount": part.minor, "currency": part.currency},
        "reason": reason[-190:],
    }


def _spread(left: dict[str, Money], wanted: Money) -> Iterator[tuple[str, Money]]:
    for payment, most in left.items():
        part = min(most, wanted, key=lambda one: one.minor)
        if part.minor > 0:
            yield payment, part
            wanted -= part


def _left(order: Order, tender: Tender, tag: str) -> Money:
    """What can still go back of one payment, refunds with this tag not counted."""
    paid = tender.amount_money or Money.zero(order.total_money.currency)
    gone = (
        one.amount_money
        for one in _standing(order)
        if one.tender_id == tender.id and not one.reason.endswith(tag) and one.amount_money
    )
    return paid - Money.total(gone, paid.currency)


def _standing(order: Order) -> list[Refund]:
    return [one for one in order.refunds if one.status not in money.FAILED_REFUNDS]


def _tender(order: Order, payment: str) -> Tender:
    return next(one for one in order.tenders if one.payment == payment)


def _worth(order: Order, parts: Sequence[Portions]) -> Money:
    """Of the lines' own totals: discounts and taxes are in them."""
    return Money.total((_part(_line(order, one.line), order, one) for one in parts), order.total_money.currency)


def _part(line: Line, order: Order, part: Portions) -> Money:
    total, of = _total(line, order), countable(line.quantity)
    if part.count is None:
        return total
    if part.gone + part.count > of:
        raise too_many(line.name, of - part.gone)
    return worth(total, of, part.gone, part.count)


def _total(line: Line, order: Order) -> Money:
    return line.total_money or money.line_total(line, order.total_money.currency)


def _line(order: Order, key: str) -> Line:
    found = next((line for line in order.line_items if line.uid == key), None)
    if found is None:
        raise RejectedError(tr("The order has no such line"), "line")
    return found
