"""What a strict Chinese receipt printer makes of bytes: an ESC/POS interpreter, independent of the encoder it judges.

Anything a real printer would do that nobody wanted (an unknown command, a character its ROM lacks, a line that runs over,
an opened drawer) is written down as an error on the paper it spoilt.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

CELLS = {80: 48, 58: 32}
LINE_DOTS = 34

# Parameter bytes after each two-byte command. Those with a length of their own are in `_length`.
PARAMETERS = {
    b"\x1b@": 0,
    b"\x1bR": 1,
    b"\x1bE": 1,
    b"\x1b-": 1,
    b"\x1bB": 2,
    b"\x1bp": 3,
    b"\x1d!": 1,
    b"\x1dB": 1,
    b"\x1dr": 1,
    b"\x1da": 1,
    b"\x1c&": 0,
    b"\x1c.": 0,
    b"\x1c-": 1,
    b"\x10\x04": 1,
}
LETTERS = re.compile(rb"[ -~]+")
REAL_TIME = re.compile(rb"\x10(\x04[\x01-\x04]|\x05[\x00-\x02]|\x14[\x01-\x08])")

MARKS = {
    "void": "VOID",
    "changed": "CHANGED",
    "reprint": "REPRINT",
    "possible_duplicate": "POSSIBLE DUPLICATE",
    "practice": "PRACTICE",
    "scheduled": "SCHEDULED",
}


class Command(NamedTuple):
    """One command, hanzi or run of letters. `name` is its first two bytes, or "text", "feed" or "unknown"."""

    name: bytes
    raw: bytes
    at: float  # Unix seconds of its last byte's arrival

    @property
    def parameters(self) -> bytes:
        """Everything after the two bytes of the name."""
        return self.raw[2:]


TEXT, FEED, UNKNOWN = b"text", b"feed", b"unknown"
CUT, RASTER, EXTENDED = b"\x1dV", b"\x1dv", b"\x1d("


class CommandReader:
    """Cuts received bytes into commands. A half command stays and swallows what the next connection sends, as on a desk."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Command]:
        """Commands completed by `chunk`; real-time commands come out even from the middle of an unfinished one."""
        self._buffer += chunk
        now = time.time()
        while self._buffer and (length := _length(self._buffer)) and length <= len(self._buffer):
            raw = bytes(self._buffer[:length])
            del self._buffer[:length]
            yield Command(_name(raw), raw, now)
        if len(self._buffer) > 8:  # a picture that never ended
            for found in REAL_TIME.finditer(chunk):
                yield Command(found[0][:2], found[0], now)


def _name(raw: bytes) -> bytes:
    if raw[0] >= 0x80 or 0x20 <= raw[0] <= 0x7E:
        return TEXT
    if raw == b"\n":
        return FEED
    return raw[:2] if raw[:2] in PARAMETERS or raw[:2] in (CUT, RASTER, EXTENDED) else UNKNOWN


def _length(buffer: bytearray) -> int:
    """Bytes of the command at the head of `buffer`, as far as it can be told; 0 when more bytes are needed to tell."""
    head = buffer[0]
    if letters := LETTERS.match(buffer):
        return letters.end()
    if head >= 0x81:
        return 0 if len(buffer) < 2 else 4 if 0x30 <= buffer[1] <= 0x39 else 2
    if head not in (0x10, 0x1B, 0x1C, 0x1D):
        return 1
    if len(buffer) < 2:
        return 0
    name = bytes(buffer[:2])
    if name == CUT:
        return 0 if len(buffer) < 3 else 4 if buffer[2] in (0x41, 0x42) else 3
    if name == RASTER:
        return 0 if len(buffer) < 8 else 8 + (buffer[4] | buffer[5] << 8) * (buffer[6] | buffer[7] << 8)
    if name == EXTENDED:
        return 0 if len(buffer) < 5 else 5 + (buffer[3] | buffer[4] << 8)
    return 2 + PARAMETERS.get(name, 0)


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
class PaperTicket:
    """One piece of paper. `complete`: it reached its own cut. `glued`: the rest of a torn ticket hangs on its top.

    Times are Unix seconds: first byte received, last byte received, cut done (0.0 while it never was).
    """

    started_at: float
    glued: bool = False
    complete: bool = False
    last_byte_at: float = 0.0
    finished_at: float = 0.0
    lines: list[tuple[Run, ...]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)  # whole GS v 0 blocks
    codes: list[bytes] = field(default_factory=list)  # contents of QR codes
    beeps: int = 0
    errors: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)

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
        return not (self.pictures or self.errors or self.text.strip())


