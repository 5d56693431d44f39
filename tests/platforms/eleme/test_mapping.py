"""Ele.me's order as the counter's order: facts, options, money, times, states."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate, RequestKind, RequestState
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Option, OptionKind, OrderFacts, Party
from app.platforms.api import ProtocolError, UnknownMessageError
from app.platforms.eleme.events import ORDER, REQUEST_GONE, Reading, read
from app.platforms.eleme.mapping import tableware
from app.platforms.eleme.simulated_orders import order_body, random_order
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

Fixture = Callable[[str], bytes]
SHOP = Reading("150894532")


def cny(fen: int) -> Money:
    return Money(fen, "CNY")


def mapped(body: bytes | dict[str, Any], kind: str = ORDER, version: int = 1748749400000) -> OrderUpdate:
    return read(kind, body if isinstance(body, bytes) else json.dumps(body).encode(), version, SHOP)


def facts_of(body: bytes | dict[str, Any]) -> OrderFacts:
    facts = mapped(body).facts
    assert facts
    return facts


def changed(fixture: Fixture, **values: Any) -> dict[str, Any]:
    return {**json.loads(fixture("order_polled")), **values}


def test_the_order_of_the_reference(fixture: Fixture) -> None:
    update = mapped(fixture("order_polled"))
    facts = update.facts
    assert facts
    assert (update.order_id, update.kitchen, update.payment) == ("8045310123456789012", Kitchen.NEW, Payment.PAID)
    assert (facts.number, facts.reference, facts.shop) == ("7", "8045310123456789012", "川味小馆(望京店)")
    assert facts.placed_at == datetime(2025, 6, 1, 3, 42, 10, tzinfo=UTC)  # local time of China without a zone
    assert facts.decide_by == datetime(2025, 6, 1, 3, 47, 31, tzinfo=UTC)
    assert (facts.due_at, facts.scheduled, facts.paid, facts.provisional) == (None, False, True, False)
    assert (facts.note, facts.tableware) == ("少放辣,餐具2份", 2)
    assert (facts.customer.name, facts.customer.phone) == ("李(先生)", "17012345678,6021")
    assert facts.customer.address == "望京SOHO T1 1201室"
    assert facts.invoice == "北京某某科技有限公司 91110105MA01TEST0X"
    assert facts.checks == ()


def test_dishes_without_the_options_their_names_repeat(fixture: Fixture) -> None:
    pork, chicken, rice = facts_of(fixture("order_polled")).lines
    assert (pork.name, pork.options) == ("鱼香肉丝", (Option("小份"), Option("微辣")))
    assert (chicken.name, chicken.options, chicken.sku) == ("宫保鸡丁", (), "GBJD")
    assert (rice.quantity, rice.unit_price, rice.total, rice.basket) == (Decimal(2), cny(200), cny(400), "1号篮子")


@pytest.mark.parametrize(
    ("name", "specs", "attributes", "dish", "options"),
    [
        ("奶茶-大杯[去冰+三分糖]", ["大杯"], ["去冰", "三分糖"], "奶茶", ["大杯", "去冰", "三分糖"]),
        ("奶茶[去冰]", [], ["去冰"], "奶茶", ["去冰"]),
        ("奶茶(大杯/去冰)", ["大杯"], ["去冰"], "奶茶(大杯/去冰)", []),  # another form: the name stays whole
        ("奶茶", ["大杯"], [], "奶茶", ["大杯"]),
        ("-大杯", ["大杯"], [], "-大杯", []),
    ],
)
def test_a_dish_name_is_only_cut_where_it_repeats(
    fixture: Fixture, name: str, specs: list[str], attributes: list[str], dish: str, options: list[str]
) -> None:
    item = {"name": name, "price": 1, "newSpecs": [{"value": s} for s in specs]}
    item["attributes"] = [{"value": value} for value in attributes]
    (line,) = facts_of(changed(fixture, groups=[{"name": "1号篮子", "type": "normal", "items": [item]}])).lines
    assert (line.name, [option.name for option in line.options]) == (dish, options)


def test_what_to_leave_out_and_what_to_add(fixture: Fixture) -> None:
    item = {
        "name": "盖饭[不要香菜+免葱]",
        "price": 26,
        "attributes": [{"value": "不要香菜"}, {"value": "免葱"}],
        "additions": [{"name": "加煎蛋", "price": "3.00", "quantity": 2}],
    }
    (line,) = facts_of(changed(fixture, groups=[{"type": "normal", "items": [item]}])).lines
    assert line.name == "盖饭"
    assert line.options == (
        Option("香菜", OptionKind.REMOVE),
        Option("葱", OptionKind.REMOVE),
        Option("加煎蛋", OptionKind.ADD, 2, cny(300)),
    )


def test_two_diners_keep_their_baskets_and_every_line_its_own_key(fixture: Fixture) -> None:
    item = {"name": "米饭", "skuId": 1, "price": 2}
    groups = [{"name": f"{n}号篮子", "type": "normal", "items": [item, item]} for n in (1, 2)]
    lines = facts_of(changed(fixture, groups=groups)).lines
    assert [line.basket for line in lines] == ["1号篮子", "1号篮子", "2号篮子", "2号篮子"]
    assert len({line.key for line in lines}) == 4


def test_fees_and_discounts_with_who_bears_them(fixture: Fixture) -> None:
    facts = facts_of(fixture("order_polled"))
    assert facts.charges == (
        Charge(ChargeKind.PACKAGING, "餐盒", cny(300), Party.CUSTOMER),  # a field and an item, counted once
        Charge(ChargeKind.DELIVERY, "配送费", cny(400), Party.CUSTOMER),
        Charge(ChargeKind.DISCOUNT, "满60减15", cny(-1000), Party.SHOP),
        Charge(ChargeKind.DISCOUNT, "满60减15", cny(-500), Party.PLATFORM),
    )
    assert facts.deductions == (Charge(ChargeKind.COMMISSION, "平台服务费", cny(1026), Party.SHOP),)
    assert (facts.total, facts.income, facts.difference()) == (cny(5600), cny(4674), cny(0))


def test_a_red_packet_beside_the_activities_closes_the_sum(fixture: Fixture) -> None:
    facts = facts_of(changed(fixture, hongbao=-3.5, totalPrice=52.5))
    assert facts.charges[-1] == Charge(ChargeKind.DISCOUNT, "红包", cny(-350), Party.PLATFORM)
    assert not facts.difference()
    inside = facts_of(changed(fixture, hongbao=-3.5))  # already among the activities: not counted twice
    assert all(charge.name != "红包" for charge in inside.charges)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"totalPrice": 55.0}, "-1.00 CNY"),
        ({"originalPrice": 70.0, "income": None}, "before discounts"),
        ({"activityTotal": -14.0}, "discounts"),
        ({"income": 40.0}, "income"),
        ({"packageFee": 9.0}, "total differs"),
    ],
)
def test_figures_that_contradict_are_named(fixture: Fixture, values: dict[str, Any], words: str) -> None:
    assert any(words in check for check in facts_of(changed(fixture, **values)).checks)


def test_a_discount_nobody_pays_is_put_on_the_shop_and_named(fixture: Fixture) -> None:
    activity = {"name": "满减", "amount": -15.0}
    facts = facts_of(changed(fixture, orderActivities=[activity]))
    assert Charge(ChargeKind.DISCOUNT, "满减", cny(-1500), Party.SHOP) in facts.charges
    assert any("满减" in check for check in facts.checks)


def test_self_delivery_leaves_the_delivery_fee_with_the_shop(fixture: Fixture) -> None:
    assert facts_of(changed(fixture, income=50.74)).checks == ()


def test_a_downgraded_order_is_provisional_and_claims_no_income(fixture: Fixture) -> None:
    body = json.loads(json.loads(fixture("order_placed_downgraded"))["message"])
    update, facts = mapped(body), facts_of(body)
    assert (facts.provisional, facts.income, facts.deductions) == (True, None, ())
    assert update.payment is Payment.PAID_PROVISIONAL
    assert facts.total == cny(5600)
    assert Charge(ChargeKind.PACKAGING, "餐盒", cny(300), Party.CUSTOMER) in facts.charges  # from the item, the field is 0
    assert facts.difference() == cny(-1500)
    assert facts.checks  # the missing discounts are named


def test_floats_are_read_as_the_decimals_they_are_written_as(fixture: Fixture) -> None:
    text = fixture("order_polled").decode().replace('"totalPrice": 56.0', '"totalPrice": 0.29')
    assert facts_of(text.encode()).total == cny(29)  # 0.29 * 100 is 28.999... as a float


@pytest.mark.parametrize(
    ("status", "refund", "kitchen", "payment", "state"),
    [
        ("unprocessed", "noRefund", Kitchen.NEW, Payment.PAID, None),
        ("valid", "noRefund", Kitchen.ACCEPTED, Payment.PAID, None),
        ("valid", "applied", Kitchen.ACCEPTED, Payment.REFUND_ASKED, RequestState.OPEN),
        ("refunding", "applied", Kitchen.ACCEPTED, Payment.REFUND_ASKED, RequestState.OPEN),
        ("valid", "rejected", Kitchen.ACCEPTED, Payment.REFUND_REFUSED, RequestState.REFUSED),
        ("valid", "arbitrating", Kitchen.ACCEPTED, Payment.REFUND_ASKED, RequestState.ARBITRATION),
        ("valid", "failed", Kitchen.ACCEPTED, Payment.REFUND_REFUSED, RequestState.DISMISSED),
        ("invalid", "successful", Kitchen.CANCELLED, Payment.REFUNDED, RequestState.AGREED),
        ("invalid", "noRefund", Kitchen.CANCELLED, Payment.REFUNDED, None),
        ("invalid", "applied", Kitchen.CANCELLED, Payment.REFUNDED, None),
        ("settled", "noRefund", Kitchen.COMPLETED, Payment.PAID, None),
        ("settled", "applied", Kitchen.COMPLETED, Payment.REFUND_ASKED, RequestState.OPEN),
    ],
)
def test_states(
    fixture: Fixture, status: str, refund: str, kitchen: Kitchen, payment: Payment, state: RequestState | None
) -> None:
    update = mapped(changed(fixture, status=status, refundStatus=refund))
    assert (update.kitchen, update.payment, update.unmapped) == (kitchen, payment, "")
    assert (update.request.state if update.request else None) is state
    if update.request:
        assert update.request.kind is (RequestKind.REFUND if status == "settled" else RequestKind.CANCEL)


def test_unknown_words_are_kept_and_never_guessed(fixture: Fixture) -> None:
    update = mapped(changed(fixture, status="teleported", refundStatus="puzzled"))
    assert (update.kitchen, update.payment, update.request) == (None, None, None)
    assert update.unmapped == "status=teleported refundStatus=puzzled"
    assert update.facts


def test_an_unpaid_order_is_not_an_order_yet(fixture: Fixture) -> None:
    with pytest.raises(UnknownMessageError):
        mapped(changed(fixture, status="pending"))


def test_cash_on_delivery_is_unpaid_and_needs_no_refund(fixture: Fixture) -> None:
    update = mapped(changed(fixture, onlinePaid=False, status="invalid"))
    assert (update.payment, update.refunded) == (Payment.UNPAID, None)


def test_a_part_refund_tells_the_sum_so_far(fixture: Fixture) -> None:
    update = mapped(fixture("order_polled_part_refunded"))
    assert (update.kitchen, update.payment) == (Kitchen.COMPLETED, Payment.PART_REFUNDED)
    assert (update.refunded, update.refunded_at) == (cny(1250), datetime(2025, 6, 1, 3, 43, 20, tzinfo=UTC))
    body = json.loads(fixture("order_polled_part_refunded"))
    body["refundOrder"]["totalPrice"] = 56.0
    assert mapped(body).payment is Payment.REFUNDED
    unknown = mapped({key: value for key, value in body.items() if key != "refundOrder"})
    assert (unknown.payment, unknown.refunded) == (None, None)


def test_a_cancel_request_waits_for_fifteen_minutes(fixture: Fixture) -> None:
    request = mapped(fixture("order_polled_cancel_asked")).request
    assert request
    assert (request.kind, request.state, request.reason) == (RequestKind.CANCEL, RequestState.OPEN, "等太久了")
    assert (request.amount, request.deadline) == (None, datetime(2025, 6, 1, 4, 15, tzinfo=UTC))


def test_a_request_that_vanished_was_withdrawn(fixture: Fixture) -> None:
    gone = mapped(changed(fixture, status="valid"), REQUEST_GONE).request
    assert gone
    assert gone.state is RequestState.WITHDRAWN
    refused = mapped(changed(fixture, status="valid", refundStatus="rejected"), REQUEST_GONE).request
    assert refused
    assert refused.state is RequestState.REFUSED


def test_a_cancelled_order_tells_why_and_gives_all_back(fixture: Fixture) -> None:
    update = mapped(fixture("order_polled_cancelled"))
    assert (update.kitchen, update.reason) == (Kitchen.CANCELLED, "顾客下错单")
    assert (update.payment, update.refunded) == (Payment.REFUNDED, cny(5600))


def test_scheduled_orders_and_gifts(fixture: Fixture) -> None:
    gift = {"greeting": "生日快乐", "remark": "写在卡上"}
    facts = facts_of(changed(fixture, book=True, deliverTime="2025-06-01T18:30:00", userExtraInfo=gift))
    assert (facts.scheduled, facts.due_at) == (True, datetime(2025, 6, 1, 10, 30, tzinfo=UTC))
    assert facts.note == "少放辣,餐具2份；生日快乐；写在卡上"


def test_the_time_to_decide_is_a_setting(fixture: Fixture) -> None:
    reading = Reading("150894532", timedelta(minutes=1))
    facts = read(ORDER, fixture("order_polled"), 1, reading).facts
    assert facts
    assert facts.decide_by == datetime(2025, 6, 1, 3, 43, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("note", "sets"),
    [
        ("", None),
        ("少放辣,餐具2份", 2),
        ("需要3套餐具，多放香菜", 3),
        ("餐具数量：10", 10),
        ("无需餐具，谢谢", 0),
        ("不要餐具", 0),
        ("花生过敏，2份米饭", None),
    ],
)
def test_tableware_from_the_note(note: str, sets: int | None) -> None:
    assert tableware(note) == sets


@pytest.mark.parametrize("missing", ["id", "status", "createdAt", "totalPrice"])
def test_an_order_without_its_essentials_is_parked(fixture: Fixture, missing: str) -> None:
    body = {key: value for key, value in json.loads(fixture("order_polled")).items() if key not in (missing, "orderId")}
    with pytest.raises(ProtocolError, match=r"id|status|createdAt|totalPrice"):
        mapped(body)


def test_a_refused_field_is_named_but_its_content_is_not(fixture: Fixture) -> None:
    with pytest.raises(ProtocolError, match="consigneePhones") as refusal:
        mapped(changed(fixture, consigneePhones={"secret": "13812345678"}))
    assert "13812345678" not in str(refusal.value)


def test_numbers_and_texts_may_be_exchanged(fixture: Fixture) -> None:
    drifted = changed(fixture, totalPrice="56.00", daySn="7", shopId="150894532", id=8045310123456789012, book="false")
    assert facts_of(drifted) == facts_of(fixture("order_polled"))


def test_an_order_of_another_shop_is_not_ours(fixture: Fixture) -> None:
    with pytest.raises(UnknownMessageError):
        mapped(changed(fixture, shopId=999))


OPTIONS = st.builds(
    PretendOption,
    st.sampled_from(["大份", "微辣", "去冰", "香菜", "煎蛋"]),
    st.sampled_from(OptionKind),
    st.integers(0, 999),
)
LINES = st.builds(
    PretendLine,
    st.text("鱼香肉丝饭-[]+ab", min_size=1, max_size=8),
    st.integers(100, 99_999),
    st.integers(1, 9),
    st.lists(OPTIONS, max_size=4).map(tuple),
)
MONEY = st.integers(0, 3000)
WISHES = st.builds(
    PretendOrder,
    st.lists(LINES, min_size=1, max_size=6).map(tuple),
    shop_discount=MONEY,
    platform_discount=MONEY,
    delivery_fee=MONEY,
    packaging_fee=MONEY,
)


@given(wish=WISHES)
def test_every_fen_of_an_order_is_accounted_for(wish: PretendOrder) -> None:
    facts = facts_of(order_body(wish, "1" * 19, 1, 1_748_749_400.0, 1.0))
    goods = sum((line.price + sum(option.price for option in line.options)) * line.quantity for line in wish.lines)
    assert sum(line.total.minor for line in facts.lines) == goods
    assert not facts.difference()
    assert facts.checks == ()
    fees = sum(charge.amount.minor for charge in facts.charges if charge.kind is not ChargeKind.DISCOUNT)
    assert fees == wish.delivery_fee + wish.packaging_fee


@given(wish=WISHES, off=st.integers(-500, 500))
def test_a_difference_is_always_named(wish: PretendOrder, off: int) -> None:
    body = order_body(wish, "1" * 19, 1, 1_748_749_400.0, 1.0)
    body["totalPrice"] = float(Decimal(str(body["totalPrice"])) + Decimal(off) / 100)
    facts = facts_of(body)
    assert facts.difference() == cny(off)
    assert bool(facts.checks) == bool(off)


@given(wish=WISHES)
def test_every_option_reaches_the_kitchen_once(wish: PretendOrder) -> None:
    facts = facts_of(order_body(wish, "1" * 19, 1, 1_748_749_400.0, 1.0))
    for line, wanted in zip(facts.lines, wish.lines, strict=True):
        assert line.name == wanted.name
        asked = sorted((option.name, option.kind.value) for option in wanted.options)
        assert sorted((option.name, option.kind.value) for option in line.options) == asked


@given(chance=st.randoms(use_true_random=False))
def test_random_orders_of_the_simulator_are_plausible(chance: Any) -> None:
    wish = random_order(chance)
    facts = facts_of(order_body(wish, "1" * 19, 1, 1_748_749_400.0, 1.0))
    assert facts.checks == ()
    assert 0 < facts.total.minor < 200_000
