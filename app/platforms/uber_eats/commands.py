"""What the counter asks as Uber's calls: paths, bodies, reason codes, and whether an order stands there already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import DEAD, Kitchen
from app.platforms.api import RejectedError
from app.platforms.uber_eats.generation import CURRENT, READY, Generation
from app.texts import tr

# Types of the current generation's deny and cancel, from two descriptions of its API that agree.
REASONS = {
    RejectReason.SOLD_OUT: "ITEM_ISSUE",
    RejectReason.TOO_BUSY: "CAPACITY",
    RejectReason.CLOSED: "STORE_CLOSED",
    RejectReason.TOO_FAR: "ADDRESS",
    RejectReason.CUSTOMER_ASKED: "CUSTOMER_CALLED_TO_CANCEL",
    RejectReason.OTHER: "OTHER",
}
# Previous generation; both lists are the vendor's. What a list lacks becomes OTHER with words.
DENY = {
    RejectReason.SOLD_OUT: "ITEM_AVAILABILITY",
    RejectReason.TOO_BUSY: "CAPACITY",
    RejectReason.CLOSED: "STORE_CLOSED",
    RejectReason.TOO_FAR: "ADDRESS",
}
CANCEL = {
    RejectReason.SOLD_OUT: "OUT_OF_ITEMS",
    RejectReason.TOO_BUSY: "RESTAURANT_TOO_BUSY",
    RejectReason.CLOSED: "KITCHEN_CLOSED",
    RejectReason.CUSTOMER_ASKED: "CUSTOMER_CALLED_TO_CANCEL",
}
# Read by Uber's service and by the customer, so in English whatever the screen speaks.
WORDS = {
    RejectReason.SOLD_OUT: "Sold out",
    RejectReason.TOO_BUSY: "Kitchen too busy",
    RejectReason.CLOSED: "Restaurant closed",
    RejectReason.TOO_FAR: "Outside the delivery area",
    RejectReason.CUSTOMER_ASKED: "Cancelled at the customer's request",
    RejectReason.OTHER: "Cannot be prepared",
}
REACHED = {
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.REJECT: Kitchen.REJECTED,
    CommandKind.CANCEL: Kitchen.CANCELLED,
}
_RANK = {state: rank for rank, state in enumerate(Kitchen)}

Body = Mapping[str, Any]


def call_of(generation: Generation, command: Command) -> tuple[str, Body] | None:
    """The path to post to and the body; None where this generation has no word for the step. RejectedError: no such step."""
    match command.kind:
        case CommandKind.ACCEPT:
            template, body = generation.accept, _acceptance(generation, command)
        case CommandKind.REJECT:
            template, body = generation.deny, _denial(generation, command)
        case CommandKind.CANCEL:
            template, body = generation.cancel, _cancellation(generation, command)
        case CommandKind.READY if generation is CURRENT:
            template, body = READY, {}
        case CommandKind.READY:
            return None
        case _:
            raise RejectedError(tr("Uber has no such command"), "unsupported")
    return generation.path(template, command.order_id), body


def reached(kind: CommandKind, kitchen: Kitchen | None) -> bool:
    """Whether an order stands where the command wants it, or further along."""
    if kitchen is None:
        return False
    if kind in (CommandKind.REJECT, CommandKind.CANCEL):
        return kitchen in DEAD
    return kitchen not in DEAD and _RANK[kitchen] >= _RANK[REACHED[kind]]


def _acceptance(generation: Generation, command: Command) -> Body:
    if generation is CURRENT:
        return {"ready_for_pickup_time": _moment(command)} if command.ready_at else {}
    # `fields_relayed` says what the kitchen gets to read; all of it stands on our tickets.
    relayed = {"order_special_instructions": True, "item_special_instructions": True, "item_special_requests": True}
    body = {"reason": "accepted", "fields_relayed": relayed | {"promotions": True}}
    return body | ({"pickup_time": int(command.ready_at.timestamp())} if command.ready_at else {})


def _denial(generation: Generation, command: Command) -> Body:
    if generation is CURRENT:
        return {"deny_reason": _typed(command)}
    return {"reason": {"code": DENY.get(_reason(command), "OTHER"), "explanation": _words(command)}}


def _cancellation(generation: Generation, command: Command) -> Body:
    """One published collection shows the current body without `cancellation_reason` around it; two clients have it."""
    if generation is CURRENT:
        return {"cancellation_reason": _typed(command)}
    return {"reason": CANCEL.get(_reason(command), "OTHER"), "details": _words(command)}


def _typed(command: Command) -> Body:
    return {"type": REASONS.get(_reason(command), "OTHER"), "info": _words(command)}


def _words(command: Command) -> str:
    return command.text or WORDS.get(_reason(command), WORDS[RejectReason.OTHER])


def _reason(command: Command) -> RejectReason:
    return command.reason or RejectReason.OTHER


def _moment(command: Command) -> str:
    assert command.ready_at
    return command.ready_at.astimezone(UTC).isoformat(timespec="seconds")
