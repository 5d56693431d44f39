"""Refund, reviews and statements against a real engine and strict pretend platforms: what is pressed is done there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app import steady
from app.config import DataFolder
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.domain.commands import CommandKind
from app.domain.shop import RefundBy
from app.engine.facade import Facade
from app.engine.house import House
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.registry import platforms
from app.platforms.simulation import Faults, PretendLine, PretendOrder, Simulator
from app.platforms.square.simulator import SquareSimulator
from app.ui.actions import Actions
from app.ui.bridge import Bridge
from app.ui.dialogs.refund import RefundDialog
from app.ui.pages.reviews import ReviewsPage
from app.ui.pages.shop import ShopPage
from app.ui.pages.statements import StatementsPage
from app.ui.pictures import settle
from app.ui.theme import Theme
from app.ui.widgets.detail import DetailPanel
from tests.ui.settings_desk import Desk, Shop

LIMIT = 30_000  # milliseconds, for a busy machine
T = TypeVar("T")


class Town:
    """Pretend platforms on a thread of their own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="town")
        self.thread.start()
        self.simulators: list[Simulator] = []

    def opens(self, simulator: Simulator) -> None:
        asyncio.run_coroutine_threadsafe(simulator.start(), self.loop).result(20)
        self.simulators.append(simulator)

    def does(self, work: Callable[[], T]) -> T:
        async def on_its_thread() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(on_its_thread(), self.loop).result(20)

    def close(self) -> None:
        for simulator in self.simulators:
            asyncio.run_coroutine_threadsafe(simulator.stop(), self.loop).result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def town() -> Iterator[Town]:
    opened = Town()
    yield opened
    opened.close()


@contextmanager
def counter(where: Path, town: Town, simulator: Simulator) -> Iterator[Facade]:
    """An engine with one account there."""
    town.opens(simulator)
    folder, vault = DataFolder(where / "shop"), Vault(b"m" * 32, "a test")
    known = {simulator.name: platforms()[simulator.name]}
    house = House(BusinessCalendar.of("Asia/Shanghai"), known, poll_seconds=0.3)
    engine = Engine(folder, Database.open(folder.create().database, vault.database_key), vault, house)
    engine.start()
    values, address = {**simulator.credentials}, simulator.address
    found = engine.facade.test_account(simulator.name, values, address).result(20)
    engine.facade.add_account(simulator.name, "", found.values, address).result(20)
    try:
        yield engine.facade
    finally:
        engine.stop()


@contextmanager
def shown(bot: QtBot, facade: Facade, make: Callable[[Bridge, Theme], QWidget]) -> Iterator[Desk]:
    bridge = Bridge(facade)
    window = make(bridge, Theme.load("light"))
    window.resize(1294, 712)
    window.show()
    bot.addWidget(window)
    try:
        yield Desk(window, Shop(), bridge, bot)
    finally:
        window.close()
        bridge.close()


def words(widget: QWidget, name: str = "") -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if not name or one.objectName() == name)


def test_money_goes_back_at_square_and_its_statement_agrees(qtbot: QtBot, tmp_path: Path, town: Town) -> None:
    square = SquareSimulator(seed=5, speed=120.0)
    with counter(tmp_path, town, square) as facade:
        there = town.does(lambda: square.place(PretendOrder((PretendLine("Ramen", 1400), PretendLine("Tea", 300, 2)))))
        qtbot.waitUntil(lambda: bool(facade.cards()), timeout=LIMIT)
        number = facade.cards()[0].id
        facade.request(number, CommandKind.ACCEPT).result(20)
        qtbot.waitUntil(lambda: facade.order(number).refundable is not None, timeout=LIMIT)

        holder: list[Any] = []

        def make(bridge: Bridge, theme: Theme) -> QWidget:
            window = QWidget()
            holder.append(DetailPanel(theme, Actions(facade, bridge, theme, window), window))
            return window

        with shown(qtbot, facade, make) as desk:
            (panel,) = holder

            def says(text: str) -> bool:
                panel.show_order(facade.order(number), steady.now().timestamp())
                return text in words(panel)

            assert says("Can still be given back")
            desk.part(f"detail-refund-{number}").click()
            settle()
            dialog = desk.window.findChild(RefundDialog)
            assert dialog is not None
            dialog.choose(RefundBy.AMOUNT)
            desk.type("refund-amount", "2.50")
            desk.press("refund-send")
            qtbot.waitUntil(lambda: desk.window.findChild(RefundDialog) is None, timeout=LIMIT)
            qtbot.waitUntil(lambda: says("Refunded, says Square\n$2.50"), timeout=LIMIT)
            qtbot.waitUntil(lambda: says("Square took the request"), timeout=LIMIT)
        assert sum(one["amount_money"]["amount"] for one in square.shop.orders[there].body["refunds"]) == 250

        def pay() -> None:
            books = square.wire.books
            books.pay_out(square.shop.orders.values())
            books.payouts[0]["created_at"] = (steady.now() - timedelta(days=2)).isoformat().replace("+00:00", "Z")

        qtbot.waitUntil(lambda: square.shop.orders[there].body["refunds"][0]["status"] == "APPROVED", timeout=LIMIT)
        town.does(pay)
        with shown(qtbot, facade, lambda bridge, theme: StatementsPage(facade, bridge, theme)) as desk:
            page: Any = desk.window
            qtbot.waitUntil(lambda: page.shown is not None, timeout=LIMIT)
            assert desk.part("statements-fetch").words.startswith("Fetch ")
            desk.press("statements-fetch")
            qtbot.waitUntil(lambda: desk.words("statements-told") == "Fetched 7 days.", timeout=LIMIT)
            qtbot.waitUntil(lambda: bool(page.shown.statement.lines), timeout=LIMIT)
            said = words(desk.window)
            assert "Refunds to customers · 1 lines\n−$2.50" in said
            assert "Order by order: no difference found" in said
            assert page.shown.missing == ()


