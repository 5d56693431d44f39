"""A network printer for practice and tests on 127.0.0.1: the faults of a bad day, and a record of every piece of paper."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast

from app.platforms.listening import let_nobody_in
from app.practice.printer_connection import Connection
from app.practice.printer_faults import PrinterFaults, default_of
from app.practice.printer_mechanism import COUNTDOWNS, Mechanism
from app.practice.printer_pieces import PaperTicket
from app.practice.printer_status import Condition

T = TypeVar("T")


class Knob(Generic[T]):
    """One of PrinterFaults as an attribute of the printer, to be set at any time from any thread."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, printer: VirtualPrinter, owner: type) -> T:
        return cast(T, getattr(printer.faults, self._name))

    def __set__(self, printer: VirtualPrinter, value: T) -> None:
        printer.change(**{self._name: value})


FAREWELLS = 3  # turns of the loop


class VirtualPrinter:
    """Prints what arrives, in order, and answers as its knobs say; PrinterFaults describes each knob.

    Everything random comes from `seed`. `dialect` is "escpos" or "tspl". All methods may be called from any thread; from
    another one than the printer's own they wait until it is done. Raises FaultError (a ValueError) for an impossible knob.
    """

    lines_per_second = Knob[float]()
    buffer_bytes = Knob[int | None]()
    paper_out_after_lines = Knob[float | None]()
    near_end_after_lines = Knob[float | None]()
    cover_open = Knob[bool]()
    cutter_jam = Knob[bool]()
    offline = Knob[bool]()
    power_cut_after_lines = Knob[float | None]()
    move_after_lines = Knob[float | None]()
    reset_after_bytes = Knob[int | None]()
    mute = Knob[bool]()
    half_open = Knob[str]()
    second_connection = Knob[str]()
    ack = Knob[str]()
    ack_fault = Knob[str]()
    ack_late_seconds = Knob[float]()
    status_amid_replies = Knob[bool]()
    answers = Knob[tuple[int, ...]]()
    drop_replies = Knob[float]()
    stray_replies = Knob[bool]()
    clear_supported = Knob[bool]()
    model = Knob[str | None]()
    maker = Knob[str | None]()

    def __init__(
        self,
        seed: int = 0,
        width_mm: int = 80,
        lines_per_second: float = 0.0,
        ack: str = "process_id",
        paper_out_after_lines: float | None = None,
        *,
        faults: PrinterFaults | None = None,
        dialect: str = "escpos",
    ) -> None:
        usual = PrinterFaults(lines_per_second=lines_per_second, ack=ack, paper_out_after_lines=paper_out_after_lines)
        self._faults = faults or usual
        self._reset_left = self._faults.reset_after_bytes
        self.random = random.Random(seed)
        self.powered = True
        self.port = 0
        self.connections_made = 0
        self.bytes_received = 0
        self._mechanism = Mechanism(self._faults, dialect, width_mm, self)
        self._numbers = itertools.count(1)
        self._connections: dict[int, Connection] = {}  # oldest first
        self._taking = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._servers: list[asyncio.Task[asyncio.Server]] = []

    @property
    def host(self) -> str:
        """Loopback, always."""
        return "127.0.0.1"

    @property
    def dialect(self) -> str:
        """ "escpos" or "tspl"."""
        return self._mechanism.dialect

    @property
    def paper(self) -> list[PaperTicket]:
        """Every piece of paper that is finished or torn, in order; blank ones are left out."""
        return self._mechanism.roll.pieces

    @property
    def hanging(self) -> PaperTicket | None:
        """What hangs out of the printer, not cut off yet."""
        return self._mechanism.roll.hanging

    @property
    def condition(self) -> Condition:
        """How the printer is now, as its status bytes would say."""
        return self._mechanism.condition

    @property
    def paper_out(self) -> bool:
        """Whether the roll is empty."""
        return self.condition.paper_out

    @property
    def idle(self) -> bool:
        """Nothing received is still waiting to be printed."""
        return self._mechanism.idle and not any(connection.backlog for connection in list(self._connections.values()))

    @property
    def faults(self) -> PrinterFaults:
        """All knobs; those that count down show what is left."""
        left: dict[str, Any] = {name: self._mechanism.lines_left(name) for name in COUNTDOWNS}
        return replace(self._faults, reset_after_bytes=self._reset_left, **left)

    def change(self, **knobs: Any) -> None:
        """Set knobs by name. Raises FaultError."""
        self._do(lambda: self._change(knobs))

    def mend(self, *names: str) -> None:
        """Set the named knobs (all, without a name) back to a good day's. Raises FaultError."""
        self.change(**{name: default_of(name) for name in names or PrinterFaults().to_json()})

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; answers the port."""
        self._loop = self._mechanism.loop = asyncio.get_running_loop()
        self._listen(self._open(port))
        await self._servers[-1]
        return self.port

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        self._mechanism.rest()
        servers = [await listening for listening in self._servers]
        await let_nobody_in(*(door for server in servers for door in server.sockets))
        for server in servers:
            server.close()
        self._drop_connections()
        for listening in self._servers:
            await listening.result().wait_closed()
        for _ in range(FAREWELLS):  # a dropped connection says goodbye in a later turn, and needs the loop for it
            await asyncio.sleep(0)
        self._servers.clear()
        self._loop = self._mechanism.loop = None

    @contextmanager
    def in_thread(self, port: int = 0) -> Iterator[VirtualPrinter]:
        """Run in a loop of its own for code that blocks; stopped at the end."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="virtual-printer")
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(port), loop).result()
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
            asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the printer's own loop, from another thread, and wait for it."""
        assert self._loop, "the printer is not running"
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def refill(self, lines: float | None = None) -> None:
        """Load a roll of `lines` lines (endless by default): what waits is printed."""
        self._do(lambda: self._load(lines))

    def power_cut(self) -> None:
        """Pull the plug: buffers are lost, what was printed hangs torn, connections die until `power_on`."""
        self._do(self.unplug)

    def power_on(self) -> None:
        """Plug in again."""
        self._do(lambda: setattr(self, "powered", True))

    def move(self, port: int = 0) -> int:
        """A new address: listen at another port, answered, and no more at the old one; open connections fall silent."""
        return self._do(lambda: self._move(port))

    def joined(self, connection: Connection) -> None:
        """A connection was made; without power, or where a second one is refused, it ends at once."""
        if not self.powered or (self._faults.second_connection == "refused" and self._first()):
            connection.reset()
            return
        self.connections_made += 1
        connection.dead = self._faults.half_open == "vanishes"
        self._connections[connection.number] = connection
        self.make_room()

    def left(self, connection: Connection) -> None:
        """A connection ended; what it left behind is still taken."""
        if connection.dead or not connection.backlog:
            self._connections.pop(connection.number, None)
        self.make_room()

    def make_room(self) -> None:
        """Take what arrived, as far as the buffer goes; while there is more, nothing is read."""
        if self._taking:  # printing what was taken makes room again
            return
        self._taking = True
        try:
            while any(self._take(connection) for connection in list(self._connections.values())):
                pass
        finally:
            self._taking = False
        for connection in list(self._connections.values()):
            connection.read_when(self._serves(connection) and not connection.backlog)

    def answer(self, source: int, reply: bytes) -> None:
        """Send a reply to the connection that asked, unless a knob loses it."""
        if self._faults.status_amid_replies and self.dialect == "escpos":
            place = self.random.randint(1, len(reply) - 1) if len(reply) > 1 else self.random.randint(0, 1)
            reply = reply[:place] + self.condition.automatic + reply[place:]
        connection = self._connections.get(source)
        if connection is None or not connection.open:
            connection = self._newest() if self._faults.stray_replies else None
        self._send(connection, reply)

    def announce(self, status: bytes) -> None:
        """Automatic status goes to everybody."""
        for connection in list(self._connections.values()):
            self._send(connection, status)

    def unplug(self) -> None:
        """Power is gone."""
        self.powered = False
        self._mechanism.lose_power()
        self._drop_connections()

    def _send(self, connection: Connection | None, reply: bytes) -> None:
        faults = self._faults
        lost = faults.mute or (faults.drop_replies and self.random.random() < faults.drop_replies)
        if connection and faults.half_open == "none" and not lost:
            connection.send(reply)

    def _take(self, connection: Connection) -> bool:
        """Hand over what fits; False when that is nothing."""
        room = min(self._mechanism.room, len(connection.backlog))
        if not room or not self._serves(connection):
            return False
        chunk = bytes(connection.backlog[:room])
        del connection.backlog[:room]
        self._receive(connection, chunk)
        if not connection.open and not connection.backlog and not connection.dead:
            self._connections.pop(connection.number, None)
        return True

    def _receive(self, connection: Connection, chunk: bytes) -> None:
        breaks = self._reset_left is not None and len(chunk) >= self._reset_left
        if self._reset_left is not None:
            chunk = chunk[: self._reset_left]
            self._reset_left = None if breaks else self._reset_left - len(chunk)
        self.bytes_received += len(chunk)
        self._mechanism.receive(chunk, connection.number)
        if breaks:
            connection.reset()

    def _serves(self, connection: Connection) -> bool:
        """Whether its bytes are read: not by a hung board, and not out of turn where others wait."""
        waits = self._faults.second_connection == "waits" and self._first() not in (None, connection)
        return self._faults.half_open == "none" and not connection.dead and not waits

    def _first(self) -> Connection | None:
        return next((connection for connection in self._connections.values() if connection.open), None)

    def _newest(self) -> Connection | None:
        return next((connection for connection in reversed(self._connections.values()) if connection.open), None)

    def _change(self, knobs: dict[str, Any]) -> None:
        for name in knobs:
            default_of(name)
        before, self._faults = self._faults, replace(self._faults, **knobs)
        for name in COUNTDOWNS:
            if name in knobs:
                self._mechanism.load_countdown(name, knobs[name])
        self._reset_left = knobs.get("reset_after_bytes", self._reset_left)
        self._fall_silent(before.half_open, self._faults.half_open)
        self._mechanism.use(self._faults)

    def _fall_silent(self, before: str, now: str) -> None:
        """Connections that vanish stay open here; a board that is back knows them no more and resets them."""
        for connection in list(self._connections.values()):
            if before == "vanishes" != now and connection.dead:
                connection.reset()
                self._connections.pop(connection.number)
            connection.dead = connection.dead or now == "vanishes"

    def _load(self, lines: float | None) -> None:
        self._mechanism.roll.load()
        self._change({"paper_out_after_lines": lines, "near_end_after_lines": None})

    def _move(self, port: int) -> int:
        door = self._open(port)
        for listening in self._servers:
            if listening.done():
                listening.result().close()
            else:  # moved on before anybody could come in
                listening.add_done_callback(lambda done: done.result().close())
        for connection in self._connections.values():
            connection.dead = True
        self._listen(door)
        self.make_room()
        return self.port

    def _open(self, port: int) -> socket.socket:
        """Bound at once, so that nobody finds the port closed. Raises OSError for a port that is taken."""
        door = socket.create_server((self.host, port))
        if self._faults.buffer_bytes is not None:  # else the computer's own buffers would take whole tickets
            door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._faults.buffer_bytes)
        return door

    def _listen(self, door: socket.socket) -> None:
        """Serve as soon as the loop comes to it."""
        assert self._loop, "the printer is not running"
        self.port = door.getsockname()[1]
        serving = self._loop.create_server(lambda: Connection(self, next(self._numbers)), sock=door)
        self._servers.append(self._loop.create_task(serving))

    def _drop_connections(self) -> None:
        for connection in list(self._connections.values()):
            connection.reset()
        self._connections.clear()

    def _do(self, act: Callable[[], T]) -> T:
        """Run `act` in the printer's own loop and wait for it, whichever thread asks."""

        async def acted() -> T:
            return act()

        if self._loop is None or self._loop is _running_loop():
            return act()
        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # asked by a thread without a loop
        return None
