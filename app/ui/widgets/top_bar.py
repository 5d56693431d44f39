"""The top bar: who is connected, what prints, the day's count, the bell, the search field and the time of day."""

from __future__ import annotations

from datetime import datetime
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.engine.views import Card, HealthState, Overview, PrinterView
from app.texts import tr
from app.ui import names
from app.ui.health import account_sign, calm_sign, printer_sign, relay_sign, worst_first
from app.ui.icons import icon
from app.ui.sounds import Audible
from app.ui.theme import Theme, font, styled
from app.ui.widgets.badge import Badge, Sign, wide
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.panel import plain_label
from app.ui.words import plain

BAR_HEIGHT = 56
_MANY = 3  # printers named at most, and accounts always named
_SHARE = 0.36  # of the bar, for the names of accounts
_MORE_ROOM = 90  # pixels of the chip for all the others
_GAP = 4
_WIDE = 1150  # pixels of a bar with room for whole words on paused shops
_SHORT = 128  # pixels of their first word
_FRAME = 56  # pixels of a chip around its words, with the icon
_STATE = 8  # characters of its state that a chip keeps


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
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.setSpacing(8)
        self._accounts = QHBoxLayout()
        self._accounts.setSpacing(4)
        self._row.addLayout(self._accounts)
        self._shops = Button(theme, "", "soon", "pause")
        self._shops.setObjectName("shops-paused")
        self._shops.clicked.connect(self.shop_chosen)
        self._shops.hide()
        self._row.addWidget(self._shops)
        self._overview: Overview | None = None
        self._signs: dict[str, Sign] = {}  # of accounts and relay, as they are shown
        self._known: tuple[PrinterView, ...] = ()
        self._chips: list[PrinterChip] = []
        self._printers = QHBoxLayout()
        self._printers.setSpacing(_GAP)
        self._row.addLayout(self._printers)
        self._row.addStretch(1)
        self._today = Badge(theme, Sign("", "queue"), "orders-today")
        self._row.addWidget(self._today)
        self._row.addWidget(self._search_field())
        self.sound = Badge(theme, Sign("", "sound"), "sound-state")
        self._row.addWidget(self.sound)
        self._hear = Button(theme, "", "soon", "bell")
        self._hear.setObjectName(names.HEAR_ALL)
        self._hear.clicked.connect(self.heard)
        self._hear.hide()
        self._row.addWidget(self._hear)
        self._clock = plain_label("", 22, bold=True, name="clock")
        self._row.addWidget(self._clock)

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
        """A chip for each of the worst, and one for all the others."""
        known = worst_first(self._known)
        room = self.width() - self._row.sizeHint().width() + self._printers.sizeHint().width()
        chips = [(one.id, printer_sign(one)) for one in known]
        most = _most([sign for _, sign in chips], room)
        if len(chips) > most:
            calm = not any(sign.loud for _, sign in chips)
            left = Sign(f"+{len(chips) - most}", "printer")
            ready = Sign(tr("{n} printers ready", n=sum(_prints(one) for one in known)), "printed", "ready")
            chips = [(0, ready)] if calm else [*chips[:most], (0, left)]
        if not any(one.enabled for one in known):
            chips = [(0, Sign(tr("no printer"), "print-failed", "soon", loud=True)), *chips][:most]
        while len(self._chips) > len(chips):
            gone = self._chips.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._chips) < len(chips):
            self._chips.append(PrinterChip(self._theme))
            self._chips[-1].asked.connect(self.printer_chosen)
            self._printers.addWidget(self._chips[-1])
        for chip, (printer_id, sign) in zip(self._chips, chips, strict=True):
            chip.show_printer(printer_id, sign)
        self._share(room - sum(_needed(sign) + _GAP for _, sign in chips))

    def _share(self, spare: int) -> None:
        """Give what is left of the room to the words of the worst first; nothing else in the bar is squeezed for them."""
        for chip in self._chips:
            wide = min(chip.sizeHint().width(), chip.needed + max(spare, 0))
            spare -= wide - chip.needed
            chip.setMaximumWidth(wide)

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
        """Show the time of day."""
        text = datetime.fromtimestamp(now).astimezone().strftime("%H:%M")
        if text != self._clock.text():
            self._clock.setText(text)

    def leave_search(self) -> None:
        """Empty the search field and give the keys back to the queue."""
        self.search.clear()
        self.search.clearFocus()

    def _search_field(self) -> QLineEdit:
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setFixedHeight(HEIGHT)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(240)
        self.search.setFont(font(15))
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(tr("Number, dish, name"))
        self.search.setAccessibleName(tr("Search orders"))
        self.search.addAction(icon("search", self._theme.color("muted")), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self.searched)
        shortcut = QShortcut(QKeySequence("Ctrl+F"), self)
        shortcut.activated.connect(self.search.setFocus)
        return self.search


class PrinterChip(Button):
    """One printer in its own words; a press shows its tickets."""

    asked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "", "button", "printed")
        self._printer_id = 0
        self.needed = 0  # pixels for its name and the start of its state
        self.clicked.connect(self._ask)

    def show_printer(self, printer_id: int, sign: Sign) -> None:
        """How it is."""
        self._printer_id, self.needed = printer_id, _needed(sign)
        self.setObjectName(f"printer-{printer_id}" if printer_id else "printers-more")
        self.show_as(sign.text, sign.tone if sign.loud else "button", sign.glyph)
        self.setToolTip(tr("{printer}: show its tickets", printer=sign.text))

    def minimumSizeHint(self) -> QSize:
        """The sign stays, words may be cut."""
        return QSize(min(self.sizeHint().width(), 110), HEIGHT)

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self._printer_id)


def _prints(printer: PrinterView) -> bool:
    return printer.enabled and printer.state is HealthState.OK


def _needed(sign: Sign) -> int:
    """Pixels of a chip that shows the whole name and the start of the state."""
    name, _, state = plain(sign.text).partition(" · ")
    words = f"{name} · {state[:_STATE]}…" if len(state) > _STATE else plain(sign.text)
    return QFontMetrics(styled(15, bold=True)).horizontalAdvance(words) + _FRAME


def _most(signs: list[Sign], room: int) -> int:
    """How many printers the bar can name: all of them, or the worst and one chip for the others; at least one."""
    ends = list(accumulate(_needed(sign) + _GAP for sign in signs[:_MANY]))
    if len(signs) <= _MANY and (not ends or ends[-1] <= room):
        return len(signs)
    return max(1, sum(end <= room - _MORE_ROOM for end in ends))


class PracticeBanner(QWidget):
    """A striped line nobody can take for the real thing."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("practice-banner")
        self.setFixedHeight(28)
        self.setAccessibleName(tr("PRACTICE: no real orders, no real money"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Amber with dark stripes at both sides of the words."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.color("soon"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("on_soon"))
        words = self.accessibleName()
        painter.setFont(styled(16, bold=True))
        clear = painter.fontMetrics().horizontalAdvance(words) / 2 + 24
        middle = self.width() / 2
        for x in range(-28, self.width(), 28):
            if abs(x + 14 - middle) > clear + 14:
                painter.drawConvexPolygon([QPointF(x, 28), QPointF(x + 14, 28), QPointF(x + 28, 0), QPointF(x + 14, 0)])
        painter.setPen(self._theme.color("on_soon"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
