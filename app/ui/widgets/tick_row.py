"""A few things of which any number may be ticked; none ticked means that it does not matter."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.ui.theme import Theme
from app.ui.widgets.inputs import TickBox
from app.ui.words import plain

_A_ROW = 3


class TickRow(QWidget):
    """`choices` are (value, words); `ticked` answers values in the order they are shown."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, choices: Iterable[tuple[str, str]], ticked: Iterable[str] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        chosen = frozenset(ticked)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self._boxes: dict[str, TickBox] = {}
        for place, (value, words) in enumerate(choices):
            box = self._boxes[value] = TickBox(theme, plain(words))
            box.setObjectName(f"{name}-{value}")
            box.setChecked(value in chosen)
            box.toggled.connect(self._told)
            grid.addWidget(box, place // _A_ROW, place % _A_ROW)
        grid.setColumnStretch(_A_ROW, 1)

    @property
    def ticked(self) -> tuple[str, ...]:
        """What is ticked."""
        return tuple(value for value, box in self._boxes.items() if box.isChecked())

    def _told(self, *_: object) -> None:
        self.changed.emit()
