"""The squares of a QR code, as a printer's firmware makes them from the bytes it was sent."""

from __future__ import annotations

import importlib
from functools import lru_cache

# The values of qrcode.constants, in which the levels do not stand in the order of their strength.
_LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}


@lru_cache(256)
def qr_modules(content: bytes, level: str) -> tuple[tuple[bool, ...], ...]:
    """Rows of squares, True is ink, without the white margin: a printer leaves that to the host. () if it holds too much."""
    maker = importlib.import_module("qrcode.main").QRCode(error_correction=_LEVELS[level], border=0)  # slow to import
    maker.add_data(content)
    try:
        return tuple(tuple(bool(dark) for dark in row) for row in maker.get_matrix())
    except (OverflowError, ValueError, importlib.import_module("qrcode.exceptions").DataOverflowError):
        return ()
