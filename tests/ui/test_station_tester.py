"""Where a sample order would go: told beside the rules, before one comes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget

from app.ui.pages.stations import StationsPage
from tests.ui.fake_cards import card
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import HOT, PASS, Desk, Opener, Shop
from tests.ui.stations_desk import DUCK, stations_page


@pytest.fixture
def page(open_window: Opener) -> Desk:
    return stations_page(open_window)


def test_a_recent_order_shows_who_prints_what_by_which_rule(page: Desk) -> None:
    page.choose("tester-order", "41")
    page.press("tester-show")
    page.settle()
    assert page.words("tester-unmatched").startswith("No rule sends these to a station that cooks: 宫保鸡丁, 米饭, 酸辣汤.")
    assert page.words("tester-where-1") == "热菜 → 热菜"
    assert page.words("tester-why-1") == "Because: nobody else cooks 宫保鸡丁, 米饭, 酸辣汤"
    page.shop.route_list = [replace(DUCK, items=("宫保*",)), replace(DUCK, station_id=2, items=("*汤",))]
    page.press("tester-show")
    page.settle()
    assert page.words("tester-what-1") == "Kitchen ticket: 宫保鸡丁, 米饭"
    assert page.words("tester-why-1") == "Because: Dishes named 宫保*, on Ele.me / nobody else cooks 米饭"
    assert page.words("tester-what-2") == "Cup label: 酸辣汤"


def test_the_answer_follows_the_rules(page: Desk) -> None:
    page.choose("tester-order", "41")
    page.press("tester-show")
    page.settle()
    assert page.part("tester-unmatched").isVisible()
    page.press("rule-1-0-drop")
    page.settle()
    assert page.words("tester-why-1") == "Because: it has no rule, so it takes everything"


def test_orders_are_found_by_what_is_typed(page: Desk) -> None:
    page.type("tester-search", "crispy duck")
    box = page.part("tester-order")
    assert [box.itemData(row) for row in range(box.count())] == ["12", ""]
    page.type("tester-search", "nobody ordered this")
    assert page.part("sample-platform").isVisible()  # only one that is made up is left


def test_a_made_up_order_goes_where_the_rules_say(page: Desk) -> None:
    page.choose("tester-order", "")
    page.press("tester-show")
    page.settle()
    assert page.words("sample-dish-0-error") == "Please fill this in."
    page.type("sample-dish-0", "Iced tea")
    page.type("sample-category-0", "drinks, cold")
    page.press("sample-more")
    page.type("sample-dish-1", "Duck")
    page.type("sample-time", "12:00")
    page.press("tester-show")
    page.settle()
    assert page.words("tester-what-2") == "Cup label: Iced tea"
    assert page.words("tester-what-1") == "Kitchen ticket: Duck"
    assert page.window.findChild(QWidget, "tester-unmatched") is None
    page.type("sample-time", "15:00")
    page.settle()
    assert page.window.findChild(QWidget, "tester-what-2") is None
    page.press("tester-show")
    page.settle()
    assert "Iced tea" in page.words("tester-unmatched")
    page.type("sample-time", "soon")
    page.press("tester-show")
    page.settle()
    assert page.words("sample-time-error") == "A time looks like 11:00."


def test_dishes_that_nobody_cooks_are_a_warning(page: Desk) -> None:
    page.shop.station_list = [replace(HOT, default=False), replace(PASS, enabled=True)]
    page.choose("tester-order", "41")
    page.press("tester-show")
    page.settle()
    assert page.words("tester-unmatched").startswith("Nobody cooks these: 宫保鸡丁, 米饭, 酸辣汤.")
    assert page.words("tester-what-3") == "Expediter ticket: the whole order"
    assert page.words("tester-trouble-3") == "It has no printer: nothing comes out."


def test_an_order_that_went_meanwhile_is_told(page: Desk) -> None:
    page.choose("tester-order", "41")
    del page.shop.known[41]
    page.press("tester-show")
    page.settle()
    assert page.part("tester-error").isVisible()


def test_hostile_dishes_stay_words(open_window: Opener) -> None:
    page = open_window(StationsPage, Shop([card(5, items=(("1", HOSTILE),))]))
    page.press("tester-show")
    page.settle()
    assert "<b>Robert</b>" in page.words("tester-what-1")
