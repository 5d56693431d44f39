"""The parts of a form: a labelled field with its help and its error beside it, a masked secret, the window around them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Action, Button
from app.ui.widgets.inputs import Choice
from app.ui.widgets.panel import plain_label, tint
from app.ui.widgets.scroll import ScrollArea

_SHORTEST_CHOICE = 6  # characters
_LONGEST = 4000  # characters of any answer: a token or a key, never a book


class Field(QWidget):
    """One question of a form. `edited` whenever a person changes the answer; `complain` puts an error under it."""

    edited = Signal()

    def __init__(self, theme: Theme, name: str, label: str, editor: QWidget, explanation: str = "") -> None:
        super().__init__()
        self.editor = editor
        editor.setObjectName(name)
        editor.setMinimumHeight(HEIGHT)
        editor.setAccessibleName(label)
        editor.setAccessibleDescription(explanation)
        self._error = plain_label(px=14, name=f"{name}-error", color=theme.color("late"))
        self._error.setWordWrap(True)
        self._error.hide()
        self._lay_out(theme, label, explanation)
        self._listen()

    @property
    def answer(self) -> str:
        """What stands in the field, without blanks around it."""
        if isinstance(self.editor, QComboBox):
            value = self.editor.currentData()
            return str(self.editor.currentText() if value is None else value).strip()
        return self._line().text().strip()

    @answer.setter
    def answer(self, text: str) -> None:
        if isinstance(self.editor, QComboBox):
            self.editor.setCurrentIndex(max(self.editor.findData(text), 0))
        else:
            self._line().setText(text)

    @property
    def error(self) -> str:
        """The complaint under the field, "" when there is none."""
        return self._error.text()

    def complain(self, text: str = "") -> None:
        """Say what is wrong with the answer; "" takes it back."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def require(self) -> bool:
        """Whether there is an answer; complains when there is none."""
        self.complain("" if self.answer else tr("Please fill this in."))
        return bool(self.answer)

    def _lay_out(self, theme: Theme, label: str, explanation: str) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        caption = plain_label(label, 15, bold=True)
        caption.setBuddy(self.editor)
        layout.addWidget(caption)
        layout.addWidget(self.editor)
        if explanation:
            layout.addWidget(hint(theme, explanation))
        layout.addWidget(self._error)

    def _listen(self) -> None:
        if isinstance(self.editor, QComboBox):
            self.editor.currentTextChanged.connect(self._edited)
        else:
            self._line().textChanged.connect(self._edited)

    def _line(self) -> QLineEdit:
        line = self.editor if isinstance(self.editor, QLineEdit) else self.editor.findChild(QLineEdit)
        if line is None:
            raise TypeError(f"no answer can be typed into {type(self.editor).__name__}")
        return line

    @Slot()
    def _edited(self) -> None:
        self.complain()
        self.edited.emit()


class SecretEdit(QWidget):
    """A masked line with a button that shows it while somebody needs to read it."""

    def __init__(self, theme: Theme, name: str, hint: str = "") -> None:
        super().__init__()
        self._line = text_edit(hint=hint)
        self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.setMinimumHeight(HEIGHT)
        self._reveal = Button(theme, tr("Show"), name=f"{name}-reveal", checkable=True, auto_default=False)
        self._reveal.toggled.connect(self._show)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._reveal)
        self.setFocusProxy(self._line)

    @Slot(bool)
    def _show(self, shown: bool) -> None:
        self._line.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._reveal.show_as(tr("Hide") if shown else tr("Show"), "button")


class CopyEdit(QWidget):
    """A line that can only be read, with a button that copies it."""

    def __init__(self, theme: Theme, name: str, text: str) -> None:
        super().__init__()
        self._line = read_only_edit(text)
        copy = Button(theme, tr("Copy"), glyph="copy", name=f"{name}-copy", action=self._copy, auto_default=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line, 1)
        layout.addWidget(copy)
        self.setFocusProxy(self._line)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._line.text())


def text_edit(text: str = "", hint: str = "") -> QLineEdit:
    """A line to type in."""
    line = QLineEdit(text)
    line.setPlaceholderText(hint)
    line.setMaxLength(_LONGEST)
    return line


def read_only_edit(text: str = "", hint: str = "") -> QLineEdit:
    """A line to read and to copy from, shown from its beginning."""
    line = text_edit(text, hint)
    line.setReadOnly(True)
    line.setMinimumHeight(HEIGHT)
    line.setCursorPosition(0)
    return line


def choice_edit(theme: Theme, choices: Sequence[tuple[str, str]], chosen: str = "") -> Choice:
    """A list to choose from, of (value, words)."""
    box = Choice(theme)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)  # a long name widens no form
    box.setMinimumContentsLength(_SHORTEST_CHOICE)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for value, words in choices:
        box.addItem(words, value)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    return box


class FormWindow(QDialog):
    """A window in front of the page: title, a form that scrolls when the screen is low, buttons that always show.

    Opened with `open()`: nothing waits for it, and the queue behind goes on.
    """

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(600)
        self._theme = theme
        self.form = QVBoxLayout()
        self.form.setContentsMargins(4, 4, 16, 4)
        self.form.setSpacing(14)
        self.result_line = plain_label(px=15, bold=True, name=f"{name}-result")
        self.result_line.setWordWrap(True)
        self.below = QVBoxLayout()
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(plain_label(title, 20, bold=True))
        layout.addWidget(scrolling(self.form), 1)
        layout.addWidget(self.result_line)
        layout.addLayout(self.below)
        layout.addLayout(self.buttons)

    def add_button(
        self, name: str, text: str, tone: str = "button", glyph: str = "", action: Action | None = None
    ) -> Button:
        """One more button at the bottom; none of them is pressed by the Enter key of a field."""
        button = Button(self._theme, text, tone, glyph, name=name, action=action, auto_default=False)
        self.buttons.addWidget(button)
        return button

    def add_way_back(self) -> Button:
        """The button that leaves everything as it was, and room between it and what follows; Escape does the same."""
        back = self.add_button("dialog-back", tr("Back"), action=self.reject)
        self.buttons.addStretch(1)
        return back

    def tell(self, text: str, tone: str) -> None:
        """What came of the last test or save, in the colour of the token `tone`."""
        self.result_line.setText(text)
        tint(self.result_line, self._theme.color(tone))


def hint(theme: Theme, text: str, name: str = "") -> QLabel:
    """A quiet sentence that takes as many lines as it needs; `name` it where its words change."""
    words = plain_label(text, 14, name=name, color=theme.color("muted"))
    words.setWordWrap(True)
    return words


def explained(theme: Theme, box: QWidget, text: str) -> QWidget:
    """A tick box with its sentence close under it."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(box)
    layout.addWidget(hint(theme, text))
    return whole


def column(*parts: QWidget) -> QVBoxLayout:
    """Parts of a form one under the other."""
    layout = QVBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(14)
    for part in parts:
        layout.addWidget(part)
    return layout


def scrolling(form: QVBoxLayout) -> QScrollArea:
    """`form` in an area that scrolls up and down only."""
    body = QWidget()
    body.setLayout(form)
    return ScrollArea(body)
