"""Orders as rows: nothing is lost on the way to the store and back, in Chinese too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.db import orders
from app.db.database import Database
from app.db.orders import StoredOrder
from app.db.rows import pack, unpack
from app.domain.changes import CustomerRequest, RequestKind, RequestState, Urge
from app.domain.lifecycle import Delivery, Kitchen, OrderState, Payment
from app.domain.money import Money
from app.domain.orders import (
    Charge,
    ChargeKind,
    Courier,
    Customer,
    Fulfilment,
    Option,
    OptionKind,
    OrderFacts,
    OrderLine,
    Party,
)
from tests.engine.shop import NOON, open_account

KEY = b"k" * 32
TEXT = some.text(max_size=12)
MONEY = some.builds(Money, some.integers(-(10**9), 10**9), some.just("CNY"))
WHEN = some.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001 - the zone is given
LINES = some.builds(
    OrderLine,
    TEXT,
    TEXT,
    some.decimals("0.1", "99", places=2),
    MONEY,
    MONEY,
    some.lists(some.builds(Option, TEXT, some.sampled_from(OptionKind), price=some.none() | MONEY), max_size=2).map(tuple),
    TEXT,
)
CHARGES = some.lists(some.builds(Charge, some.sampled_from(ChargeKind), TEXT, MONEY, some.sampled_from(Party)), max_size=2)
FACTS = some.builds(
    OrderFacts,
    TEXT,
    TEXT,
    some.sampled_from(Fulfilment),
    WHEN,
    MONEY,
    some.lists(LINES, max_size=3).map(tuple),
    due_at=some.none() | WHEN,
    charges=CHARGES.map(tuple),
    income=some.none() | MONEY,
    customer=some.builds(Customer, TEXT, TEXT, TEXT, some.none() | some.integers(0, 99)),
    checks=some.lists(TEXT, max_size=2).map(tuple),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "orders.db", KEY) as opened:
        opened.write_now(open_account)
        yield opened


def order(number: str = "7", **fields: object) -> StoredOrder:
    line = OrderLine(
        "1", "宫保鸡丁", Decimal("0.5"), Money(1800, "CNY"), Money(900, "CNY"), (Option("加辣", OptionKind.ADD),)
    )
    facts = OrderFacts(number, f"R{number}", Fulfilment.DELIVERY, NOON, Money(900, "CNY"), (line,))
    made = StoredOrder(1, "fake", f"P-{number}", facts, 1, NOON, date(2026, 11, 22), 12)
    return replace(made, **fields)  # type: ignore[arg-type]  # fields of a StoredOrder


@given(FACTS)
def test_facts_come_back_as_they_were(facts: OrderFacts) -> None:
    assert unpack(OrderFacts, pack(facts)) == facts


def test_an_order_comes_back_as_it_was(store: Database) -> None:
    full = order(
        state=OrderState(Kitchen.READY, 5, Delivery.AT_STORE, 6, Payment.PAID, 7),
        courier=Courier("王师傅", "138****0000", NOON),
        courier_version=6,
        request=CustomerRequest(RequestKind.REFUND, RequestState.OPEN, "少了一份", Money(100, "CNY"), ("1",), NOON),
        request_version=8,
        urges=(Urge("u", NOON, "快点", replied=True),),
        refunded_minor=100,
        unmapped="?",
        reason="原因",
        ready_at=NOON,
        attention=True,
    )
    saved = store.write_now(orders.save, full)

    assert store.read(orders.get, saved.id) == replace(full, id=saved.id)
    assert store.read(orders.find, 1, "P-7") == saved
    changed = store.write_now(orders.save, replace(saved, courier=None, request=None, urges=()))
    assert store.read(orders.get, saved.id) == changed


def test_what_is_not_there_is_said(store: Database) -> None:
    assert store.read(orders.find, 1, "P-0") is None
    with pytest.raises(LookupError, match="no order 9"):
        store.read(orders.get, 9)


def test_the_queue_holds_the_open_and_what_a_person_must_still_see(store: Database) -> None:
    for one in (order("1"), order("2", closed_at=NOON), order("3", closed_at=NOON, attention=True)):
        store.write_now(orders.save, one)

    assert [one.facts.number for one in store.read(orders.queue)] == ["1", "3"]
    assert [one.id for one in store.read(orders.queue, [1, 2])] == [1]
    assert store.read(orders.queue, []) == []


@pytest.mark.parametrize(("text", "found"), [("宫保", 1), ("p-7", 1), ("加辣", 1), ("%", 0), ("P_7", 0), ("鱼香", 0)])
def test_an_order_is_found_by_what_stands_on_it(store: Database, text: str, found: int) -> None:
    store.write_now(orders.save, order())

    assert len(store.read(orders.search, text, 10)) == found


def test_the_newest_finds_come_first_and_only_so_many(store: Database) -> None:
    for number in range(5):
        placed = replace(order(str(number)).facts, placed_at=NOON + timedelta(minutes=number))
        store.write_now(orders.save, order(str(number), facts=placed))

    assert [one.facts.number for one in store.read(orders.search, "P-", 3)] == ["4", "3", "2"]


def test_only_orders_in_doubt_are_asked_for_again(store: Database) -> None:
    facts = order().facts
    for number, changed, kitchen in (
        ("1", replace(facts, provisional=True), Kitchen.COMPLETED),
        ("2", replace(facts, decide_by=NOON), Kitchen.NEW),
        ("3", replace(facts, decide_by=NOON), Kitchen.ACCEPTED),
        ("4", replace(facts, decide_by=NOON + timedelta(seconds=1)), Kitchen.NEW),
        ("5", facts, Kitchen.NEW),
    ):
        store.write_now(orders.save, order(number, facts=changed, state=OrderState(kitchen)))

    assert store.read(orders.doubtful, 1, NOON) == ["P-2", "P-1"]
    assert store.read(orders.doubtful, 2, NOON) == []


def test_the_timeline_is_told_by_the_time_things_happened(store: Database) -> None:
    saved = store.write_now(orders.save, order())
    for minutes, kind in ((5, "ready"), (0, "placed"), (5, "urge")):
        store.write_now(orders.add_history, saved.id, NOON + timedelta(minutes=minutes), "platform", kind)

    assert [kind for _, _, kind, _ in store.read(orders.timeline, saved.id)] == ["placed", "ready", "urge"]


def test_a_time_without_a_zone_has_no_place_here(store: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        store.write_now(orders.save, order(ready_at=NOON.replace(tzinfo=None)))


def test_qt_may_be_loaded_between_the_store_and_the_platforms() -> None:
    """Negative control: without the first import of `rows`, Ele.me is quietly left out."""
    order_of_imports = "import app.bootstrap, PySide6.QtWidgets, app.platforms.eleme, app.platforms.hubrise"

    assert subprocess.run([sys.executable, "-c", order_of_imports], check=False).returncode == 0
