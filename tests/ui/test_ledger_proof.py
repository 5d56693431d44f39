"""The day's proof in the ledger: proved with a tick or loudly not, what is missing behind it, and the day's totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.engine.views import DayProof, PrintState, TicketView, Unproved
from app.ui.models.ledger import _lost
from app.ui.widgets.ticket_proof import MOST, ProofLine, UnprovedRow
from tests.ui.conftest import Opened
from tests.ui.fake_ledger import TODAY, Asked, never_made, proof_of, quiet_day, ticket
from tests.ui.fakes import FakeFacade
from tests.ui.ledger_desk import Desk, Desks


@pytest.fixture
def desk(console: Opened, qtbot: QtBot) -> Desks:
    return lambda facade: Desk(console(facade), qtbot)


def test_the_day_is_proved_with_a_tick_or_loudly_not(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=quiet_day(6), language="en"))
    line = opened.console.window.findChild(ProofLine)
    assert line is not None
    assert line.words == "Today: 4 orders, 6 tickets · 4 confirmed · 2 explained"
    assert line._tone == "ready"
    opened.facade.write(ticket(50, PrintState.SENDING))
    opened.rest()
    assert (line._tone, line.words.startswith("Today: 1 waiting")) == ("soon", True), "what only waits is no alarm"
    opened.facade.write(ticket(51, PrintState.FAILED))
    opened.rest()
    assert (line._tone, line.words.startswith("Today: 1 NOT proved · 1 waiting")) == ("late", True)


def test_a_copy_that_failed_wants_a_person_and_one_that_waits_does_not() -> None:
    first = ticket(1, PrintState.FAILED, answer="printed again")
    copy = ticket(2, PrintState.PENDING, copy=2, original_id=first.ticket.ticket_id)
    proof = DayProof(TODAY, 1, (), (Unproved(1, "饿#1", "热菜", "it waits for its printer", True, 1),))

    def lost(one: TicketView) -> tuple[Unproved, ...]:
        facade = FakeFacade(paper=[first, one])
        return _lost(facade, proof, [1, *([2] if one.state is PrintState.FAILED else [])])

    assert lost(copy) == ()
    assert lost(replace(copy, state=PrintState.FAILED)) == proof.unproved


def test_behind_the_line_stand_the_stations_and_what_is_missing(desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    def day_proof(self: FakeFacade, day: date | None = None) -> DayProof:
        return never_made(proof_of(self.rows.values(), day or TODAY))

    monkeypatch.setattr(FakeFacade, "day_proof", day_proof)
    opened = desk(FakeFacade(paper=[ticket(1), ticket(2, PrintState.FAILED, reason="paper out")]))
    opened.press("ledger-proof")
    words = [label.text() for label in opened.page.proof.findChildren(QLabel)]
    place = words.index("热菜")
    assert words[place : place + 5] == ["热菜", "3", "1", "0", "2"], "owed = confirmed + explained + open"
    assert opened.said("unproved-1") == "饿#2 · 热菜: paper out"
    opened.press("unproved-0")
    assert opened.facade.asked == [Asked("print_order", 77)], "a ticket that never was is made"
    opened.press("ledger-group-on_paper")
    opened.press("unproved-1")
    assert opened.page.table.rows == [opened.page.model.row_of(2)], "the filter gives way to the ticket"
    opened.until(lambda: opened.page.side.isVisible())


def test_a_printer_that_confirms_nothing_does_not_bury_what_is_open(desk: Desks) -> None:
    rows = [ticket(id_, PrintState.UNKNOWN, answer="found") for id_ in range(1, 90)]
    opened = desk(FakeFacade(paper=[*rows, ticket(90, PrintState.FAILED, reason="paper out")]))
    opened.press("ledger-proof")
    assert opened.said("unproved-0") == "饿#90 · 热菜: paper out"
    assert len(opened.page.proof.findChildren(UnprovedRow)) == MOST
    assert "+30 more" in [label.text() for label in opened.page.proof.findChildren(QLabel)]


def test_at_closing_time_what_was_sold_is_printed_from_the_proof(desk: Desks) -> None:
    opened = desk(FakeFacade(paper=quiet_day(3)))
    opened.press("ledger-proof")
    opened.press("ledger-totals")
    assert opened.facade.asked == [Asked("print_totals", 0, text="2026-11-22")]
