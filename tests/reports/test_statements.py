"""Statement lines added up by kind, and order by order beside our own: every difference is found, nothing is made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.db import statements
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.reports.statements import OurOrder, Statement, by_order, our_orders, statement
from tests.engine.shop import facts, memory, report, shop

DAY = date(2026, 11, 20)
SALE, COMMISSION, DELIVERY, REFUND, PROMOTION, ADJUSTMENT, TAX, PAYOUT = SettlementKind


def line(kind: SettlementKind, minor: int, ref: str = "o1", name: str = "", currency: str = "CNY") -> SettlementLine:
    return SettlementLine(name or f"{kind}{minor}{ref}", kind, Money(minor, currency), DAY, ref)


def ours(total: int = 4800, back: int = 0, currency: str = "CNY") -> dict[str, OurOrder]:
    return {"o1": OurOrder(7, "41", Money(total, currency), Money(back, currency))}


@pytest.mark.parametrize(
    ("lines", "mine", "sold", "back", "differs"),
    [
        ((line(SALE, 4800), line(COMMISSION, -900)), ours(), None, None, False),
        ((line(SALE, 4500),), ours(), -300, None, True),
        ((line(SALE, 4800), line(REFUND, -500)), ours(back=500), None, None, False),
        ((line(SALE, 4800), line(REFUND, -500)), ours(), None, 500, True),
        ((line(REFUND, -500),), ours(back=800), None, -300, True),
        ((line(COMMISSION, -900),), ours(), None, None, False),
        ((line(SALE, 4800),), {}, None, None, True),
        ((line(SALE, 4800),), ours(currency="EUR"), None, None, True),
        ((line(SALE, 3000, name="a"), line(SALE, 1800, name="b")), ours(), None, None, False),
    ],
)
def test_an_order_is_compared_where_it_can_be(
    lines: tuple[SettlementLine, ...], mine: dict[str, OurOrder], sold: int | None, back: int | None, differs: bool
) -> None:
    (row,) = by_order(lines, mine)
    assert (row.sold_apart and row.sold_apart.minor, row.back_apart and row.back_apart.minor) == (sold, back)
    assert row.differs is differs


def test_what_differs_comes_first_and_two_currencies_are_two_rows() -> None:
    lines = [line(SALE, 4800), line(SALE, 100, "stranger"), line(ADJUSTMENT, -5, currency="EUR"), line(PAYOUT, 9000, "")]
    rows = by_order(lines, ours())
    assert [(row.order_ref, row.rest.currency, row.differs) for row in rows] == [
        ("stranger", "CNY", True),
        ("o1", "EUR", True),
        ("o1", "CNY", False),
    ]


@given(st.lists(st.tuples(st.sampled_from(SettlementKind), st.integers(-9999, 9999), st.sampled_from(("CNY", "JPY")))))
def test_sums_hold_every_line_once(rows: list[tuple[SettlementKind, int, str]]) -> None:
    lines = tuple(line(kind, minor, f"o{n % 3}", str(n), currency) for n, (kind, minor, currency) in enumerate(rows))
    made = Statement(DAY, DAY, lines, tuple(by_order(lines, {})), {})
    for currency, sums in made.sums.items():
        mine = [one for one in lines if one.amount.currency == currency]
        assert sum(one.lines for one in sums) == len(mine)
        assert sum(one.amount.minor for one in sums) == sum(one.amount.minor for one in mine)
        earned = sum(one.amount.minor for one in mine if one.kind is not PAYOUT)
        assert earned == sum(row.kept.minor for row in made.orders if row.rest.currency == currency)
    assert sum(len(sums) > 0 for sums in made.sums.values()) == len({currency for *_, currency in rows})


def _keep(connection: Connection, account: int, *lines: SettlementLine) -> None:
    statements.keep_lines(connection, account, lines)


def test_a_statement_of_stored_orders() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(total=Money(1800, "CNY"))))
        account, order = opened.account.id, opened.order
        _keep(opened.connection, account, line(SALE, 1700, order.platform_order_id), line(PAYOUT, 1700, ""))
        statements.day_read(opened.connection, account, DAY, datetime(2026, 11, 21, tzinfo=UTC))
        made = statement(opened.connection, account, DAY, DAY)
        (row,) = made.orders
        assert row.ours == OurOrder(order.id, "7", Money(1800, "CNY"), Money(0, "CNY"))
        assert row.sold_apart == Money(-100, "CNY")
        assert list(made.read) == [DAY]
        other = statement(opened.connection, account + 1, DAY, DAY)
        assert (other.lines, other.orders, other.read) == ((), (), {})


def test_many_names_are_asked_for_in_parts() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        names = [opened.order.platform_order_id, *(f"x{number}" for number in range(1500))]
        assert set(our_orders(opened.connection, opened.account.id, names)) == {opened.order.platform_order_id}


def test_only_the_latest_days_are_remembered_as_read() -> None:
    with memory() as connection:
        for number in range(statements.DAYS_KEPT + 5):
            day = date.fromordinal(DAY.toordinal() + number)
            statements.day_read(connection, 1, day, datetime(2026, 11, 21, tzinfo=UTC))
        found: Any = statements.days_read(connection, 1)
        assert (len(found), min(found)) == (statements.DAYS_KEPT, date.fromordinal(DAY.toordinal() + 5))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3)), min_size=1, max_size=6))
def test_every_line_ever_told_is_kept_and_the_sums_are_the_last_answers(looks: list[dict[str, int]]) -> None:
    day, told = date(2026, 11, 19), dict[str, int]()
    with memory() as connection:
        for number, look in enumerate(looks):
            told |= look
            lines = [SettlementLine(name, SettlementKind.SALE, Money(one, "EUR"), day) for name, one in look.items()]
            at = datetime(2026, 11, 20, number, tzinfo=UTC)
            statements.keep_day(connection, 1, day, lines, at, whole=number > 0)
        kept = statements.stored_lines(connection, 1, day, day)
        assert {line.line_id: line.amount.minor for line in kept} == told
        shown = statement(connection, 1, day, day)
        assert {line.line_id: line.amount.minor for line in shown.lines} == looks[-1]


def test_a_line_that_is_gone_is_counted_nowhere_however_much_changed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many changes are remembered; one that is forgotten must not make a sum wrong."""
    monkeypatch.setattr(statements, "CHANGES_KEPT", 2)
    first, second = line(SALE, 100, name="stays"), line(SALE, 500, name="goes")
    with memory() as connection:
        for number, told in enumerate(
            ((first, second), (first,), (first, *(line(SALE, n, name=f"{n}") for n in (1, 2, 3))))
        ):
            at = datetime(2026, 11, 21, number, tzinfo=UTC)
            statements.keep_day(connection, 1, DAY, told, at, whole=number > 0)
        shown = statement(connection, 1, DAY, DAY)
        assert [one.line_id for one in shown.gone] == ["goes"]
        assert len(shown.changes) == 2
