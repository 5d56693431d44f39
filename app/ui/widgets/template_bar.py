"""A question in the page itself, not in front of it: the queue's bell and buttons stay within reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.panel import plain_label, tint


class Answer(NamedTuple):
    """One button of the bar. `then` runs after the bar went away."""

    name: str
    words: str
    then: Callable[[], None]
    tone: str = "button"


class AskBar(QWidget):
    """Hidden until something is asked or told; a new question takes the old one's place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("template-bar")
        self._theme, self._tone = theme, "soon_soft"
        self._words = plain_label(px=15, bold=True, name="template-bar-words", color=theme.color("text"))
        self._words.setWordWrap(True)
        self.line = QLineEdit()
        self.line.setObjectName("template-bar-line")
        self.line.setMinimumHeight(HEIGHT)
        self.line.setMaxLength(60)
        self._buttons: list[Button] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self.line)
        self.hide()

    def ask(self, words: str, answers: Sequence[Answer], typed: str | None = None, tone: str = "soon_soft") -> None:
        """Ask; `typed`: with a line to type in, which holds this to begin with."""
        self.close_bar()
        self._tone = tone
        self._words.setText(words)
        tint(self._words, self._theme.color("late" if tone == "late_soft" else "text"))
        self.line.setVisible(typed is not None)
        self.line.setText(typed or "")
        self._buttons = [self._button(answer) for answer in answers]
        self.show()
        if typed is not None:
            self.line.setFocus()
            self.line.selectAll()

    def close_bar(self) -> None:
        """Ask nothing."""
        self.hide()
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(self._tone))
        painter.end()

    def _button(self, answer: Answer) -> Button:
        button = Button(
            self._theme,
            answer.words,
            answer.tone,
            name=f"template-bar-{answer.name}",
            action=partial(self._answered, answer),
        )
        self._row.addWidget(button)
        return button

    def _answered(self, answer: Answer, *_: object) -> None:
        self.close_bar()
        answer.then()
