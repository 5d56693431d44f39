"""What a printer answers: one byte stream holding several kinds of replies, told apart by bit patterns, and their meaning.

Patterns and bits: Epson's ESC/POS reference, in the order of tests that keeps them apart on one connection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.texts import tr


class ReplyKind(StrEnum):
    """Which question a reply belongs to."""

    FLOW = "flow"  # XON or XOFF
    BLOCK = "block"  # header ... NUL: process id, offline response, buffer cleared, printer id
    REAL_TIME = "real_time"  # DLE EOT, answered at once, even offline
    AUTOMATIC = "automatic"  # four bytes of automatic status (ASB), sent unasked
    QUEUED = "queued"  # GS r, answered in print order
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply; `raw` holds all its bytes, a block's NUL included."""

    kind: ReplyKind
    raw: bytes


_BLOCK_HEADS = frozenset((0x35, 0x37, 0x3B, 0x3D, 0x5F))
_LONGEST_BLOCK = 80  # Epson's longest is a model name; more than this is noise


class ReplyReader:
    """Cuts a byte stream into replies, however it was split and whatever was slipped in between.

    A frame that is still open keeps the bytes that fit it; a byte that cannot belong to it starts another frame
    inside, because printers send automatic status and flow control in the middle of other replies. In a block some status
    bytes look like letters: only in the expected one can they be told apart, if it holds no such letter itself.
    """

    def __init__(self) -> None:
        self.expected = b""  # a block that is waited for: what cannot be part of it came between its bytes
        self._open: list[bytearray] = []

    def feed(self, chunk: bytes) -> list[Reply]:
        """Every reply that `chunk` completes, in order of completion."""
        return [reply for byte in chunk if (reply := self._take(byte))]

    def _take(self, byte: int) -> Reply | None:
        if self._open and self._fits(self._open[-1], byte):
            self._open[-1].append(byte)
            return self._closed()
        kind = _kind(byte)
        if kind in (ReplyKind.BLOCK, ReplyKind.AUTOMATIC):
            self._open.append(bytearray((byte,)))
            return None
        return Reply(kind, bytes((byte,)))

    def _fits(self, frame: bytearray, byte: int) -> bool:
        if frame[0] not in _BLOCK_HEADS:
            return byte & 0x90 == 0
        if is_status_head(byte) and self.expected.startswith(frame):
            return False
        return byte == 0 or 0x20 <= byte <= 0x7E

    def _closed(self) -> Reply | None:
        frame = self._open[-1]
        if frame[0] not in _BLOCK_HEADS:
            return self._finish(ReplyKind.AUTOMATIC) if len(frame) == 4 else None
        if frame[-1] == 0:
            return self._finish(ReplyKind.BLOCK)
        return self._finish(ReplyKind.OTHER) if len(frame) > _LONGEST_BLOCK else None

    def _finish(self, kind: ReplyKind) -> Reply:
        return Reply(kind, bytes(self._open.pop()))


def is_status_head(byte: int) -> bool:
    """Whether a real-time or automatic status may begin with `byte`."""
    return byte & 0x91 == 0x10


def _kind(byte: int) -> ReplyKind:
    if byte in (0x11, 0x13):
        return ReplyKind.FLOW
    if byte in _BLOCK_HEADS:
        return ReplyKind.BLOCK
    if byte & 0x93 == 0x12:
        return ReplyKind.REAL_TIME
    if byte & 0x93 == 0x10:
        return ReplyKind.AUTOMATIC
    return ReplyKind.QUEUED if byte & 0x90 == 0 else ReplyKind.OTHER


def process_id(reply: Reply) -> bytes | None:
    """The four characters of a GS ( H acknowledgement, or None for any other reply."""
    return reply.raw[2:6] if reply.kind is ReplyKind.BLOCK and reply.raw[:2] == b"\x37\x22" and len(reply.raw) == 7 else None


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """How a printer says it is. Everything it has not mentioned has the healthy default."""

    online: bool = True
    cover_open: bool = False
    paper_out: bool = False
    paper_near_end: bool = False
    error: bool = False
    cutter: bool = False  # the error is the cutter's

    def with_answer(self, question: int, answer: int) -> PrinterStatus:
        """This status and the reply to DLE EOT `question`: 1 printer, 2 offline cause, 3 error, 4 paper.

        Troubles only add up.
        """
        if question == 1:
            return replace(self, online=self.online and not answer & 0x08)
        if question == 2:
            return replace(
                self,
                cover_open=self.cover_open or bool(answer & 0x04),
                paper_out=self.paper_out or bool(answer & 0x20),
                error=self.error or bool(answer & 0x40),
            )
        if question == 3:
            return replace(self, error=self.error or bool(answer & 0x68), cutter=self.cutter or bool(answer & 0x08))
        return replace(
            self,
            paper_near_end=self.paper_near_end or bool(answer & 0x0C),
            paper_out=self.paper_out or bool(answer & 0x60),
        )

    @classmethod
    def automatic(cls, raw: bytes) -> PrinterStatus:
        """Status from the four bytes of an automatic status."""
        first, second, third, _ = raw
        return cls(
            online=not first & 0x08,
            cover_open=bool(first & 0x20),
            error=bool(second & 0x6C),  # mechanical, cutter, unrecoverable, head too hot
            cutter=bool(second & 0x08),
            paper_near_end=bool(third & 0x03),
            paper_out=bool(third & 0x0C),
        )

    @classmethod
    def of_label_printer(cls, answer: int) -> PrinterStatus:
        """Status from a label printer's one byte, the answer to ESC ! ? (TSPL; bits recalled, not verified)."""
        return cls(
            online=not answer & 0x10,  # somebody pressed pause
            cover_open=bool(answer & 0x01),
            error=bool(answer & 0x8A),  # jam, no ribbon, anything else
            paper_out=bool(answer & 0x04),
        )

    @property
    def ready(self) -> bool:
        """Whether it would print now."""
        return self.online and not (self.paper_out or self.cover_open or self.error)

    @property
    def text(self) -> str:
        """The most pressing thing about it, in words for staff; "" when all is well."""
        troubles = (
            (self.paper_out, tr("The printer is out of paper")),
            (self.cover_open, tr("The printer's cover is open")),
            (self.cutter, tr("The printer's cutter is stuck")),
            (self.error, tr("The printer reports an error")),
            (not self.online, tr("The printer is offline")),
            (self.paper_near_end, tr("The printer's paper is nearly used up")),
        )
        return next((text for wrong, text in troubles if wrong), "")
