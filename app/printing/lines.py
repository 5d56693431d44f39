"""What a line of paper is: styled text or a QR code. The layout writes lines; encoders and the preview read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from app.printing.characters import cells

CELL_DOTS = 12  # a Latin letter is 12x24 dots, a hanzi 24x24
ROW_DOTS = 24
FEED_DOTS = 34  # an ordinary line advances the paper by 1/6 inch (ESC 2, the state after ESC @) at 203 dpi


class Style(NamedTuple):
    """How a piece of text looks; `width` and `height` are whole multiples, 1 to 8."""

    width: int = 1
    height: int = 1
    bold: bool = False
    reverse: bool = False
    underline: bool = False


# Made once for each style, because a dish has several and `_replace` takes longer than measuring its name.


@cache
def narrow(style: Style) -> Style:
    """`style` in the usual width."""
    return style._replace(width=1)


@cache
def white(style: Style) -> Style:
    """`style` white on black."""
    return style._replace(reverse=True)


@cache
def underlined(style: Style) -> Style:
    """`style` with a line under it."""
    return style._replace(underline=True)


class Span(NamedTuple):
    """Printable text (see characters.printable) in one style."""

    text: str
    style: Style = Style()


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code alone on its line, in the middle: `module` dots a module, `dots` square with its quiet zone."""

    text: str
    module: int
    dots: int


Line = tuple[Span, ...] | Code


def line_cells(line: Line) -> int:
    """Width of a line in half-width cells."""
    if isinstance(line, Code):
        return -(-line.dots // CELL_DOTS)
    total = 0
    for text, style in line:
        total += cells(text) * style.width
    return total


def line_dots(line: Line) -> int:
    """How far the paper moves for a line, in dots of 1/203 inch."""
    return line.dots if isinstance(line, Code) else max(FEED_DOTS, row_dots(line))


def row_dots(line: Line) -> int:
    """How tall the ink of a line can be, in dots."""
    return line.dots if isinstance(line, Code) else ROW_DOTS * max((span.style.height for span in line), default=1)
