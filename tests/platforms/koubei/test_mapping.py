"""Koubei's orders as standard orders: figures, tables and numbers, sets and additions, dishes taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import DEAD, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Fulfilment, OptionKind, OrderFacts, Party
from app.platforms.api import ProtocolError
from app.platforms.koubei.mapping import kitchen_of, order_update, urge_updates
from app.platforms.koubei.payloads import Order, parse, shape
from app.platforms.koubei.simulated_orders import drifted, order_body
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

VERSION = 1_748_750_000_000
Fixture = Callable[[str], bytes]


def update_of(body: bytes) -> OrderUpdate:
    """A message as an update."""
    return order_update(shape(Order, parse(body)), VERSION)


def facts_of(body: bytes) -> OrderFacts:
    """Its facts."""
    facts = update_of(body).facts
    assert facts
    return facts


def changed(body: bytes, **fields: Any) -> bytes:
    """The same order with other fields."""
    return json.dumps({**json.loads(body), **fields}).encode()


def yuan(text: str) -> Money:
    """An amount."""
    return Money.parse(text, "CNY")


def test_a_pre_order(fixture: Fixture) -> None:
    facts = facts_of(fixture("pre_order_paid"))
    assert (facts.number, facts.reference, facts.pickup_code) == ("5100", "2025060100077001", "5100")
    assert facts.fulfilment is Fulfilment.PICKUP
    assert facts.placed_at == datetime(2025, 6, 1, 3, 42, 10, tzinfo=UTC)
    assert facts.decide_by == datetime(2025, 6, 1, 3, 52, 30, tzinfo=UTC)
    assert (facts.total, facts.income, facts.paid) == (yuan("56"), yuan("61"), True)
    assert not facts.scheduled
    assert facts.due_at is None
    assert (facts.note, facts.tableware, facts.customer.phone) == ("少放辣", 2, "138****0000")
    assert not facts.difference()
    assert facts.checks == ()


def test_wishes_are_options_and_what_is_left_out_is_told_apart(fixture: Fixture) -> None:
    first, second = facts_of(fixture("pre_order_paid")).lines
    assert [(option.name, option.kind) for option in first.options] == [
        ("小份", OptionKind.CHOICE),
        ("微辣", OptionKind.CHOICE),
        ("葱", OptionKind.REMOVE),
    ]
    assert second.options == ()


def test_a_shared_discount_is_two_charges(fixture: Fixture) -> None:
    discounts = [charge for charge in facts_of(fixture("pre_order_paid")).charges if charge.amount < yuan("0")]
    assert {(charge.borne_by, charge.amount) for charge in discounts} == {
        (Party.SHOP, yuan("-5")),
        (Party.PLATFORM, yuan("-5")),
    }


def test_a_pre_order_for_later_is_scheduled(fixture: Fixture) -> None:
    facts = facts_of(fixture("pre_order_for_later"))
    assert facts.scheduled
    assert facts.due_at == datetime(2025, 6, 1, 10, 30, tzinfo=UTC)
    assert facts.decide_by is None


def test_dine_in_that_is_paid_after_the_meal(fixture: Fixture) -> None:
    update = update_of(fixture("dine_in_pay_later"))
    assert update.facts
    facts = update.facts
    assert (facts.fulfilment, facts.number, facts.pickup_code) == (Fulfilment.DINE_IN, "桌08", "")
    assert (facts.total, facts.paid, facts.income) == (yuan("124"), False, None)
    assert update.payment is Payment.UNPAID
    assert not facts.difference()
    assert facts.checks == ()


def test_sets_and_additions_belong_to_their_dish(fixture: Fixture) -> None:
    dinner, rice = facts_of(fixture("dine_in_pay_later")).lines
    assert [(option.name, option.price) for option in dinner.options] == [("水煮牛肉", None), ("红糖糍粑", yuan("6"))]
    assert dinner.total == yuan("104")
    assert (rice.unit_price, rice.total, rice.note) == (yuan("3"), yuan("12"), "等叫起；后上")
    egg = rice.options[-1]
    assert (egg.name, egg.kind, egg.quantity, egg.price) == ("煎蛋", OptionKind.ADD, 1, yuan("3"))


def test_a_dish_taken_back_leaves_the_kitchens_list_and_is_refunded(fixture: Fixture) -> None:
    update = update_of(fixture("dish_taken_back"))
    assert update.facts
    assert [line.name for line in update.facts.lines] == ["鱼香肉丝"]
    assert (update.refunded, update.payment) == (yuan("32"), Payment.PART_REFUNDED)
    assert update.facts.total == yuan("56")
    assert not update.facts.difference()
    assert update.facts.checks == ()
    assert update.kitchen is Kitchen.NEW


@pytest.mark.parametrize(
    ("reason", "kitchen"),
    [
        ("SELL_OUT", Kitchen.REJECTED),
        ("RECEIVE_TIMEOUT", Kitchen.EXPIRED),
        ("等太久了", Kitchen.CANCELLED),
        ("", Kitchen.CANCELLED),
    ],
)
def test_an_order_whose_dishes_were_all_taken_back_is_dead(fixture: Fixture, reason: str, kitchen: Kitchen) -> None:
    dishes = [dish | {"refund_reason": reason} for dish in json.loads(fixture("taken_back_by_the_shop"))["dish_details"]]
    update = update_of(changed(fixture("taken_back_by_the_shop"), dish_details=dishes))
    assert (update.kitchen, update.reason) == (kitchen, reason)
    assert (update.refunded, update.payment) == (yuan("56"), Payment.REFUNDED)
    assert update.facts
    assert len(update.facts.lines) == 2


def test_members_prices_count_only_where_the_bill_is_made_of_them(fixture: Fixture) -> None:
    facts = facts_of(fixture("member_prices"))
    assert facts.lines[0].unit_price == yuan("28")
    assert facts.checks == ()
    usual = facts_of(changed(fixture("member_prices"), bill_amount="66.00", trade_amount="66.00", pay_amount="66.00"))
    assert usual.lines[0].unit_price == yuan("32")


def test_a_changed_price_wins(fixture: Fixture) -> None:
    content = json.loads(fixture("pre_order_paid"))
    content["dish_details"][0] |= {"has_change": "true", "change_price": "20.00"}
    assert facts_of(json.dumps(content).encode()).lines[0].unit_price == yuan("20")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("pay_amount", "50.00", "total"), ("bill_amount", "70.00", "before discounts"), ("receipt_amount", "60.00", "income")],
)
def test_figures_that_do_not_add_up_are_named(fixture: Fixture, field: str, value: str, words: str) -> None:
    facts = facts_of(changed(fixture("pre_order_paid"), **{field: value}))
    assert any(words in check for check in facts.checks)


@pytest.mark.parametrize(
    ("statuses", "kitchen"),
    [
        (["INIT", "INIT"], Kitchen.NEW),
        (["MAKE", "INIT"], Kitchen.PREPARING),
        (["SERVE", "INIT"], Kitchen.PREPARING),
        (["MAKE", "MAKE"], Kitchen.READY),
        (["MAKE", "SERVE"], Kitchen.READY),
        (["SERVE", "SERVE"], Kitchen.HANDED_OVER),
        (["REFUND", "SERVE"], Kitchen.HANDED_OVER),
        (["REFUND", "INIT"], Kitchen.NEW),
        (["INIT", "FLAMBE"], None),
    ],
)
def test_the_dishes_tell_how_far_the_kitchen_is(fixture: Fixture, statuses: list[str], kitchen: Kitchen | None) -> None:
    dishes = json.loads(fixture("pre_order_paid"))["dish_details"]
    dishes = [dish | {"make_status": status} for dish, status in zip(dishes, statuses, strict=True)]
    update = update_of(changed(fixture("pre_order_paid"), dish_details=dishes))
    assert update.kitchen is kitchen
    assert bool(update.unmapped) == (kitchen is None)


@pytest.mark.parametrize(
    ("style", "take_no", "number"),
    [("TABLE", "8", "桌8"), ("NO", "5100", "5100"), ("NO", "", "7001"), ("DELIVERY", "2018012912312312321", "7001")],
)
def test_the_number_is_what_is_called_out(fixture: Fixture, style: str, take_no: str, number: str) -> None:
    assert facts_of(changed(fixture("pre_order_paid"), take_style=style, take_no=take_no)).number == number


def test_urges_are_counted_dish_by_dish_and_answered_by_the_dish(fixture: Fixture) -> None:
    content = json.loads(fixture("pre_order_paid"))
    content["dish_details"][0]["remind_time"] = "2"
    order = shape(Order, content)
    keys = [update.urge.key for update in urge_updates(order, VERSION) if update.urge and not update.urge.replied]
    assert keys == ["2025060100077001:1:1", "2025060100077001:1:2"]
    content["dish_details"][0]["make_status"] = "MAKE"
    made = list(urge_updates(shape(Order, content), VERSION))
    assert all(update.urge and update.urge.replied for update in made)
    assert len(made) == 2


def test_drift_changes_nothing(fixture: Fixture) -> None:
    plain = json.loads(fixture("pre_order_paid"))
    wanted = facts_of(fixture("pre_order_paid"))
    rows = plain["dish_details"]
    loose = [row | {"main_flag": True, "dish_num": 1.0, "sell_price": 32, "memo": None, "new_field": [1]} for row in rows]
    for dishes in (loose, json.dumps(loose), {"kb_pos_order_dish_detail": loose}):
        assert facts_of(changed(fixture("pre_order_paid"), dish_details=dishes, people_num="2", ext="?")) == wanted


def test_an_unreadable_ext_info_costs_only_the_deadline(fixture: Fixture) -> None:
    for odd in ("{broken", "[]", "", '{"receiptTimeout":"soon"}', '{"receiptTimeout":"0001-01-01 00:00:00"}'):
        assert facts_of(changed(fixture("pre_order_paid"), ext_info=odd)).decide_by is None


@pytest.mark.parametrize("field", ["order_id", "order_time", "dish_details"])
def test_what_cannot_be_read_is_named_without_its_content(fixture: Fixture, field: str) -> None:
    with pytest.raises(ProtocolError, match=field) as error:
        facts_of(changed(fixture("pre_order_paid"), **{field: ["secret words"]}))
    assert "secret words" not in str(error.value)


OPTIONS = st.builds(PretendOption, st.sampled_from(["大份", "微辣"]), st.sampled_from(OptionKind), st.integers(0, 500))
LINES = st.builds(
    PretendLine, st.sampled_from(["鱼香肉丝", "米饭"]), st.integers(1, 9999), st.integers(1, 9), st.tuples(OPTIONS, OPTIONS)
)
ORDERS = st.builds(
    PretendOrder,
    st.lists(LINES, min_size=1, max_size=4).map(tuple),
    fulfilment=st.sampled_from(Fulfilment),
    shop_discount=st.integers(0, 3000),
    platform_discount=st.integers(0, 3000),
    packaging_fee=st.integers(0, 500),
)


@given(wish=ORDERS, chance=st.randoms(use_true_random=False))
def test_every_pretend_order_adds_up_however_it_is_spelled(wish: PretendOrder, chance: Any) -> None:
    body = order_body(wish, "2025060100077001", 7, 1_748_750_000.0, 1.0)
    facts = facts_of(json.dumps(body).encode())
    assert not facts.difference()
    assert facts.checks == ()
    assert [(line.name, line.quantity) for line in facts.lines] == [
        (line.name, Decimal(line.quantity)) for line in wish.lines
    ]
    assert facts_of(json.dumps(drifted(body, chance)).encode()) == facts


@given(statuses=st.lists(st.sampled_from(["INIT", "MAKE", "SERVE", "REFUND"]), min_size=1, max_size=5))
def test_an_order_is_dead_only_when_nothing_of_it_is_left(statuses: list[str]) -> None:
    rows = [{"dish_name": str(n), "out_detail_no": str(n), "make_status": status} for n, status in enumerate(statuses)]
    order = shape(Order, {"order_id": "1", "order_time": "2025-06-01 12:00:00", "dish_details": rows})
    assert (kitchen_of(order) in DEAD) == (set(statuses) == {"REFUND"})
