"""What the store says aloud: counts, the next order, numbers that collide, takings - and nothing of any customer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app import texts
from app.db import day_counts, inbox, orders, outbox
from app.db.accounts import Account
from app.db.orders import StoredOrder
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.domain.orders import Customer, Option, OrderLine
from app.engine import voice_orders
from app.engine.announcer import sentence
from app.engine.apply import apply
from app.engine.desk import RefusalError
from app.engine.house import House
from app.platforms.voice import Heard, Intent, Said, Slot, Wants
from app.steady import now
from tests.engine.shop import ALL, NOON, cny, dish, facts, house, memory, of, open_account, platform, report

READY, ACCEPT = CommandKind.READY, CommandKind.ACCEPT


@dataclass
class Desk:
    """Two platforms in one store; `hears` stores an order of one of them."""

    connection: Connection
    rules: House
    accounts: dict[str, Account]

    def hears(self, name: str, number: str, kitchen: Kitchen = Kitchen.NEW, **fields: Any) -> StoredOrder:
        account = self.accounts[name]
        update = of(f"{name}-{number}", report(0, kitchen, facts=facts(number, **fields)))
        order_id = apply(self.connection, self.rules, account, update, NOON)
        return orders.get(self.connection, order_id)

    def says(self, request_id: str = "r1") -> Heard:
        return Heard(request_id, "s1", Intent.READY, speaker="uo")

    def ready(self, request_id: str = "r1", **slots: str) -> voice_orders.Turn:
        named = {Slot(name): value for name, value in slots.items()}
        return voice_orders.ready(self.connection, self.rules, 99, self.says(request_id), named)

    def sent(self, order: StoredOrder) -> list[CommandKind]:
        told = [entry.command.kind for entry in outbox.of_order(self.connection, order.id)]
        return [kind for kind in told if kind is not CommandKind.RECEIVED]


@contextmanager
def two_platforms() -> Iterator[Desk]:
    known = {
        "red": platform(ALL, name="red", title="Ele.me"),
        "blue": platform(ALL - {READY, ACCEPT}, name="blue", title="Meituan"),
    }
    with memory() as connection:
        opened = {name: open_account(connection, platform=name, hook_token=name) for name in known}
        yield Desk(connection, house(platforms=known), opened)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with two_platforms() as opened:
        yield opened


@pytest.fixture
def chinese() -> Iterator[None]:
    before = texts.language()
    texts.use("zh")
    yield
    texts.use(before)


def test_new_orders_are_counted_by_platform(desk: Desk) -> None:
    assert voice_orders.new_orders(desk.connection, desk.rules) == "No new orders"
    for name, number in (("red", "7"), ("red", "8"), ("blue", "7")):
        desk.hears(name, number)
    desk.hears("red", "9", Kitchen.ACCEPTED)
    desk.hears("red", "10", Kitchen.CANCELLED)
    said = voice_orders.new_orders(desk.connection, desk.rules)
    assert said == "3 new orders: Ele.me 2, Meituan 1. 1 order is being cooked"


@pytest.mark.usefixtures("chinese")
def test_chinese_is_spoken_as_people_speak(desk: Desk) -> None:
    desk.hears("red", "7", lines=(dish("宫保鸡丁", 2), dish("米饭")))
    desk.hears("red", "12")
    assert voice_orders.new_orders(desk.connection, desk.rules) == "两个新订单：饿了么两个"
    read = voice_orders.next_order(desk.connection, desk.rules).said.text
    assert read == "饿了么七号，共三份。宫保鸡丁两份、米饭一份。后面还有一单。要接单请说接单"
    order = desk.hears("red", "27", Kitchen.ACCEPTED)
    assert desk.ready(number="二十七号").said.text == "饿了么二十七号：已向饿了么上报出餐，等平台确认"
    assert desk.sent(order) == [READY]


def test_the_most_urgent_order_is_read_first(desk: Desk) -> None:
    assert voice_orders.next_order(desk.connection, desk.rules).said.text == "No new orders"
    desk.hears("red", "7")
    urgent = desk.hears("blue", "9", decide_by=NOON + timedelta(minutes=3))
    turn = voice_orders.next_order(desk.connection, desk.rules)
    assert turn.about == urgent
    assert turn.said.text.startswith("Meituan number 9, 1 item")


def test_a_note_is_mentioned_and_not_read(desk: Desk) -> None:
    desk.hears("red", "7", note="ring at Ada's, no peanuts")
    said = voice_orders.next_order(desk.connection, desk.rules).said.text
    assert "a note" in said
    assert "Ada" not in said
    assert "peanuts" not in said


def test_a_long_order_is_cut_short(desk: Desk) -> None:
    desk.hears("red", "7", lines=tuple(dish(f"dish {number}") for number in range(12)))
    said = voice_orders.next_order(desk.connection, desk.rules).said.text
    assert "dish 7 times 1, and more" in said
    assert "dish 8" not in said


def test_food_is_reported_ready_and_nothing_is_claimed(desk: Desk) -> None:
    order = desk.hears("red", "12", Kitchen.ACCEPTED)
    turn = desk.ready(number="12")
    assert turn.changed == (order.id,)
    assert turn.said.text == "Ele.me number 12: asked Ele.me to note it as ready, not confirmed yet"
    assert desk.sent(order) == [READY]


def test_a_step_that_is_kept_here_is_said_to_be(desk: Desk) -> None:
    order = desk.hears("blue", "12", Kitchen.ACCEPTED)
    assert "marked ready here" in desk.ready(number="12").said.text
    assert desk.sent(order) == []
    assert orders.get(desk.connection, order.id).ready_at is not None


def test_the_number_is_asked_for(desk: Desk) -> None:
    said = desk.ready().said
    assert (said.wants, said.slot) == (Wants.SLOT, Slot.NUMBER)


def test_colliding_numbers_are_asked_apart(desk: Desk) -> None:
    red, blue = (desk.hears(name, "12", Kitchen.ACCEPTED) for name in ("red", "blue"))
    said = desk.ready(number="12").said
    assert (said.wants, said.slot) == (Wants.SLOT, Slot.PLATFORM)
    assert "Ele.me" in said.text
    assert "Meituan" in said.text
    assert (desk.sent(red), desk.sent(blue)) == ([], [])
    assert desk.ready(number="12", platform="饿了么").changed == (red.id,)
    orders.save(desk.connection, replace(orders.get(desk.connection, red.id), ready_at=NOON))
    assert desk.ready("r2", number="12").changed == (blue.id,)  # the other one is ready already


def test_an_order_that_is_not_accepted_yet_is_not_denied_because_another_platform_has_its_number(desk: Desk) -> None:
    red, blue = desk.hears("red", "12"), desk.hears("blue", "12", Kitchen.ACCEPTED)
    with pytest.raises(RefusalError, match="not been accepted yet"):
        desk.ready(number="12", platform="Ele.me")
    with pytest.raises(RefusalError, match="no such order with number 13"):
        desk.ready(number="13", platform="Ele.me")
    assert desk.sent(red) == []
    assert desk.ready(number="12").changed == (blue.id,)


def test_an_order_that_was_accepted_already_is_not_denied(desk: Desk) -> None:
    desk.hears("red", "12", Kitchen.ACCEPTED)
    desk.hears("red", "13")
    for number, told in (("12", "already been accepted"), ("14", "no such order with number 14")):
        with pytest.raises(RefusalError, match=told):
            voice_orders.acceptable(desk.connection, desk.rules, {Slot.NUMBER: number}, None)


def test_two_orders_of_one_platform_are_left_to_the_screen(desk: Desk) -> None:
    desk.hears("red", "12", Kitchen.ACCEPTED)
    other = open_account(desk.connection, platform="red", hook_token="second")
    desk.accounts["red"] = other
    desk.hears("red", "12", Kitchen.ACCEPTED)
    with pytest.raises(RefusalError, match="choose on the screen"):
        desk.ready(number="12", platform="Ele.me")


@pytest.mark.parametrize(("number", "kitchen"), [("13", Kitchen.ACCEPTED), ("12", Kitchen.NEW), ("12", Kitchen.CANCELLED)])
def test_what_the_desk_refuses_is_refused_aloud(desk: Desk, number: str, kitchen: Kitchen) -> None:
    order = desk.hears("red", "12", kitchen)
    with pytest.raises(RefusalError):
        desk.ready(number=number)
    assert desk.sent(order) == []


def test_a_repeated_request_is_answered_from_the_store(desk: Desk) -> None:
    order = desk.hears("red", "12", Kitchen.ACCEPTED)
    first = desk.ready(number="12")
    again = desk.ready(number="12")
    assert again.said.text == first.said.text
    assert again.changed == ()
    assert desk.sent(order) == [READY]
    assert inbox.waiting(desk.connection) == 0
    assert inbox.parked(desk.connection) == []


def accepting(desk: Desk, about: StoredOrder | None = None, **slots: str) -> StoredOrder | Said:
    named = {Slot(name): value for name, value in slots.items()}
    return voice_orders.acceptable(desk.connection, desk.rules, named, about)


def test_accept_means_the_order_named_or_just_read_or_the_only_one(desk: Desk) -> None:
    said = accepting(desk)
    assert isinstance(said, Said)
    assert said.text == "No new orders"
    first = desk.hears("red", "7")
    assert accepting(desk) == first
    second = desk.hears("red", "8")
    said = accepting(desk)
    assert isinstance(said, Said)
    assert (said.wants, said.slot) == (Wants.SLOT, Slot.NUMBER)
    assert accepting(desk, about=second) == second
    assert accepting(desk, about=second, number="7") == first
    with pytest.raises(RefusalError, match="9"):
        accepting(desk, number="9")


def test_what_cannot_be_accepted_from_here_is_not_asked_for(desk: Desk) -> None:
    desk.hears("blue", "7")
    with pytest.raises(RefusalError, match="no accepting from here"):
        accepting(desk)


def test_an_order_is_accepted_as_it_was_when_it_was_asked_about(desk: Desk) -> None:
    order = desk.hears("red", "7")
    accept = (desk.connection, desk.rules, 99, desk.says("r9"))
    with pytest.raises(RefusalError, match="changed"):
        voice_orders.accept(*accept, replace(order, revision=order.revision + 1))
    assert voice_orders.accept(*accept, order).changed == (order.id,)
    with pytest.raises(RefusalError):
        voice_orders.accept(*accept, order)
    assert desk.sent(order) == [ACCEPT]


def test_an_order_that_moved_on_is_not_accepted(desk: Desk) -> None:
    order = desk.hears("red", "7")
    desk.hears("red", "7", Kitchen.CANCELLED)
    with pytest.raises(RefusalError):
        voice_orders.accept(desk.connection, desk.rules, 99, desk.says(), order)
    assert desk.sent(order) == []


def today(desk: Desk, name: str, number: str, total: Money) -> StoredOrder:
    line = OrderLine("1", "dish", Decimal(1), total, total)
    order = desk.hears(name, number, Kitchen.ACCEPTED, total=total, lines=(line,))
    return orders.save(desk.connection, replace(order, business_day=desk.rules.calendar.day(now())))


def test_takings_are_told_by_currency_and_never_added(desk: Desk) -> None:
    assert voice_orders.takings(desk.connection, desk.rules) == "Nothing was sold today yet"
    today(desk, "red", "1", cny(128_50))
    order = today(desk, "red", "2", cny(1_100_00))
    today(desk, "blue", "3", Money(9_90, "GBP"))
    today(desk, "blue", "4", Money(500, "SEK"))
    day = desk.rules.calendar.day(now())
    orders.add_refund(desk.connection, order.id, cny(20_00), now(), day, 12)
    said = voice_orders.takings(desk.connection, desk.rules)
    assert said.split(". ") == [
        "2 orders today, 1,228.50 yuan",
        "given back 20.00 yuan",
        "1 order today, 9.90 pounds",
        "1 order today, 5.00 SEK",
    ]


@pytest.mark.usefixtures("chinese")
def test_takings_in_chinese_are_words(desk: Desk) -> None:
    today(desk, "red", "1", cny(128_50))
    assert voice_orders.takings(desk.connection, desk.rules) == "今天一单，营业额一百二十八点五元"


def test_a_hole_in_the_day_is_said(desk: Desk) -> None:
    today(desk, "red", "1", cny(100))
    day, long_ago = now().astimezone(desk.rules.calendar.zone).date(), now() - timedelta(minutes=10)
    day_counts.record(desk.connection, desk.accounts["red"].id, day, ["red-1", "red-lost"], long_ago)
    assert voice_orders.takings(desk.connection, desk.rules).endswith("Not complete: 1 order of Ele.me is missing here")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("饿了么", True), ("Ele.me", True), ("eleme", False), ("ele.me 外卖", True), ("美团", False), ("", False)],
)
def test_a_platform_is_meant_by_its_name_in_either_language(desk: Desk, said: str, meant: bool) -> None:
    assert voice_orders.is_meant(said, *voice_orders.platform_names(desk.rules, "red")) is meant


SECRET = st.text(st.sampled_from("赵钱孙李王五六单号新订1234567890 AbÄ\n.%{}"), min_size=3, max_size=12).map(
    lambda text: f"§{text}§"
)


@settings(max_examples=25)
@given(
    name=SECRET, phone=SECRET, address=SECRET, note=SECRET, typed=SECRET, code=SECRET, language=st.sampled_from(["zh", "en"])
)
def test_nothing_personal_is_ever_spoken(
    name: str, phone: str, address: str, note: str, typed: str, code: str, language: str
) -> None:
    before = texts.language()
    texts.use(language)
    try:
        with two_platforms() as desk:
            line = replace(dish("面"), note=typed, options=(Option(typed),))
            private: dict[str, Any] = {
                "customer": Customer(name, phone, address),
                "note": note,
                "pickup_code": code,
                "invoice": name,
                "shop": address,
                "lines": (line,),
            }
            cooked = desk.hears("red", "7", Kitchen.ACCEPTED, **private)
            waiting = desk.hears("red", "8", **private)
            choice = accepting(desk)
            assert isinstance(choice, StoredOrder)
            spoken = [
                voice_orders.new_orders(desk.connection, desk.rules),
                voice_orders.next_order(desk.connection, desk.rules).said.text,
                voice_orders.accepting(desk.rules, choice),
                voice_orders.accept(desk.connection, desk.rules, 99, desk.says("a"), waiting).said.text,
                desk.ready("b", number="7").said.text,
                voice_orders.takings(desk.connection, desk.rules),
                sentence(desk.rules, [cooked, waiting]),
            ]
        assert all(spoken)
        assert [words for words in spoken if "§" in words] == []
    finally:
        texts.use(before)
