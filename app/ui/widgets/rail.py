"""The left rail: one big button for each page; Ctrl and its number press it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.texts import N_, tr
from app.ui.icons import pixmap
from app.ui.theme import Theme, styled

WIDTH = 72
PAGES = (
    ("queue", "queue", N_("Queue")),
    ("ledger", "ledger", N_("Ledger")),
    ("shop", "shop", N_("My shop")),
    ("reviews", "star", N_("Reviews")),
    ("reports", "chart", N_("Reports")),
    ("settings", "gear", N_("Settings")),
)


class Rail(QWidget):
    """`chosen` carries the page's name."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 8)
        self._buttons = {name: RailButton(theme, name, glyph, tr(title), self) for name, glyph, title in PAGES}
        for number, (name, button) in enumerate(self._buttons.items(), 1):
            button.asked.connect(self.chosen)
            key = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            key.activated.connect(partial(self.chosen.emit, name))
            button.setToolTip(f"{button.accessibleName()} (Ctrl+{number})")
            column.addWidget(button)
        column.addStretch(1)

    def mark(self, page: str) -> None:
        """Show which page is open."""
        for name, button in self._buttons.items():
            button.setChecked(name == page)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("rail"))
        painter.end()


class RailButton(QPushButton):
    """An icon over a word."""

    asked = Signal(str)

    def __init__(self, theme: Theme, name: str, glyph: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._name, self._glyph, self._title = theme, name, glyph, title
        self.setObjectName(f"rail-{name}")
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setFixedHeight(68)
        self.clicked.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self._name)

    def sizeHint(self) -> QSize:
        """The rail's width."""
        return QSize(WIDTH - 8, 68)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon, word, and the mark of the open page."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._theme.color("on_rail")
        if self.isChecked() or self.underMouse() or self.hasFocus():
            painter.setPen(ink if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("rail_active") if self.isChecked() else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        color = "#FFFFFF" if self.isChecked() else ink.name()
        painter.drawPixmap((self.width() - 26) // 2, 10, pixmap(self._glyph, color, 26))
        painter.setPen(color)
        painter.setFont(styled(13, bold=self.isChecked()))
        painter.drawText(QRectF(0, 40, self.width(), 22), Qt.AlignmentFlag.AlignCenter, self._title)
        painter.end()
