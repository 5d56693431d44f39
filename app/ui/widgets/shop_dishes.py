"""Dishes on every platform as one list: searched, taken off sale until a moment, put back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.shop import MenuItem
from app.engine.facade import Facade
from app.engine.views import Ability, Storefront
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint, scrolling
from app.ui.shops import Dish, after, day_end, merged, shops, where_instead
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import plain_label, tint
from app.ui.widgets.search_field import search_field
from app.ui.widgets.shop_dish import DishRow, Outcome
from app.ui.words import plain

MOST = 40  # rows; more are found by typing
LOOK_AGAIN_MS = 1500  # several presses in this time cost one look at a menu
_ENDS = (("day", N_("today")), ("hour", N_("1 hour")), ("never", N_("until I put it back")))


class ShopDishes(QWidget):
    """Menus are fetched when the list comes to the front and after each change; a slow platform delays only itself."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._platforms = {platform.name: platform for platform in facade.platforms()}
        self._colors = {platform.name: platform.color for platform in self._platforms.values()}
        self._known = False  # any account at all
        self._fronts: dict[int, Storefront] = {}
        self._menus: dict[int, list[MenuItem]] = {}
        self._troubles: dict[int, str] = {}  # account -> why its menu is not here; "" while it is asked
        self._dishes: dict[str, Dish] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._rows: list[DishRow] = []
        self._end = "day"
        self._stale: set[int] = set()
        self._again = QTimer(self, singleShot=True, interval=LOOK_AGAIN_MS)
        self._again.timeout.connect(self._fetch_stale)
        self._lay_out()
        bridge.shops_changed.connect(self._note_change)

    def showEvent(self, event: QShowEvent) -> None:
        """A list that comes to the front is fetched anew."""
        super().showEvent(event)
        self.fetch()

    @Slot()
    def fetch(self, *_: object) -> None:
        """Ask every platform that can take dishes off sale for its menu."""
        known = shops(self._facade)
        self._known = bool(known)
        able = [one for one in known if one.enabled and Ability.SELLS_ITEMS in one.abilities]
        self._fronts = {one.account_id: one for one in able}
        self._menus = {number: items for number, items in self._menus.items() if number in self._fronts}
        self._troubles = {number: why for number, why in self._troubles.items() if number in self._fronts}
        others = [one for one in known if one.enabled and one.account_id not in self._fronts]
        self._elsewhere.setText("\n".join(self._instead(one) for one in others))
        self._elsewhere.setVisible(bool(others))
        for account_id in self._fronts:
            self._fetch(account_id)
        self._show()

    def _instead(self, front: Storefront) -> str:
        return f"{plain(front.title)}: {where_instead(self._platforms.get(front.platform), Ability.SELLS_ITEMS)}"

    def _fetch(self, account_id: int) -> None:
        self._troubles[account_id] = ""
        asked = self._facade.shop_menu(account_id)
        self._bridge.run(asked, partial(self._got, account_id), partial(self._not_got, account_id), self)

    def _got(self, account_id: int, items: list[MenuItem]) -> None:
        self._troubles.pop(account_id, None)
        self._menus[account_id] = items
        self._show()

    def _not_got(self, account_id: int, why: str) -> None:
        self._troubles[account_id] = why
        self._show()

    @Slot(frozenset)
    def _note_change(self, ids: frozenset[int]) -> None:
        self._stale |= set(ids or self._fronts) & self._fronts.keys()
        if self._stale and self.isVisible() and not self._again.isActive():
            self._again.start()

    @Slot()
    def _fetch_stale(self) -> None:
        stale, self._stale = self._stale, set()
        for account_id in stale & self._fronts.keys():
            self._fetch(account_id)

    # changing

    @Slot(str, bool)
    def _change(self, key: str, available: bool) -> None:
        """On every platform that is not there yet; each answers for itself."""
        ids = self._dishes[key].ids(available)
        self._ask(key, available, ids, dict.fromkeys(ids, None if available else self._until()))

    @Slot(str)
    def _undo(self, key: str) -> None:
        before = self._outcomes[key]
        self._ask(key, not before.available, before.taken, before.ends)

    def _ask(self, key: str, available: bool, ids: Mapping[int, list[str]], ends: Mapping[int, datetime | None]) -> None:
        dish = self._dishes.get(key)
        before = dish.ends() if dish else {}
        outcome = self._outcomes[key] = Outcome(available, ids, before, dict.fromkeys(ids))
        for account_id, some in ids.items():
            asked = self._facade.set_available({account_id: some}, available, None if available else ends.get(account_id))
            answer = partial(self._answered, outcome, account_id)
            self._bridge.run(asked, answer, partial(self._failed, outcome, account_id), self)
        self._show()

    def _answered(self, outcome: Outcome, account_id: int, refusals: Mapping[int, str]) -> None:
        self._failed(outcome, account_id, refusals.get(account_id, ""))

    def _failed(self, outcome: Outcome, account_id: int, why: str) -> None:
        outcome.answers[account_id] = why
        self._note_change(frozenset({account_id}))
        self._show()

    def _until(self) -> datetime | None:
        if self._end == "hour":
            return after(60)
        return day_end(self._facade) if self._end == "day" else None

    @Slot(str)
    def _choose_end(self, word: str, *_: object) -> None:
        self._end = word
        self._show()

    # showing

    @Slot()
    def _show(self, *_: object) -> None:
        self._dishes = {dish.name.casefold(): dish for dish in merged(self._menus)}
        gone = sum(dish.sold_out for dish in self._dishes.values())
        only = self._only.isChecked()
        self._only.show_as(tr("Sold out now: {n}", n=gone), "new" if only else "button")
        for word, button in self._ends.items():
            button.mark(word == self._end)
        wanted = plain(self._search.text()).casefold()
        shown = [
            (key, dish)
            for key, dish in self._dishes.items()
            if wanted in key and (not only or dish.sold_out or key in self._outcomes)
        ]
        self._show_rows(shown[:MOST])
        self._show_lesson(shown)

    def _show_rows(self, shown: list[tuple[str, Dish]]) -> None:
        end = tr(dict(_ENDS)[self._end])
        reading = self._stale | {number for number, why in self._troubles.items() if not why}
        while len(self._rows) < len(shown):
            row = DishRow(self._theme, len(self._rows), self._colors)
            row.asked.connect(self._change)
            row.undone.connect(self._undo)
            self._rows.append(row)
            self._list.addWidget(row)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(shown))
            if place < len(shown):
                key, dish = shown[place]
                row.show_dish(key, dish, self._fronts, end, self._outcomes.get(key), reading)

    def _show_lesson(self, shown: list[tuple[str, Dish]]) -> None:
        """What the list is waiting for, or why it is empty."""
        titles = {number: plain(front.title) for number, front in self._fronts.items()}
        asking = [titles[number] for number, why in self._troubles.items() if not why and number not in self._menus]
        lines = [tr("Reading the menu of {names}…", names=tr(", ").join(asking))] if asking else []
        failed = {titles[number]: why for number, why in self._troubles.items() if why}
        lines += [
            tr("The menu of {platform} could not be read: {why}", platform=name, why=plain(why))
            for name, why in failed.items()
        ]
        if not self._known:
            lines.append(tr("No account yet. Add one under Settings; then its dishes are taken off sale from here."))
        elif not self._fronts:
            lines.append(tr("None of the platforms connected here lets its dishes be taken off sale from outside."))
        elif not asking and not failed and not self._dishes:
            lines.append(tr("The menus are empty. Add dishes in the platform's own program; they will show here."))
        elif self._dishes and not shown:
            lines.append(tr("No dish matches."))
        if len(shown) > MOST:
            lines.append(tr("{n} more: type a part of the name.", n=len(shown) - MOST))
        self._lesson.setText("\n".join(lines))
        self._lesson.setVisible(bool(lines))
        tint(self._lesson, self._theme.color("late" if failed else "text"))
        for part in (self._bar, self._choices):
            part.setVisible(bool(self._fronts))

    def _lay_out(self) -> None:
        self._bar, self._choices = QWidget(), QWidget()
        self._lay_out_bar()
        self._lay_out_choices()
        self._lesson = plain_label(px=15, name="dishes-lesson")
        self._lesson.setWordWrap(True)
        self._elsewhere = hint(self._theme, "", "dishes-elsewhere")
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        body = QVBoxLayout()
        body.setContentsMargins(20, 4, 20, 16)
        body.setSpacing(8)
        body.addWidget(self._lesson)
        body.addLayout(self._list)
        body.addWidget(self._elsewhere)
        body.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 8, 0, 0)
        outer.setSpacing(4)
        for part in (self._bar, self._choices):
            part.setContentsMargins(20, 0, 20, 0)
            outer.addWidget(part)
        outer.addWidget(scrolling(body), 1)

    def _lay_out_bar(self) -> None:
        self._search = search_field(self._theme, "dishes-search", tr("Part of a dish's name"), tr("Search dishes"), 17)
        self._search.textChanged.connect(self._show)
        key = QShortcut(QKeySequence("/"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self._search.setFocus)
        self._only = Button(self._theme, "", name="dishes-only", action=self._show, checkable=True)
        again = Button(self._theme, tr("Read the menus again"), glyph="cloud-up", name="dishes-again", action=self.fetch)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._search, 1)
        row.addWidget(self._only)
        row.addWidget(again)

    def _lay_out_choices(self) -> None:
        row = QHBoxLayout(self._choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(plain_label(tr("A dish that is sold out stays so:"), 15, bold=True))
        self._ends: dict[str, Button] = {}
        for word, text in _ENDS:
            button = self._ends[word] = Button(
                self._theme, tr(text), name=f"dishes-end-{word}", action=partial(self._choose_end, word), checkable=True
            )
            row.addWidget(button)
        row.addStretch(1)
