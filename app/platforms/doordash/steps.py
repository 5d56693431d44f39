"""Commands of the counter as DoorDash's calls, and what its refusals prove. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.commands import Command, CommandKind, Portions, RejectReason
from app.domain.lifecycle import Kitchen
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.api import RejectedError
from app.platforms.refunding import too_many
from app.texts import tr

# Nothing documents either call for an order that was delivered.
REFUNDS = RefundTerms(
    under_way=frozenset({RefundBy.WHOLE, RefundBy.DISHES, RefundBy.PORTIONS}), completed=frozenset(), cancels=True
)
# Codes of `errors[]`; public integration notes.
REASONS = {
    RejectReason.SOLD_OUT: "ITEM_OUT_OF_STOCK",
    RejectReason.TOO_BUSY: "CAPACITY_THROTTLING",
    RejectReason.CLOSED: "STORE_CLOSED",
    RejectReason.OTHER: "OTHER",
}
# The vendor's set phrases; the one for a busy kitchen wants the store's name and the order's time, which have no fixed form.
PHRASES = {
    RejectReason.SOLD_OUT: "Item Unavailable - {text} - Out of stock",
    RejectReason.TOO_BUSY: "The store is experiencing high order volume and cannot prepare your order",
    RejectReason.CLOSED: "Store Unavailable - Closed or Remodel",
}
CANCEL_REASONS = {
    RejectReason.SOLD_OUT: "ITEM_OUT_OF_STOCK",
    RejectReason.TOO_BUSY: "KITCHEN_BUSY",  # pauses the store for 15 minutes
    RejectReason.CLOSED: "STORE_CLOSED",  # pauses it for 12 hours
    RejectReason.OTHER: "OTHER",
}
PROVES = {
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.REJECT: Kitchen.REJECTED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.CANCEL: Kitchen.CANCELLED,
}
CALLS = {
    CommandKind.ACCEPT: "confirm",
    CommandKind.REJECT: "confirm",
    CommandKind.READY: "ready",
    CommandKind.CANCEL: "cancel",
}

_CANCELLED = re.compile(r"\bcancell?ed\b")  # no part of a field's name
_DOUBT = re.compile(  # "cannot be cancelled", "cancelled or …"
    r"\b(be|not|never|nothing|none|cannot|only|or|unless|delivered|picked)\b|n['’]t\b"
)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an order line: taken out (`quantity` 0), fewer or more of it, or `instead` something else.

    `instead` has name, merchant_supplied_id, price (cents) and quantity.
    """

    line: str
    quantity: int = 0
    instead: Mapping[str, Any] | None = None


def body_of(command: Command) -> dict[str, Any]:
    """The content of the call. RejectedError for what DoorDash has no word for.

    We confirm with DoorDash's own number of the order: it comes back in every later message as `client_order_id`.
    """
    own, reason = {"merchant_supplied_id": command.order_id}, command.reason or RejectReason.OTHER
    match command.kind:
        case CommandKind.ACCEPT:
            # Never DoorDash's own estimate: only a time that somebody in the shop promised.
            promise = {"prep_time": stamp(command.ready_at)} if command.ready_at else {}
            return own | {"order_status": "success"} | promise
        case CommandKind.REJECT:
            return own | {"order_status": "fail", "failure_reason": phrase(reason, command.text), "errors": _errors(command)}
        case CommandKind.READY:
            return own
        case CommandKind.CANCEL:
            details = {"cancel_details": command.text} if command.text else {}
            return {"cancel_reason": CANCEL_REASONS.get(reason, "OTHER")} | details
    raise RejectedError(tr("DoorDash has no such command"), "unsupported")


def phrase(reason: RejectReason, text: str) -> str:
    """Empty or vague reasons count against the shop, so there is always one."""
    set_phrase = PHRASES.get(reason, "{text}").format(text=text or "a dish")
    return set_phrase if "{text}" in PHRASES.get(reason, "{text}") or not text else f"{set_phrase} - {text}"


def changes_of(parts: Sequence[Portions]) -> list[Change]:
    """Portions taken off the bill, by what remains of their lines: the same on every try. RejectedError for too many."""
    changes = [Change(one.line, 0 if one.count is None else one.of - one.gone - one.count) for one in parts]
    for change, one in zip(changes, parts, strict=True):
        if change.quantity < 0:
            raise too_many(one.line, one.of - one.gone)
    return changes


def check_lines(changes: Sequence[Change], known: Mapping[str, int]) -> None:
    """RejectedError for lines that an order has not, or of which nothing would be taken."""
    for change in changes:
        if change.line not in known:
            raise RejectedError(tr("the order has no such line"))
        if known[change.line] <= change.quantity:
            raise RejectedError(tr("The order was changed meanwhile: look at it again"), "changed")


def adjustment(changes: list[Change]) -> dict[str, Any]:
    """The content of an adjustment."""
    return {"items": [_adjusted(change) for change in changes]}


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def made_before(kind: str, words: str, asked: bool) -> bool:
    """Whether a 400 says that the order is where it was wanted. No document gives the words: "already confirmed" and "too
    late" share a status.

    Nothing but plain words makes a cancellation: a living order must not be taken for dead, nor its money for given back.
    Of the other commands a text that says both counts only when we `asked` before and heard nothing.
    """
    text, ended = words.lower(), dead_of(CommandKind.ACCEPT, words)
    left = "delivered" in text or "picked up" in text
    if "not confirmed" in text:
        return False
    if kind == CommandKind.CANCEL:
        return ended is Kitchen.CANCELLED
    if kind == CommandKind.REJECT:
        return not left and (ended is not None or (asked and "already" in text))
    doubtful = "cancel" in text and not _confirmed(text)
    return not ended and not doubtful and (asked or ("already" in text and not _late(text)))


def dead_of(kind: CommandKind, words: str) -> Kitchen | None:
    """How the order ended by the words of a refusal; None unless they are plain."""
    text = words.lower()
    if "not confirmed" in text or _confirmed(text):
        return None
    if "cancel" in text:
        return Kitchen.CANCELLED if _CANCELLED.search(text) and not _DOUBT.search(text) else None
    return Kitchen.EXPIRED if _late(text) and kind is CommandKind.ACCEPT else None


def _confirmed(text: str) -> bool:
    return "already confirmed" in text or "already been confirmed" in text


def _late(text: str) -> bool:
    return any(word in text for word in ("expire", "timeout", "timed out"))


def _errors(command: Command) -> list[dict[str, str]]:
    return [{"code": REASONS.get(command.reason or RejectReason.OTHER, "OTHER"), "message": command.text}]


def _adjusted(change: Change) -> dict[str, Any]:
    if change.instead:
        return {
            "line_item_id": change.line,
            "adjustment_type": "ITEM_SUBSTITUTE",
            "substituted_item": dict(change.instead),
            "options": [],
        }
    kind = {"adjustment_type": "ITEM_UPDATE", "quantity": change.quantity} if change.quantity else _REMOVED
    return {"line_item_id": change.line, **kind, "substituted_item": {}, "options": []}


_REMOVED = {"adjustment_type": "ITEM_REMOVE"}
