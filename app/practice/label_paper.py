"""What a label printer makes of TSPL: lines of commands that paint a label, and PRINT that puts it on paper.

Facts of TSPL here are recalled from TSC's programming manual, not verified on a printer: the image is kept after PRINT until
CLS, a 0 bit of BITMAP is a black dot, a label interrupted by the end of the roll is printed again on the new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from app import steady
from app.practice.paper import LINE_DOTS
from app.practice.printer_commands import Command
from app.practice.printer_pieces import Area, Item, PaperTicket, Picture, QrCode, Row, Run, Type

DOTS_PER_MM = 8
QUESTION = b"\x1b!?"  # answered at once, by one byte
LABEL_REAL_TIME = re.compile(rb"\x1b!\?")

# Dots of a Latin letter by font; the TS fonts have hanzi of twice that width.
FONTS = {
    "1": (8, 12),
    "2": (12, 20),
    "3": (16, 24),
    "4": (24, 32),
    "5": (32, 48),
    "TSS16.BF2": (8, 16),
    "TSS24.BF2": (12, 24),
}
SETTINGS = frozenset((b"GAP", b"DIRECTION", b"DENSITY", b"SPEED", b"CODEPAGE", b"SET", b"OFFSET", b"SHIFT"))

_BITMAP = re.compile(rb"BITMAP\s+(\d+),(\d+),(\d+),(\d+),(\d+),")
_BITMAP_HEAD = 60  # bytes after which a BITMAP without its five numbers is no picture but a broken line
_ARGUMENT = re.compile(r'\s*(?:"((?:\\\["\]|[^"])*)"|([^,"]*))\s*(?:,|$)')
_LENGTH = re.compile(r"([\d.]+)\s*(mm)?")


class LabelReader:
    """Cuts received bytes into lines. A half line stays and glues itself to what the next connection sends."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes, source: int = 0) -> Iterator[Command]:
        """Commands completed by `chunk`; `name` is the word before the first space."""
        self._buffer += chunk
        now = steady.time()
        while length := self._length():
            raw = bytes(self._buffer[:length])
            del self._buffer[:length]
            words = raw.split(None, 1)
            if words and raw != QUESTION:
                yield Command(words[0].upper(), raw, now, source)

    def clear(self) -> None:
        """Forget a half line."""
        self._buffer.clear()

    def _length(self) -> int:
        """Bytes of the first line, or of the picture or question at its place; 0 when more are needed."""
        if self._buffer.startswith(QUESTION):
            return len(QUESTION)
        if found := _BITMAP.match(self._buffer):
            whole = found.end() + int(found[3]) * int(found[4])
            return whole if whole <= len(self._buffer) else 0
        if self._buffer.startswith(b"BITMAP") and len(self._buffer) < _BITMAP_HEAD:
            return 0
        return self._buffer.find(b"\n") + 1


