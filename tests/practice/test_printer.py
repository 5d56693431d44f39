"""The virtual printer itself: strict where a real one would misbehave, and honest about what is on the paper."""

from __future__ import annotations

import asyncio

import pytest

from app.practice.paper import CommandReader, Paper, PaperTicket
from app.practice.printer import VirtualPrinter

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
