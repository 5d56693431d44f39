"""Text as a Chinese receipt printer takes it: cleaned, measured in cells, wrapped by cells, coded as GBK."""

from __future__ import annotations

import codecs
import re
import unicodedata

from app.printing import fonts

ROM = "gbk"  # what the character ROM of Chinese printers holds; GB18030's four-byte codes are mostly missing there

_REPLACED = {"¥": "￥", "\N{IDEOGRAPHIC SPACE}": "\N{IDEOGRAPHIC SPACE}"}
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85")

# A piece that must not be torn: a Latin word, or one wide character with the punctuation that belongs to it.
_PIECE = re.compile("[!-\u024f]+|[（【《“‘]*[^（【《“‘][，。！？；：、）】》”’…]*|.", re.DOTALL)

_encode = codecs.lookup(ROM).encode  # str.encode looks it up by name on every call, which costs more than a dish's name


def normalise(text: str) -> str:
    """NFC, one kind of space, ￥ for ¥; controls, format characters (bidi, ZWJ) and variation selectors are dropped.

    Line breaks become spaces. A lone surrogate becomes U+FFFD, so that its loss is seen.
    """
    return text if _is_usual(text) else unicodedata.normalize("NFC", "".join(map(_clean, text)))


def _is_usual(text: str) -> bool:
    """Whether `text` is normalised and in the ROM, which has nothing printable that `_clean` would change."""
    return text.isprintable() and (text.isascii() or (unicodedata.is_normalized("NFC", text) and rom(text) is not None))


def _clean(character: str) -> str:
    if character in _REPLACED:
        return _REPLACED[character]
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in _SPACES:
        return " "
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category in ("Cc", "Cf") or _SELECTORS.match(character) else character


def printable(text: str) -> str:
    """`text` normalised, with what neither the printer's ROM nor any font here can draw spelt out: 🥜 -> [PEANUTS]."""
    if _is_usual(text):
        return text
    clean = normalise(text)
    return clean if rom(clean) is not None else "".join(map(_spelt, clean))


def rom_only(text: str) -> str:
    """`text` normalised, in the ROM's characters alone, for printers that are sent no dots: ñ -> n, 🥜 -> [PEANUTS]."""
    clean = normalise(text)
    return clean if rom(clean) is not None else "".join(map(_nearest, clean))


def _nearest(character: str) -> str:
    if rom(character) is not None:
        return character
    apart = unicodedata.normalize("NFKD", character).replace("\N{FRACTION SLASH}", "/")
    plain = "".join(one for one in apart if not unicodedata.combining(one))
    return plain if plain and rom(plain) is not None else _named(character)


def _spelt(character: str) -> str:
    return character if rom(character) is not None or fonts.can_draw(character) else _named(character)


def _named(character: str) -> str:
    symbol = unicodedata.category(character).startswith("S")
    return f"[{unicodedata.name(character)}]" if symbol else f"[U+{ord(character):04X}]"


def rom(text: str) -> bytes | None:
    """Bytes to send for normalised `text`, or None when the ROM lacks one of its characters."""
    try:
        return _encode(text)[0]
    except UnicodeEncodeError:
        return None


def cells(text: str) -> int:
    """Width in half-width cells (12 dots): bytes of the GBK code, because é and · fill a whole hanzi cell there."""
    if text.isascii():
        return len(text)
    try:
        return len(_encode(text)[0])
    except UnicodeEncodeError:
        return sum(map(_drawn_cells, text))


def _drawn_cells(character: str) -> int:
    code = rom(character)
    return len(code) if code is not None else 1 + (unicodedata.east_asian_width(character) in "WF")


def wrap(text: str, width: int) -> tuple[str, ...]:
    """Rows of at most `width` cells (at least 2). Only spaces at a row's ends are dropped; a word too long is split."""
    if cells(text) <= width:
        return (text,)
    rows: list[str] = []
    row, taken = "", 0
    for piece in _PIECE.findall(text):
        wide = cells(piece)
        if taken + wide > width:
            *full, piece = _split(piece, width)
            rows += (row, *full)
            row, taken, wide = "", 0, cells(piece)
        kept = piece if row else piece.lstrip(" ")
        row += kept
        taken += wide - len(piece) + len(kept)
    return tuple(kept for kept in (part.strip(" ") for part in (*rows, row)) if kept) or ("",)


def pieces_of(text: str) -> list[str]:
    """`text` in the pieces that should not be torn, all of it: words, and wide characters with their punctuation."""
    return _PIECE.findall(text)


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
