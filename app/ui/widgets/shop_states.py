"""The shop on every platform: one card each, and all of them at once."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import steady
from app.domain.shop import ShopState
from app.engine.facade import Facade
from app.engine.views import Ability
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint, scrolling
from app.ui.shops import shops
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.shop_front import ChangeButtons, ShopFront
from app.ui.words import plain

STALE_SECONDS = 60  # what is older is asked for when somebody opens the page
TICK_MS = 15_000  # ages and ends are said anew so often
_ONLY_SOME = {
    ShopState.OPEN: N_("Opening reaches {names} only"),
    ShopState.BUSY: N_("Busy reaches {names} only"),
    ShopState.PAUSED: N_("A pause reaches {names} only"),
}


class ShopStates(QWidget):
    """Reads again whenever a shop changes; asks the platforms when what is known is old."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._platforms = {platform.name: platform for platform in facade.platforms()}
        self.fronts: dict[int, ShopFront] = {}
        self._asked: dict[int, str] = {}  # account -> why not, "" when done, "…" while waiting
        lesson = tr("No account yet. Add one under Settings; then the shop is opened and paused on its platform from here.")
        self._lesson = hint(theme, lesson, "shop-empty")
        self._all = self._all_panel()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.read)
        bridge.shops_changed.connect(self.read)
        bridge.accounts_changed.connect(self.read)

    def showEvent(self, event: QShowEvent) -> None:
        """What comes to the front is up to date, or will be as soon as the platforms answer."""
        super().showEvent(event)
        self._timer.start()
        self.read()
        now = steady.now()
        seen = [one.front.checked_at for one in self._changing()]
        if any(at is None or (now - at).total_seconds() > STALE_SECONDS for at in seen):
            self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def read(self, *_: object) -> None:
        """Show what is known."""
        if not self.isVisible():
            return
        known = shops(self._facade)
        for gone in self.fronts.keys() - {one.account_id for one in known}:
            card = self.fronts.pop(gone)
            card.hide()
            card.deleteLater()
        for front in known:
            if front.account_id in self.fronts:
                self.fronts[front.account_id].show_front(front)
            else:
                self._add(ShopFront(self._facade, self._bridge, self._theme, front, self._platforms))
        self._lesson.setVisible(not known)
        self._look.setVisible(bool(self._changing()))
        self._all.setVisible(len(self._changing()) > 1)
        states = frozenset(state for card in self._changing() for state in card.front.states)
        shut = [card for card in self._changing() if card.front.status and card.front.status.state is not ShopState.OPEN]
        self._all_buttons.offer(states, bool(shut))
        self._reach.setText("\n".join(self._reached(states)))

    @Slot()
    def look(self) -> None:
        """Ask every platform how the shop stands."""
        self._look.setEnabled(False)
        self._look.show_as(tr("Asking the platforms…"), "button", "cloud-up")
        self._bridge.run(self._facade.look_at_shops(), self._looked, self._not_looked, self)

    def _looked(self, _: object) -> None:
        self._look.setEnabled(True)
        self._look.show_as(tr("Ask the platforms again"), "button", "cloud-up")
        self.read()

    def _not_looked(self, why: str) -> None:
        self._looked(None)
        self._tell("", plain(why))

    def _changing(self) -> list[ShopFront]:
        """The cards with buttons."""
        able = (card for card in self.fronts.values() if Ability.OPENS_SHOP in card.front.abilities)
        return [card for card in able if card.front.enabled]

    # all of them at once

    def _all_panel(self) -> Panel:
        panel = Panel(self._theme, tr("All platforms at once"), "shop-all")
        self._all_buttons = ChangeButtons(self._theme, "shop-all", tr("All platforms at once"))
        self._all_buttons.wanted.connect(self._change_all)
        self._reach = hint(self._theme, "", "shop-all-reach")
        panel.inner.addWidget(self._reach)
        self._answer = plain_label(px=15, bold=True, name="shop-all-answer")
        self._refusals = plain_label(px=15, bold=True, name="shop-all-refusals", color=self._theme.color("late"))
        panel.inner.addWidget(self._all_buttons)
        for label in (self._answer, self._refusals):
            label.setWordWrap(True)
            label.hide()
            panel.inner.addWidget(label)
        return panel

    def _reached(self, states: frozenset[ShopState]) -> list[str]:
        """Which accounts a press would reach, said before it; a line for whatever only some of them can do."""
        able = self._changing()
        lines = [tr("A press reaches {names}", names=self._names(able))] if able else []
        for state, text in _ONLY_SOME.items():
            some = [card for card in able if state in card.front.states]
            if state in states and len(some) < len(able):
                lines.append(tr(text, names=self._names(some)))
        left = [card for card in self.fronts.values() if card not in able and card.front.enabled]
        return [*lines, tr("Not reached, see below: {names}", names=self._names(left))] if left else lines

    def _names(self, cards: Iterable[ShopFront]) -> str:
        return tr(", ").join(self._called(card.front.account_id) for card in cards)

    @Slot(object, int)
    def _change_all(self, state: ShopState, minutes: int) -> None:
        able = [card for card in self._changing() if state in card.front.states and not card.busy]
        self._asked = {card.front.account_id: "…" for card in able}
        for card in able:
            card.change(state, minutes)
        self._sum_up()

    @Slot(int, str)
    def _heard(self, account_id: int, why: str) -> None:
        if account_id in self._asked:
            self._asked[account_id] = why
            self._sum_up()

    def _sum_up(self) -> None:
        """One line for those that did it, one for each that did not, one for those that cannot."""
        asked = {number: why for number, why in self._asked.items() if number in self.fronts}
        names = {number: self._called(number) for number in self.fronts}
        waiting = [names[number] for number, why in asked.items() if why == "…"]
        done = [names[number] for number, why in asked.items() if not why]
        refused = {names[number]: why for number, why in asked.items() if why not in ("", "…")}
        left = [names[number] for number, card in self.fronts.items() if number not in asked and card.front.enabled]
        lines = [tr("Done: {names}", names=tr(", ").join(done))] if done else []
        said = [tr("{platform} says: {why}", platform=name, why=plain(why)) for name, why in refused.items()]
        lines += [tr("Still asking: {names}", names=tr(", ").join(waiting))] if waiting else []
        lines += [tr("NOT changed, see below: {names}", names=tr(", ").join(left))] if left else []
        self._tell("\n".join(lines), "\n".join(said))

    def _called(self, account_id: int) -> str:
        """The platform; with the shop's name where two accounts are on one."""
        front = self.fronts[account_id].front
        alone = sum(card.front.platform == front.platform for card in self.fronts.values()) == 1
        return plain(front.title if alone else f"{front.title} {front.name}")

    def _tell(self, text: str, refusals: str) -> None:
        for label, words in ((self._answer, text), (self._refusals, refusals)):
            label.setText(words)
            label.setVisible(bool(words))

    def _add(self, card: ShopFront) -> None:
        card.answered.connect(self._heard)
        self.fronts[card.front.account_id] = card
        self._cards.addWidget(card)

    def _lay_out(self) -> None:
        self._look = Button(
            self._theme, tr("Ask the platforms again"), "button", "cloud-up", name="shop-look", action=self.look
        )
        body = QVBoxLayout()
        body.setContentsMargins(20, 8, 20, 16)
        body.setSpacing(12)
        for part in (self._lesson, self._all):
            body.addWidget(part)
        body.addLayout(self._cards)
        body.addWidget(self._look)
        body.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(body))
