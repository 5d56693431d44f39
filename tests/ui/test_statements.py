"""Platform statements: fetched day by day, added up per currency, differences named, saved without a live formula."""

from __future__ import annotations

import csv
import gc
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.domain.money import Money
from app.domain.shop import SettlementLine
from app.engine.views import Ability, Statement, Storefront
from app.platforms.api import Platform
from app.reports.statements import Change, LineChange, OurOrder
from app.ui.models.statement import difference, span
from app.ui.pages.reports import ReportsPage
from app.ui.pages.statements import StatementsPage
from app.ui.pictures import settle
from tests.ui.conftest import Console
from tests.ui.fake_cards import card
from tests.ui.fake_shops import front
from tests.ui.fake_statements import COMMISSION, PAYOUT, REFUND, SALE, line, order, statement
from tests.ui.fakes import ELEME, HOSTILE, HUBRISE, FakeFacade
from tests.ui.settings_desk import Desk, Opener, Shop

TODAY = date(2026, 11, 22)
DAY = TODAY - timedelta(days=1)
SETTLES = frozenset({Ability.SETTLES})


class Bank(Shop):
    """Keeps what was told, and the days that were asked for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fronts = [front(1, abilities=SETTLES)]
        self.lines: list[SettlementLine] = []
        self.ours: dict[str, OurOrder] = {}
        self.unasked = 0
        self.settled: list[tuple[int, date, Future[list[SettlementLine]]]] = []

    def platforms(self) -> list[Platform]:
        return [ELEME, replace(HUBRISE, cannot=("Statements are in the other program only",))]

    def statement(self, account_id: int, first: date, last: date) -> Statement:
        return statement(first, last, *self.lines, unread=self.unasked, **self.ours)

    def settlement(self, account_id: int, day: date) -> Future[list[SettlementLine]]:
        self.settled.append((account_id, day, Future()))
        return self.settled[-1][2]

    def stored_settlement(self, account_id: int, first: date, last: date) -> list[SettlementLine]:
        return self.lines


def page(open_window: Opener, bank: Bank) -> Desk:
    desk = open_window(StatementsPage, bank)
    read(desk)
    return desk


def read(desk: Desk) -> None:
    """Until what was asked for in the background is shown."""
    assert isinstance(desk.window, StatementsPage)
    window = desk.window
    if bank_has_accounts(desk):
        desk.bot.waitUntil(
            lambda: window.shown is not None and window.shown.statement.first == window.span[0], timeout=20_000
        )
    desk.settle()


def bank_has_accounts(desk: Desk) -> bool:
    return any(Ability.SETTLES in one.abilities for one in desk.shop.fronts)


def lunch() -> Bank:
    bank = Bank()
    bank.lines = [
        line(SALE, "48.00", DAY, "P1", HOSTILE),
        line(COMMISSION, "-9.60", DAY, "P1"),
        line(SALE, "30.00", DAY, "P2"),
        line(REFUND, "-5.00", DAY, "P3"),
        line(SALE, "12.00", DAY, "=SUM(A1)", "=1+1"),
        line(PAYOUT, "70.00", DAY),
        line(SALE, "20", DAY, currency="EUR"),
    ]
    bank.ours = {"P1": order(41, "48.00"), "P2": order(42, "32.50"), "P3": order(43, "60.00")}
    return bank


def rows(desk: Desk) -> list[list[str]]:
    model = desk.part("statements-orders").model()
    return [[model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())]


def sums(desk: Desk) -> str:
    return "\n".join(one.text() for one in desk.window.findChildren(QLabel))


def test_sums_are_told_by_kind_and_by_currency(open_window: Opener) -> None:
    said = sums(page(open_window, lunch()))
    for words in (
        "Sales · 3 lines\n¥90.00",
        "Commission and fees · 1 lines\n−¥9.60",
        "Refunds to customers · 1 lines\n−¥5.00",
        "Earned by these lines\n¥75.40",
        "Paid out to the shop · 1 times\n¥70.00",
        "Earned by these lines\n€20.00",
    ):
        assert words in said


def test_orders_are_laid_beside_ours_and_differences_named_first(open_window: Opener) -> None:
    desk = page(open_window, lunch())
    assert [(row[0], row[3], row[1]) for row in rows(desk)] == [
        ("#43", "", "given back ¥5.00 more than here"),
        ("#42", "¥30.00", "sold ¥2.50 less than here"),
        ("=SUM(A1)", "¥12.00", "not among our orders"),
        ("#41", "¥48.00", ""),
    ]
    assert desk.words("statements-heading") == "Order by order: 3 to look at"


def test_another_currency_is_named() -> None:
    (row,) = statement(DAY, DAY, line(SALE, "48", DAY, "P1", currency="EUR"), P1=order(1, "48")).orders
    assert difference(row) == "here it was paid in CNY"


def test_an_order_is_opened_by_the_keyboard_and_rows_are_copied_harmless(open_window: Opener) -> None:
    desk = page(open_window, lunch())
    table = desk.part("statements-orders")
    table.setFocus()
    table.selectRow(1)
    assert isinstance(desk.window, StatementsPage)
    with desk.bot.waitSignal(desk.window.order_wanted) as wanted:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert wanted.args == [42]
    table.selectRow(2)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("'=SUM(A1)\t")


def test_a_file_holds_every_line_and_no_formula(open_window: Opener, tmp_path: Path) -> None:
    desk = page(open_window, lunch())
    assert isinstance(desk.window, StatementsPage)
    desk.window.save_csv(str(tmp_path / "s.csv"))
    found = list(csv.reader((tmp_path / "s.csv").read_text("utf-8-sig").splitlines()))
    assert len(found) == 8
    assert found[0][0] == "Day"
    assert found[2][5:7] == ["-9.60", "CNY"], "a number stays a number"
    assert [cell for row in found for cell in row if cell.startswith("=")] == []
    assert "'=1+1" in found[5]
    assert desk.words("statements-told").startswith("Saved: ")
    desk.window.save_csv(str(tmp_path / "none" / "s.csv"))
    assert desk.words("statements-told").startswith("Not saved: ")


# fetching


class Revised(Bank):
    """Read again since: the commission came later, a sale was changed, another was taken back."""

    def statement(self, account_id: int, first: date, last: date) -> Statement:
        told = super().statement(account_id, first, last)
        *lines, back = told.lines
        at = datetime(2026, 11, 22, 4).astimezone()  # by the wall clock, as everything on the screen
        changes = {
            lines[1].line_id: LineChange(Change.LATE, DAY, at),
            lines[2].line_id: LineChange(Change.CHANGED, DAY, at, Money(2900, "CNY")),
            back.line_id: LineChange(Change.GONE, DAY, at),
        }
        return replace(told, lines=tuple(lines), changes=changes, gone=(back,))


def test_what_changed_since_is_said_and_saved(open_window: Opener, tmp_path: Path) -> None:
    bank = Revised()
    bank.lines = lunch().lines
    desk = page(open_window, bank)
    said = "1 lines came later, 1 lines were changed, 1 lines were taken back and are not counted"  # plurals: en.json
    assert desk.words("statements-news") == f"Since these days were first fetched: {said}."
    path = tmp_path / "statement.csv"
    assert isinstance(desk.window, StatementsPage)
    desk.window.save_csv(str(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads, *saved = list(csv.reader(file))
    assert heads[-1] == "Changed since"
    assert [row[-1] for row in saved if row[-1]] == [
        "came later, found on 2026-11-22",
        "changed, found on 2026-11-22; it was 29.00",
        "taken back, found on 2026-11-22: 20.00",
    ]
    assert saved[-1][5] == "", "no spreadsheet adds it up"
    assert page(open_window, lunch()).part("statements-news").isHidden()


def test_missing_days_are_fetched_one_after_the_other(open_window: Opener) -> None:
    bank = lunch()
    bank.unasked = 2
    desk = page(open_window, bank)
    assert desk.words("statements-missing").startswith("NOT complete: 2 days between")
    assert desk.part("statements-fetch").words == "Fetch 2 missing days"
    desk.press("statements-fetch")
    assert [(account, day) for account, day, _ in bank.settled] == [(1, DAY - timedelta(days=1))], "one at a time"
    assert desk.words("statements-told").startswith("Fetching day 1 of 2: ")
    assert not desk.part("statements-account").isEnabled()
    bank.settled[0][2].set_result([])
    desk.settle()
    assert desk.words("statements-told").startswith("Fetching day 2 of 2: ")
    bank.unasked = 0
    bank.settled[1][2].set_result([])
    desk.settle()
    assert desk.words("statements-told") == "Fetched 2 days."
    desk.bot.waitUntil(lambda: desk.part("statements-missing").isHidden(), timeout=20_000)
    assert desk.part("statements-fetch").words == "Fetch these days again"
    assert desk.part("statements-account").isEnabled()


def test_a_refusal_ends_it_in_the_platforms_words(open_window: Opener) -> None:
    bank = lunch()
    desk = page(open_window, bank)
    desk.press("statements-fetch")
    bank.settled[0][2].set_exception(RuntimeError(f"PAYOUTS_READ is missing {HOSTILE}"))
    desk.settle()
    said = desk.words("statements-told")
    assert "Ele.me says: " in said
    assert "PAYOUTS_READ is missing <b>Robert</b>" in said
    assert "\u202e" not in said
    assert len(bank.settled) == 1
    assert not desk.part("statements-fetch").isHidden()


def test_it_can_be_stopped(open_window: Opener) -> None:
    bank = lunch()
    desk = page(open_window, bank)
    desk.press("statements-fetch")
    desk.press("statements-stop")
    bank.settled[0][2].set_result([])
    desk.settle()
    assert len(bank.settled) == 1
    assert desk.words("statements-told") == "Stopped after 0 of 7 days."
    desk.press("statements-fetch")
    assert len(bank.settled) == 2


# spans and empty pages


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2024, 3, 1), date(2026, 1, 1), TODAY])
@pytest.mark.parametrize("name", ["yesterday", "week", "days", "month", "last-month"])
def test_every_span_is_of_days_that_are_over(name: str, today: date) -> None:
    first, last = span(name, today)
    assert first <= last
    assert last < today or (name == "month" and today.day == 1)
    assert (last - first).days <= 30


def test_another_span_is_read_when_it_is_chosen(open_window: Opener) -> None:
    desk = page(open_window, lunch())
    desk.choose("statements-span", "last-month")
    read(desk)
    assert desk.words("statements-empty") == "The platform booked nothing on these days."
    assert desk.part("statements-csv").isHidden()


@pytest.mark.parametrize(
    ("fronts", "unread", "lesson", "elsewhere"),
    [
        ((), 0, "No account yet.", ""),
        (
            (front(2, "hubrise", abilities=frozenset()),),
            0,
            "None of your platforms",
            "HubRise: Statements are in the other program only",
        ),
        ((front(1, abilities=SETTLES),), 7, "Nothing was fetched for these days yet.", ""),
        ((front(1, abilities=SETTLES),), 0, "The platform booked nothing", ""),
    ],
)
def test_an_empty_page_teaches(
    open_window: Opener, fronts: tuple[Storefront, ...], unread: int, lesson: str, elsewhere: str
) -> None:
    bank = Bank()
    bank.fronts, bank.unasked = list(fronts), unread
    desk = page(open_window, bank)
    assert desk.words("statements-empty").startswith(lesson)
    assert desk.words("statements-elsewhere") == elsewhere


def test_of_an_account_that_is_off_what_is_kept_is_shown(open_window: Opener) -> None:
    bank = lunch()
    bank.fronts = [front(1, abilities=frozenset(), enabled=False), front(2, abilities=SETTLES)]
    desk = page(open_window, bank)
    assert desk.part("statements-account").count() == 2
    assert desk.part("statements-fetch").isHidden()


# in the window


def test_it_is_the_second_part_of_the_reports(console: Callable[[FakeFacade], Console]) -> None:
    bank: Any = lunch()
    bank.seeded = [card(1)]
    opened = console(bank)
    opened.window.show_page("reports")
    settle()

    def press(page: type[QWidget], name: str) -> None:
        part: Any = opened.window.findChild(page)
        part = part.findChild(QWidget, name)
        QTest.mouseClick(part, Qt.MouseButton.LeftButton)
        settle()

    press(ReportsPage, "reports-part-statements")
    shown = opened.window.findChild(StatementsPage)
    assert shown is not None
    assert shown.isVisible()
    rail: Any = opened.window.findChild(QWidget, "rail-reports")
    assert rail.isChecked()
    press(StatementsPage, "reports-part-reports")
    assert not shown.isVisible()


def test_many_readings_leave_nothing(open_window: Opener) -> None:
    bank = lunch()
    desk = page(open_window, bank)
    gc.collect()
    before = len(desk.window.findChildren(QWidget))
    for name in ("days", "week") * 3:
        desk.choose("statements-span", name)
        read(desk)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert len(desk.window.findChildren(QWidget)) == before
