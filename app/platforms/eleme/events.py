"""Ele.me's messages to updates: pushes by type, polled waybills and reminders. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.changes import OrderUpdate, RequestKind, RequestState, Urge
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Courier
from app.platforms.api import ProtocolError, UnknownMessageError
from app.platforms.eleme.mapping import DECISION_WINDOW, KITCHEN, moment, order_update, request_of
from app.platforms.eleme.money import yuan
from app.platforms.eleme.payloads import LATEST, Envelope, Order, Refund, Reminder, StateChange, Waybill, parse, shape
from app.texts import N_, tr

ORDER, REQUEST_GONE, PUSH, FAILED_PUSH = "order", "request_gone", "push", "failed_push"
WAYBILL, URGE = "waybill", "urge"

ROLES = {
    1: "顾客取消",
    2: "系统取消",
    3: "商家取消",
    4: "客服取消",
    5: "商家取消(开放平台)",
    6: "短信取消",
    7: "商家取消(打印机)",
    8: "风控取消",
    9: "系统取消",
}
SHOP_ROLES, SYSTEM_ROLES = frozenset({3, 5, 6, 7}), frozenset({2, 9})

# the last digit of types 20-26 and 30-36
REQUEST_STATES = (
    RequestState.OPEN,
    RequestState.WITHDRAWN,
    RequestState.REFUSED,
    RequestState.AGREED,
    RequestState.ARBITRATION,
    RequestState.UPHELD,
    RequestState.DISMISSED,
)
REPAID = frozenset({RequestState.AGREED, RequestState.UPHELD})

DELIVERY = {
    "tobeAssignedMerchant": Delivery.PENDING,
    "tobeAssignedCourier": Delivery.PENDING,
    "tobeFetched": Delivery.ASSIGNED,
    "arrived": Delivery.AT_STORE,
    "delivering": Delivery.PICKED_UP,
    "completed": Delivery.DELIVERED,
    "cancelled": Delivery.FAILED,
    "exception": Delivery.FAILED,
    "reject": Delivery.FAILED,
    "noMoreDelivery": Delivery.FAILED,
    "selfDelivery": Delivery.NONE,  # the shop carries it: Ele.me reports no further step
}
SUB_STATES = {
    "merchantReason": "商家原因",
    "carrierReason": "配送商原因",
    "userReason": "顾客原因",
    "systemReason": "系统原因",
    "merchantCallLateError": "商家呼叫配送过晚",
    "merchantFoodError": "商家餐品问题",
    "merchantInterruptDeliveryError": "商家中断配送",
    "userNotAnswerError": "联系不上顾客",
    "userReturnOrderError": "顾客退单",
    "userAddressError": "顾客地址有误",
    "deliveryOutOfService": "超出服务范围",
    "carrierRemarkExceptionError": "骑手标记异常",
    "systemMarkedError": "系统标记异常",
    "otherError": "其他异常",
    "deliveryTimeout": "配送超时",
    "onlinePayError": "只配送在线支付订单",
    "consumerLocationTooFarError": "顾客距离过远",
    "merchantPushTooLateError": "商家推单过晚",
    "systemError": "系统异常",
}
STATE_WORDS = {"cancelled": "配送已取消", "noMoreDelivery": "不再配送", "selfDelivery": "商家自配送", "reject": "配送商拒单"}

NOT_USED = {
    91: N_("the shop was opened or closed on Ele.me"),
    93: N_("the shop's details changed on Ele.me"),
    100: N_("the shop withdrew its consent on Ele.me"),
    105: N_("an order of the service market, not a meal"),
    221: N_("an audit result of Ele.me"),
    222: N_("an audit result of Ele.me"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What mapping must know beside the message: which shop is ours ("" for any), how long an order may wait, and whether
    the shop delivers itself."""

    shop_id: str = ""
    window: timedelta = DECISION_WINDOW
    delivers: bool = False


def read(kind: str, body: bytes, version: int, reading: Reading) -> OrderUpdate:
    """One stored message as an update. An unknown `kind` is told from the content (a bare order, or a push)."""
    content = parse(body)
    if not isinstance(content, dict):
        raise ProtocolError(tr("Ele.me sent something that is not an object"))
    match kind:
        case "waybill":
            return _waybill(shape(Waybill, content), version)
        case "urge":
            return _urge(shape(Reminder, content), version)
        case "push" | "failed_push":
            return _push(shape(Envelope, content), reading)
    if "requestId" in content and "message" in content:
        return _push(shape(Envelope, content), reading)
    return _order(content, version, reading, withdrawn=kind == REQUEST_GONE)


