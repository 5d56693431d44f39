"""The ledger page as staff read it: what it shows and leaves out, a ticket's paper, and what it says where nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.engine.views import HealthState, PrintState
from app.ui.models.ledger import COLUMNS, Column, Group, troubles
from app.ui.pages.ledger import LedgerPage
from app.ui.pictures import settle
from app.ui.widgets.button import Button
from app.ui.widgets.ticket_cells import state_look, state_words
from tests.ui.conftest import Opened
from tests.ui.fake_ledger import HOT, PACK, Asked, busy_day, quiet_day, ticket
from tests.ui.fakes import HOSTILE, FakeFacade
from tests.ui.ledger_desk import Desk, Desks


@pytest.fixture
def desk(console: Opened, qtbot: QtBot) -> Desks:
    return lambda facade: Desk(console(facade), qtbot)


def test_the_newest_ticket_stands_first_and_every_group_says_how_many(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=busy_day()))
    assert opened.page.model.ids[:3] == [117, 116, 115]
    counts = {group: opened.said(f"ledger-group-{group.value}") for group in Group}
    assert counts == {
        Group.ALL: "All 57",
        Group.NEEDS: "Needs a person 2",
        Group.WAITING: "Waiting 2",
        Group.ON_PAPER: "On paper 51",
        Group.NOT_PRINTED: "Not printed 2",
    }


def test_what_somebody_answered_for_needs_nobody_any_more(desk: Desks) -> None:
    answered = ticket(9, PrintState.UNKNOWN, answer="found")
    opened = desk(FakeFacade(paper=[answered, ticket(10, PrintState.UNKNOWN)]))
    opened.press("ledger-group-needs")
    assert opened.page.model.ids == [10]


def test_where_somebody_answered_the_answer_counts_and_the_question_is_gone() -> None:
    assert state_words(ticket(1, PrintState.UNKNOWN, reason="cut off")) == ("Printed? Look", "cut off")
    answered = ticket(1, PrintState.UNKNOWN, reason="cut off", answer="somebody found it")
    assert state_words(answered) == ("somebody found it", "cut off")
    assert state_look(answered)[2] == "", "nothing loud about it any more"
    unsaid = ticket(1, PrintState.FAILED, reason="printed again", answer="printed again")
    assert state_words(unsaid) == ("printed again", ""), "nothing is said twice"
    proved = ticket(1, PrintState.CONFIRMED, answer="printed again")
    assert state_words(proved) == ("Printed", "printed again"), "what the printer said stands"


def test_filters_by_station_printer_number_and_day(desk: Desks) -> None:
    yesterday = ticket(1, minutes=60 * 24, number="饿#99")
    opened = desk(FakeFacade(paper=[yesterday, ticket(2), ticket(3, station=PACK), ticket(4, number="H#4", printer_id=2)]))
    filters = opened.page.filters
    assert opened.page.model.ids == [4, 3, 2], "yesterday is another day"
    filters._stations.setCurrentIndex(filters._stations.findData(PACK.id))
    filters._choose()
    opened.rest()
    assert opened.page.model.ids == [3]
    filters._stations.setCurrentIndex(0)
    filters._printers.setCurrentIndex(filters._printers.findData(2))
    filters._choose()
    opened.rest()
    assert opened.page.model.ids == [4, 3]
    filters.search.setText("h#")
    opened.rest()
    assert opened.page.model.ids == [4]
    filters.search.clear()
    filters._printers.setCurrentIndex(0)
    filters._days.setCurrentIndex(filters._days.findData("2026-11-21"))
    filters._choose()
    opened.rest()
    assert opened.page.model.ids == [1]


def test_a_chosen_ticket_shows_its_paper_and_what_happened(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=busy_day(), language="en"))
    opened.open(114)
    words = [label.text() for label in opened.page.side.findChildren(QLabel)]
    assert "nobody knows whether 后厨热敏 printed it: 打印机确认前断线" in words
    assert "12:12:33" in words
    picture = opened.page.side.findChild(QWidget, "ledger-paper")
    assert picture is not None
    assert opened.page.side.shown is not None
    assert opened.page.side.shown.png.startswith(b"\x89PNG")
    opened.press("ledger-came_out-114")
    assert opened.facade.asked == [Asked("came_out", 114)]
    opened.until(lambda: bool(opened.page.side.shown and opened.page.side.shown.ticket.answer))


def test_a_paper_that_cannot_be_drawn_says_why(desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> bytes:
        raise ValueError("no such template")

    monkeypatch.setattr("app.printing.render_png", broken)
    opened = desk(FakeFacade(paper=[ticket(1)]))
    opened.open(1)
    words = [label.text() for label in opened.page.side.findChildren(QLabel)]
    assert "No picture: no such template" in words


def test_the_side_follows_what_happens_to_its_ticket(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, PrintState.SENDING)]))
    opened.open(1)
    opened.facade.write(ticket(1, PrintState.CONFIRMED))
    opened.until(lambda: bool(opened.page.side.shown and opened.page.side.shown.ticket.state is PrintState.CONFIRMED))


def test_a_ticket_that_waits_says_what_its_printer_lacks(desk: Desks) -> None:
    opened = desk(
        FakeFacade(paper=[ticket(1, PrintState.PENDING), ticket(2, PrintState.CONFIRMED)], broken=True, language="en")
    )
    model, state = opened.page.model, COLUMNS.index(Column.STATE)

    def said(id_: int) -> object:
        row = model.row_of(id_)
        assert row is not None
        return model.index(row, state).data()

    assert (said(1), said(2)) == ("Waiting to print: paper out", "Printed")
    opened.open(1)
    assert "paper out" in [label.text() for label in opened.page.side.findChildren(QLabel)]
    opened.facade.broken = False
    opened.facade.tell("printers", 1)
    opened.until(lambda: said(1) == "Waiting to print")
    opened.until(lambda: opened.page.side.shown is not None and not opened.page.side.shown.trouble)


def test_a_printer_that_is_off_or_silent_is_a_reason_to_wait() -> None:
    printers = FakeFacade(broken=True).printers()
    off = replace(printers[1], enabled=False, state=HealthState.OFF, text="offline")
    assert troubles([replace(printers[0], text=""), off]) == {
        1: "does not print",
        2: "Its printer is switched off: tickets wait.",
    }
    assert troubles(FakeFacade().printers()) == {}


def test_a_day_without_tickets_teaches(desk: Desks) -> None:
    opened = desk(FakeFacade())
    assert opened.said("ledger-empty").startswith("No tickets on this day.")
    assert opened.page.filters.proof.isHidden(), "nothing was owed, so nothing is claimed"
    opened.page.filters.search.setText("77")
    opened.rest()
    assert opened.said("ledger-empty") == "No ticket fits these filters."


def test_nothing_needed_is_said_in_words(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=quiet_day(3)))
    opened.press("ledger-group-needs")
    assert opened.said("ledger-empty").startswith("Nothing needs you.")


def test_a_ledger_that_cannot_be_read_says_so(desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = desk(FakeFacade(paper=quiet_day(3)))

    def broken(*_: object) -> list[int]:
        raise OSError("disk gone")

    monkeypatch.setattr(FakeFacade, "ledger", broken)
    opened.facade.tell("tickets")
    opened.until(lambda: "disk gone" in opened.said("ledger-empty"))


def test_hostile_words_stay_words(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, PrintState.FAILED, reason=HOSTILE, number=HOSTILE)]))
    opened.open(1)
    for label in opened.page.side.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert "\u202e" not in label.text()


def test_a_chosen_row_stays_chosen_and_in_its_place_while_tickets_arrive(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=quiet_day(60)))
    opened.open(30)
    table, model = opened.page.table, opened.page.model
    row = model.row_of(30)
    assert row is not None
    before = table.visualRect(model.index(row, 1)).y()
    assert table.verticalScrollBar().value() > 0
    opened.facade.write(ticket(90, minutes=0.5), ticket(91, minutes=0.4))
    opened.until(lambda: 91 in model.ids)
    opened.rest()
    row = model.row_of(30)
    assert row is not None
    assert table.rows == [row]
    assert table.visualRect(model.index(row, 1)).y() == before


def test_a_pressed_printer_chip_shows_its_tickets(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=[ticket(1), ticket(2, station=PACK)]))
    opened.press("printer-2")
    assert opened.page.model.ids == [2]


def test_changing_the_language_leaves_the_ledger_whole(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=quiet_day(3)))
    opened.console.window.rebuild()
    settle()
    page = opened.console.window._pages["ledger"]
    assert isinstance(page, LedgerPage)
    opened.page = page
    opened.rest()
    assert len(page.model.ids) == 3


@pytest.mark.parametrize("state", PrintState)
def test_every_state_can_be_shown(desk: Desks, state: PrintState) -> None:
    opened = desk(FakeFacade(paper=[ticket(1, state, HOT), replace(ticket(2, state), answer="seen")]))
    opened.open(1)
    buttons = [button.words for button in opened.page.side.findChildren(Button) if button.words]
    assert len(buttons) == len(opened.facade.rows[1].actions)
