"""Platform statements: what a platform booked and paid over some days, added up, and order by order beside our figures."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from app.engine.facade import Facade
from app.engine.views import Ability, Storefront
from app.reports.export import write_csv
from app.texts import N_, tr
from app.ui.background import in_background
from app.ui.bridge import Bridge
from app.ui.dialogs.form import choice_edit, hint
from app.ui.dialogs.saving import ask_where
from app.ui.models.figures import short_day
from app.ui.models.statement import SPANS, Shown, days, news, span, table
from app.ui.models.statement_fetch import StatementFetch
from app.ui.shops import shops, where_instead
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.page_head import report_head
from app.ui.widgets.panel import plain_label, tint
from app.ui.widgets.statement_orders import StatementOrders
from app.ui.widgets.statement_sums import StatementSums
from app.ui.words import headed, plain

_REFRESH_MS = 400  # at most one read of the store in this time
_WIDE, _SUMS_WIDTH, _NARROW_SUMS = 1000, 345, 264  # pixels
_NO_ACCOUNT = N_("No account yet. Add one under Settings; where its platform lets programs read statements, they are here.")
_NOBODY = N_("None of your platforms lets a program read its statements. Where to find them:")
_UNREAD = N_("Nothing was fetched for these days yet. Yesterday is fetched by itself; for other days press the button.")
_EMPTY = N_("The platform booked nothing on these days.")


class StatementsPage(QWidget):
    """Reads the store off the UI thread; asks the platform only when told to."""

    part_wanted = Signal(str)
    order_wanted = Signal(int)

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statements")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._platforms = {platform.name: platform for platform in facade.platforms()}
        self._offered: tuple[tuple[int, str], ...] = ()
        self._fronts: dict[int, Storefront] = {}
        self.shown: Shown | None = None
        self._read_for: tuple[int, date, date] | None = None  # what is being read, or was last
        self._fetch = StatementFetch(facade, bridge, self)
        self._fetch.told.connect(self._tell)
        self._fetch.ended.connect(self.read)
        self._pause = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._pause.timeout.connect(self.read)
        self._lay_out()
        bridge.statements_changed.connect(self._note)
        bridge.accounts_changed.connect(self._note)

    def showEvent(self, event: QShowEvent) -> None:
        """What comes to the front is up to date."""
        super().showEvent(event)
        self.read()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a narrow screen the differences need the room more than the sums do."""
        super().resizeEvent(event)
        self._sums.setFixedWidth(_SUMS_WIDTH if event.size().width() >= _WIDE else _NARROW_SUMS)

    @property
    def account(self) -> Storefront | None:
        """The account that is chosen; None while there is none to choose."""
        return self._fronts.get(int(self._account.currentData() or 0))

    @property
    def span(self) -> tuple[date, date]:
        """The days that are chosen."""
        return span(str(self._span.currentData()), self._facade.business_day())

    @Slot()
    def read(self, *_: object) -> None:
        """Offer the accounts there are, and read the chosen one's days."""
        if not self.isVisible():
            return
        self._offer()
        front = self.account
        self._read_for = (front.account_id, *self.span) if front else None
        if self._read_for is None:
            self._show(None)
            return
        ask = partial(Shown.read, self._facade, *self._read_for)
        self._bridge.run(in_background(ask, "statement"), partial(self._arrived, self._read_for), self._tell_late, self)

    @Slot()
    def fetch(self) -> None:
        """Ask the platform for the days that are missing; for all of them when none is."""
        front = self.account
        if self.shown and front:
            self._fetch.start(front, self.shown.missing or days(*self.span))
            self._show_buttons()

    @Slot(str)
    def save_csv(self, path: str) -> None:
        """Write every line to a CSV file."""
        if self.shown is None:
            return
        try:
            write_csv(Path(path), table(self.shown))
        except OSError as error:
            self._tell(tr("Not saved: {why}", why=error.strerror or str(error)), "late")
        else:
            self._tell(tr("Saved: {path}", path=path), "text")

    # showing

    @Slot()
    def _note(self, *_: object) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _arrived(self, asked: tuple[int, date, date], shown: Shown) -> None:
        if asked == self._read_for:
            self._show(shown)

    def _show(self, shown: Shown | None) -> None:
        self.shown = shown
        lines = bool(shown and shown.statement.lines)
        self._orders.show_orders(shown.statement.orders if shown else ())
        self._sums.show_sums(shown.statement.sums if shown else {})
        self._middle.setVisible(lines)
        self._lesson.setVisible(not lines)
        self._lesson.setText(self._teach(shown))
        self._missing.setText(self._gap(shown))
        self._missing.setVisible(bool(self._missing.text()) and lines)
        self._news.setText(news(shown.statement) if shown else "")
        self._news.setVisible(bool(self._news.text()))
        self._show_buttons()

    def _teach(self, shown: Shown | None) -> str:
        if shown:
            return tr(_UNREAD) if shown.missing else tr(_EMPTY)
        return tr(_NOBODY) if shops(self._facade) else tr(_NO_ACCOUNT)

    def _gap(self, shown: Shown | None) -> str:
        if not shown or not shown.missing:
            return ""
        first, last = short_day(shown.missing[0]), short_day(shown.missing[-1])
        if len(shown.missing) == 1:
            return tr("NOT complete: {day} was not fetched after its end.", day=first)
        return tr(
            "NOT complete: {n} days between {first} and {last} were not fetched after their end.",
            n=len(shown.missing),
            first=first,
            last=last,
        )

    def _show_buttons(self) -> None:
        front, busy = self.account, self._fetch.busy
        able = front is not None and Ability.SETTLES in front.abilities
        self._ask.setVisible(able and not busy)
        self._stop.setVisible(busy)
        for box in (self._account, self._span):
            box.setEnabled(not busy)
            box.setVisible(bool(self._fronts))
        self._csv.setVisible(bool(self.shown and self.shown.statement.lines))
        if self.shown and self.shown.missing:
            self._ask.show_as(tr("Fetch {n} missing days", n=len(self.shown.missing)), "new", "cloud-up")
        elif self.shown:
            self._ask.show_as(tr("Fetch these days again"), "button", "cloud-up")

    def _offer(self) -> None:
        """The accounts that tell their statements, and those of which some is kept; the others say where to look."""
        every = shops(self._facade)
        told = [one for one in every if Ability.SETTLES in one.abilities or (not one.enabled and self._kept(one))]
        self._fronts = {one.account_id: one for one in told}
        offered = tuple((one.account_id, plain(f"{one.title} {one.name}")) for one in told)
        if offered != self._offered:
            self._offered = offered
            chosen = self._account.currentData()
            self._account.blockSignals(True)
            self._account.clear()
            for number, words in offered:
                self._account.addItem(words, number)
            self._account.setCurrentIndex(max(self._account.findData(chosen), 0))
            self._account.blockSignals(False)
        others = [one for one in every if one.account_id not in self._fronts]
        lines = [headed(plain(one.title), self._where(one)) for one in others]
        self._elsewhere.setText("\n".join(dict.fromkeys(lines)))
        self._elsewhere.setVisible(bool(lines))

    def _kept(self, front: Storefront) -> bool:
        """Whether an account that is off now has something to show."""
        return bool(self._facade.stored_settlement(front.account_id, *self.span))

    def _where(self, front: Storefront) -> str:
        if not front.enabled:
            return tr("switched off here")
        return where_instead(self._platforms.get(front.platform), Ability.SETTLES)

    @Slot(str, str)
    def _tell(self, text: str, tone: str) -> None:
        self._told.setText(text)
        self._told.setVisible(bool(text))
        tint(self._told, self._theme.color(tone))

    def _tell_late(self, why: str) -> None:
        self._tell(plain(why), "late")

    @Slot()
    def _ask_csv(self) -> None:
        first, last = self.span
        ask_where(self, f"statement-{first}-{last}.csv", tr("CSV file"), self.save_csv)

    # making it

    def _lay_out(self) -> None:
        self._told = plain_label(px=15, bold=True, name="statements-told")
        self._told.setWordWrap(True)
        self._told.hide()
        self._missing = plain_label(px=15, bold=True, name="statements-missing", color=self._theme.color("late"))
        self._missing.setWordWrap(True)
        self._lesson = hint(self._theme, "", "statements-empty")
        self._news = hint(self._theme, "", "statements-news")
        self._elsewhere = hint(self._theme, "", "statements-elsewhere")
        self._middle = self._both()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(self._head())
        layout.addLayout(self._choices())
        for part in (self._told, self._missing, self._news, self._lesson):
            layout.addWidget(part)
        layout.addWidget(self._middle, 1)
        layout.addStretch(0)
        layout.addWidget(self._elsewhere)
        QShortcut(QKeySequence("F5"), self, self.fetch)

    def _head(self) -> QHBoxLayout:
        head = report_head(self._theme, "statements")
        head.wanted.connect(self.part_wanted)
        row = QHBoxLayout()
        row.addWidget(head)
        row.addStretch(1)
        return row

    def _choices(self) -> QHBoxLayout:
        self._account = choice_edit(self._theme, ())
        self._span = choice_edit(self._theme, [(name, tr(words)) for name, words in SPANS.items()], "week")
        for box, name, spoken in ((self._account, "account", tr("Account")), (self._span, "span", tr("Days"))):
            box.setObjectName(f"statements-{name}")
            box.setAccessibleName(spoken)
            box.currentIndexChanged.connect(self._chosen)
        self._ask = Button(
            self._theme, tr("Fetch these days again"), glyph="cloud-up", name="statements-fetch", action=self.fetch
        )
        self._stop = Button(self._theme, tr("Stop"), glyph="cross", name="statements-stop", action=self._fetch.stop)
        self._csv = Button(self._theme, tr("Save as CSV…"), glyph="sheet", name="statements-csv", action=self._ask_csv)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._account, 3)
        row.addWidget(self._span, 2)
        for button in (self._ask, self._stop):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._csv)
        return row

    @Slot()
    def _chosen(self, *_: object) -> None:
        self._tell("", "text")
        self.read()

    def _both(self) -> QWidget:
        self._sums, self._orders = StatementSums(self._theme), StatementOrders(self._theme)
        self._orders.order_wanted.connect(self.order_wanted)
        self._sums.setFixedWidth(_SUMS_WIDTH)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._sums)
        row.addWidget(self._orders, 1)
        return whole
