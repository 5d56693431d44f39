"""Several names to a field: typed with completion from the menu, each shown as a button that takes it away again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button

_LONGEST = 200
_A_ROW = 2


class NameLine(QLineEdit):
    """A line that completes from `known`. `entered` when Enter is pressed on a name; only an empty line lets Enter pass."""

    entered = Signal()

    def __init__(self, known: Sequence[str], text: str = "") -> None:
        super().__init__(text)
        self.setMaxLength(_LONGEST)
        self.setMinimumHeight(HEIGHT)
        completer = QCompleter(list(known), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the name and does not press the dialog's button."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.text().strip():
            self.entered.emit()
            event.accept()
        else:
            super().keyPressEvent(event)


class NamesEdit(QWidget):
    """`names` holds what was taken and what still stands in the line, so that nothing typed is lost."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, known: Sequence[str], placeholder: str = "") -> None:
        super().__init__()
        self._theme, self._name = theme, name
        self._names: list[str] = []
        self.line = NameLine(known)
        self.line.setObjectName(f"{name}-line")
        self.line.setPlaceholderText(placeholder)
        self.line.entered.connect(self._take)
        self.line.textChanged.connect(self.changed)
        self._add = Button(theme, tr("Add"), name=f"{name}-add", action=self._take, auto_default=False)
        self._taken = QGridLayout()
        self._taken.setSpacing(8)
        self._taken.setColumnStretch(_A_ROW, 1)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self._add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addLayout(self._taken)
        self.setFocusProxy(self.line)

    @property
    def names(self) -> tuple[str, ...]:
        """Each name once, in the order they were given."""
        return tuple(dict.fromkeys(filter(None, [*self._names, self.line.text().strip()])))

    def set_names(self, names: Iterable[str]) -> None:
        """Show these."""
        self._names = list(names)
        self._show()

    @Slot()
    def _take(self) -> None:
        self._names = list(self.names)
        self.line.clear()
        self._show()
        self.line.setFocus()

    def _drop(self, name: str, *_: object) -> None:
        self._names.remove(name)
        self._show()
        self.line.setFocus()

    def _show(self) -> None:
        while (item := self._taken.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for place, name in enumerate(self._names):
            button = Button(
                self._theme,
                name,
                "button",
                "cross",
                tr("Take away {name}", name=name),
                name=f"{self._name}-{place}",
                action=partial(self._drop, name),
                auto_default=False,
            )
            self._taken.addWidget(button, place // _A_ROW, place % _A_ROW)
        self.changed.emit()
