"""The form of one block, made from its settings: what is chosen is written into the template at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.dialogs.form import Field, choice_edit, scrolling
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.panel import plain_label
from app.ui.widgets.preview import clear
from app.ui.widgets.template_words import PLACES, Setting, value_words

_LONGEST = 400  # characters of a text on paper
_NOTHING = "\0"  # stands for None in a list to choose from


class BlockForm(QWidget):
    """`chosen` (name of the setting, value; None for the usual one, so that it need not be written)."""

    chosen = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[str, tuple[Setting, ...]] = ("", ())
        self._inputs: dict[str, _Input] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(2, 2, 12, 2)
        self._column.setSpacing(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(clear(scrolling(self._column)))

    def show_block(self, title: str, settings: tuple[Setting, ...], values: Mapping[str, Any], places: bool) -> None:
        """Ask for `settings`; `places`: texts may hold places of the ticket. Keeps the cursor where only values changed."""
        if (title, settings) != self._shown:
            self._shown = title, settings
            self._build(title, settings, places)
        for setting in settings:
            self._inputs[setting.name].show(values.get(setting.name, setting.usual))

    def clear(self) -> None:
        """Ask for nothing."""
        self.show_block("", (), {}, False)

    def _build(self, title: str, settings: tuple[Setting, ...], places: bool) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._inputs = {}
        if title:
            self._column.addWidget(plain_label(title, 16, bold=True))
        for setting in settings:
            self._column.addWidget(self._asked(setting))
            if places and setting.kind == "text":
                self._column.addWidget(self._places(setting))
        if title and not settings:
            self._column.addWidget(
                _wrapped(tr("There is nothing to choose here: this is always printed large and in reverse."))
            )
        self._column.addStretch(1)

    def _asked(self, setting: Setting) -> QWidget:
        match setting.kind:
            case "switch":
                box = self._tick(setting, setting.name, tr(setting.title))
                self._inputs[setting.name] = _Input(box.isChecked, lambda value: box.setChecked(value is True))
                return box
            case "several":
                return self._several(setting)
            case "text":
                return self._text(setting)
        return self._choice(setting)

    def _tick(self, setting: Setting, name: str, title: str) -> TickBox:
        box = TickBox(self._theme, title)
        box.setObjectName(f"block-{name}")
        if setting.help:
            box.setToolTip(tr(setting.help))
            box.setAccessibleDescription(tr(setting.help))
        box.clicked.connect(partial(self._tell, setting))
        return box

    def _several(self, setting: Setting) -> QWidget:
        group = QWidget()
        column = QVBoxLayout(group)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(plain_label(tr(setting.title), 15, bold=True))
        boxes = {value: self._tick(setting, f"{setting.name}-{value}", value_words(value)) for value in setting.choices}
        for box in boxes.values():
            column.addWidget(box)

        def show(values: Any) -> None:
            for value, box in boxes.items():
                box.setChecked(isinstance(values, list | tuple) and value in values)

        self._inputs[setting.name] = _Input(lambda: [value for value, box in boxes.items() if box.isChecked()], show)
        return group

    def _choice(self, setting: Setting) -> QWidget:
        box = choice_edit(self._theme, [(_written(value), value_words(value)) for value in setting.choices])
        box.activated.connect(partial(self._tell, setting))

        def show(value: Any) -> None:
            box.setCurrentIndex(max(box.findData(_written(value)), 0))

        self._inputs[setting.name] = _Input(lambda: setting.choices[box.currentIndex()], show)
        return Field(self._theme, f"block-{setting.name}", tr(setting.title), box, tr(setting.help) if setting.help else "")

    def _text(self, setting: Setting) -> QWidget:
        line = WordsEdit()
        line.textEdited.connect(partial(self._tell, setting))

        def show(value: Any) -> None:
            if line.text() != str(value):
                line.setText(str(value))

        self._inputs[setting.name] = _Input(line.text, show, line)
        return Field(self._theme, f"block-{setting.name}", tr(setting.title), line)

    def _places(self, setting: Setting) -> QWidget:
        button = Button(self._theme, tr("Insert what the ticket knows…"), name=f"block-{setting.name}-insert")
        menu = QMenu(button)
        for place, words in PLACES.items():
            action = menu.addAction(f"{tr(words)}  {{{place}}}", partial(self._insert, setting, place))
            action.setObjectName(f"place-{place}")
        button.setMenu(menu)
        return button

    def _insert(self, setting: Setting, place: str) -> None:
        line = self._inputs[setting.name].line
        if line is not None:
            line.insert(f"{{{place}}}")
            line.setFocus(Qt.FocusReason.OtherFocusReason)
            self._tell(setting)

    def _tell(self, setting: Setting, *_: object) -> None:
        value = self._inputs[setting.name].read()
        usual = list(setting.usual) if isinstance(setting.usual, tuple) else setting.usual
        self.chosen.emit(setting.name, None if value == usual and not setting.required else value)


class WordsEdit(QLineEdit):
    """A line whose steps back are the template's, not its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(_LONGEST)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the page."""
        return False if is_history(event) else super().event(event)


def is_history(event: QEvent) -> bool:
    """Whether an editor is about to take undo or redo for itself; the event is refused then."""
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    history = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    if history:
        event.ignore()
    return history


class _Input(NamedTuple):
    """How one setting is read from and shown on the form."""

    read: Callable[[], Any]
    show: Callable[[Any], None]
    line: QLineEdit | None = None


def _written(value: Any) -> str:
    return _NOTHING if value is None else str(value)


def _wrapped(text: str) -> QWidget:
    label = plain_label(text, 15)
    label.setWordWrap(True)
    return label
