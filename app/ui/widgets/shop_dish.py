"""One dish on however many platforms: where it is sold, one press to take it off sale everywhere, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.engine.views import Storefront
from app.texts import tr
from app.ui.shops import Dish
from app.ui.theme import Theme
from app.ui.widgets.badge import Badge, Sign
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.words import moment, plain


@dataclass
class Outcome:
    """What became of the last press on a dish: by account why not, "" when it took it, None while it is asked."""

    available: bool
    ids: Mapping[int, list[str]]
    ends: Mapping[int, datetime | None]  # until when it was sold out before, for an undo
    answers: dict[int, str | None] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Whether somebody still has to answer."""
        return None in self.answers.values()

    @property
    def taken(self) -> dict[int, list[str]]:
        """What an undo has to put back."""
        return {number: ids for number, ids in self.ids.items() if self.answers.get(number) == ""}


class DishRow(Panel):
    """`asked` carries the dish's key and whether it shall be sold; `undone` its key."""

    asked = Signal(str, bool)
    undone = Signal(str)

    def __init__(self, theme: Theme, number: int, colors: Mapping[str, str]) -> None:
        super().__init__(theme, name=f"dish-{number}")
        self._theme, self._colors, self._key = theme, colors, ""
        self._name = plain_label(px=17, bold=True, name=f"dish-{number}-name")
        self._name.setWordWrap(True)
        self._category = plain_label(px=14, color=theme.color("muted"))
        self._answer = plain_label(px=14, bold=True, name=f"dish-{number}-answer")
        self._answer.setWordWrap(True)
        self._badges = QHBoxLayout()
        self._badges.setSpacing(6)
        self._out = self._button(f"dish-{number}-out", "late", "cross")
        self._out.clicked.connect(self._take_off)
        self._back = self._button(f"dish-{number}-back", "ready", "check")
        self._back.clicked.connect(self._put_back)
        self._undo = self._button(f"dish-{number}-undo", "button", "")
        self._undo.clicked.connect(self._take_back)
        self._lay_out()

    def show_dish(self, key: str, dish: Dish, fronts: Mapping[int, Storefront], end: str, outcome: Outcome | None) -> None:
        """`end`: how long a press on "Sold out" is for, in words."""
        self._key = key
        self._name.setText(dish.name)
        self._category.setText(dish.category)
        self._category.setVisible(bool(dish.category))
        while (item := self._badges.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for account_id, front in fronts.items():
            if account_id in dish.items:
                sign = self._sign(dish, account_id, front)
                self._badges.addWidget(Badge(self._theme, sign, f"{self.objectName()}-at-{account_id}"))
        self._badges.addStretch(1)
        waiting = outcome is not None and outcome.waiting
        self._out.show_as(
            tr("Sold out · {end}", end=end), "late", "cross", f"{tr('Sold out · {end}', end=end)}: {dish.name}"
        )
        self._out.setVisible(dish.on_sale)
        self._back.show_as(tr("Sell again"), "ready", "check", f"{tr('Sell again')}: {dish.name}")
        self._back.setVisible(dish.sold_out)
        for button in (self._out, self._back, self._undo):
            button.setEnabled(not waiting)
        self._undo.show_as(tr("Undo"), "button", "", f"{tr('Undo')}: {dish.name}")
        self._undo.setVisible(outcome is not None and not waiting and bool(outcome.taken))
        self._tell(outcome, fronts)

    def _sign(self, dish: Dish, account_id: int, front: Storefront) -> Sign:
        color = self._colors.get(front.platform, "#555555")
        gone = [item for item in dish.items[account_id] if not item.available]
        if not gone:
            return Sign(tr("on sale"), "check", "ready", mark=front.mark, mark_color=color)
        end = min((item.until for item in gone if item.until), default=None)
        words = tr("sold out until {time}", time=moment(end, datetime.now(UTC))) if end else tr("sold out")
        if len(gone) < len(dish.items[account_id]):
            words = tr("partly sold out")
        return Sign(words, "cross", "late", True, front.mark, color)

    def _tell(self, outcome: Outcome | None, fronts: Mapping[int, Storefront]) -> None:
        """Who took it, who refused in which words, who still has to answer."""
        self._answer.setVisible(outcome is not None)
        if outcome is None:
            return
        titles = {number: plain(front.title) for number, front in fronts.items()}
        taken = [titles.get(number, "?") for number, why in outcome.answers.items() if why == ""]
        waiting = [titles.get(number, "?") for number, why in outcome.answers.items() if why is None]
        refused = {titles.get(number, "?"): why for number, why in outcome.answers.items() if why}
        names = tr(", ").join(taken)
        lines = [tr("On sale again: {names}" if outcome.available else "Sold out: {names}", names=names)] if taken else []
        lines += [tr("{platform} says: {why}", platform=name, why=plain(why)) for name, why in refused.items()]
        lines += [tr("Still asking: {names}", names=tr(", ").join(waiting))] if waiting else []
        self._answer.setText("\n".join(lines))
        tint(self._answer, self._theme.color("late" if refused else "text"))

    @Slot()
    def _take_off(self) -> None:
        self.asked.emit(self._key, False)

    @Slot()
    def _put_back(self) -> None:
        self.asked.emit(self._key, True)

    @Slot()
    def _take_back(self) -> None:
        self.undone.emit(self._key)

    def _button(self, name: str, tone: str, glyph: str) -> Button:
        button = Button(self._theme, "", tone, glyph, height=PRIMARY_HEIGHT)
        button.setObjectName(name)
        return button

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        for part in (self._name, self._category):
            words.addWidget(part)
        words.addLayout(self._badges)
        words.addWidget(self._answer)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(words, 1)
        for button in (self._undo, self._back, self._out):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.inner.addLayout(row)
