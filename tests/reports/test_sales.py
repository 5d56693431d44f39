"""Sales figures: what counts, on which day, in which currency, and that every sum agrees with every other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects import postgresql

from app.db.database import Database
from app.db.tables import accounts, orders, refunds
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.money import Money
from app.reports.sales import DaySales, HourSales, add_up, is_sale, sales_by_day, sales_by_hour, totals

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Sold:
    """One order as far as the figures look at it; `refunds` are (business day, minor units)."""

    minor: int = 5000
    kitchen: Kitchen = Kitchen.COMPLETED
    day: date = TODAY
    hour: int = 12
    platform: str = "eleme"
    currency: str = "CNY"
    handed_over: bool = False
    delivery: Delivery = Delivery.NONE
    refunds: tuple[tuple[date, int], ...] = ()


def save(connection: Connection, rows: list[Sold]) -> None:
    """Make `rows` the only orders of the store, with the columns that the figures do not use filled in."""
    for table in (refunds, orders, accounts):
        connection.execute(delete(table))
    connection.execute(insert(accounts).values(id=1, platform="eleme", name="a", hook_token="h", created_at=NOON))
    for number, row in enumerate(rows, start=1):
        connection.execute(
            insert(orders).values(
                id=number,
                account_id=1,
                platform=row.platform,
                platform_order_id=str(number),
                number=str(number),
                business_day=row.day,
                hour=row.hour,
                placed_at=NOON,
                kitchen=row.kitchen.value,
                kitchen_version=1,
                delivery=row.delivery.value,
                delivery_version=1,
                payment="paid",
                payment_version=1,
                facts={},
                facts_version=1,
                currency=row.currency,
                total_minor=row.minor,
                stored_at=NOON,
                handed_over_at=NOON if row.handed_over else None,
            )
        )
        for day, minor in row.refunds:
            connection.execute(
                insert(refunds).values(
                    order_id=number, amount_minor=minor, currency=row.currency, at=NOON, business_day=day, hour=12
                )
            )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The real, encrypted store."""
    with Database.open(tmp_path_factory.mktemp("sales") / "orders.db", b"k" * 32) as database:
        database.write_now(save, [])  # its writer thread starts here and is not the first test's
        yield database


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


@pytest.mark.parametrize("kitchen", list(Kitchen))
def test_an_order_is_a_sale_from_acceptance_to_completion(store: Database, kitchen: Kitchen) -> None:
    store.write_now(save, [Sold(kitchen=kitchen)])
    expected = kitchen not in {Kitchen.NEW, Kitchen.REJECTED, Kitchen.EXPIRED, Kitchen.CANCELLED}
    assert [row.orders for row in store.read(sales_by_hour, TODAY)] == ([1] if expected else [])
    assert bool(store.read(totals, TODAY)) is expected


def test_a_refund_stands_on_its_own_day_and_yesterday_stays_as_it_was(store: Database) -> None:
    store.write_now(save, [Sold(minor=5000, day=YESTERDAY, refunds=((TODAY, 1200),))])
    assert store.read(sales_by_day, TODAY, 2) == [
        DaySales(YESTERDAY, "eleme", 1, cny(5000), cny(0)),
        DaySales(TODAY, "eleme", 0, cny(0), cny(-1200)),
    ]


def test_cancelled_after_the_food_left_keeps_its_sale_and_takes_the_refund_when_it_came(store: Database) -> None:
    late = Sold(minor=5000, day=YESTERDAY, kitchen=Kitchen.CANCELLED, refunds=((TODAY, 5000),))
    store.write_now(save, [replace(late, handed_over=True), replace(late, delivery=Delivery.DELIVERED)])
    assert [(row.day, row.sales.minor, row.refunds.minor) for row in store.read(sales_by_day, TODAY, 2)] == [
        (YESTERDAY, 10000, 0),
        (TODAY, 0, -10000),
    ]


def test_cancelled_while_cooking_is_no_sale_and_its_refund_is_not_subtracted_twice(store: Database) -> None:
    store.write_now(save, [Sold(kitchen=Kitchen.CANCELLED, refunds=((TODAY, 5000),))])
    assert store.read(sales_by_day, TODAY, 30) == []


def test_cancelled_after_the_food_left_without_any_refund_told_is_no_sale(store: Database) -> None:
    store.write_now(save, [Sold(kitchen=Kitchen.CANCELLED, handed_over=True)])
    assert store.read(totals, TODAY) == []


