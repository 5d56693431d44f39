"""Commands of the counter as calls of Meituan, what reaches them already, and what a yes proves. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from app.domain.changes import OrderUpdate, RequestState, Urge
from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError
from app.platforms.meituan.mapping import moment, result_of
from app.platforms.meituan.payloads import Order
from app.platforms.meituan.routes import Ask
from app.texts import N_, tr

READY_AFTER = 60.0  # seconds after accepting during which "food ready" is refused
OWN_WORDS = "0"  # `reply_id` of an answer in the shop's own words; recalled

# App to platform; the meanings are those of the list that a published client repeats.
REJECT_REASONS = {
    RejectReason.SOLD_OUT: "2009",
    RejectReason.TOO_BUSY: "2008",
    RejectReason.CLOSED: "2011",
    RejectReason.TOO_FAR: "2010",
    RejectReason.NO_COURIER: "2004",
    RejectReason.CUSTOMER_UNREACHABLE: "2012",
    RejectReason.SUSPICIOUS: "2007",
    RejectReason.CUSTOMER_ASKED: "2006",
    RejectReason.OTHER: "2007",
}
REASON_WORDS = {  # Meituan wants words with every code, and shows them to the customer
    "2004": "配送延迟",
    "2006": "用户要求取消",
    "2007": "其他原因",
    "2008": "店铺太忙",
    "2009": "商品已售完",
    "2010": "地址无法配送",
    "2011": "店铺已打烊",
    "2012": "联系不上用户",
}
STEPS = frozenset({CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE})

# Where a command leads, or what lies beyond it: refused or unanswered, such an order counts as done.
_STATUS = {
    CommandKind.RECEIVED: ("3", "4", "6", "8"),
    CommandKind.ACCEPT: ("4", "6", "8"),
    CommandKind.REJECT: ("9",),
    CommandKind.CANCEL: ("9",),
    CommandKind.READY: ("6", "8"),
    CommandKind.HAND_OVER: ("6", "8"),
    CommandKind.COMPLETE: ("8",),
}
_ANSWERED = {
    CommandKind.AGREE_REQUEST: (RequestState.AGREED, RequestState.UPHELD),
    CommandKind.REFUSE_REQUEST: (RequestState.REFUSED, RequestState.ARBITRATION, RequestState.DISMISSED),
}
_PROVES = {
    CommandKind.RECEIVED: Kitchen.NEW,
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.REJECT: Kitchen.REJECTED,
    CommandKind.CANCEL: Kitchen.CANCELLED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.HAND_OVER: Kitchen.HANDED_OVER,
    CommandKind.COMPLETE: Kitchen.COMPLETED,
}
_ASKS = {
    CommandKind.RECEIVED: Ask.RECEIVED,
    CommandKind.ACCEPT: Ask.CONFIRM,
    CommandKind.REJECT: Ask.CANCEL,
    CommandKind.CANCEL: Ask.CANCEL,
    CommandKind.READY: Ask.READY,
    CommandKind.HAND_OVER: Ask.DELIVERING,
    CommandKind.COMPLETE: Ask.DELIVERED,
    CommandKind.AGREE_REQUEST: Ask.AGREE,
    CommandKind.REFUSE_REQUEST: Ask.REFUSE,
    CommandKind.REPLY_URGE: Ask.REPLY,
}
# No list tells whether an urge was answered or food was reported ready: only the words of a second refusal do.
_ALREADY = re.compile(r"重复|已(?:经)?(?:回复|出餐|上报|完成出餐|拣货)")


class Call(NamedTuple):
    """What to ask, and its words beside the order's id."""

    ask: Ask
    words: Mapping[str, str]


def call_of(command: Command, courier: Mapping[str, str]) -> Call:
    """The call of a command; `courier` are `courier_name` and `courier_phone` of the shop's own courier, as far as set."""
    ask = _ASKS[command.kind]
    match command.kind:
        case CommandKind.REJECT | CommandKind.CANCEL:
            code = REJECT_REASONS[command.reason or RejectReason.OTHER]
            return Call(ask, {"reason": command.text or REASON_WORDS[code], "reason_code": code})
        case CommandKind.AGREE_REQUEST:
            return Call(ask, {"reason": command.text or "同意退款"})
        case CommandKind.REFUSE_REQUEST:
            return Call(ask, {"reason": command.text or "商家不同意退款"})
        case CommandKind.REPLY_URGE:
            return Call(ask, {"remind_id": command.urge_key, "reply_id": OWN_WORDS, "reply_content": command.text})
        case CommandKind.HAND_OVER:
            return Call(ask, courier)
    return Call(ask, {})


def kept_here(kind: CommandKind, order: Order) -> OrderUpdate | None:
    """A step that Meituan has no word for with this order: its courier takes and delivers, the shop's own is not reported
    ready, nor is food that customers fetch. None when Meituan is to be asked. RejectedError when the order is dead.
    """
    if order.status == "9":
        raise RejectedError(tr("Meituan shows this order as cancelled"), "808")
    asked = order.carried_by_meituan if kind is CommandKind.READY else not order.carried_by_meituan and order.pick_type == 0
    return None if asked else OrderUpdate(order.order_id, 0, kitchen=_PROVES[kind])


def too_early(kind: CommandKind, order: Order, version: int, wait: float) -> float:
    """Seconds until Meituan takes "food ready" for this order; 0 when it does now. `version` is its clock (ms)."""
    if kind is not CommandKind.READY or not order.order_confirm_time or order.status != "4":
        return 0.0
    left = order.order_confirm_time + wait - version / 1000
    return min(left, wait) if left > 0 else 0.0


def reached(kind: CommandKind, order: Order) -> bool:
    """Whether `order` already stands where `kind` wants it."""
    if order.status in _STATUS.get(kind, ()):
        return True
    last = max(order.refunds, key=lambda refund: (refund.ctime, refund.refund_id), default=None)
    if kind is CommandKind.AGREE_REQUEST and order.status == "9":
        return True
    return last is not None and result_of(last) in _ANSWERED.get(kind, ())


def says_already(kind: CommandKind, refusal: RejectedError) -> bool:
    """Whether the refusal's own words say that it was done before."""
    return kind in (CommandKind.READY, CommandKind.REPLY_URGE) and bool(_ALREADY.search(str(refusal)))


def proved(command: Command, version: int) -> OrderUpdate | None:
    """What Meituan's yes proves by itself; a request's outcome (which kind, which amount) only a re-read tells."""
    if command.kind is CommandKind.REPLY_URGE:
        urge = Urge(command.urge_key, moment(version), command.text, replied=True)
        return OrderUpdate(command.order_id, version, urge=urge)
    kitchen = _PROVES.get(command.kind)
    return OrderUpdate(command.order_id, version, kitchen=kitchen) if kitchen else None


TOO_EARLY = N_('Meituan takes "food ready" only a minute after accepting; it is reported in {seconds} seconds')
