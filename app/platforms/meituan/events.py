"""Meituan's pushes to updates: which kind a push is, and what each kind says. Pure.

Door A registers one URL for each kind and sends the fields flat; door B names the kind by the one form field that carries
JSON. Both are told apart by what they carry, so that one address may be registered for every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from app.domain.changes import OrderUpdate, RequestKind, RequestState, Urge
from app.domain.lifecycle import Kitchen, Payment
from app.domain.orders import Courier
from app.platforms.api import ProtocolError, UnknownMessageError
from app.platforms.meituan.mapping import DECISION_WINDOW, DELIVERY, PAYMENT, REPAID, moment, order_update, request_of
from app.platforms.meituan.money import yuan
from app.platforms.meituan.payloads import (
    LATEST,
    OPEN_REFUND_TYPES,
    PART,
    Cancel,
    Order,
    Refund,
    Remind,
    Rider,
    parse,
    shape,
    unfolded,
)
from app.texts import N_, tr

ORDER = "order"  # one bare order, as fetched
PUSHED, CANCELLED, REFUND, PART_REFUND, RIDER, URGE = "pushed", "cancelled", "refund", "part_refund", "rider", "urge"
SHOP, BILL, PRIVACY, OTHER = "shop", "bill", "privacy", "other"
KINDS = frozenset({PUSHED, CANCELLED, REFUND, PART_REFUND, RIDER, URGE, SHOP, BILL, PRIVACY, OTHER})

# door B: the form field that carries the JSON
CARRIERS = {
    "order": PUSHED,
    "orderCancel": CANCELLED,
    "orderRefund": REFUND,
    "partOrderRefund": PART_REFUND,
    "shippingStatus": RIDER,
    "pushOrderRemind": URGE,
    "tradeDetail": BILL,
}
# door A: a field that only this kind has; the first that fits
TELLTALES = (
    ("detail", PUSHED),
    ("recipient_address", PUSHED),
    ("money", PART_REFUND),
    ("food", PART_REFUND),
    ("notify_type", REFUND),
    ("logistics_status", RIDER),
    ("reason_code", CANCELLED),
    ("poi_status", SHOP),
    ("remind_id", URGE),
)
NOT_USED = {
    SHOP: N_("the shop was opened or closed on Meituan"),
    BILL: N_("a bill line of Meituan"),
    PRIVACY: N_("Meituan's virtual phone numbers do not work just now"),
    OTHER: N_("a message of Meituan that this program does not use"),
}
NOTIFIED = {
    "apply": RequestState.OPEN,
    "part": RequestState.OPEN,
    "agree": RequestState.AGREED,
    "reject": RequestState.REFUSED,
    "cancelRefund": RequestState.WITHDRAWN,
    "cancelRefundComplaint": RequestState.WITHDRAWN,
}
BY_DESK = {"3": RequestState.DISMISSED, "4": RequestState.UPHELD}
CANCEL_CODES = {  # what pushes of door A say in `reason_code`; words only where they have none of their own
    "1001": "商家超时未接单",
    "1002": "顾客超时未支付",
    "1101": "顾客取消",
    "1102": "顾客取消",
    "1103": "顾客取消",
    "1201": "客服取消",
    "1202": "客服取消",
    "1203": "客服取消",
    "1204": "客服取消",
}
NOT_CONFIRMED_IN_TIME = "1001"


@dataclass(frozen=True, slots=True)
class Reading:
    """What mapping must know beside the message: which shop is ours ("" for any) and how long an order may wait."""

    shop_id: str = ""
    window: timedelta = DECISION_WINDOW


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push unpacked: its kind, its content, which shop it names, and when Meituan sent it (seconds; 0: not said)."""

    kind: str
    content: dict[str, Any]
    shop_id: str = ""
    sent: int = 0


def read(kind: str, body: bytes, version: int, reading: Reading) -> OrderUpdate:
    """One stored message as an update."""
    if kind in KINDS:
        return _push(unpacked(form_of(body), kind), version, reading)
    content = parse(body)
    if not isinstance(content, dict):
        raise ProtocolError(tr("Meituan sent something that is not an object"))
    return _order(content, version, reading)


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form or a query string. ProtocolError for what is neither."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000))
    except ValueError:
        raise ProtocolError(tr("Meituan pushed something that is not a form")) from None


def unpacked(form: Mapping[str, str], said: str = "") -> Pushed:
    """Tell what a push is by what it carries; `said` (from the address) counts where its content does not tell."""
    sent = _seconds(form.get("timestamp", ""))
    for name, kind in CARRIERS.items():
        if form.get(name, "").strip()[:1] in ("{", "%", '"'):
            return Pushed(kind, _object(form[name]), form.get("ePoiId", ""), sent)
    kind = next((kind for field, kind in TELLTALES if form.get(field)), said if said in KINDS else OTHER)
    if kind == REFUND and (said == PART_REFUND or OPEN_REFUND_TYPES.get(form.get("refund_type", "")) == PART):
        kind = PART_REFUND  # a part must never be taken for the whole: that would end the order
    return Pushed(kind, dict(form), form.get("app_poi_code", ""), sent)


def order_id_of(content: Mapping[str, Any]) -> str:
    """The order a message speaks of; "" when it speaks of none."""
    return str(content.get("order_id") or content.get("orderId") or "")


