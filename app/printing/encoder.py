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
    style = _PLAIN
    for line in lines:
        code, after = _coded(line, style, profile.rom)
        if code is None:
            code, after = switch(style, _PLAIN).encode() + raster.printed(line, dots), _PLAIN
        parts.append(code)
        style = after
    parts += (switch(style, _PLAIN).encode(), end)
    return b"".join(parts)


def _coded(line: Line, style: Style, glyphs: str) -> tuple[bytes | None, Style]:
    """Bytes of `line` after one in `style`, and the style it ends in; no bytes when it must be drawn."""
    if isinstance(line, Code):
        return None, style
    row = ""
    for text, wanted in line:
        if wanted != style:
            row += switch(style, wanted)
            style = wanted
        row += text
    return (None if glyphs == "none" and not row.isascii() else rom(row + "\n")), style


@lru_cache(256)
def switch(before: Style, after: Style) -> str:
    """ASCII from one style to another: GS ! size of ASCII and hanzi, ESC E bold, GS B reverse, ESC - with FS - underline."""
    code = ""
    if (before.width, before.height) != (after.width, after.height):
        code += f"\x1d!{chr((after.width - 1) << 4 | (after.height - 1))}"
    if before.bold != after.bold:
        code += f"\x1bE{chr(after.bold)}"
    if before.reverse != after.reverse:
        code += f"\x1dB{chr(after.reverse)}"
    if before.underline != after.underline:
        code += f"\x1b-{chr(after.underline)}\x1c-{chr(after.underline)}"
    return code
