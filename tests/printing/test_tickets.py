"""Whole tickets: laid out, encoded, and read back by the strict interpreter that the virtual printer uses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.domain.orders import OptionKind
from app.domain.tickets import Mark, Note, NoteKind, Ticket, TicketKind, TicketLine, TicketOption
from app.practice.paper import REAL_TIME, CommandReader, PaperTicket
from app.practice.paper import Paper as Roll
from app.printing import Paper, build, lay_out, raster, standard_templates, trial_ticket
from app.printing.characters import rom
from app.printing.lines import Code, Line, line_cells
from tests.printing.strategies import AT, tickets
from tests.printing.words import OBEYED_AT_ONCE, lost, squashed

WIDTHS = (80, 58)
KINDS = st.sampled_from(TicketKind)


def kitchen_ticket(**changes: object) -> Ticket:
    lines = (
        TicketLine(
            "2", "宫保鸡丁", (TicketOption("去葱", OptionKind.REMOVE), TicketOption("加饭", OptionKind.ADD, 2)), "少盐"
        ),
        TicketLine("1", "米饭"),
    )
    ticket = Ticket(TicketKind.KITCHEN, "饿#27", "饿了么", "T-8F21", AT, "Asia/Shanghai", lines, station="热菜", due_at=AT)
    return replace(ticket, **changes)  # type: ignore[arg-type] # the tests name real fields


def pieces(payload: bytes, width_mm: int = 80) -> list[PaperTicket]:
    paper = Roll(width_mm)
    for command in CommandReader().feed(payload):
        paper.execute(command)
    assert paper.hanging is None
    return paper.pieces


def printed(ticket: Ticket, width_mm: int = 80) -> PaperTicket:
    (piece,) = pieces(build(ticket, None, str(width_mm)), width_mm)
    assert piece.errors == []
    assert piece.complete
    return piece


@given(tickets(KINDS), st.sampled_from(WIDTHS))
@settings(max_examples=150, deadline=None)
def test_any_text_prints_as_itself_and_obeys_nobody(ticket: Ticket, width_mm: int) -> None:
    sheet = Paper.of(str(width_mm))
    lines = lay_out(ticket, None, sheet)
    assert all(line_cells(line) <= sheet.cells for line in lines)
    payload = build(ticket, None, sheet.name)
    assert not OBEYED_AT_ONCE.search(payload)
    (piece,) = pieces(payload, width_mm)
    assert (piece.errors, piece.complete) == ([], True)
    rows = [squashed(_text(line)) for line in lines]
    assert list(filter(None, map(squashed, piece.text.split("\n")))) == list(filter(None, rows))
    drawn = [line for line in lines if _is_drawn(line)]
    assert b"".join(piece.pictures) == b"".join(raster.command(raster.draw(line, sheet.dots)) for line in drawn)
    assert lost(ticket, standard_templates()[ticket.kind.value], lines) == []


def _is_drawn(line: Line) -> bool:
    return isinstance(line, Code) or any(rom(span.text) is None for span in line)


def _text(line: Line) -> str:
    """What the interpreter can read of a line: nothing of a drawn one."""
    return "" if isinstance(line, Code) or _is_drawn(line) else "".join(span.text for span in line)


@pytest.mark.parametrize("width_mm", WIDTHS)
@pytest.mark.parametrize("mark", Mark)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_mark_stands_in_reverse_at_the_top_and_at_the_bottom(mark: Mark, language: str, width_mm: int) -> None:
    piece = printed(kitchen_ticket(marks=(mark,), language=language), width_mm)
    assert piece.marks == {mark.value}
    words = " ".join(mark.value.upper().split("_"))
    assert piece.reversed_text.count(words) == 2
    rows = [row for row in piece.text.split("\n") if row.strip()]
    assert words.split()[0] in "".join(rows[:3])
    assert words.split()[-1] in "".join(rows[-3:])


def test_an_ordinary_ticket_carries_no_mark_and_no_bell() -> None:
    piece = printed(kitchen_ticket())
    assert (piece.marks, piece.beeps, piece.ticket_id) == (frozenset(), 0, "T-8F21")
    assert [row.strip() for row in piece.text.split("\n")[:4]] == ["", "", "", "饿#27"]


def test_a_void_slip_rings_three_times_and_says_void_on_every_dish() -> None:
    slip = kitchen_ticket(
        kind=TicketKind.VOID, reason="用户取消", original_id="T-8F21", ticket_id="T-9C01", was_printed_at=AT
    )
    piece = printed(slip)
    assert (piece.beeps, piece.ticket_id) == (3, "T-9C01")
    rows = [row for row in piece.text.split("\n") if "宫保鸡丁" in row or "米饭" in row]
    assert [row.startswith("作废") for row in rows] == [True, True]
    assert "T-8F21" in piece.text
    assert "用户取消" in piece.text
    assert "12:03" in piece.text


def test_only_a_plain_single_dish_is_not_in_reverse() -> None:
    piece = printed(kitchen_ticket())
    assert "2x" in piece.reversed_text
    assert "1x" not in piece.reversed_text


def test_the_call_number_is_the_biggest_thing_on_paper() -> None:
    piece = printed(kitchen_ticket(marks=(Mark.VOID,)), 58)
    sizes = {run.text.strip(): run.type.width * run.type.height for line in piece.lines for run in line if run.text.strip()}
    assert sizes["饿#27"] == max(sizes.values()) == 9


def test_an_allergy_is_large_reverse_and_above_the_dishes() -> None:
    piece = printed(kitchen_ticket(notes=(Note(NoteKind.COURTESY, "谢谢"), Note(NoteKind.ALLERGY, "花生"))))
    assert "过敏 ALLERGY 花生" in piece.reversed_text
    assert piece.text.index("花生") < piece.text.index("宫保鸡丁") < piece.text.index("谢谢")


def test_options_say_what_to_do() -> None:
    text = printed(kitchen_ticket()).text
    assert "- 去葱" in text
    assert "+ 加饭 x2" in text
    assert "* 少盐" in text


def test_a_reprint_counts_itself_and_first_cuts_off_what_hangs_out() -> None:
    torn = build(kitchen_ticket())[:-40]
    again = build(kitchen_ticket(marks=(Mark.REPRINT,), copy=2, created_at=AT))
    first, second = pieces(torn + again)
    assert (first.complete, second.complete, second.glued) == (False, True, False)
    assert "补打 REPRINT 2 12:03" in second.reversed_text


def test_a_torn_ticket_before_an_ordinary_one_is_noticed() -> None:
    first, second = pieces(build(kitchen_ticket())[:-40] + build(kitchen_ticket()))
    assert (first.complete, second.complete, second.glued) == (False, True, True)


@pytest.mark.parametrize("width_mm", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_trial_ticket_shows_text_and_dots(language: str, width_mm: int) -> None:
    piece = printed(trial_ticket(language, "Asia/Shanghai", AT), width_mm)
    assert len(piece.pictures) >= 1
    assert "宫保鸡丁" in piece.text


@given(st.binary(min_size=1, max_size=72 * 24))
def test_a_picture_never_spells_a_real_time_command(dots: bytes) -> None:
    evil = (b"\x10\x04\x01\x10\x10\x05\x02\x10\x14\x01" + dots).ljust(72 * 24, b"\x10")[: 72 * 24]
    picture = Image.frombytes("1", (576, 24), evil)
    block = raster.command(raster.harmless(picture))
    assert not REAL_TIME.search(block, 8)
    kept = Image.frombytes("1", (576, 24), block[8:]).tobytes()
    assert all(before & ~after == 0 for before, after in zip(evil, kept, strict=True))  # dots are added, never lost
