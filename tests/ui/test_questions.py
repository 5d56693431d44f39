"""Questions on the queue: a request, an urge or a rejection is answered in words, and nothing is sent by mistake."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.domain.commands import CommandKind, RejectReason
from app.ui.pictures import settle
from app.ui.widgets.button import Button
from tests.ui.conftest import Opened, find, press
from tests.ui.fake_cards import card, lunch
from tests.ui.fake_ledger import Asked
from tests.ui.fakes import FakeFacade


def test_a_customers_request_is_answered_on_the_card(console: Opened) -> None:
    asking = next(each for each in lunch() if each.id == 36)
    shown = console(FakeFacade([asking]))
    shown.pass_time(1)
    assert find(shown, Button, "refuse-36").words == "Refuse 04:11", "the deadline runs on the button"
    press(shown, "agree-36")
    assert shown.facade.asked[-1] == Asked("request", 36, CommandKind.AGREE_REQUEST)
    press(shown, "refuse-36")
    assert not find(shown, QPushButton, "words-send").isEnabled(), "a refusal needs words"
    press(shown, "preset-0")
    press(shown, "words-send")
    asked = shown.facade.asked[-1]
    assert (asked.kind, asked.text) == (CommandKind.REFUSE_REQUEST, "The food is cooked already")


def test_an_urge_is_answered_by_its_own_key(console: Opened) -> None:
    urged = next(each for each in lunch() if each.id == 33)
    shown = console(FakeFacade([urged]))
    press(shown, "urge-33")
    find(shown, QLineEdit, "words").setText("马上就好")
    press(shown, "words-send")
    assert shown.facade.asked[-1] == Asked("request", 33, CommandKind.REPLY_URGE, None, "马上就好", "u2")


def test_rejecting_needs_a_reason_the_platform_accepts(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    widget = shown.window.queue.card(1)
    assert widget is not None
    widget.menu().findChild(QAction, "action-reject-1").trigger()  # type: ignore[union-attr]  # a missing one fails
    settle()
    assert shown.window.findChild(QPushButton, "reason-suspicious") is None, "Ele.me has no such reason"
    assert not find(shown, QPushButton, "reason-send").isEnabled()
    press(shown, "reason-sold_out")
    press(shown, "reason-send")
    assert shown.facade.asked == [Asked("request", 1, CommandKind.REJECT, RejectReason.SOLD_OUT)]


def test_going_back_asks_nothing(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    shown.window.queue.card(1).perform(CommandKind.REJECT)  # type: ignore[union-attr]  # it is on the queue
    settle()
    press(shown, "dialog-back")
    assert shown.facade.asked == []
    assert shown.window.findChild(QWidget, "reason-dialog") is None, "a closed question is gone"


def test_enter_in_a_line_loses_no_words_and_sends_nothing_yet(console: Opened) -> None:
    urged = next(each for each in lunch() if each.id == 33)
    shown = console(FakeFacade([urged]))
    press(shown, "urge-33")
    line, send = find(shown, QLineEdit, "words"), find(shown, QPushButton, "words-send")
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.hasFocus(), "without words there is nothing to go on to"
    QTest.keyClicks(line, "On its way")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (line.text(), send.hasFocus(), shown.facade.asked) == ("On its way", True, [])
    QTest.keyClick(send, Qt.Key.Key_Return)
    settle()
    assert shown.facade.asked == [Asked("request", 33, CommandKind.REPLY_URGE, None, "On its way", "u2")]


def test_enter_in_the_line_of_a_rejection_keeps_the_reason_that_was_chosen(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    shown.window.queue.card(1).perform(CommandKind.REJECT)  # type: ignore[union-attr]  # it is on the queue
    settle()
    press(shown, "reason-sold_out")
    line = find(shown, QLineEdit, "words")
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (shown.facade.asked, find(shown, QPushButton, "reason-send").hasFocus()) == ([], True)
    press(shown, "reason-send")
    assert shown.facade.asked == [Asked("request", 1, CommandKind.REJECT, RejectReason.SOLD_OUT)]
