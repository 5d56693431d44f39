"""The bell: until acknowledged, one chime for a burst, its own timbre for each kind, the strip when nobody comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.config import resources
from app.engine.views import Lane
from app.ui.alarm import BURST_MS, Alarm
from app.ui.bridge import Bridge
from app.ui.models.open_orders import OpenOrders
from app.ui.pictures import settle
from app.ui.sounds import Audible, Chime, Sounds
from tests.ui.conftest import Opened
from tests.ui.fake_cards import card, lunch
from tests.ui.fakes import FakeFacade


class Loudspeaker:
    """Remembers every chime."""

    def __init__(self) -> None:
        self.played: list[Chime] = []

    def play(self, chime: Chime) -> None:
        self.played.append(chime)


class Room:
    """An alarm without a window."""

    def __init__(self, qtbot: QtBot, *cards: Any) -> None:
        self.qtbot, self.now, self.heard = qtbot, 1000.0, list[frozenset[int]]()
        self.facade, self.speaker = FakeFacade(list(cards)), Loudspeaker()
        self.bridge = Bridge(self.facade)
        self.orders = OpenOrders(self.facade, self.bridge)
        self.orders.load()
        self.alarm = Alarm(self.orders, self._acknowledge, self.speaker, lambda: self.now)
        self.strips: list[list[int]] = []
        self.alarm.overdue.connect(self._strip)

    def _acknowledge(self, ids: frozenset[int]) -> None:
        self.heard.append(ids)
        self.facade.acknowledge(ids)

    def _strip(self, cards: list[Any]) -> None:
        self.strips.append([each.id for each in cards])

    def put(self, *cards: Any) -> None:
        self.facade.put(*cards)
        self.qtbot.wait(BURST_MS + 60)

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            self.alarm.tick(self.now)


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    return Room(qtbot)


def test_a_burst_rings_once_and_then_every_eight_seconds(room: Room) -> None:
    room.put(*(card(number, rung=True) for number in range(1, 6)))
    assert room.speaker.played == [Chime.NEW]
    room.pass_time(25)
    assert room.speaker.played == [Chime.NEW] * 4


def test_hearing_it_stops_the_sound_until_the_next_order(room: Room) -> None:
    room.put(card(1, rung=True))
    room.alarm.hear()
    settle()
    room.pass_time(60)
    assert room.speaker.played == [Chime.NEW]
    assert room.heard == [frozenset({1})]
    room.put(card(2, rung=True))
    assert room.speaker.played == [Chime.NEW] * 2


def test_a_quiet_order_never_rings(room: Room) -> None:
    room.put(card(1))
    room.pass_time(30)
    assert room.speaker.played == []


def test_each_kind_has_its_own_timbre(room: Room) -> None:
    asking, gone = (next(each for each in lunch() if each.id == id_) for id_ in (36, 34))
    room.put(asking)
    room.put(gone)
    assert room.speaker.played == [Chime.PERSON, Chime.CANCELLED]
    room.speaker.played.clear()
    room.pass_time(40)
    assert set(room.speaker.played) == {Chime.PERSON, Chime.CANCELLED}, "they take turns"


def test_a_heard_cancellation_falls_silent_but_is_not_acknowledged(room: Room) -> None:
    room.put(card(1, Lane.COOKING, closed_attention=True, rung=True))
    room.alarm.hear()
    room.pass_time(60)
    assert room.speaker.played == [Chime.CANCELLED]
    assert room.heard == [frozenset()]
    assert 1 in room.facade.open


def test_what_was_heard_stays_silent_while_the_engine_is_told(room: Room) -> None:
    room.alarm._acknowledge = lambda _ids: None  # an engine that never gets around to it
    room.put(card(1, rung=True))
    room.alarm.hear()
    room.put(card(1, rung=True, paid=False))
    assert room.speaker.played == [Chime.NEW]
    room.pass_time(31)
    room.qtbot.wait(BURST_MS + 60)
    assert len(room.speaker.played) > 1, "silence must not rest on a promise for ever"


def test_an_urge_on_a_heard_order_rings_again(room: Room) -> None:
    urged = next(each for each in lunch() if each.id == 33)
    room.put(card(33, Lane.COOKING, rung=True))
    room.alarm.hear()
    settle()
    room.put(urged)
    assert room.speaker.played == [Chime.NEW, Chime.PERSON]


def test_trouble_of_our_own_sounds_once(room: Room) -> None:
    room.alarm.fault()
    room.qtbot.wait(BURST_MS + 60)
    room.pass_time(30)
    assert room.speaker.played == [Chime.FAULT]


def test_the_strip_comes_after_half_a_minute(room: Room) -> None:
    room.put(card(1, rung=True))
    room.pass_time(29)
    assert not any(room.strips)
    room.pass_time(1)
    assert room.strips[-1] == [1]
    room.alarm.hear()
    assert room.strips[-1] == []


def test_the_strip_says_how_many_and_its_button_hears(console: Opened) -> None:
    shown = console(FakeFacade([card(1, rung=True), card(2, rung=True)]))
    shown.pass_time(31)
    strip = shown.window._strips[0]
    assert strip.isVisible()
    assert strip.height() == 64
    assert strip.text.startswith("2 orders nobody has seen. Oldest: 饿#1")
    button = strip.findChild(QPushButton, "strip-seen")
    assert button is not None
    button.click()
    settle()
    assert not strip.isVisible()
    assert not any(each.rung for each in shown.facade.open.values())


def test_the_bell_on_a_card_stops_only_that_order(console: Opened) -> None:
    shown = console(FakeFacade([card(1, rung=True), card(2, rung=True)]))
    button = shown.window.findChild(QPushButton, "hear-1")
    assert button is not None
    button.click()
    settle()
    assert [each.id for each in shown.window.alarm.ringing] == [2]


def test_no_loudspeaker_is_said_on_screen(console: Opened) -> None:
    shown = console(FakeFacade())
    state = shown.window.findChild(QWidget, "sound-state")
    assert state is not None
    for audible in (Audible.NO_DEVICE, Audible.NO_LIBRARY):
        shown.window.sounds.audible = audible
        shown.window.sounds.changed.emit()
        assert state.accessibleName() == audible.value
        assert shown.window.bar.sound.sign.loud


def test_a_missing_sound_library_is_a_state_and_no_crash(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PySide6.QtMultimedia", None)
    sounds = Sounds()
    sounds.open()
    assert sounds.audible is Audible.NO_LIBRARY
    sounds.play(Chime.NEW)


def test_every_chime_has_a_sound_of_its_own() -> None:
    folder = resources() / "sounds"
    found = [(folder / f"{chime.value}.wav").read_bytes() for chime in Chime]
    assert all(sound.startswith(b"RIFF") for sound in found)
    assert len(set(found)) == len(Chime)
    assert sorted(path.stem for path in Path(folder).glob("*.wav")) == sorted(chime.value for chime in Chime)
