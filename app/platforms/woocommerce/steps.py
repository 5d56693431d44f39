"""Which change of an order a command means, given how the order stands.

WooCommerce takes any status after any other and revives a trashed order by a change (observed): the order of steps is kept
here. A status of the shop's own is used where the account names one; whether it exists shows when it is first set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.platforms.api import RejectedError
from app.platforms.refusals import words_of
from app.platforms.woocommerce.statuses import CANCELLED, COMPLETED, CORE, MARK, REASON, StatusMap, marked
from app.platforms.woocommerce.wire import Order
from app.texts import N_, tr

STEPS = {
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.HAND_OVER: Kitchen.HANDED_OVER,
    CommandKind.COMPLETE: Kitchen.COMPLETED,
    CommandKind.REJECT: Kitchen.REJECTED,
    CommandKind.CANCEL: Kitchen.CANCELLED,
}
_ENDS = {
    Kitchen.COMPLETED: N_("completed"),
    Kitchen.CANCELLED: N_("cancelled"),
    Kitchen.REJECTED: N_("rejected"),
}
_RANK = {state: rank for rank, state in enumerate(Kitchen)}


def change_for(order: Order, command: Command, statuses: StatusMap) -> dict[str, Any] | None:
    """What to PUT; None when the order is there already or further along.

    RejectedError when it came to another end, was accepted before it could be rejected, or waits for its money.
    """
    target, now = _target(command.kind), statuses.kitchen(order)
    if now is target or (now in DEAD and target in DEAD):
        return None
    if now in CLOSED and not (now is Kitchen.COMPLETED and target not in DEAD):
        raise _shown(order, tr(_ENDS.get(now, order.status)))
    if now is None:
        raise _shown(order, order.status)
    if target in DEAD:
        return _refusal(command, now, target)
    return None if _RANK[now] >= _RANK[target] else _step(target, statuses)


def without_status(change: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same change for a shop without such a status (its plug-in was switched off); None when it is WooCommerce's own."""
    if "status" not in change or change["status"] in CORE:
        return None
    return {name: value for name, value in change.items() if name != "status"}


def shows(order: Order, change: Mapping[str, Any]) -> bool:
    """Whether the order is as `change` asked for. A plug-in may have moved the status on: a yes is compared."""
    marks = [one["value"] for one in change.get("meta_data", ()) if one["key"] == MARK]
    return order.status == change.get("status", order.status) and all(order.meta(MARK) == mark for mark in marks)


def refused_by_us(order: Order) -> bool:
    """Whether a console's refusal made the order dead."""
    return order.meta(REASON) is not None and marked(order) in DEAD


def _shown(order: Order, status: str) -> RejectedError:
    return RejectedError(tr("The shop shows this order as {status}", status=status), order.status)


def _target(kind: CommandKind) -> Kitchen:
    if kind not in STEPS:
        raise RejectedError(tr("WooCommerce has no such command"), "unsupported")
    return STEPS[kind]


def _step(target: Kitchen, statuses: StatusMap) -> dict[str, Any]:
    """The mark goes along with every status: the order then reads the same if the status disappears."""
    status = COMPLETED if target is Kitchen.COMPLETED else statuses.steps.get(target)
    return {**({"status": status} if status else {}), "meta_data": [{"key": MARK, "value": target.value}]}


def _refusal(command: Command, now: Kitchen, target: Kitchen) -> dict[str, Any]:
    """Rejecting is for orders nobody accepted; afterwards only cancelling is honest."""
    if target is Kitchen.REJECTED and now is not Kitchen.NEW:
        raise RejectedError(tr("This order is accepted already; cancel it instead"), "accepted")
    facts = {MARK: target.value, REASON: words_of(command)}
    return {"status": CANCELLED, "meta_data": [{"key": key, "value": value} for key, value in facts.items()]}
