"""The kitchen ticket's layout: a Ticket becomes styled lines for a paper width, independent of any printer."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.orders import Fulfilment, OptionKind
from app.domain.tickets import Mark, Note, NoteKind, Ticket, TicketKind, TicketLine
from app.printing.characters import cells, printable, wrap
from app.printing.lines import CELLS, Line, Span, Style
from app.texts import N_, say

SMALL = Style()
STRONG = Style(bold=True)
NOTED = Style(bold=True, underline=True)
TALL = Style(height=2)
DISH = Style(height=2, bold=True)
LOUD = Style(height=2, bold=True, reverse=True)
BIG = Style(2, 2, bold=True)
SHOUT = Style(2, 2, bold=True, reverse=True)
CALLED = Style(3, 3, bold=True)

RAIL_LINES = 3  # the kitchen's rail hides the top of the paper
INDENT = 4  # options stand under their dish's name

MARKS = {  # in the order of the banners; the first is read first
    Mark.VOID: N_("VOID"),
    Mark.CHANGED: N_("CHANGED"),
    Mark.POSSIBLE_DUPLICATE: N_("POSSIBLE DUPLICATE"),
    Mark.REPRINT: N_("REPRINT"),
    Mark.SCHEDULED: N_("SCHEDULED"),
    Mark.PRACTICE: N_("PRACTICE"),
}
FULFILMENTS = {
    Fulfilment.DELIVERY: N_("DELIVERY"),
    Fulfilment.PICKUP: N_("PICKUP"),
    Fulfilment.DINE_IN: N_("DINE-IN"),
}
SIGNS = {OptionKind.ADD: " +", OptionKind.REMOVE: " -", OptionKind.CHOICE: ""}


def lay_out(ticket: Ticket, width_mm: int = 80) -> tuple[Line, ...]:
    """Lines of `ticket` on paper of 80 or 58 mm. No line is wider than the paper and no text is cut short."""
    sheet = _Sheet(CELLS[width_mm])
    banners = _banners(ticket)
    sheet.lines += [()] * RAIL_LINES
    sheet.bands(banners)
    if banners:
        sheet.lines.append(())
    _head(sheet, ticket)
    sheet.rule()
    void = say(ticket.language, MARKS[Mark.VOID]) + " " if ticket.kind is TicketKind.VOID else ""
    for line in ticket.lines:
        sheet.lines += _dish(line, sheet.width, void)
    sheet.rule()
    _foot(sheet, ticket)
    sheet.bands(banners)
    return tuple(sheet.lines)


def marks_of(ticket: Ticket) -> list[Mark]:
    """Every warning the paper must carry: the ticket's own and those its kind implies, in banner order."""
    implied = {TicketKind.VOID: Mark.VOID, TicketKind.CHANGED: Mark.CHANGED}.get(ticket.kind)
    return [
        mark for mark in MARKS if mark in ticket.marks or mark is implied or (mark is Mark.SCHEDULED and ticket.scheduled)
    ]


