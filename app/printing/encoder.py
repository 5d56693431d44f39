"""Styled lines to ESC/POS bytes for Chinese printers: GBK text in hanzi mode, a drawn line where the ROM lacks a character.

Command bytes: Epson's ESC/POS reference, and what Chinese models share of it. No `ESC t`: in hanzi mode a code-page byte
would swallow its neighbour. No `ESC a`: the layout pads with spaces, so nothing depends on the printer's alignment.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from app.printing import raster
from app.printing.characters import rom
from app.printing.lines import Line, Style

INIT = b"\x1b@\x1b\x52\x00\x1c&"  # ESC @, ESC R 0 (a # stays a #), FS & (hanzi mode, off after ESC @ on some models)
CUT = b"\x1dVB\x00"  # feed to the cutter, then cut
CLEAR_TORN = b"\x1b@\n" + CUT  # drops a half line and cuts off a half ticket left by a broken job

_PLAIN = Style()


def beeps(times: int) -> bytes:
    """ESC B: sound the kitchen buzzer of common Chinese models `times` (1 to 9) times."""
    return bytes((0x1B, 0x42, times, 2))


def encode(lines: Iterable[Line], dots: int, alarm: int = 0, after_torn: bool = False) -> bytes:
    """One whole job for a printer of `dots` per row. `alarm` is a number of beeps; `after_torn` cuts old paper off first."""
    parts = [CLEAR_TORN, INIT] if after_torn else [INIT]
    if alarm:
        parts.append(beeps(alarm))
    style = _PLAIN
    for line in lines:
        codes = [rom(span.text) for span in line]
        if None in codes:
            parts.append(switch(style, _PLAIN))
            parts.append(raster.command(raster.draw(line, dots)))
            style = _PLAIN
            continue
        for span, code in zip(line, codes, strict=True):
            if span.style != style:
                parts.append(switch(style, span.style))
                style = span.style
            parts.append(code or b"")
        parts.append(b"\n")
    parts += (switch(style, _PLAIN), CUT)
    return b"".join(parts)


@lru_cache(256)
def switch(before: Style, after: Style) -> bytes:
    """Bytes from one style to another: GS ! size of ASCII and hanzi, ESC E bold, GS B reverse, ESC - with FS - underline."""
    code = b""
    if (before.width, before.height) != (after.width, after.height):
        code += bytes((0x1D, 0x21, (after.width - 1) << 4 | (after.height - 1)))
    if before.bold != after.bold:
        code += bytes((0x1B, 0x45, after.bold))
    if before.reverse != after.reverse:
        code += bytes((0x1D, 0x42, after.reverse))
    if before.underline != after.underline:
        code += bytes((0x1B, 0x2D, after.underline, 0x1C, 0x2D, after.underline))
    return code