def push_version(timestamp: int, content: Any) -> int:
    """The platform's clock (ms) of a push: its own update time, with the envelope's milliseconds when of the same second."""
    stated = content.get("updateAt") or content.get("updateTime") if isinstance(content, dict) else None
    try:
        stated = int(stated or 0)
    except (TypeError, ValueError, OverflowError):
        return timestamp
    if not 0 <= stated <= LATEST:
        return timestamp
    if stated > LATEST // 1000:  # waybills already state milliseconds
        return stated
    return timestamp if stated in (0, timestamp // 1000) else stated * 1000


def order_id_of(content: Any) -> str:
    """The order a message speaks of; "" when it speaks of none."""
    return str(content.get("orderId") or content.get("id") or "") if isinstance(content, dict) else ""


def _push(envelope: Envelope, reading: Reading) -> OrderUpdate:
    if reading.shop_id and envelope.shop_id and envelope.shop_id != reading.shop_id:
        raise UnknownMessageError(tr("a message of another shop: {shop}", shop=envelope.shop_id))
    mapping = _mapping(envelope.type)
    content = parse(envelope.message)
    return mapping(envelope, content, push_version(envelope.timestamp, content), reading)


def _mapping(type_: int) -> Callable[[Envelope, Any, int, Reading], OrderUpdate]:
    if type_ in NOT_USED:
        raise UnknownMessageError(tr(NOT_USED[type_]))
    for types, mapping in _MAPPINGS:
        if type_ in types:
            return mapping
    raise UnknownMessageError(tr("unknown message type {type}", type=type_))


def _order(content: Any, version: int, reading: Reading, withdrawn: bool = False) -> OrderUpdate:
    order = shape(Order, content)
    if reading.shop_id and order.shop_id and order.shop_id != reading.shop_id:
        raise UnknownMessageError(tr("an order of another shop: {shop}", shop=order.shop_id))
    return order_update(order, version, reading.window, withdrawn, reading.delivers)


def _placed(_: Envelope, content: Any, version: int, reading: Reading) -> OrderUpdate:
    return _order(content, version, reading)


def _changed(envelope: Envelope, content: Any, version: int, _: Reading) -> OrderUpdate:
    """Types 12, 14, 15, 17 and 18: the type decides; an unknown `state` is kept and shown."""
    change = shape(StateChange, content)
    ended = envelope.type in (14, 15, 17)
    return OrderUpdate(
        change.order_id,
        version,
        kitchen=_ended(change.role) if envelope.type == 14 else _CHANGED[envelope.type],
        payment=Payment.REFUNDED if ended else None,
        reason=ROLES.get(change.role, "") if ended else "",
        unmapped="" if not change.state or change.state in KITCHEN else f"state={change.state}",
        incomplete=ended,  # the amount that goes back and the reason stand in the order only
    )


def _ended(role: int) -> Kitchen:
    if role in SHOP_ROLES:
        return Kitchen.REJECTED
    return Kitchen.EXPIRED if role in SYSTEM_ROLES else Kitchen.CANCELLED


def _asked(envelope: Envelope, content: Any, version: int, _: Reading) -> OrderUpdate:
    """Types 20 to 26 (before completion) and 30 to 36 (after it)."""
    refund = shape(Refund, content)
    if not refund.order_id:
        raise ProtocolError(tr("Ele.me sent a request without an order"))
    kind = RequestKind.CANCEL if envelope.type < 30 else RequestKind.REFUND
    state = REQUEST_STATES[envelope.type % 10]
    repaid = yuan(refund.total_price) if state in REPAID and refund.total_price else None
    return OrderUpdate(
        refund.order_id,
        version,
        payment=_payment_after(state, refund, repaid),
        request=request_of(kind, state, refund, moment(version)),
        refunded=repaid,
        refunded_at=moment(version) if repaid else None,
        incomplete=state in REPAID,  # whether the order lives on, and with which figures, only the order tells
    )


def _payment_after(state: RequestState, refund: Refund, repaid: Money | None) -> Payment | None:
    match state:
        case RequestState.OPEN | RequestState.ARBITRATION:
            return Payment.REFUND_ASKED
        case RequestState.WITHDRAWN:
            return Payment.PAID
        case RequestState.REFUSED | RequestState.DISMISSED:
            return Payment.REFUND_REFUSED
    if refund.refund_type == "normal":
        return Payment.REFUNDED
    return Payment.PART_REFUNDED if repaid else None


def _urged(_: Envelope, content: Any, version: int, __: Reading) -> OrderUpdate:
    return _urge(shape(Reminder, content), version)


def _urge(reminder: Reminder, version: int) -> OrderUpdate:
    at = reminder.created_at or moment(version)
    return OrderUpdate(reminder.order_id, version, urge=Urge(reminder.reminder_id, at, reminder.content))


def _carried(envelope: Envelope, content: Any, version: int, _: Reading) -> OrderUpdate:
    return _waybill(shape(Waybill, content), version, _DELIVERY_TYPES.get(envelope.type, Delivery.FAILED))


def _waybill(waybill: Waybill, version: int, otherwise: Delivery | None = None) -> OrderUpdate:
    delivery = DELIVERY.get(waybill.state, otherwise)
    return OrderUpdate(
        waybill.order_id,
        version,
        delivery=delivery,
        courier=Courier(waybill.name, waybill.phone, text=_trouble(waybill)),
        unmapped="" if waybill.state in DELIVERY else f"waybill={waybill.state}",
    )


def _trouble(waybill: Waybill) -> str:
    words = (STATE_WORDS.get(waybill.state, ""), SUB_STATES.get(waybill.sub_state, ""), waybill.remark)
    return "，".join(filter(None, words))


def _income(_: Envelope, content: Any, version: int, __: Reading) -> OrderUpdate:
    """Types 217 and 218 say that the money is final now: the order itself has every figure."""
    if not (order_id := order_id_of(content)):
        raise UnknownMessageError(tr("an income message without an order"))
    return OrderUpdate(order_id, version, incomplete=True)


_CHANGED = {12: Kitchen.ACCEPTED, 15: Kitchen.CANCELLED, 17: Kitchen.CANCELLED, 18: Kitchen.COMPLETED}
_DELIVERY_TYPES = {
    51: Delivery.PENDING,
    52: Delivery.PENDING,
    53: Delivery.ASSIGNED,
    54: Delivery.AT_STORE,
    55: Delivery.PICKED_UP,
    56: Delivery.DELIVERED,
    71: Delivery.NONE,
}
_MAPPINGS: tuple[tuple[frozenset[int], Callable[[Envelope, Any, int, Reading], OrderUpdate]], ...] = (
    (frozenset({10}), _placed),
    (frozenset({12, 14, 15, 17, 18}), _changed),
    (frozenset({*range(20, 27), *range(30, 37)}), _asked),
    (frozenset({45}), _urged),
    (frozenset(range(51, 77)), _carried),
    (frozenset({217, 218}), _income),
)
