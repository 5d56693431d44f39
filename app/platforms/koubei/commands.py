"""Commands of the counter as steps of koubei.catering.order.info.sync, and what proves that they were made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState
from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import DEAD, Kitchen
from app.platforms.api import RejectedError
from app.platforms.koubei.client import compact
from app.platforms.koubei.mapping import TABLES, kitchen_of, number_of
from app.platforms.koubei.payloads import Order
from app.texts import tr

STEP_METHOD = "koubei.catering.order.info.sync"
MAX_MEMO = 100  # our own limit: none is documented

REJECT_REASONS = {
    RejectReason.SOLD_OUT: "SELL_OUT",
    RejectReason.TOO_BUSY: "BUSY",
    RejectReason.CLOSED: "SHOP_CLOSE",
    RejectReason.SUSPICIOUS: "OTHER_REASON",
    RejectReason.CUSTOMER_ASKED: "OTHER_REASON",
    RejectReason.OTHER: "OTHER_REASON",
}
# "Agreed with the customer, settled outside" is the one reason against a refund that fits without knowing the facts.
REFUSAL = "UNDER_LINE_NEGOTIATION"

ACTIONS = {
    CommandKind.ACCEPT: "RECEIPT",
    CommandKind.REJECT: "REJECT",
    CommandKind.CANCEL: "REFUND",
    CommandKind.READY: "PREPARE",
    CommandKind.HAND_OVER: "DELIVER",
    CommandKind.AGREE_REQUEST: "ACCEPT_REFUND",
    CommandKind.REFUSE_REQUEST: "REJECT_REFUND",
}
_WANTED = {
    CommandKind.ACCEPT: (Kitchen.PREPARING, Kitchen.READY, Kitchen.HANDED_OVER),
    CommandKind.READY: (Kitchen.READY, Kitchen.HANDED_OVER),
    CommandKind.HAND_OVER: (Kitchen.HANDED_OVER,),
    CommandKind.REJECT: tuple(DEAD),
    CommandKind.CANCEL: tuple(DEAD),
    CommandKind.AGREE_REQUEST: tuple(DEAD),
}
_PROVES = {
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.REJECT: Kitchen.REJECTED,
    CommandKind.CANCEL: Kitchen.CANCELLED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.HAND_OVER: Kitchen.HANDED_OVER,
}
_ANSWERS = {CommandKind.AGREE_REQUEST: RequestState.AGREED, CommandKind.REFUSE_REQUEST: RequestState.REFUSED}


def step_of(command: Command, order: Order) -> dict[str, Any]:
    """The content of the call. Raises RejectedError for what Koubei has no word for."""
    if command.kind not in ACTIONS:
        raise RejectedError(tr("Koubei has no such command"))
    return step(command.order_id, ACTIONS[command.kind], _info(command, order))


def step(order_id: str, action: str, info: Mapping[str, str]) -> dict[str, Any]:
    """One step of an order; what belongs to it travels as JSON text."""
    return {"order_id": order_id, "action": action, "action_info": compact(info)}


def reached(kind: CommandKind, order: Order) -> bool:
    """Whether the order already stands where `kind` wants it, as far as its dishes can tell."""
    return kitchen_of(order) in _WANTED.get(kind, ())


def told_by_refusal(kind: CommandKind, code: str, order: Order) -> bool:
    """Whether a refusal proves that the step was made before: acceptance, and a no to a customer, leave no trace in the
    order, and of a living order only its status can forbid them. The sub-codes' names are recalled."""
    made_before = kind in (CommandKind.ACCEPT, CommandKind.REFUSE_REQUEST)
    return made_before and "STATUS" in code.upper() and kitchen_of(order) not in DEAD


def proved(command: Command, version: int) -> OrderUpdate | None:
    """What Koubei's yes proves by itself."""
    if state := _ANSWERS.get(command.kind):
        return OrderUpdate(command.order_id, version, request=CustomerRequest(RequestKind.CANCEL, state))
    kitchen = _PROVES.get(command.kind)
    return OrderUpdate(command.order_id, version, kitchen=kitchen) if kitchen else None


def _info(command: Command, order: Order) -> dict[str, str]:
    match command.kind:
        case CommandKind.ACCEPT:
            return place_of(order) | _promise(command)
        case CommandKind.READY | CommandKind.HAND_OVER:
            return place_of(order)
        case CommandKind.REFUSE_REQUEST:
            return {"reason": REFUSAL, "memo": command.text[:MAX_MEMO]}
        case CommandKind.AGREE_REQUEST:
            return {"reason": "OTHER_REASON"}
    return {
        "reason": REJECT_REASONS.get(command.reason or RejectReason.OTHER, "OTHER_REASON"),
        "memo": command.text[:MAX_MEMO],
    }


def place_of(order: Order) -> dict[str, str]:
    """Table or pick-up number: exactly one of them, and it decides how the food reaches the customer."""
    if order.take_style in TABLES and order.take_no:
        return {"tableNo": order.take_no}
    return {"NO": number_of(order)}


def _promise(command: Command) -> dict[str, str]:
    """The promised time; that the stamp is in milliseconds is recalled."""
    return {"estimatePickUpTimeStamp": str(int(command.ready_at.timestamp() * 1000))} if command.ready_at else {}
