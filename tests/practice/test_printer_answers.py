"""What a printer says, over TCP: acknowledgements, automatic status, identity, and the ways a connection can be bad."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from app.printing.status import ReplyKind, ReplyReader
from tests.practice.printer_guest import LIMIT, found, guest_of, job, proof, proved, running, until

READY = b"\x10\x00\x00\x00"


@pytest.mark.parametrize(
    ("knobs", "answers"),
    [
        ({}, proved() + b"\x00"),
        ({"ack": "status"}, b"\x00"),
        ({"ack": "none"}, b""),
        ({"ack_fault": "never"}, b""),
        ({"ack_fault": "twice"}, proved() * 2 + b"\x00\x00"),
        ({"ack_fault": "wrong_id"}, proved(b"AB13") + b"\x00"),
        ({"near_end_after_lines": 1}, proved() + b"\x03"),
        ({"mute": True}, b""),
        ({"drop_replies": 1.0}, b""),
    ],
)
async def test_every_way_to_acknowledge(knobs: dict[str, Any], answers: bytes) -> None:
    async with running(**knobs) as printer, guest_of(printer) as guest:
        payload = job("T-1") + proof() + b"\x1dr\x01"
        assert await guest.ask(payload, len(answers)) == answers
        await until(lambda: printer.bytes_received == len(payload))
        await guest.hears_nothing()
        assert found(printer) == [("T-1", "complete")]


async def test_a_late_acknowledgement_comes_after_the_answers_to_later_questions() -> None:
    async with running(ack_late_seconds=0.05) as printer, guest_of(printer) as guest:
        assert await guest.ask(job("T-1") + proof() + b"\x10\x04\x01", 8) == b"\x12" + proved()


async def test_a_power_cut_forgets_late_acknowledgements() -> None:
    async with running(ack_late_seconds=0.03, stray_replies=True) as printer:
        async with guest_of(printer) as guest:
            await guest.ask(job("T-1") + proof() + b"\x10\x04\x01", 1)
            printer.power_cut()
            assert await guest.is_cut_off()
        printer.power_on()
        async with guest_of(printer) as guest:
            await guest.hears_nothing()


async def test_only_the_questions_it_knows_are_answered() -> None:
    async with running(answers=(1, 4)) as printer, guest_of(printer) as guest:
        assert await guest.ask(b"\x10\x04\x02\x10\x04\x03\x10\x04\x04\x10\x04\x01", 2) == b"\x12\x12"
        await guest.hears_nothing()


async def test_automatic_status_comes_at_once_and_on_each_change_that_was_asked_for() -> None:
    async with running() as printer, guest_of(printer) as guest:
        assert await guest.ask(b"\x1da\x08", 4) == READY  # paper only
        printer.cover_open = True
        await guest.hears_nothing()
        printer.paper_out_after_lines = 0
        assert await guest.hears(4) == b"\x38\x00\x0f\x00"
        printer.mend()
        assert await guest.hears(4) == READY
        assert await guest.ask(b"\x1da\x00" + job("T-1") + proof(), 7) == proved()
        printer.near_end_after_lines = 0
        await guest.hears_nothing()


async def test_initialising_turns_automatic_status_off() -> None:
    async with running() as printer, guest_of(printer) as guest:
        assert await guest.ask(b"\x1da\xff", 4) == READY
        assert await guest.ask(b"\x1b@" + proof(), 7) == proved()
        printer.offline = True
        await guest.hears_nothing()


async def test_automatic_status_in_the_middle_of_replies_can_still_be_told_apart() -> None:
    async with running(status_amid_replies=True) as printer, guest_of(printer) as guest:
        heard = await guest.ask(job("T-1") + proof() + b"\x10\x04\x01\x1dr\x01", 11 + 5 + 5)
        assert proved() not in heard
        replies = ReplyReader().feed(heard)
        kinds = [reply.kind for reply in replies]
        assert kinds.count(ReplyKind.AUTOMATIC) == 3
        assert {reply.raw for reply in replies if reply.kind is not ReplyKind.AUTOMATIC} == {proved(), b"\x12", b"\x00"}


@pytest.mark.parametrize(
    ("knobs", "answer"),
    [
        ({}, b"\x5fPractice 80\0\x5fOrder Console\0"),
        ({"model": "TM-T88V", "maker": "EPSON"}, b"\x5fTM-T88V\0\x5fEPSON\0"),
        ({"model": "", "maker": ""}, b""),
    ],
)
async def test_who_it_is(knobs: dict[str, Any], answer: bytes) -> None:
    async with running(**knobs) as printer, guest_of(printer) as guest:
        assert await guest.ask(b"\x1b@\x1dIC\x1dIB", len(answer)) == answer
        assert await guest.ask(job("T-1") + proof(), 7) == proved()
        assert found(printer) == [("T-1", "complete")]


async def test_a_clone_that_does_not_know_the_question_prints_its_letter() -> None:
    async with running(model=None) as printer, guest_of(printer) as guest:
        await guest.ask(b"\x1b@\x1dIC\n\x1dVB\x00" + proof(), 7)
        assert [piece.text for piece in printer.paper] == ["C"]


async def test_a_process_id_outside_the_allowed_characters_is_not_answered() -> None:
    async with running() as printer, guest_of(printer) as guest:
        assert await guest.ask(proof(b"A\x10B1") + proof(), 7) == proved()


async def test_a_second_connection_is_served_refused_or_waits() -> None:
    async with running() as printer, guest_of(printer) as first:
        await first.ask(b"\x10\x04\x01", 1)
        async with guest_of(printer) as second:
            assert await second.ask(b"\x10\x04\x01", 1) == b"\x12"
        printer.second_connection = "refused"
        async with guest_of(printer) as second:
            assert await second.is_cut_off()
        printer.second_connection = "waits"
        async with guest_of(printer) as second:
            second.send(b"\x10\x04\x01")
            await second.hears_nothing()
            assert await first.ask(b"\x10\x04\x01", 1) == b"\x12"
            await first.leave()
            assert await second.hears(1) == b"\x12"
        printer.second_connection = "refused"
        await until(lambda: not printer._connections)
        async with guest_of(printer) as alone:
            assert await alone.ask(b"\x10\x04\x01", 1) == b"\x12"


async def test_a_hung_board_reads_nothing_and_later_prints_what_was_sent() -> None:
    async with running() as printer, guest_of(printer) as before:
        await before.ask(b"\x10\x04\x01", 1)
        printer.half_open = "hangs"
        async with guest_of(printer) as after:
            for guest, ticket in ((before, "T-1"), (after, "T-2")):
                guest.send(job(ticket) + proof())
                await guest.hears_nothing()
            assert printer.bytes_received == 3
            printer.mend("half_open")
            assert [await guest.hears(7) for guest in (before, after)] == [proved()] * 2
        assert sorted(found(printer)) == [("T-1", "complete"), ("T-2", "complete")]


async def test_a_board_that_vanished_never_prints_and_later_resets_what_it_does_not_know() -> None:
    async with running() as printer, guest_of(printer) as before:
        await before.ask(b"\x10\x04\x01", 1)
        printer.half_open = "vanishes"
        async with guest_of(printer) as after:
            for guest in (before, after):
                guest.send(job("T-1") + proof())
                await guest.hears_nothing()
            printer.mend("half_open")
            assert [await guest.is_cut_off() for guest in (before, after)] == [True, True]
        assert (printer.paper, printer.bytes_received) == ([], 3)
        async with guest_of(printer) as guest:
            assert await guest.ask(job("T-2") + proof(), 7) == proved()


async def test_a_new_address_is_served_and_the_old_one_is_not() -> None:
    async with running() as printer, guest_of(printer) as before:
        await before.ask(b"\x10\x04\x01", 1)
        old = printer.port
        assert printer.move() == printer.port != old
        async with guest_of(printer) as guest:
            assert await guest.ask(job("T-1") + proof(), 7) == proved()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(printer.host, old)
        before.send(b"\x10\x04\x01")
        await before.hears_nothing()


async def test_an_address_that_changes_is_a_knob_of_a_file_too() -> None:
    async with running(**json.loads('{"move_after_lines": 2}')) as printer:
        old = printer.port
        async with guest_of(printer) as guest:
            guest.send(job("T-1") + proof())
            await until(lambda: printer.port != old)
            await guest.hears_nothing()
        assert printer.move_after_lines is None
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(printer.host, old)
        async with guest_of(printer) as guest:
            assert await guest.ask(job("T-2") + proof(), 7) == proved()


async def test_knobs_are_turned_from_another_thread_while_it_prints() -> None:
    def bad_day() -> None:
        for _ in range(20):
            printer.cover_open = True
            printer.paper_out_after_lines = 1
            printer.refill()
            printer.mend()
            printer.move()

    async with running(lines_per_second=500) as printer, guest_of(printer) as guest:
        guest.send(job("T-1", 100) + proof())
        await until(lambda: printer.hanging is not None)
        await asyncio.wait_for(asyncio.to_thread(bad_day), LIMIT)
        await until(lambda: printer.idle)
        assert found(printer) == [("T-1", "complete")]


async def test_the_same_seed_puts_status_in_the_same_places() -> None:
    async def heard() -> bytes:
        async with running(status_amid_replies=True) as printer, guest_of(printer) as guest:
            return await guest.ask(proof() * 5, 55)

    assert await heard() == await heard()
