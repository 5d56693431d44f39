"""QR codes as squares of ink, drawn here so that any printer can print them and the preview shows the very same."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from app.printing.lines import Code

QUIET = 4  # modules of white that a reader needs around it (ISO/IEC 18004)
SMALLEST = 2  # dots a module: less cannot be read off thermal paper


@lru_cache(256)
def code(text: str, module: int, dots: int) -> Code | None:
    """`text` as a code of `module` dots a module, smaller where `dots` leave no room; None where it could not be read."""
    drawn = modules(text)
    if drawn is None:
        return None
    side = drawn.width + 2 * QUIET
    fitting = min(module, dots // side)
    return Code(text, fitting, side * fitting) if fitting >= SMALLEST else None


@lru_cache(256)
def modules(text: str) -> Image.Image | None:
    """One dot a module, 1 is ink, without the quiet zone; None when `text` is more than a code can hold."""
    from qrcode.constants import ERROR_CORRECT_M  # 70 ms to import, and most papers have no code
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode

    maker = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    maker.add_data(text.encode())
    try:
        rows = maker.get_matrix()
    except (DataOverflowError, ValueError):  # 8.x raises either, depending on how far over it is
        return None
    picture = Image.new("1", (len(rows), len(rows)))
    picture.putdata([255 if dark else 0 for row in rows for dark in row])
    return picture