def version_of(pushed: Pushed) -> int:
    """The platform's clock (ms) of a push: the event's own time where it has one, else when it was sent; 0 for unknown.

    A request counts from the moment it was made, as its record does that a fetch reads: of one moment, the answer wins.
    """
    content = pushed.content
    own = [_seconds(content.get(name)) for name in ("utime", "time")]
    if pushed.kind in (REFUND, PART_REFUND) and content.get("notify_type", content.get("notifyType")) in ("apply", "part"):
        own = [_seconds(content.get("ctime")) or pushed.sent]
    if pushed.kind == PUSHED:
        stamps = ("ctime", "order_confirm_time", "order_completed_time", "order_cancel_time")
        own += [_seconds(content.get(name)) for name in stamps]
        own += [_seconds(content.get(name)) for name in ("orderConfirmTime", "orderCompletedTime", "orderCancelTime")]
    return (max(own) or pushed.sent) * 1000


def _seconds(value: Any) -> int:
    """Epoch seconds of a number or text, milliseconds too; 0 for anything else."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    number = number // 1000 if number > LATEST else number
    return number if 0 <= number <= LATEST else 0


def _object(text: str) -> dict[str, Any]:
    try:
        content = unfolded(text)
    except ValueError:
        raise ProtocolError(tr("Meituan sent something that is not JSON")) from None
    if not isinstance(content, dict):
        raise ProtocolError(tr("Meituan sent something that is not an object"))
    return content


def _push(pushed: Pushed, version: int, reading: Reading) -> OrderUpdate:
    if reading.shop_id and pushed.shop_id and pushed.shop_id != reading.shop_id:
        raise UnknownMessageError(tr("a message of another shop: {shop}", shop=pushed.shop_id))
    if pushed.kind in NOT_USED:
        raise UnknownMessageError(tr(NOT_USED[pushed.kind]))
    return _MAPPINGS[pushed.kind](pushed.content, version, reading)


def _order(content: Mapping[str, Any], version: int, reading: Reading) -> OrderUpdate:
    order = shape(Order, content)
    if reading.shop_id and order.shop_id and order.shop_id != reading.shop_id:
        raise UnknownMessageError(tr("an order of another shop: {shop}", shop=order.shop_id))
    return order_update(order, version, reading.window)


def _cancelled(content: Mapping[str, Any], version: int, _: Reading) -> OrderUpdate:
    cancel = shape(Cancel, content)
    expired = cancel.reason_code == NOT_CONFIRMED_IN_TIME
    return OrderUpdate(
        cancel.order_id,
        version,
        kitchen=Kitchen.EXPIRED if expired else Kitchen.CANCELLED,
        payment=Payment.REFUNDED,
        reason=cancel.reason or CANCEL_CODES.get(cancel.reason_code, ""),
        incomplete=True,  # the amount that goes back stands in the order only
    )


def _whole(content: Mapping[str, Any], version: int, _: Reading) -> OrderUpdate:
    """A refund of everything: before completion it is the wish to cancel. Granted, it ends the order."""
    refund = shape(Refund, content)
    state = _state(refund)
    kind = RequestKind.REFUND if refund.status == "8" else RequestKind.CANCEL
    repaid = state in REPAID
    return _asked(content, refund, kind, state, version, Payment.REFUNDED if repaid else None, repaid)


def _part(content: Mapping[str, Any], version: int, _: Reading) -> OrderUpdate:
    refund = shape(Refund, content)
    state = _state(refund)
    payment = Payment.PART_REFUNDED if state in REPAID and refund.money else None
    return _asked(content, refund, RequestKind.REFUND, state, version, payment, dies=False)


def _state(refund: Refund) -> RequestState | None:
    return BY_DESK.get(refund.res_type) or NOTIFIED.get(refund.notify_type)


def _asked(
    content: Mapping[str, Any],
    refund: Refund,
    kind: RequestKind,
    state: RequestState | None,
    version: int,
    payment: Payment | None,
    dies: bool,
) -> OrderUpdate:
    if not (order_id := order_id_of(content)):
        raise ProtocolError(tr("Meituan sent a request without an order"))
    asked_at = datetime.fromtimestamp(refund.ctime, UTC) if refund.ctime else moment(version) if version else None
    repaid = yuan(refund.money) if state in REPAID and refund.money else None
    return OrderUpdate(
        order_id,
        version,
        kitchen=Kitchen.CANCELLED if dies else None,
        payment=payment or (PAYMENT.get(state) if state else None),
        request=request_of(kind, state, refund, asked_at) if state else None,
        refunded=repaid,
        refunded_at=moment(version) if repaid and version else None,
        reason=refund.reason if dies else "",
        unmapped="" if state else f"notify_type={refund.notify_type}",
        incomplete=True,  # the sum of all refunds, and whether the order lives on, only the order's records tell
    )


def _rider(content: Mapping[str, Any], version: int, _: Reading) -> OrderUpdate:
    rider = shape(Rider, content)
    named = rider.dispatcher_name or rider.dispatcher_mobile
    return OrderUpdate(
        rider.order_id,
        version,
        delivery=DELIVERY.get(rider.status),
        courier=Courier(rider.dispatcher_name, rider.dispatcher_mobile) if named else None,
        unmapped="" if rider.status in DELIVERY else f"logistics_status={rider.status}",
    )


def _urge(content: Mapping[str, Any], version: int, _: Reading) -> OrderUpdate:
    remind = shape(Remind, content)
    at = datetime.fromtimestamp(remind.remind_time, UTC) if remind.remind_time else moment(version)
    key = remind.remind_id or f"{remind.order_id}:{int(at.timestamp())}"
    return OrderUpdate(remind.order_id, version, urge=Urge(key, at, remind.content))


_MAPPINGS: Mapping[str, Callable[[Mapping[str, Any], int, Reading], OrderUpdate]] = {
    PUSHED: _order,
    CANCELLED: _cancelled,
    REFUND: _whole,
    PART_REFUND: _part,
    RIDER: _rider,
    URGE: _urge,
}
