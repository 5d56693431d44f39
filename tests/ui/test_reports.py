"""The Reports page: what it shows, when it reads the store, and what leaves it by clipboard, file and picture."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app import texts
from app.domain.money import Money
from app.engine.facade import RefusalError
from app.engine.views import DaySales, HourSales
from app.ui.bridge import Bridge
from app.ui.models.figures import Figures, short_day
from app.ui.pages.reports import ReportsPage
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.chart import BarChart, Bars
from tests.ui.fake_cards import cny, gbp
from tests.ui.fakes import ELEME, HOSTILE, HUBRISE, FakeFacade

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)


class Shop(FakeFacade):
    """Sales as told; remembers which thread asked, and can be held up or broken."""

    hours: list[HourSales] = [HourSales(11, 2, cny("61.50")), HourSales(23, 1, cny("20"))]  # noqa: RUF012 - never changed
    days: list[DaySales] = [  # noqa: RUF012 - never changed
        DaySales(YESTERDAY, "eleme", 4, cny("200"), cny("0")),
        DaySales(TODAY, "eleme", 2, cny("61.50"), cny("-12")),
        DaySales(TODAY, "hubrise", 1, cny("20"), cny("0")),
    ]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.readers: list[threading.Thread] = []
        self.trouble = ""

    def sales_by_hour(self, day: date) -> list[HourSales]:
        return self.hours

    def sales_by_day(self, days: int = 30) -> list[DaySales]:
        self.readers.append(threading.current_thread())
        if self.trouble:
            raise RefusalError(self.trouble)
        return self.days


@dataclass
class Desk:
    """A page on screen with its shop."""

    page: ReportsPage
    shop: Shop
    bridge: Bridge
    bot: QtBot

    def part(self, name: str) -> QWidget:
        found = self.page.findChild(QWidget, f"reports-{name}")
        assert found is not None, name
        return found

    def words(self, name: str) -> str:
        label = self.part(name)
        assert isinstance(label, QLabel)
        return label.text()

    def press(self, name: str) -> None:
        QTest.mouseClick(self.part(name), Qt.MouseButton.LeftButton)

    def charts(self) -> list[BarChart]:
        return self.page.findChildren(BarChart)


@pytest.fixture
def open_page(qtbot: QtBot) -> Iterator[Callable[..., Desk]]:
    bridges: list[Bridge] = []

    def make(shop: Shop | None = None, theme: str = "light", answered: bool = True) -> Desk:
        shop = shop or Shop()
        bridge = Bridge(shop)
        bridges.append(bridge)
        page = ReportsPage(shop, bridge, Theme.load(theme))
        qtbot.addWidget(page)
        page.resize(1294, 712)
        page.show()
        if answered:
            qtbot.waitUntil(lambda: page.figures is not None)
        return Desk(page, shop, bridge, qtbot)

    yield make
    for bridge in bridges:
        bridge.close()


def test_the_big_figures_are_todays_and_refunds_are_named(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    assert desk.words("orders") == "3"
    assert desk.words("sales") == "¥81.50"
    assert desk.words("average") == "¥27.17"
    assert desk.words("refunds") == "−¥12.00"
    assert desk.words("net") == "¥69.50"


def test_the_store_is_read_off_the_ui_thread(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    assert desk.shop.readers
    assert threading.main_thread() not in desk.shop.readers


def test_a_burst_of_orders_costs_one_more_read(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    desk.page._pause.stop()
    before = len(desk.shop.readers)
    desk.shop.days = [*Shop.days, DaySales(TODAY, "eleme", 1, cny("10"), cny("0"))]
    for order in range(100):
        desk.shop.tell("orders", order)
        QApplication.processEvents()
    desk.bot.waitUntil(lambda: desk.words("orders") == "4")
    # One read for the first change and, when the pause is over, one for all the others.
    assert 1 <= len(desk.shop.readers) - before <= 2
    assert desk.page._pause.interval() >= 1000


def test_changes_during_the_pause_are_shown_after_it(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    desk.page._pause.start(60_000)  # milliseconds: it has just read, however slow this machine is
    desk.shop.days = []
    desk.shop.tell("orders", 1)
    QApplication.processEvents()
    assert desk.words("orders") != "0"
    desk.page._pause.start(1)
    desk.bot.waitUntil(lambda: desk.words("orders") == "0")


def test_a_hidden_page_reads_nothing_until_it_is_shown(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    desk.page.hide()
    desk.page._pause.stop()
    before = len(desk.shop.readers)
    desk.shop.tell("orders", 1)
    QApplication.processEvents()
    assert len(desk.shop.readers) == before
    desk.page.show()
    desk.bot.waitUntil(lambda: len(desk.shop.readers) == before + 1 and not desk.page._reading)


def test_figures_that_cannot_be_read_say_why_and_leave_the_old_ones(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    desk.shop.trouble = "the store is locked"
    desk.page._pause.stop()
    desk.shop.tell("orders", 1)
    desk.bot.waitUntil(lambda: "the store is locked" in desk.words("note"))
    assert desk.words("orders") == "3"


def test_a_shop_without_sales_is_told_what_will_stand_here(open_page: Callable[..., Desk]) -> None:
    shop = Shop()
    shop.hours, shop.days = [], []
    desk = open_page(shop)
    assert desk.words("hours-empty").startswith("No sales yet today.")
    assert "30 business days" in desk.words("days-empty")
    assert desk.charts() == []
    assert desk.words("average") == "¥0.00"


def test_charts_stack_platforms_and_hang_refunds_below_zero(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    assert desk.page.figures
    series = desk.page._platform_bars(desk.page.figures)
    assert [bars.name for bars in series] == ["Ele.me", "HubRise", "Ele.me, refunds", "HubRise, refunds"]
    assert [bars.heights[-1] for bars in series] == [61.5, 20.0, -12.0, 0.0]
    assert [bars.heights[-2] for bars in series] == [200.0, 0.0, 0.0, 0.0]
    assert len({bars.color.name() for bars in series[:2]}) == 2
    assert [bars.hatched for bars in series] == [False, False, True, True]
    assert {len(bars.heights) for bars in series} == {30}
    assert len(desk.charts()) == 2


def test_currencies_are_shown_one_at_a_time_and_never_added(open_page: Callable[..., Desk]) -> None:
    shop = Shop()
    shop.days = [*Shop.days, DaySales(TODAY, "hubrise", 9, gbp("90"), gbp("-5"))]
    desk = open_page(shop)
    desk.press("currency-GBP")
    assert (desk.words("sales"), desk.words("net")) == ("£90.00", "£85.00")
    assert desk.words("hours-empty").startswith("No sales yet today.")
    desk.press("currency-CNY")
    assert desk.words("sales") == "¥81.50"


def test_one_currency_needs_no_choice(open_page: Callable[..., Desk]) -> None:
    assert open_page().part("currency-CNY").isHidden()


def test_copied_figures_can_be_pasted_as_rows(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    QTest.keyClick(desk.page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert ["CNY", "3", "81.50", "27.17", "-12.00", "69.50"] in rows
    assert ["11:00", "CNY", "2", "61.50"] in rows
    assert ["2026-11-22", "Ele.me", "CNY", "2", "61.50", "-12.00", "49.50"] in rows


def test_the_csv_cannot_hide_a_formula_in_a_platforms_name(open_page: Callable[..., Desk], tmp_path: Path) -> None:
    shop = Shop()
    shop.platforms = lambda: [replace(ELEME, title="=cmd|'/C calc'!A0"), HUBRISE]  # type: ignore[method-assign] # a fake
    desk = open_page(shop)
    desk.page.save_csv(str(tmp_path / "sales.csv"))
    with (tmp_path / "sales.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ["2026-11-21", "'=cmd|'/C calc'!A0", "CNY", "4", "200.00", "0.00", "200.00"]
    assert desk.words("note").startswith("Saved")


def test_the_picture_shows_the_charts(open_page: Callable[..., Desk], tmp_path: Path) -> None:
    desk = open_page()
    desk.page.save_png(str(tmp_path / "sales.png"))
    picture = QImage(str(tmp_path / "sales.png"))
    assert picture.width() > 1000
    assert picture.height() > 500
    colors = {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 4) for y in range(0, picture.height(), 4)}
    assert {"#e69f00", "#0072b2"} <= colors


@pytest.mark.parametrize("save", ["save_csv", "save_png"])
def test_a_file_that_cannot_be_written_says_so(open_page: Callable[..., Desk], tmp_path: Path, save: str) -> None:
    desk = open_page()
    getattr(desk.page, save)(str(tmp_path / "missing" / "file"))
    assert desk.words("note").startswith("Not saved:")


def test_asking_for_a_file_opens_no_nested_loop(open_page: Callable[..., Desk]) -> None:
    desk = open_page()
    desk.press("csv")
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    dialog.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_stand_on_the_themes_own_ground(open_page: Callable[..., Desk], theme: str) -> None:
    desk = open_page(theme=theme)
    for chart in desk.charts():
        image = chart._plot.grab().toImage()
        assert image.pixelColor(image.width() - 4, 4).name() == Theme.load(theme).color("surface").name()


def test_a_tooltip_never_reads_foreign_words_as_markup(qtbot: QtBot) -> None:
    chart = BarChart(Theme.load("light"))
    qtbot.addWidget(chart)
    chart.show()
    chart.draw(["a"], [Bars("b", Theme.load("light").color("new"), (1.0,))], [HOSTILE], "CNY")
    chart._tell(0, QPoint(5, 5))
    assert "<b>" not in QToolTip.text()
    assert "&lt;b&gt;Robert" in QToolTip.text()
    QToolTip.hideText()


def test_arrow_keys_walk_along_the_columns(qtbot: QtBot) -> None:
    chart = BarChart(Theme.load("light"))
    qtbot.addWidget(chart)
    chart.show()
    chart.draw(["a", "b"], [Bars("x", Theme.load("light").color("new"), (1.0, 2.0))], ["first", "second"], "CNY")
    for key, expected in ((Qt.Key.Key_Right, "first"), (Qt.Key.Key_Right, "second"), (Qt.Key.Key_Right, "second")):
        QTest.keyClick(chart, key)
        assert expected in QToolTip.text()
    QToolTip.hideText()


def test_everything_that_can_be_pressed_is_big_enough_and_has_a_name(open_page: Callable[..., Desk]) -> None:
    buttons = open_page().page.findChildren(Button)
    assert buttons
    for button in buttons:
        assert button.objectName()
        assert button.accessibleName()
        assert button.sizeHint().height() >= 44


def test_dates_are_chinese_on_a_chinese_screen() -> None:
    texts.use("zh")
    assert short_day(TODAY) == "11月22日"
    texts.use("en")
    assert short_day(TODAY) == "22 Nov"


def figures(hours: list[HourSales], days: list[DaySales], cutoff_hour: int = 4) -> Figures:
    return Figures(TODAY, cutoff_hour, hours, days, {"eleme": "Ele.me", "hubrise": "HubRise"})


@given(cutoff=st.integers(0, 11), sold=st.lists(st.integers(0, 23), max_size=6, unique=True))
def test_hours_stand_in_the_order_of_the_business_day(cutoff: int, sold: list[int]) -> None:
    shown = figures([HourSales(hour, 1, cny("1")) for hour in sold], [], cutoff).shown_hours
    places = [(hour - cutoff) % 24 for hour in shown]
    assert places == list(range(places[0], places[-1] + 1))
    assert set(sold) <= set(shown)


@given(
    st.lists(
        st.builds(
            DaySales,
            st.integers(0, 29).map(lambda ago: TODAY - timedelta(days=ago)),
            st.sampled_from(["eleme", "hubrise"]),
            st.integers(0, 50),
            st.integers(0, 10**6).map(lambda minor: Money(minor, "CNY")),
            st.integers(-(10**6), 0).map(lambda minor: Money(minor, "CNY")),
        ),
        max_size=20,
    )
)
def test_the_exported_rows_add_up_to_the_big_figures(days: list[DaySales]) -> None:
    shown = figures([], days)
    rows = [row for row in shown.table()[1:] if row[0] == TODAY]
    total = shown.today("CNY")
    assert total.net.major == sum(row[6] for row in rows)  # type: ignore[misc] # these cells are decimals
    assert total.orders == sum(row[3] for row in rows)  # type: ignore[misc] # these cells are integers
