"""Pieces of paper as pictures: what the interpreter understood, dot by dot, with a band that says whether it is whole.

Pictures among the paper are shown bit by bit as they were received; letters are drawn here, not by the encoder's drawing.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageOps

from app.practice.paper import CELL_DOTS, LINE_DOTS
from app.practice.printer_pieces import Area, Item, PaperTicket, Picture, QrCode, Row, Run, Type
from app.practice.printer_qr import qr_modules
from app.printing.fonts import font_for
from app.texts import N_, tr

INK = 255
CELL = 24  # dots of a row's height at plain size
BAND = 40
_PLAIN = Type()
TOOTH = 8
STATES = {
    "complete": (N_("Complete ticket"), "#1b7f3b"),
    "glued": (N_("Glued: holds a piece of another ticket"), "#b25e00"),
    "torn": (N_("Torn: the ticket is not whole"), "#b3261e"),
    "hanging": (N_("Still in the printer"), "#4a5568"),
}


def draw_dots(piece: PaperTicket) -> Image.Image:
    """The piece alone, one pixel a printer dot, 1-bit: 255 is ink."""
    items = list(piece.items)
    width, height = piece.dots
    paper = Image.new("1", (width, height or max(LINE_DOTS, sum(map(_height, items)))))
    top = 0
    for item in items:
        if item.at is not None:
            _put_at(paper, item, item.at)
            continue
        drawn = _drawn(item)
        paper.paste(drawn, (max(0, item.align * (width - drawn.width) // 2), top))
        top += _height(item)
    return paper


def draw_png(piece: PaperTicket, state: str = "") -> bytes:
    """PNG of the piece under a band that names its state; torn edges are jagged. `state` instead of its own: "hanging"."""
    state = state or piece.state
    words, colour = STATES[state]
    dots = draw_dots(piece)
    sheet = Image.new("RGB", (dots.width, BAND + dots.height + 2 * TOOTH), "white")
    ImageDraw.Draw(sheet).rectangle((0, 0, sheet.width, BAND - 1), fill=colour)
    label = _row_of((Run(tr(words), _PLAIN),), CELL)
    sheet.paste("white", (8, (BAND - CELL) // 2), label)
    sheet.paste("black", (0, BAND + TOOTH), dots)
    if piece.glued:
        _tear(sheet, BAND, colour, down=True)
    if state == "torn":
        _tear(sheet, sheet.height, colour, down=False)
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()


def _tear(sheet: Image.Image, edge: int, colour: str, *, down: bool) -> None:
    """Teeth along `edge`, pointing down from it or up to it."""
    tip = edge + TOOTH if down else edge - TOOTH
    for left in range(0, sheet.width, 2 * TOOTH):
        ImageDraw.Draw(sheet).polygon(((left, edge), (left + TOOTH, tip), (left + 2 * TOOTH, edge)), fill=colour)


def _height(item: Item) -> int:
    """Dots that the paper moves for it on a receipt."""
    if isinstance(item, Row):
        return max(LINE_DOTS, CELL * max((run.type.height for run in item.runs), default=1))
    if isinstance(item, Picture):
        return len(item.dots) // max(1, item.row_bytes) * item.scale[1]
    return item.side if isinstance(item, QrCode) else 0


def _drawn(item: Item) -> Image.Image:
    if isinstance(item, Row):
        return _row_of(item.runs, item.cell, plain=item.at is not None)
    if isinstance(item, Picture):
        return _picture(item)
    if isinstance(item, QrCode):
        return _code(bytes(item), item.level, item.module)
    return Image.new("1", item.size, INK)


def _put_at(paper: Image.Image, item: Item, at: tuple[int, int]) -> None:
    """Onto a label: ink is added, except that a reversed area swaps ink and paper."""
    drawn = _drawn(item)
    if isinstance(item, Row) and item.turned:
        drawn = drawn.rotate(-item.turned, expand=True)
    box = (*at, at[0] + drawn.width, at[1] + drawn.height)
    below = paper.crop(box)
    swaps = isinstance(item, Area) and item.reverse
    paper.paste(ImageOps.invert(below) if swaps else ImageChops.logical_or(below, drawn), box)


def _picture(picture: Picture) -> Image.Image:
    rows = len(picture.dots) // max(1, picture.row_bytes)
    if not rows:
        return Image.new("1", (1, 1))
    dots = bytes(picture.dots[: rows * picture.row_bytes])
    drawn = Image.frombytes("1", (picture.row_bytes * 8, rows), dots)
    drawn = drawn if picture.black else ImageOps.invert(drawn)
    return drawn.resize((drawn.width * picture.scale[0], rows * picture.scale[1]), Image.Resampling.NEAREST)


@lru_cache(64)
def _code(content: bytes, level: str, module: int) -> Image.Image:
    rows = qr_modules(content, level)
    drawn = Image.new("1", (max(1, len(rows)), max(1, len(rows))))
    drawn.putdata([INK if dark else 0 for row in rows for dark in row] or [0])
    return drawn.resize((drawn.width * module, drawn.height * module), Image.Resampling.NEAREST)


def _row_of(runs: Iterable[Run], cell: int, *, plain: bool = False) -> Image.Image:
    """Runs beside each other on one base line. `plain` leaves reverse type to the area that made it."""
    parts = [_run(run, cell, plain=plain) for run in runs if run.text]
    row = Image.new("1", (max(1, sum(part.width for part in parts)), max((part.height for part in parts), default=cell)))
    left = 0
    for part in parts:
        row.paste(part, (left, row.height - part.height))
        left += part.width
    return row


def _run(run: Run, cell: int, *, plain: bool) -> Image.Image:
    half = cell * CELL_DOTS // CELL
    widths = [half if letter.isascii() else 2 * half for letter in run.text]
    row = Image.new("1", (sum(widths), cell))
    left = 0
    for letter, width in zip(run.text, widths, strict=True):
        row.paste(_glyph(letter, width, cell), (left, 0))
        left += width
    if run.type.bold:
        row = ImageChops.logical_or(row, ImageChops.offset(row, 1, 0))
    if run.type.underline:
        ImageDraw.Draw(row).line((0, cell - 1, row.width, cell - 1), fill=INK, width=2)
    if run.type.reverse and not plain:
        row = ImageOps.invert(row)
    return row.resize((row.width * run.type.width, cell * run.type.height), Image.Resampling.NEAREST)


@lru_cache(4096)
def _glyph(letter: str, width: int, height: int) -> Image.Image:
    """A character of the ROM in its cell; an open box where this machine has no font for it."""
    cell = Image.new("1", (2 * CELL, CELL))
    pen = ImageDraw.Draw(cell)
    pen.fontmode = "1"
    font = font_for(letter)
    whole = CELL_DOTS if letter.isascii() else CELL
    if font:
        pen.text(((whole - font.getlength(letter)) / 2, CELL - 4), letter, font=font, fill=INK, anchor="ls")
    elif not letter.isspace():
        pen.rectangle((1, 3, whole - 2, CELL - 3), outline=INK)
    return cell.crop((0, 0, whole, CELL)).resize((width, height), Image.Resampling.NEAREST)
