"""Every push type, and what polls bring beside orders: one fixture per event."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.changes import OrderUpdate, RequestKind, RequestState
from app.domain.lifecycle import Delivery, Kitchen, OrderState, Payment, merge_all
from app.domain.money import Money
from app.domain.orders import Courier
from app.platforms.api import ProtocolError, UnknownMessageError
from app.platforms.eleme.events import PUSH, URGE, WAYBILL, Reading, read
from app.platforms.eleme.signing import sign_push

Fixture = Callable[[str], bytes]
ORDER_ID = "8045310123456789012"
VERSION = 1748749400123  # the envelope's milliseconds, of the very second that the message states
AT = datetime(2025, 6, 1, 3, 43, 20, 123000, tzinfo=UTC)


def told(fixture: Fixture, name: str, shop: str = "150894532") -> OrderUpdate:
    return read(PUSH, fixture(name), 0, Reading(shop))


@pytest.mark.parametrize("kind", [PUSH, "failed_push", ""])
def test_a_placed_order_is_the_same_order_as_a_polled_one(fixture: Fixture, kind: str) -> None:
    pushed = read(kind, fixture("order_placed"), 0, Reading("150894532"))
    polled = read("order", fixture("order_polled"), VERSION, Reading("150894532"))
    assert pushed == polled


@pytest.mark.parametrize(
    ("event", "kitchen", "payment", "reason", "incomplete"),
    [
        ("order_accepted", Kitchen.ACCEPTED, None, "", False),
        ("order_rejected_by_shop", Kitchen.REJECTED, Payment.REFUNDED, "商家取消(开放平台)", True),
        ("order_expired", Kitchen.EXPIRED, Payment.REFUNDED, "系统取消", True),
        ("order_cancelled_by_customer", Kitchen.CANCELLED, Payment.REFUNDED, "顾客取消", True),
        ("order_became_invalid", Kitchen.CANCELLED, Payment.REFUNDED, "客服取消", True),
        ("order_forced_invalid", Kitchen.CANCELLED, Payment.REFUNDED, "顾客取消", True),
        ("order_completed", Kitchen.COMPLETED, None, "", False),
    ],
)
def test_order_events(
    fixture: Fixture, event: str, kitchen: Kitchen, payment: Payment | None, reason: str, incomplete: bool
) -> None:
    update = told(fixture, event)
    assert (update.order_id, update.version, update.facts) == (ORDER_ID, VERSION, None)
    assert (update.kitchen, update.payment, update.reason) == (kitchen, payment, reason)
    assert (update.incomplete, update.unmapped) == (incomplete, "")


def test_an_unknown_state_in_a_change_is_kept(fixture: Fixture) -> None:
    update = repacked(fixture, "order_accepted", state="teleported")
    assert (update.kitchen, update.unmapped) == (Kitchen.ACCEPTED, "state=teleported")


@pytest.mark.parametrize("kind", [RequestKind.CANCEL, RequestKind.REFUND])
@pytest.mark.parametrize(
    ("event", "state", "payment", "repaid"),
    [
        ("asked", RequestState.OPEN, Payment.REFUND_ASKED, False),
        ("withdrawn", RequestState.WITHDRAWN, Payment.PAID, False),
        ("refused", RequestState.REFUSED, Payment.REFUND_REFUSED, False),
        ("agreed", RequestState.AGREED, None, True),
        ("arbitration", RequestState.ARBITRATION, Payment.REFUND_ASKED, False),
        ("upheld", RequestState.UPHELD, None, True),
        ("dismissed", RequestState.DISMISSED, Payment.REFUND_REFUSED, False),
    ],
)
def test_requests(
    fixture: Fixture, kind: RequestKind, event: str, state: RequestState, payment: Payment | None, repaid: bool
) -> None:
    update, request = told(fixture, f"{kind.value}_{event}"), told(fixture, f"{kind.value}_{event}").request
    part = kind is RequestKind.REFUND
    assert request
    assert (request.kind, request.state, request.items) == (kind, state, ("鱼香肉丝-小份[微辣] ×1",))
    assert request.amount == (Money(1250, "CNY") if part else None)
    whole = Payment.PART_REFUNDED if part else Payment.REFUNDED
    assert update.payment is (whole if repaid else payment)
    assert update.refunded == (Money(1250 if part else 5600, "CNY") if repaid else None)
    assert update.refunded_at == (AT if repaid else None)
    assert update.incomplete is repaid
    waits = timedelta(hours=24) if part else timedelta(minutes=15)
    assert request.deadline == (AT + waits if state is RequestState.OPEN else None)


def test_an_urge_by_push_and_by_poll_is_the_same_urge(fixture: Fixture) -> None:
    pushed = told(fixture, "urge").urge
    polled = read(URGE, fixture("reminder_polled"), VERSION, Reading()).urge
    assert pushed
    assert pushed == polled
    assert (pushed.key, pushed.at, pushed.replied) == ("42", AT, False)


@pytest.mark.parametrize(
    ("type_", "delivery", "words"),
    [
        (51, Delivery.PENDING, ""),
        (52, Delivery.PENDING, ""),
        (53, Delivery.ASSIGNED, ""),
        (54, Delivery.AT_STORE, ""),
        (55, Delivery.PICKED_UP, ""),
        (56, Delivery.DELIVERED, ""),
        (57, Delivery.FAILED, "配送已取消，商家原因"),
        (58, Delivery.FAILED, "配送已取消，顾客原因"),
        (59, Delivery.FAILED, "配送已取消，系统原因"),
        (60, Delivery.FAILED, "商家呼叫配送过晚"),
        (61, Delivery.FAILED, "商家餐品问题"),
        (62, Delivery.FAILED, "商家中断配送"),
        (63, Delivery.FAILED, "联系不上顾客"),
        (64, Delivery.FAILED, "顾客退单"),
        (65, Delivery.FAILED, "顾客地址有误"),
        (66, Delivery.FAILED, "超出服务范围"),
        (67, Delivery.FAILED, "骑手标记异常，顾客电话关机"),
        (68, Delivery.FAILED, "系统标记异常"),
        (69, Delivery.FAILED, "其他异常"),
        (70, Delivery.FAILED, "配送超时"),
        (71, Delivery.NONE, "商家自配送"),
        (72, Delivery.FAILED, "不再配送"),
        (73, Delivery.FAILED, "配送商拒单，只配送在线支付订单"),
        (74, Delivery.FAILED, "配送商拒单，顾客距离过远"),
        (75, Delivery.FAILED, "配送商拒单，商家推单过晚"),
        (76, Delivery.FAILED, "配送商拒单，系统异常"),
    ],
)
def test_waybills(fixture: Fixture, type_: int, delivery: Delivery, words: str) -> None:
    update = told(fixture, f"waybill_{type_}")
    known = type_ in (53, 54, 55, 56, 63, 67)
    assert (update.order_id, update.version, update.delivery) == (ORDER_ID, 1748749400250, delivery)
    assert update.courier == Courier("张三丰" if known else "", "13900000000" if known else "", text=words)
    assert (update.kitchen, update.unmapped, update.incomplete) == (None, "", False)


def test_an_unknown_waybill_state_is_kept_and_the_type_decides(fixture: Fixture) -> None:
    update = repacked(fixture, "waybill_55", state="beamed")
    assert (update.delivery, update.unmapped) == (Delivery.PICKED_UP, "waybill=beamed")
    polled = {"orderId": ORDER_ID, "state": "beamed"}
    alone = read(WAYBILL, json.dumps(polled).encode(), 1, Reading())
    assert (alone.delivery, alone.unmapped) == (None, "waybill=beamed")


def test_a_polled_waybill_names_the_courier(fixture: Fixture) -> None:
    update = read(WAYBILL, fixture("waybill_polled"), 5, Reading())
    assert (update.delivery, update.version) == (Delivery.PICKED_UP, 5)
    assert update.courier == Courier("张三丰", "13900000000")


@pytest.mark.parametrize("event", ["income_known", "income_changed"])
def test_final_figures_ask_for_a_re_read(fixture: Fixture, event: str) -> None:
    update = told(fixture, event)
    assert (update.order_id, update.incomplete, update.state) == (ORDER_ID, True, OrderState())


@pytest.mark.parametrize(
    "event",
    [
        "shop_opened_or_closed",
        "shop_changed",
        "consent_withdrawn",
        "service_market_order",
        "audit_221",
        "audit_222",
        "unknown_type",
        "order_of_another_shop",
    ],
)
def test_what_the_counter_does_not_use_is_said_in_words(fixture: Fixture, event: str) -> None:
    with pytest.raises(UnknownMessageError, match=r"\w+ \w+"):
        told(fixture, event)


def test_an_account_without_a_shop_number_reads_every_shop(fixture: Fixture) -> None:
    assert told(fixture, "order_of_another_shop", shop="").kitchen is Kitchen.ACCEPTED


@pytest.mark.parametrize(
    "message", ["", "[]", "null", "{}", '{"orderId":""}', "not json", '{"orderId":"1","updateTime":"x"}']
)
def test_a_signed_message_without_sense_is_parked(fixture: Fixture, message: str) -> None:
    envelope = json.loads(fixture("order_accepted")) | {"message": message}
    with pytest.raises(ProtocolError):
        read(PUSH, json.dumps(envelope).encode(), 0, Reading())


@pytest.mark.parametrize("moment", [10**400, -1, 4_102_444_800_001, "1e9999"])
def test_impossible_times_are_refused(fixture: Fixture, moment: Any) -> None:
    envelope = json.loads(fixture("waybill_55"))
    message = json.loads(envelope["message"]) | {"updateAt": moment}
    with pytest.raises(ProtocolError):
        read(PUSH, json.dumps(envelope | {"message": json.dumps(message)}).encode(), 0, Reading())


def test_fixtures_are_signed(fixture: Fixture) -> None:
    for name in ("order_placed", "cancel_asked", "waybill_67"):
        envelope = json.loads(fixture(name))
        assert sign_push(envelope, "TESTSECRET0001") == envelope["signature"]


def test_a_whole_life_in_any_order_ends_the_same(fixture: Fixture) -> None:
    events = ["order_placed", "order_accepted", "waybill_53", "waybill_55", "order_completed", "order_accepted"]
    states = [told(fixture, event).state for event in events]
    assert merge_all(states) == merge_all(reversed(states))
    assert merge_all(states).kitchen is Kitchen.COMPLETED


def repacked(fixture: Fixture, name: str, **values: Any) -> OrderUpdate:
    envelope = json.loads(fixture(name))
    message = json.loads(envelope["message"]) | values
    return read(PUSH, json.dumps(envelope | {"message": json.dumps(message)}).encode(), 0, Reading("150894532"))
