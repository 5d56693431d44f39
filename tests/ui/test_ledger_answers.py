"""What staff do about tickets in the ledger: one touch for what did not print, skipping, ticking, keys and copying."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.engine.views import PrintState, TicketAction
from app.ui.models.ledger import COLUMNS, Column
from app.ui.widgets.notices import OFFER_MS
from app.ui.widgets.ticket_cells import targets
from tests.ui.conftest import Opened
from tests.ui.fake_ledger import Asked, after_outage, ticket
from tests.ui.fakes import FakeFacade
from tests.ui.ledger_desk import Desk, Desks

Key = Qt.Key


@pytest.fixture
def desk(console: Opened, qtbot: QtBot) -> Desks:
    return lambda facade: Desk(console(facade), qtbot)


def test_one_touch_prints_skips_or_says_that_it_came_out(desk: Desks) -> None:
    opened = desk(
        FakeFacade(paper=[ticket(1, PrintState.HELD), ticket(2, PrintState.UNKNOWN), ticket(3, PrintState.FAILED)])
    )
    opened.touch(3, TicketAction.PRINT)
    opened.touch(2, TicketAction.CAME_OUT)
    opened.touch(1, TicketAction.SKIP)
    asked = [(one.what, one.order_id) for one in opened.facade.asked]
    assert asked == [("print_again", 3), ("came_out", 2), ("skip", 1)]
    opened.rest()
    assert [opened.facade.rows[id_].state for id_ in (1, 3)] == [PrintState.SKIPPED, PrintState.PENDING]


def test_a_button_that_was_pressed_takes_no_second_press_until_the_engine_answered(
    desk: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, PrintState.FAILED)]))
    monkeypatch.setattr(
        opened.page._actions, "print_again", lambda ids, then: opened.facade.asked.append(Asked("held back", 1))
    )
    opened.touch(1, TicketAction.PRINT)
    opened.touch(1, TicketAction.PRINT)
    opened.key(Key.Key_P)
    assert opened.facade.asked == [Asked("held back", 1)]


def test_a_press_while_the_rows_slide_is_not_believed(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, PrintState.FAILED)]))
    table, model = opened.page.table, opened.page.model
    area = table.visualRect(model.index(0, COLUMNS.index(Column.ACTIONS)))
    shown = model.ticket(0)
    assert shown is not None
    table._note_move()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=targets(shown, area, table.compact)[0].box.center())
    assert opened.facade.asked == []


def test_a_refusal_is_told_and_the_button_works_again(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, PrintState.FAILED)], refuse_with="The printer is off."))
    opened.touch(1, TicketAction.PRINT)
    opened.rest()
    assert opened.said("toast") == "The printer is off."
    opened.touch(1, TicketAction.PRINT)
    assert len(opened.facade.asked) == 2


def test_after_an_outage_the_notice_leads_to_print_or_skip(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=after_outage(12)))
    said = [opened.said(f"notice-{place}") for place in range(1)]
    assert said == ["12 tickets are late (printer away, or order heard of late): print or skip."]
    opened.console.window.show_page("queue")
    opened.press("notice-0-button")
    assert opened.page.isVisible()
    assert len(opened.page.model.ids) == 12
    assert opened.said("ledger-bulk-words") == "12 tickets are late: the printer was away, or the order was heard of late"
    opened.press("ledger-print-all")
    assert {one.order_id for one in opened.facade.asked if one.what == "print_again"} == set(range(200, 212))
    assert opened.page.model.ids == []
    assert opened.page.bulk.isHidden()


def test_skipping_asks_nothing_and_prints_only_when_somebody_thinks_again(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=after_outage(3)))
    opened.press("ledger-group-needs")
    opened.press("ledger-skip-all")
    asked = [(one.what, one.order_id) for one in opened.facade.asked]
    assert asked == [("skip", 200), ("skip", 201), ("skip", 202)], "nothing prints by itself"
    assert opened.said("toast") == "3 tickets will not be printed."
    opened.press("toast-button")
    assert [(one.what, one.order_id) for one in opened.facade.asked[3:]] == [("print_again", id_) for id_ in (200, 201, 202)]
    toast = opened.console.window.findChild(QWidget, "toast")
    assert toast is not None
    assert toast.isHidden(), "the offer stands once"


def test_the_offer_ends_by_itself(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=after_outage(1)))
    opened.touch(200, TicketAction.SKIP)
    notices = opened.console.window.notices
    assert notices._timer.isActive()
    assert notices._timer.interval() == OFFER_MS
    notices._timer.timeout.emit()
    assert notices._toast.isHidden()


def test_many_are_ticked_with_a_finger_and_only_those_that_need_it_are_printed(desk: Desks) -> None:
    rows = [ticket(1, PrintState.HELD), ticket(2, PrintState.CONFIRMED), ticket(3, PrintState.HELD)]
    opened = desk(FakeFacade(paper=rows))
    opened.choose(1, 2, 3)
    assert opened.page.table.rows == [0, 1, 2]
    opened.press("ledger-print-all")
    assert [(one.what, one.order_id) for one in opened.facade.asked] == [("print_again", 1), ("print_again", 3)]
    opened.choose(2)
    assert opened.page.table.rows == [0, 2]


def test_keys_print_skip_settle_search_and_close(desk: Desks) -> None:
    opened = desk(
        FakeFacade(paper=[ticket(1, PrintState.HELD), ticket(2, PrintState.UNKNOWN), ticket(3, PrintState.FAILED)])
    )
    opened.open(3)
    opened.key(Key.Key_P)
    opened.key(Key.Key_Down)
    opened.key(Key.Key_C)
    opened.key(Key.Key_Down)
    opened.key(Key.Key_S)
    asked = [(one.what, one.order_id) for one in opened.facade.asked]
    assert asked == [("print_again", 3), ("came_out", 2), ("skip", 1)]
    opened.key(Key.Key_Escape)
    assert opened.page._beside.isHidden()
    opened.key(Key.Key_Slash)
    assert opened.page.filters.search.hasFocus()
    QTest.keyClicks(opened.page.filters.search, "p")
    opened.rest()
    assert len(opened.facade.asked) == 3, "a typed letter is no command"


def test_keys_of_the_queue_do_nothing_here(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1)]))
    for key in (Key.Key_A, Key.Key_R, Key.Key_H):
        opened.key(key)
    assert opened.facade.asked == []


def test_chosen_rows_are_copied_as_a_table_in_which_no_text_is_a_formula(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, PrintState.FAILED, reason="=1+1"), ticket(2, number="饿#7")]))
    opened.choose(2, 1)
    QGuiApplication.clipboard().clear()
    opened.key(Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    opened.until(lambda: bool(QGuiApplication.clipboard().text()))
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:3] == ["When", "Number", "Ticket"]
    assert [line[1] for line in lines[1:]] == ["饿#7", "饿#1"]
    assert lines[2][-1] == "'=1+1"
