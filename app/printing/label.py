"""Labels: lines spread over as many stickers as they need, and each sticker as one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PIL import Image

from app.domain.tickets import Ticket
from app.printing import raster
from app.printing.characters import cells, printable
from app.printing.lines import CELL_DOTS, ROW_DOTS, Line, Span, Style, row_dots
from app.printing.paper import MARGIN_DOTS, Paper
from app.texts import say

GAP_DOTS = 2  # between two rows
COUNT = Style(bold=True, reverse=True)


def height(lines: Iterable[Line]) -> int:
    """Dots that `lines` take on a label."""
    return sum(row_dots(line) + GAP_DOTS for line in lines)


def room(paper: Paper) -> int:
    """Dots of a label that may be printed on, from top to bottom."""
    return paper.height_dots - MARGIN_DOTS


def split(head: Sequence[Line], body: Sequence[Line], paper: Paper, ticket: Ticket) -> tuple[tuple[Line, ...], ...]:
    """`body` over several labels, each under `head` and a bar with the call number and "label 1/2"."""
    space = room(paper) - ROW_DOTS - GAP_DOTS
    if height(head) * 2 > space:  # absurdly long warnings: once is all there is room for
        head, body = (), (*head, *body)
    parts: list[list[Line]] = [[]]
    for line in body:
        if parts[-1] and height([*head, *parts[-1], line]) > space:
            parts.append([])
        parts[-1].append(line)
    return tuple((_bar(ticket, number, len(parts), paper.cells), *head, *part) for number, part in enumerate(parts, 1))


def picture(page: Sequence[Line], paper: Paper) -> Image.Image:
    """One label as dots, 1 is ink."""
    drawn = Image.new("1", (paper.dots, paper.height_dots))
    left, top = (paper.dots - paper.cells * CELL_DOTS) // 2, MARGIN_DOTS // 2
    for line in page:
        drawn.paste(raster.draw(line, paper.cells * CELL_DOTS, row_dots(line)), (left, top))
        top += row_dots(line) + GAP_DOTS
    return drawn


def _bar(ticket: Ticket, number: int, total: int, width: int) -> Line:
    """A call number too long for the bar stands on the first label anyway."""
    call = printable(ticket.call_number)
    count = say(ticket.language, "label {n}/{total}", n=number, total=total)
    if cells(call) + cells(count) + 3 > width:
        call = ""
    spare = width - cells(call) - cells(count) - 2
    return (Span(f" {call}{' ' * spare}{count} ", COUNT),)
