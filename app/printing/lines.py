"""What a line of paper is: pieces of text with a style. The layout writes lines; the encoder and the preview read them."""

from __future__ import annotations

from typing import NamedTuple

from app.printing.characters import cells

CELLS = {80: 48, 58: 32}  # half-width cells of font A by paper width in mm
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


class Span(NamedTuple):
    """Printable text (see characters.printable) in one style."""

    text: str
    style: Style = Style()


Line = tuple[Span, ...]


def line_cells(line: Line) -> int:
    """Width of a line in half-width cells."""
    return sum(cells(span.text) * span.style.width for span in line)


def line_dots(line: Line) -> int:
    """How far the paper moves for a line, in dots of 1/203 inch."""
    return max(FEED_DOTS, ROW_DOTS * max((span.style.height for span in line), default=1))
