"""The ledger page as staff use it: what it shows, one touch for what did not print, the day's proof, keys and copying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.engine.views import DayProof, HealthState, PrintState, TicketAction, TicketView, Unproved
from app.ui.models.ledger import COLUMNS, Column, Group, _lost, troubles
from app.ui.pages.ledger import LedgerPage
from app.ui.pictures import settle
from app.ui.widgets.button import Button
from app.ui.widgets.notices import OFFER_MS
from app.ui.widgets.ticket_cells import state_look, state_words, targets
from app.ui.widgets.ticket_proof import MOST, ProofLine, UnprovedRow
from tests.ui.conftest import Console
from tests.ui.fake_ledger import HOT, PACK, TODAY, Asked, after_outage, busy_day, never_made, proof_of, quiet_day, ticket
from tests.ui.fakes import HOSTILE, FakeFacade

Opened = Callable[[FakeFacade], Console]
Key = Qt.Key


class Desk:
    """An open ledger, and a hand on it."""

    def __init__(self, console: Console, qtbot: QtBot) -> None:
        self.console, self.facade, self._qtbot = console, console.facade, qtbot
        console.window.open_page("ledger")
        page = console.window._pages["ledger"]
        assert isinstance(page, LedgerPage)
        self.page = page
        console.window.activateWindow()
        self.rest()

    def until(self, happened: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(happened, timeout=60_000)

    def rest(self) -> None:
        """Until everything that was asked for is on screen."""
        page = self.page
        settle()
        self.until(lambda: page.found is not None and page.found.wanted == page._wanted)
        self.until(lambda: not page._reading and not page._stale)
        self.page.table.viewport().repaint()
        settle()
        self.until(lambda: not page.model._loading and not page.model._wanted and not page.model._stale)
        settle()

    def numbers(self) -> list[str]:
        return [self.facade.rows[id_].call_number for id_ in self.page.model.ids]

    def choose(self, *ids: int) -> None:
        """Tick these with a finger."""
        for id_ in ids:
            self._click(id_, Column.TICK)
        self.rest()

    def open(self, id_: int) -> None:
        self._click(id_, Column.NUMBER)
        self.until(lambda: bool(self.page.side.shown and self.page.side.shown.ticket.id == id_))
        settle()

    def touch(self, id_: int, action: TicketAction) -> None:
        """Press a painted button."""
        table, model = self.page.table, self.page.model
        table.moved_at = 0.0  # the rows stand still
        row = model.row_of(id_)
        assert row is not None
        area = table.visualRect(model.index(row, COLUMNS.index(Column.ACTIONS)))
        shown = model.ticket(row)
        assert shown is not None
        box = next(one.box for one in targets(shown, area, table.compact) if one.action is action)
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        settle()

    def press(self, name: str) -> None:
        button = self.console.window.findChild(QPushButton, name)
        assert button is not None, name
        assert button.isVisible(), name
        button.click()
        self.rest()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.page.table, key, modifier)
        self.rest()

    def said(self, name: str) -> str:
        found = self.console.window.findChild(QWidget, name)
        assert found is not None, name
        return found.text() if isinstance(found, QLabel) else found.accessibleName()

    def _click(self, id_: int, column: Column) -> None:
        row = self.page.model.row_of(id_)
        assert row is not None
        index = self.page.model.index(row, COLUMNS.index(column))
        self.page.table.scrollTo(index)
        place: QPoint = self.page.table.visualRect(index).center()
        QTest.mouseClick(self.page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        settle()


@pytest.fixture
def desk(console: Opened, qtbot: QtBot) -> Callable[[FakeFacade], Desk]:
    return lambda facade: Desk(console(facade), qtbot)


Desks = Callable[[FakeFacade], Desk]


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
    assert said == ["12 tickets waited too long while the printer was away: print or skip."]
    opened.console.window.show_page("queue")
    opened.press("notice-0-button")
    assert opened.page.isVisible()
    assert len(opened.page.model.ids) == 12
    assert opened.said("ledger-bulk-words") == "12 tickets waited too long while the printer was away"
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
