"""Which change of an order a command means, given how the order stands.

HubRise takes any status after any other: nothing there stops a console from reviving a cancelled order. So the order of
steps is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.commands import Command, CommandKind
from app.platforms.api import RejectedError
from app.platforms.refusals import words_of
from app.texts import N_, tr

# The way of a good order; READY has two names by service type.
WAY = ("new", "received", "accepted", "in_preparation", "awaiting_shipment", "in_delivery", "completed")
RANK = {status: rank for rank, status in enumerate(WAY)} | {"awaiting_collection": WAY.index("awaiting_shipment")}
ENDS = {
    "completed": N_("completed"),
    "rejected": N_("rejected"),
    "cancelled": N_("cancelled"),
    "delivery_failed": N_("delivery failed"),
}
REFUSALS = {CommandKind.REJECT: "rejected", CommandKind.CANCEL: "cancelled"}


def change_for(order: Mapping[str, Any], command: Command) -> dict[str, Any] | None:
    """What to PATCH; None when the order is there already or further along (a courier may complete it before staff do).

    RejectedError when it came to another end, was accepted before it could be rejected, or shows an unknown status.
    """
    status = str(order.get("status"))
    target = _target(command.kind, str(order.get("service_type")))
    if status == target:
        return None
    if status in ENDS and not (status == "completed" and command.kind not in REFUSALS):
        raise _too_late(order, status)
    if status not in RANK:
        raise RejectedError(tr("HubRise shows a status this program does not know: {status}", status=status), status)
    if command.kind in REFUSALS:
        return _refusal(order, command, target)
    if RANK[status] >= RANK[target]:
        return None
    if command.kind is CommandKind.ACCEPT and command.ready_at:
        return {"status": target, "confirmed_time": command.ready_at.isoformat(timespec="seconds")}
    return {"status": target}


def _target(kind: CommandKind, service_type: str) -> str:
    delivered = service_type == "delivery"
    targets = {
        CommandKind.RECEIVED: "received",
        CommandKind.ACCEPT: "accepted",
        CommandKind.READY: "awaiting_shipment" if delivered else "awaiting_collection",
        CommandKind.HAND_OVER: "in_delivery" if delivered else "completed",
        CommandKind.COMPLETE: "completed",
        **REFUSALS,
    }
    if kind not in targets:
        raise RejectedError(tr("HubRise has no such command"), "unsupported")
    return targets[kind]


def _refusal(order: Mapping[str, Any], command: Command, target: str) -> dict[str, Any]:
    """Rejecting is for orders nobody accepted; afterwards only cancelling is honest."""
    if command.kind is CommandKind.REJECT and RANK[str(order["status"])] >= RANK["accepted"]:
        raise RejectedError(tr("HubRise shows this order as already accepted; cancel it instead"), "accepted")
    # HubRise has no codes; the sending app shows its notes to its customer or its staff
    return {"status": target, "seller_notes": words_of(command)}


def _too_late(order: Mapping[str, Any], status: str) -> RejectedError:
    text = tr("HubRise shows this order as {status}", status=tr(ENDS[status]))
    notes = order.get("seller_notes")
    return RejectedError(f"{text} ({notes})" if notes else text, status)
