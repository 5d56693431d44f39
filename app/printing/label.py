"""Labels: lines spread over as many stickers as they need, and each sticker as one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PIL import Image

from app.domain.tickets import Ticket
from app.printing import raster
from app.printing.characters import cells, printable, wrap
from app.printing.lines import CELL_DOTS, ROW_DOTS, Code, Line, Span, Style, row_dots
from app.printing.paper import MARGIN_DOTS, Paper
from app.texts import N_, say

GAP_DOTS = 2  # between two rows
COUNT = Style(bold=True, reverse=True)


def height(lines: Iterable[Line]) -> int:
    """Dots that `lines` take on a label."""
    return sum(row_dots(line) + GAP_DOTS for line in lines)


def room(paper: Paper) -> int:
    """Dots of a label that may be printed on, from top to bottom."""
    return paper.height_dots - MARGIN_DOTS


def split(
    head: Sequence[Line], body: Sequence[Line], foot: Sequence[Line], paper: Paper, ticket: Ticket
) -> tuple[tuple[Line, ...], ...]:
    """`body` over several labels, each between `head` and `foot` and under a bar with the call number and "label 1/2".

    Whatever is torn must not look whole: every label but the last ends by saying that it goes on, and the next says which
    cup, or which of several dishes, it goes on with.
    """
    bar_dots = ROW_DOTS + GAP_DOTS
    space = room(paper) - bar_dots
    least = max(height([line]) for line in body) + 2 * bar_dots
    if height([*head, *foot]) + max(least, space // 3) > space:
        foot = ()
    if height(head) + max(least, space // 3) > space:  # absurdly long warnings: once is all there is room for
        head, body = (), (*head, *body)
    around = height([*head, *foot])
    pieces = _pieces(body, space - around - 2 * bar_dots, ticket, paper.cells)
    parts: list[list[Line]] = [[]]
    for number, (lines, again) in enumerate(pieces, 1):
        ends = 0 if number == len(pieces) else bar_dots
        if parts[-1] and around + height([*parts[-1], *lines]) + ends > space:
            parts[-1].append(_wide(say(ticket.language, N_("goes on: next label")), paper.cells))
            parts.append([*again])
        parts[-1] += lines
    return tuple(
        (_bar(ticket, number, len(parts), paper.cells), *head, *part, *foot) for number, part in enumerate(parts, 1)
    )


def _pieces(body: Sequence[Line], most: int, ticket: Ticket, width: int) -> list[tuple[list[Line], tuple[Line, ...]]]:
    """What stays together (of an item above `most` dots its rows), and what is said above it where it begins a label."""
    cup = _belongs(ticket, width)
    pieces: list[tuple[list[Line], tuple[Line, ...]]] = []
    for item in _items(body):
        if height(item) <= most:
            pieces.append((item, cup))
        else:
            again = cup or (_named(_text(item[0]).strip() + "…", width),)
            pieces += [([line], again if row else cup) for row, line in enumerate(item)]
    return pieces


def _items(body: Sequence[Line]) -> list[list[Line]]:
    """Rows that belong together: a row that is moved in goes on with what stands above it."""
    items: list[list[Line]] = []
    for line in body:
        if items and _text(line).startswith("    "):
            items[-1].append(line)
        else:
            items.append([line])
    return items


def foot(texts: Sequence[str], paper: Paper) -> list[Line]:
    """The warnings of the head once more, small: the top of a label tears off, or is round the other side of a cup."""
    rows = wrap(printable(" · ".join(texts)), paper.cells - 2) if texts else ()
    return [_wide(row, paper.cells) for row in rows]


def picture(page: Sequence[Line], paper: Paper) -> Image.Image:
    """One label as dots, 1 is ink."""
    drawn = Image.new("1", (paper.dots, paper.height_dots))
    left, top = (paper.dots - paper.cells * CELL_DOTS) // 2, MARGIN_DOTS // 2
    for line in page:
        drawn.paste(raster.draw(line, paper.cells * CELL_DOTS, row_dots(line)), (left, top))
        top += row_dots(line) + GAP_DOTS
    return drawn


def _belongs(ticket: Ticket, width: int) -> tuple[Line, ...]:
    """Which cup of how many, and its dish as far as one row goes."""
    count = f"{ticket.sheet}/{ticket.sheets}" if ticket.sheets > 1 else ""
    name = printable(ticket.lines[0].name) if len(ticket.lines) == 1 else ""
    if not (count or name):
        return ()
    return (_named(" ".join(filter(None, (count, name))), width),)


def _named(name: str, width: int) -> Line:
    """What goes on here, as far as one row goes."""
    text = f" → {name}"
    while cells(text) + 1 > width:
        text = text.removesuffix("…")[:-1] + "…"
    return _wide(text[1:], width)


def _wide(text: str, width: int) -> Line:
    return (Span(f" {text}{' ' * (width - 1 - cells(text))}", COUNT),)


def _text(line: Line) -> str:
    return "" if isinstance(line, Code) else "".join(span.text for span in line)


def _bar(ticket: Ticket, number: int, total: int, width: int) -> Line:
    """A call number too long for the bar stands on the first label anyway."""
    call = printable(ticket.call_number)
    count = say(ticket.language, "label {n}/{total}", n=number, total=total)
    if cells(call) + cells(count) + 3 > width:
        call = ""
    spare = width - cells(call) - cells(count) - 2
    return (Span(f" {call}{' ' * spare}{count} ", COUNT),)
