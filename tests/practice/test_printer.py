"""The virtual printer itself: strict where a real one would misbehave, and honest about what is on the paper."""

from __future__ import annotations

import asyncio

import pytest

from app.practice.paper import CommandReader, Paper, PaperTicket
from app.practice.printer import VirtualPrinter
from app.practice.printer_pieces import Row

START = b"\x1b@\x1c&"
CUT = b"\x1dVB\x00"


def printed(payload: bytes) -> list[PaperTicket]:
    paper = Paper()
    for command in CommandReader().feed(payload):
        paper.execute(command)
    return paper.pieces


def test_text_keeps_its_type() -> None:
    (piece,) = printed(START + b"\x1d!\x11\x1bE\x01" + "饭2".encode("gbk") + b"\x1d!\x00\x1bE\x00\x1dB\x01 VOID \n" + CUT)
    (first, second) = piece.lines[0]
    assert (first.text, first.type.width, first.type.height, first.type.bold) == ("饭2", 2, 2, True)
    assert (second.type.reverse, second.type.width) == (True, 1)
    assert (piece.complete, piece.errors) == (True, [])
    assert piece.marks == {"void"}


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"\x1bp\x00\x19\xfa", "cash drawer"),
        (b"\x1bt\x02", "unknown command 1b 74"),
        (b"\x07", "unknown command 07"),
        (b"\x1d(X\x01\x00z", "unknown command 1d 28 58"),
        ("𠮷".encode("gb18030"), "not a character of this printer"),
        (b"\x1c." + "饭".encode("gbk"), "hanzi mode is off"),
        (b"x" * 49, "a line ran over"),
        (b"half", "cut in the middle of a row"),
        (b"\x1dv0\x00\x02\x00\x02\x00\x00\x10\x04\x01", "real-time command"),
        (b"\x1dv0\x00\x49\x00\x01\x00" + bytes(73), "a picture wider than the paper"),
        (b"half\x1ba\x01\n", "alignment in the middle of a row"),
        (b"\x1d(k\x03\x00\x31\x51\x30", "a QR code without content"),
        (b"half\x1d(k\x04\x00\x31\x50\x30x\x1d(k\x03\x00\x31\x51\x30\n", "a QR code in the middle of a row"),
        (b"\x1d(k\x03\x00\x31\x43\x10\x1d(k\xcb\x00\x31\x50\x30" + b"x" * 200 + b"\x1d(k\x03\x00\x31\x51\x30", "wider"),
        (b"\x1d(k\x03\x00\x31\x43\x11", "unknown command 1d 28 6b"),
        (b"\x1d(k\x03\x00\x30\x43\x03", "unknown command 1d 28 6b"),
        (b"\x1b(B\x01\x00z", "unknown command 1b 28 42"),
    ],
)
def test_what_nobody_should_send_is_written_down(payload: bytes, complaint: str) -> None:
    (piece,) = printed(START + payload + CUT)
    assert any(complaint in error for error in piece.errors)


def test_hanzi_mode_must_be_asked_for_after_a_reset() -> None:
    (piece,) = printed(b"\x1b@" + "饭\n".encode("gbk") + CUT)
    assert piece.errors


def test_pictures_and_codes_are_kept() -> None:
    picture = b"\x1dv0\x00\x02\x00\x02\x00\xff\x00\xff\x00"
    code = b"\x1d(k\x08\x00\x31\x50\x30T-8F1\x1d(k\x03\x00\x31\x51\x30"
    (piece,) = printed(START + picture + code + CUT)
    assert (piece.pictures, piece.codes, piece.errors) == ([picture], [b"T-8F1"], [])


def test_a_code_keeps_the_size_of_its_squares_and_only_printing_prints_it() -> None:
    stored = (
        b"\x1d(k\x04\x00\x31\x41\x32\x00\x1d(k\x03\x00\x31\x43\x06\x1d(k\x03\x00\x31\x45\x31\x1d(k\x06\x00\x31\x50\x30T-1"
    )
    printing = b"\x1d(k\x03\x00\x31\x51\x30"
    (piece,) = printed(START + stored + b"\x1ba\x01" + printing * 2 + b"\x1b@" + START + b"x\n" + CUT)[:1]
    assert [(bytes(code), code.module, code.level, code.align) for code in piece.codes] == [(b"T-1", 6, "M", 1)] * 2
    (dry,) = printed(START + stored + b"x\n" + CUT)
    assert (dry.codes, dry.errors) == ([], [])


@pytest.mark.parametrize(
    ("payload", "beeps"),
    [
        (b"\x1bB\x03\x02", 3),
        (b"\x1b(A\x04\x00\x30\x01\x04\x05", 4),
        (b"\x1b(A\x05\x00\x61\x64\x02\x05\x05", 2),
    ],
)
def test_buzzers_are_heard(payload: bytes, beeps: int) -> None:
    (piece,) = printed(START + payload + b"x\n" + CUT)
    assert (piece.beeps, piece.errors, piece.text) == (beeps, [], "x")


