"""A two-column grid of plain text in a panel: words left, a figure or a time right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel

from app.ui.theme import Theme
from app.ui.widgets.panel import Panel, plain_label
from app.ui.words import lines, plain


class Rows:
    """Grows row by row; `panel` is what to show. Line breaks in the words are kept: who wrote them meant a list."""

    def __init__(self, theme: Theme, title: str) -> None:
        self._theme = theme
        self.panel = Panel(theme, title)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self.panel.inner.addLayout(self._grid)

    def add(self, left: str, right: str = "", px: int = 14, bold: bool = False, ink: str = "text", indent: int = 0) -> None:
        """One row. Nothing at all is added for empty words."""
        if not left and not right:
            return
        row = self._grid.rowCount()
        one, other = self._label(lines(left), px, bold, ink), self._label(plain(right), px, bold, ink)
        one.setWordWrap(True)
        one.setContentsMargins(indent, 0, 0, 0)
        self._grid.addWidget(one, row, 0, 1, 1 if right else 2)
        if right:
            self._grid.addWidget(other, row, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)

    def _label(self, text: str, px: int, bold: bool, ink: str) -> QLabel:
        return plain_label(text, px, bold, color=self._theme.color(ink))
