"""One line for something the console is connected to: an account or a printer, its health in words, its switches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.engine.views import HealthState
from app.ui.icons import pixmap
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.mark import mark_tile, show_mark
from app.ui.widgets.panel import plain_label, tint
from app.ui.words import plain

_LOOKS = {  # health -> icon, colour token
    HealthState.OK: ("check", "ready"),
    HealthState.DEGRADED: ("exclaim", "late"),
    HealthState.SIGNED_OUT: ("hand", "late"),
    HealthState.OFF: ("cross", "muted"),
}
_ICON = 18


class ConnectionRow(QWidget):
    """Shows what it is told; its switches call back and wait for the engine to confirm by the next `show_health`."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._theme, self._name = theme, name
        self._badge = mark_tile()
        self._title = plain_label(px=16, bold=True, name=f"{name}-title")
        self._detail = plain_label(px=14, name=f"{name}-detail", color=theme.color("muted"))
        for label in (self._title, self._detail):
            label.setWordWrap(True)
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self._health = plain_label(px=14, name=f"{name}-health")
        self._health.setWordWrap(True)
        self._answer = plain_label(px=14, name=f"{name}-answer")
        self._answer.setWordWrap(True)
        self._answer.hide()
        self._switch_row, self._button_row = QHBoxLayout(), QHBoxLayout()
        self._switches: dict[str, TickBox] = {}
        self._flips: dict[str, Callable[[bool], None]] = {}
        self._buttons: dict[str, Button] = {}
        self._lay_out()

    def badge(self, mark: str, color: str) -> None:
        """The platform's mark on its own colour."""
        show_mark(self._badge, mark, color)

    def glyph(self, name: str) -> None:
        """An icon instead of a mark."""
        self._badge.setPixmap(pixmap(name, self._theme.color("text").name(), 28))

    def describe(self, title: str, detail: str) -> None:
        """Name and the quiet line under it."""
        self._title.setText(plain(title))
        self._detail.setText(plain(detail))

    def show_health(self, state: HealthState, words: str) -> None:
        """Icon, colour and words; the words alone say everything."""
        glyph, token = _LOOKS[state]
        self._icon.setPixmap(pixmap(glyph, self._theme.color(token).name(), _ICON))
        tint(self._health, self._theme.color(token if state is not HealthState.OFF else "text"))
        self._health.setText(plain(words))

    def say(self, text: str, tone: str = "late") -> None:
        """What became of the last switch or test; "" takes it back."""
        tint(self._answer, self._theme.color(tone))
        self._answer.setText(plain(text))
        self._answer.setVisible(bool(text))

    def add_switch(self, word: str, text: str, flip: Callable[[bool], None]) -> None:
        """A switch that calls `flip` when a person uses it, and never when `set_switch` does."""
        box = TickBox(self._theme, text)
        box.setObjectName(f"{self._name}-{word}")
        box.clicked.connect(partial(self._flip, word))
        self._switches[word], self._flips[word] = box, flip
        self._switch_row.addWidget(box)

    def add_button(self, word: str, text: str, press: Callable[[], None], tone: str = "button", glyph: str = "") -> None:
        """A button that calls `press`."""
        button = self._buttons[word] = Button(self._theme, text, tone, glyph, name=f"{self._name}-{word}", action=press)
        self._button_row.addWidget(button)

    def show_button(self, word: str, shown: bool) -> None:
        """Offer a button only while it helps."""
        self._buttons[word].setVisible(shown)

    def set_switch(self, word: str, on: bool) -> None:
        """Show what the engine says."""
        self._switches[word].setChecked(on)

    def _flip(self, word: str, *_: object) -> None:
        # PySide decides by itself whether a partial is given the signal's arguments, so the state is asked for.
        self._flips[word](self._switches[word].isChecked())

    def _lay_out(self) -> None:
        health = QHBoxLayout()
        health.setSpacing(6)
        health.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        health.addWidget(self._health, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        words.addLayout(health)
        words.addWidget(self._answer)
        words.addLayout(self._lay_out_controls())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(12)
        row.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def _lay_out_controls(self) -> QHBoxLayout:
        """Below the words, which need the whole width: switches to the left, buttons to the right."""
        controls = QHBoxLayout()
        for part in (self._switch_row, self._button_row):
            part.setSpacing(12)
            controls.addLayout(part)
        controls.insertStretch(1, 1)
        return controls
