"""The top bar: who is connected, what prints, the day's count, the bell, the search field and the time of day."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.engine.views import Card, Overview, PrinterView
from app.texts import tr
from app.ui import names
from app.ui.health import account_sign, calm_sign, relay_sign
from app.ui.shop_clock import local
from app.ui.sounds import Audible
from app.ui.theme import Theme
from app.ui.widgets.badge import Badge, Sign, wide
from app.ui.widgets.button import Button
from app.ui.widgets.panel import plain_label
from app.ui.widgets.printer_chips import PrinterChips
from app.ui.widgets.search_field import search_field
from app.ui.words import plain

BAR_HEIGHT = 56
_MANY = 3  # accounts always named
_SHARE = 0.36  # of the bar, for the names of accounts
_WIDE = 1150  # pixels of a bar with room for whole words on paused shops
_SHORT = 128  # pixels of their first word


class TopBar(QWidget):
    """`searched` with every change of the search text; `heard` when the bell button is pressed.

    `printer_chosen` carries the id of the printer whose chip was pressed, 0 for all of them; `shop_chosen` the chip that
    says that a shop is paused.
    """

    printer_chosen = Signal(int)
    shop_chosen = Signal()
    searched = Signal(str)
    heard = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedHeight(BAR_HEIGHT)
        self._overview: Overview | None = None
        self._signs: dict[str, Sign] = {}  # of accounts and relay, as they are shown
        self._known: tuple[PrinterView, ...] = ()
        self._accounts = QHBoxLayout()
        self._accounts.setSpacing(4)
        self._shops = self._sometimes("shops-paused", "pause", self.shop_chosen)
        self._printers = PrinterChips(theme)
        self._printers.chosen.connect(self.printer_chosen)
        self._today = Badge(theme, Sign("", "queue"), "orders-today")
        self.sound = Badge(theme, Sign("", "sound"), "sound-state")
        self._hear = self._sometimes(names.HEAR_ALL, "bell", self.heard)
        self._clock = plain_label("", 22, bold=True, name="clock")
        self._lay_out()

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.setSpacing(8)
        self._row.addLayout(self._accounts)
        self._row.addWidget(self._shops)
        self._row.addLayout(self._printers)
        self._row.addStretch(1)
        for part in (self._today, self._search_field(), self.sound, self._hear, self._clock):
            self._row.addWidget(part)

    def _sometimes(self, name: str, glyph: str, pressed: SignalInstance) -> Button:
        button = Button(self._theme, "", "soon", glyph, name=name, action=pressed)
        button.hide()
        return button

    def show_overview(self, overview: Overview) -> None:
        """Show health and counts."""
        self._overview = overview
        self._show_accounts()
        self._known = overview.printers
        self._today.show_sign(Sign(tr("{n} orders today", n=overview.orders_today), "queue"))
        self._show_printers()

    def _show_accounts(self) -> None:
        """Each by name while there is room; else those in trouble by name, and all that are well in one."""
        if self._overview is None:
            return
        signs = self._account_signs(self._overview)
        if relay := relay_sign(self._overview.relay):
            signs["relay-health"] = relay
        if signs == self._signs:
            return
        self._signs = signs
        while (item := self._accounts.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for name, sign in signs.items():
            badge = Badge(self._theme, sign, name)
            if sign is relay:
                badge.setMinimumWidth(wide(sign))  # its words say all there is of it
            self._accounts.addWidget(badge)

    def _account_signs(self, overview: Overview) -> dict[str, Sign]:
        named = {f"account-health-{account.id}": account_sign(account) for account in overview.accounts}
        if sum(wide(sign) for sign in named.values()) <= self.width() * _SHARE or len(named) <= _MANY:
            return named
        calm = [one for one in overview.accounts if one.enabled and not named[f"account-health-{one.id}"].loud]
        bad = [(name, sign) for name, sign in named.items() if sign.loud]
        shown = {"accounts-calm": calm_sign(calm)} if calm else {}
        if len(bad) > _MANY:
            words = tr("{n} platforms in trouble", n=len(bad))
            return shown | {
                "accounts-bad": Sign(words, "alert", "late", True, more=tr(", ").join(one.text for _, one in bad))
            }
        return shown | dict(bad)

    def show_shops(self, sign: Sign | None) -> None:
        """A shop that is paused or busy, until it is not."""
        self._shops.setVisible(sign is not None)
        if sign is not None:
            self._shops.show_as(sign.text, sign.tone, sign.glyph, f"{sign.text}. {tr('My shop')}")
            self._shops.setToolTip(sign.text)
        self._make_room()

    def _make_room(self) -> None:
        """The words on a paused shop are whole, unless the window is so narrow that they would cover others."""
        whole = self._shops.sizeHint().width()
        roomy = self.width() >= _WIDE
        self._shops.setMinimumWidth(whole if roomy else min(whole, _SHORT))
        self._today.setVisible(roomy or self._shops.isHidden())
        self._show_printers()

    def _show_printers(self) -> None:
        others = self._row.sizeHint().width() - self._printers.sizeHint().width()
        self._printers.show_printers(self._known, self.width() - others)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, more chips."""
        super().resizeEvent(event)
        self._show_accounts()
        self._make_room()

    def show_ringing(self, cards: list[Card]) -> None:
        """Offer the button that stops the sound while something rings."""
        self._hear.setVisible(bool(cards))
        if cards:
            text = tr("I hear it ({n})", n=len(cards))
            self._hear.show_as(text, "soon", "bell", f"{text} {plain(cards[0].call_number)}")
            self._hear.setMinimumWidth(self._hear.sizeHint().width())
        self._show_printers()

    def show_sound(self, audible: Audible) -> None:
        """Say whether the bell can be heard; only silence takes room."""
        if audible is Audible.YES:
            self.sound.show_sign(Sign("", "sound", "ready"))
        elif audible in (Audible.MUTED, Audible.STARTING):
            self.sound.show_sign(Sign(tr(audible.value), "sound-off"))
        else:
            self.sound.show_sign(Sign(tr(audible.value), "sound-off", "late", loud=True))
        self.sound.setAccessibleName(tr(audible.value))
        self._show_printers()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground and a line under it."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bar"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line"))
        painter.end()

    def tick(self, now: float) -> None:
        """Show the shop's time of day."""
        text = local(datetime.fromtimestamp(now, UTC)).strftime("%H:%M")
        if text != self._clock.text():
            self._clock.setText(text)

    def leave_search(self) -> None:
        """Empty the search field and give the keys back to the queue."""
        self.search.clear()
        self.search.clearFocus()

    def _search_field(self) -> QLineEdit:
        self.search = search_field(self._theme, "search", tr("Number, dish, name"), tr("Search orders"))
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(240)
        self.search.textChanged.connect(self.searched)
        shortcut = QShortcut(QKeySequence("Ctrl+F"), self)
        shortcut.activated.connect(self.search.setFocus)
        return self.search
