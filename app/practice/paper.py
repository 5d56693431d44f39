"""What a strict Chinese receipt printer makes of bytes: an ESC/POS interpreter, independent of the encoder it judges.

Anything a real printer would do that nobody wanted (an unknown command, a character its ROM lacks, a line that runs over,
an opened drawer) is written down as an error on the paper it spoilt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app import steady
from app.practice.printer_commands import (
    CUT,
    CUTS,
    EXTENDED,
    EXTENDED_ESC,
    IN_REAL_TIME,
    NOTHING,
    REAL_TIME,
    UNKNOWN,
    Command,
    CommandReader,
)
from app.practice.printer_pieces import PaperTicket, Picture, QrCode, Row, Run, Type

__all__ = ["CELLS", "REAL_TIME", "Command", "CommandReader", "Paper", "PaperTicket", "Run", "Type"]

CELLS = {80: 48, 58: 32}
CELL_DOTS = 12
LINE_DOTS = 34  # an ordinary line: 1/6 inch at 203 dpi
CUTTER_ROWS = 3  # rows between the head and the cutter: a cut without feed goes through them


@dataclass(frozen=True, slots=True)
class _Symbol:
    """The QR code being prepared by GS ( k."""

    module: int = 3
    level: str = "L"
    content: bytes = b""


class Paper:
    """The roll: executes commands in print order and collects the pieces that come off it."""

    busy = False  # a command is over once it was executed

    def __init__(self, width_mm: int = 80) -> None:
        self.pieces: list[PaperTicket] = []
        self.hanging: PaperTicket | None = None  # printed but not cut off yet
        self._cells = CELLS[width_mm]
        self._row: list[Run] = []
        self._used = 0  # cells of the row
        self._type = Type()
        self._align = 0
        self._hanzi = True
        self._symbol = _Symbol()
        self._picture: Picture | None = None  # still being printed
        self._torn_above = False

    def execute(self, command: Command) -> int:
        """Do one command; answers how many dots the paper moved (34 make an ordinary line)."""
        if command.name in (*IN_REAL_TIME, NOTHING):  # the former were obeyed on arrival
            return 0
        if command.name == b"\x1b@":
            self.reset()
        piece = self._piece(command)
        piece.raw += command.raw
        match command.name:
            case b"text":
                return self._put(_decoded(command.raw, piece, self._hanzi), piece, command.source)
            case b"feed":
                return self._feed(piece)
            case b"\x1dv":
                self._begin_picture(piece, command)
            case b"dots":
                return self._draw(piece, command)
            case b"\x1d(" if command.raw[2:3] == b"k":
                return self._code(piece, command)
            case _:
                self._set(piece, command)
        return 0

    def advance(self) -> int:
        """Go on with what takes several steps: nothing does."""
        return 0

    def load(self) -> None:
        """A new roll: printing goes on where it stopped."""

    def reset(self) -> None:
        """ESC @: drop the unprinted row, go back to plain type. What already hangs out without a cut is a torn ticket."""
        self.drop_unprinted()
        self._type = Type()
        self._align = 0
        self._symbol = _Symbol()
        self._hanzi = False  # the strictest models: hanzi mode must be asked for
        if self.hanging and not self.hanging.blank:
            self.pieces.append(self.hanging)
            self._torn_above = True
        self.hanging = None

    def drop_unprinted(self) -> None:
        """Forget the row being set and the rest of a picture; what is on the paper stays."""
        self._row = []
        self._used = 0
        self._picture = None

    def leak(self, letters: str) -> None:
        """Parameters of a command that this model does not know come out as letters."""
        if self.hanging:
            self._put(letters, self.hanging, 0)

    def complain(self, error: str) -> None:
        """Something went wrong that leaves no print: it is written on the paper that hangs out, or the next one."""
        self._piece(Command(UNKNOWN, b"", steady.time())).errors.append(error)

    def _piece(self, command: Command) -> PaperTicket:
        if self.hanging is None:
            dots = (self._cells * CELL_DOTS, 0)
            self.hanging = PaperTicket(started_at=command.at, glued=self._torn_above, dots=dots)
        self.hanging.last_byte_at = command.at
        return self.hanging

    def _put(self, text: str, piece: PaperTicket, source: int) -> int:
        """Add to the row; at the paper's edge a printer goes on in the next row."""
        wanted = _cells(text) * self._type.width
        if self._used + wanted > self._cells and len(text) > 1:
            return sum(self._put(character, piece, source) for character in text)
        moved = 0
        if self._used + wanted > self._cells:
            piece.errors.append("a line ran over")
            moved = self._feed(piece)
        self._used += wanted
        if source and not text.isspace():
            piece.sources.add(source)
        if self._row and self._row[-1].type is self._type:
            self._row[-1] = Run(self._row[-1].text + text, self._type)
        else:
            self._row.append(Run(text, self._type))
        return moved

    def _feed(self, piece: PaperTicket) -> int:
        piece.items.append(Row(tuple(self._row), self._align))
        self._row = []
        self._used = 0
        return LINE_DOTS

    def _begin_picture(self, piece: PaperTicket, command: Command) -> None:
        """GS v 0 m xL xH yL yH: m bit 0 doubles the width, bit 1 the height."""
        if self._row:
            piece.errors.append("a picture in the middle of a row")
        mode, row_bytes = command.raw[3], int.from_bytes(command.raw[4:6], "little")
        scale = (1 + (mode & 1), 1 + (mode >> 1 & 1))
        if row_bytes * 8 * scale[0] > self._cells * CELL_DOTS:
            piece.errors.append("a picture wider than the paper")
        rows = int.from_bytes(command.raw[6:8], "little")
        self._picture = Picture(command.raw, row_bytes, rows, align=self._align, scale=scale)
        piece.items.append(self._picture)

    def _draw(self, piece: PaperTicket, command: Command) -> int:
        """One row of the picture. Its last byte's connection may be another one than its head's."""
        assert self._picture
        picture = self._picture
        picture.dots += command.raw
        piece.sources |= {command.source} - {0}
        if picture.complete:
            self._picture = None
            if REAL_TIME.search(picture.dots):
                piece.errors.append("a picture holds a real-time command")
        return picture.scale[1]

    def _code(self, piece: PaperTicket, command: Command) -> int:
        """GS ( k for QR codes (cn 49): 65 model, 67 squares, 69 correction, 80 content, 81 print."""
        body = command.raw[5:]
        if body[:1] != b"1" or len(body) < 3:
            piece.errors.append(f"unknown command {command.raw.hex(' ')}")
            return 0
        match body[1]:
            case 67 if 1 <= body[2] <= 16:
                self._symbol = replace(self._symbol, module=body[2])
            case 69 if 48 <= body[2] <= 51:
                self._symbol = replace(self._symbol, level="LMQH"[body[2] - 48])
            case 80:
                self._symbol = replace(self._symbol, content=body[3:])
            case 81:
                return self._print_code(piece, command.source)
            case 65 | 82:  # the model; its size is sent to the host
                pass
            case _:
                piece.errors.append(f"unknown command {command.raw.hex(' ')}")
        return 0

    def _print_code(self, piece: PaperTicket, source: int) -> int:
        """As a printer does: nothing at all without content, or where it would be too wide."""
        symbol = self._symbol
        code = QrCode.of(symbol.content, symbol.module, symbol.level, self._align)
        if self._row:
            piece.errors.append("a QR code in the middle of a row")
        if not symbol.content or not 0 < code.side <= self._cells * CELL_DOTS:
            piece.errors.append("a QR code wider than the paper" if symbol.content else "a QR code without content")
            return 0
        piece.items.append(code)
        piece.sources |= {source} - {0}
        return code.side

    def _set(self, piece: PaperTicket, command: Command) -> None:
        """Everything that prints nothing itself."""
        if command.name in CUTS:
            return self._cut(piece, command)
        if command.name in (b"\x1c&", b"\x1c."):
            self._hanzi = command.name == b"\x1c&"
        elif command.name == b"\x1ba":
            if self._row:
                piece.errors.append("alignment in the middle of a row")
            self._align = command.parameters[0] % 48 if command.parameters[0] % 48 <= 2 else self._align
        self._type = _changed(self._type, command)
        _note(command, piece)
        return None

    def _cut(self, piece: PaperTicket, command: Command) -> None:
        if self._row:
            piece.errors.append("cut in the middle of a row")
        if not _feeds(command) and any(run.text.strip() for line in piece.lines[-CUTTER_ROWS:] for run in line):
            piece.errors.append("cut through the last rows: they had not passed the cutter")
        piece.end(command)
        if not piece.blank:
            self.pieces.append(piece)
        self.hanging = None
        self._torn_above = False


def _feeds(command: Command) -> bool:
    """Whether a cut first moves the last row past the cutter: GS V 65, 66 and their kin do."""
    return command.name == CUT and len(command.raw) == 4


_CHANGES: dict[bytes, Callable[[Type, int], Type]] = {
    b"\x1d!": lambda before, value: replace(before, width=(value >> 4) + 1, height=(value & 0x0F) + 1),
    b"\x1bE": lambda before, value: replace(before, bold=bool(value & 1)),
    b"\x1dB": lambda before, value: replace(before, reverse=bool(value & 1)),
    b"\x1b-": lambda before, value: replace(before, underline=bool(value & 3)),
}


def _changed(before: Type, command: Command) -> Type:
    change = _CHANGES.get(command.name)
    return change(before, command.parameters[0]) if change else before


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
    """Write down what leaves no print: beeps, and what nobody should have sent."""
    extended = command.raw[2:3] if command.name in (EXTENDED, EXTENDED_ESC) else b""
    if command.name == b"\x1bB":
        piece.beeps += command.parameters[0]
    elif command.name == b"\x1bp":
        piece.errors.append("the cash drawer was opened")
    elif command.name == EXTENDED_ESC and (beeps := _buzzes(command.raw)):
        piece.beeps += beeps
    elif command.name == UNKNOWN or extended not in (b"", b"H"):
        piece.errors.append(f"unknown command {command.raw.hex(' ')}")


def _buzzes(raw: bytes) -> int:
    """ESC ( A, Epson's buzzer: `30 n c t` and the TM-U230's `61 64 c t1 t2` sound c times; 0 for anything else."""
    if raw[2:3] != b"A" or len(raw) not in (9, 10):
        return 0
    return raw[7] if (len(raw), raw[5]) in ((9, 0x30), (10, 0x61)) else 0
