"""Meituan's order object to the standard order: facts, regions, an open request, what was refunded. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Courier, Customer, Fulfilment, Option, OptionKind, OrderFacts, OrderLine
from app.platforms.api import UnknownMessageError
from app.platforms.meituan.money import CURRENCY, charges_of, checks_of, deductions_of, income_of, yuan
from app.platforms.meituan.payloads import PART, WHOLE, Food, Order, Refund
from app.platforms.shapes import guarded
from app.texts import tr

DECISION_WINDOW = timedelta(minutes=5)  # recalled (5 to 10): the sources only say that unconfirmed orders are listed so long
ANSWER_WITHIN = timedelta(hours=3)  # documented for retail; for restaurants 24 hours are recalled: the careful side is taken

# Not told to Meituan, by who carries the food: its couriers tell it themselves what they do, and only they are told "ready".
CARRIED_THERE = frozenset({CommandKind.HAND_OVER, CommandKind.COMPLETE})
CARRIED_HERE = frozenset({CommandKind.READY})
UNPAID = "1"
KITCHEN = {
    "2": Kitchen.NEW,
    "3": Kitchen.NEW,  # received by the shop's program
    "4": Kitchen.ACCEPTED,
    "6": Kitchen.HANDED_OVER,  # the shop's own courier is on the way
    "8": Kitchen.COMPLETED,
    "9": Kitchen.CANCELLED,
}
DELIVERY = {
    "0": Delivery.PENDING,
    "5": Delivery.PENDING,
    "10": Delivery.ASSIGNED,
    "15": Delivery.AT_STORE,
    "20": Delivery.PICKED_UP,
    "40": Delivery.DELIVERED,
    "100": Delivery.FAILED,
}
OWN_DELIVERY = {"6": Delivery.PICKED_UP, "8": Delivery.DELIVERED}
# `res_type` of a refund record: 5 after more than 3 hours of silence, 6 by the system, 7 and 8 taken back by the customer
RESULT = {
    "0": RequestState.OPEN,
    "1": RequestState.REFUSED,
    "2": RequestState.AGREED,
    "3": RequestState.DISMISSED,
    "4": RequestState.UPHELD,
    "5": RequestState.AGREED,
    "6": RequestState.AGREED,
    "7": RequestState.WITHDRAWN,
    "8": RequestState.WITHDRAWN,
}
REPAID = frozenset({RequestState.AGREED, RequestState.UPHELD})
PAYMENT = {
    RequestState.OPEN: Payment.REFUND_ASKED,
    RequestState.ARBITRATION: Payment.REFUND_ASKED,
    RequestState.REFUSED: Payment.REFUND_REFUSED,
    RequestState.DISMISSED: Payment.REFUND_REFUSED,
    RequestState.WITHDRAWN: Payment.PAID,
}

_LEAVE_OUT = re.compile(r"^(?:不要|不加|不放|免|走)(?=.)")
_BETWEEN = re.compile(r"[,，、;；]\s*")


def order_update(order: Order, version: int, window: timedelta = DECISION_WINDOW) -> OrderUpdate:
    """One order as the platform sees it; without its dishes (a downgraded one) it must be fetched again.

    Raises UnknownMessageError for an order that is not paid yet: it is nobody's business before it takes effect.
    """
    if order.status == UNPAID:
        raise UnknownMessageError(tr("order {id} is not paid yet", id=order.order_id))
    refunded, delivery = _refunded(order), _delivery(order)
    return OrderUpdate(
        order.order_id,
        version,
        facts=order_facts(order, window) if order.detail else None,
        kitchen=KITCHEN.get(order.status),
        delivery=delivery,
        payment=_payment(order),
        courier=_courier(order),
        request=_request(order),
        refunded=refunded,
        refunded_at=moment(version) if refunded else None,
        unmapped=_unmapped(order),
        incomplete=order.downgraded or not order.detail,
    )


def order_facts(order: Order, window: timedelta = DECISION_WINDOW) -> OrderFacts:
    """Everything but how far the order has come."""
    lines = tuple(_lines(order.detail or ()))
    charges = charges_of(order, lines)
    placed = datetime.fromtimestamp(order.ctime, UTC)
    due = order.delivery_time or order.estimate_arrival_time
    tableware, diners = tableware_of(order.dinners_number)
    return OrderFacts(
        number=order.day_seq or order.order_id[-4:],
        reference=order.view_id or order.order_id,
        fulfilment=Fulfilment.PICKUP if order.pick_type == 1 else Fulfilment.DELIVERY,
        placed_at=placed,
        total=yuan(order.total),
        lines=lines,
        shop=order.shop_name,
        due_at=datetime.fromtimestamp(due, UTC) if due else None,
        scheduled=order.delivery_time > 0,
        decide_by=datetime.fromtimestamp(order.order_send_time or order.ctime, UTC) + window,
        charges=charges,
        deductions=deductions_of(order),
        income=income_of(order),
        paid=order.pay_type == 2,
        provisional=order.downgraded,
        customer=_customer(order),
        note="；".join(filter(None, (order.caution, diners))),
        tableware=tableware,
        pickup_code=order.pickup_code,
        invoice=" ".join(filter(None, (order.invoice_title, order.taxpayer_id))) if order.has_invoiced else "",
        checks=checks_of(order, lines, charges),
        not_offered=CARRIED_THERE if order.carried_by_meituan else CARRIED_HERE,
    )


def tableware_of(dinners_number: int) -> tuple[int | None, str]:
    """Sets of tableware, and words where a number cannot say it (0 not said, 1-10 people, -10 more, 99 none, 88 wanted)."""
    match dinners_number:
        case 99:
            return 0, ""
        case 88:
            return None, "需要餐具"
        case -10:
            return None, "餐具：10人以上"
        case number if 0 < number <= 10:
            return number, ""
    return None, ""


def request_of(kind: RequestKind, state: RequestState, refund: Refund, asked_at: datetime | None) -> CustomerRequest:
    """A cancel or refund request; the amount is None when the whole order is meant."""
    whole = kind is RequestKind.CANCEL or refund.refund_type == WHOLE
    return CustomerRequest(
        kind,
        state,
        reason=refund.reason,
        amount=None if whole or refund.money is None else yuan(refund.money),
        items=tuple(f"{food.food_name} ×{food.count}" for food in refund.food),
        deadline=asked_at + ANSWER_WITHIN if asked_at and state is RequestState.OPEN else None,
    )


def result_of(refund: Refund) -> RequestState | None:
    """Where a refund record stands; an appeal is the service desk's to decide. None: a result no document names."""
    state = RESULT.get(refund.res_type)
    return RequestState.ARBITRATION if state is RequestState.OPEN and refund.is_appeal else state


