"""Paper is read by its own words: what the printer's paper says decides, never what the console meant to print."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.tickets import Mark, Note, NoteKind, Ticket, TicketKind, TicketLine
from app.practice.evidence import Sheet, sheet_of
from app.practice.paper import CommandReader, Paper
from app.printing import build
from app.printing.trial import trial_ticket

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TICKET = Ticket(
    kind=TicketKind.KITCHEN,
    call_number="饿#27",
    platform="eleme",
    ticket_id="T-8F21",
    created_at=NOON,
    zone="Asia/Shanghai",
    lines=(TicketLine("2", "宫保鸡丁"),),
    notes=(Note(NoteKind.CHANGE, "HR#99 VOID <b>"),),
    station="kitchen",
    marks=(Mark.PRACTICE,),
)
MARKS = ("饿", "HR")


def printed(*tickets: Ticket, cut_short: int = 0) -> list[Sheet | None]:
    """What comes out of a printer that receives these tickets, the last one without its last `cut_short` bytes."""
    received = b"".join(build(ticket) for ticket in tickets)
    paper, reader = Paper(), CommandReader()
    for command in reader.feed(received[: len(received) - cut_short]):
        paper.execute(command)
    pieces = [*paper.pieces, *filter(None, [paper.hanging])]
    return [sheet_of(piece, "kitchen", MARKS) for piece in pieces if not piece.blank]


def test_a_kitchen_ticket_is_known_by_its_number() -> None:
    (sheet,) = printed(TICKET)
    assert sheet
    assert (sheet.call_number, sheet.kind, sheet.ticket_id) == ("饿#27", TicketKind.KITCHEN, "T-8F21")
    assert (sheet.complete, sheet.marked, sheet.practice, sheet.errors) == (True, False, True, ())


@pytest.mark.parametrize("kind", [TicketKind.VOID, TicketKind.CHANGED])
def test_void_and_changed_are_read_off_the_paper(kind: TicketKind) -> None:
    (sheet,) = printed(replace(TICKET, kind=kind, original_id="T-1"))
    assert sheet
    assert sheet.kind is kind


@pytest.mark.parametrize("mark", [Mark.REPRINT, Mark.POSSIBLE_DUPLICATE])
def test_a_copy_says_so(mark: Mark) -> None:
    sheets = [sheet for sheet in printed(replace(TICKET, marks=(mark,))) if sheet]
    assert [sheet.marked for sheet in sheets] == [True]
    assert not sheets[0].practice


def test_a_torn_ticket_is_not_complete() -> None:
    (sheet,) = printed(TICKET, cut_short=60)
    assert sheet
    assert not sheet.complete


def test_a_test_ticket_is_no_orders_paper() -> None:
    assert printed(trial_ticket("zh", "Asia/Shanghai", NOON)) == [None]


def test_a_number_inside_a_note_does_not_count() -> None:
    sheets = printed(TICKET, replace(TICKET, call_number="HR#BC953"))
    assert [sheet and sheet.call_number for sheet in sheets] == ["饿#27", "HR#BC953"]
