"""Pictures of the real window for the read-me, the practice report and the eyes of whoever changes it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget


def settle(turns: int = 5) -> None:
    """Let layouts and deletions finish."""
    for _ in range(turns):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def grab(widget: QWidget, path: Path, size: QSize | None = None, ratio: float = 1.0) -> Path:
    """Write a PNG of `widget`, `ratio` image pixels to a logical one; resizes it first if a `size` is given."""
    if size is not None:
        widget.resize(size)
    settle()
    image = QImage(widget.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(widget.palette().window().color())
    painter = QPainter(image)
    widget.render(painter, QPoint())
    painter.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path)):
        raise OSError(f"cannot write {path}")
    return path
