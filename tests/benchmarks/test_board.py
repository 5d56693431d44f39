"""Three hundred open orders on the real window: a second's tick, showing them all, and a burst, beside bare widgets.

Issue 2 wants a full tick under 8 ms and no slot over 50 ms on the UI thread. Both are printed; asserted are ratios to bare
labels, in turns. How late a heartbeat comes is decided by the neighbours of a shared machine too, so the same heartbeat
runs on an idle bare window, and the longest slot is also told in time of the UI thread itself, which neighbours cannot
take away; of a burst only that every card was shown is asserted.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from app.engine.views import Lane
from app.ui.main_window import MainWindow
from app.ui.run import application, open_console
from tests.benchmarks.conftest import Say
from tests.ui.fake_cards import ahead, card, many
from tests.ui.fake_ledger import NOON
from tests.ui.fakes import FakeFacade

OPEN, BURST, BURST_SECONDS, TICKS = 300, 100, 1.0, 15
BEAT_MS = 10
TICK_GOAL_MS, SLOT_GOAL_MS = 8, 50
TICK_BOUND, SHOW_BOUND = 2.0, 15.0


@pytest.fixture
def app() -> QApplication:
    return application()


def test_tick_of_three_hundred_cards(app: QApplication, say: Say) -> None:
    ours, painted, floor, floor_painted = [], [], [], []
    with _window(FakeFacade(many(OPEN))) as window, _labels() as labels:
        for number in range(TICKS):
            ours.append(_milliseconds(window.tick))
            painted.append(_milliseconds(app.processEvents))
            floor.append(_milliseconds(lambda: _tell_all(labels, number)))  # noqa: B023 - called at once
            floor_painted.append(_milliseconds(app.processEvents))
    tick, labelled = statistics.median(ours), statistics.median(floor)
    whole = statistics.median(map(sum, zip(ours, painted, strict=True)))
    whole_floor = statistics.median(map(sum, zip(floor, floor_painted, strict=True)))
    say(f"tick of {OPEN} cards: {tick:.2f} ms (goal {TICK_GOAL_MS}), floor {OPEN} bare labels {labelled:.2f} ms")
    say(f"  with painting {whole:.2f} ms, floor {whole_floor:.2f} ms; ratio {whole / whole_floor:.2f} (<= {TICK_BOUND:g})")
    assert whole / whole_floor <= TICK_BOUND


def test_three_hundred_cards_are_shown(app: QApplication, say: Say) -> None:
    ours, floor = [], []
    for _ in range(3):
        empty = _milliseconds(lambda: _open_and_close(FakeFacade([])))
        ours.append(_milliseconds(lambda: _open_and_close(FakeFacade(many(OPEN)))) - empty)
        floor.append(_milliseconds(_labels_and_close))
    shown, bare = statistics.median(ours), statistics.median(floor)
    say(f"showing {OPEN} cards: {shown:.0f} ms beyond an empty window, floor {OPEN} bare labels {bare:.1f} ms")
    say(f"  ratio {shown / bare:.0f} (<= {SHOW_BOUND:g})")
    assert shown / bare <= SHOW_BOUND


def test_heartbeat_during_a_burst(app: QApplication, say: Say) -> None:
    facade = FakeFacade(many(OPEN))
    with _labels() as idle:
        bare = _beats(lambda: len(idle) == OPEN, BURST_SECONDS)
    with _window(facade) as window:
        rush = threading.Thread(target=_rush, args=(facade,))
        rush.start()
        ours = _beats(lambda: window.queue.card(5000 + BURST - 1) is not None, BURST_SECONDS)
        rush.join()
        shown = [number for number in range(BURST) if window.queue.card(5000 + number)]
    with _labels() as idle:
        bare += _beats(lambda: len(idle) == OPEN, BURST_SECONDS)
    say(f"heartbeat while {BURST} orders arrive: {_lateness(ours)} (goal: no slot over {SLOT_GOAL_MS} ms)")
    say(f"  floor, an idle bare window: {_lateness(bare)}")
    assert len(shown) == BURST


def _rush(facade: FakeFacade) -> None:
    """As the engine does it: on a thread of its own, one change an order."""
    for number in range(BURST):
        facade.put(card(5000 + number, Lane.NEW, rung=True, decide_by=ahead(number % 5 + 1)))
        time.sleep(BURST_SECONDS / BURST)


def _beats(done: Callable[[], bool], seconds: float) -> list[tuple[float, float]]:
    """A timer's lateness (ms) and the UI thread's own work (ms) between its beats, for `seconds` and until `done`."""
    app = application()
    beats: list[tuple[float, float]] = []
    last = [time.perf_counter(), time.thread_time()]

    def beat() -> None:
        now, worked = time.perf_counter(), time.thread_time()
        beats.append(((now - last[0]) * 1e3 - BEAT_MS, (worked - last[1]) * 1e3))
        last[:] = now, worked

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start(BEAT_MS)
    clock = QElapsedTimer()
    clock.start()
    while clock.elapsed() < seconds * 1e3 or not done():
        assert clock.elapsed() < 30_000, "it never happened"
        app.processEvents()
        time.sleep(0.001)
    timer.stop()
    return beats


def _lateness(beats: list[tuple[float, float]]) -> str:
    late = [max(beat[0], 0.0) for beat in beats]
    cut = statistics.quantiles(late, n=100, method="inclusive")
    work = max(beat[1] for beat in beats)
    return f"late p50 {cut[49]:.1f} p99 {cut[98]:.1f} max {max(late):.1f} ms; most work in a slot {work:.1f} ms"


@contextmanager
def _window(facade: FakeFacade) -> Iterator[MainWindow]:
    seconds = iter(range(10**6))
    window = open_console(facade, muted=True, clock=lambda: NOON.timestamp() + next(seconds))
    window.show()
    _settle()
    try:
        yield window
    finally:
        window.close()
        window.deleteLater()
        _settle()


@contextmanager
def _labels() -> Iterator[list[QLabel]]:
    window = QWidget()
    window.resize(1366, 768)
    column = QVBoxLayout(window)
    labels = [QLabel("0:00") for _ in range(OPEN)]
    for label in labels:
        column.addWidget(label)
    window.show()
    _settle()
    try:
        yield labels
    finally:
        window.close()
        window.deleteLater()
        _settle()


def _open_and_close(facade: FakeFacade) -> None:
    with _window(facade):
        pass


def _labels_and_close() -> None:
    with _labels():
        pass


def _tell_all(labels: list[QLabel], number: int) -> None:
    for place, label in enumerate(labels):
        label.setText(f"{number}:{place:02d}")


def _settle() -> None:
    app = application()
    for _ in range(3):
        app.processEvents()
        app.sendPostedEvents(QObject(), QEvent.Type.DeferredDelete)


def _milliseconds(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return (time.perf_counter() - started) * 1e3
