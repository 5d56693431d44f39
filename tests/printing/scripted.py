"""A printer without network or clock, for delivery rules: every command takes its time on a clock that the test moves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.printing import conversation, device, label_device

CUT = b"\x1dVB\x00"
REAL_TIME = re.compile(rb"\x10(?:\x04[\x01-\x04]|\x14\x08\x01\x03\x14\x01\x06\x02\x08)")
LENGTHS = {b"\x1b@": 2, b"\x1bR": 3, b"\x1c&": 2, b"\x1dV": 4, b"\x1dr": 3, b"\x1dI": 3, b"\x10\x04": 3, b"\x10\x14": 10}


class Clock:
    """Stands for the module `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@contextmanager
def still() -> Iterator[Clock]:
    """Let time pass only while somebody waits for a scripted printer."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        for module in (conversation, device, label_device):
            patch.setattr(module, "time", clock)
        yield clock


def job(letter: str, lines: int = 4, picture: int = 0) -> bytes:
    """`lines` lines that say which job they are of, a picture of so many rows in front, a cut."""
    dots = b"\x1dv0\x00\x04\x00" + picture.to_bytes(2, "little") + b"\xaa" * 4 * picture if picture else b""
    return b"\x1b@" + dots + b"".join(f"{letter}{line}\n".encode() for line in range(lines)) + CUT


def paper_of(job: bytes) -> bytes:
    """What a whole ticket of `job` looks like."""
    return job.removeprefix(b"\x1b@").removesuffix(CUT)


class Desk:
    """One printer. `level`, `answers` and `clears` are what it can do; `paper` is how many lines are left on the roll.

    `cost`: seconds a line takes. `delay`: seconds its board sits on an answer in print order. An answer goes to the
    connection that exists then. `said` alters such an answer on its way.
    """

    def __init__(self, clock: Clock, level: str = "process_id") -> None:
        self.clock = clock
        self.level = level
        self.answers: tuple[int, ...] = (1, 2, 3, 4)
        self.clears = False
        self.paper: int | None = None
        self.cost = 0.0
        self.delay = 0.0
        self.said: Callable[[bytes], bytes] = lambda reply: reply
        self.pieces: list[bytes] = []
        self.received: list[bytes] = []  # one entry a write
        self.current: Wire | None = None
        self._buffer = bytearray()
        self._hanging = bytearray()
        self._row = bytearray()
        self._late: list[tuple[float, bytes]] = []

    @property
    def paper_out(self) -> bool:
        return self.paper is not None and self.paper <= 0

    def receive(self, payload: bytes) -> None:
        self.received.append(payload)
        self._buffer += payload
        for found in REAL_TIME.finditer(payload):
            self._obey(found[0])
        if not self.cost:
            self.rest()

    def lose_power(self) -> None:
        self._buffer.clear()
        self._row.clear()
        self._late.clear()

    def rest(self) -> None:
        """Do everything there is to do."""
        while self.step():
            pass
        self._hand_over()

    def step(self) -> bool:
        """Do the next command; False when there is none, or no paper for it."""
        length = self._length()
        if not length or length > len(self._buffer) or self.paper_out:
            return False
        command = bytes(self._buffer[:length])
        del self._buffer[:length]
        self.clock.now += self.cost if command == b"\n" else 0.0
        self._execute(command)
        self._hand_over()
        return True

    def idle_until(self, moment: float) -> None:
        """Nothing to do until then, or until a late answer is due."""
        due = self._late[0][0] if self._late else moment  # answers keep their order
        self.clock.now = max(self.clock.now, min(moment, due))
        self._hand_over()

    def _obey(self, command: bytes) -> None:
        if command[1] == 0x04 and command[2] in self.answers:
            wrong = {1: 0x08, 2: 0x20, 3: 0, 4: 0x6C}[command[2]] if self.paper_out else 0
            self._tell(bytes((0x12 | wrong,)))
        elif command[1] == 0x14 and self.clears:
            self._buffer.clear()
            self._row.clear()
            self._tell(b"\x37\x25\x00")

    def _execute(self, command: bytes) -> None:
        if command == b"\n":
            self._hanging += self._row + b"\n"
            self._row.clear()
            self.paper = None if self.paper is None else self.paper - 1
        elif command == CUT:
            self.pieces.append(bytes(self._hanging))
            self._hanging.clear()
        elif command == b"\x1b@":
            self._row.clear()
        elif command[:2] == b"\x1dr" and self.level != "none":
            self._answer(b"\x00")
        elif command[:3] == b"\x1d(H" and self.level == "process_id":
            self._answer(b"\x37\x22" + command[7:11] + b"\0")
        elif command[:2] == b"\x1dv":
            self._hanging += command
        elif command > b"\x1f":
            self._row += command

    def _answer(self, reply: bytes) -> None:
        self._late.append((self.clock.now + self.delay, self.said(reply)))

    def _hand_over(self) -> None:
        while self._late and self._late[0][0] <= self.clock.now:
            self._tell(self._late.pop(0)[1])

    def _tell(self, reply: bytes) -> None:
        if self.current:
            self.current.replies += reply

    def _length(self) -> int:
        """Bytes of the next command, more than there are if it is unfinished."""
        head = bytes(self._buffer[:2])
        if head[:1] not in (b"\x1b", b"\x1c", b"\x1d", b"\x10"):
            zeros = len(self._buffer) - len(self._buffer.lstrip(b"\0"))
            return zeros or min(1, len(head))
        if head == b"\x1d(":
            return 5 + int.from_bytes(self._buffer[3:5], "little") if len(self._buffer) > 4 else 9
        if head == b"\x1dv":
            size = (int.from_bytes(self._buffer[at : at + 2], "little") for at in (4, 6))
            return 8 + next(size) * next(size) if len(self._buffer) > 7 else 9
        return LENGTHS.get(head, 2)


class Wire:
    """One connection to a Desk. It breaks once `breaks_after` bytes went through it."""

    def __init__(self, desk: Desk, breaks_after: int | None = None) -> None:
        self.desk = desk
        self.replies = bytearray()
        self.breaks_after = breaks_after
        desk.current = self

    def write(self, payload: memoryview, timeout: float) -> int:
        self._break_when_due()
        taken = payload if self.breaks_after is None else payload[: self.breaks_after]
        if self.breaks_after is not None:
            self.breaks_after -= len(taken)
        self.desk.receive(bytes(taken))
        return len(taken)

    def read(self, timeout: float) -> bytes:
        self._break_when_due()
        until = self.desk.clock.now + (max(timeout, 1e-6) if timeout else 0.0)  # else rounding might stop the clock
        while not self.replies and self.desk.clock.now < until:
            if not self.desk.step():
                self.desk.idle_until(until)
        replies, self.replies = bytes(self.replies), bytearray()
        return replies

    def _break_when_due(self) -> None:
        if self.breaks_after == 0:
            self.desk.current = None
            raise ConnectionResetError("reset")
