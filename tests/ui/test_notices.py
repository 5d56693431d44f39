"""What the window tells by itself: notices, the badges of platforms and the chips of printers."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from app.engine.views import HealthState, PrinterView
from app.ui.health import calm_sign
from app.ui.pictures import settle
from app.ui.widgets.badge import Badge
from app.ui.widgets.printer_chips import PrinterChip
from tests.ui.conftest import Console, Opened, notices, press
from tests.ui.fakes import HOSTILE, FakeFacade


def test_failures_are_named_and_leave_when_they_are_over(console: Opened) -> None:
    shown = console(FakeFacade(broken=True))
    said = notices(shown)
    assert said[0] == "Ele.me cannot be reached since 12:03; orders already here are safe. connection timed out"
    assert any("热菜" in line and "paper out" in line for line in said)
    shown.facade.broken = False
    shown.facade.tell("accounts", 1)
    settle()
    assert notices(shown) == []


def test_a_shop_without_a_printer_is_told_that_nothing_prints(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeFacade, "printers", lambda _: [])
    shown = console(FakeFacade())
    assert [line.split(":")[0] for line in notices(shown)] == ["No printer is switched on"]


def test_a_shop_without_an_account_is_not_warned_of_the_printer_it_lacks(
    console: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeFacade, "printers", lambda _: [])
    monkeypatch.setattr(FakeFacade, "accounts", lambda _: [])
    assert notices(console(FakeFacade())) == []


def test_many_platforms_share_one_badge_and_those_in_trouble_keep_their_name(
    console: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = FakeFacade().accounts()[0]
    many = [replace(usual, id=number, title=f"Platform {number}", counted=10) for number in range(1, 12)]
    monkeypatch.setattr(FakeFacade, "accounts", lambda _: list(many))
    shown = console(FakeFacade())

    def badges() -> dict[str, str]:
        found = [one for one in shown.window.bar.findChildren(Badge) if one.objectName().startswith("account")]
        return {one.objectName(): one.sign.text for one in found}

    assert badges() == {"accounts-calm": "11 platforms 110/110"}
    many[4] = replace(many[4], state=HealthState.SIGNED_OUT)
    many[6] = replace(many[6], missing=2)
    shown.pass_time(4)
    shown.facade.tell("accounts", 5)
    settle()
    assert badges() == {
        "accounts-calm": "9 platforms 90/90",
        "account-health-5": "Platform 5 signed out",
        "account-health-7": "Platform 7 8/10",
    }
    many[:] = [replace(one, state=HealthState.DEGRADED) for one in many]
    shown.facade.tell("accounts", 5)
    settle()
    assert badges() == {"accounts-bad": "11 platforms in trouble"}


@pytest.mark.parametrize(
    ("second", "third", "told"),
    [
        ({"counted": 2}, {"counted": 3}, "3 platforms 9/9"),
        ({"counted": 2}, {"counted": None, "provable": None}, "3 platforms 6/6"),  # a voice: it has no orders
        ({"counted": 2}, {"counted": None, "provable": False, "today": 24}, "3 platforms · 6 of 30 checked"),
        ({"counted": 2}, {"counted": None, "provable": False}, "3 platforms · 6 of 6 checked"),
        ({"counted": None, "today": 5}, {"counted": 0}, "3 platforms · 4 of 9 checked"),
        ({"counted": None, "today": 5}, {"counted": 0, "today": 8}, "3 platforms · 4 of 17 checked"),  # 8 came since
    ],
)
def test_the_shared_badge_never_looks_as_if_every_order_were_proved(
    second: dict[str, Any], third: dict[str, Any], told: str
) -> None:
    usual = replace(FakeFacade().accounts()[0], counted=4, provable=True)
    assert calm_sign([usual, replace(usual, **second), replace(usual, **third)]).text == told


def test_the_shared_badge_says_of_each_platform_what_was_checked_and_why_not(console: Opened) -> None:
    usual = replace(FakeFacade().accounts()[0], counted=4, provable=True)
    unread = replace(usual, name="Corner", counted=None, uncounted=f"Too many requests {HOSTILE}")
    never, cannot = replace(usual, counted=None), replace(usual, counted=None, provable=False)
    badge = Badge(console(FakeFacade()).window.theme, calm_sign([usual, unread, never, cannot]))
    lines = [html.unescape(line) for line in badge.toolTip().split("<br>")]
    badge.deleteLater()
    assert "4 of the 4 orders" in lines[0]
    assert "Corner: today's orders could not be checked" in lines[1]
    assert "It says: Too many requests" in lines[1]
    assert lines[2].endswith(": not checked yet.")
    assert "does not tell which orders" in lines[3]
    assert "<b>" not in badge.toolTip()


@pytest.mark.parametrize(
    ("before", "told"),
    [(0, "2 orders of today's list"), (1, "2 orders of yesterday's and today's"), (2, "of yesterday's list")],
)
def test_a_hole_is_told_with_the_list_that_names_it(
    console: Opened, monkeypatch: pytest.MonkeyPatch, before: int, told: str
) -> None:
    first, *others = FakeFacade().accounts()
    holed = replace(first, counted=57, missing=2, missing_before=before)
    monkeypatch.setattr(FakeFacade, "accounts", lambda _: [holed, *others])
    assert [line for line in notices(console(FakeFacade())) if told in line]


def chips(console: Console) -> list[str]:
    """The printers in the top bar, from the left."""
    return [chip.words for chip in console.window.bar.findChildren(PrinterChip) if not chip.isHidden()]


def printer(id_: int, name: str, **changes: Any) -> PrinterView:
    usual = {"station": "hot", "enabled": True, "state": HealthState.OK}
    return PrinterView(id_, name, "192.0.2.31:9100", width=80, **{**usual, **changes})


def test_every_printer_says_how_it_is_the_worst_first(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [
        printer(1, "fine"),
        printer(2, "low", text="paper nearly used up"),
        printer(3, "open", state=HealthState.DEGRADED, text="cover open", waiting=2),
        printer(4, "away", enabled=False, state=HealthState.OFF, waiting=3),
        printer(5, "spare", enabled=False, state=HealthState.OFF),
    ]
    monkeypatch.setattr(FakeFacade, "printers", lambda _: seen)
    shown = console(FakeFacade())
    shown.window.resize(1920, 1080)
    settle()
    assert chips(shown) == ["open · cover open · 2 waiting", "away · off · 3 waiting", "low · paper nearly used up", "+2"]
    tones = [chip._tone for chip in shown.window.bar.findChildren(PrinterChip) if not chip.isHidden()]
    assert tones == ["late", "soon", "soon", "button"]
    seen[2] = printer(3, "open")
    shown.facade.tell("printers", 3)
    settle()
    assert chips(shown)[0] == "away · off · 3 waiting", "told at once"


def test_a_small_window_names_the_worst_printer_alone(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [printer(1, "fine"), printer(2, "bad", state=HealthState.DEGRADED, text="offline"), printer(3, "good")]
    monkeypatch.setattr(FakeFacade, "printers", lambda _: seen)
    shown = console(FakeFacade())
    shown.window.resize(860, 500)
    settle()
    assert chips(shown) == ["bad · offline", "+2"]
    seen[1] = printer(2, "bad")
    shown.facade.tell("printers", 2)
    settle()
    assert chips(shown) == ["3 printers ready"]


def test_what_no_change_announces_is_seen_within_five_seconds(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = console(FakeFacade())
    monkeypatch.setattr(FakeFacade, "printers", lambda _: [printer(1, "fine", state=HealthState.DEGRADED, text="paper out")])
    for _ in range(5):
        shown.pass_time(1)
    assert chips(shown) == ["fine · paper out"]


def test_a_printer_that_nobody_uses_is_no_news_however_it_is(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = printer(2, "spare", station="", state=HealthState.DEGRADED, text="paper out")
    seen = [printer(1, "hot"), spare]
    monkeypatch.setattr(FakeFacade, "printers", lambda _: seen)
    shown = console(FakeFacade())
    assert notices(shown) == []
    assert shown.window._faulty == frozenset(), "nothing sounds either"
    assert chips(shown) == ["hot", "spare · paper out"]
    seen[1] = replace(spare, waiting=1)
    shown.facade.tell("printers", 2)
    settle()
    assert notices(shown) == ["Printer spare does not print: paper out. 1 tickets wait."]
    assert chips(shown)[0] == "spare · paper out · 1 waiting"


@pytest.mark.parametrize("width", [1366, 1920])
def test_chips_keep_the_name_and_the_start_of_the_state(
    console: Opened, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    seen = [
        printer(id_, f"Kitchen {id_} upstairs", state=HealthState.DEGRADED, text="the printer is out of paper", waiting=9)
        for id_ in range(6)
    ]
    monkeypatch.setattr(FakeFacade, "printers", lambda _: seen)
    shown = console(FakeFacade(language="en"))
    shown.window.resize(width, 768)
    settle()
    assert chips(shown)[0] == "Kitchen 0 upsta… · the printer is out of paper · 9 waiting"
    assert chips(shown)[-1] == f"+{7 - len(chips(shown))}"
    for chip in shown.window.bar.findChildren(PrinterChip):
        assert chip.isHidden() or chip.width() >= chip.needed


def test_tickets_that_want_a_person_are_told_with_a_way_to_them(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [printer(1, "hot", held=2, unknown=1), printer(2, "cold", failed=1, held=1)]
    monkeypatch.setattr(FakeFacade, "printers", lambda _: seen)
    shown = console(FakeFacade())
    assert notices(shown) == [
        "1 tickets were NOT printed: the kitchen does not have them.",
        "3 tickets are late (printer away, or order heard of late): print or skip.",
        "1 tickets may or may not have come out. Look at the printer, then say so.",
    ]
    press(shown, "notice-2-button")
    assert shown.window._page == "ledger"


def test_a_printer_that_is_off_is_no_news_unless_tickets_wait_for_it(
    console: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [printer(1, "hot"), printer(2, "old", enabled=False, state=HealthState.OFF)]
    monkeypatch.setattr(FakeFacade, "printers", lambda _: seen)
    shown = console(FakeFacade())
    assert notices(shown) == []
    seen[1] = printer(2, "old", enabled=False, state=HealthState.OFF, waiting=4)
    shown.facade.tell("printers", 2)
    settle()
    assert notices(shown) == ["Printer old is switched off: 4 tickets wait for it."]


def test_dishes_that_no_rule_knows_are_named_with_a_way_to_the_rules(console: Opened) -> None:
    shown = console(FakeFacade(unrouted=("冰美式", "杨枝甘露"), language="en"))
    assert notices(shown) == ["2 dishes match no rule and went to the default station: 冰美式, 杨枝甘露"]
    press(shown, "notice-0-button")
    assert shown.window._page == "settings"


def test_a_low_window_shows_few_notices_and_says_that_there_are_more(
    console: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeFacade, "printers", lambda _: [printer(1, "hot", held=2, unknown=1, failed=1)])
    shown = console(FakeFacade(unrouted=("tea",)))
    for height, number in ((500, 2), (768, 3), (1000, 4)):
        shown.window.resize(1366, height)
        settle()
        assert len(notices(shown)) == number
        assert ("more)" in notices(shown)[-1]) == (number < 4)


def test_an_order_that_the_platform_lists_and_we_lack_is_told(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = FakeFacade().accounts()
    monkeypatch.setattr(FakeFacade, "accounts", lambda _: [replace(first, counted=57, missing=1), *others])
    shown = console(FakeFacade())

    assert [line for line in notices(shown) if "today's list" in line and first.name in line]
    badge = shown.window.findChild(QWidget, f"account-health-{first.id}")
    assert badge is not None
    assert "56/57" in badge.accessibleName()
