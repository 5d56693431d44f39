"""Styled lines to ESC/POS bytes for Chinese printers: GBK text in hanzi mode, a drawn line where the ROM lacks a character.

Command bytes: Epson's ESC/POS reference, and what Chinese models share of it. No `ESC t`: in hanzi mode a code-page byte
would swallow its neighbour. No `ESC a`: the layout pads with spaces, so nothing depends on the printer's alignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from app.printing import raster
from app.printing.characters import rom
from app.printing.lines import Code, Line, Style
from app.printing.profile import Profile

INIT = b"\x1b@\x1b\x52\x00\x1c&"  # ESC @, ESC R 0 (a # stays a #), FS & (hanzi mode, off after ESC @ on some models)
CUT = b"\x1dVB\x00"  # feed to the cutter, then cut
TEAR = b"\n" * 6  # no cutter: feed the last line past the edge that paper is torn off at

USUAL = Profile()


def clear_torn(profile: Profile) -> bytes:
    """Drop a half line and part a half ticket, left by a broken job, from what follows."""
    return b"\x1b@\n" + (CUT if profile.cuts else TEAR)


_PLAIN = Style()


def _epson(times: int) -> bytes:
    """ESC ( A function 48: sound 1, `times` times, 200 ms each."""
    return bytes((0x1B, 0x28, 0x41, 4, 0, 48, 1, times, 2))


BUZZERS: dict[str, Callable[[int], bytes]] = {
    "esc_b": lambda times: bytes((0x1B, 0x42, times, 2)),  # ESC B: common Chinese models
    "epson": _epson,
    "drawer": lambda times: b"\x1bp\x00\xff\xff" * times,  # a bell wired to the drawer's socket
    "none": lambda times: b"",
}


def encode(lines: Iterable[Line], dots: int, profile: Profile = USUAL, alarm: int = 0, after_torn: bool = False) -> bytes:
    """One whole job for a printer of `dots` per row.

    `alarm`: how often the buzzer sounds. `after_torn`: first drop a half line and cut off a half ticket of a broken job.
    """
    end = CUT if profile.cuts else TEAR
    parts = [clear_torn(profile), INIT] if after_torn else [INIT]
    parts += [BUZZERS[profile.buzzer](alarm)] * bool(alarm)
    drawn = profile.rom == "none"
    style = _PLAIN
    for line in lines:
        codes = _codes(line, drawn)
        if codes is None:
            parts += (switch(style, _PLAIN), raster.command(raster.draw(line, dots)))
            style = _PLAIN
            continue
        for span_style, code in codes:
            if span_style != style:
                parts.append(switch(style, span_style))
                style = span_style
            parts.append(code)
        parts.append(b"\n")
    parts += (switch(style, _PLAIN), end)
    return b"".join(parts)


@lru_cache(4096)
def _codes(line: Line, drawn: bool) -> tuple[tuple[Style, bytes], ...] | None:
    """Bytes to send for each piece of `line`; None when it must be drawn: a code, or what the ROM does not have."""
    if isinstance(line, Code):
        return None
    found = []
    for text, style in line:
        code = rom(text)
        if code is None or (drawn and not code.isascii()):
            return None
        found.append((style, code))
    return tuple(found)


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
