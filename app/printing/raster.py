"""Lines drawn as dots, as a printer draws them: 24-dot glyphs, enlarged by whole multiples. Used on paper and on screen."""

from __future__ import annotations

import re
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageOps

from app.printing import fonts
from app.printing.characters import cells
from app.printing.lines import CELL_DOTS, ROW_DOTS, Line, Span, line_dots

INK = 255  # in a 1-bit picture; 1 would look set and turn white when inverted
BASELINE = 20  # dots below the top of a row
BAND_DOTS = 240  # rows of one GS v 0 block: within every known printer's limit

# DLE EOT, DLE ENQ and DLE DC4 are obeyed by real printers even inside picture dots.
_REAL_TIME = re.compile(b"\x10(?=[\x04\x05\x14])")


def draw(line: Line, dots: int) -> Image.Image:
    """`line` as a 1-bit picture `dots` wide in which 1 is ink; as tall as the paper moves for it."""
    picture = Image.new("1", (dots, line_dots(line)))
    left = 0
    tallest = max((span.style.height for span in line), default=1)
    for span in line:
        drawn = _span(span)
        picture.paste(drawn, (left, tallest * ROW_DOTS - drawn.height))
        left += drawn.width
    return picture


def command(picture: Image.Image) -> bytes:
    """GS v 0 (1D 76 30) blocks that print `picture`, free of anything a printer obeys in real time."""
    row_bytes = (picture.width + 7) // 8
    pixels = picture.tobytes()
    step = row_bytes * BAND_DOTS
    return b"".join(_band(row_bytes, pixels[start : start + step]) for start in range(0, len(pixels), step))


def _band(row_bytes: int, pixels: bytes) -> bytes:
    """One block. Where dots spell a real-time command one dot is added (10 -> 18)."""
    head = b"\x1dv0\x00" + row_bytes.to_bytes(2, "little") + (len(pixels) // row_bytes).to_bytes(2, "little")
    return head + _REAL_TIME.sub(b"\x18", pixels)


def _span(span: Span) -> Image.Image:
    style = span.style
    row = Image.new("1", (cells(span.text) * CELL_DOTS, ROW_DOTS))
    left = 0
    for character in span.text:
        drawn = _glyph(character)
        row.paste(drawn, (left, 0))
        left += drawn.width
    if style.bold:  # printers embolden by striking twice, one dot apart
        row = ImageChops.logical_or(row, _shifted(row))
    if style.underline:
        ImageDraw.Draw(row).rectangle((0, ROW_DOTS - 2, row.width, ROW_DOTS - 1), fill=INK)
    if style.reverse:
        row = ImageOps.invert(row)
    return row.resize((row.width * style.width, row.height * style.height), Image.Resampling.NEAREST)


def _shifted(row: Image.Image) -> Image.Image:
    moved = Image.new("1", row.size)
    moved.paste(row, (1, 0))
    return moved


@lru_cache(4096)
def _glyph(character: str) -> Image.Image:
    """One character in its own cell, squeezed when the face draws it wider than a printer would."""
    width = cells(character) * CELL_DOTS
    cell = Image.new("1", (width, ROW_DOTS))
    font = fonts.font_for(character)
    if font is None:
        return cell
    advance = max(1, round(font.getlength(character)))
    drawn = Image.new("1", (max(advance, width), ROW_DOTS))
    pen = ImageDraw.Draw(drawn)
    pen.fontmode = "1"
    pen.text((0, BASELINE), character, font=font, fill=INK, anchor="ls")
    if advance > width:
        return drawn.resize((width, ROW_DOTS), Image.Resampling.NEAREST)
    cell.paste(drawn, ((width - advance) // 2, 0))
    return cell
