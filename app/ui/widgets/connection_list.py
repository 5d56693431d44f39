"""A panel of things the console is connected to, one row each: it teaches while there are none, and drops those that go."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout

from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.connection import ConnectionRow
from app.ui.widgets.panel import Panel


class ConnectionList(Panel):
    """`rows` by id. `lesson` is what the panel says while it has none."""

    def __init__(self, bridge: Bridge, theme: Theme, title: str, name: str, lesson: str) -> None:
        super().__init__(theme, title, name)
        self.bridge, self.theme = bridge, theme
        self.rows: dict[int, ConnectionRow] = {}
        self._lesson = hint(theme, lesson, f"{name}-empty")
        self._list = QVBoxLayout()
        self.inner.addWidget(self._lesson)
        self.inner.addLayout(self._list)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self.read()

    @Slot()
    def read(self) -> None:
        """Show what the engine says, while anybody can see it."""
        raise NotImplementedError

    def open_form(self, dialog: QDialog) -> None:
        """Open a form; what it saved is shown."""
        dialog.accepted.connect(self.read)
        dialog.open()

    def add_action(self, name: str, text: str, action: Callable[[], None]) -> None:
        """A button under the rows."""
        self.inner.addWidget(Button(self.theme, text, name=name, action=action))

    def add_row(self, row_id: int, row: ConnectionRow) -> ConnectionRow:
        """One more, at the end."""
        self.rows[row_id] = row
        self._list.addWidget(row)
        return row

    def keep_only(self, ids: set[int]) -> None:
        """Let go of the rows whose account or printer is gone."""
        for gone in self.rows.keys() - ids:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        self._lesson.setVisible(not ids)

    def follow(self, asked: Future[None], row_id: int) -> None:
        """Show what became of a switch: the engine's state either way, and its reason when it said no."""
        row = self.rows[row_id]

        def refused(why: str) -> None:
            self.read()
            row.say(why)

        row.say("")
        self.bridge.run(asked, lambda _: self.read(), refused, row)
