"""Labels to TSPL, the language of TSC-like label printers: every label one picture, so that no font of theirs is trusted.

Commands: TSC's TSPL/TSPL2 programming manual. In BITMAP data a 0 is black.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from PIL import Image, ImageOps

from app.printing.paper import Paper

GAP_MM = 2  # between two labels on the backing

# ESC ! and ~ ! begin commands that are obeyed at once, even inside a picture. One dot more makes them something else.
_IMMEDIATE = re.compile(b"[\x1b~](?=!)")


def harmless(picture: Image.Image) -> Image.Image:
    """`picture` (1 is ink, whole bytes wide) with a dot added wherever its dots would spell a command."""
    bits = ImageOps.invert(picture).tobytes()
    safe = _IMMEDIATE.sub(lambda found: bytes((found[0][0] & 0xFD,)), bits)
    return ImageOps.invert(Image.frombytes("1", picture.size, safe))


def encode(pictures: Iterable[Image.Image], paper: Paper, beeps: int = 0) -> bytes:
    """One job of `pictures`, a label each. On a roll (no gap between labels) each is as long as its picture."""
    return b"SOUND 5,200\r\n" * beeps + b"".join(_label(picture, paper) for picture in pictures)


def _label(picture: Image.Image, paper: Paper) -> bytes:
    height = paper.height_mm or -(-picture.height // 8)
    gap = GAP_MM if paper.height_mm else 0
    head = f"SIZE {paper.width_mm} mm,{height} mm\r\nGAP {gap} mm,0 mm\r\nDIRECTION 1\r\nCLS\r\n"
    bitmap = f"BITMAP 0,0,{picture.width // 8},{picture.height},0,"
    return head.encode() + bitmap.encode() + ImageOps.invert(picture).tobytes() + b"\r\nPRINT 1\r\n"
