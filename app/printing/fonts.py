"""Fonts for tickets drawn as dots: finds a Chinese face on Linux, Windows and macOS, and says what to install."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

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
    if not faces() or not _has(faces()[0], "饭"):
        raise FontMissingError(tr("No Chinese font found. Install {what}.", what=_advice()))
    return faces()[0]


def can_draw(character: str) -> bool:
    """Whether some font here has `character`."""
    return font_for(character) is not None


@lru_cache(8192)
def font_for(character: str) -> ImageFont.FreeTypeFont | None:
    """The first face that has `character`."""
    return next((face for face in faces() if _has(face, character)), None)


@cache
def faces() -> tuple[ImageFont.FreeTypeFont, ...]:
    """The Chinese face, then the others found; empty on a machine with none."""
    found = {
        path.name: path for folder in _folders() for path in folder.rglob("*") if path.suffix in (".ttc", ".ttf", ".otf")
    }
    chinese = [found[name] for name in CHINESE if name in found][:1]
    return tuple(_open(path) for path in chinese + [found[name] for name in OTHERS if name in found])


def _open(path: Path) -> ImageFont.FreeTypeFont:
    members = list(_members(path)) if path.suffix == ".ttc" else [ImageFont.truetype(path, SIZE)]
    return max(members, key=lambda face: ("SC" in (face.getname()[0] or ""), "Mono" in (face.getname()[0] or "")))


def _members(path: Path) -> Iterator[ImageFont.FreeTypeFont]:
    for index in range(32):
        try:
            yield ImageFont.truetype(path, SIZE, index=index)
        except OSError:  # past the last member: FreeType has no other way to count them
            return


def _has(face: ImageFont.FreeTypeFont, character: str) -> bool:
    drawn = face.getmask(character, mode="1")
    return drawn.getbbox() is not None and bytes(drawn) != _missing(face)


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
