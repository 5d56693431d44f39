"""A rounded sheet that groups what belongs together, and labels that never read their text as rich text."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui.theme import Theme, font

_RADIUS = 8


class Panel(QWidget):
    """Paints itself in the theme's surface colour with a thin line around; put children into `inner`."""

    def __init__(self, theme: Theme, title: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._fill, self._line = theme.color("surface"), theme.color("line")
        self.inner = QVBoxLayout(self)
        self.inner.setContentsMargins(16, 12, 16, 12)
        self.inner.setSpacing(8)
        if title:
            self.inner.addWidget(plain_label(title, 17, bold=True))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._line, 1))
        painter.setBrush(self._fill)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)


def plain_label(text: str = "", px: int = 15, bold: bool = False, name: str = "", color: QColor | None = None) -> QLabel:
    """A label whose text is never markup, whoever wrote it."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(font(px, bold=bold, tabular=True))
    if color:
        tint(label, color)
    return label


def tint(label: QLabel, color: QColor) -> None:
    """Write in `color`."""
    palette = label.palette()
    palette.setColor(label.foregroundRole(), color)
    label.setPalette(palette)
