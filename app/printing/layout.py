"""A ticket becomes styled lines: its template's blocks, between the warnings that no template can leave out."""

from __future__ import annotations

from app.domain.tickets import Mark, Ticket, TicketKind
from app.printing.blocks import Allergy, Origin, allergies_of
from app.printing.label import COUNT, foot, height, room, split
from app.printing.lines import Line, Style
from app.printing.paper import Paper
from app.printing.sheet import LOUD, SHOUT, Sheet
from app.printing.template import WARNED_BY, Template, standard_templates
from app.texts import N_, say

RAIL_LINES = 3  # the kitchen's rail hides the top of the paper

MARKS = {  # in the order of the banners; the first is read first
    Mark.VOID: N_("VOID"),
    Mark.CHANGED: N_("CHANGED"),
    Mark.POSSIBLE_DUPLICATE: N_("POSSIBLE DUPLICATE"),
    Mark.REPRINT: N_("REPRINT"),
    Mark.BACKUP: N_("BACKUP"),
    Mark.SCHEDULED: N_("SCHEDULED"),
    Mark.PRACTICE: N_("PRACTICE"),
}
IMPLIED = {TicketKind.VOID: Mark.VOID, TicketKind.CHANGED: Mark.CHANGED}
ALLERGY = Allergy(type="allergy")
ORIGIN = Origin.model_validate({"type": "origin"})


def lay_out(ticket: Ticket, template: Template | None = None, paper: Paper | None = None) -> tuple[Line, ...]:
    """Lines of `ticket` in `template` (the usual one by default) on `paper` (a roll of 80 mm).

    No line is wider than the paper and no text is cut short. On labels these are the lines of all pages, see `label_pages`.
    """
    paper = paper or Paper.of("80")
    template = template or standard_templates()[ticket.kind.value]
    if paper.height_mm is not None:
        return tuple(line for page in label_pages(ticket, template, paper) for line in page)
    sheet = Sheet(ticket, paper)
    banners = _banners(sheet)
    sheet.lines += [()] * RAIL_LINES
    _bands(sheet, banners)
    if banners:
        sheet.lines.append(())
    _body(sheet, template)
    _foot(sheet)
    _bands(sheet, banners)
    return tuple(sheet.lines)


def part_of(
    ticket: Ticket, paper: Paper, number: int, total: int, brief: bool = False
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What stands above and below one of several papers that a ticket is too long for: which part of which, and warnings.

    The first and the last have the ticket's own banners at one end already. `brief`: where the warnings are too long to be
    said on each, they are named, and said in full once.
    """
    bar, banners, allergies = Sheet(ticket, paper), Sheet(ticket, paper), Sheet(ticket, paper)
    part = say(ticket.language, "part {n}/{total}", n=number, total=total)
    called = f"{ticket.call_number} {part}"
    bar.band(called if not brief or bar.fits(called, LOUD) else part, LOUD)
    _bands(banners, [banners.both(MARKS[mark]) for mark in marks_of(ticket)] if brief else _banners(banners))
    if brief and allergies_of(ticket):
        allergies.band(f"{allergies.both(N_('ALLERGY'))} {say(ticket.language, N_('see the other parts'))}", LOUD)
    elif ticket.kind in WARNED_BY:
        ALLERGY.put(allergies)
    above = (*banners.lines, *bar.lines, *allergies.lines) if number > 1 else tuple(bar.lines)
    below = (*bar.lines, *banners.lines) if number < total else tuple(bar.lines)
    return above, below


def label_pages(ticket: Ticket, template: Template | None, paper: Paper) -> tuple[tuple[Line, ...], ...]:
    """Lines of each label that `ticket` needs: one, with smaller type if that helps, or as many as it takes, counted.

    Papers of other kinds take the form of a label too: what voids a label must be as small as what it voids.
    """
    form = template if template and template.kind is TicketKind.LABEL else standard_templates()[TicketKind.LABEL.value]
    for fitting, loud in ((form, LOUD), (form.smaller, COUNT)):
        head, body, end = _label(ticket, fitting, paper, loud)
        if height([*head, *body, *end]) <= room(paper):
            return ((*head, *body, *end),)
    return split(head, body, end, paper, ticket)


def _label(ticket: Ticket, form: Template, paper: Paper, loud: Style) -> tuple[list[Line], list[Line], list[Line]]:
    head, body = Sheet(ticket, paper), Sheet(ticket, paper)
    for text in _banners(head):
        head.band(text, loud)
    _body(body, form)
    body.write(" ".join(filter(None, (body.clock(ticket.created_at), ticket.ticket_id, ticket.platform))))
    return head.lines, body.lines, foot([say(ticket.language, MARKS[mark]) for mark in marks_of(ticket)], paper)


def marks_of(ticket: Ticket) -> list[Mark]:
    """Every warning the paper must carry: the ticket's own and those its kind implies, in banner order."""
    implied = IMPLIED.get(ticket.kind)
    return [
        mark for mark in MARKS if mark in ticket.marks or mark is implied or (mark is Mark.SCHEDULED and ticket.scheduled)
    ]


def _body(sheet: Sheet, template: Template) -> None:
    if not template.warns and sheet.ticket.kind in WARNED_BY:
        ALLERGY.put(sheet)
    if not template.explains and sheet.ticket.restated:
        ORIGIN.put(sheet)
    for block in template.blocks:
        block.put(sheet)


def _bands(sheet: Sheet, texts: list[str]) -> None:
    for text in texts:
        sheet.band(text, SHOUT)


def _banners(sheet: Sheet) -> list[str]:
    texts = [_banner(sheet, mark) for mark in marks_of(sheet.ticket)]
    return [sheet.both(N_("TEST")), *texts] if sheet.ticket.kind is TicketKind.TEST else texts


def _banner(sheet: Sheet, mark: Mark) -> str:
    ticket = sheet.ticket
    text = sheet.both(MARKS[mark])
    if mark is Mark.REPRINT:
        return f"{text} {ticket.copy} {sheet.clock(ticket.created_at)}"
    if mark is Mark.SCHEDULED and ticket.due_at:
        return f"{text} {sheet.moment(ticket.due_at)}"
    if mark is Mark.BACKUP and ticket.from_printer:
        return f"{text} {say(sheet.language, 'from {printer}', printer=ticket.from_printer)}"
    return text


def _foot(sheet: Sheet) -> None:
    """Which paper this is: made when, its name, which copy, of which platform."""
    ticket = sheet.ticket
    created = f"{sheet.moment(ticket.created_at)}:{sheet.local(ticket.created_at).second:02}"
    copy = say(sheet.language, "copy {n}", n=ticket.copy) if ticket.copy > 1 else ""
    count = f"{ticket.sheet}/{ticket.sheets}" if ticket.sheets > 1 else ""
    sheet.write("  ".join(filter(None, (created, ticket.ticket_id, copy, count, ticket.platform))))