class Paper:
    """The roll: executes commands in print order and collects the pieces that come off it."""

    def __init__(self, width_mm: int = 80) -> None:
        self.pieces: list[PaperTicket] = []
        self.hanging: PaperTicket | None = None  # printed but not cut off yet
        self._cells = CELLS[width_mm]
        self._row: list[Run] = []
        self._used = 0  # cells of the row
        self._type = Type()
        self._hanzi = True
        self._torn_above = False

    def execute(self, command: Command) -> int:
        """Do one command; answers how many ordinary lines the paper moved."""
        if command.name == b"\x1b@":
            self.reset()
        piece = self._piece(command)
        piece.raw += command.raw
        match command.name:
            case b"text":
                return self._put(_decoded(command.raw, piece, self._hanzi), piece)
            case b"feed":
                return self._feed(piece)
            case b"\x1dv":
                return self._draw(piece, command)
            case b"\x1dV":
                self._cut(piece, command)
            case b"\x1c&" | b"\x1c.":
                self._hanzi = command.name == b"\x1c&"
            case _:
                self._type = _changed(self._type, command)
                _note(command, piece)
        return 0

    def reset(self) -> None:
        """ESC @: drop the unprinted row, go back to plain type. What already hangs out without a cut is a torn ticket."""
        self._row = []
        self._used = 0
        self._type = Type()
        self._hanzi = False  # the strictest models: hanzi mode must be asked for
        if self.hanging and not self.hanging.blank:
            self.pieces.append(self.hanging)
            self._torn_above = True
        self.hanging = None

    def leak(self, letters: str) -> None:
        """Parameters of a command that this model does not know come out as letters."""
        if self.hanging:
            self._put(letters, self.hanging)

    def _piece(self, command: Command) -> PaperTicket:
        if self.hanging is None:
            self.hanging = PaperTicket(started_at=command.at, glued=self._torn_above)
        self.hanging.last_byte_at = command.at
        return self.hanging

    def _put(self, text: str, piece: PaperTicket) -> int:
        """Add to the row; at the paper's edge a printer goes on in the next row."""
        wanted = _cells(text) * self._type.width
        if self._used + wanted > self._cells and len(text) > 1:
            return sum(self._put(character, piece) for character in text)
        moved = 0
        if self._used + wanted > self._cells:
            piece.errors.append("a line ran over")
            moved = self._feed(piece)
        self._used += wanted
        if self._row and self._row[-1].type is self._type:
            self._row[-1] = Run(self._row[-1].text + text, self._type)
        else:
            self._row.append(Run(text, self._type))
        return moved

    def _feed(self, piece: PaperTicket) -> int:
        piece.lines.append(tuple(self._row))
        self._row = []
        self._used = 0
        return 1

    def _draw(self, piece: PaperTicket, command: Command) -> int:
        if self._row:
            piece.errors.append("a picture in the middle of a row")
        if REAL_TIME.search(command.raw, 8):
            piece.errors.append("a picture holds a real-time command")
        piece.pictures.append(command.raw)
        piece.lines.append(())
        return max(1, int.from_bytes(command.raw[6:8], "little") // LINE_DOTS)

    def _cut(self, piece: PaperTicket, command: Command) -> None:
        if self._row:
            piece.errors.append("cut in the middle of a row")
        piece.complete = True
        piece.last_byte_at = command.at
        piece.finished_at = time.time()
        if not piece.blank:
            self.pieces.append(piece)
        self.hanging = None
        self._torn_above = False


def _changed(before: Type, command: Command) -> Type:
    value = command.parameters[0] if command.parameters else 0
    match command.name:
        case b"\x1d!":
            return replace(before, width=(value >> 4) + 1, height=(value & 0x0F) + 1)
        case b"\x1bE":
            return replace(before, bold=bool(value & 1))
        case b"\x1dB":
            return replace(before, reverse=bool(value & 1))
        case b"\x1b-":
            return replace(before, underline=bool(value & 3))
    return before


def _decoded(raw: bytes, piece: PaperTicket, hanzi: bool) -> str:
    """Text as the ROM would print it; what the ROM lacks is an error, not a question mark."""
    if raw.isascii():
        return raw.decode("ascii")
    try:
        character = raw.decode("gb18030")
    except UnicodeDecodeError:
        character = "\N{REPLACEMENT CHARACTER}"
    if len(raw) != 2 or not hanzi or character == "\N{REPLACEMENT CHARACTER}":
        piece.errors.append(f"not a character of this printer: {raw.hex(' ')}{'' if hanzi else ', hanzi mode is off'}")
    return character


def _cells(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def _note(command: Command, piece: PaperTicket) -> None:
    """Write down what leaves no text: beeps, QR contents (GS ( k function 80), and what nobody should have sent."""
    extended = command.raw[2:3] if command.name == EXTENDED else b""
    if command.name == b"\x1bB":
        piece.beeps += command.parameters[0]
    elif command.name == b"\x1bp":
        piece.errors.append("the cash drawer was opened")
    elif extended == b"k" and command.raw[5:7] == b"1P":
        piece.codes.append(command.raw[8:])
    elif command.name == UNKNOWN or extended not in (b"", b"k", b"H"):
        piece.errors.append(f"unknown command {command.raw.hex(' ')}")
