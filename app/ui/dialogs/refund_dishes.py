"""The dishes of an order as one gives them back: a tick for all that is left of one, minus and plus for single portions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.commands import Portions
from app.domain.portions import Dish
from app.texts import tr
from app.ui.dialogs.form import hint, scrolling
from app.ui.theme import Theme, font
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.panel import plain_label
from app.ui.words import money, plain

# Pixels.
_NAME_WIDTH, _SHORT_NAME_WIDTH = 380, 210  # alone, and beside the buttons
_COUNT_WIDTH, _STEP_WIDTH, _STEP_HEIGHT = 64, 60, HEIGHT + 4
_INDENT = 34  # below the words of a tick box
_STEPS = {
    Qt.Key.Key_Plus: 1,
    Qt.Key.Key_Equal: 1,  # plus without shift
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Minus: -1,
    Qt.Key.Key_Left: -1,
}


class DishList(QWidget):
    """Every dish with what is left of it; `advice` under them. `single`: whether single portions can go back."""

    changed = Signal()

    def __init__(self, theme: Theme, dishes: Iterable[Dish], single: bool, advice: str) -> None:
        super().__init__()
        self._rows = [DishRow(theme, dish, single) for dish in dishes]
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(2)
        for row in self._rows:
            row.changed.connect(self.changed)
            column.addWidget(row)
        if advice:
            column.addWidget(hint(theme, advice))
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(column))
        if first := next((row for row in self._rows if row.dish.left), None):
            self.setFocusProxy(first.tick)

    @property
    def chosen(self) -> tuple[Portions, ...]:
        """What is to go back."""
        return tuple(row.dish.part(row.count) for row in self._rows if row.count)

    @property
    def every_dish(self) -> bool:
        """Whether nothing of any dish would be left."""
        return all(row.count == row.dish.left for row in self._rows)


class DishRow(QWidget):
    """One dish: tick it, or count its portions with the buttons, or with + and - while the tick has the keyboard."""

    changed = Signal()

    def __init__(self, theme: Theme, dish: Dish, single: bool) -> None:
        super().__init__()
        self.dish, self.count = dish, 0
        self.counts = single and dish.left > 1
        self.tick = _Tick(theme, _words(dish, _SHORT_NAME_WIDTH if self.counts else _NAME_WIDTH), self.counts)
        self.tick.setObjectName(f"refund-dish-{dish.key}")
        self.tick.setEnabled(dish.left > 0)
        self.tick.toggled.connect(self._all_or_nothing)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.tick)
        if dish.gone:
            gone = tr("{n} given back already", n=dish.gone) if dish.left else tr("given back already")
            told = plain_label(gone, 14, name=f"refund-gone-{dish.key}", color=theme.color("muted"))
            told.setIndent(_INDENT)
            words.addWidget(told)
        row.addLayout(words, 1)
        self._shown = plain_label("", 19, bold=True, name=f"refund-count-{dish.key}")
        self._less, self._more = (self._step(theme, *one) for one in (("－", "less", -1), ("＋", "more", 1)))
        if self.counts:
            self._shown.setFixedWidth(_COUNT_WIDTH)
            self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.tick.stepped.connect(self._add)
            for part in (self._less, self._shown, self._more):
                row.addWidget(part)
        self._show()

    def _step(self, theme: Theme, sign: str, name: str, by: int) -> Button:
        dish = plain(self.dish.name)
        spoken = tr("One portion more: {dish}", dish=dish) if by > 0 else tr("One portion less: {dish}", dish=dish)
        button = Button(
            theme,
            sign,
            "button",
            spoken=spoken,
            height=_STEP_HEIGHT,
            parent=self,
            name=f"refund-{name}-{self.dish.key}",
            action=partial(self._add, by),
        )
        button.setFixedWidth(_STEP_WIDTH)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays on the tick, even where no portion is left
        button.setVisible(False)
        return button

    def _add(self, by: int, *_: object) -> None:
        self._set(min(max(self.count + by, 0), self.dish.left))

    def _all_or_nothing(self, ticked: bool) -> None:
        if ticked != (self.count > 0):  # by a person, not by the count
            self._set(self.dish.left if ticked else 0)

    def _set(self, count: int) -> None:
        self.count = count
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.tick.setChecked(self.count > 0)
        self._shown.setText(f"{self.count} / {self.dish.left}")
        for button, usable in ((self._less, self.count > 0), (self._more, self.count < self.dish.left)):
            button.setVisible(self.counts)
            button.setEnabled(usable)


class _Tick(TickBox):
    """Tells of + and -, and of the arrows."""

    stepped = Signal(int)

    def __init__(self, theme: Theme, text: str, counts: bool) -> None:
        super().__init__(theme, text)
        self._counts = counts

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Count while the keyboard is here; anything else is a tick box's."""
        by = _STEPS.get(Qt.Key(event.key()), 0)
        if by and self._counts:
            self.stepped.emit(by)
        else:
            super().keyPressEvent(event)


def _words(dish: Dish, width: int) -> str:
    """What is left of it, with its price."""
    name = QFontMetrics(font(15)).elidedText(plain(dish.name), Qt.TextElideMode.ElideRight, width)
    number = f"{dish.quantity.normalize():f}" if dish.left in (0, dish.of) else dish.left
    return f"{number} × {name}   {money(dish.worth(dish.part(None)) if dish.left else dish.paid)}"
