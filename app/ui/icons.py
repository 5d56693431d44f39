"""Our own line icons, tinted with a colour of the theme and kept ready."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.config import resources


@cache
def pixmap(name: str, color: str, size: int, ratio: float = 2.0) -> QPixmap:
    """Icon `name` of resources/icons in `color` ("#rrggbb"), `size` logical pixels square, sharp up to `ratio`."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _renderer(name, color).render(painter, QRectF(made.rect()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, color: QColor, size: int = 24) -> QIcon:
    """The same as a QIcon, for menus and line edits."""
    return QIcon(pixmap(name, color.name(), size))


def _renderer(name: str, color: str) -> QSvgRenderer:
    source = (resources() / "icons" / f"{name}.svg").read_bytes()
    return QSvgRenderer(QByteArray(source.replace(b"currentColor", color.encode())))
