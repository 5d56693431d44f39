"""Commands of the counter as calls of Ele.me, what reaches them already, and what a yes proves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.changes import OrderUpdate, Urge
from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError
from app.platforms.eleme.mapping import moment
from app.texts import tr

MAX_REPLY = 30  # characters of an own answer to an urge
MAX_REMARK = 100

# Cancel types of Ele.me; there is none for a customer's wish, so that one goes with the words of staff.
REJECT_REASONS = {
    RejectReason.SOLD_OUT: "foodSoldOut",
    RejectReason.TOO_BUSY: "restaurantTooBusy",
    RejectReason.CLOSED: "restaurantClosed",
    RejectReason.TOO_FAR: "distanceTooFar",
    RejectReason.NO_COURIER: "deliveryFault",
    RejectReason.CUSTOMER_UNREACHABLE: "contactUserFailed",
    RejectReason.SUSPICIOUS: "fakeOrder",
    RejectReason.CUSTOMER_ASKED: "others",
    RejectReason.OTHER: "others",
}

# Where a command leads, or what lies beyond it: refused or unanswered, such an order counts as done.
_STATUS = {
    CommandKind.ACCEPT: ("valid", "refunding", "settled"),
    CommandKind.REJECT: ("invalid",),
    CommandKind.CANCEL: ("invalid",),
    CommandKind.READY: ("settled",),
    CommandKind.HAND_OVER: ("settled",),
    CommandKind.COMPLETE: ("settled",),
}
_REFUND = {
    CommandKind.AGREE_REQUEST: ("successful",),
    CommandKind.REFUSE_REQUEST: ("rejected", "arbitrating", "failed"),
}


def call_of(command: Command, phone: str = "") -> tuple[str, dict[str, Any]]:
    """Action and parameters; `phone` is the shop's own courier's. Raises RejectedError for what Ele.me has no word for."""
    if command.kind in _BY_SHOP:
        return _by_shop(command, phone)
    if command.kind not in _CALLS:
        raise RejectedError(tr("Ele.me has no such command"))
    return _CALLS[command.kind](command)


def reached(kind: CommandKind, order: Mapping[str, Any]) -> bool:
    """Whether `order` (as received) already stands where `kind` wants it."""
    return order.get("status") in _STATUS.get(kind, ()) or order.get("refundStatus") in _REFUND.get(kind, ())


def proved(command: Command, version: int) -> OrderUpdate | None:
    """What Ele.me's yes proves by itself; a request's outcome (which kind, which amount) only a re-read tells."""
    if command.kind is CommandKind.REPLY_URGE:
        urge = Urge(command.urge_key, moment(version), command.text, replied=True)
        return OrderUpdate(command.order_id, version, urge=urge)
    kitchen = _PROVES.get(command.kind)
    return OrderUpdate(command.order_id, version, kitchen=kitchen) if kitchen else None


_PROVES = {
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.REJECT: Kitchen.REJECTED,
    CommandKind.CANCEL: Kitchen.CANCELLED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.HAND_OVER: Kitchen.HANDED_OVER,
    CommandKind.COMPLETE: Kitchen.COMPLETED,
}
_BY_SHOP = {
    CommandKind.HAND_OVER: "eleme.order.startDeliveryBySelf",
    CommandKind.COMPLETE: "eleme.order.completeDeliveryBySelf",
}


def _plain(action: str) -> Callable[[Command], tuple[str, dict[str, Any]]]:
    return lambda command: (action, {"orderId": command.order_id})


def _by_shop(command: Command, phone: str) -> tuple[str, dict[str, Any]]:
    if not phone:
        raise RejectedError(tr("Ele.me wants your own courier's phone: fill it in in the account"))
    return _BY_SHOP[command.kind], {"orderId": command.order_id, "phone": phone}


def _cancel(command: Command) -> tuple[str, dict[str, Any]]:
    code = REJECT_REASONS[command.reason or RejectReason.OTHER]
    return "eleme.order.cancelOrderLite", {"orderId": command.order_id, "type": code, "remark": command.text[:MAX_REMARK]}


def _refuse(command: Command) -> tuple[str, dict[str, Any]]:
    return "eleme.order.disagreeRefundLite", {"orderId": command.order_id, "reason": command.text or "商家不同意"}


def _reply(command: Command) -> tuple[str, dict[str, Any]]:
    words = command.text.strip()[:MAX_REPLY]
    answer = {"type": "custom", "content": words} if words else {"type": "inCooking", "content": ""}
    return "eleme.order.replyReminder", {"remindId": command.urge_key} | answer


_CALLS: dict[CommandKind, Callable[[Command], tuple[str, dict[str, Any]]]] = {
    CommandKind.ACCEPT: _plain("eleme.order.confirmOrderLite"),
    CommandKind.REJECT: _cancel,
    CommandKind.CANCEL: _cancel,
    CommandKind.READY: _plain("eleme.order.setOrderPrepared"),
    CommandKind.AGREE_REQUEST: _plain("eleme.order.agreeRefundLite"),
    CommandKind.REFUSE_REQUEST: _refuse,
    CommandKind.REPLY_URGE: _reply,
}
