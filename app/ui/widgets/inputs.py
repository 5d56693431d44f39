"""A tick box and a drop-down list big enough for a finger, painted in the theme's own ink in light and dark."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QListView, QWidget

from app.ui.theme import Theme, font
from app.ui.widgets.button import HEIGHT

_BOX = 24
_GAP = 10
_RADIUS = 6


class TickBox(QCheckBox):
    """A square with a tick; the words beside it belong to the target."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setFont(font(15))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Box, words and the height of a finger."""
        return QSize(_BOX + _GAP + self.fontMetrics().horizontalAdvance(self.text()) + 8, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Words are never cut."""
        return self.sizeHint()

    def hitButton(self, place: QPoint) -> bool:
        """The whole target counts, words and all."""
        return self.rect().contains(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, tick, words, and a ring when the keyboard is here."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, text = self.isChecked(), self._theme.color("text" if self.isEnabled() else "muted")
        box = QRectF(3, (self.height() - _BOX) / 2, _BOX, _BOX)
        painter.setPen(QPen(self._theme.color("new" if on else "muted"), 2))
        painter.setBrush(self._theme.color("new" if on else "surface"))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        if on:
            painter.setPen(QPen(self._theme.color("on_new"), 3))
            painter.drawPolyline(_shape(box, ((0.25, 0.52), (0.43, 0.70), (0.76, 0.32))))
        painter.setPen(text)
        painter.drawText(QRectF(self.rect()).adjusted(_BOX + _GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            _ring(painter, self._theme, QRectF(self.rect()))
        painter.end()


class Choice(QComboBox):
    """A drop-down list whose entries are as high as a button. The wheel scrolls the page, not the answer."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew under the pointer and after it
        self._theme = theme
        view = QListView(self)
        view.setStyleSheet(f"QListView::item {{ min-height: {HEIGHT}px; padding-left: 10px; }}")
        self.setView(view)
        self.setMinimumHeight(HEIGHT)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A list that is passed while scrolling must not change."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A field like those that are typed into, with an arrow."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.color("muted" if self.underMouse() else "line"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
        painter.setPen(self._theme.color("text"))
        painter.drawText(frame.adjusted(10, 0, -36, 0), Qt.AlignmentFlag.AlignVCenter, self.currentText())
        arrow = QRectF(self.width() - 30, self.height() / 2 - 8, 16, 16)
        painter.setPen(QPen(self._theme.color("muted"), 2))
        painter.drawPolyline(_shape(arrow, ((0.2, 0.35), (0.5, 0.65), (0.8, 0.35))))
        if self.hasFocus():
            _ring(painter, self._theme, QRectF(self.rect()))
        painter.end()


def _shape(box: QRectF, points: tuple[tuple[float, float], ...]) -> QPolygonF:
    return QPolygonF([QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in points])


def _ring(painter: QPainter, theme: Theme, area: QRectF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("focus"), 2))
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
