"""Fonts for tickets drawn as dots: finds a Chinese face on Linux, Windows and macOS, and says what to install."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageFont

from app.texts import tr

SIZE = 22  # dots: leaves a hanzi its margin in the printer's 24-dot cell

# Best first. Noto Sans Mono CJK has the printer's own proportions: Latin exactly half as wide as hanzi.
CHINESE = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansMonoCJKsc-Regular.otf",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "simhei.ttf",
    "msyh.ttc",
    "simsun.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "Arial Unicode.ttf",
)
# Asked only for what the Chinese face lacks: rare hanzi, symbols, other scripts.
OTHERS = ("simsunb.ttf", "seguisym.ttf", "segoeui.ttf", "leelawui.ttf", "Apple Symbols.ttf", "DejaVuSans.ttf")

_UNASSIGNED = "\U0010ffff"


class FontMissingError(RuntimeError):
    """No Chinese font on this machine; the message names what to install."""


def chinese_font() -> ImageFont.FreeTypeFont:
    """The face that draws tickets. Raises FontMissingError."""
    if not faces() or not _drawn(faces()[0], "饭"):
        raise FontMissingError(tr("No Chinese font found. Install {what}.", what=_advice()))
    return faces()[0]


class Glyph(NamedTuple):
    """A character as a face draws it: `dots` begin `left` of the pen and `top` of the baseline; `advance` is its width."""

    left: int
    top: int
    dots: Image.Image
    advance: float


def can_draw(character: str) -> bool:
    """Whether some font here has `character`."""
    return font_for(character) is not None


@lru_cache(8192)
def font_for(character: str) -> ImageFont.FreeTypeFont | None:
    """The first face that has `character`."""
    return next((face for face in faces() if _drawn(face, character)), None)


def glyph(character: str) -> Glyph | None:
    """`character` as the first face that has it draws it."""
    face = font_for(character)
    drawn = face and _drawn(face, character)
    if not (face and drawn):
        return None
    size, (left, top), pixels = drawn
    return Glyph(left, top, Image.frombytes("L", size, pixels), face.getlength(character))


@cache
def faces() -> tuple[ImageFont.FreeTypeFont, ...]:
    """The Chinese face, then the others found; empty on a machine with none."""
    found = {
        path.name: path for folder in _folders() for path in folder.rglob("*") if path.suffix in (".ttc", ".ttf", ".otf")
    }
    chinese = [found[name] for name in CHINESE if name in found][:1]
    return tuple(_open(path) for path in chinese + [found[name] for name in OTHERS if name in found])


def _open(path: Path) -> ImageFont.FreeTypeFont:
    members = list(_members(path)) if path.suffix == ".ttc" else [_face(path)]
    return max(members, key=lambda face: ("SC" in (face.getname()[0] or ""), "Mono" in (face.getname()[0] or "")))


def _face(path: Path, index: int = 0) -> ImageFont.FreeTypeFont:
    """Without shaping, which costs half as much again: characters are drawn one by one, each in its own cell."""
    return ImageFont.truetype(path, SIZE, index=index, layout_engine=ImageFont.Layout.BASIC)


def _members(path: Path) -> Iterator[ImageFont.FreeTypeFont]:
    for index in range(32):
        try:
            yield _face(path, index)
        except OSError:  # past the last member: FreeType has no other way to count them
            return


@lru_cache(256)
def _drawn(face: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], tuple[int, int], bytes] | None:
    """Size, place from the pen on the baseline, and dots of `character`, a byte each; None where `face` lacks it.

    Drawing is what costs: the same dots tell whether there is such a character, and go to paper.
    """
    mask, (left, top) = face.getmask2(character, mode="1", anchor="ls")
    pixels = bytes(mask)
    return (mask.size, (left, top), pixels) if any(pixels) and pixels != _missing(face) else None


@cache
def _missing(face: ImageFont.FreeTypeFont) -> bytes:
    """What `face` draws for a character that it lacks."""
    return bytes(face.getmask(_UNASSIGNED, mode="1"))


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home))
        return [local / "Microsoft/Windows/Fonts", Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    return [home / ".fonts", home / ".local/share/fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts")]


def _advice() -> str:
    if sys.platform == "win32":
        return "the optional feature 'Chinese (Simplified) Supplemental Fonts' in the Windows settings"
    if sys.platform == "darwin":
        return "PingFang SC in Font Book"
    return "fonts-noto-cjk (Debian, Ubuntu), google-noto-sans-cjk-fonts (Fedora) or noto-fonts-cjk (Arch)"