@pytest.mark.parametrize(
    "cut", [b"\x1dVA\x10", b"\x1dVB\x00", b"\x1dVb\x00", b"\n\n\n\x1dV\x00", b"\n\n\n\x1dV1", b"\n\n\n\x1bm"]
)
def test_every_cut_cuts(cut: bytes) -> None:
    first, second = printed((START + b"x\n" + cut) * 2)
    assert [(piece.text.strip(), piece.state, piece.errors) for piece in (first, second)] == [("x", "complete", [])] * 2


@pytest.mark.parametrize("cut", [b"\x1dV\x00", b"\x1dV\x01", b"\x1bi", b"\n\n\x1bm"])
def test_a_cut_without_feed_goes_through_the_last_rows(cut: bytes) -> None:
    (piece,) = printed(START + b"x\n" + cut)
    assert piece.errors == ["cut through the last rows: they had not passed the cutter"]


def test_rows_keep_their_alignment() -> None:
    (piece,) = printed(START + b"left\n\x1ba\x01centre\n\x1ba2right\n\x1ba\x00left\n" + CUT)
    assert [item.align for item in piece.items if isinstance(item, Row)] == [0, 1, 2, 0]
    assert (piece.text, piece.errors) == ("left\ncentre\nright\nleft", [])


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_split_of_the_network_does_not_matter(size: int) -> None:
    payload = START + "饭 no 1\n".encode("gbk") + b"\x1dv0\x00\x02\x00\x02\x00\xff\x00\xff\x00" + CUT
    reader, paper = CommandReader(), Paper()
    for start in range(0, len(payload), size):
        for command in reader.feed(payload[start : start + size]):
            paper.execute(command)
    (piece,) = paper.pieces
    assert (piece.text, piece.errors, bytes(piece.raw)) == ("饭 no 1\n", [], payload)


async def _exchange(printer: VirtualPrinter, payload: bytes, expected: int) -> bytes:
    reader, writer = await asyncio.open_connection(printer.host, printer.port)
    writer.write(payload)
    answer = await reader.readexactly(expected)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_answers_in_print_order_and_at_once() -> None:
    printer = VirtualPrinter()
    await printer.start()
    job = START + b"T-1\n" + CUT
    assert await _exchange(printer, b"\x10\x04\x01", 1) == b"\x12"
    assert await _exchange(printer, job + b"\x1d(H\x06\x0000AB12" + b"\x1dr\x01", 8) == b"\x37\x22AB12\0\x00"
    assert [piece.ticket_id for piece in printer.paper] == ["T-1"]
    assert printer.paper[0].started_at <= printer.paper[0].last_byte_at <= printer.paper[0].finished_at
    await printer.stop()


async def test_paper_out_holds_the_rest_and_says_so() -> None:
    printer = VirtualPrinter(paper_out_after_lines=1)
    await printer.start()
    reader, writer = await asyncio.open_connection(printer.host, printer.port)
    writer.write(START + b"\x1da\x0e" + b"one\ntwo\n" + CUT + b"\x1dr\x01")
    assert await reader.readexactly(8) == b"\x10\x00\x00\x00\x18\x00\x0f\x00"
    assert (printer.paper, printer.idle) == ([], False)
    writer.write(b"\x10\x04\x01\x10\x04\x04")
    assert await reader.readexactly(2) == b"\x1a\x7e"
    printer.refill()
    assert await reader.readexactly(5) == b"\x10\x00\x00\x00\x00"
    assert [piece.text for piece in printer.paper] == ["one\ntwo"]
    writer.close()
    await writer.wait_closed()
    await printer.stop()


async def test_the_same_seed_loses_the_same_replies() -> None:
    async def answered(seed: int) -> bytes:
        printer = VirtualPrinter(seed=seed)
        printer.drop_replies = 0.5
        await printer.start()
        answer = await _exchange(printer, b"\x1dr\x01" * 20 + b"\x10\x04\x01" * 20, 5)
        await printer.stop()
        return answer

    assert await answered(3) == await answered(3)


async def test_a_power_cut_loses_what_was_not_printed() -> None:
    printer = VirtualPrinter(paper_out_after_lines=1)
    await printer.start()
    reader, writer = await asyncio.open_connection(printer.host, printer.port)
    writer.write(START + b"one\ntwo\n" + CUT + b"\x10\x04\x01")
    await reader.readexactly(1)
    printer.power_cut()
    with pytest.raises(ConnectionError):
        await reader.readexactly(1)
    writer.close()
    printer.power_on()
    printer.refill()
    assert [(piece.text, piece.complete) for piece in printer.paper] == [("one", False)]
    assert printer.idle
    await printer.stop()


def test_an_unknown_acknowledgement_is_refused() -> None:
    with pytest.raises(ValueError, match="no such"):
        VirtualPrinter(ack="telepathy")
