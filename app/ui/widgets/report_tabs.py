"""The two parts of the reports, as buttons in the head of each: our own sales, and what the platforms booked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.texts import N_, tr
from app.ui.theme import Theme
from app.ui.widgets.button import Button

_PARTS = {"reports": N_("Sales"), "statements": N_("Platform statements")}


class ReportTabs(QWidget):
    """`wanted` carries the name of the other page."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, current: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for name, title in _PARTS.items():
            tab = Button(theme, tr(title), "new" if name == current else "button")
            tab.setObjectName(f"reports-part-{name}")
            if name != current:
                tab.clicked.connect(partial(self._want, name))
            row.addWidget(tab)

    def _want(self, name: str, *_: object) -> None:
        self.wanted.emit(name)
