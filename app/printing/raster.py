"""Lines drawn as dots, as a printer draws them: 24-dot glyphs, enlarged by whole multiples. Used on paper and on screen."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain

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
    return harmless(_picture(line, dots, height or line_dots(line)))


def harmless(picture: Image.Image) -> Image.Image:
    """`picture` with a dot added wherever its dots would spell a command that a printer obeys in real time."""
    pixels = picture.tobytes()
    safe = _safe(pixels)
    return picture if safe is pixels else Image.frombytes("1", picture.size, safe)


def printed(line: Line, dots: int) -> bytes:
    """GS v 0 (1D 76 30) blocks that print `line`, its dots as `draw` makes them."""
    return _blocks((dots + 7) // 8, _safe(_picture(line, dots, line_dots(line)).tobytes()))


def command(picture: Image.Image) -> bytes:
    """GS v 0 blocks that print a harmless `picture`."""
    return _blocks((picture.width + 7) // 8, picture.tobytes())


def _picture(line: Line, dots: int, height: int) -> Image.Image:
    picture = Image.new("1", (dots, height))
    if isinstance(line, Code):
        _draw_code(picture, line)
    else:
        _draw_text(picture, line)
    return picture


def _safe(pixels: bytes) -> bytes:
    return _REAL_TIME.sub(b"\x18", pixels) if _REAL_TIME.search(pixels) else pixels


def _blocks(row_bytes: int, pixels: bytes) -> bytes:
    """Sizes and borders of blocks spell no command either."""
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
    dots = b"".join(chain.from_iterable(zip(*map(_glyph, span.text), strict=True)))
    row = Image.frombytes("1", (len(dots) // ROW_DOTS, ROW_DOTS), dots, "raw", "1;8")
    if style.bold:  # printers embolden by striking twice, one dot apart
        row = ImageChops.logical_or(row, _shifted(row))
    if style.underline:
        ImageDraw.Draw(row).rectangle((0, ROW_DOTS - 2, row.width, ROW_DOTS - 1), fill=INK)
    if style.reverse:
        row = ImageOps.invert(row)
    if style.width == style.height == 1:
        return row
    return row.resize((row.width * style.width, row.height * style.height), Image.Resampling.NEAREST)


def _shifted(row: Image.Image) -> Image.Image:
    moved = Image.new("1", row.size)
    moved.paste(row, (1, 0))
    return moved


@lru_cache(4096)
def _glyph(character: str) -> tuple[bytes, ...]:
    """Rows of one character in its own cell, a byte each dot, squeezed when the face draws it wider than a printer would.

    A line puts them side by side: to paste pictures into one another takes eight times as long.
    """
    width = cells(character) * CELL_DOTS
    glyph = fonts.glyph(character)
    if glyph is None:
        return (bytes(width),) * ROW_DOTS
    advance = max(1, round(glyph.advance))
    cell = Image.new("L", (max(advance, width), ROW_DOTS))
    cell.paste(glyph.dots, ((cell.width - advance) // 2 + glyph.left, BASELINE + glyph.top))
    if advance > width:
        cell = cell.resize((width, ROW_DOTS), Image.Resampling.NEAREST)
    dots = cell.tobytes()
    return tuple(dots[start : start + width] for start in range(0, len(dots), width))
