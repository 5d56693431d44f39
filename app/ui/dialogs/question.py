"""The frame of every question: a title naming the order, room for choices, and a way back that is easy to hit."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.texts import tr
from app.ui import names
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.panel import plain_label
from app.ui.words import plain


def label(text: str, px: int = 15, bold: bool = False) -> QLabel:
    """A wrapped label for words that come from outside: one line of plain text, whatever they look like."""
    made = plain_label(plain(text), px, bold)
    made.setWordWrap(True)
    return made


class Question(QDialog):
    """Opened with `open()`, deletes itself when it closes. Subclasses fill `body` and press `confirm`."""

    def __init__(self, theme: Theme, title: str, confirm: str, tone: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(plain(title))
        self.setMinimumWidth(520)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.setSpacing(12)
        outer.addWidget(label(title, 22, bold=True))
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer.addLayout(self.body)
        self.confirm = Button(theme, confirm, tone, height=PRIMARY_HEIGHT)
        self.confirm.setEnabled(False)
        self.back = Button(theme, tr("Back"), height=PRIMARY_HEIGHT, name=names.DIALOG_BACK, action=self.reject)
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.confirm)
        outer.addSpacing(12)
        outer.addLayout(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a line goes on to the button that does it; else it would press the way back, and lose the words."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not isinstance(self.focusWidget(), QLineEdit):
            super().keyPressEvent(event)
        elif self.confirm.isEnabled():
            self.confirm.setFocus(Qt.FocusReason.TabFocusReason)
