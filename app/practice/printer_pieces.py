"""Pieces of paper: what stands on each, in the order and place it was printed, and whether it is whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from app import steady
from app.practice.printer_commands import Command
from app.practice.printer_qr import qr_modules

MARKS = {
    "void": "VOID",
    "changed": "CHANGED",
    "reprint": "REPRINT",
    "possible_duplicate": "POSSIBLE DUPLICATE",
    "practice": "PRACTICE",
    "scheduled": "SCHEDULED",
    "backup": "BACKUP",
}


@dataclass(frozen=True, slots=True)
class Type:
    """The printer's present type."""

    width: int = 1
    height: int = 1
    bold: bool = False
    reverse: bool = False
    underline: bool = False


class Run(NamedTuple):
    """Neighbouring characters of one type."""

    text: str
    type: Type


@dataclass(slots=True)
class Row:
    """One printed row of text; `align` 0 left, 1 centre, 2 right. `at` (dots from the corner) only on labels."""

    runs: tuple[Run, ...]
    align: int = 0
    at: tuple[int, int] | None = None
    cell: int = 24  # dots of its type's height
    turned: int = 0  # degrees clockwise


@dataclass(slots=True)
class Picture:
    """A picture as received: `head` (the command up to its dots) and as many rows of dots as came. `black`: ink's bit."""

    head: bytes
    row_bytes: int
    rows: int  # announced
    dots: bytearray = field(default_factory=bytearray)
    align: int = 0
    scale: tuple[int, int] = (1, 1)
    at: tuple[int, int] | None = None
    black: int = 1

    @property
    def complete(self) -> bool:
        """Every announced row arrived."""
        return len(self.dots) == self.row_bytes * self.rows

    @property
    def block(self) -> bytes:
        """The command as it was received."""
        return self.head + bytes(self.dots)


class QrCode(bytes):
    """The content of a printed QR code, with the size of its squares in dots and its correction level (L, M, Q, H)."""

    module: int = 3
    level: str = "L"
    align: int = 0
    at: tuple[int, int] | None = None

    @classmethod
    def of(cls, content: bytes, module: int, level: str, align: int = 0, at: tuple[int, int] | None = None) -> QrCode:
        """A code with everything about it."""
        made = cls(content)
        made.module, made.level, made.align, made.at = module, level, align, at
        return made

    @property
    def side(self) -> int:
        """Dots of its side; 0 when no code can hold its content."""
        return len(qr_modules(bytes(self), self.level)) * self.module


@dataclass(slots=True)
class Area:
    """A rectangle of a label, in dots: filled, or what is in it reversed."""

    at: tuple[int, int]
    size: tuple[int, int]
    reverse: bool


Item = Row | Picture | QrCode | Area


@dataclass(slots=True)
class PaperTicket:
    """One piece of paper. `complete`: it reached its own cut. `glued`: it also carries something of another ticket.

    Times are Unix seconds: first byte received, last byte received, cut done (0.0 while it never was). `dots`: width and,
    for a label, height; a receipt is as long as what is on it (height 0).
    """

    started_at: float
    glued: bool = False
    complete: bool = False
    last_byte_at: float = 0.0
    finished_at: float = 0.0
    items: list[Item] = field(default_factory=list)
    beeps: int = 0
    errors: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    dots: tuple[int, int] = (576, 0)
    sources: set[int] = field(default_factory=set)  # connections whose words are on it

    def end(self, command: Command) -> None:
        """`command` cut it off. Sent by another connection than all the print, it is not the ticket's own end: torn."""
        others = self.sources - {command.source}
        self.complete = not command.source or not others or command.source in self.sources
        self.glued = self.glued or bool(command.source and others and self.complete)
        self.last_byte_at = command.at
        self.finished_at = steady.time()

    @property
    def state(self) -> str:
        """ "complete", "glued" (whole, with something of another one) or "torn"."""
        return "torn" if not self.complete else "glued" if self.glued else "complete"

    @property
    def lines(self) -> list[tuple[Run, ...]]:
        """The printed rows; a picture is an empty one."""
        return [item.runs if isinstance(item, Row) else () for item in self.items if isinstance(item, Row | Picture)]

    @property
    def pictures(self) -> list[bytes]:
        """Picture commands as they were received; a torn one ends early."""
        return [item.block for item in self.items if isinstance(item, Picture)]

    @property
    def codes(self) -> list[QrCode]:
        """QR codes: their content, and `.module` and `.level`."""
        return [item for item in self.items if isinstance(item, QrCode)]

    @property
    def text(self) -> str:
        """All text, one row per printed line; a drawn line is an empty row."""
        return "\n".join("".join(run.text for run in line) for line in self.lines)

    @property
    def reversed_text(self) -> str:
        """The text in reverse type, rows joined by single spaces."""
        runs = (run.text for line in self.lines for run in line if run.type.reverse)
        return " ".join(" ".join(runs).split())

    @property
    def ticket_id(self) -> str:
        """The last "T-..." on the paper, which the footer carries; "" on a torn piece without one."""
        found: list[str] = re.findall(r"\bT-[0-9A-Z]+", self.text)
        return found[-1] if found else ""

    @property
    def marks(self) -> frozenset[str]:
        """Which warnings stand in reverse type."""
        return frozenset(mark for mark, words in MARKS.items() if words in self.reversed_text)

    @property
    def blank(self) -> bool:
        """Nothing was printed on it and nothing went wrong."""
        return not (self.errors or self.text.strip() or any(not isinstance(item, Row) for item in self.items))