class _Sheet:
    """Collects lines for a paper of `width` cells."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []

    def write(self, text: str, style: Style = SMALL) -> None:
        self.lines += [(Span(row, style),) for row in wrap(printable(text), self.width // style.width)]

    def hang(self, lead: str, lead_style: Style, text: str, style: Style) -> None:
        self.lines += _hung(lead, lead_style, text, style, self.width)

    def bands(self, texts: list[str]) -> None:
        for text in texts:
            self.band(text, SHOUT)

    def band(self, text: str, style: Style) -> None:
        """Reverse from edge to edge, text in the middle: a bar that is seen from across the kitchen."""
        room = self.width // style.width
        for row in wrap(printable(text), room):
            spare = room - cells(row)
            self.lines.append((Span(" " * (spare // 2) + row + " " * (spare - spare // 2), style),))

    def rule(self) -> None:
        self.lines.append((Span("-" * self.width, SMALL),))


def _hung(lead: str, lead_style: Style, text: str, style: Style, width: int) -> list[Line]:
    """`lead`, a gap and `text` with a hanging indent, so that the first row always carries both."""
    taken = cells(lead) * lead_style.width + style.width
    if taken * 2 > width:  # an absurdly long lead: wrap it together with the text rather than run off the paper
        return [(Span(row, style),) for row in wrap(f"{lead} {text}", width // style.width)]
    first, *others = wrap(text, (width - taken) // style.width)
    indent = Span(" " * taken, SMALL)
    if lead_style.reverse:  # the gap stays white, and is not underlined either
        first = " " + first
    else:
        lead += " "
    return [(Span(lead, lead_style), Span(first, style)), *((indent, Span(row, style)) for row in others)]


def _banners(ticket: Ticket) -> list[str]:
    texts = [_banner(ticket, mark) for mark in marks_of(ticket)]
    return [_both(ticket.language, N_("TEST")), *texts] if ticket.kind is TicketKind.TEST else texts


def _banner(ticket: Ticket, mark: Mark) -> str:
    text = _both(ticket.language, MARKS[mark])
    if mark is Mark.REPRINT:
        return f"{text} {ticket.copy} {_clock(ticket, ticket.created_at)}"
    if mark is Mark.SCHEDULED and ticket.due_at:
        return f"{text} {_moment(ticket, ticket.due_at)}"
    return text


def _head(sheet: _Sheet, ticket: Ticket) -> None:
    language = ticket.language
    call = printable(ticket.call_number)
    sheet.write(call, CALLED if cells(call) * CALLED.width <= sheet.width else BIG)
    sheet.write("  ".join(filter(None, (ticket.station, _both(language, FULFILMENTS[ticket.fulfilment])))), DISH)
    if ticket.due_at and ticket.scheduled:
        due = say(language, "DUE {time}", time=_moment(ticket, ticket.due_at))
        sheet.write(due, SHOUT if cells(due) * SHOUT.width <= sheet.width else LOUD)
    elif ticket.due_at:
        sheet.write(say(language, "DUE {time}", time=_clock(ticket, ticket.due_at)), BIG)
    if ticket.pickup_code:
        sheet.write(say(language, "Pickup code {code}", code=ticket.pickup_code), TALL)
    _origin(sheet, ticket)
    for note in ticket.notes:
        if note.kind is NoteKind.ALLERGY:
            _allergy(sheet, f"{_both(language, N_('ALLERGY'))} {note.text}")


def _allergy(sheet: _Sheet, text: str) -> None:
    """Twice as wide where three rows hold it: an allergy is never small, and never a screenful of banner."""
    fits = len(wrap(printable(text), sheet.width // SHOUT.width)) <= 3
    sheet.band(text, SHOUT if fits else LOUD)


def _origin(sheet: _Sheet, ticket: Ticket) -> None:
    """Why this paper exists, where it is not the first: reason, the earlier ticket, when that was printed."""
    if ticket.reason:
        sheet.write(say(ticket.language, "Reason: {reason}", reason=ticket.reason), DISH)
    if ticket.original_id:
        sheet.write(say(ticket.language, "Original ticket {ticket}", ticket=ticket.original_id), STRONG)
    if ticket.was_printed_at:
        sheet.write(say(ticket.language, "Was printed {time}", time=_clock(ticket, ticket.was_printed_at)), STRONG)


@lru_cache(2048)
def _dish(line: TicketLine, width: int, void: str) -> tuple[Line, ...]:
    quantity = printable(line.quantity)
    lead_style = LOUD if void or _is_several(quantity) else DISH
    lines = _hung(f"{void}{quantity:>2}x ", lead_style, printable(line.name), DISH, width)
    for option in line.options:
        times = f" x{option.quantity}" if option.quantity != 1 else ""
        lead = " " * INDENT + SIGNS[option.kind]
        lines += _hung(lead, STRONG, printable(option.text + times), STRONG, width)
    if line.note:
        lines += _hung(" " * INDENT + " *", STRONG, printable(line.note), NOTED, width)
    return tuple(lines)


@lru_cache(256)
def _is_several(quantity: str) -> bool:
    """Everything but a plain one is worth a second look: 2, 0.5, +1 and -1 on a change."""
    return quantity != "1"


def _foot(sheet: _Sheet, ticket: Ticket) -> None:
    for note in ticket.notes:
        if note.kind is not NoteKind.ALLERGY:
            _note(sheet, note, ticket.language)
    language = ticket.language
    totals = [say(language, "Items {total}", total=ticket.items_total)] if ticket.items_total else []
    if ticket.tableware is not None:
        totals.append(say(language, "Cutlery {n}", n=ticket.tableware) if ticket.tableware else say(language, "NO CUTLERY"))
    if totals:
        sheet.write("   ".join(totals), TALL)
    created = f"{_moment(ticket, ticket.created_at)}:{_local(ticket, ticket.created_at):%S}"
    parts = (created, ticket.ticket_id, say(language, "copy {n}", n=ticket.copy), ticket.platform)
    sheet.write("  ".join(filter(None, parts)))


def _note(sheet: _Sheet, note: Note, language: str) -> None:
    loud = note.kind is NoteKind.CHANGE
    lead = f" {say(language, 'NOTE')} "
    sheet.hang(lead, LOUD if loud else STRONG, printable(note.text), DISH if loud else SMALL)
    sheet.rule()


def _both(language: str, text: str) -> str:
    """`text` in the kitchen's language and in English: banners must be understood by whoever stands there."""
    local = say(language, text)
    return text if local == text else f"{local} {text}"


def _clock(ticket: Ticket, moment: datetime) -> str:
    local = _local(ticket, moment)
    return f"{local.hour:02}:{local.minute:02}"


def _moment(ticket: Ticket, moment: datetime) -> str:
    local = _local(ticket, moment)
    day = say(ticket.language, "{month}-{day}", month=f"{local.month:02}", day=f"{local.day:02}")
    return f"{day} {local.hour:02}:{local.minute:02}"


def _local(ticket: Ticket, moment: datetime) -> datetime:
    return moment.astimezone(_zone(ticket.zone))


_zone = lru_cache(64)(ZoneInfo)
