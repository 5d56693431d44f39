"""Which calls a command means, given how the order stands. Pure.

Deliveroo keeps two things apart: the status (accepted, rejected, confirmed), which each order may change once, and the
preparation stages, which are only told and cannot be read back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import CLOSED, Kitchen
from app.platforms.api import RejectedError
from app.platforms.deliveroo.mapping import kitchen_of
from app.platforms.deliveroo.wire import Order
from app.texts import N_, tr

REASONS = {
    RejectReason.SOLD_OUT: "ingredient_unavailable",
    RejectReason.TOO_BUSY: "busy",
    RejectReason.CLOSED: "closing_early",
    RejectReason.OTHER: "other",
}
ENDS = {
    Kitchen.COMPLETED: N_("completed"),
    Kitchen.REJECTED: N_("rejected"),
    Kitchen.EXPIRED: N_("rejected"),
    Kitchen.CANCELLED: N_("cancelled"),
}
STAGES = {
    CommandKind.READY: ("ready_for_collection", Kitchen.READY),
    CommandKind.HAND_OVER: ("collected", Kitchen.HANDED_OVER),
}
LONGEST_DELAY = 10  # minutes, told in steps of two


@dataclass(frozen=True, slots=True)
class Step:
    """One call: a change of status, or a stage; `proves` is what a yes proves. Without `needed` it may fail in silence."""

    body: dict[str, Any]
    proves: Kitchen
    needed: bool = True

    @property
    def status(self) -> str:
        """The status asked for; "" for a stage."""
        return str(self.body.get("status", ""))


def steps_for(order: Order, command: Command, at: datetime, tablet: bool, tell_start: bool) -> list[Step]:
    """What to send; nothing when the order is there already.

    `at` is the platform's time; `tablet`: staff decide on Deliveroo's own tablet; `tell_start`: an accepted order is being
    cooked at once. RejectedError for what is too late, too early, the tablet's business, or has no word at Deliveroo.
    """
    kitchen = kitchen_of(order)
    if command.kind is CommandKind.REJECT and kitchen is Kitchen.REJECTED:
        return []
    if kitchen in CLOSED and not (kitchen is Kitchen.COMPLETED and command.kind is not CommandKind.REJECT):
        raise RejectedError(tr("Deliveroo shows this order as {status}", status=tr(ENDS[kitchen])), order.status)
    if command.kind in (CommandKind.ACCEPT, CommandKind.REJECT):
        return _decision(order, command, kitchen, at, tablet, tell_start)
    if command.kind in STAGES:
        return _progress(order, command, kitchen, at, tablet)
    raise RejectedError(tr("Deliveroo has no such command"), "unsupported")


def confirmation() -> Step:
    """The cooking of a scheduled order begins."""
    return Step({"status": "confirmed"}, Kitchen.PREPARING)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _decision(order: Order, command: Command, kitchen: Kitchen, at: datetime, tablet: bool, tell_start: bool) -> list[Step]:
    if kitchen is not Kitchen.NEW:
        if command.kind is CommandKind.ACCEPT:
            return []
        raise RejectedError(tr("Deliveroo shows this order as accepted: only its service can cancel it now"), order.status)
    if tablet:
        raise RejectedError(tr("This site has Deliveroo's tablet: accept or reject the order there"), "tablet")
    if command.kind is CommandKind.REJECT:
        reason = REASONS.get(command.reason or RejectReason.OTHER, "other")
        notes = {"notes": command.text} if command.text else {}
        return [Step({"status": "rejected", "reject_reason": reason, **notes}, Kitchen.REJECTED)]
    accepting = Step({"status": "accepted"}, Kitchen.ACCEPTED)
    return [accepting, _start(order, command, at)] if tell_start and order.asap is not False else [accepting]


def _start(order: Order, command: Command, at: datetime) -> Step:
    """Told beside an acceptance: if it is lost, the order is accepted all the same."""
    body = {"stage": "in_kitchen", "occurred_at": stamp(at), **_delay(order, command)}
    return Step(body, Kitchen.PREPARING, needed=False)


def _delay(order: Order, command: Command) -> dict[str, int]:
    """How much later than wished the shop promised, rounded up to what Deliveroo takes."""
    if not command.ready_at or not order.prepare_for:
        return {}
    late = (command.ready_at - order.prepare_for) / timedelta(minutes=2)
    return {"delay": max(0, min(LONGEST_DELAY, 2 * math.ceil(late)))}


def _progress(order: Order, command: Command, kitchen: Kitchen, at: datetime, tablet: bool) -> list[Step]:
    """Food that is ready was begun: a scheduled order nobody confirmed yet is confirmed on the way."""
    if kitchen is Kitchen.NEW:
        raise RejectedError(tr("Deliveroo does not show this order as accepted yet"), order.status)
    if kitchen is Kitchen.COMPLETED:
        return []
    stage, proves = STAGES[command.kind]
    told = Step({"stage": stage, "occurred_at": stamp(at)}, proves)
    unconfirmed = not tablet and order.asap is False and kitchen is Kitchen.ACCEPTED
    return [confirmation(), told] if unconfirmed else [told]
