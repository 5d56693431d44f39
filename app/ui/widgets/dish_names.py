"""What a station calls the dishes: the customer's name on the left, the kitchen's on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.panel import plain_label
from app.ui.widgets.rule_names import NameLine


@dataclass
class _Row:
    widget: QWidget
    theirs: NameLine
    ours: QLineEdit

    @property
    def pair(self) -> tuple[str, str]:
        return self.theirs.text().strip(), self.ours.text().strip()


class DishNames(QWidget):
    """Rows of two names; a row that is empty on both sides does not count."""

    def __init__(self, theme: Theme, name: str, known: Sequence[str], names: Mapping[str, str]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._theme, self._known = theme, known
        self._rows: list[_Row] = []
        self._made = 0
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._error = plain_label(px=14, name=f"{name}-error", color=theme.color("late"))
        self._error.setWordWrap(True)
        self._error.hide()
        more = Button(theme, tr("Add a name"), name=f"{name}-more", action=self._more, auto_default=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._list)
        layout.addWidget(self._error)
        layout.addWidget(more)
        for theirs, ours in names.items():
            self._add(theirs, ours)

    @property
    def names(self) -> dict[str, str]:
        """The customer's name -> the kitchen's."""
        return {theirs: ours for theirs, ours in self._pairs() if theirs and ours}

    def check(self) -> bool:
        """Whether every row is whole and no dish stands there twice; says what is wrong."""
        pairs = self._pairs()
        said = [theirs for theirs, _ in pairs]
        wrong = ""
        if any(not (theirs and ours) for theirs, ours in pairs):
            wrong = tr("A dish needs both names: the customer's and the kitchen's.")
        elif twice := next((name for name in said if said.count(name) > 1), ""):
            wrong = tr("{name} stands here twice.", name=twice)
        self._error.setText(wrong)
        self._error.setVisible(bool(wrong))
        return not wrong

    def _pairs(self) -> list[tuple[str, str]]:
        return [row.pair for row in self._rows if any(row.pair)]

    @Slot()
    def _more(self) -> None:
        self._add("", "").theirs.setFocus()

    def _add(self, theirs: str, ours: str) -> _Row:
        number, self._made = self._made, self._made + 1
        row = _Row(QWidget(), NameLine(self._known, theirs), QLineEdit(ours))
        row.theirs.setPlaceholderText(tr("As the customer reads it"))
        row.ours.setPlaceholderText(tr("As this station calls it"))
        row.ours.setMinimumHeight(HEIGHT)
        row.theirs.entered.connect(row.ours.setFocus)
        away = Button(
            self._theme,
            "",
            "button",
            "cross",
            tr("Take away this name"),
            action=partial(self._drop, row),
            auto_default=False,
        )
        line = QHBoxLayout(row.widget)
        line.setContentsMargins(0, 0, 0, 0)
        for word, part, share in (("theirs", row.theirs, 1), ("ours", row.ours, 1), ("drop", away, 0)):
            part.setObjectName(f"{self.objectName()}-{word}-{number}")
            line.addWidget(part, share)
        self._rows.append(row)
        self._list.addWidget(row.widget)
        return row

    def _drop(self, row: _Row, *_: object) -> None:
        self._rows.remove(row)
        row.widget.hide()
        row.widget.deleteLater()
