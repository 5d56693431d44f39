"""What the counter can ask of a platform. A command names the platform's order id and nothing of its wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.money import Money


class CommandKind(StrEnum):
    """Every command, by the word used in tables, records and on the command line."""

    RECEIVED = "received"  # tell the sender that the order is on disk
    ACCEPT = "accept"
    REJECT = "reject"  # refuse an order that was not accepted yet
    CANCEL = "cancel"  # cancel an order that was accepted
    READY = "ready"
    HAND_OVER = "hand_over"
    COMPLETE = "complete"
    AGREE_REQUEST = "agree_request"
    REFUSE_REQUEST = "refuse_request"
    REPLY_URGE = "reply_urge"
    REFUND = "refund"  # an ability (`RefundsOrders`), not a word of a platform's `commands`


class RejectReason(StrEnum):
    """One neutral list of reasons; each platform maps those it accepts to its own code."""

    SOLD_OUT = "sold_out"
    TOO_BUSY = "too_busy"
    CLOSED = "closed"
    TOO_FAR = "too_far"
    NO_COURIER = "no_courier"
    CUSTOMER_UNREACHABLE = "customer_unreachable"
    SUSPICIOUS = "suspicious"
    CUSTOMER_ASKED = "customer_asked"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Portions:
    """What goes back of an order line: `count` of its `of` portions, after `gone` of them went back before.

    `count` None is the whole line, however many portions it has, while none of them went back.
    """

    line: str
    count: int | None = None
    gone: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """One request to a platform about one order.

    `key` stays the same on every retry. `reason` and `text` go with REJECT, CANCEL and REFUSE_REQUEST; `text` with
    REPLY_URGE and REFUND too; `urge_key` with REPLY_URGE; `ready_at` (aware UTC) is the promised time that ACCEPT may
    carry. REFUND gives back `amount`, or these portions of order `lines`, or everything when neither is named; `given` is
    what the platform then said that goes back.
    """

    kind: CommandKind
    order_id: str
    key: str = ""
    reason: RejectReason | None = None
    text: str = ""
    urge_key: str = ""
    ready_at: datetime | None = None
    amount: Money | None = None
    lines: tuple[Portions, ...] = ()
    given: Money | None = None