def moment(version: int) -> datetime:
    """A version as an aware time."""
    return datetime.fromtimestamp(version / 1000, UTC)


def _lines(foods: Sequence[Food]) -> Iterator[OrderLine]:
    seen: dict[str, int] = {}
    baskets = len({food.cart_id for food in foods}) > 1
    for food in foods:
        key = "/".join((food.cart_id, food.sku_id or food.app_food_code or food.food_name, food.spec, food.food_property))
        seen[key] = seen.get(key, 0) + 1
        yield OrderLine(
            key=key if seen[key] == 1 else f"{key}#{seen[key]}",
            name=food.food_name,
            quantity=food.quantity,
            unit_price=yuan(food.price),
            total=yuan(food.price * food.quantity),
            options=tuple(_options(food)),
            sku=food.app_food_code or food.sku_id,
            basket=_basket(food.cart_id) if baskets else "",
        )


def _options(food: Food) -> Iterator[Option]:
    """Spec and properties, each once, and not what the dish's name already says."""
    chosen = [food.spec, *_BETWEEN.split(food.food_property)]
    for value in dict.fromkeys(filter(None, map(str.strip, chosen))):
        if value in food.food_name:
            continue
        left_out = _LEAVE_OUT.sub("", value)
        yield Option(value) if left_out == value else Option(left_out, OptionKind.REMOVE)


def _basket(cart_id: str) -> str:
    return f"{int(cart_id) + 1}号口袋" if cart_id.isdecimal() else cart_id


def _customer(order: Order) -> Customer:
    """The address may be `text@#area`; a virtual number has its extension after `_`, which people dial as `,`.

    A plain number is masked, with one exception: while Meituan's virtual numbers do not work it hands out the real ones on
    request (its privacy downgrade), for the only purpose that somebody can reach the customer.
    """
    text, _, area = order.recipient_address.partition("@#")
    phone = order.real_phone_number or guarded(order.recipient_phone.replace("_", ","))
    return Customer(order.recipient_name, phone, "，".join(filter(None, (text, area))))


def _courier(order: Order) -> Courier | None:
    if not (order.logistics_dispatcher_name or order.logistics_dispatcher_mobile):
        return None
    return Courier(order.logistics_dispatcher_name, order.logistics_dispatcher_mobile)


def _delivery(order: Order) -> Delivery | None:
    if order.logistics_status:
        return DELIVERY.get(order.logistics_status)
    return None if order.carried_by_meituan or order.pick_type else OWN_DELIVERY.get(order.status)


def _refunded(order: Order) -> Money | None:
    """What went back to the customer so far: all of a dead order, the granted parts of a living one."""
    if order.status == "9":
        return yuan(order.total) if order.pay_type == 2 else None
    granted = [refund for refund in order.refunds if result_of(refund) in REPAID]
    if any(refund.refund_type != PART for refund in granted):
        return yuan(order.total)
    return _parts(granted) if granted else None


def _parts(refunds: Sequence[Refund]) -> Money:
    return Money.total((yuan(refund.money) for refund in refunds if refund.money is not None), CURRENCY)


def _payment(order: Order) -> Payment | None:
    if order.pay_type != 2:
        return Payment.UNPAID
    refunded, last = _refunded(order), _last(order)
    state = result_of(last) if last else None
    if state in (RequestState.OPEN, RequestState.ARBITRATION) and order.status != "9":
        return Payment.REFUND_ASKED
    if refunded:
        return Payment.PART_REFUNDED if refunded < yuan(order.total) else Payment.REFUNDED
    if state is not None:
        return PAYMENT.get(state)
    return Payment.PAID_PROVISIONAL if order.downgraded else Payment.PAID


def _last(order: Order) -> Refund | None:
    return max(order.refunds, key=lambda refund: (refund.ctime, refund.refund_id), default=None)


def _request(order: Order) -> CustomerRequest | None:
    last = _last(order)
    state = result_of(last) if last else None
    if last is None or state is None or (state is RequestState.OPEN and order.status == "9"):
        return None  # nobody waits for an answer about a dead order
    before = order.status != "8" or not last.ctime or 0 < last.ctime < order.order_completed_time
    kind = RequestKind.CANCEL if last.refund_type != PART and before else RequestKind.REFUND
    return request_of(kind, state, last, datetime.fromtimestamp(last.ctime, UTC) if last.ctime else None)


def _unmapped(order: Order) -> str:
    unknown = [] if order.status in KITCHEN else [f"status={order.status}"]
    if order.logistics_status and order.logistics_status not in DELIVERY:
        unknown.append(f"logistics_status={order.logistics_status}")
    unknown += [f"res_type={refund.res_type}" for refund in order.refunds if refund.res_type not in RESULT]
    return " ".join(unknown)
