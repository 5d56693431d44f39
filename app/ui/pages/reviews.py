"""The Reviews page: what customers said on every platform that lets a program read it, and the shop's answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import steady
from app.engine.bad_reviews import is_bad
from app.engine.facade import Facade
from app.engine.views import Ability
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint, scrolling
from app.ui.reviews import DAYS, Heard, Key, every_review, hearing, ordered
from app.ui.shops import shops, where_instead
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.review_card import ReviewCard
from app.ui.words import headed, plain

MOST = 100  # cards; the rest is counted
STALE_SECONDS = 60  # a page that is opened again sooner asks nobody
TICK_MS = 60_000  # ages are said anew so often

_NO_ACCOUNT = N_("No account yet. Add one under Settings; where its platform lets programs read reviews, they appear here.")
_NOBODY = N_("None of your platforms lets a program read its reviews. Below is where to find them.")
_NOTHING = N_(
    "No review in the last {days} days. New ones are fetched every hour; a bad one is also told at the top of every page."
)


class ReviewsPage(QWidget):
    """Asks the platforms when it is opened. `order_wanted` carries the id of an order to show."""

    order_wanted = Signal(int)

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reviews")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._platforms = {platform.name: platform for platform in facade.platforms()}
        self.cards: dict[Key, ReviewCard] = {}
        self._places: list[Key] = []  # as they stand: nothing moves under a finger
        self._asked_at: datetime | None = None
        self._waiting: set[int] = set()
        self._problems: dict[int, str] = {}
        self._lay_out()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.read)
        bridge.reviews_changed.connect(self.read)
        bridge.accounts_changed.connect(self.read)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is sorted, and asks the platforms when it did not just do so."""
        super().showEvent(event)
        self._timer.start()
        self.sort()
        self._see()
        now = steady.now()
        if self._asked_at is None or now - self._asked_at > timedelta(seconds=STALE_SECONDS):
            self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def sort(self, *_: object) -> None:
        """Put everything where it belongs; between two of these only new reviews come in, on top."""
        self._places = []
        self.read()

    @Slot()
    def look(self) -> None:
        """Ask every platform that tells its reviews."""
        self._asked_at, since = steady.now(), (steady.now() - timedelta(days=DAYS)).date()
        asked = hearing(shops(self._facade))
        self._problems = {}
        self._waiting = {front.account_id for front in asked}
        self._say()
        for front in asked:
            name, number = plain(front.title), front.account_id
            told, failed = partial(self._answered, number), partial(self._failed, number, name)
            self._bridge.run(self._facade.reviews(number, since), told, failed, self)

    @Slot()
    def read(self, *_: object) -> None:
        """Show what is known."""
        if not self.isVisible():
            return
        heard = ordered(every_review(self._facade), self._first.isChecked())
        known = {one.key: one for one in heard}
        kept = [key for key in self._places if key in known]
        shown = ([one.key for one in heard if one.key not in kept] + kept)[:MOST]
        self._keep({key: known[key] for key in shown})
        self._more.setText(tr("{n} older reviews are not shown.", n=len(heard) - MOST) if len(heard) > MOST else "")
        self._more.setVisible(len(heard) > MOST)
        open_ones = sum(not one.review.reply for one in heard)
        self._count.setText(tr("{n} not answered", n=open_ones) if heard else "")
        self._teach(bool(heard))

    # what stands where

    def _keep(self, wanted: dict[Key, Heard]) -> None:
        for gone in self.cards.keys() - wanted.keys():
            card = self.cards.pop(gone)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        for key, heard in wanted.items():
            if key in self.cards:
                self.cards[key].show_review(heard)
            else:
                self.cards[key] = self._card(heard)
        if self._places != list(wanted):
            self._places = list(wanted)
            for place, key in enumerate(self._places):
                self._list.insertWidget(place, self.cards[key])

    def _card(self, heard: Heard) -> ReviewCard:
        platform = self._platforms.get(heard.front.platform)
        card = ReviewCard(self._facade, self._bridge, self._theme, heard, platform)
        card.order_wanted.connect(self.order_wanted)
        return card

    def _teach(self, some: bool) -> None:
        fronts = shops(self._facade)
        able = hearing(fronts)
        lesson = tr(_NO_ACCOUNT) if not fronts else tr(_NOTHING, days=DAYS) if able else tr(_NOBODY)
        self._lesson.setText(lesson)
        self._lesson.setVisible(not some)
        self._ask.setVisible(bool(able))
        self._first.setVisible(some)
        others = [front for front in fronts if front not in able]
        lines = [headed(plain(front.title), self._where(front.platform, front.enabled)) for front in others]
        self._elsewhere.setText("\n".join(dict.fromkeys(lines)))
        self._others.setVisible(bool(others))

    def _where(self, platform: str, enabled: bool) -> str:
        if not enabled:
            return tr("switched off here")
        return where_instead(self._platforms.get(platform), Ability.HEARS_REVIEWS)

    def _see(self) -> None:
        """A bad review that somebody has in front of them is told no more at the top of every page."""
        shown: dict[int, list[str]] = defaultdict(list)
        for (account_id, review_id), card in self.cards.items():
            if is_bad(card.heard.review) and not card.heard.review.reply:
                shown[account_id].append(review_id)
        if shown:
            self._bridge.run(self._facade.seen_reviews(dict(shown)), owner=self)

    # asking

    def _failed(self, account_id: int, platform: str, why: str) -> None:
        self._problems[account_id] = tr("{platform} says: {why}", platform=platform, why=plain(why))
        self._answered(account_id)

    def _answered(self, account_id: int, *_: object) -> None:
        self._waiting.discard(account_id)
        self._say()
        self.read()
        if not self._waiting and self.isVisible():
            self._see()

    def _say(self) -> None:
        waiting = bool(self._waiting)
        self._ask.setEnabled(not waiting)
        self._ask.show_as(tr("Asking the platforms…") if waiting else tr("Ask the platforms again"), "button", "cloud-up")
        self._problem.setText("\n".join(self._problems.values()))
        self._problem.setVisible(bool(self._problems))

    # making it

    def _lay_out(self) -> None:
        self._count = plain_label(px=17, name="reviews-count", color=self._theme.color("muted"))
        self._first = TickBox(self._theme, tr("Not answered first"))
        self._first.setObjectName("reviews-first")
        self._first.setChecked(True)
        self._first.toggled.connect(self.sort)
        self._ask = Button(
            self._theme, tr("Ask the platforms again"), "button", "cloud-up", name="reviews-ask", action=self.look
        )
        head = QHBoxLayout()
        head.setContentsMargins(20, 12, 20, 4)
        head.setSpacing(16)
        head.addWidget(plain_label(tr("Reviews"), 24, bold=True))
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._first)
        head.addWidget(self._ask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(scrolling(self._body()), 1)

    def _body(self) -> QVBoxLayout:
        self._problem = plain_label(px=15, bold=True, name="reviews-problem", color=self._theme.color("late"))
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._lesson = hint(self._theme, "", "reviews-empty")
        self._more = hint(self._theme, "", "reviews-more")
        self._others = Panel(self._theme, tr("Reviews that are not shown here"), "reviews-others")
        self._elsewhere = hint(self._theme, "", "reviews-elsewhere")
        self._others.inner.addWidget(self._elsewhere)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        body = QVBoxLayout()
        body.setContentsMargins(20, 8, 20, 16)
        body.setSpacing(12)
        for part in (self._problem, self._lesson):
            body.addWidget(part)
        body.addLayout(self._list)
        body.addWidget(self._more)
        body.addWidget(self._others)
        body.addStretch(1)
        return body