@pytest.mark.parametrize("kitchen", [Kitchen.NEW, Kitchen.REJECTED, Kitchen.EXPIRED])
def test_money_given_back_for_an_order_never_accepted_is_not_counted(store: Database, kitchen: Kitchen) -> None:
    store.write_now(save, [Sold(kitchen=kitchen, handed_over=True, refunds=((TODAY, 5000),))])
    assert store.read(totals, TODAY) == []


def test_currencies_and_platforms_are_kept_apart(store: Database) -> None:
    store.write_now(save, [Sold(), Sold(currency="EUR", platform="hubrise"), Sold(currency="EUR")])
    assert [(row.platform, row.sales.currency) for row in store.read(sales_by_day, TODAY, 1)] == [
        ("eleme", "CNY"),
        ("eleme", "EUR"),
        ("hubrise", "EUR"),
    ]
    assert store.read(sales_by_hour, TODAY) == [HourSales(12, 1, cny(5000)), HourSales(12, 2, Money(10000, "EUR"))]
    assert [(total.orders, str(total.net)) for total in store.read(totals, TODAY)] == [(1, "50.00 CNY"), (2, "100.00 EUR")]


def test_the_window_holds_its_first_and_last_day_and_nothing_beside(store: Database) -> None:
    store.write_now(save, [Sold(day=TODAY - timedelta(days=ago)) for ago in (-1, 0, 29, 30)])
    assert [row.day for row in store.read(sales_by_day, TODAY, 30)] == [TODAY - timedelta(days=29), TODAY]


@pytest.mark.parametrize(("sales", "count", "average"), [(100, 3, 33), (200, 3, 67), (5, 2, 3), (0, 0, 0)])
def test_the_average_is_rounded_half_up(sales: int, count: int, average: int) -> None:
    rows = [DaySales(TODAY, "eleme", count, cny(sales), cny(-7))]
    assert add_up(rows)[0].average == cny(average)


def test_the_sale_rule_is_plain_sql_for_postgresql_too() -> None:
    text = str(is_sale().compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy types it loosely
    assert "EXISTS" in text


DAYS = st.integers(0, 40).map(lambda ago: TODAY - timedelta(days=ago))
SOLD = st.builds(
    Sold,
    minor=st.integers(0, 10**7),
    kitchen=st.sampled_from(Kitchen),
    day=DAYS,
    hour=st.integers(0, 23),
    platform=st.sampled_from(["eleme", "hubrise"]),
    currency=st.sampled_from(["CNY", "EUR", "JPY"]),
    handed_over=st.booleans(),
    delivery=st.sampled_from(Delivery),
    refunds=st.lists(st.tuples(DAYS, st.integers(1, 10**6)), max_size=3).map(tuple),
)


def counts(row: Sold) -> bool:
    """The rule of the module, said a second time and in another way."""
    if row.kitchen is Kitchen.CANCELLED:
        return bool(row.refunds) and (row.handed_over or row.delivery in {Delivery.PICKED_UP, Delivery.DELIVERED})
    return Kitchen.ACCEPTED.value <= row.kitchen.value and row.kitchen not in {
        Kitchen.NEW,
        Kitchen.REJECTED,
        Kitchen.EXPIRED,
    }


@settings(max_examples=40)
@given(rows=st.lists(SOLD, max_size=25))
def test_hours_add_up_to_days_and_days_to_what_was_sold(store: Database, rows: list[Sold]) -> None:
    store.write_now(save, rows)
    days = store.read(sales_by_day, TODAY, 60)
    for row in days:
        hours = [hour for hour in store.read(sales_by_hour, row.day) if hour.sales.currency == row.sales.currency]
        same = [other for other in days if other.day == row.day and other.sales.currency == row.sales.currency]
        assert sum(hour.sales.minor for hour in hours) == sum(other.sales.minor for other in same)
        assert sum(hour.orders for hour in hours) == sum(other.orders for other in same)
    sold = [row for row in rows if counts(row)]
    for total in add_up(days):
        mine = [row for row in sold if row.currency == total.sales.currency]
        assert total.orders == len(mine)
        assert total.sales.minor == sum(row.minor for row in mine)
        assert total.refunds.minor == -sum(minor for row in mine for _, minor in row.refunds)
        assert total.net == total.sales + total.refunds
    assert {total.sales.currency for total in add_up(days)} == {row.currency for row in sold}
