"""The head of a page of several parts: its title, and a button for each part, the open one marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.texts import N_, tr
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import plain_label

_REPORTS = {"reports": N_("Sales"), "statements": N_("Platform statements")}


class PageHead(QWidget):
    """`wanted` carries the name of the part that was pressed; only `mark` says which one is open."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, page: str, title: str, parts: Mapping[str, str], opened: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(plain_label(title, 24, bold=True))
        row.addSpacing(16)
        self._tabs = {
            name: Button(theme, words, name=f"{page}-part-{name}", action=partial(self._want, name), checkable=True)
            for name, words in parts.items()
        }
        for tab in self._tabs.values():
            row.addWidget(tab)
        self.mark(opened)

    def mark(self, opened: str) -> None:
        """Show `opened` as the part that is open."""
        self._opened = opened
        for name, tab in self._tabs.items():
            tab.mark(name == opened)

    def offer(self, name: str, wanted: bool) -> None:
        """Show the button of a part, or hide it where the part is of no use."""
        self._tabs[name].setVisible(wanted)

    def _want(self, name: str, *_: object) -> None:
        self.mark(self._opened)  # Qt has checked the button already, and the part may refuse to be left
        self.wanted.emit(name)


def report_head(theme: Theme, opened: str) -> PageHead:
    """The head that the pages "reports" and "statements" share; `wanted` then names the other page."""
    return PageHead(theme, "reports", tr("Reports"), {name: tr(title) for name, title in _REPORTS.items()}, opened)
