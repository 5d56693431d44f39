"""The screen off screen: no display, Shanghai's clock, every part's translations merged, nothing left behind."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import texts
from app.config import resources
from app.ui import shop_clock
from app.ui.main_window import MainWindow
from app.ui.pictures import settle
from app.ui.run import open_console
from tests.ui.fake_ledger import NOON
from tests.ui.fakes import FakeFacade
from tests.ui.settings_desk import Opener, opening


@pytest.fixture(autouse=True)
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The computer stands in Shanghai; the language and the clock's zone are put back."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    if hasattr(time, "tzset"):
        time.tzset()
    before = texts.language()
    shop_clock.use("")  # also after tests of the command line
    yield
    texts.use(before)
    shop_clock.use("")
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()


def translations() -> dict[str, Any]:
    """Every Chinese text there is: the catalogue and the parts that were not merged into it yet."""
    folder = resources() / "i18n"
    found: dict[str, Any] = {}
    for path in (*sorted((folder / "parts").glob("*.zh.json")), folder / "zh.json"):
        if path.exists():
            found |= json.loads(path.read_text("utf-8"))
    return found


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words in the code, whatever catalogue has been merged; `chinese` puts another one in their place."""
    monkeypatch.setattr(texts, "catalogue", lambda _language: {})


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue with this part's own translations, merged or not."""
    merged = translations()
    monkeypatch.setattr(texts, "catalogue", lambda language: merged if language == "zh" else {})


class Console:
    """An open window on a fake facade, with a clock that stands still until moved."""

    def __init__(self, facade: FakeFacade) -> None:
        self.facade = facade
        self.now = NOON.timestamp()
        self.window = open_console(facade, muted=True, clock=lambda: self.now)
        self.window.show()
        settle()

    def pass_time(self, seconds: float) -> None:
        """Move the clock and tick once."""
        self.now += seconds
        self.window.tick()
        settle(1)


Opened = Callable[[FakeFacade], Console]
Found = TypeVar("Found", bound=QWidget)


def find(console: Console, kind: type[Found], name: str) -> Found:
    """The widget of that name."""
    found = console.window.findChild(kind, name)
    assert found is not None, f"nothing is called {name}"
    return found


def press(console: Console, name: str) -> None:
    """A click on the button of that name."""
    find(console, QPushButton, name).click()
    settle()


def notices(console: Console) -> list[str]:
    """What stands above the queue, from the top."""
    found = [console.window.findChild(QWidget, f"notice-{number}") for number in range(5)]
    return [line.accessibleName() for line in found if line is not None]


@pytest.fixture
def console(qtbot: QtBot) -> Iterator[Opened]:
    """Opens windows and closes them again."""
    made: list[MainWindow] = []

    def opened(facade: FakeFacade) -> Console:
        shown = Console(facade)
        made.append(shown.window)
        return shown

    yield opened
    for window in made:
        window.close()
        window.deleteLater()
    settle()


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Opener]:
    """Opens a page or a dialog alone, on a shop that remembers what was asked."""
    with opening(qtbot) as opener:
        yield opener
