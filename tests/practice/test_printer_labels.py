"""The label printer: what TSPL paints and prints, over the reader and over TCP, with the faults that apply to it."""

from __future__ import annotations

import pytest

from app.practice.label_paper import LabelPaper, LabelReader
from app.practice.printer_pieces import PaperTicket, Picture
from tests.practice.printer_guest import guest_of, running, until

QUESTION = b"\x1b!?"
HEAD = b"SIZE 50 mm,30 mm\r\nGAP 2 mm,0\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\n"


def text(words: str, y: int = 10) -> bytes:
    return f'TEXT 10,{y},"TSS24.BF2",0,1,1,"{words}"\r\n'.encode("gbk")


def label(words: str) -> bytes:
    return HEAD + text(words) + b"PRINT 1\r\n"


def printed(payload: bytes, size: int = 1 << 20) -> list[PaperTicket]:
    reader, paper = LabelReader(), LabelPaper()
    for start in range(0, len(payload), size):
        for command in reader.feed(payload[start : start + size]):
            paper.execute(command)
            while paper.busy:
                paper.advance()
    return paper.pieces


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_label_carries_its_fields_picture_and_code_however_it_is_split(size: int) -> None:
    dots = b"\x0d\x0a\x1b!?\x00\xff\xff"
    payload = (
        HEAD
        + text("奶茶 少冰")
        + b"BITMAP 16,100,2,4,0,"
        + dots
        + b'\r\nQRCODE 250,20,M,5,A,0,"T-8F21"\r\nSOUND 5,200\r\nPRINT 1,2\r\n'
    )
    first, second = printed(payload, size)
    assert (first.text.strip(), first.codes, first.codes[0].module, first.beeps) == ("奶茶 少冰", [b"T-8F21"], 5, 1)
    (picture,) = (item for item in first.items if isinstance(item, Picture))
    assert (bytes(picture.dots), picture.at, picture.black) == (dots, (16, 100), 0)
    assert (first.dots, first.state, first.errors, second.errors) == ((400, 240), "complete", [], [])
    assert (second.text, second.beeps) == (first.text, 0)


def test_what_lies_in_a_reversed_area_is_in_reverse_type() -> None:
    (piece,) = printed(HEAD + text("plain") + text(" VOID 作废 ", 60) + b"REVERSE 0,58,200,28\r\nPRINT 1\r\n")
    assert (set(piece.marks), piece.reversed_text) == ({"void"}, "VOID 作废")


def test_a_reference_moves_everything() -> None:
    (piece,) = printed(HEAD + b"REFERENCE 30,40\r\n" + text("x") + b"PRINT 1\r\n")
    assert [item.at for item in piece.items] == [(40, 50)]


def test_quotes_and_commas_in_a_text_are_text() -> None:
    (piece,) = printed(HEAD + text('a,b \\["]c\\["] PRINT 3') + b"PRINT 1\r\n")
    assert (piece.text, piece.errors) == ('a,b "c" PRINT 3', [])


def test_what_is_not_wiped_is_printed_again() -> None:
    first, second = printed(label("first") + text("second", 60) + b"PRINT 1\r\n")
    assert (first.text, second.text) == ("first", "first\nsecond")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"NONSENSE 1\r\n", "unknown command NONSENSE 1"),
        (b'TEXT 10,10,"NOFONT",0,1,1,"x"\r\n', "unknown command TEXT"),
        (b'TEXT 10,10,"TSS24.BF2",0,1\r\n', "unknown command TEXT"),
        (b'TEXT 10,10,"TSS24.BF2",0,1,1,"half\r\n', "unknown command TEXT"),
        ('TEXT 10,10,"3",0,1,1,"饭"\r\n'.encode("gbk"), "font 3 has no hanzi"),
        (b'TEXT 380,10,"TSS24.BF2",0,1,1,"xx"\r\n', "TEXT runs over the edge"),
        (b"BITMAP 0,230,1,20,0," + bytes(20) + b"\r\n", "BITMAP runs over the edge"),
        (b"CLS\n", "does not end in CR LF"),
        (b"SIZE big\r\n", "unknown command SIZE"),
        (b"\xff\xff\r\n", "unknown command"),
    ],
)
def test_what_nobody_should_send_is_written_on_the_next_label(line: bytes, complaint: str) -> None:
    (piece,) = printed(HEAD + line + text("x") + b"PRINT 1\r\n")
    assert any(complaint in error for error in piece.errors)


