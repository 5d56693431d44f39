"""Lines drawn as dots, as a printer draws them: 24-dot glyphs, enlarged by whole multiples. Used on paper and on screen."""

from __future__ import annotations

import re
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageOps

from app.printing import fonts, qr
from app.printing.characters import cells
from app.printing.lines import CELL_DOTS, ROW_DOTS, Code, Line, Span, line_dots

INK = 255  # in a 1-bit picture; 1 would look set and turn white when inverted
BASELINE = 20  # dots below the top of a row
BAND_DOTS = 240  # rows of one GS v 0 block: within every known printer's limit

# DLE EOT, DLE ENQ and DLE DC4 are obeyed by real printers even inside picture dots.
_REAL_TIME = re.compile(b"\x10(?=[\x04\x05\x14])")


def draw(line: Line, dots: int, height: int = 0) -> Image.Image:
    """`line` as a 1-bit picture `dots` wide in which 1 is ink; as tall as the paper moves for it, or `height` dots.

    These are the very dots that are sent: where they would spell a real-time command, one is added (10 -> 18).
    """
    picture = Image.new("1", (dots, height or line_dots(line)))
    if isinstance(line, Code):
        _draw_code(picture, line)
    else:
        _draw_text(picture, line)
    return harmless(picture)


def harmless(picture: Image.Image) -> Image.Image:
    """`picture` with a dot added wherever its dots would spell a command that a printer obeys in real time."""
    pixels = picture.tobytes()
    if not _REAL_TIME.search(pixels):
        return picture
    return Image.frombytes("1", picture.size, _REAL_TIME.sub(b"\x18", pixels))


def command(picture: Image.Image) -> bytes:
    """GS v 0 (1D 76 30) blocks that print a harmless `picture`. Sizes and borders of blocks spell no command either."""
    row_bytes = (picture.width + 7) // 8
    pixels = picture.tobytes()
    step = row_bytes * BAND_DOTS
    return b"".join(_band(row_bytes, pixels[start : start + step]) for start in range(0, len(pixels), step))


def _band(row_bytes: int, pixels: bytes) -> bytes:
    rows = len(pixels) // row_bytes
    return b"\x1dv0\x00" + row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little") + pixels


def _draw_text(picture: Image.Image, spans: tuple[Span, ...]) -> None:
    left = 0
    tallest = max((span.style.height for span in spans), default=1)
    for span in filter(lambda one: one.text, spans):
        drawn = _span(span)
        picture.paste(drawn, (left, tallest * ROW_DOTS - drawn.height))
        left += drawn.width


def _draw_code(picture: Image.Image, code: Code) -> None:
    modules = qr.modules(code.text)
    if modules:
        side = modules.width * code.module
        drawn = modules.resize((side, side), Image.Resampling.NEAREST)
        picture.paste(drawn, ((picture.width - side) // 2, (code.dots - side) // 2))


@lru_cache(512)
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
