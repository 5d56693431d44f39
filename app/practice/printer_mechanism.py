"""The printer behind its network board: buffer, roll, speed, what stops it, and the answers it gives in print order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from app.practice.label_paper import LABEL_REAL_TIME, QUESTION, LabelPaper, LabelReader
from app.practice.paper import LINE_DOTS, Paper
from app.practice.printer_commands import (
    CLEAR,
    CUTS,
    IN_REAL_TIME,
    RECOVER,
    STATUS,
    Command,
    CommandReader,
    RealTimeReader,
)
from app.practice.printer_faults import PrinterFaults
from app.practice.printer_pieces import PaperTicket
from app.practice.printer_status import Condition, triggers

DIALECTS = ("escpos", "tspl")
ENDLESS = 1 << 30  # bytes
# Knobs that count down, in dots of paper.
COUNTDOWNS = ("paper_out_after_lines", "near_end_after_lines", "power_cut_after_lines", "move_after_lines")


class Roll(Protocol):
    """What prints one dialect."""

    pieces: list[PaperTicket]
    hanging: PaperTicket | None

    @property
    def busy(self) -> bool: ...
    def execute(self, command: Command) -> int: ...
    def advance(self) -> int: ...
    def load(self) -> None: ...
    def reset(self) -> None: ...
    def drop_unprinted(self) -> None: ...
    def leak(self, letters: str) -> None: ...
    def complain(self, error: str) -> None: ...


class Reader(Protocol):
    """What cuts one dialect's bytes into commands."""

    def feed(self, chunk: bytes, source: int) -> Iterator[Command]: ...
    def clear(self) -> None: ...


class Board(Protocol):
    """The network board in front of the mechanism."""

    def answer(self, source: int, reply: bytes) -> None: ...
    def announce(self, status: bytes) -> None: ...
    def unplug(self) -> None: ...
    def move(self, port: int = 0) -> int: ...
    def make_room(self) -> None: ...


