"""An order of either door as the counter reads it: money, people, states, refunds, and the platform's oddities."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate, RequestKind, RequestState
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import ChargeKind, Fulfilment, Option, OptionKind, OrderFacts, Party
from app.platforms.api import ProtocolError, UnknownMessageError
from app.platforms.meituan.events import Reading, read
from app.platforms.meituan.mapping import tableware_of
from app.platforms.meituan.payloads import decoded, unfolded

Fixture = Callable[[str], dict[str, Any]]
AT = 1_748_749_331_000


def order(content: dict[str, Any], reading: Reading | None = None) -> OrderUpdate:
    return read("order", json.dumps(content).encode(), AT, reading or Reading())


def facts(content: dict[str, Any]) -> OrderFacts:
    found = order(content).facts
    assert found
    return found


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def test_an_order_of_waimaiopen(fixture: Fixture) -> None:
    update = order(fixture("open_order_placed"))
    known = update.facts
    assert known
    assert (update.kitchen, update.payment, update.delivery, update.incomplete) == (Kitchen.NEW, Payment.PAID, None, False)
    assert (known.number, known.reference, known.shop) == ("12", "26980070161823104", "川味小馆")
    assert (known.total, known.income, known.difference(), known.checks) == (cny(5600), cny(4674), cny(0), ())
    assert known.placed_at == datetime.fromtimestamp(1748749330, UTC)
    assert known.decide_by == known.placed_at + timedelta(minutes=5)
    assert known.due_at == datetime.fromtimestamp(1748751900, UTC)
    assert not known.scheduled
    assert known.customer.phone == "17012345678,6021"
    assert known.customer.address == "望京SOHO T1 (1201室)，北京市朝阳区望京SOHO"
    assert (known.tableware, known.fulfilment) == (2, Fulfilment.DELIVERY)
    assert known.invoice == "北京某某科技有限公司 91110105MA01TEST0X"


def test_the_money_names_who_bears_what(fixture: Fixture) -> None:
    known = facts(fixture("open_order_placed"))
    charges = {(charge.kind, charge.borne_by): charge.amount for charge in known.charges}
    assert charges == {
        (ChargeKind.PACKAGING, Party.CUSTOMER): cny(300),
        (ChargeKind.DELIVERY, Party.CUSTOMER): cny(400),
        (ChargeKind.DISCOUNT, Party.SHOP): cny(-1000),
        (ChargeKind.DISCOUNT, Party.PLATFORM): cny(-500),
    }
    assert {charge.kind: charge.amount for charge in known.deductions} == {
        ChargeKind.COMMISSION: cny(1026),
        ChargeKind.DELIVERY: cny(400),
    }


def test_dishes_and_their_options(fixture: Fixture) -> None:
    content = fixture("open_order_placed")
    dishes = json.loads(content["detail"])
    dishes[1] |= {"food_property": "微辣,不要葱", "cart_id": 1}
    lines = facts(content | {"detail": dishes}).lines
    assert [line.name for line in lines] == ["鱼香肉丝", "宫保鸡丁", "米饭"]
    assert [line.total.minor for line in lines] == [2800, 3200, 400]
    assert lines[0].options == (Option("小份"), Option("微辣"))
    assert lines[1].options == (Option("微辣"), Option("葱", OptionKind.REMOVE))
    assert [line.basket for line in lines] == ["1号口袋", "2号口袋", "1号口袋"]
    assert len({line.key for line in lines}) == 3


def test_an_order_of_the_gateway_says_the_same(fixture: Fixture) -> None:
    known = facts(fixture("partner_order_placed"))
    assert (known.number, known.reference, known.shop) == ("3", "5301890193521352344", "川味小馆")
    assert (known.total, known.income, known.difference(), known.checks) == (cny(5600), cny(4674), cny(0), ())
    assert known.customer.address == "望京SOHO T1 (1201室)"
    assert [line.options for line in known.lines] == [(), (Option("大份"), Option("中辣"))]


@pytest.mark.parametrize("times", [0, 1, 2])
def test_lists_may_be_encoded_up_to_twice(fixture: Fixture, times: int) -> None:
    content, plain = fixture("open_order_placed"), facts(fixture("open_order_placed"))
    for name in ("detail", "extras", "poi_receive_detail", "recipient_address"):
        for _ in range(times):
            content[name] = quote_plus(content[name])
    assert facts(content) == plain


def test_numbers_as_text_and_absent_fields_change_nothing(fixture: Fixture) -> None:
    content = fixture("open_order_placed")
    drifted = {name: str(value) if type(value) in (int, float) else value for name, value in content.items()}
    assert facts(drifted | {"pickup_code": None, "shipper_phone": "", "a_new_field": {"x": 1}}) == facts(content)


@pytest.mark.parametrize(
    ("said", "sets", "words"),
    [
        (0, None, ""),
        (1, 1, ""),
        (10, 10, ""),
        (-10, None, "餐具：10人以上"),
        (99, 0, ""),
        (88, None, "需要餐具"),
        (77, None, ""),
    ],
)
def test_sentinels_of_the_number_of_diners(fixture: Fixture, said: int, sets: int | None, words: str) -> None:
    assert tableware_of(said) == (sets, words)
    known = facts(fixture("open_order_placed") | {"dinners_number": said, "caution": "少辣"})
    assert (known.tableware, known.note) == (sets, f"少辣；{words}" if words else "少辣")


def test_a_sum_that_does_not_add_up_is_flagged(fixture: Fixture) -> None:
    wrong = facts(fixture("open_order_placed") | {"total": 50.0})
    assert wrong.difference() == cny(-600)
    assert len(wrong.checks) == 1
    unclosed = facts(fixture("open_order_placed") | {"original_price": 91.0, "total": 76.0})
    assert unclosed.difference()  # more than any reading of the box prices allows is not called a box fee
    assert unclosed.checks


def test_a_discount_nobody_pays_for_is_put_on_the_shop_and_flagged(fixture: Fixture) -> None:
    known = facts(fixture("open_order_placed") | {"extras": [{}, {"type": 2, "remark": "满减", "reduce_fee": 15}]})
    assert [c.borne_by for c in known.charges if c.kind is ChargeKind.DISCOUNT] == [Party.SHOP]
    assert not known.difference()
    assert known.checks


@given(
    prices=st.lists(st.integers(1, 20_000), min_size=1, max_size=5),
    boxes=st.integers(0, 900),
    bag=st.integers(0, 300),
    fee=st.integers(0, 900),
    off=st.integers(0, 500),
)
@settings(max_examples=60)
def test_lines_and_charges_give_the_total(prices: list[int], boxes: int, bag: int, fee: int, off: int) -> None:
    original = sum(prices) + boxes + bag + fee
    content = {
        "order_id": 1,
        "status": 2,
        "ctime": 1748749330,
        "total": str(Decimal(original - off) / 100),
        "original_price": str(Decimal(original) / 100),
        "shipping_fee": float(Decimal(fee) / 100),
        "package_bag_money": bag,
        "detail": [{"food_name": "x", "price": float(Decimal(p) / 100), "box_num": 1, "box_price": 9} for p in prices],
        "extras": [{"reduce_fee": off / 100, "mt_charge": 0, "poi_charge": off / 100}],
    }
    known = facts(content)
    assert not known.difference()
    assert not known.checks


@pytest.mark.parametrize(
    ("status", "kitchen"),
    [(2, "new"), (3, "new"), (4, "accepted"), (6, "handed_over"), (8, "completed"), (9, "cancelled")],
)
def test_states(fixture: Fixture, status: int, kitchen: str) -> None:
    update = order(fixture("open_order_placed") | {"status": status})
    assert (update.kitchen, update.unmapped) == (Kitchen(kitchen), "")
    assert (update.payment is Payment.REFUNDED) == (status == 9)


def test_an_unpaid_order_is_nobodys_business(fixture: Fixture) -> None:
    with pytest.raises(UnknownMessageError):
        order(fixture("open_order_placed") | {"status": 1})


def test_an_order_of_another_shop_is_not_ours(fixture: Fixture) -> None:
    with pytest.raises(UnknownMessageError):
        order(fixture("open_order_placed"), Reading("t_shop02"))


def test_what_is_unknown_is_kept_and_not_guessed(fixture: Fixture) -> None:
    update = order(fixture("open_order_placed") | {"status": 5, "logistics_status": 33})
    assert (update.kitchen, update.delivery) == (None, None)
    assert update.unmapped == "status=5 logistics_status=33"


@pytest.mark.parametrize(("code", "self_delivered"), [("0000", True), ("0016", True), ("1001", False), ("2002", False)])
def test_only_the_shops_own_delivery_is_told_by_the_orders_state(fixture: Fixture, code: str, self_delivered: bool) -> None:
    update = order(fixture("open_order_placed") | {"status": 6, "logistics_code": code})
    assert update.delivery == (Delivery.PICKED_UP if self_delivered else None)


def test_a_part_given_back_and_then_everything_asked(fixture: Fixture) -> None:
    update = order(fixture("open_order_part_refunded_then_whole_asked"))
    assert (update.kitchen, update.payment, update.refunded) == (Kitchen.COMPLETED, Payment.REFUND_ASKED, cny(400))
    assert update.request
    assert (update.request.kind, update.request.state) == (RequestKind.REFUND, RequestState.OPEN)
    assert update.request.amount is None
    assert update.request.deadline == datetime.fromtimestamp(1748752300, UTC) + timedelta(hours=3)


@pytest.mark.parametrize(
    ("result", "appeal", "state", "payment"),
    [
        (0, 0, RequestState.OPEN, Payment.REFUND_ASKED),
        (0, 1, RequestState.ARBITRATION, Payment.REFUND_ASKED),
        (1, 0, RequestState.REFUSED, Payment.REFUND_REFUSED),
        (2, 0, RequestState.AGREED, Payment.PART_REFUNDED),
        (3, 0, RequestState.DISMISSED, Payment.REFUND_REFUSED),
        (4, 0, RequestState.UPHELD, Payment.PART_REFUNDED),
        (5, 0, RequestState.AGREED, Payment.PART_REFUNDED),
        (7, 0, RequestState.WITHDRAWN, Payment.PAID),
    ],
)
def test_results_of_a_refund(fixture: Fixture, result: int, appeal: int, state: RequestState, payment: Payment) -> None:
    record = {"refund_id": 1, "ctime": 1748750000, "refund_type": "1", "res_type": result, "is_appeal": appeal, "money": "4"}
    update = order(fixture("open_order_placed") | {"status": 4, "refunds": [record]})
    assert update.request
    assert (update.request.state, update.payment) == (state, payment)
    assert (update.request.deadline is not None) == (state is RequestState.OPEN)
    assert update.refunded == (cny(400) if payment is Payment.PART_REFUNDED else None)


@pytest.mark.parametrize(("told", "refunded"), [(1, 5600), (2, 400), (3, 400), ("2", 400)])
def test_waimaiopen_counts_the_types_of_refunds_the_other_way_round(fixture: Fixture, told: Any, refunded: int) -> None:
    record = {"refund_id": 1, "ctime": 1748750000, "res_type": 2, "money": 4.0, "refund_type": told}
    open_door = order(fixture("open_order_placed") | {"status": 8, "refunds": [record | {"apply_reason": "少了"}]})
    assert open_door.refunded == cny(refunded)
    gateway = {"1": 400, "2": 5600}.get(str(told), 5600)
    assert order(fixture("open_order_placed") | {"status": 8, "refunds": [record | {"reason": "少了"}]}).refunded == cny(
        gateway
    )


def test_a_downgraded_order_is_provisional_and_read_again(fixture: Fixture) -> None:
    update = order(fixture("open_order_downgraded"))
    assert update.incomplete
    assert update.facts
    assert update.facts.provisional
    assert update.facts.income is None
    bare = order({**fixture("open_order_downgraded"), "detail": None})
    assert (bare.facts, bare.incomplete) == (None, True)


def test_real_numbers_take_the_place_of_virtual_ones(fixture: Fixture) -> None:
    assert facts(fixture("open_order_placed") | {"real_phone_number": "170****0000"}).customer.phone == "170****0000"


@pytest.mark.parametrize("missing", ["order_id", "total", "ctime", "status"])
def test_without_a_necessary_field_the_order_is_parked_by_its_name(fixture: Fixture, missing: str) -> None:
    content = fixture("open_order_placed")
    del content[missing]
    with pytest.raises(ProtocolError, match=missing):
        order(content)


@given(st.text(min_size=1))
@settings(max_examples=60)
def test_text_survives_being_encoded(text: str) -> None:
    chinese = f"点{text}"
    encoded = chinese.encode("utf-8", "replace").decode()
    assert decoded(encoded) == encoded
    assert decoded(quote(encoded, safe="")) == encoded
    assert unfolded(quote(quote(json.dumps([encoded]), safe=""), safe="")) == [encoded]


@pytest.mark.parametrize("text", ["100% spicy", "5%", "a+b", "%zz", "", "买一送一%20"])
def test_text_that_only_looks_encoded_is_left_alone(text: str) -> None:
    assert decoded(text) == text
