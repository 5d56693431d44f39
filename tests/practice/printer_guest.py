"""A host of the virtual printer in tests: one TCP connection, bounded waits, and the bytes of small jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from app.practice.printer import VirtualPrinter
from app.practice.printer_faults import PrinterFaults

START, CUT = b"\x1b@\x1c&", b"\x1dVB\x00"
CLEAR, CLEARED = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", b"\x37\x25\x00"
LIMIT = 10.0
MOMENT = 0.05  # seconds of silence that count as no answer, after the printer had everything


def job(ticket_id: str, lines: int = 3) -> bytes:
    """A ticket of `lines` rows, the last of them its id."""
    return START + b"".join(b"line %d\n" % number for number in range(1, lines)) + ticket_id.encode() + b"\n" + CUT


def proof(mark: bytes = b"AB12") -> bytes:
    return b"\x1d(H\x06\x0000" + mark


def proved(mark: bytes = b"AB12") -> bytes:
    return b"\x37\x22" + mark + b"\0"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110 - the printer may run in another loop, and has no events to wait for
            await asyncio.sleep(0.002)


class Guest:
    """One connection to a printer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, payload: bytes) -> None:
        self._writer.write(payload)

    async def sent(self, printer: VirtualPrinter, count: int) -> None:
        """So many bytes have reached the printer."""
        await until(lambda: printer.bytes_received >= count)

    async def hears(self, count: int) -> bytes:
        """Exactly so many bytes."""
        async with asyncio.timeout(LIMIT):
            return await self._reader.readexactly(count)

    async def hears_nothing(self) -> None:
        try:
            async with asyncio.timeout(MOMENT):
                heard = await self._reader.read(1)
        except TimeoutError:
            return
        raise AssertionError(f"the printer said {heard!r}" if heard else "the printer hung up")

    async def is_cut_off(self) -> bool:
        try:
            async with asyncio.timeout(LIMIT):
                return await self._reader.read(1) == b""
        except ConnectionError:
            return True

    async def ask(self, question: bytes, count: int) -> bytes:
        self.send(question)
        return await self.hears(count)

    async def leave(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return


@asynccontextmanager
async def guest_of(printer: VirtualPrinter, port: int = 0) -> AsyncIterator[Guest]:
    guest = Guest(*await asyncio.open_connection(printer.host, port or printer.port))
    try:
        yield guest
    finally:
        await guest.leave()


@asynccontextmanager
async def running(dialect: str = "escpos", **knobs: Any) -> AsyncIterator[VirtualPrinter]:
    printer = VirtualPrinter(seed=7, faults=PrinterFaults(**knobs), dialect=dialect)
    await printer.start()
    try:
        yield printer
    finally:
        await printer.stop()


def found(printer: VirtualPrinter) -> list[tuple[str, str]]:
    """(ticket id, state) of every piece."""
    return [(piece.ticket_id, piece.state) for piece in printer.paper]
