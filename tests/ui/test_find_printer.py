"""Looking for printers: nothing is asked before Start is pressed, everything that answers is listed, leaving ends it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProgressBar

from app.engine.facade import RefusalError
from app.printing.discovery import Found, Network, SearchError
from app.ui.dialogs.find_printer import FindPrinterDialog
from app.ui.widgets.choice_card import ChoiceCard
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import Desk, Opener, Shop

QUIET = Found("lan", "127.0.0.9", 9100, "", "", "scan")
NAMED = Found("lan", "127.0.0.9", 9100, HOSTILE, "TM-T88", "mdns")


@pytest.fixture
def search(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("app.ui.dialogs.find_printer.own_networks", lambda: (Network("127.0.0.1"),))
    return open_window(FindPrinterDialog)


def cards(desk: Desk) -> list[ChoiceCard]:
    return [card for card in desk.window.findChildren(ChoiceCard) if card.isVisible()]


def test_it_explains_before_it_asks(search: Desk) -> None:
    search.part("find-scan").click()
    assert search.words("find-plan").startswith("This asks 254 addresses of 127.0.0.0/24 whether they answer at port 9100")
    search.type("find-range", "127.0.0.20-22")
    assert search.words("find-plan").startswith("This asks 3 addresses")
    assert search.shop.searches == []


def test_only_what_is_ticked_is_asked(search: Desk) -> None:
    search.press("find-start")
    wanted = {"mdns": True, "broadcast": True, "scan": "", "interface": "127.0.0.1"}
    assert search.shop.searches[0].wanted == wanted


def test_a_scan_asks_the_range_that_was_typed(search: Desk) -> None:
    for name in ("mdns", "broadcast", "scan"):
        search.part(f"find-{name}").click()
    search.type("find-range", "127.0.0.20-22")
    search.press("find-start")
    wanted = {"mdns": False, "broadcast": False, "scan": "127.0.0.20-22", "interface": "127.0.0.1"}
    assert search.shop.searches[0].wanted == wanted


@pytest.mark.parametrize("span", ["", "8.8.8.8", "127.0.0.0/8", "nonsense", "127.0.1.4"])
def test_a_range_that_must_not_be_asked_cannot_be_started(search: Desk, span: str) -> None:
    search.part("find-scan").click()
    search.type("find-range", span)
    assert search.words("find-range-error")
    assert not search.part("find-start").isEnabled()
    search.type("find-range", "127.0.0.4")
    assert search.part("find-start").isEnabled()


def test_the_keyboard_goes_from_the_ways_to_start(search: Desk) -> None:
    search.window.activateWindow()
    search.part("find-mdns").setFocus()
    passed = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget() or search.window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        passed.append(focus.objectName() if focus else "")
    assert passed == ["find-broadcast", "find-scan", "dialog-back", "find-start"]


def test_nothing_ticked_is_nothing_to_start(search: Desk) -> None:
    for name in ("mdns", "broadcast"):
        search.part(f"find-{name}").click()
    assert not search.part("find-start").isEnabled()


def test_what_answers_is_listed_at_once_and_named_when_more_is_known(search: Desk) -> None:
    search.press("find-start")
    network = search.shop.searches[0]
    network.on_found(QUIET)
    network.on_progress(40, 254)
    search.bot.waitUntil(lambda: bool(cards(search)))
    assert cards(search)[0].words.startswith("A printer at 127.0.0.9")
    bar: QProgressBar = search.part("find-progress")
    assert (bar.value(), bar.maximum()) == (40, 254)
    network.on_found(NAMED)
    search.bot.waitUntil(lambda: cards(search)[0].words.startswith("<b>Robert"))
    network.answer.set_result([NAMED])
    search.settle()
    assert len(cards(search)) == 1
    assert search.words("find-dialog-result").startswith("Found: 1")


def test_a_printer_that_is_here_already_is_marked(search: Desk) -> None:
    search.press("find-start")
    search.shop.searches[0].answer.set_result([Found("lan", "192.0.2.31", 9100, "", "", "scan")])
    search.settle()
    assert cards(search)[0].words.endswith("already here as 热菜")


def test_the_one_that_is_pressed_is_picked(search: Desk) -> None:
    picked: list[object] = []
    search.window.picked.connect(picked.append)  # type: ignore[attr-defined] # the dialog
    search.press("find-start")
    search.shop.searches[0].answer.set_result([QUIET, NAMED])  # once more: the later word counts
    search.settle()
    search.press("found-127.0.0.9-9100")
    assert picked == [NAMED]
    assert not search.window.isVisible()


def test_nothing_found_teaches_what_to_do(search: Desk) -> None:
    search.press("find-start")
    search.shop.searches[0].answer.set_result([])
    search.settle()
    assert search.words("find-dialog-result") == "Nothing answered."
    assert "Every address" in search.words("find-lesson")
    search.part("find-scan").click()
    search.press("find-start")
    search.shop.searches[1].answer.set_result([])
    search.settle()
    assert "Every address" not in search.words("find-lesson")  # that was done


def test_stopping_keeps_what_was_found_and_one_can_look_again(search: Desk) -> None:
    search.press("find-start")
    network = search.shop.searches[0]
    network.on_found(QUIET)
    search.press("find-stop")
    assert network.answer.cancelled()
    assert search.words("find-dialog-result") == "Stopped. Found: 1"
    search.press("find-start")  # shows what to ask once more
    assert cards(search) == []
    assert search.part("find-scan").isVisible()
    search.press("find-start")
    assert len(search.shop.searches) == 2


def test_escape_ends_the_search(search: Desk) -> None:
    search.press("find-start")
    QTest.keyClick(search.window, Qt.Key.Key_Escape)
    assert not search.window.isVisible()
    assert search.shop.searches[0].answer.cancelled()


def test_a_late_answer_of_a_stopped_search_counts_for_nothing(search: Desk) -> None:
    search.press("find-start")
    first = search.shop.searches[0].answer
    first.set_running_or_notify_cancel()
    search.press("find-stop")
    first.set_result([QUIET])
    search.settle()
    assert cards(search) == []


def test_a_search_that_fails_says_why(search: Desk) -> None:
    search.press("find-start")
    search.shop.searches[0].answer.set_exception(RefusalError("the network is down"))
    search.settle()
    assert search.words("find-dialog-result") == "the network is down"
    assert search.part("find-start").isVisible()


def test_a_network_that_went_away_meanwhile_is_told(search: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise SearchError("127.0.0.1 is not an address of this computer")

    monkeypatch.setattr(search.shop, "find_printers", gone)
    search.press("find-start")
    assert search.words("find-dialog-result") == "127.0.0.1 is not an address of this computer"
    assert search.part("find-start").isVisible()


def test_without_a_network_there_is_nothing_to_ask(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.dialogs.find_printer.own_networks", lambda: ())
    desk = open_window(FindPrinterDialog, Shop())
    assert desk.words("find-dialog-result").startswith("This computer is in no home network")
    assert not desk.part("find-start").isEnabled()


def test_of_two_networks_one_is_chosen(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    two = (Network("127.0.0.1"), Network("127.0.5.1"))
    monkeypatch.setattr("app.ui.dialogs.find_printer.own_networks", lambda: two)
    desk = open_window(FindPrinterDialog, Shop())
    desk.part("find-scan").click()
    desk.choose("find-network", "127.0.5.1")
    assert desk.typed("find-range") == "127.0.5.0/24"
    desk.press("find-start")
    assert desk.shop.searches[0].wanted["interface"] == "127.0.5.1"
