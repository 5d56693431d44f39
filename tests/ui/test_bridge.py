"""What crosses from the I/O thread: coalesced changes, results for owners that still live, sentences for staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Thread

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.engine.facade import RefusalError
from app.engine.views import Change
from app.platforms.api import TemporaryError
from app.ui.bridge import Bridge, sentence
from app.ui.pictures import settle
from tests.ui.fakes import FakeFacade


class Ear(QObject):
    """Remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    @Slot(object)
    def hear(self, what: object) -> None:
        self.heard.append(what)


@pytest.fixture
def facade() -> FakeFacade:
    return FakeFacade()


@pytest.fixture
def bridge(qtbot: QtBot, facade: FakeFacade) -> Iterator[Bridge]:
    made = Bridge(facade)
    yield made
    made.close()


def in_thread(work: Callable[[], object]) -> None:
    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_many_changes_from_another_thread_become_one_signal(bridge: Bridge, facade: FakeFacade) -> None:
    ear = Ear()
    bridge.orders_changed.connect(ear.hear)

    def burst() -> None:
        for number in range(50):
            facade.tell("orders", number)

    in_thread(burst)
    assert ear.heard == [], "nothing may reach the screen before its own event loop turns"
    settle()
    assert ear.heard == [frozenset(range(50))]


def test_topics_stay_apart_and_no_ids_means_read_all_again(bridge: Bridge, facade: FakeFacade) -> None:
    orders, printers = Ear(), Ear()
    bridge.orders_changed.connect(orders.hear)
    bridge.printers_changed.connect(printers.hear)

    def mixed() -> None:
        for ids in ((1,), (), (2,)):
            facade.tell("orders", *ids)
        facade.tell("printers", 3)

    in_thread(mixed)
    settle()
    assert orders.heard == [frozenset()]
    assert printers.heard == [frozenset({3})]


def test_unknown_topics_are_left_alone(bridge: Bridge, facade: FakeFacade) -> None:
    for listener in facade.listeners:
        listener(Change("weather", frozenset({1})))
    settle()


def test_results_arrive_later_on_the_screen_thread(bridge: Bridge) -> None:
    ear, future = Ear(), Future[str]()
    bridge.run(future, ear.hear, owner=ear)
    in_thread(lambda: future.set_result("done"))
    assert ear.heard == []
    settle()
    assert ear.heard == ["done"]


def test_a_result_for_a_dead_owner_is_dropped(bridge: Bridge) -> None:
    heard: list[object] = []
    owner, future = QWidget(), Future[str]()
    bridge.run(future, heard.append, heard.append, owner)
    owner.deleteLater()
    settle()
    in_thread(lambda: future.set_result("too late"))
    settle()
    assert heard == []


def test_failures_without_a_taker_are_told_to_everybody(bridge: Bridge) -> None:
    ear, future = Ear(), Future[None]()
    bridge.failed.connect(ear.hear)
    bridge.run(future)
    future.set_exception(RefusalError("The order is closed already."))
    settle()
    assert ear.heard == ["The order is closed already."]


def test_a_cancelled_future_says_nothing(bridge: Bridge) -> None:
    ear, future = Ear(), Future[None]()
    bridge.failed.connect(ear.hear)
    bridge.run(future)
    future.cancel()
    settle()
    assert ear.heard == []


def test_a_closed_bridge_hears_nothing_more(bridge: Bridge, facade: FakeFacade) -> None:
    ear, future = Ear(), Future[None]()
    bridge.orders_changed.connect(ear.hear)
    bridge.run(future, ear.hear)
    facade.tell("orders", 1)
    bridge.close()
    facade.tell("orders", 2)
    future.set_result(None)
    settle()
    assert ear.heard == []


def test_sentences_keep_the_words_of_those_who_refuse() -> None:
    assert sentence(TemporaryError("busy, try later")) == "busy, try later"
    assert "KeyError" in sentence(KeyError("x"))


def test_a_new_look_is_followed_only_once_it_is_stored(
    bridge: Bridge, facade: FakeFacade, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: Future[None] = Future()
    monkeypatch.setattr(facade, "set_preference", lambda *_: stored)
    heard: list[tuple[str, str]] = []
    bridge.look_changed.connect(lambda name, value: heard.append((name, value)))
    bridge.prefer("theme", "dark")
    settle()
    assert heard == []

    stored.set_result(None)
    settle()
    assert heard == [("theme", "dark")]