def test_reviews_at_meituan_are_read_and_answered(qtbot: QtBot, tmp_path: Path, town: Town) -> None:
    meituan = MeituanSimulator(3, speed=60.0)
    with counter(tmp_path, town, meituan) as facade:
        orders = [town.does(meituan.place) for _ in range(2)]
        told = [
            town.does(lambda: meituan.review(orders[0], 1, "太咸了")),
            town.does(lambda: meituan.review(orders[1], 5, "<b>好吃</b>")),
        ]
        with shown(qtbot, facade, lambda bridge, theme: ReviewsPage(facade, bridge, theme)) as desk:
            first, second = (f"review-1-{one}" for one in told)
            qtbot.waitUntil(lambda: desk.window.findChild(QWidget, second) is not None, timeout=LIMIT)
            assert desk.words(f"{first}-score") == "1 of 5: very bad"
            assert desk.words(f"{second}-text") == "<b>好吃</b>"
            qtbot.waitUntil(lambda: facade.overview().reviews == (), timeout=LIMIT)  # somebody has it before them
            desk.press(f"{first}-begin")
            desk.part(f"{first}-words").setPlainText("抱歉，下次少放盐")
            desk.press(f"{first}-send")
            qtbot.waitUntil(lambda: desk.words(f"{first}-answer").startswith("Meituan took the answer"), timeout=LIMIT)
            assert "抱歉，下次少放盐" in [one.get("e_reply_content") for one in meituan.calls.comments]
            qtbot.waitUntil(lambda: desk.words(f"{first}-reply") == "Your answer: 抱歉，下次少放盐", timeout=LIMIT)

            town.does(lambda: meituan.calls.comments.pop(1))  # the customer took it back a moment ago
            desk.press(f"{second}-begin")
            desk.part(f"{second}-words").setPlainText("谢谢")
            desk.press(f"{second}-send")
            qtbot.waitUntil(lambda: desk.words(f"{second}-answer").startswith("Meituan says: "), timeout=LIMIT)
            assert "评价不存在" in desk.words(f"{second}-answer")
            assert desk.part(f"{second}-words").toPlainText() == "谢谢"


def test_a_voucher_of_koubei_is_scanned_redeemed_and_taken_back(qtbot: QtBot, tmp_path: Path, town: Town) -> None:
    """Its first answer is lost: the screen says so, asks again by itself, and the card loses two uses, not four."""
    koubei = KoubeiSimulator(seed=3, speed=60.0)
    with counter(tmp_path, town, koubei) as facade:
        code = town.does(lambda: koubei.sell_voucher(5))
        with shown(qtbot, facade, lambda bridge, theme: ShopPage(facade, bridge, theme)) as desk:
            qtbot.waitUntil(lambda: desk.part("shop-part-vouchers").isVisible(), timeout=LIMIT)
            desk.press("shop-part-vouchers")
            QTest.keyClicks(desk.part("voucher-code"), f"{code}\r")
            qtbot.waitUntil(lambda: desk.words("voucher-sign").startswith("Good"), timeout=LIMIT)
            assert "5 of 5 uses left\n¥15.00 each" in desk.words("voucher-facts")
            desk.press("voucher-more")
            town.does(lambda: setattr(koubei, "faults", Faults(lose_reply=1.0)))
            desk.press("voucher-redeem")
            qtbot.waitUntil(lambda: desk.words("voucher-sign") == "Asked, no answer yet", timeout=LIMIT)
            town.does(lambda: setattr(koubei, "faults", Faults()))
            qtbot.waitUntil(lambda: desk.words("voucher-sign") == "Redeemed · 2 uses", timeout=LIMIT)
            assert koubei.voucher_uses(code) == 2
            desk.press("voucher-back")
            desk.press("voucher-take-back-confirm")
            qtbot.waitUntil(lambda: desk.words("voucher-sign").startswith("Taken back"), timeout=LIMIT)
            assert koubei.voucher_uses(code) == 0
