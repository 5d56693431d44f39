"""The Shop page against a real engine and a strict pretend Deliveroo: what is pressed is told, what is shown is so there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.config import DataFolder
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.domain.shop import ShopState
from app.engine.facade import Facade
from app.engine.house import House
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.deliveroo import platform as deliveroo
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.ui.bridge import Bridge
from app.ui.pages.shop import ShopPage
from app.ui.theme import Theme
from tests.ui.settings_desk import Desk, Shop

LIMIT = 20_000  # milliseconds, for a busy machine


@pytest.fixture
def restaurant() -> Iterator[DeliverooSimulator]:
    """Listens on a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="deliveroo")
    thread.start()
    simulator = DeliverooSimulator(seed=3, speed=60.0)
    asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(20)
    yield simulator
    asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def facade(tmp_path: Path, restaurant: DeliverooSimulator) -> Iterator[Facade]:
    """An engine with one account there."""
    folder, vault = DataFolder(tmp_path / "shop"), Vault(b"m" * 32, "a test")
    house = House(BusinessCalendar.of("Asia/Shanghai"), {"deliveroo": deliveroo}, poll_seconds=0.5)
    engine = Engine(folder, Database.open(folder.create().database, vault.database_key), vault, house)
    engine.start()
    found = engine.facade.test_account("deliveroo", restaurant.credentials, restaurant.address).result(20)
    engine.facade.add_account("deliveroo", "", found.values, restaurant.address).result(20)
    yield engine.facade
    engine.stop()


@contextmanager
def opened(bot: QtBot, facade: Facade) -> Iterator[Desk]:
    bridge = Bridge(facade)
    window = ShopPage(facade, bridge, Theme.load("light"))
    window.resize(1294, 712)
    window.show()
    bot.addWidget(window)
    try:
        yield Desk(window, Shop(), bridge, bot)
    finally:
        bridge.close()


def words(desk: Desk, name: str) -> str:
    """ "" while there is no such label."""
    return desk.words(name) if desk.window.findChild(QWidget, name) else ""


def test_a_pause_is_told_to_the_platform_and_ended_there(
    qtbot: QtBot, facade: Facade, restaurant: DeliverooSimulator
) -> None:
    with opened(qtbot, facade) as desk:
        qtbot.waitUntil(lambda: words(desk, "shop-1-state") == "Open for orders", timeout=LIMIT)
        desk.press("shop-1-pause-15")
        qtbot.waitUntil(lambda: words(desk, "shop-1-answer").endswith(": Pause 15 min"), timeout=LIMIT)
        qtbot.waitUntil(lambda: words(desk, "shop-1-state").startswith("PAUSED until "), timeout=LIMIT)
        assert restaurant.site.status != "OPEN"
        desk.press("shop-1-open")
        qtbot.waitUntil(lambda: words(desk, "shop-1-state") == "Open for orders", timeout=LIMIT)
        assert restaurant.site.status == "OPEN"
        (front,) = facade.storefronts()
        assert front.status is not None
        assert front.status.state is ShopState.OPEN


def test_a_refusal_is_the_platforms_own(qtbot: QtBot, facade: Facade, restaurant: DeliverooSimulator) -> None:
    with opened(qtbot, facade) as desk:
        qtbot.waitUntil(lambda: words(desk, "shop-1-state") == "Open for orders", timeout=LIMIT)
        restaurant.site.open_hours = False
        desk.press("shop-1-open")
        qtbot.waitUntil(lambda: words(desk, "shop-1-answer").startswith("Deliveroo says: "), timeout=LIMIT)
        assert "OPENING_HOURS" in desk.words("shop-1-answer")


def test_a_dish_is_taken_off_the_menu_and_put_back(qtbot: QtBot, facade: Facade, restaurant: DeliverooSimulator) -> None:
    with opened(qtbot, facade) as desk:
        qtbot.waitUntil(lambda: words(desk, "shop-1-state") == "Open for orders", timeout=LIMIT)
        desk.press("shop-part-dishes")
        qtbot.waitUntil(lambda: bool(words(desk, "dish-0-name")), timeout=LIMIT)
        name = desk.words("dish-0-name")
        desk.press("dish-0-out")
        qtbot.waitUntil(lambda: words(desk, "dish-0-answer") == "Sold out: Deliveroo", timeout=LIMIT)
        qtbot.waitUntil(lambda: desk.part("dish-0-at-1").sign.text.startswith("sold out until "), timeout=LIMIT)
        assert [one.name for one in facade.shop_menu(1).result(20) if not one.available] == [name]
        desk.press("dish-0-undo")
        qtbot.waitUntil(lambda: desk.part("dish-0-at-1").sign.text == "on sale", timeout=LIMIT)
        assert all(one.available for one in facade.shop_menu(1).result(20))
