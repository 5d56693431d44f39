"""A platform's mark on its own colour: painted on cards and badges, or as a label."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLabel

from app.ui.theme import styled
from app.ui.widgets.panel import plain_label
from app.ui.words import plain

NO_COLOR = "#555555"  # of a platform that is not installed any more
_DARK, _WHITE = "#111111", "#ffffff"
_LARGE_TYPE = 3.0  # WCAG's least contrast of large type
_TILE = 44


@cache
def ink_on(color: str) -> QColor:
    """What can be read on a platform's colour: white, as platforms write it themselves, unless that is too faint."""
    return QColor(_WHITE if 1.05 / (_luminance(QColor(color)) + 0.05) >= _LARGE_TYPE else _DARK)


def paint_mark(painter: QPainter, tile: QRectF, mark: str, color: str, px: int) -> None:
    """The mark in letters of `px` pixels, on a rounded tile."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(tile, 5, 5)
    painter.setPen(ink_on(color))
    painter.setFont(styled(px, bold=True))
    painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, plain(mark))


def mark_tile(mark: str = "", color: str = NO_COLOR) -> QLabel:
    """The mark as a label; without one it waits for `show_mark`."""
    tile = plain_label(px=17, bold=True)
    tile.setFixedSize(_TILE, _TILE)
    tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
    if mark:
        show_mark(tile, mark, color)
    return tile


def show_mark(tile: QLabel, mark: str, color: str) -> None:
    """Put a mark on a `mark_tile`."""
    ground, ink = QColor(color).name(), ink_on(color).name()
    tile.setStyleSheet(f"background: {ground}; color: {ink}; border-radius: 6px;")
    tile.setText(plain(mark))


def _luminance(color: QColor) -> float:
    """WCAG's relative luminance, 0 to 1: a yellow is bright, whatever its lightness."""
    parts = ((0.2126, color.redF()), (0.7152, color.greenF()), (0.0722, color.blueF()))
    return sum(weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4) for weight, part in parts)
