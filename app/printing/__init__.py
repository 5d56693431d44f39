"""Tickets on paper: templates, layout, encoding, preview, and printers that are asked what really came out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from app.domain.tickets import Mark, Ticket
from app.printing import tspl
from app.printing.conversation import Patience
from app.printing.device import Acknowledges, Capabilities, Outcome, OutcomeKind
from app.printing.encoder import USUAL, encode
from app.printing.fonts import FontMissingError, chinese_font
from app.printing.layout import lay_out, marks_of, part_of
from app.printing.paper import PAPERS, Paper
from app.printing.preview import label_pictures, render_png
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.printing.template import Template, TemplateError, read_template, standard_templates, template_for
from app.printing.transports.lan import PORT, LanPrinter, UnreachableError
from app.printing.trial import sample_ticket, trial_ticket

__all__ = [
    "PAPERS",
    "PORT",
    "Acknowledges",
    "Capabilities",
    "FontMissingError",
    "LanPrinter",
    "Outcome",
    "OutcomeKind",
    "Paper",
    "Patience",
    "PrinterStatus",
    "Profile",
    "Template",
    "TemplateError",
    "UnreachableError",
    "build",
    "chinese_font",
    "lay_out",
    "read_template",
    "render_png",
    "sample_ticket",
    "standard_templates",
    "template_for",
    "trial_ticket",
]

VOID_BEEPS = 3


def build(
    ticket: Ticket,
    template: Template | None = None,
    paper: str = "80",
    profile: Profile = USUAL,
    dialect: str = "escpos",
) -> bytes:
    """The whole job for `ticket` on `paper` (one of PAPERS) in the printer's language, from set-up to cut.

    `template` None is the usual one of the ticket's kind. A void rings three times. A reprint or possible duplicate first
    cuts off what may still hang out of the printer.
    `dialect`: escpos, tspl, feie or yilianyun. Raises ValueError for another, FontMissingError where a font is wanted.
    """
    form = template or standard_templates()[ticket.kind.value]
    marks = marks_of(ticket)
    alarm = max(form.beeps, VOID_BEEPS if Mark.VOID in marks else 0)
    match dialect:
        case "escpos":
            again = Mark.REPRINT in marks or Mark.POSSIBLE_DUPLICATE in marks
            sheet = Paper.of(paper)
            return encode(lay_out(ticket, form, sheet), sheet.dots, profile, alarm, again)
        case "tspl":
            return tspl.encode(label_pictures(ticket, form, paper), Paper.of(paper), alarm)
        case "feie" | "yilianyun":
            from app.printing.cloud import feie, yilianyun  # bring a whole HTTP client, which most shops never need
            from app.printing.cloud.markup import spelt_out

            plain, sheet = replace(spelt_out(ticket), scan=ticket.scan), Paper.of(paper)
            markup = feie.markup if dialect == "feie" else yilianyun.markup
            return markup(lay_out(plain, form, sheet), partial(part_of, plain, sheet))
    raise ValueError(f"no such printer language: {dialect}")
