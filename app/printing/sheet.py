"""A paper while it is being laid out: wraps, aligns, boxes and bands text to its width; nothing is ever cut short."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.tickets import Ticket
from app.printing import qr
from app.printing.characters import cells, printable, widest, wrap
from app.printing.lines import Line, Span, Style, line_cells
from app.printing.paper import Paper
from app.texts import say

SMALL = Style()
STRONG = Style(bold=True)
TALL = Style(height=2)
LOUD = Style(height=2, bold=True, reverse=True)
SHOUT = Style(2, 2, bold=True, reverse=True)


class Sheet:
    """Collects the lines of `ticket` for a paper; `width` in cells."""

    def __init__(self, ticket: Ticket, paper: Paper) -> None:
        self.ticket = ticket
        self.language = ticket.language
        self.paper = paper
        self.width = paper.cells
        self.lines: list[Line] = []

    def write(self, text: str, style: Style = SMALL, align: str = "left", boxed: bool = False) -> None:
        """`text` on as many rows as it needs; nothing for no text."""
        clean = printable(text)
        if not clean:
            return
        if boxed:
            self.lines += _boxed(clean, style, self.width)
        elif align == "left":
            self.lines += [(Span(row, style),) for row in wrap(clean, self.width // style.width)]
        else:
            self.lines += [_aligned(row, style, align, self.width) for row in wrap(clean, self.width // style.width)]

    def fits(self, text: str, style: Style) -> bool:
        """Whether `text` takes one row."""
        return cells(printable(text)) * style.width <= self.width

    def fitted(self, text: str, style: Style, rows: int = 1) -> Style:
        """`style`, or the next smaller one in which `text` takes at most `rows` rows."""
        return fitted(printable(text), style, self.width, rows)

    def hang(self, lead: Span, text: str, style: Style) -> None:
        """`lead` and `text` side by side, the text's further rows under its first."""
        self.lines += hung((lead,), printable(text), style, self.width)

    def pair(self, text: str, amount: str, style: Style) -> None:
        """`text` at the left and `amount` at the right."""
        self.lines += hung((), printable(text), style, self.width, printable(amount))

    def band(self, text: str, style: Style) -> None:
        """Reverse from edge to edge, text in the middle: a bar that is seen from across the kitchen."""
        room = self.width // style.width
        for row in wrap(printable(text), room):
            spare = room - cells(row)
            self.lines.append((Span(" " * (spare // 2) + row + " " * (spare - spare // 2), style),))

    def rule(self, mark: str = "-") -> None:
        """A line across; a second one at once says nothing."""
        line: Line = (Span(mark * self.width, SMALL),)
        if self.lines[-1:] != [line]:
            self.lines.append(line)

    def code(self, text: str, module: int) -> None:
        """A QR code, or in words what no code of this width can hold."""
        drawn = qr.code(printable(text), module, self.paper.dots) if text else None
        if drawn:
            self.lines.append(drawn)
        else:
            self.write(text)

    def both(self, text: str) -> str:
        """`text` in the kitchen's language and in English: banners must be understood by whoever stands there."""
        local = say(self.language, text)
        return text if local == text else f"{local} {text}"

    def listed(self, names: tuple[str, ...]) -> str:
        """`names` one after the other, as the language does it."""
        return ("、" if self.language == "zh" else ", ").join(names)

    def clock(self, moment: datetime | None) -> str:
        """Hours and minutes of `moment` at the shop."""
        if moment is None:
            return ""
        local = self.local(moment)
        return f"{local.hour:02}:{local.minute:02}"

    def day(self, moment: datetime | None) -> str:
        """Month and day of `moment` at the shop."""
        if moment is None:
            return ""
        local = self.local(moment)
        return say(self.language, "{month}-{day}", month=f"{local.month:02}", day=f"{local.day:02}")

    def moment(self, moment: datetime | None) -> str:
        """Day and time of `moment` at the shop."""
        return f"{self.day(moment)} {self.clock(moment)}" if moment else ""

    def local(self, moment: datetime) -> datetime:
        """`moment` on the shop's clock."""
        return moment.astimezone(_zone(self.ticket.zone))


def fitted(text: str, style: Style, width: int, rows: int) -> Style:
    """`style`, or the next smaller one in which `text` takes at most `rows` rows of `width` cells and no word is torn."""
    while style.width > 1 and not _is_held(text, width // style.width, rows):
        style = style._replace(width=style.width - 1, height=2)
    return style


def _is_held(text: str, width: int, rows: int) -> bool:
    return cells(text) <= width or (widest(text) <= width and len(wrap(text, max(2, width))) <= rows)


def hung(leads: tuple[Span, ...], text: str, style: Style, width: int, amount: str = "") -> list[tuple[Span, ...]]:
    """`leads`, a gap and `text` with a hanging indent: the first row always carries both, the last ends with `amount`."""
    taken = line_cells(leads) + _gap(leads, style)
    kept = cells(amount) + 1 if amount else 0
    if taken + kept > width * 2 // 3:  # absurdly long: wrap it all rather than run off the paper
        whole = " ".join(filter(None, ("".join(lead.text for lead in leads), text, amount)))
        return [(Span(row, style),) for row in wrap(whole, width // style.width)]
    rows = wrap(text, (width - taken - kept) // style.width)
    lines = [_beside(leads, rows[0], style)]
    lines += [(Span(" " * taken), Span(row, style)) for row in rows[1:]]
    if amount:
        spare = width - cells(amount) - taken - cells(rows[-1]) * style.width
        lines[-1] = (*lines[-1], Span(" " * spare), Span(amount, Style(1, style.height, style.bold)))
    return lines


def _gap(leads: tuple[Span, ...], style: Style) -> int:
    """Cells of the gap between `leads` and a text in `style`: as wide as the last, or the text beside one in reverse."""
    if not leads:
        return 0
    last = leads[-1].style
    return style.width if last.reverse else last.width


def _beside(leads: tuple[Span, ...], row: str, style: Style) -> tuple[Span, ...]:
    """A first row; the gap, never white on black, belongs to the last lead, or to the text beside one in reverse."""
    if not leads:
        return (Span(row, style),)
    last = leads[-1]
    if last.style.reverse:
        return (*leads, Span(" " + row, style))
    return (*leads[:-1], Span(last.text + " ", last.style), Span(row, style))


def _aligned(row: str, style: Style, align: str, width: int) -> Line:
    spare = width - cells(row) * style.width
    return (Span(" " * (spare // 2 if align == "center" else spare), SMALL), Span(row, style))


def _boxed(text: str, style: Style, width: int) -> list[Line]:
    edge: Line = (Span("+" + "-" * (width - 2) + "+", SMALL),)
    side = SMALL._replace(height=style.height)
    rows: list[Line] = [edge]
    for row in wrap(text, (width - 4) // style.width):
        spare = width - 4 - cells(row) * style.width
        rows.append((Span("| ", side), Span(row, style), Span(" " * spare + " |", side)))
    return [*rows, edge]


_zone = lru_cache(64)(ZoneInfo)
