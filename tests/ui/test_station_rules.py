"""Rules of stations on the screen: in which words they are told, and how they are made, changed and had back."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.domain.orders import Fulfilment
from app.domain.routing import Route
from app.ui.dialogs.route import RouteDialog, read_clock
from app.ui.widgets.rule_words import band_words, rule_words
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import Desk, Opener
from tests.ui.stations_desk import DUCK, TEA, stations_page

TITLES = {"eleme": "Ele.me"}


@pytest.fixture
def page(open_window: Opener) -> Desk:
    return stations_page(open_window)


def anonymous(routes: list[Route] | tuple[Route, ...]) -> list[Route]:
    return [replace(route, id=0) for route in routes]


# words


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (Route(1, 1), "Every dish, on any platform"),
        (TEA, "Dishes in category Drinks*, on any platform, 11:00–14:00"),
        (DUCK, "Dishes named Duck, on Ele.me"),
        (Route(1, 1, platforms=("gone",), enabled=False), "Off: Every dish, on gone"),
        (
            Route(1, 1, (), ("A", "B"), ("C",), ("D",), (Fulfilment.PICKUP, Fulfilment.DINE_IN)),
            "Dishes in category A or B, named C, with option D, on any platform, only Pickup or Dine in",
        ),
        (
            Route(1, 1, options=(HOSTILE,)),
            'Dishes with option <b>Robert</b><img src="http://127.0.0.1/x.png"> =1+1 @, on any platform',
        ),
    ],
)
def test_a_rule_reads_like_a_sentence(route: Route, words: str) -> None:
    assert rule_words(route, TITLES) == words


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (None, None, ""),
        (time(11), None, "from 11:00"),
        (None, time(14, 30), "until 14:30"),
        (time(22), time(2), "22:00–02:00 over midnight"),
        (time(0), time(2), "00:00–02:00"),
        (None, time(0), "until 00:00"),
    ],
)
def test_a_band_of_time_reads_as_staff_would_say_it(begins: time | None, ends: time | None, words: str) -> None:
    assert band_words(begins, ends) == words


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_every_minute_of_the_day_can_be_typed(at: time) -> None:
    typed = (f"{at:%H:%M}", f"{at:%H.%M}", f"{at:%H%M}", f"{at.hour}:{at:%M}", f"{at:%H}：{at:%M}")
    assert {read_clock(text) for text in typed} == {at}


@given(st.text())
def test_whatever_is_typed_is_a_time_or_none(text: str) -> None:
    assert isinstance(read_clock(text), time | None)


@pytest.mark.parametrize("text", ["24:00", "11:60", "noon", "1:1:1", "-1", ""])
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_clock(text) is None


# the form


def test_a_new_rule_is_stored_behind_the_others(page: Desk) -> None:
    page.press("station-3-rule")
    form = page.dialog(RouteDialog)
    form.type("route-items-line", "Duck*")
    QTest.keyClick(form.part("route-items-line"), Qt.Key.Key_Return)
    form.type("route-items-line", "Goose")  # still in the line: not lost
    form.part("route-platform-eleme").click()
    form.part("route-fulfilment-pickup").click()
    form.type("route-begins", "9")
    form.type("route-ends", "1400")
    assert form.words("route-dialog-result") == "Dishes named Duck* or Goose, on Ele.me, only Pickup, 09:00–14:00"
    form.press("route-save")
    page.settle()
    made = Route(0, 3, ("eleme",), (), ("Duck*", "Goose"), (), (Fulfilment.PICKUP,), time(9), time(14))
    assert page.shop.calls == [("save_routes", (TEA, DUCK, made))]
    assert page.part("rule-3-0-words").isVisible()


def test_the_star_of_a_chinese_keyboard_is_a_star(page: Desk) -> None:
    page.press("station-3-rule")
    form = page.dialog(RouteDialog)
    form.type("route-items-line", "＊奶茶＊")
    form.press("route-save")
    page.settle()
    assert page.shop.calls[0][1][-1].items == ("*奶茶*",)


def test_a_rule_is_changed_in_its_place_whatever_id_it_has_got_meanwhile(page: Desk) -> None:
    page.press("rule-2-0-edit")
    form = page.dialog(RouteDialog)
    page.shop.route_list = [replace(TEA, id=70), replace(DUCK, id=80)]  # somebody else stored the same rules
    form.press("route-categories-0")  # takes the name away
    form.type("route-categories-line", "Tea")
    form.part("route-enabled").click()
    form.part("route-otherwise").click()
    form.press("route-save")
    page.settle()
    stored = page.shop.calls[0][1]
    assert anonymous(stored) == anonymous([replace(TEA, categories=("Tea",), otherwise=True, enabled=False), DUCK])


def test_a_rule_that_is_gone_can_be_had_back(page: Desk) -> None:
    assert not page.part("rules-undo").isVisible()
    page.press("rule-2-0-drop")
    page.settle()
    assert anonymous(page.shop.route_list) == anonymous([DUCK])
    assert page.window.findChild(QWidget, "rule-2-0-words") is None
    page.press("rules-undo")
    page.settle()
    assert anonymous(page.shop.route_list) == anonymous([TEA, DUCK])


def test_rules_that_cannot_be_stored_stay_as_they_were_and_say_why(page: Desk) -> None:
    page.shop.refuse_with = "the disk is full"
    page.press("rule-2-0-drop")
    page.settle()
    assert page.words("stations-answer") == "Not saved: the disk is full"
    assert page.part("rule-2-0-words").isVisible()
    assert not page.part("rules-undo").isVisible()


@pytest.mark.parametrize(("begins", "ends", "field"), [("25:00", "", "begins"), ("", "x", "ends"), ("9", "09:00", "ends")])
def test_a_time_that_is_none_is_told(page: Desk, begins: str, ends: str, field: str) -> None:
    page.press("station-1-rule")
    form = page.dialog(RouteDialog)
    form.type("route-begins", begins)
    form.type("route-ends", ends)
    form.press("route-save")
    assert form.words(f"route-{field}-error")
    assert form.window.isVisible()
    assert page.shop.calls == []
    form.window.close()


def test_names_are_completed_from_the_menu(page: Desk) -> None:
    page.press("station-1-rule")
    form = page.dialog(RouteDialog)
    model = form.part("route-items-line").completer().model()
    assert [model.data(model.index(row, 0)) for row in range(model.rowCount())] == ["冰美式", "宫保鸡丁"]
    form.window.close()
