"""The queue with 300 open cards: a whole countdown tick with its painting, and the longest turn of the loop in a burst.

Turns are measured in processor time of this process, because a shared machine adds its own waits to the wall clock. The
ratio is to the least a screen of 300 clocks could cost: 300 plain labels that change their text and are painted.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.models.open_orders import BITE
from app.ui.pictures import settle
from app.ui.run import open_console
from tests.benchmarks.conftest import Say
from tests.ui.fakes import NOON, FakeFacade, card, many

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when the application is made

CARDS, BURST, TICKS = 300, 100, 30
TICK_GOAL_MS, SLOT_GOAL_MS = 8.0, 50.0
BOUND = 4.0  # how far over a goal a crowded machine may push us before the test says that something broke


class Screen:
    """The real window on a fake engine, with a clock moved by hand."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()
        self.facade = FakeFacade(many(CARDS))
        self.window: MainWindow = open_console(self.facade, muted=True, clock=lambda: self.now)
        self.window.resize(1920, 1080)
        self.window.show()
        settle()

    def tick(self) -> None:
        """One second, painted."""
        self.now += 1
        self.window.tick()
        QApplication.processEvents()


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[Screen]:
    del qtbot
    made = Screen()
    yield made
    made.window.close()
    made.window.deleteLater()
    settle()


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def test_a_tick_of_300_cards(screen: Screen, say: Say) -> None:
    logic, whole = [], []
    for _ in range(TICKS):
        screen.now += 1
        logic.append(milliseconds(screen.window.tick))
        whole.append(logic[-1] + milliseconds(QApplication.processEvents))
    floor = plain_labels()
    tick, painted = statistics.median(logic), statistics.median(whole)
    say(
        f"{CARDS} cards, one second: {tick:.1f} ms (goal {TICK_GOAL_MS:.0f}), painted {painted:.1f} ms, "
        f"{painted / floor:.2f} of {CARDS} plain labels ({floor:.1f} ms)"
    )
    assert tick < TICK_GOAL_MS * BOUND


def test_a_burst_of_100_orders_never_holds_the_screen(screen: Screen, say: Say) -> None:
    screen.facade.put(*(card(9000 + number, rung=True) for number in range(BURST)))
    turns = [milliseconds(QApplication.processEvents) for _ in range(BURST // BITE + 40)]
    assert len(screen.window.queue._cards) == CARDS + BURST
    say(f"{BURST} orders at once on {CARDS} cards: longest turn {max(turns):.0f} ms (goal {SLOT_GOAL_MS:.0f})")
    assert max(turns) < SLOT_GOAL_MS * BOUND


def plain_labels() -> float:
    """The floor: 300 labels given a new text and painted, in milliseconds."""
    sheet = QWidget()
    grid = QGridLayout(sheet)
    labels = [QLabel("00:00") for _ in range(CARDS)]
    for number, label in enumerate(labels):
        grid.addWidget(label, number // 15, number % 15)
    sheet.resize(1920, 1080)
    sheet.show()
    settle()

    def turn(second: int) -> None:
        for label in labels:
            label.setText(f"00:{second:02}")
        QApplication.processEvents()

    found = statistics.median(milliseconds(lambda second=second: turn(second)) for second in range(TICKS))  # type: ignore[misc]
    sheet.close()
    sheet.deleteLater()
    settle()
    return found
