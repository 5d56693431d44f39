"""A network printer for practice and tests on 127.0.0.1: the faults of a bad day, and a record of every piece of paper."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from app.practice.paper import Command, CommandReader, Paper, PaperTicket

ACKS = ("process_id", "status", "none")


class VirtualPrinter:
    """Prints what arrives, in order, and answers as its settings say. Settings may be changed at any time, from any thread.

    `lines_per_second` 0 prints at once. `ack`: "process_id" answers GS ( H and GS r, "status" only GS r, "none" neither;
    `mute` answers nothing at all. `drop_replies` is the share of replies that get lost. `reset_after_bytes` cuts the
    connection once, after so many more bytes. Everything random comes from `seed`.
    """

    def __init__(
        self,
        seed: int = 0,
        width_mm: int = 80,
        lines_per_second: float = 0.0,
        ack: str = "process_id",
        paper_out_after_lines: int | None = None,
    ) -> None:
        if ack not in ACKS:
            raise ValueError(f"no such acknowledgement: {ack}")
        self.random = random.Random(seed)
        self.lines_per_second = lines_per_second
        self.ack = ack
        self.paper_out_after_lines = paper_out_after_lines
        self.mute = False
        self.drop_replies = 0.0
        self.reset_after_bytes: int | None = None
        self.powered = True
        self.port = 0
        self.connections_made = 0
        self.bytes_received = 0
        self._roll = Paper(width_mm)
        self._reader = CommandReader()
        self._queue: deque[tuple[Command, _Connection]] = deque()
        self._connections: set[_Connection] = set()
        self._automatic = False
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None

    @property
    def host(self) -> str:
        """Loopback, always."""
        return "127.0.0.1"

    @property
    def paper(self) -> list[PaperTicket]:
        """Every piece of paper that is finished or torn, in order; blank ones are left out."""
        return self._roll.pieces

    @property
    def hanging(self) -> PaperTicket | None:
        """What hangs out of the printer, not cut off yet."""
        return self._roll.hanging

    @property
    def paper_out(self) -> bool:
        """Whether the roll is empty."""
        return self.paper_out_after_lines is not None and self.paper_out_after_lines <= 0

    @property
    def idle(self) -> bool:
        """Nothing received is still waiting to be printed."""
        return not self._queue and self._timer is None

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; answers the port."""
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_server(lambda: _Connection(self), self.host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        self._cancel_timer()
        self._drop_connections()
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        self._loop = None

    @contextmanager
    def in_thread(self) -> Iterator[VirtualPrinter]:
        """Run in a loop of its own for code that blocks; stopped at the end."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="virtual-printer")
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result()
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def refill(self, lines: int | None = None) -> None:
        """Load a roll of `lines` lines (endless by default): what waits is printed."""
        self._do(lambda: self._load(lines))

    def power_cut(self) -> None:
        """Pull the plug: buffers are lost, what was printed hangs torn, connections die until `power_on`."""
        self._do(self._lose_power)

    def power_on(self) -> None:
        """Plug in again."""
        self._do(lambda: setattr(self, "powered", True))

    def received(self, connection: _Connection, chunk: bytes) -> None:
        """Bytes from the network."""
        breaks = self.reset_after_bytes is not None and len(chunk) >= self.reset_after_bytes
        if self.reset_after_bytes is not None:
            chunk = chunk[: self.reset_after_bytes]
            self.reset_after_bytes = None if breaks else self.reset_after_bytes - len(chunk)
        self.bytes_received += len(chunk)
        for command in self._reader.feed(chunk):
            if command.name == b"\x10\x04":
                self._reply(connection, bytes((self._state(command.parameters[0]),)))
            else:
                self._queue.append((command, connection))
        self._print()
        if breaks:
            connection.reset()

    def joined(self, connection: _Connection) -> bool:
        """A connection was made; False when there is no power."""
        if self.powered:
            self.connections_made += 1
            self._connections.add(connection)
        return self.powered

    def left(self, connection: _Connection) -> None:
        """A connection ended."""
        self._connections.discard(connection)

    def _print(self) -> None:
        """Work off the queue until it is empty, paper is out or a line needs its time."""
        while self._queue and self._timer is None and not self.paper_out:
            command, connection = self._queue.popleft()
            moved = self._roll.execute(command)
            self._answer(command, connection)
            self._use_up(moved)
            if moved and self.lines_per_second and self._loop:
                self._timer = self._loop.call_later(moved / self.lines_per_second, self._next)

    def _next(self) -> None:
        self._timer = None
        self._print()

    def _answer(self, command: Command, connection: _Connection) -> None:
        """Replies that come in print order: they prove that everything before was printed."""
        if command.raw[:3] == b"\x1d(H":
            if self.ack == "process_id":
                self._reply(connection, b"\x37\x22" + command.raw[7:11] + b"\0")
            else:
                self._roll.leak(command.raw[5:].decode("ascii", "replace"))
        elif command.name == b"\x1dr" and self.ack != "none":
            self._reply(connection, b"\x00")
        elif command.name in (b"\x1da", b"\x1b@"):
            self._automatic = command.name == b"\x1da" and command.parameters != b"\0"
            if self._automatic:
                self._reply(connection, self._automatic_status())

    def _use_up(self, lines: int) -> None:
        if self.paper_out_after_lines is not None and lines:
            self.paper_out_after_lines -= lines
            self._tell_change()

    def _load(self, lines: int | None) -> None:
        self.paper_out_after_lines = lines
        self._tell_change()
        self._print()

    def _tell_change(self) -> None:
        if self._automatic:
            for connection in self._connections:
                self._reply(connection, self._automatic_status())

    def _state(self, question: int) -> int:
        """The reply to DLE EOT: bits 1 and 4 always, then what is wrong."""
        wrong = {1: 0x08, 2: 0x20, 4: 0x6C}.get(question, 0)
        return 0x12 | (wrong if self.paper_out else 0)

    def _automatic_status(self) -> bytes:
        return b"\x18\x00\x0f\x00" if self.paper_out else b"\x10\x00\x00\x00"

    def _reply(self, connection: _Connection, reply: bytes) -> None:
        if not self.mute and not (self.drop_replies and self.random.random() < self.drop_replies):
            connection.send(reply)

    def _lose_power(self) -> None:
        self.powered = False
        self._cancel_timer()
        self._queue.clear()
        self._reader = CommandReader()
        self._roll.reset()
        self._automatic = False
        self._drop_connections()

    def _drop_connections(self) -> None:
        for connection in list(self._connections):
            connection.reset()

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _do(self, act: Callable[[], object]) -> None:
        """Run `act` in the printer's own loop and wait for it, whichever thread asks."""

        async def acted() -> None:
            act()

        if self._loop is None or self._loop is _running_loop():
            act()
        else:
            asyncio.run_coroutine_threadsafe(acted(), self._loop).result()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # asked by a thread without a loop
        return None


class _Connection(asyncio.Protocol):
    """One TCP connection of the printer."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # create_server makes no other kind
        if not self._printer.joined(self):
            self.reset()

    def data_received(self, chunk: bytes) -> None:
        if self._transport:
            self._printer.received(self, chunk)

    def connection_lost(self, error: Exception | None) -> None:
        self._printer.left(self)

    def send(self, reply: bytes) -> None:
        """Answer, unless the other side has left."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(reply)

    def reset(self) -> None:
        """Break the connection the hard way: TCP RST."""
        transport, self._transport = self._transport, None
        if transport and not transport.is_closing():
            raw: socket.socket = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
