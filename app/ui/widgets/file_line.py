"""A line in a form that a file fills, and the button that looks for one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button


class FileLine(QWidget):
    """`line` holds the file's path; `title` stands over the window that looks for it."""

    def __init__(self, theme: Theme, name: str, line: QLineEdit, title: str) -> None:
        super().__init__()
        self._line, self._title = line, title
        line.setMinimumHeight(HEIGHT)
        choose = Button(theme, tr("Choose…"), name=f"{name}-choose", action=self._choose, auto_default=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(line, 1)
        layout.addWidget(choose)
        self.setFocusProxy(line)

    @Slot()
    def _choose(self) -> None:
        dialog = QFileDialog(self, self._title, str(self._folder()))
        dialog.fileSelected.connect(self.read)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _folder(self) -> Path:
        return Path(self._line.text()).parent if self._line.text() else Path.home()

    @Slot(str)
    def read(self, path: str) -> None:
        """Fill in what was chosen."""
        self._line.setText(path)
