"""Every screen shows the shop's time, as its papers do, whatever zone the computer is set to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QLabel

from app.ui import shop_clock, words
from app.ui.pages.settings import SettingsPage
from tests.ui.conftest import Console
from tests.ui.fake_ledger import NOON
from tests.ui.fakes import FakeFacade
from tests.ui.settings_desk import Opener, Shop

LATE = datetime(2026, 11, 22, 21, 57, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "time", "day"), [("", "05:57", 23), ("Etc/UTC", "21:57", 22), ("Europe/Paris", "22:57", 22)]
)
def test_a_wall_clock_is_the_shops(zone: str, time: str, day: int) -> None:
    shop_clock.use(zone)  # the computer's is Shanghai in all these tests
    assert words.clock_time(LATE) == time
    assert words.moment(LATE, LATE) == time
    assert words.moment(LATE, LATE + timedelta(days=2)) == f"{day}/11 {time}"


def test_today_is_the_shops_day_too() -> None:
    shop_clock.use("Etc/UTC")
    assert words.moment(LATE, LATE + timedelta(hours=1)) == "21:57"
    assert words.moment(LATE, LATE + timedelta(hours=3)) == "22/11 21:57"


@pytest.mark.parametrize(("zone", "time"), [("Asia/Shanghai", "12:15"), ("Etc/UTC", "04:15"), ("America/New_York", "23:15")])
def test_the_window_goes_by_the_zone_that_the_shop_began_with(
    console: Callable[[FakeFacade], Console], zone: str, time: str
) -> None:
    facade = FakeFacade()
    facade.preferences["zone"] = zone
    window = console(facade).window
    window.tick()
    clock = window.findChild(QLabel, "clock")
    assert clock is not None
    assert clock.text() == time
    assert words.clock_time(NOON) == time


@pytest.mark.parametrize(("zone", "told"), [("Europe/London", True), ("Asia/Shanghai", False), ("Asia/Taipei", False)])
def test_settings_say_when_the_computer_goes_by_another_clock(open_window: Opener, zone: str, told: bool) -> None:
    shop = Shop()
    shop.preferences["zone"] = zone
    desk = open_window(SettingsPage, shop)  # held: its window goes with it
    said = desk.part("settings-zone").accessibleDescription()
    assert ("by this computer's clock" in said) is told
    assert (f"({zone})" in said) is told


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Asia/Shanghai"])
def test_settings_offer_the_stored_zone_whatever_it_is(open_window: Opener, zone: str) -> None:
    shop = Shop()
    shop.preferences["zone"] = zone
    desk = open_window(SettingsPage, shop)
    assert desk.part("settings-zone").currentData() == zone
