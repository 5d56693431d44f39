"""The shell: pages made when wanted, practice marked, language and look changed while it runs, and nothing left behind."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.engine.views import Lane
from app.ui.pictures import grab, settle
from app.ui.widgets.button import HEIGHT, Button
from tests.ui.conftest import Console, Opened, translations
from tests.ui.fake_cards import card, lunch
from tests.ui.fakes import FakeFacade

OWN = [
    path
    for path in Path(__file__).parents[2].joinpath("app", "ui").rglob("*.py")
    if path.parent.name in ("ui", "widgets", "pages", "dialogs")
]


def test_practice_is_plainly_marked_and_only_practice(console: Opened) -> None:
    banner = "practice-banner"
    assert console(FakeFacade(practice=True)).window.findChild(QWidget, banner) is not None
    assert console(FakeFacade()).window.findChild(QWidget, banner) is None


def test_a_second_start_brings_the_window_forward(console: Opened) -> None:
    shown = console(FakeFacade())
    shown.window.showMinimized()
    settle()
    shown.facade.tell("window")
    settle()
    assert not shown.window.isMinimized()
    assert shown.window.isVisible()


def test_pages_are_made_when_first_wanted(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    assert list(shown.window._pages) == ["queue"]
    button = shown.window.findChild(QPushButton, "rail-settings")
    assert button is not None
    button.click()
    settle()
    assert list(shown.window._pages) == ["queue", "settings"]
    assert button.isChecked()


def test_the_queue_goes_on_behind_another_page(console: Opened) -> None:
    shown = console(FakeFacade())
    shown.window.show_page("settings")
    shown.facade.put(card(1, rung=True))
    settle()
    hear = shown.window.findChild(QPushButton, "hear-all")
    assert hear is not None
    assert hear.isVisible(), "the bell is heard on every page"


def test_language_changes_while_it_runs(console: Opened, chinese: None) -> None:
    shown = console(FakeFacade([card(1)], language="en"))
    button = shown.window.findChild(Button, "primary-1")
    assert button is not None
    assert button.words == "Accept"
    shown.window._bridge.prefer("language", "zh")
    settle()
    button = shown.window.findChild(Button, "primary-1")
    assert button is not None
    assert button.words == "接单"
    assert shown.facade.preferences["language"] == "zh"


def test_the_look_changes_while_it_runs(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    light = QApplication.palette().color(QPalette.ColorRole.Window)
    shown.window._bridge.prefer("theme", "dark")
    settle()
    assert QApplication.palette().color(QPalette.ColorRole.Window).lightness() < light.lightness()
    assert shown.window.theme.dark


def test_rebuilding_leaves_no_widget_and_no_timer_behind(console: Opened) -> None:
    shown = console(FakeFacade(lunch()))

    def count() -> tuple[int, int]:
        settle()
        gc.collect()
        return len(QApplication.allWidgets()), len(shown.window.findChildren(QTimer))

    shown.window.rebuild()
    before = count()
    for _ in range(3):
        shown.window.rebuild()
    assert count() == before


def test_orders_that_come_and_go_leave_nothing_behind(console: Opened) -> None:
    shown = console(FakeFacade())

    def count() -> int:
        settle()
        return len(shown.window.findChildren(QObject))

    before = count()
    for turn in range(5):
        shown.facade.put(*(card(turn * 10 + number) for number in range(10)))
        settle(20)
        shown.facade.put(*(card(turn * 10 + number, Lane.COOKING) for number in range(10)))
        settle(20)
        shown.facade.drop(*range(turn * 10, turn * 10 + 10))
        settle(20)
    assert count() == before


def test_closing_leaves_no_window_behind(qtbot: object) -> None:
    before = len(QApplication.allWidgets())
    shown = Console(FakeFacade(lunch()))
    shown.window.close()
    shown.window.deleteLater()
    shown.facade.tell("orders", 1)
    settle()
    assert len(QApplication.allWidgets()) == before


def test_targets_are_big_enough_for_gloves(console: Opened) -> None:
    shown = console(FakeFacade(lunch()))
    small = [
        button.objectName()
        for button in shown.window.findChildren(QPushButton)
        if button.isVisible() and min(button.width(), button.height()) < HEIGHT
    ]
    assert small == []


def test_pictures_show_the_window(console: Opened, tmp_path: Path) -> None:
    shown = console(FakeFacade(lunch()))
    path = grab(shown.window, tmp_path / "deep" / "queue.png", QSize(1366, 768))
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1366, 768)
    colors = {image.pixelColor(x, y).rgb() for x in range(0, 1366, 7) for y in range(0, 768, 7)}
    assert len(colors) > 20


def test_every_word_of_this_part_is_translated() -> None:
    known = translations().keys()
    said = {
        call.args[0].value
        for path in OWN
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("tr", "N_")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert said - known == set()
