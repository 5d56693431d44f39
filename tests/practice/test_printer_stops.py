"""What stops a printer, over TCP: paper, cover, jam, power, buffer; each beside the same job on a good day."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tests.practice.printer_guest import (
    CLEAR,
    CLEARED,
    CUT,
    START,
    found,
    guest_of,
    job,
    proof,
    proved,
    running,
    until,
)

ROWS = b"\x1dv0\x00\x02\x00"  # a picture of 16 dots a row; two bytes follow: its rows
STATUS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"


async def test_on_a_good_day_everything_is_printed_and_acknowledged() -> None:
    async with running() as printer, guest_of(printer) as guest:
        assert await guest.ask(STATUS + job("T-1") + proof(), 4 + 7) == b"\x12\x12\x12\x12" + proved()
        assert found(printer) == [("T-1", "complete")]
        assert printer.paper[0].errors == []


@pytest.mark.parametrize(
    ("knobs", "answers"),
    [
        ({"paper_out_after_lines": 0}, b"\x1a\x32\x12\x7e"),
        ({"near_end_after_lines": 0}, b"\x12\x12\x12\x1e"),
        ({"cover_open": True}, b"\x1a\x16\x12\x12"),
        ({"offline": True}, b"\x1a\x12\x12\x12"),
    ],
)
async def test_status_tells_what_is_wrong(knobs: dict[str, Any], answers: bytes) -> None:
    async with running(**knobs) as printer, guest_of(printer) as guest:
        assert await guest.ask(STATUS, 4) == answers
        printer.mend()
        assert await guest.ask(STATUS, 4) == b"\x12\x12\x12\x12"


@pytest.mark.parametrize("cause", ["paper", "cover_open", "offline"])
async def test_what_stops_in_the_middle_holds_the_acknowledgement_and_then_prints_the_rest_once(cause: str) -> None:
    async with running(lines_per_second=0, paper_out_after_lines=2) as printer, guest_of(printer) as guest:
        guest.send(job("T-1", 4) + proof() + b"\x10\x04\x01")
        assert await guest.hears(1) == b"\x1a"
        await guest.hears_nothing()
        assert (len(printer.hanging.lines) if printer.hanging else 0, printer.paper) == (2, [])
        if cause != "paper":
            printer.change(**{cause: True})
            printer.refill()
            await guest.hears_nothing()
            printer.mend(cause)
        else:
            printer.refill()
        assert await guest.hears(7) == proved()
        assert found(printer) == [("T-1", "complete")]


async def test_the_rest_prints_after_a_new_roll_even_when_the_host_has_left() -> None:
    async with running(paper_out_after_lines=1) as printer:
        async with guest_of(printer) as guest:
            assert await guest.ask(job("T-1") + proof() + b"\x10\x04\x01", 1) == b"\x1a"
        printer.refill()
        assert found(printer) == [("T-1", "complete")]


@pytest.mark.parametrize("stray", [False, True])
async def test_an_answer_whose_asker_has_left_may_reach_the_next_guest(stray: bool) -> None:
    async with running(paper_out_after_lines=1, stray_replies=stray) as printer:
        async with guest_of(printer) as first:
            await first.ask(job("T-1") + proof(b"OLD1") + b"\x10\x04\x01", 1)
        async with guest_of(printer) as second:
            await second.ask(b"\x10\x04\x01", 1)
            await until(lambda: len(printer._connections) == 1)
            printer.refill()
            if stray:
                assert await second.hears(7) == proved(b"OLD1")
            await second.hears_nothing()


async def test_a_jammed_cutter_is_found_out_by_the_cut_and_goes_on_when_freed() -> None:
    async with running(cutter_jam=True) as printer, guest_of(printer) as guest:
        assert await guest.ask(b"\x10\x04\x02", 1) == b"\x12"
        assert await guest.ask(job("T-1") + proof() + STATUS, 4) == b"\x1a\x52\x1e\x12"
        assert await guest.ask(b"\x10\x05\x01" + b"\x10\x04\x02", 1) == b"\x52"  # tries again, and jams again
        printer.mend("cutter_jam")
        assert await guest.hears(7) == proved()
        assert found(printer) == [("T-1", "complete")]


async def test_recovery_with_clearing_drops_the_rest_but_only_from_an_error() -> None:
    async with running(cutter_jam=True) as printer, guest_of(printer) as guest:
        await guest.ask(job("T-1") + job("T-2") + b"\x10\x04\x01", 1)
        guest.send(b"\x10\x05\x02")
        await until(lambda: printer.idle)
        printer.mend()
        assert await guest.ask(b"\x10\x05\x02" + job("T-3") + proof(), 7) == proved()
        assert found(printer) == [("T-1", "torn"), ("T-3", "glued")]


async def test_a_power_cut_after_a_line_leaves_a_torn_ticket_and_a_glued_one() -> None:
    async with running(power_cut_after_lines=2) as printer:
        async with guest_of(printer) as guest:
            guest.send(job("T-1") + proof())
            assert await guest.is_cut_off()
        assert (printer.powered, printer.power_cut_after_lines) == (False, None)
        async with guest_of(printer) as nobody:
            assert await nobody.is_cut_off()
        printer.power_on()
        async with guest_of(printer) as guest:
            assert await guest.ask(job("T-2") + proof(), 7) == proved()
        assert (printer.paper[0].text, printer.paper[0].state) == ("line 1\nline 2", "torn")
        assert found(printer)[1:] == [("T-2", "glued")]


async def test_a_reset_leaves_half_a_ticket_that_glues_to_the_next() -> None:
    first = job("T-1", 6)
    async with running(reset_after_bytes=len(first) // 2) as printer:
        async with guest_of(printer) as guest:
            guest.send(first)
            assert await guest.is_cut_off()
        assert printer.reset_after_bytes is None
        async with guest_of(printer) as guest:
            assert await guest.ask(job("T-2") + proof(), 7) == proved()
        assert found(printer) == [("", "torn"), ("T-2", "glued")]


async def test_a_glued_ticket_is_noticed_also_when_the_next_job_does_not_initialise() -> None:
    first = START + b"T-1\n"
    async with running(reset_after_bytes=len(first)) as printer:
        async with guest_of(printer) as guest:
            guest.send(first + b"more\n")
            assert await guest.is_cut_off()
        async with guest_of(printer) as guest:
            await guest.ask(b"T-2\n" + CUT + b"T-3\n" + CUT + proof(), 7)
        assert found(printer) == [("T-2", "glued"), ("T-3", "complete")]


async def test_a_cut_of_the_next_job_does_not_make_half_a_ticket_whole() -> None:
    async with running() as printer:
        async with guest_of(printer) as guest:
            await guest.ask(START + b"T-1\n" + proof(), 7)
        async with guest_of(printer) as guest:
            await guest.ask(b"\n" + CUT + b"T-2\n" + CUT + proof(), 7)
        assert found(printer) == [("T-1", "torn"), ("T-2", "complete")]


async def test_a_reset_inside_a_picture_swallows_the_beginning_of_the_next_job() -> None:
    """A closed connection does not clear the buffer, and ESC @ among dots is dots."""
    picture = ROWS + b"\x10\x00" + bytes(20)  # 12 of its 32 bytes are missing
    async with running() as printer:
        async with guest_of(printer) as guest:
            first = START + b"T-1\n" + picture
            guest.send(first)
            await until(lambda: printer.bytes_received == len(first))
        async with guest_of(printer) as guest:
            await guest.ask(START + b"eaten T-2 shown\n" + CUT + proof(), 7)
        (piece,) = printer.paper
        assert (piece.state, piece.text) == ("glued", "T-1\n\n2 shown")
        assert piece.pictures == [picture + START + b"eaten T-"]


@pytest.mark.parametrize("supported", [True, False])
async def test_clear_empties_everything_unprinted_a_half_command_too(supported: bool) -> None:
    async with running(paper_out_after_lines=2, clear_supported=supported) as printer, guest_of(printer) as guest:
        guest.send(START + b"T-1\n\nnever\n" + ROWS + b"\xff\x00" + b"dots")
        if not supported:
            guest.send(CLEAR)
            await guest.hears_nothing()
            return
        assert await guest.ask(CLEAR, 3) == CLEARED
        assert printer.idle
        printer.refill()
        assert await guest.ask(job("T-2") + proof(), 7) == proved()
        assert [(piece.text, piece.state) for piece in printer.paper] == [
            ("T-1\n", "torn"),
            ("line 1\nline 2\nT-2", "glued"),
        ]


async def test_a_printer_that_does_not_know_clear_prints_on_without_an_error() -> None:
    async with running(clear_supported=False) as printer, guest_of(printer) as guest:
        assert await guest.ask(CLEAR + job("T-1") + proof(), 7) == proved()
        assert [(piece.ticket_id, piece.errors) for piece in printer.paper] == [("T-1", [])]


async def test_initialising_does_not_clear_the_received_bytes() -> None:
    async with running(paper_out_after_lines=0) as printer, guest_of(printer) as guest:
        await guest.ask(job("T-1") + b"\x1b@\x1b@" + job("T-2") + b"\x10\x04\x01", 1)
        printer.refill()
        assert found(printer) == [("T-1", "complete"), ("T-2", "complete")]


async def test_filling_with_zeros_completes_a_picture_and_does_nothing_else() -> None:
    async with running() as printer, guest_of(printer) as guest:
        await guest.ask(START + b"T-1\n" + ROWS + b"\x10\x00" + bytes(70) + CUT + bytes(5000) + proof(), 7)
        (piece,) = printer.paper
        assert (piece.state, piece.errors, len(piece.pictures[0])) == ("complete", [], 8 + 32)


@pytest.mark.parametrize("size", [1, 2, 3, 9, 10, 11])
async def test_real_time_commands_are_obeyed_in_the_middle_of_anything_however_split(size: int) -> None:
    async with running() as printer, guest_of(printer) as guest:
        payload = START + ROWS + b"\x20\x00" + b"\x10\x04\x01" + CLEAR
        for start in range(0, len(payload), size):
            guest.send(payload[start : start + size])
            await guest.sent(printer, min(len(payload), start + size))
        assert await guest.hears(4) == b"\x12" + CLEARED
        assert await guest.ask(job("T-1") + proof(), 7) == proved()


async def test_a_full_buffer_stops_reading_and_only_paper_makes_room() -> None:
    """The sender is held back by TCP, status questions wait outside, and nothing is lost."""
    payload = b"".join(job(f"T-{number}", 10) for number in range(3000))
    async with running(buffer_bytes=2000, paper_out_after_lines=0) as printer:
        plug = socket.socket()
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        plug.setblocking(False)
        with plug:
            loop = asyncio.get_running_loop()
            await loop.sock_connect(plug, (printer.host, printer.port))
            sending = asyncio.create_task(loop.sock_sendall(plug, payload + b"\x10\x04\x01"))
            await until(lambda: printer.bytes_received == 2000)
            done, _ = await asyncio.wait([sending], timeout=0.2)
            assert (done, printer.bytes_received) == (set(), 2000)
            printer.refill()
            await sending
            assert await loop.sock_recv(plug, 10) == b"\x12"
        assert (len(printer.paper), printer.idle) == (3000, True)


async def test_without_a_limit_everything_is_taken_at_once() -> None:
    payload = job("T-1", 5000)
    async with running(paper_out_after_lines=0) as printer, guest_of(printer) as guest:
        assert await guest.ask(payload + b"\x10\x04\x01", 1) == b"\x1a"
        assert printer.bytes_received == len(payload) + 3


async def test_lines_take_their_time_and_status_does_not_wait_for_them() -> None:
    async with running(lines_per_second=100) as printer, guest_of(printer) as guest:
        assert await guest.ask(job("T-1", 20) + proof() + b"\x10\x04\x01", 1) == b"\x12"
        assert not printer.idle
        assert await guest.hears(7) == proved()
        printer.lines_per_second = 0
        await until(lambda: printer.idle)


async def test_paper_runs_out_in_the_middle_of_a_picture() -> None:
    async with running(paper_out_after_lines=1) as printer, guest_of(printer) as guest:
        dots = bytes(range(1, 201))
        await guest.ask(START + ROWS + b"\x64\x00" + dots + CUT + proof() + b"\x10\x04\x01", 1)
        assert printer.hanging
        assert len(printer.hanging.pictures[0]) == 8 + 2 * 34
        printer.refill()
        assert await guest.hears(7) == proved()
        assert printer.paper[0].pictures == [ROWS + b"\x64\x00" + dots]
