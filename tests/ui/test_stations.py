"""Stations and rules on the screen: what is asked of the engine, in which words rules are told, where a sample would go."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from app import texts
from app.domain.orders import Fulfilment
from app.domain.routing import Moment, Route, Station
from app.domain.tickets import COOKED_FROM, TicketKind
from app.ui.dialogs.remove_station import RemoveStation
from app.ui.dialogs.route import RouteDialog, read_clock
from app.ui.dialogs.station import StationDialog
from app.ui.pages.stations import StationsPage
from app.ui.widgets.rule_words import band_words, rule_words
from app.ui.words import station_name
from tests.ui.fake_cards import card, lunch
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import DRINKS, HOT, PASS, Desk, Opener, Shop

TEA = Route(7, 2, categories=("Drinks*",), begins=time(11), ends=time(14))
DUCK = Route(8, 1, items=("Duck",), platforms=("eleme",))
TITLES = {"eleme": "Ele.me"}
AT_WORK = replace(PASS, enabled=True)


@pytest.fixture
def page(open_window: Opener) -> Desk:
    shop = Shop(lunch())
    shop.route_list = [TEA, DUCK]
    return open_window(StationsPage, shop)


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


# rules


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


# the station's form


def test_a_new_station_is_stored_as_it_was_filled_in(open_window: Opener) -> None:
    shop = Shop()
    shop.form_texts = {"Big": '{"kind": "dish"}', "Other": '{"kind": "packing"}', "dish": '{"kind": "dish"}', "x": "[broken"}
    desk = open_window(StationDialog, shop)
    desk.type("station-name", "Cold")
    desk.choose("station-kind", "dish")
    assert [desk.part("station-template").itemData(row) for row in range(2)] == ["", "Big"]
    assert desk.part("station-template").count() == 2
    for name, value in (
        ("template", "Big"), ("language", "en"), ("moment", "ready"), ("printer", "2"), ("backup", "1"), ("copies", "3")
    ):  # fmt: skip
        desk.choose(f"station-{name}", value)
    desk.press("station-dish-more")
    desk.type("station-dish-theirs-0", "宫保鸡丁")
    desk.type("station-dish-ours-0", "Kung pao")
    desk.press("station-save")
    desk.settle()
    wanted = Station(
        0, "Cold", TicketKind.DISH, "Big", "en", 2, 1, 3, Moment.READY, default=False, names={"宫保鸡丁": "Kung pao"}
    )
    assert shop.calls == [("save_station", wanted)]
    assert not desk.window.isVisible()


def test_a_station_that_nobody_touched_is_stored_as_it_was(open_window: Opener) -> None:
    for station in (HOT, replace(DRINKS, backup_id=1), PASS):
        desk = open_window(StationDialog, station=station)
        desk.press("station-save")
        desk.settle()
        assert desk.shop.calls == [("save_station", station)]


@pytest.mark.parametrize(
    "kind", [TicketKind.KITCHEN, TicketKind.DISH, TicketKind.LABEL, TicketKind.EXPEDITER, TicketKind.RECEIPT]
)
def test_only_what_is_cooked_from_can_be_the_default(open_window: Opener, kind: TicketKind) -> None:
    desk = open_window(StationDialog, station=HOT)
    desk.choose("station-kind", kind.value)
    assert desk.part("station-default").isEnabled() is (kind in COOKED_FROM)
    assert desk.part("station-default").isChecked() is (kind in COOKED_FROM)


def test_the_backup_is_another_printer(open_window: Opener) -> None:
    desk = open_window(StationDialog, station=replace(HOT, backup_id=2))
    box = desk.part("station-backup")
    assert [box.itemData(row) for row in range(box.count())] == ["", "2"]
    desk.choose("station-printer", "2")
    assert [box.itemData(row) for row in range(box.count())] == ["", "1"]
    desk.choose("station-printer", "")
    assert not box.isEnabled()
    desk.press("station-save")
    desk.settle()
    assert (desk.shop.calls[0][1].printer_id, desk.shop.calls[0][1].backup_id) == (None, None)


def test_paper_that_does_not_fit_is_told_before_it_prints(open_window: Opener) -> None:
    shop = Shop()
    shop.printer_list = [shop.printer_list[0], replace(shop.printer_list[1], paper="58")]
    desk = open_window(StationDialog, shop, station=HOT)
    assert not desk.part("station-warning").isVisible()
    desk.choose("station-backup", "2")
    assert "58 mm paper" in desk.words("station-warning")
    desk.choose("station-kind", "label")
    assert "label printer" in desk.words("station-warning")
    desk.choose("station-printer", "")
    assert desk.words("station-warning") == "Without a printer nothing comes out here."


def test_names_of_dishes_must_be_whole_and_stand_there_once(open_window: Opener) -> None:
    desk = open_window(StationDialog, station=DRINKS)
    desk.press("station-dish-more")
    desk.type("station-dish-theirs-1", "冰美式")
    desk.press("station-save")
    assert "both names" in desk.words("station-dish-error")
    desk.type("station-dish-ours-1", "Ice")
    desk.press("station-save")
    assert desk.words("station-dish-error") == "冰美式 stands here twice."
    assert desk.shop.calls == []
    desk.press("station-dish-drop-0")
    desk.press("station-save")
    desk.settle()
    assert desk.shop.calls[0][1].names == {"冰美式": "Ice"}


def test_a_station_needs_a_name_and_a_refusal_loses_nothing(open_window: Opener) -> None:
    desk = open_window(StationDialog)
    desk.press("station-save")
    assert desk.words("station-name-error") == "Please fill this in."
    desk.type("station-name", "热菜")
    desk.shop.refuse_with = "There is already a station called 热菜."
    QTest.keyClick(desk.part("station-name"), Qt.Key.Key_Return)
    desk.settle()
    assert desk.words("station-dialog-result") == "Not saved: There is already a station called 热菜."
    assert desk.typed("station-name") == "热菜"
    assert desk.part("station-save").isEnabled()


def test_a_station_that_was_changed_shows_at_once(page: Desk) -> None:
    page.press("station-2-edit")
    form = page.dialog(StationDialog)
    form.type("station-name", "Bar")
    form.press("station-save")
    page.settle()
    assert page.words("station-2-name") == "Bar"


# the tester


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
