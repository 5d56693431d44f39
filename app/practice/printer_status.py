"""How a virtual printer is, and the bytes that say so. Bits: Epson's ESC/POS reference; TSPL's from memory of its manual."""

from __future__ import annotations

from dataclasses import dataclass

# Which of the four bytes of automatic status may trigger it, by bit of GS a n.
_TRIGGERS = {0x02: (0x28, 0, 0), 0x04: (0, 0x6C, 0), 0x08: (0, 0, 0x0F)}


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything that a status byte can tell."""

    paper_out: bool = False
    near_end: bool = False
    cover_open: bool = False
    jammed: bool = False
    offline: bool = False
    printing: bool = False

    @property
    def stopped(self) -> bool:
        """Whether nothing is printed now."""
        return self.paper_out or self.cover_open or self.jammed or self.offline

    def answer(self, question: int) -> int:
        """The reply to DLE EOT 1 printer, 2 cause of being off line, 3 cause of the error, 4 paper; bits 1 and 4 always."""
        bits = {
            1: 0x08 * self.stopped,
            2: 0x04 * self.cover_open | 0x20 * self.paper_out | 0x40 * self.jammed,
            3: 0x0C * self.jammed,  # bit 2 recoverable, bit 3 cutter
            4: 0x0C * (self.near_end or self.paper_out) | 0x60 * self.paper_out,
        }
        return 0x12 | bits[question]

    @property
    def automatic(self) -> bytes:
        """The four bytes of automatic status (ASB)."""
        paper = 0x03 * (self.near_end or self.paper_out) | 0x0C * self.paper_out
        return bytes((0x10 | 0x08 * self.stopped | 0x20 * self.cover_open, 0x08 * self.jammed, paper, 0))

    @property
    def queued(self) -> bytes:
        """The reply to GS r 1, which is held while paper is out."""
        return bytes((0x03 * self.near_end,))

    @property
    def tspl(self) -> bytes:
        """The reply to ESC ! ? (recalled, not verified): 01 head open, 02 jam, 04 paper out, 10 pause, 20 printing."""
        wrong = 0x01 * self.cover_open | 0x02 * self.jammed | 0x04 * self.paper_out | 0x10 * self.offline
        return bytes((wrong or 0x20 * self.printing,))


def triggers(enabled: int, before: bytes, after: bytes) -> bool:
    """Whether a change between two automatic statuses is one of those that GS a `enabled` asks for."""
    masks = [mask for bit, mask in _TRIGGERS.items() if enabled & bit]
    changes = [old ^ new for old, new in zip(before[:3], after[:3], strict=True)]
    return any(change & part for mask in masks for change, part in zip(changes, mask, strict=True))
