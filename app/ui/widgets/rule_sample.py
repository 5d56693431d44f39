"""A small order that does not exist, put together by hand to see where it would go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import steady
from app.domain.money import Money
from app.domain.orders import Fulfilment, Option, OrderFacts, OrderLine
from app.engine.views import Menu
from app.texts import tr
from app.ui.dialogs.form import Field, choice_edit, text_edit
from app.ui.dialogs.route import read_clock
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.rule_names import NameLine, NamesEdit
from app.ui.words import FULFILMENTS

_FREE = Money.zero("CNY")  # where a dish goes never depends on its price


class SampleOrder(QWidget):
    """Platform, way out, time, and dishes with category and options. `entered` when something in it changed."""

    entered = Signal()

    def __init__(self, theme: Theme, platforms: Sequence[tuple[str, str]], menu: Menu) -> None:
        super().__init__()
        self._theme, self._menu = theme, menu
        self._dishes: list[_Dish] = []
        ways = [(one.value, tr(words)) for one, words in FULFILMENTS.items()]
        self._platform = Field(theme, "sample-platform", tr("Platform"), choice_edit(theme, platforms))
        self._way = Field(theme, "sample-fulfilment", tr("How it leaves the shop"), choice_edit(theme, ways))
        self._at = Field(theme, "sample-time", tr("The shop's time"), text_edit(hint=tr("now")))
        first = QHBoxLayout()
        for field in (self._platform, self._way, self._at):
            first.addWidget(field, 1)
            field.edited.connect(self.entered)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        more = Button(theme, tr("One more dish"), name="sample-more", action=self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(first)
        layout.addLayout(self._list)
        layout.addWidget(more)
        self._more()

    @property
    def platform(self) -> str:
        """Its name in the rules."""
        return self._platform.answer

    @property
    def at(self) -> time | None:
        """The shop's time; None for now."""
        return read_clock(self._at.answer)

    def facts(self) -> OrderFacts | None:
        """The order; None, and a complaint, while it has no dish or a time that is none."""
        wrong = self._at.answer and self.at is None
        self._at.complain(tr("A time looks like 11:00.") if wrong else "")
        lines = tuple(line for place, dish in enumerate(self._dishes) if (line := dish.line(str(place))))
        self._dishes[0].complain(not lines)
        if wrong or not lines:
            return None
        return OrderFacts("1", "", Fulfilment(self._way.answer), steady.now(), _FREE, lines)

    def _more(self) -> None:
        dish = _Dish(self._theme, len(self._dishes), self._menu)
        dish.entered.connect(self.entered)
        self._dishes.append(dish)
        self._list.addWidget(dish)


class _Dish(QWidget):
    """One dish: its name, its category, its options."""

    entered = Signal()

    def __init__(self, theme: Theme, number: int, menu: Menu) -> None:
        super().__init__()
        self._name = Field(theme, f"sample-dish-{number}", tr("Dish"), NameLine(menu.items))
        self._category = Field(theme, f"sample-category-{number}", tr("Category"), NameLine(menu.categories))
        self._options = NamesEdit(theme, f"sample-options-{number}", menu.options, tr("Options"))
        names = QHBoxLayout()
        names.addWidget(self._name, 3)
        names.addWidget(self._category, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(names)
        layout.addWidget(self._options)
        self._name.edited.connect(self.entered)
        self._category.edited.connect(self.entered)
        self._options.changed.connect(self.entered)

    def line(self, key: str) -> OrderLine | None:
        if not self._name.answer:
            return None
        options = tuple(Option(name) for name in self._options.names)
        return OrderLine(key, self._name.answer, Decimal(1), _FREE, _FREE, options, category=self._category.answer)

    def complain(self, missing: bool) -> None:
        self._name.complain(tr("Please fill this in.") if missing else "")
