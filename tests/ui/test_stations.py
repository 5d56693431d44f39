"""Stations on the screen: what each one tells, and what is asked before one is deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app import texts
from app.domain.routing import Station
from app.domain.tickets import TicketKind
from app.ui.dialogs.remove_station import RemoveStation
from app.ui.dialogs.station import StationDialog
from app.ui.pages.stations import StationsPage
from app.ui.words import station_name
from tests.ui.fake_cards import lunch
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import HOT, PASS, Desk, Opener, Shop
from tests.ui.stations_desk import DUCK, stations_page

AT_WORK = replace(PASS, enabled=True)


@pytest.fixture
def page(open_window: Opener) -> Desk:
    return stations_page(open_window)


# the page


def test_each_station_tells_paper_printer_and_rules(page: Desk) -> None:
    assert page.words("station-1-detail") == "热菜 · Kitchen ticket · 中文 · when the order is accepted · default station"
    assert page.words("rule-1-0-words") == "Dishes named Duck, on Ele.me"
    assert page.words("rule-2-0-words") == "Dishes in category Drinks*, on any platform, 11:00–14:00"
    assert page.words("station-3-all") == "No rule: takes everything."
    assert page.window.findChild(QWidget, "station-2-all") is None
    assert "1 dishes under another name" in page.words("station-2-detail")


def test_a_station_whose_rules_are_all_off_takes_everything(page: Desk) -> None:
    page.shop.route_list = [replace(DUCK, enabled=False)]
    page.shop.tell("printers", 1)
    page.settle()
    assert page.words("station-1-all") == "No rule: takes everything."
    assert page.words("rule-1-0-words").startswith("Off: ")


def test_without_a_default_it_warns(page: Desk) -> None:
    page.shop.station_list = [replace(HOT, default=False)]
    page.shop.tell("printers", 1)
    page.settle()
    assert "No station is the default" in page.words("stations-lesson")


def test_the_first_station_is_taught(open_window: Opener) -> None:
    shop = Shop()
    shop.station_list = []
    assert open_window(StationsPage, shop).words("stations-lesson").startswith("No station yet.")


def test_the_shipped_name_is_said_in_the_language_of_the_screen_and_kept_as_it_is(page: Desk, chinese: None) -> None:
    texts.use("zh")
    page.shop.station_list = [replace(HOT, name="kitchen")]
    page.shop.tell("printers", 1)
    page.settle()
    assert page.words("station-1-name") == "厨房"
    page.press("station-1-edit")
    form = page.dialog(StationDialog)
    assert form.typed("station-name") == "kitchen", "what is stored is not changed by looking at it"


def test_hostile_names_stay_words(page: Desk) -> None:
    page.shop.station_list = [replace(HOT, name=HOSTILE)]
    page.shop.tell("printers", 1)
    page.settle()
    assert page.words("station-1-name").startswith("<b>Robert</b>")


def test_a_station_that_was_changed_shows_at_once(page: Desk) -> None:
    page.press("station-2-edit")
    form = page.dialog(StationDialog)
    form.type("station-name", "Bar")
    form.press("station-save")
    page.settle()
    assert page.words("station-2-name") == "Bar"


# deleting


def test_a_station_is_deleted_after_a_question_and_can_be_put_back(page: Desk) -> None:
    page.press("station-2-remove")
    ask = page.dialog(RemoveStation)
    said = texts_of(ask)
    assert "– Dishes in category Drinks*, on any platform, 11:00–14:00" in said
    assert "A dish that no other station takes is printed at 热菜 from now on." in said
    assert page.shop.calls == []
    ask.press("station-removal-confirm")
    page.settle()
    assert page.shop.calls == [("remove_station", 2)]
    assert page.window.findChild(QWidget, "station-2-name") is None
    assert not page.part("rules-undo").isVisible()
    page.press("station-2-put-back")
    page.settle()
    assert page.shop.calls[1:] == [("restore_station", 2)]
    assert page.part("station-2-name").isVisible()
    assert page.window.findChild(QWidget, "stations-removed") is None


def test_what_was_deleted_can_still_be_put_back_from_a_page_that_is_built_anew(open_window: Opener) -> None:
    shop = Shop()
    shop.removed, shop.station_list = shop.station_list[1:], shop.station_list[:1]
    page = open_window(StationsPage, shop)
    assert page.words("station-2-removed") == station_name(shop.removed[0].name)
    page.press("station-2-put-back")
    page.settle()
    assert page.shop.calls == [("restore_station", 2)]
    assert page.part("station-2-name").isVisible()


def test_the_way_back_deletes_nothing(page: Desk) -> None:
    page.press("station-2-remove")
    page.dialog(RemoveStation).press("dialog-back")
    page.settle()
    assert (page.shop.calls, page.part("station-2-name").isVisible()) == ([], True)


def test_what_must_be_answered_first_is_said_and_the_button_is_off(page: Desk) -> None:
    page.shop.station_refusal = "3 tickets wait"
    page.press("station-1-remove")
    ask = page.dialog(RemoveStation)
    assert ask.words("station-removal-answer") == "3 tickets wait"
    assert not ask.part("station-removal-confirm").isEnabled()


def test_a_ticket_that_came_while_the_question_stood_there_is_told(page: Desk) -> None:
    page.press("station-2-remove")
    ask = page.dialog(RemoveStation)
    page.shop.refuse_with = "1 ticket waits"
    ask.press("station-removal-confirm")
    page.settle()
    assert ask.words("station-removal-answer") == "1 ticket waits"
    assert page.part("station-2-name").isVisible()
    assert page.window.findChild(QWidget, "stations-removed") is None


def test_a_station_that_somebody_else_deleted_is_told_and_vanishes(page: Desk) -> None:
    page.shop.station_list = [one for one in page.shop.station_list if one.id != 2]
    page.press("station-2-remove")
    assert page.words("stations-answer") == "This station does not exist any more."
    assert page.window.findChild(RemoveStation) is None


@pytest.mark.parametrize(
    ("stations", "words"),
    [
        ([HOT, PASS], "It is switched off: nothing comes out there now."),
        ([HOT, AT_WORK], "No other station prints this paper (Expediter ticket): it will not come out any more."),
        ([HOT, AT_WORK, replace(AT_WORK, id=9, name="second")], "Another station still prints such papers."),
        ([replace(AT_WORK, kind=TicketKind.KITCHEN)], "A dish that no other station takes would not be printed any more."),
    ],
)
def test_what_comes_out_no_more_is_said(open_window: Opener, stations: list[Station], words: str) -> None:
    shop = Shop(lunch())
    shop.station_list = stations
    page = open_window(StationsPage, shop)
    page.press("station-3-remove")
    assert words in texts_of(page.dialog(RemoveStation))


def texts_of(ask: Desk) -> list[str]:
    return [label.text() for label in ask.window.findChildren(QLabel)]
