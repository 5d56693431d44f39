"""Received bytes cut into ESC/POS commands, and the real-time commands among them, as a strict Chinese printer does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app import steady

# Parameter bytes after each two-byte command. Those with a length of their own are in `_length`.
PARAMETERS = {
    b"\x1b@": 0,
    b"\x1bR": 1,
    b"\x1bE": 1,
    b"\x1b-": 1,
    b"\x1ba": 1,
    b"\x1bB": 2,
    b"\x1bp": 3,
    b"\x1bi": 0,
    b"\x1bm": 0,
    b"\x1d!": 1,
    b"\x1dB": 1,
    b"\x1dr": 1,
    b"\x1da": 1,
    b"\x1dI": 1,
    b"\x1c&": 0,
    b"\x1c.": 0,
    b"\x1c-": 1,
    b"\x10\x04": 1,
    b"\x10\x05": 1,
}
TEXT, FEED, NOTHING, UNKNOWN, DOTS = b"text", b"feed", b"nothing", b"unknown", b"dots"
CUT, RASTER, EXTENDED, EXTENDED_ESC = b"\x1dV", b"\x1dv", b"\x1d(", b"\x1b("
STATUS, RECOVER, CONTROL = b"\x10\x04", b"\x10\x05", b"\x10\x14"  # DLE EOT, DLE ENQ, DLE DC4
CUTS = (CUT, b"\x1bi", b"\x1bm")
IN_REAL_TIME = (STATUS, RECOVER, CONTROL)
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

LETTERS = re.compile(rb"[ -~]+")
NULS = re.compile(rb"\x00+")  # do nothing, on every printer
# What a picture's dots must not spell: wider than what is obeyed below, because models differ in what they obey.
REAL_TIME = re.compile(rb"\x10(\x04[\x01-\x04]|\x05[\x00-\x02]|\x14[\x01-\x08])")
_OBEYED = re.compile(
    rb"\x10(?:\x04[\x01-\x04]|\x05[\x00-\x02]|\x14(?:\x01[\x00\x01][\x01-\x08]|\x08\x01\x03\x14\x01\x06\x02\x08))"
)
_CONTROL_LENGTHS = {1: 5, 2: 5, 8: len(CLEAR)}  # DLE DC4 fn: pulse, power off, clear


class Command(NamedTuple):
    """One command, hanzi, run of letters or row of dots. `name`: its first two bytes, or one of the words above.

    `source` numbers the connection that brought its last byte.
    """

    name: bytes
    raw: bytes
    at: float  # Unix seconds of its last byte's arrival
    source: int = 0

    @property
    def parameters(self) -> bytes:
        """Everything after the two bytes of the name."""
        return self.raw[2:]


class CommandReader:
    """Cuts received bytes into commands. A half command stays and swallows what the next connection sends, as on a desk.

    A picture (GS v 0) comes out as its head and then row by row, because a printer prints it while it still arrives.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._rows = 0  # of a picture, still to come
        self._row_bytes = 0

    def feed(self, chunk: bytes, source: int = 0) -> Iterator[Command]:
        """Commands completed by `chunk`, in order; real-time ones stand among them where they may be skipped."""
        self._buffer += chunk
        now = steady.time()
        while self._buffer and (length := self._row_bytes if self._rows else _length(self._buffer)):
            if length > len(self._buffer):
                return
            raw = bytes(self._buffer[:length])
            del self._buffer[:length]
            yield Command(self._name(raw), raw, now, source)

    def clear(self) -> None:
        """Forget a half command."""
        self._buffer.clear()
        self._rows = 0

    def _name(self, raw: bytes) -> bytes:
        if self._rows:
            self._rows -= 1
            return DOTS
        name = _name(raw)
        if name == RASTER:
            self._row_bytes = int.from_bytes(raw[4:6], "little")
            self._rows = int.from_bytes(raw[6:8], "little") if self._row_bytes else 0
        return name


class RealTimeReader:
    """Finds what a printer obeys the moment it arrives: also inside pictures and half commands, also when split.

    The bytes stay in the stream, where the ordinary reader skips them - or takes them for the dots they interrupt.
    """

    def __init__(self, obeyed: re.Pattern[bytes] = _OBEYED, longest: int = len(CLEAR)) -> None:
        self._obeyed = obeyed
        self._longest = longest
        self._tail = b""

    def split(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Parts of `chunk`, each with the real-time command it ends with, b"" for none."""
        seen = len(self._tail)
        text = self._tail + chunk
        start, end = seen, 0
        for found in self._obeyed.finditer(text):
            end = found.end()
            yield text[start:end], found[0]
            start = end
        self._tail = text[max(end, len(text) - self._longest + 1) :]
        if start < len(text):
            yield text[start:], b""


def _name(raw: bytes) -> bytes:
    if raw[0] >= 0x80 or 0x20 <= raw[0] <= 0x7E:
        return TEXT
    if raw[0] in b"\n\0":
        return FEED if raw == b"\n" else NOTHING
    name = raw[:2]
    return name if name in PARAMETERS or name in (CUT, RASTER, EXTENDED, EXTENDED_ESC, CONTROL) else UNKNOWN


def _length(buffer: bytearray) -> int:
    """Bytes of the command at the head of `buffer`, as far as it can be told; 0 when more bytes are needed to tell."""
    head = buffer[0]
    if run := LETTERS.match(buffer) or NULS.match(buffer):
        return run.end()
    if head >= 0x81:
        return 0 if len(buffer) < 2 else 4 if 0x30 <= buffer[1] <= 0x39 else 2
    if head not in (0x10, 0x1B, 0x1C, 0x1D):
        return 1
    return _length_of(bytes(buffer[:2]), buffer) if len(buffer) >= 2 else 0


def _length_of(name: bytes, buffer: bytearray) -> int:
    """The same for a command of two bytes and parameters."""
    if name in (CUT, CONTROL):
        if len(buffer) < 3:
            return 0
        return _CONTROL_LENGTHS.get(buffer[2], 3) if name == CONTROL else 4 if buffer[2] in b"ABabgh" else 3
    if name == RASTER:
        return 8
    if name in (EXTENDED, EXTENDED_ESC):
        return 0 if len(buffer) < 5 else 5 + (buffer[3] | buffer[4] << 8)
    return 2 + PARAMETERS.get(name, 0)
