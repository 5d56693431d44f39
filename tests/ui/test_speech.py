"""New orders aloud: each once, what comes meanwhile gathered, and one honest sentence where nothing can be spoken."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtTextToSpeech import QTextToSpeech
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.engine.facade import RefusalError
from app.ui.alarm import BURST_MS
from app.ui.bridge import Bridge
from app.ui.pictures import settle
from app.ui.sounds import Audible
from app.ui.speech import PREFERENCE, Speakable, Speech
from app.ui.theme import Theme
from app.ui.widgets.speech_tick import SpeechTick
from tests.ui.conftest import Opened
from tests.ui.fake_cards import card
from tests.ui.fakes import FakeFacade
from tests.ui.test_alarm import Room

MOCK = "mock"  # the engine that Qt ships for tests: it takes its time and makes no sound


class Said:
    """A speech on Qt's own pretending engine, and every sentence that it was asked for."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot, self.told, self.spoken = qtbot, list[frozenset[int]](), list[str]()
        honest = QTextToSpeech.say

        def say(engine: QTextToSpeech, words: str) -> None:
            self.spoken.append(words)
            honest(engine, words)

        monkeypatch.setattr(QTextToSpeech, "say", say)
        self.speech = Speech(self._words, MOCK)

    def _words(self, ids: frozenset[int]) -> str:
        self.told.append(ids)
        return " ".join(f"order {id_}" for id_ in sorted(ids))

    def silence(self) -> None:
        """Wait until everything is said."""
        self.qtbot.waitUntil(lambda: not self.speech._waiting and self._ready(), timeout=60_000)

    def _ready(self) -> bool:
        return self.speech._engine is not None and self.speech._engine.state() is QTextToSpeech.State.Ready


@pytest.fixture
def said(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    made = Said(qtbot, monkeypatch)
    yield made
    made.speech.deleteLater()
    settle()


def test_an_order_is_spoken(said: Said) -> None:
    said.speech.tell(frozenset({1}), "en")
    assert said.speech.speakable is Speakable.YES
    assert said.spoken == ["order 1"]
    said.silence()


def test_what_comes_meanwhile_is_one_sentence_afterwards(said: Said) -> None:
    for number in range(1, 5):
        said.speech.tell(frozenset({number}), "en")
    said.silence()
    assert said.told == [frozenset({1}), frozenset({2, 3, 4})]


def test_a_language_without_a_voice_stays_silent_and_says_so(said: Said) -> None:
    said.speech.tell(frozenset({1}), "zh")
    assert said.speech.speakable is Speakable.NO_VOICE
    said.speech.tell(frozenset({2}), "en")
    assert said.told == [frozenset({2})]
    said.silence()


def test_qts_pretending_engine_is_never_taken_for_a_voice(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QTextToSpeech, "availableEngines", lambda: [MOCK])
    speech = Speech(lambda _: pytest.fail("nobody can say it"))
    assert speech.open("en") is Speakable.NO_ENGINE
    speech.tell(frozenset({1}), "en")
    speech.deleteLater()


def test_a_missing_library_is_no_reason_to_fail(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = builtins.__import__

    def missing(name: str, *rest: Any, **named: Any) -> Any:
        if name == "PySide6.QtTextToSpeech":
            raise ImportError(name)
        return honest(name, *rest, **named)

    monkeypatch.delitem(sys.modules, "PySide6.QtTextToSpeech")
    monkeypatch.setattr(builtins, "__import__", missing)
    speech = Speech(lambda _: "")
    assert speech.open("en") is Speakable.NO_LIBRARY
    speech.deleteLater()


# the alarm tells what is news


def test_new_orders_are_news_once(qtbot: QtBot) -> None:
    room = Room(qtbot, card(1, rung=True))
    news: list[frozenset[int]] = []
    room.alarm.news.connect(news.append)
    room.put(card(2, rung=True), card(3, rung=True))
    room.put(card(2, rung=True), card(4, rung=True))
    room.pass_time(20)
    assert news == [frozenset({2, 3}), frozenset({4})]  # 1 stood here before the window did
    assert room.speaker.played


# the window


def test_the_window_speaks_only_where_the_shop_wants_it(
    console: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    facade = FakeFacade([])
    opened = console(facade)
    told: list[tuple[frozenset[int], str]] = []
    monkeypatch.setattr(opened.window.speech, "tell", lambda ids, language: told.append((ids, language)))
    opened.window.sounds.audible = Audible.YES
    facade.put(card(1, rung=True))
    qtbot.wait(BURST_MS + 60)
    assert told == []
    facade.preferences[PREFERENCE] = "yes"
    facade.put(card(2, rung=True))
    qtbot.wait(BURST_MS + 60)
    assert told == [(frozenset({2}), "zh")]
    opened.window.sounds.audible = Audible.MUTED
    facade.put(card(3, rung=True))
    qtbot.wait(BURST_MS + 60)
    assert len(told) == 1


def test_the_words_are_the_engines(console: Opened) -> None:
    opened = console(FakeFacade([card(1)]))
    assert opened.window.speech._words(frozenset({1})) == card(1).call_number


# the switch


@pytest.fixture
def tick(qtbot: QtBot) -> Iterator[Callable[..., tuple[SpeechTick, FakeFacade, list[str]]]]:
    """Puts up a switch; answers it, its facade, and the languages that were looked for."""
    made: list[SpeechTick] = []

    def opened(found: Speakable = Speakable.YES, **preferences: str) -> tuple[SpeechTick, FakeFacade, list[str]]:
        facade, looked = FakeFacade([]), list[str]()
        facade.preferences.update(preferences)

        def look(language: str) -> Speakable:
            looked.append(language)
            return found

        made.append(SpeechTick(facade, Bridge(facade), Theme.load("light"), look))
        return made[-1], facade, looked

    yield opened
    for one in made:
        one.deleteLater()
    settle()


def answer(switch: QWidget) -> str:
    return switch._answer.text()  # type: ignore[attr-defined,no-any-return]  # the switch's own line


def test_the_switch_is_off_and_looks_for_nothing(tick: Any) -> None:
    switch, _, looked = tick()
    assert not switch._box.isChecked()
    assert looked == []
    assert "Nothing of the customer" in answer(switch)


@pytest.mark.parametrize("found", list(Speakable))
def test_switched_on_it_says_in_one_sentence_whether_it_can(tick: Any, found: Speakable) -> None:
    switch, facade, looked = tick(found)
    switch._box.click()
    settle()
    assert facade.preferences[PREFERENCE] == "yes"
    assert len(looked) == 1
    assert answer(switch) == found.value
    assert ("The chime rings as before" in answer(switch)) is (found is not Speakable.YES)
    switch._box.click()
    settle()
    assert facade.preferences[PREFERENCE] == "no"


def test_a_switch_that_could_not_be_stored_goes_back(tick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    switch, facade, _ = tick()
    refused: Future[None] = Future()
    refused.set_exception(RefusalError("the store is full"))
    monkeypatch.setattr(facade, "set_preference", lambda _name, _value: refused)
    switch._box.click()
    settle()
    assert not switch._box.isChecked()
    assert "the store is full" in answer(switch)
