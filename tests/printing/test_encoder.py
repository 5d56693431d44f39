"""Bytes for every kind of printer, read back by an interpreter that is not ours: nothing obeys data, nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.domain.tickets import Mark, TicketKind
from app.practice.paper import CommandReader
from app.practice.paper import Paper as Roll
from app.printing import Paper, Profile, build, lay_out, raster, sample_ticket, standard_templates
from app.printing.characters import printable, rom
from app.printing.encoder import BUZZERS, encode
from app.printing.lines import Code, Line, Span, Style, line_dots
from tests.printing.strategies import HOSTILE, tickets
from tests.printing.words import OBEYED_AT_ONCE, squashed

STYLES = st.builds(Style, st.integers(1, 4), st.integers(1, 4), st.booleans(), st.booleans(), st.booleans())
TEXTS = (st.text(HOSTILE, max_size=12) | st.text(max_size=8)).map(printable)
LINES = st.lists(st.builds(Span, TEXTS, STYLES), max_size=3).map(tuple)
PROFILES = st.builds(
    Profile, rom=st.sampled_from(("gbk", "none")), cuts=st.booleans(), buzzer=st.sampled_from(sorted(BUZZERS))
)


@given(st.lists(LINES, max_size=6), PROFILES, st.integers(0, 9), st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_printer_finds_a_real_time_command_anywhere_in_a_job(
    lines: list[Line], profile: Profile, alarm: int, torn: bool
) -> None:
    """Across borders of rows, of blocks and of commands too."""
    assert not OBEYED_AT_ONCE.search(encode(lines, 576, profile, alarm, torn))


@given(st.binary(min_size=1, max_size=72 * 500))
@settings(deadline=None)
def test_dots_are_added_never_lost_and_spell_nothing_even_over_the_border_of_two_blocks(dots: bytes) -> None:
    evil = (dots + b"\x10\x04\x10\x14\x10" * 7200)[: 72 * 500]
    evil = evil[: 72 * 240 - 1] + b"\x10\x04\x01" + evil[72 * 240 + 2 :]
    picture = raster.harmless(Image.frombytes("1", (576, 500), evil))
    job = raster.command(picture)
    assert not OBEYED_AT_ONCE.search(job)
    assert all(before & ~after == 0 for before, after in zip(evil, picture.tobytes(), strict=True))
    assert _blocks(job) == picture.tobytes()


def _blocks(job: bytes) -> bytes:
    """The dots of GS v 0 blocks, without their heads."""
    dots = b""
    while job:
        assert job[:4] == b"\x1dv0\x00"
        length = int.from_bytes(job[4:6], "little") * int.from_bytes(job[6:8], "little")
        dots, job = dots + job[8 : 8 + length], job[8 + length :]
    return dots


@given(tickets(st.sampled_from(TicketKind)), st.sampled_from(("80", "58")))
@settings(max_examples=60, deadline=None)
def test_a_printer_without_hanzi_gets_them_drawn(ticket: object, paper: str) -> None:
    assert isinstance(ticket, type(sample_ticket(TicketKind.KITCHEN, "zh")))
    payload = build(ticket, None, paper, Profile(rom="none"))
    lines = lay_out(ticket, None, Paper.of(paper))
    drawn = [line for line in lines if isinstance(line, Code) or not "".join(span.text for span in line).isascii()]
    roll = Roll(int(paper))
    for command in CommandReader().feed(payload):
        roll.execute(command)
    (piece,) = roll.pieces
    assert piece.errors == []
    assert piece.text.isascii()
    assert b"".join(piece.pictures) == b"".join(raster.command(raster.draw(line, Paper.of(paper).dots)) for line in drawn)


@given(st.lists(LINES, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_is_sent_as_text_reads_as_what_was_normalised(lines: list[Line]) -> None:
    plain = [line for line in lines if isinstance(line, tuple) and all(rom(span.text) is not None for span in line)]
    narrow = [tuple(span._replace(style=span.style._replace(width=1)) for span in line) for line in plain]
    roll = Roll(80)
    for command in CommandReader().feed(encode(narrow, 576)):
        roll.execute(command)
    text = squashed("".join(piece.text for piece in roll.pieces))
    assert text == squashed("".join(span.text for line in narrow for span in line))


@pytest.mark.parametrize(
    ("buzzer", "code"),
    [
        ("esc_b", b"\x1bB\x03"),
        ("epson", b"\x1b(A\x04\x000\x01\x03\x02"),
        ("drawer", b"\x1bp\x00\xff\xff" * 3),
        ("none", b""),
    ],
)
def test_a_void_rings_three_times_in_the_printers_own_way(buzzer: str, code: bytes) -> None:
    void = sample_ticket(TicketKind.VOID, "zh")
    payload = build(void, None, "80", Profile(buzzer=buzzer))  # type: ignore[arg-type] # the values of a Literal
    others = [other(3) for name, other in BUZZERS.items() if name != buzzer]
    assert code in payload
    assert [other for other in others if other and other in payload] == []


def test_a_printer_without_a_knife_feeds_the_paper_out() -> None:
    ticket = replace(sample_ticket(TicketKind.KITCHEN, "zh"), marks=(Mark.REPRINT,), copy=2)
    payload = build(ticket, None, "80", Profile(cuts=False))
    assert b"\x1dV" not in payload
    assert payload.endswith(b"\n" * 6)
    assert build(ticket).endswith(b"\x1dVB\x00")


def test_a_template_may_ring_too() -> None:
    loud = standard_templates()["kitchen"].changed(beeps=2)
    assert b"\x1bB\x02" in build(sample_ticket(TicketKind.KITCHEN, "zh"), loud)


@pytest.mark.parametrize("dialect", ["feie", "yilianyun"])
@pytest.mark.parametrize("kind", TicketKind)
def test_cloud_printers_get_their_markup(kind: TicketKind, dialect: str) -> None:
    said = build(sample_ticket(kind, "zh"), None, "58", dialect=dialect).decode()
    assert "#27" in said or "#88" in said or "11-22" in said


def test_an_unknown_language_or_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="zpl"):
        build(sample_ticket(TicketKind.KITCHEN, "zh"), dialect="zpl")
    with pytest.raises(ValueError, match="76"):
        build(sample_ticket(TicketKind.KITCHEN, "zh"), None, "76")


def test_a_code_is_drawn_whole_in_the_middle_and_can_be_taken_apart_again() -> None:
    (code,) = [line for line in lay_out(sample_ticket(TicketKind.PACKING, "zh")) if isinstance(line, Code)]
    drawn = raster.draw(code, 576)
    assert drawn.size == (576, line_dots(code))
    left, top, right, bottom = drawn.getbbox() or (0, 0, 0, 0)
    assert (left, top) == (576 - right, code.dots - bottom)
    assert top >= 4 * code.module  # the quiet zone
    assert (right - left) % code.module == 0
