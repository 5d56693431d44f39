"""One dish on however many platforms: where it is sold, one press to take it off sale everywhere, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app import steady
from app.engine.views import Storefront
from app.texts import tr
from app.ui.shops import Dish
from app.ui.theme import Theme
from app.ui.widgets.badge import Badge, Sign
from app.ui.widgets.button import PRIMARY_HEIGHT, Action, Button
from app.ui.widgets.mark import NO_COLOR
from app.ui.widgets.panel import Panel, plain_label
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
        self._refusals = plain_label(px=14, bold=True, name=f"dish-{number}-refusals", color=theme.color("late"))
        for label in (self._answer, self._refusals):
            label.setWordWrap(True)
        self._signs: dict[int, Sign] = {}
        self._badges = QHBoxLayout()
        self._badges.setSpacing(6)
        self._out = self._button(f"dish-{number}-out", self._take_off, "button", "cross")
        self._back = self._button(f"dish-{number}-back", self._put_back, "ready", "check")
        self._undo = self._button(f"dish-{number}-undo", self._take_back)
        self._lay_out()

    def show_dish(
        self,
        key: str,
        dish: Dish,
        fronts: Mapping[int, Storefront],
        end: str,
        outcome: Outcome | None,
        reading: Collection[int],
    ) -> None:
        """`end`: how long a press on "sold out" is for, in words; `reading`: accounts whose menus are being read."""
        self._key = key
        self._name.setText(dish.name)
        self._category.setText(dish.category)
        self._category.setVisible(bool(dish.category))
        self._show_signs(dish, fronts, (outcome.answers.keys() if outcome else set()) & set(reading))
        waiting = outcome is not None and outcome.waiting
        out = tr("Mark sold out · {end}", end=end)
        self._out.show_as(out, "button", "cross", f"{out}: {dish.name}")  # not red: that would read as a state
        self._out.setVisible(dish.on_sale)
        self._back.show_as(tr("Sell again"), "ready", "check", f"{tr('Sell again')}: {dish.name}")
        self._back.setVisible(dish.sold_out)
        for button in (self._out, self._back, self._undo):
            button.setEnabled(not waiting)
        self._undo.show_as(tr("Undo"), "button", "", f"{tr('Undo')}: {dish.name}")
        self._undo.setVisible(outcome is not None and not waiting and bool(outcome.taken))
        self._tell(outcome, fronts)

    def _show_signs(self, dish: Dish, fronts: Mapping[int, Storefront], unsure: Collection[int]) -> None:
        """One for each platform that has the dish; made anew only when one changed, for this runs at every key typed."""
        mine = {number: front for number, front in fronts.items() if number in dish.items}
        signs = {
            number: self._unsure(front) if number in unsure else self._sign(dish, number, front)
            for number, front in mine.items()
        }
        if signs == self._signs:
            return
        self._signs = signs
        while (item := self._badges.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for account_id, sign in signs.items():
            self._badges.addWidget(Badge(self._theme, sign, f"{self.objectName()}-at-{account_id}"))
        self._badges.addStretch(1)

    def _unsure(self, front: Storefront) -> Sign:
        """What the menu said before is no longer sure, and what it says now not yet known."""
        color = self._colors.get(front.platform, NO_COLOR)
        return Sign(tr("looking…"), "clock", mark=front.mark, mark_color=color)

    def _sign(self, dish: Dish, account_id: int, front: Storefront) -> Sign:
        color = self._colors.get(front.platform, NO_COLOR)
        gone = [item for item in dish.items[account_id] if not item.available]
        if not gone:
            return Sign(tr("on sale"), "check", "ready", mark=front.mark, mark_color=color)
        end = min((item.until for item in gone if item.until), default=None)
        words = tr("sold out until {time}", time=moment(end, steady.now())) if end else tr("sold out")
        if len(gone) < len(dish.items[account_id]):
            words = tr("partly sold out")
        return Sign(words, "cross", "late", True, front.mark, color)

    def _tell(self, outcome: Outcome | None, fronts: Mapping[int, Storefront]) -> None:
        """Who took it and who still has to answer; who refused, in which words."""
        titles = {number: plain(front.title) for number, front in fronts.items()}
        answers = [(titles.get(number, "?"), why) for number, why in outcome.answers.items()] if outcome else []
        taken = tr(", ").join(name for name, why in answers if why == "")
        waiting = tr(", ").join(name for name, why in answers if why is None)
        back = outcome is not None and outcome.available
        said = [tr("On sale again: {names}" if back else "Sold out: {names}", names=taken)] if taken else []
        said += [tr("Still asking: {names}", names=waiting)] if waiting else []
        refused = [tr("{platform} says: {why}", platform=name, why=plain(why)) for name, why in answers if why]
        for label, lines in ((self._answer, said), (self._refusals, refused)):
            label.setText(" · ".join(lines))
            label.setVisible(bool(lines))

    @Slot()
    def _take_off(self) -> None:
        self.asked.emit(self._key, False)

    @Slot()
    def _put_back(self) -> None:
        self.asked.emit(self._key, True)

    @Slot()
    def _take_back(self) -> None:
        self.undone.emit(self._key)

    def _button(self, name: str, action: Action, tone: str = "button", glyph: str = "") -> Button:
        return Button(self._theme, "", tone, glyph, height=PRIMARY_HEIGHT, name=name, action=action)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        for part in (self._name, self._category):
            words.addWidget(part)
        words.addLayout(self._badges)
        words.addWidget(self._answer)
        words.addWidget(self._refusals)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(words, 1)
        for button in (self._undo, self._back, self._out):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.inner.addLayout(row)