class LabelPaper:
    """A roll of labels. What was painted stays until CLS, so a job that forgets it prints over the one before."""

    def __init__(self) -> None:
        self.pieces: list[PaperTicket] = []
        self.hanging: PaperTicket | None = None  # the label under the head
        self._size = (60 * DOTS_PER_MM, 40 * DOTS_PER_MM)
        self._origin = (0, 0)
        self._image: list[Item] = []
        self._sources: set[int] = set()
        self._errors: list[str] = []
        self._raw = bytearray()
        self._beeps = 0
        self._began = 0.0
        self._print: Command | None = None
        self._copies = 0
        self._printed = 0  # dots of the label under the head
        self._commands: dict[bytes, Callable[[Command, Sequence[str]], None]] = {
            b"SIZE": self._set_size,
            b"REFERENCE": self._set_origin,
            b"CLS": self._wipe,
            b"TEXT": self._write,
            b"BITMAP": self._draw,
            b"QRCODE": self._code,
            b"BAR": self._area,
            b"REVERSE": self._area,
            b"SOUND": self._sound,
            b"PRINT": self._begin,
        }

    @property
    def busy(self) -> bool:
        """A PRINT is not over yet."""
        return self._copies > 0

    def execute(self, command: Command) -> int:
        """Do one command; labels come out by `advance`."""
        self._began = self._began or command.at
        self._raw += command.raw
        if not command.raw.endswith(b"\r\n") and command.name != b"BITMAP":
            self.complain("a line that does not end in CR LF")
        act = self._commands.get(command.name)
        try:
            if act:
                act(command, _arguments(command))
            elif command.name not in SETTINGS:
                self._refuse(command)
        except (ValueError, LookupError):
            self._refuse(command)
        return 0

    def advance(self) -> int:
        """Print one line's worth of the label; answers the dots it moved."""
        assert self._print
        piece = self.hanging = self.hanging or self._new_piece(self._print)
        step = min(LINE_DOTS, self._size[1] - self._printed)
        self._printed += step
        piece.items = [item for item in self._image if (item.at or (0, 0))[1] < self._printed]
        if self._printed == self._size[1]:
            piece.end(self._print)
            self._drop(piece)
            self._copies -= 1
        return step

    def load(self) -> None:
        """A new roll: the half label stays with the old one and is printed again, whole."""
        if self.hanging:
            self._drop(self.hanging)

    def reset(self) -> None:
        """Power was lost: the half label is torn, the image and all settings are gone."""
        self.load()
        self.drop_unprinted()
        self._size, self._origin = (60 * DOTS_PER_MM, 40 * DOTS_PER_MM), (0, 0)

    def drop_unprinted(self) -> None:
        """Forget the image and the labels still to come."""
        self._image, self._sources, self._copies = [], set(), 0
        self._errors, self._raw, self._beeps, self._began = [], bytearray(), 0, 0.0

    def leak(self, letters: str) -> None:
        """No command of TSPL is answered in print order, so none can leak."""

    def complain(self, error: str) -> None:
        """Write down what went wrong, on the next label."""
        self._errors.append(error)

    def _refuse(self, command: Command) -> None:
        self.complain(f"unknown command {command.raw[:60].decode('gb18030', 'replace').strip()}")

    def _new_piece(self, command: Command) -> PaperTicket:
        piece = PaperTicket(self._began, last_byte_at=command.at, dots=self._size, sources=set(self._sources))
        piece.errors, piece.raw, piece.beeps = self._errors, self._raw, self._beeps
        self._errors, self._raw, self._beeps, self._began = [], bytearray(), 0, 0.0
        if not self._image:
            piece.errors.append("an empty label")
        return piece

    def _drop(self, piece: PaperTicket) -> None:
        self.pieces.append(piece)
        self.hanging = None
        self._printed = 0

    def _paint(self, command: Command, item: Item, size: tuple[int, int]) -> None:
        """Put something on the image; `size` in dots, as it stands there."""
        assert item.at
        x, y = item.at = (item.at[0] + self._origin[0], item.at[1] + self._origin[1])
        if min(x, y) < 0 or x + size[0] > self._size[0] or y + size[1] > self._size[1]:
            self.complain(f"{command.name.decode()} runs over the edge of the label")
        self._image.append(item)
        self._sources |= {command.source} - {0}

    def _set_size(self, _: Command, arguments: Sequence[str]) -> None:
        width, height = (_dots(length) for length in arguments)
        self._size = (width, height)

    def _set_origin(self, _: Command, arguments: Sequence[str]) -> None:
        self._origin = (int(arguments[0]), int(arguments[1]))

    def _wipe(self, _command: Command, _arguments: Sequence[str]) -> None:
        self._image, self._sources = [], set()

    def _write(self, command: Command, arguments: Sequence[str]) -> None:
        """TEXT x,y,"font",rotation,x-multiplication,y-multiplication,[alignment,]"content"."""
        x, y, font, rotation, wide, high = arguments[:6]
        cell, tall = FONTS[font]
        text = arguments[6:][-1]
        if not font.startswith("TS") and not text.isascii():
            self.complain(f"font {font} has no hanzi")
        kind = Type(int(wide), int(high))
        row = Row((Run(text, kind),), at=(int(x), int(y)), cell=tall, turned=int(rotation))
        long = cell * kind.width * sum(1 if letter.isascii() else 2 for letter in text)
        size = (long, tall * kind.height)
        self._paint(command, row, size if rotation in ("0", "180") else size[::-1])

    def _draw(self, command: Command, _: Sequence[str]) -> None:
        """BITMAP x,y,bytes a row,rows,mode,dots (mode 0 overwrites, 1 or, 2 xor: all the same on clean paper)."""
        found = _BITMAP.match(command.raw)
        if found is None:
            raise ValueError(command.raw)
        x, y, row_bytes, rows = (int(number) for number in found.groups()[:4])
        picture = Picture(found[0], row_bytes, rows, bytearray(command.raw[found.end() :]), at=(x, y), black=0)
        self._paint(command, picture, (row_bytes * 8, rows))

    def _code(self, command: Command, arguments: Sequence[str]) -> None:
        """QRCODE x,y,correction,cell,mode,rotation,[model,mask,]"content"."""
        x, y, level, cell = arguments[:4]
        if level not in ("L", "M", "Q", "H") or len(arguments) < 7:
            raise ValueError(level)
        code = QrCode.of(arguments[-1].encode("gb18030"), int(cell), level, at=(int(x), int(y)))
        self._paint(command, code, (code.side, code.side))

    def _area(self, command: Command, arguments: Sequence[str]) -> None:
        """BAR and REVERSE x,y,width,height. What lies wholly in a reversed area counts as reverse type."""
        x, y, width, height = map(int, arguments)
        reverse = command.name == b"REVERSE"
        self._paint(command, Area((x, y), (width, height), reverse), (width, height))
        for item in self._image if reverse else ():
            if isinstance(item, Row) and item.at and x <= item.at[0] < x + width and y <= item.at[1] < y + height:
                item.runs = tuple(Run(run.text, replace(run.type, reverse=True)) for run in item.runs)

    def _sound(self, _: Command, arguments: Sequence[str]) -> None:
        """SOUND level,interval: one beep each."""
        int(arguments[0])
        self._beeps += 1

    def _begin(self, command: Command, arguments: Sequence[str]) -> None:
        """PRINT sets[,copies]."""
        self._copies = int(arguments[0]) * (int(arguments[1]) if len(arguments) > 1 else 1)
        self._print = command


def _arguments(command: Command) -> list[str]:
    """What follows the command's word, split at commas outside quotes. ValueError for what is no text."""
    if command.name == b"BITMAP":
        return []
    words = command.raw.decode("gb18030").strip().split(None, 1)
    rest = words[1] if len(words) > 1 else ""
    found = [match for match in _ARGUMENT.finditer(rest) if match[0]]
    if "".join(match[0] for match in found) != rest:
        raise ValueError(rest)
    return [match[2].strip() if match[1] is None else match[1].replace('\\["]', '"') for match in found]


def _dots(length: str) -> int:
    """A length in mm (or inches, without a unit) in dots."""
    found = _LENGTH.fullmatch(length)
    if found is None:
        raise ValueError(length)
    return round(float(found[1]) * DOTS_PER_MM * (1 if found[2] else 25.4))
