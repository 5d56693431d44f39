"""The whole flow without a mouse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.domain.commands import CommandKind
from app.engine.views import Lane
from app.ui.pictures import settle
from app.ui.widgets.card import CardWidget
from tests.ui.conftest import Console, Opened
from tests.ui.fake_cards import ahead, card
from tests.ui.fake_ledger import Asked
from tests.ui.fakes import FakeFacade

Key = Qt.Key


@pytest.fixture
def shown(console: Opened) -> Console:
    opened = console(
        FakeFacade(
            [
                card(1, decide_by=ahead(1)),
                card(2, decide_by=ahead(2)),
                card(3, Lane.COOKING),
                card(4, Lane.READY),
            ]
        )
    )
    opened.window.activateWindow()
    settle()
    return opened


def focused() -> int | None:
    widget = QApplication.focusWidget()
    return widget.card.id if isinstance(widget, CardWidget) else None


def test_f2_and_arrows_walk_the_queue(shown: Console) -> None:
    walked = []
    for key in (Key.Key_F2, Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_Right, Key.Key_Right, Key.Key_Left):
        QTest.keyClick(shown.window, key)
        walked.append(focused())
    assert walked == [1, 2, 2, 1, 3, 4, 3]


@pytest.mark.parametrize(
    ("steps", "key", "asked"),
    [
        (0, Key.Key_A, Asked("request", 1, CommandKind.ACCEPT)),
        (1, Key.Key_R, Asked("request", 3, CommandKind.READY)),
        (2, Key.Key_H, Asked("request", 4, CommandKind.HAND_OVER)),
        (1, Key.Key_P, Asked("print_again", 30)),
    ],
)
def test_letters_do_the_next_step(shown: Console, steps: int, key: Qt.Key, asked: Asked) -> None:
    QTest.keyClick(shown.window, Key.Key_F2)
    for _ in range(steps):
        QTest.keyClick(shown.window, Key.Key_Right)
    QTest.keyClick(shown.window, key)
    settle()
    assert shown.facade.asked == [asked]


def test_a_letter_that_does_not_fit_does_nothing(shown: Console) -> None:
    QTest.keyClick(shown.window, Key.Key_F2)
    QTest.keyClick(shown.window, Key.Key_H)
    assert shown.facade.asked == []


def test_enter_opens_numbers_pick_and_escape_closes(shown: Console) -> None:
    detail = shown.window.queue.detail
    QTest.keyClick(shown.window, Key.Key_F2)
    first = shown.window.queue.card(1)
    assert first is not None
    QTest.keyClick(first, Key.Key_Return)
    assert detail.isVisible()
    QTest.keyClick(shown.window, Key.Key_2)
    assert detail.shown is not None
    assert detail.shown.card.id == 2
    QTest.keyClick(shown.window, Key.Key_Escape)
    assert not detail.isVisible()


def test_typing_in_the_search_field_presses_nothing(shown: Console) -> None:
    QTest.keyClick(shown.window, Key.Key_F2)
    QTest.keyClick(shown.window, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = shown.window.findChild(QLineEdit, "search")
    assert field is not None
    assert field.hasFocus()
    QTest.keyClicks(field, "arhp12")
    settle()
    assert field.text() == "arhp12"
    assert shown.facade.asked == []


def test_an_order_without_a_ticket_is_printed_for_the_first_time(shown: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    order = shown.facade.order
    monkeypatch.setattr(shown.facade, "order", lambda order_id: replace(order(order_id), tickets=()))
    QTest.keyClick(shown.window, Key.Key_F2)
    QTest.keyClick(shown.window, Key.Key_P)
    assert [asked.what for asked in shown.facade.asked] == ["print_order"]