def test_a_label_with_nothing_on_it_is_an_error() -> None:
    (piece,) = printed(HEAD + b"PRINT 1\r\n")
    assert piece.errors == ["an empty label"]


async def test_status_says_what_is_wrong() -> None:
    async with running("tspl") as printer, guest_of(printer) as guest:
        assert await guest.ask(QUESTION, 1) == b"\x00"
        for knob, value, answer in (
            ("cover_open", True, b"\x01"),
            ("paper_out_after_lines", 0, b"\x04"),
            ("offline", True, b"\x10"),
        ):
            printer.change(**{knob: value})
            assert await guest.ask(QUESTION, 1) == answer
            printer.mend()
        printer.cutter_jam = True
        assert await guest.ask(label("x") + QUESTION, 1) == b"\x02"
        printer.mend()
        printer.lines_per_second = 50
        assert await guest.ask(label("y") + QUESTION, 1) == b"\x20"
        printer.mute = True
        guest.send(QUESTION)
        await guest.hears_nothing()


async def test_a_label_at_the_end_of_the_roll_is_torn_and_printed_again_on_the_new_one() -> None:
    async with running("tspl", paper_out_after_lines=3) as printer, guest_of(printer) as guest:
        assert await guest.ask(HEAD + text("top") + text("bottom", 200) + b"PRINT 1\r\n" + QUESTION, 1) == b"\x04"
        assert printer.hanging
        assert printer.hanging.text == "top"
        printer.refill()
        assert await guest.ask(QUESTION, 1) == b"\x00"
        assert [(piece.text, piece.state) for piece in printer.paper] == [("top", "torn"), ("top\nbottom", "complete")]


async def test_half_a_line_of_a_broken_job_spoils_the_first_line_of_the_next() -> None:
    half = HEAD + b'TEXT 10,10,"TSS24'
    async with running("tspl", reset_after_bytes=len(half)) as printer:
        async with guest_of(printer) as guest:
            guest.send(half + b"more")
            assert await guest.is_cut_off()
        async with guest_of(printer) as guest:
            assert await guest.ask(b"\x1b!?" + label("x"), 1) == b"\x00"
            await until(lambda: printer.idle and bool(printer.paper))
        (piece,) = printer.paper
        assert piece.text == "x"
        assert any("TEXT" in error for error in piece.errors)


async def test_fields_of_a_broken_job_glue_to_a_job_that_does_not_wipe_first() -> None:
    async with running("tspl") as printer:
        async with guest_of(printer) as guest:
            await guest.ask(HEAD + text("old") + QUESTION, 1)
        async with guest_of(printer) as guest:
            await guest.ask(text("new", 60) + b"PRINT 1\r\n" + label("clean") + QUESTION, 1)
        assert [(piece.text, piece.state) for piece in printer.paper] == [("old\nnew", "glued"), ("clean", "complete")]


async def test_a_power_cut_tears_the_label_under_the_head_and_forgets_the_others() -> None:
    async with running("tspl", power_cut_after_lines=10) as printer:
        async with guest_of(printer) as guest:
            guest.send(HEAD + text("x") + b"PRINT 5\r\n")
            assert await guest.is_cut_off()
        printer.power_on()
        async with guest_of(printer) as guest:
            assert await guest.ask(label("y") + QUESTION, 1) == b"\x00"
        assert [(piece.text, piece.state) for piece in printer.paper] == [
            ("x", "complete"),
            ("x", "torn"),
            ("y", "complete"),
        ]