class Mechanism:
    """Prints what it received, in order. Lives in the loop of its printer; all calls come from there."""

    def __init__(self, faults: PrinterFaults, dialect: str, width_mm: int, board: Board) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"no such dialect: {dialect}")
        self.loop: asyncio.AbstractEventLoop | None = None
        self.dialect = dialect
        self.roll: Roll = LabelPaper() if dialect == "tspl" else Paper(width_mm)
        self._faults = faults
        self._board = board
        self._reader: Reader = LabelReader() if dialect == "tspl" else CommandReader()
        self._real_time = self._new_real_time()
        self._queue: deque[Command] = deque()
        self._waiting = 0  # bytes of the queue
        self._left: dict[str, float | None] = {}
        for name in COUNTDOWNS:
            self.load_countdown(name, getattr(faults, name))
        self._jammed = False
        self._free_at = 0.0  # when the paper stops moving, in the loop's time
        self._timer: asyncio.TimerHandle | None = None
        self._late: set[asyncio.TimerHandle] = set()
        self._automatic = 0  # n of GS a
        self._told = Condition().automatic

    @property
    def condition(self) -> Condition:
        """How it is now."""
        faults = self._faults
        out, near = (self._left[name] is not None and self._left[name] <= 0 for name in COUNTDOWNS[:2])  # type: ignore[operator] # mypy does not follow the None across a subscript
        return Condition(out, near, faults.cover_open, self._jammed, faults.offline, not self.idle)

    @property
    def idle(self) -> bool:
        """Nothing received is still waiting to be printed."""
        return not (self._queue or self.roll.busy or self._timer)

    @property
    def room(self) -> int:
        """Bytes it takes now."""
        size = self._faults.buffer_bytes
        return ENDLESS if size is None else max(0, size - self._waiting)

    def load_countdown(self, name: str, lines: float | None) -> None:
        """Begin to count `lines` ordinary lines down."""
        self._left[name] = None if lines is None else lines * LINE_DOTS

    def lines_left(self, name: str) -> float | None:
        """What is left of a countdown, in ordinary lines, never less than 0."""
        left = self._left[name]
        return None if left is None else max(0.0, left / LINE_DOTS)

    def use(self, faults: PrinterFaults) -> None:
        """New knobs: whatever they free goes on at once."""
        self._jammed = self._jammed and faults.cutter_jam
        self._faults = faults
        self.run()

    def receive(self, chunk: bytes, source: int) -> None:
        """Bytes from the network board: real-time commands are obeyed on arrival, the rest waits for its turn.

        What came before such a command has begun to print by then, so that it does not matter how the network splits.
        """
        for part, order in self._real_time.split(chunk):
            for command in self._reader.feed(part, source):
                if command.name not in IN_REAL_TIME:
                    self._queue.append(command)
                    self._waiting += len(command.raw)
            self.run()
            if order and self._obey(order, source):
                break
        self.run()

    def run(self) -> None:
        """Work off what waits until there is nothing, something stops it or a line needs its time."""
        while not self.condition.stopped and not self._moving() and self._step():
            pass
        self._notice()
        self._board.make_room()

    def clear(self) -> None:
        """Drop everything unprinted, a half received command too; what is on the paper stays."""
        self._reader.clear()
        self._queue.clear()
        self._waiting = 0
        self.roll.drop_unprinted()

    def lose_power(self) -> None:
        """Buffers, settings and answers under way are gone; what was printed hangs torn."""
        self.clear()
        self.rest()
        self.roll.reset()
        self._jammed = False
        self._automatic = 0
        self._real_time = self._new_real_time()

    def _new_real_time(self) -> RealTimeReader:
        return RealTimeReader(LABEL_REAL_TIME, len(QUESTION)) if self.dialect == "tspl" else RealTimeReader()

    def rest(self) -> None:
        """Cancel everything that waits for its time."""
        for handle in filter(None, (self._timer, *self._late)):
            handle.cancel()
        self._timer = None
        self._late.clear()
        self._free_at = 0.0

    def _step(self) -> bool:
        """One command, or one step of a long one; False when nothing can be done."""
        if self.roll.busy:
            self._move(self.roll.advance())
            return True
        if not self._queue:
            return False
        if self._faults.cutter_jam and self._queue[0].name in (*CUTS, b"PRINT"):
            self._jammed = True
            return False
        command = self._queue.popleft()
        self._waiting -= len(command.raw)
        moved = self.roll.execute(command)
        self._speak(command)
        self._move(moved)
        return True

    def _move(self, dots: int) -> None:
        if not dots:
            return
        for name in COUNTDOWNS:
            left = self._left[name]
            self._left[name] = None if left is None else left - dots
        if self._faults.lines_per_second and self.loop:
            took = dots / LINE_DOTS / self._faults.lines_per_second
            self._free_at = max(self._free_at, self.loop.time()) + took
        self._notice()
        if self._is_due("power_cut_after_lines"):
            self._board.unplug()
        if self._is_due("move_after_lines"):
            self._board.move()

    def _is_due(self, name: str) -> bool:
        """Whether what happens once has been counted down to; then it is counted no more."""
        left = self._left[name]
        if left is None or left > 0:
            return False
        self._left[name] = None
        return True

    def _moving(self) -> bool:
        """Whether the paper still moves; then printing goes on by itself once it stopped."""
        if self._timer:
            return True
        if self.loop and self._free_at > self.loop.time():
            self._timer = self.loop.call_at(self._free_at, self._go_on)
        return self._timer is not None

    def _go_on(self) -> None:
        self._timer = None
        self.run()

    def _notice(self) -> None:
        """Automatic status on every change that was asked for."""
        now = self.condition.automatic
        if self._automatic and triggers(self._automatic, self._told, now):
            self._board.announce(now)
        self._told = now

    def _obey(self, order: bytes, source: int) -> bool:
        """A real-time command; True when it dropped everything received, whatever follows in the same breath too."""
        if order == QUESTION:
            self._board.answer(source, self.condition.tspl)
        elif order[:2] == STATUS:
            if order[2] in self._faults.answers:
                self._board.answer(source, bytes((self.condition.answer(order[2]),)))
        elif order[:2] == RECOVER:
            return self._recover(order[2])
        elif order == CLEAR:
            return self._cleared(source)
        else:  # DLE DC4 1, the only other one that is obeyed
            self.roll.complain("the cash drawer was opened")
        return False

    def _recover(self, how: int) -> bool:
        """DLE ENQ 1 goes on after a recoverable error, 2 drops everything first; without an error neither does a thing."""
        was, self._jammed = self._jammed, self._jammed and how == 0
        if was and how == 2:
            self.clear()
        return was and how == 2

    def _cleared(self, source: int) -> bool:
        """Answered by `37 25 00` (Epson's DLE DC4 function 8); a printer that lacks it takes no notice."""
        if self._faults.clear_supported:
            self.clear()
            self._board.answer(source, b"\x37\x25\x00")
        return self._faults.clear_supported

    def _speak(self, command: Command) -> None:
        """Answers that come in print order: they prove that everything before was printed."""
        if command.raw[:3] == b"\x1d(H":
            self._process_id(command)
        elif command.name == b"\x1dr" and self._faults.ack != "none":
            self._acknowledge(command.source, self.condition.queued)
        elif command.name == b"\x1dI":
            self._introduce(command)
        elif command.name in (b"\x1da", b"\x1b@"):
            self._automatic = command.parameters[0] if command.name == b"\x1da" else 0
            if self._automatic:
                self._told = self.condition.automatic
                self._board.answer(command.source, self._told)

    def _process_id(self, command: Command) -> None:
        """GS ( H: function 48 answers with the four characters of the question; an unknown one prints them."""
        body = command.raw[5:]
        if self._faults.ack != "process_id":
            self.roll.leak(body.decode("ascii", "replace"))
        elif body[:2] == b"00" and len(body) == 6 and all(0x20 <= byte <= 0x7E for byte in body):
            self._acknowledge(command.source, b"\x37\x22" + body[2:] + b"\0")

    def _acknowledge(self, source: int, reply: bytes) -> None:
        """As the knobs have it: never, twice, late, or with the id of another job."""
        fault, late = self._faults.ack_fault, self._faults.ack_late_seconds
        if fault == "wrong_id" and len(reply) > 1:
            reply = reply[:5] + bytes((0x20 + (reply[5] - 0x1F) % 0x5F,)) + reply[6:]
        for _ in range({"never": 0, "twice": 2}.get(fault, 1)):
            if late and self.loop:
                self._late = {handle for handle in self._late if handle.when() > self.loop.time()}
                self._late.add(self.loop.call_later(late, self._board.answer, source, reply))
            else:
                self._board.answer(source, reply)

    def _introduce(self, command: Command) -> None:
        """GS I 67 model, 66 maker: header 5F, text, NUL. Where the command is unknown its parameter prints as a letter."""
        known: dict[int, str | None] = {67: self._faults.model, 66: self._faults.maker}
        name = known.get(command.parameters[0], "")
        if name is None:
            self.roll.leak(chr(command.parameters[0]))
        elif name:
            self._board.answer(command.source, b"\x5f" + name.encode("ascii") + b"\0")
