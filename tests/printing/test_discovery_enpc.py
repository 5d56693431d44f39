"""Epson's broadcast: only questions leave, and no reply, however broken, breaks the search."""

from __future__ import annotations

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.printing.discovery import Broadcast, Found, SearchError, find
from app.printing.discovery.enpc import IDENTIFY, NAME, STATUS, query, text_of
from tests.printing.neighbours import TM_T88V, named, responder

BROKEN = (b"", b"EPSON", TM_T88V[:13], b"EPSONc" + TM_T88V[6:], b"\0" * 147, TM_T88V[:10] + b"\xff\xfe" + TM_T88V[12:])


def test_the_question_is_the_documented_packet() -> None:
    assert query(IDENTIFY) == bytes.fromhex("4550534f4e 51 0300 0000 0000 0000")
    assert query(STATUS) == bytes.fromhex("4550534f4e 51 0300 0010 0000 0000")


async def test_a_printer_that_answers_is_found_with_its_model() -> None:
    async with responder(TM_T88V) as board:
        found = await find([Broadcast("127.0.0.1", "127.0.0.1", board.port, seconds=1.5)])
    assert found == [Found("lan", "127.0.0.1", 9100, "", "TM-T88V", "broadcast")]


async def test_only_questions_are_ever_sent() -> None:
    async with responder() as board:
        assert await find([Broadcast("127.0.0.1", "127.0.0.1", board.port, seconds=0.6)]) == []
    assert set(board.received) == {query(IDENTIFY), query(NAME), query(STATUS)}
    assert {packet[5:6] for packet in board.received} == {b"Q"}
    assert len(board.received) == 6  # twice, since broadcasts get lost


async def test_several_replies_of_one_printer_are_one_printer() -> None:
    told: list[Found] = []
    async with responder(*BROKEN, TM_T88V, named(b"XP-80\x1b[2J"), *BROKEN) as board:
        await Broadcast("127.0.0.1", "127.0.0.1", board.port, seconds=1.5).run(told.append)
    assert told[-1] == Found("lan", "127.0.0.1", 9100, "XP-80 [2J", "TM-T88V", "broadcast")
    assert len(told) == 2


async def test_broken_replies_find_nothing_and_break_nothing() -> None:
    async with responder(*BROKEN) as board:
        assert await find([Broadcast("127.0.0.1", "127.0.0.1", board.port, seconds=0.2)]) == []
    assert board.received


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"EPSONq\x03\x00" + rest))
def test_no_packet_breaks_the_reader(packet: bytes) -> None:
    told = text_of(packet)
    assert told is None or all(text.isprintable() and len(text) <= 60 for text in told)


@given(st.integers(0, 0xFFFF), st.integers(1, 0xFFFF))
def test_a_board_without_a_printer_is_no_printer(function: int, result: int) -> None:
    assert text_of(b"EPSONq\x03\x00" + struct.pack(">HHH", function, result, 0) + b"TM-T88V") is None


def test_a_status_reply_tells_of_a_printer_but_no_name() -> None:
    assert text_of(b"EPSONq\x03\x00" + struct.pack(">HHH", STATUS, 0, 9) + b"not a name") == ("", "")


@pytest.mark.parametrize(
    ("interface", "address"), [("10.255.255.254", "127.0.0.1"), ("127.0.0.1", "8.8.8.8"), ("127.0.0.1", "255.255.255.255")]
)
async def test_nothing_is_sent_from_or_to_addresses_that_are_not_ours(interface: str, address: str) -> None:
    troubles: list[str] = []
    assert await find([Broadcast(interface, address, seconds=0.1)], on_trouble=troubles.append) == []
    assert len(troubles) == 1
    with pytest.raises(SearchError):
        await Broadcast(interface, address, seconds=0.1).run(lambda _: None)


async def test_it_stops_when_cancelled_although_packets_keep_coming() -> None:
    async with responder(*[TM_T88V] * 50) as board:
        search = asyncio.create_task(find([Broadcast("127.0.0.1", "127.0.0.1", board.port, seconds=3600)]))
        await asyncio.wait_for(board.asked.wait(), 5)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(search, 5)
