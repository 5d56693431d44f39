"""Text as a Chinese receipt printer takes it: cleaned, measured in cells, wrapped by cells, coded as GBK."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from app.printing import fonts

ROM = "gbk"  # what the character ROM of Chinese printers holds; GB18030's four-byte codes are mostly missing there

_REPLACED = {"¥": "￥", "\N{IDEOGRAPHIC SPACE}": "\N{IDEOGRAPHIC SPACE}"}
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85")

# A piece that must not be torn: a Latin word, or one wide character with the punctuation that belongs to it.
_PIECE = re.compile("[!-\u024f]+|[（【《“‘]*[^（【《“‘][，。！？；：、）】》”’…]*|.", re.DOTALL)


@lru_cache(8192)
def normalise(text: str) -> str:
    """NFC, one kind of space, ￥ for ¥; controls, format characters (bidi, ZWJ) and variation selectors are dropped.

    Line breaks become spaces. A lone surrogate becomes U+FFFD, so that its loss is seen.
    """
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", "".join(map(_clean, text)))


@lru_cache(8192)
def _clean(character: str) -> str:
    if character in _REPLACED:
        return _REPLACED[character]
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in _SPACES:
        return " "
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category in ("Cc", "Cf") or _SELECTORS.match(character) else character


@lru_cache(8192)
def printable(text: str) -> str:
    """`text` normalised, with what neither the printer's ROM nor any font here can draw spelt out: 🥜 -> [PEANUTS]."""
    clean = normalise(text)
    return clean if rom(clean) is not None else "".join(map(_spelt, clean))


def _spelt(character: str) -> str:
    if rom(character) is not None or fonts.can_draw(character):
        return character
    symbol = unicodedata.category(character).startswith("S")
    return f"[{unicodedata.name(character)}]" if symbol else f"[U+{ord(character):04X}]"


@lru_cache(8192)
def rom(text: str) -> bytes | None:
    """Bytes to send for normalised `text`, or None when the ROM lacks one of its characters."""
    try:
        return text.encode(ROM)
    except UnicodeEncodeError:
        return None


@lru_cache(8192)
def cells(text: str) -> int:
    """Width in half-width cells (12 dots): bytes of the GBK code, because é and · fill a whole hanzi cell there."""
    code = rom(text)
    return len(code) if code is not None else sum(map(_drawn_cells, text))


def _drawn_cells(character: str) -> int:
    code = rom(character)
    return len(code) if code is not None else 1 + (unicodedata.east_asian_width(character) in "WF")


@lru_cache(8192)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """Rows of at most `width` cells (at least 2). Only spaces at a row's ends are dropped; a word too long is split."""
    if cells(text) <= width:
        return (text,)
    rows: list[str] = []
    row = ""
    for piece in _PIECE.findall(text):
        if cells(row) + cells(piece) > width:
            rows.append(row)
            row = ""
            *full, piece = _split(piece, width)
            rows += full
        row += piece if row else piece.lstrip(" ")
    return tuple(kept for kept in (part.strip(" ") for part in (*rows, row)) if kept) or ("",)


@lru_cache(8192)
def widest(text: str) -> int:
    """Cells of the widest piece that should not be torn."""
    return max(map(cells, _PIECE.findall(text)), default=0)


def _split(piece: str, width: int) -> list[str]:
    rows = [""]
    for character in piece:
        if cells(rows[-1]) + cells(character) > width:
            rows.append("")
        rows[-1] += character
    return rows
