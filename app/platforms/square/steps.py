"""Which change of an order a command means, given how the order stands: one sparse update of its fulfilments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.platforms.api import RejectedError
from app.platforms.refusals import words_of
from app.platforms.square.mapping import LIVE, kitchen_of
from app.platforms.square.wire import Fulfillment, Order
from app.texts import N_, tr

TARGETS = {
    CommandKind.ACCEPT: ("RESERVED", Kitchen.ACCEPTED),
    CommandKind.READY: ("PREPARED", Kitchen.READY),
    CommandKind.COMPLETE: ("COMPLETED", Kitchen.COMPLETED),
    CommandKind.REJECT: ("CANCELED", Kitchen.CANCELLED),
    CommandKind.CANCEL: ("CANCELED", Kitchen.CANCELLED),
}
ENDS = {
    Kitchen.COMPLETED: N_("completed"),
    Kitchen.REJECTED: N_("rejected"),
    Kitchen.EXPIRED: N_("expired"),
    Kitchen.CANCELLED: N_("cancelled"),
}
DETAILS = {"PICKUP": "pickup_details", "DELIVERY": "delivery_details"}
REASON_LENGTH = 100  # characters, documented
RANK = {state: rank for rank, state in enumerate(Kitchen)}


def change_for(order: Order, command: Command, now: datetime) -> dict[str, Any] | None:
    """What to PUT; None when the order is there already or further along.

    RejectedError when it came to another end, was accepted before it could be rejected, shows an unknown state, or is one of
    those without a version that no program may change. `now` is Square's time.
    """
    if command.kind not in TARGETS:
        raise RejectedError(tr("Square has no such command"), "unsupported")
    state, target = TARGETS[command.kind]
    if _is_there(order, command.kind, target):
        return None
    if order.version is None:
        raise RejectedError(tr("Square lets no program change this order: do it on Square's own device"), "no_version")
    alive = [one for one in order.fulfillments if one.state in LIVE]
    changes = [{"uid": one.uid, "state": state, **_details(one, command, now)} for one in alive if _lags(one, target)]
    sparse = {"location_id": order.location_id, "version": order.version, "fulfillments": changes}
    return {"idempotency_key": _key(command, order.version), "order": sparse}


def _is_there(order: Order, kind: CommandKind, target: Kitchen) -> bool:
    kitchen = kitchen_of(order)
    if kitchen is None:
        states = ", ".join([order.state, *(one.state for one in order.fulfillments)])
        raise RejectedError(tr("Square shows a status this program does not know: {status}", status=states), "unknown")
    if target in DEAD and kitchen in DEAD:
        return True
    if kitchen in CLOSED and (kitchen in DEAD or target in DEAD):
        raise RejectedError(tr("Square shows this order as {status}", status=tr(ENDS[kitchen])), kitchen.value)
    if kind is CommandKind.REJECT and kitchen is not Kitchen.NEW:
        raise RejectedError(tr("Square shows this order as already accepted; cancel it instead"), "accepted")
    return target not in DEAD and RANK[kitchen] >= RANK[target]


def _lags(one: Fulfillment, target: Kitchen) -> bool:
    """Nothing ever steps back; everything alive can be ended."""
    return target in DEAD or RANK[LIVE[one.state]] < RANK[target]


def _details(one: Fulfillment, command: Command, now: datetime) -> Mapping[str, Any]:
    """The reason of an end, or the promised time; a customer who chose a time keeps it."""
    name = DETAILS.get(one.type)
    if name is None:
        return {}
    if TARGETS[command.kind][0] == "CANCELED":
        return {name: {"cancel_reason": words_of(command)[:REASON_LENGTH]}}  # the customer may read it
    if command.kind is CommandKind.ACCEPT and command.ready_at and one.details.schedule_type == "ASAP":
        return {name: {"prep_time_duration": _minutes(command.ready_at - now)}}
    return {}


def _minutes(wait: timedelta) -> str:
    return f"PT{max(1, round(wait.total_seconds() / 60))}M"


def _key(command: Command, version: int) -> str:
    """The same for every try of the same change; another version makes another change, and a key may not be used for two."""
    return hashlib.sha256(f"{command.key}|{command.kind}|{command.order_id}|{version}".encode()).hexdigest()[:40]
