"""Kitchen tickets on paper: layout, encoding, preview, and printers that are asked what really came out."""

from __future__ import annotations

from app.domain.tickets import Mark, Ticket
from app.printing.conversation import Patience
from app.printing.device import Acknowledges, Capabilities, Outcome, OutcomeKind
from app.printing.encoder import encode
from app.printing.fonts import FontMissingError, chinese_font
from app.printing.layout import lay_out, marks_of
from app.printing.lines import CELL_DOTS, CELLS
from app.printing.preview import render_png
from app.printing.status import PrinterStatus
from app.printing.transports.lan import PORT, LanPrinter, UnreachableError
from app.printing.trial import trial_ticket

__all__ = [
    "PORT",
    "Acknowledges",
    "Capabilities",
    "FontMissingError",
    "LanPrinter",
    "Outcome",
    "OutcomeKind",
    "Patience",
    "PrinterStatus",
    "UnreachableError",
    "build",
    "chinese_font",
    "render_png",
    "trial_ticket",
]

VOID_BEEPS = 3


def build(ticket: Ticket, width_mm: int = 80) -> bytes:
    """The whole job for `ticket` on paper of 80 or 58 mm, from set-up to cut.

    A void rings three times. A reprint or possible duplicate first cuts off what may still hang out of the printer.
    """
    marks = marks_of(ticket)
    again = Mark.REPRINT in marks or Mark.POSSIBLE_DUPLICATE in marks
    alarm = VOID_BEEPS if Mark.VOID in marks else 0
    return encode(lay_out(ticket, width_mm), CELLS[width_mm] * CELL_DOTS, alarm, again)
