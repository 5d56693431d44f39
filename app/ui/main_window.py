"""The one window: rail, top bar, notices and pages; built in the current language and look, and again when they change.

Pages open one another by `MainWindow.open_page(name, group)`, never by knowing each other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app import steady
from app.engine.facade import Facade
from app.engine.views import Card
from app.texts import language, tr
from app.ui.actions import Actions
from app.ui.alarm import Alarm
from app.ui.bridge import Bridge
from app.ui.health import in_trouble, notices
from app.ui.i18n import Language
from app.ui.models.open_orders import OpenOrders
from app.ui.pages.queue import QueuePage
from app.ui.shops import shop_sign
from app.ui.sounds import Audible, Sounds
from app.ui.speech import PREFERENCE, Speech
from app.ui.theme import Theme
from app.ui.widgets.notices import Notices
from app.ui.widgets.practice_banner import PracticeBanner
from app.ui.widgets.rail import Rail
from app.ui.widgets.strip import Strip
from app.ui.widgets.top_bar import TopBar

TICK_MS = 1000
OVERVIEW_EVERY = 4  # ticks; what no change announces (a count, a time) is read again this often
SCHEDULED_EVERY = 15  # ticks between two looks at orders for later
TICKETS_MS = 500  # at most one look at what waits for the printers in this time


class MainWindow(QMainWindow):
    """The console. `closing` once, when a person closes it. `clock` answers seconds since the epoch."""

    closing = Signal()

    def __init__(
        self,
        facade: Facade,
        bridge: Bridge,
        language: Language,
        sounds: Sounds,
        clock: Callable[[], float] = steady.time,
    ) -> None:
        super().__init__()
        self._facade, self._bridge, self._language, self.sounds, self._clock = facade, bridge, language, sounds, clock
        self._faulty: frozenset[tuple[str, int]] = frozenset()
        self._ticks = 0
        self._page = "queue"
        self.setObjectName("main-window")
        self.setMinimumSize(860, 500)
        self.resize(1366, 768)
        self.orders = OpenOrders(facade, bridge, self)
        self.orders.load()
        self.alarm = Alarm(self.orders, self._acknowledge, sounds, clock, self)
        self.alarm.changed.connect(self._show_ringing)
        self.alarm.overdue.connect(self._show_strips)
        self.speech = Speech(facade.announcement, parent=self)
        self.alarm.news.connect(self._tell)
        self._shell: QWidget | None = None
        self._strips: list[Strip] = []
        self.rebuild()
        for signal in (bridge.accounts_changed, bridge.printers_changed, bridge.shops_changed, bridge.problems_changed):
            signal.connect(self._refresh)
        self._tickets_timer = QTimer(self, singleShot=True, interval=TICKETS_MS)
        self._tickets_timer.timeout.connect(self._refresh)
        bridge.tickets_changed.connect(self._note_tickets)
        bridge.window_changed.connect(self._come_forward)
        bridge.look_changed.connect(self._follow_look)
        bridge.failed.connect(self._say)
        sounds.changed.connect(self._show_sound)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    def rebuild(self) -> None:
        """Make every part anew in the stored language and look; nothing that matters lives in them."""
        self._language.use(self._facade.preference("language", "zh"))
        self.theme = Theme.load(self._facade.preference("theme", "light"))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self.theme.apply(app)
        self._drop_shell()
        self.setWindowTitle(tr("Order Console"))
        self._shell = QWidget()
        self.staff = Actions(self._facade, self._bridge, self.theme, self._shell)
        self._assemble(self._shell)
        self.setCentralWidget(self._shell)
        self.show_page(self._page)
        self._show_ringing()
        self._show_sound()
        self._refresh()
        self.tick()

    @Slot(str)
    def show_page(self, name: str) -> QWidget:
        """Open a page ("queue", "ledger", "shop", "reviews", "reports", "statements", "settings"), made at the first."""
        self._page = name
        if name not in self._pages:
            self._pages[name] = self._make_page(name)
            self._stack.addWidget(self._pages[name])
        self._stack.setCurrentWidget(self._pages[name])
        self.rail.mark("reports" if name == "statements" else name)
        return self._pages[name]

    @Slot(str, str)
    def open_page(self, name: str, group: str = "") -> None:
        """Open a page; the ledger on one of its groups ("needs", "waiting", "on_paper", "not_printed", "all"), the
        shop on one of its parts ("states", "dishes", "vouchers")."""
        self._open(name, group, None)

    @Slot()
    def tick(self) -> None:
        """Once a second: countdowns, clock, bell."""
        now = self._clock()
        self.queue.tick(now)
        self.bar.tick(now)
        self.alarm.tick(now)
        if self._ticks % OVERVIEW_EVERY == 0:
            self._refresh()
        if self._ticks % SCHEDULED_EVERY == 0:
            self.orders.look_at_scheduled()
        self._ticks += 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low window shows fewer notices."""
        super().resizeEvent(event)
        if self._shell is not None:
            self.notices.fit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop listening before anything is taken down."""
        self._timer.stop()
        self._tickets_timer.stop()
        self.orders.stop()
        self.alarm.blockSignals(True)
        self._bridge.close()
        self._drop_shell()
        self.closing.emit()
        super().closeEvent(event)

    # making it

    def _assemble(self, shell: QWidget) -> None:
        overview = self._facade.overview()
        self.rail, self.bar, self.notices = Rail(self.theme), TopBar(self.theme), Notices(self.theme)
        self._stack, self._pages = QStackedWidget(), dict[str, QWidget]()
        column = QVBoxLayout()
        column.setSpacing(0)
        if overview.practice:
            column.addWidget(PracticeBanner(self.theme))
        for widget in (self.bar, self.notices):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        row = QHBoxLayout(shell)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        self.queue = QueuePage(self._facade, self._bridge, self.theme, self.orders, self.staff, self._clock)
        self._pages["queue"] = self.queue
        self._stack.addWidget(self.queue)
        self._strips = [Strip(self.theme, screen) for screen in QGuiApplication.screens()]
        self._wire()

    def _wire(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.bar.searched.connect(self._search)
        self.bar.heard.connect(self.alarm.hear)
        self.bar.printer_chosen.connect(self._show_printer)
        self.bar.shop_chosen.connect(partial(self.show_page, "shop"))
        self.notices.chosen.connect(self.open_page)
        self.staff.skipped.connect(self._offer_skipped)
        self.queue.left_search.connect(self.bar.leave_search)
        for strip in self._strips:
            strip.seen.connect(self.alarm.hear)

    def _make_page(self, name: str) -> QWidget:
        if name == "reports":  # pyqtgraph costs a second, so nobody pays for it before looking
            from app.ui.pages.reports import ReportsPage

            reports = ReportsPage(self._facade, self._bridge, self.theme)
            reports.part_wanted.connect(self.show_page)
            return reports
        if name == "statements":
            from app.ui.pages.statements import StatementsPage

            statements = StatementsPage(self._facade, self._bridge, self.theme)
            statements.part_wanted.connect(self.show_page)
            statements.order_wanted.connect(self._show_order)
            return statements
        if name == "ledger":
            from app.ui.pages.ledger import LedgerPage

            return LedgerPage(self._facade, self._bridge, self.theme, self.staff)
        if name == "shop":
            from app.ui.pages.shop import ShopPage

            return ShopPage(self._facade, self._bridge, self.theme)
        if name == "reviews":
            from app.ui.pages.reviews import ReviewsPage

            reviews = ReviewsPage(self._facade, self._bridge, self.theme)
            reviews.order_wanted.connect(self._show_order)
            return reviews
        from app.ui.pages.settings import SettingsPage

        return SettingsPage(self._facade, self._bridge, self.theme)

    def _open(self, name: str, group: str, printer_id: int | None) -> None:
        page = self.show_page(name)
        if name == "shop" and group:
            from app.ui.pages.shop import ShopPage

            if isinstance(page, ShopPage):
                page.open_part(group)
        if name == "ledger" and (group or printer_id):
            from app.ui.pages.ledger import LedgerPage

            if isinstance(page, LedgerPage):
                page.show_group(group or "all", printer_id)

    @Slot(int)
    def _show_order(self, order_id: int) -> None:
        self.show_page("queue")
        self.queue.open_order(order_id)

    @Slot(int)
    def _show_printer(self, printer_id: int) -> None:
        """Its tickets; of no printer in particular there is most to do under Settings."""
        if printer_id:
            self._open("ledger", "all", printer_id)
        else:
            self.show_page("settings")

    def _drop_shell(self) -> None:
        for strip in self._strips:
            strip.hide()
            strip.deleteLater()
        self._strips = []
        if self._shell is not None:
            self._shell.hide()
            self._shell.deleteLater()
            self._shell = None

    # following what changes

    @Slot(str, str)
    def _follow_look(self, name: str, value: str) -> None:
        del value
        if name in ("language", "theme"):
            QTimer.singleShot(0, self, self.rebuild)  # the page that asked is one of those that go

    @Slot()
    @Slot(frozenset)
    def _refresh(self, ids: frozenset[int] = frozenset()) -> None:
        del ids
        overview = self._facade.overview()
        self.bar.show_overview(overview)
        self.bar.show_shops(shop_sign(self._facade.storefronts(), datetime.fromtimestamp(self._clock(), UTC)))
        self.notices.show_notices(notices(overview))
        faulty = in_trouble(overview)
        if faulty - self._faulty:
            self.alarm.fault()
        self._faulty = faulty

    @Slot(frozenset)
    def _note_tickets(self, ids: frozenset[int]) -> None:
        del ids
        if not self._tickets_timer.isActive():
            self._tickets_timer.start()

    @Slot(frozenset)
    def _offer_skipped(self, ids: frozenset[int]) -> None:
        """Skipping asks nothing, so it can be taken back for a while; nothing prints unless this is pressed."""
        text = tr("{n} tickets will not be printed.", n=len(ids))
        self.notices.offer(text, tr("Print after all"), partial(self.staff.print_again, ids))

    def _acknowledge(self, order_ids: frozenset[int]) -> None:
        self.staff.acknowledge(order_ids)

    @Slot(str)
    def _search(self, text: str) -> None:
        self.show_page("queue")
        self.queue.search(text)

    @Slot(frozenset)
    def _come_forward(self, ids: frozenset[int]) -> None:
        """Somebody started the program a second time: this is the one."""
        del ids
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot(str)
    def _say(self, text: str) -> None:
        self.notices.say(text)

    @Slot()
    def _show_ringing(self) -> None:
        self.bar.show_ringing(self.alarm.ringing)
        if self.alarm.ringing:
            QApplication.alert(self)

    @Slot()
    def _show_sound(self) -> None:
        self.bar.show_sound(self.sounds.audible)

    @Slot(frozenset)
    def _tell(self, order_ids: frozenset[int]) -> None:
        """Say aloud what came, if the shop wants it and this window may make a sound at all."""
        if self.sounds.audible is not Audible.MUTED and self._facade.preference(PREFERENCE, "no") == "yes":
            self.speech.tell(order_ids, language())

    @Slot(list)
    def _show_strips(self, cards: list[Card]) -> None:
        for strip in self._strips:
            strip.show_cards(cards, self._clock())
