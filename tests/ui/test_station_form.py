"""The form of a station: what is stored of it, and what it says before anything is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.routing import Moment, Station
from app.domain.tickets import COOKED_FROM, TicketKind
from app.ui.dialogs.station import StationDialog
from tests.ui.settings_desk import DRINKS, HOT, PASS, Opener, Shop


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


def test_a_default_station_without_a_printer_is_told_before_it_is_refused(open_window: Opener) -> None:
    desk = open_window(StationDialog, station=HOT)
    desk.choose("station-printer", "")
    assert desk.words("station-warning").startswith("The default station needs a printer")
    desk.part("station-default").click()
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
