"""The Shop page in the window: the top bar, notices, the keyboard; a slow platform holds up nothing."""

from __future__ import annotations

import gc
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.shop import MenuItem, ShopState
from app.engine.views import ShopNotice, Storefront
from app.ui.names import of_order
from app.ui.pages.shop import ShopPage
from app.ui.pictures import settle
from app.ui.widgets.button import HEIGHT, Button
from app.ui.words import headed
from tests.ui.conftest import Console, Opened, notices
from tests.ui.fake_cards import card
from tests.ui.fake_shops import PAUSED, front
from tests.ui.fakes import FakeFacade


def find(shown: Console, kind: type[QWidget], name: str = "") -> Any:
    found = shown.window.findChild(kind, name) if name else shown.window.findChild(kind)
    assert found is not None, name or kind
    return found


def in_window(console: Opened, *fronts: Storefront) -> Console:
    facade = FakeFacade([card(1)])
    facade.fronts = list(fronts)
    return console(facade)


def test_a_paused_shop_stands_in_the_top_bar_until_it_is_open_again(console: Opened) -> None:
    shown = in_window(console, front(1, status=PAUSED))
    chip = find(shown, Button, "shops-paused")
    assert chip.isVisible()
    assert chip.words == "PAUSED: Ele.me"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert find(shown, ShopPage).isVisible()
    shown.facade.fronts = [front(1)]
    shown.facade.tell("shops", 1)
    settle()
    assert not chip.isVisible()


def test_a_shop_left_closed_leads_to_the_page(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = in_window(console, front(1))
    real = shown.facade.overview
    monkeypatch.setattr(
        shown.facade, "overview", lambda: replace(real(), shops=(ShopNotice(1, "Ele.me is paused since 09:00."),))
    )
    shown.facade.tell("shops", 1)
    settle()
    assert notices(shown) == ["Ele.me is paused since 09:00."]
    QTest.mouseClick(find(shown, QWidget, "notice-0-button"), Qt.MouseButton.LeftButton)
    assert find(shown, ShopPage).isVisible()


def test_every_page_has_its_number_on_the_keyboard(console: Opened) -> None:
    shown = in_window(console, front(1))
    shown.window.activateWindow()
    settle()
    for number, name in enumerate(("queue", "ledger", "shop", "reviews", "reports", "settings"), 1):
        QTest.keyClick(shown.window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        settle()
        assert find(shown, QWidget, f"rail-{name}").isChecked(), name


def test_the_page_is_worked_by_keyboard_and_has_room_for_fingers(console: Opened) -> None:
    shown = in_window(console, front(1), front(2, "hubrise"))
    shown.window.show_page("shop")
    settle()
    buttons = [one for one in find(shown, ShopPage).findChildren(Button) if one.isVisible()]
    assert min(button.height() for button in buttons) >= HEIGHT
    assert all(button.accessibleName() for button in buttons)
    pause = find(shown, Button, "shop-1-pause")
    pause.setFocus()
    assert pause.hasFocus()
    QTest.keyClick(pause, Qt.Key.Key_Space)
    assert shown.facade.shop_wishes[0].state is ShopState.PAUSED
    assert pause.accessibleName() == headed("Ele.me", "Pause until I open")


def test_rebuilding_the_open_page_leaves_no_widget_and_no_timer_behind(console: Opened) -> None:
    shown = in_window(console, front(1), front(2, "hubrise"))
    shown.window.show_page("shop")

    def count() -> tuple[int, int]:
        settle()
        gc.collect()
        return len(QApplication.allWidgets()), len(shown.window.findChildren(QTimer))

    shown.window.rebuild()
    before = count()
    for _ in range(3):
        find(shown, Button, "shop-part-dishes").click()
        for _account, asked in shown.facade.menu_asks:
            if not asked.done():
                asked.set_result([MenuItem("a", "Duck", True)])
        settle()
        shown.window.rebuild()
    assert count() == before


def test_while_a_platform_is_slow_the_queue_goes_on(console: Opened) -> None:
    shown = in_window(console, front(1))
    shown.window.show_page("shop")
    settle()
    QTest.mouseClick(find(shown, Button, "shop-1-pause"), Qt.MouseButton.LeftButton)
    slow: Future[dict[int, str]] = shown.facade.shop_wishes[0].answer
    shown.window.show_page("queue")
    settle()
    find(shown, Button, of_order("primary", 1)).click()
    settle()
    assert "request" in [one.what for one in shown.facade.asked]
    assert not slow.done()


def test_the_words_of_a_paused_shop_cover_nothing_in_a_narrow_window(console: Opened) -> None:
    facade = FakeFacade([card(1, rung=True)])
    facade.fronts = [front(n, status=PAUSED) for n in (1, 2)]
    shown = console(facade)
    for width in (1366, 1000, 860):
        shown.window.resize(width, 600)
        settle()
        chip = find(shown, Button, "shops-paused")
        clock, bell = find(shown, QWidget, "clock"), find(shown, QWidget, "hear-all")
        assert not (bell.isVisible() and bell.geometry().intersects(clock.geometry())), width
        others = [one for one in shown.window.bar.findChildren(QWidget) if one.parent() is chip.parent() and one.isVisible()]
        overlapping = [one.objectName() for one in others if one is not chip and one.geometry().intersects(chip.geometry())]
        assert overlapping == [], width
