"""Money that the shop gives back by itself at Ele.me: the whole of an order, or nothing."""

from __future__ import annotations

from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.money import Money
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.api import RejectedError
from app.platforms.eleme.commands import MAX_REMARK
from app.texts import tr

APPLY = "eleme.order.applyRefund"
# Documented: an order under way is cancelled (取消单), a completed one returned (退单).
TERMS = RefundTerms(under_way=frozenset(), completed=frozenset({RefundBy.WHOLE}))


def call_for(order_id: str, reason: str) -> dict[str, Any]:
    """Parameters of applyRefund (documented); `type` is one of the reasons to cancel, none of which says "given back"."""
    return {"orderId": order_id, "type": "others", "remark": reason[:MAX_REMARK]}


def given_back(order: OrderUpdate) -> bool:
    """Whether all of the customer's money is back."""
    return bool(order.facts and order.refunded and not order.refunded < order.facts.total)


def refuse_parts(order: OrderUpdate, amount: Money | None) -> None:
    """RejectedError for less than all that is left: refundPart exists, but what it is given is in no source."""
    if amount is not None and amount != _left(order):
        raise part_refused()


def part_refused() -> RejectedError:
    """Why not."""
    return RejectedError(tr("From here only a whole order can be given back at Ele.me, not a part of it"), "part")


def _left(order: OrderUpdate) -> Money | None:
    total = order.facts.total if order.facts else None
    return total - order.refunded if total and order.refunded else total
