"""The line over a window of practice, which nobody can take for the real thing."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.texts import tr
from app.ui.theme import Theme, styled


class PracticeBanner(QWidget):
    """Stripes, and words in their middle."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("practice-banner")
        self.setFixedHeight(28)
        self.setAccessibleName(tr("PRACTICE: no real orders, no real money"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Amber with dark stripes at both sides of the words."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.color("soon"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("on_soon"))
        words = self.accessibleName()
        painter.setFont(styled(16, bold=True))
        clear = painter.fontMetrics().horizontalAdvance(words) / 2 + 24
        middle = self.width() / 2
        for x in range(-28, self.width(), 28):
            if abs(x + 14 - middle) > clear + 14:
                painter.drawConvexPolygon([QPointF(x, 28), QPointF(x + 14, 28), QPointF(x + 28, 0), QPointF(x + 14, 0)])
        painter.setPen(self._theme.color("on_soon"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
