"""The panel beside the queue: everything about one order. It stands next to New and never covers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import steady
from app.domain.commands import CommandKind
from app.domain.lifecycle import CLOSED
from app.domain.shop import CourierPlace
from app.engine.views import Card, OrderDetail
from app.texts import tr
from app.ui import words
from app.ui.actions import Actions
from app.ui.dialogs.question import label
from app.ui.reading import open_request, standing
from app.ui.theme import Theme, styled
from app.ui.widgets import detail_parts as parts
from app.ui.widgets.bags_part import BagsPart, can_count
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.card_commands import DESTRUCTIVE, GLYPHS, TONES, command_label
from app.ui.widgets.courier_part import CourierPart, Sighting, can_locate
from app.ui.widgets.mark import paint_mark
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.refund_part import refund_part
from app.ui.widgets.scroll import ScrollArea
from app.ui.words import plain

WIDTH = 420
NARROWEST = 280  # on a small screen at 150 % the lanes come first


class DetailPanel(QWidget):
    """Shows one `OrderDetail`; `closed` when a person is done with it."""

    closed = Signal()

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self.shown: OrderDetail | None = None
        self._courier: CourierPart | None = None
        self._sighting: Sighting | None = None  # of the order that is shown
        self._bags: int | None = None  # of the order that is shown, as stepped here and not printed yet
        self.setObjectName("detail")
        self.setMinimumWidth(NARROWEST)
        self.setMaximumWidth(WIDTH)
        self._scroll = ScrollArea()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def sizeHint(self) -> QSize:
        """As wide as it may be."""
        return QSize(WIDTH, 600)

    def show_order(self, detail: OrderDetail, now: float) -> None:
        """Show `detail`; nothing happens when it is on screen already."""
        if detail == self.shown:
            return
        same = self.shown is not None and self.shown.card.id == detail.card.id
        place = self._scroll.verticalScrollBar().value() if same else 0
        self._sighting = self._sighting if same else None
        self._bags = self._bags if same else None
        self.shown = detail
        self._scroll.setWidget(self._content(detail, now))
        self._scroll.verticalScrollBar().setValue(place)

    def _content(self, detail: OrderDetail, now: float) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(4, 0, 8, 12)
        column.setSpacing(8)
        at = parts.local(now)
        for piece in (
            self._head(detail),
            parts.dishes(self._theme, detail),
            parts.particulars(self._theme, detail, at),
            self._courier_part(detail),
            self._bags_part(detail),
            parts.money(self._theme, detail.facts),
            refund_part(self._theme, detail, self._actions),
            parts.tickets(self._theme, detail, self._actions),
            parts.timeline(self._theme, detail),
        ):
            if piece is not None:
                column.addWidget(piece)
        self._endings(detail.card, column)
        column.addStretch(1)
        return content

    def _courier_part(self, detail: OrderDetail) -> CourierPart | None:
        self._courier = CourierPart(self._theme, detail.card.call_number) if can_locate(detail) else None
        if self._courier:
            self._courier.wanted.connect(self._locate)
            self._courier.show_sighting(self._sighting, steady.now())
        return self._courier

    def _bags_part(self, detail: OrderDetail) -> BagsPart | None:
        if not can_count(detail):
            return None
        part = BagsPart(self._theme, self._bags or detail.bags or 1)
        part.counted.connect(self._count_bags)
        part.wanted.connect(self._print_bags)
        return part

    @Slot(int)
    def _count_bags(self, number: int) -> None:
        self._bags = number

    @Slot(int)
    def _print_bags(self, number: int) -> None:
        if self.shown:
            self._actions.print_bags(self.shown.card.id, number)

    @Slot()
    def _locate(self) -> None:
        if self.shown:
            order_id = self.shown.card.id
            self._saw(order_id, Sighting(waiting=True))
            found, failed = partial(self._found, order_id), partial(self._lost, order_id)
            self._actions.locate_courier(order_id, found, failed, self)

    def _found(self, order_id: int, place: CourierPlace | None) -> None:
        self._saw(order_id, Sighting(place=place))

    def _lost(self, order_id: int, why: str) -> None:
        self._saw(order_id, Sighting(why=why))

    def _saw(self, order_id: int, seen: Sighting) -> None:
        """Somebody may be looking at another order by now."""
        if self.shown and self.shown.card.id == order_id:
            self._sighting = seen
            if self._courier:
                self._courier.show_sighting(seen, steady.now())

    def _head(self, detail: OrderDetail) -> Panel:
        card, panel = detail.card, Panel(self._theme)
        top = QHBoxLayout()
        top.addWidget(_Number(self._theme, card), 1)
        close = Button(self._theme, "", glyph="cross", spoken=tr("Close"), name="detail-close", action=self.closed)
        top.addWidget(close)
        panel.inner.addLayout(top)
        ended = card.reason if card.kitchen in CLOSED else ""
        state = " · ".join(part for part in (standing(card), ended, card.source, detail.facts.shop) if part)
        panel.inner.addWidget(label(state, 14))
        panel.inner.addWidget(plain_label(plain(detail.facts.reference), 13, color=self._theme.color("muted")))
        panel.inner.addLayout(self._copies())
        for kind in self._first_kinds(card):
            panel.inner.addWidget(self._command(card, kind))
        if card.elsewhere:
            panel.inner.addWidget(label(card.elsewhere, 14))
        return panel

    def _copies(self) -> QHBoxLayout:
        row = QHBoxLayout()
        presses: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("copy-number", tr("Copy number"), self._copy_number),
            ("copy-reference", tr("Copy reference"), self._copy_reference),
        )
        for name, text, press in presses:
            button = Button(self._theme, text, glyph="copy", name=name, action=press)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _first_kinds(self, card: Card) -> list[CommandKind]:
        offered = ([card.primary] if card.primary else []) + [kind for kind in card.actions if kind not in DESTRUCTIVE]
        answers = (CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST)
        return [kind for kind in dict.fromkeys(offered) if kind not in answers or open_request(card)]

    def _command(self, card: Card, kind: CommandKind) -> Button:
        tone = TONES.get(kind, "cooking") if kind == card.primary else "button"
        text = _label(card, kind)
        spoken = f"{text} {plain(card.call_number)}"
        height = PRIMARY_HEIGHT if kind == card.primary else 44
        button = CommandButton(self._theme, text, tone, GLYPHS.get(kind, ""), spoken, height, kind)
        button.setObjectName(f"detail-{kind.value}-{card.id}")
        button.asked.connect(self._perform)
        return button

    def _endings(self, card: Card, column: QVBoxLayout) -> None:
        """Rejecting and cancelling stand at the very end, far from everything pressed in a hurry."""
        for kind in card.actions:
            if kind in DESTRUCTIVE:
                column.addSpacing(16)
                column.addWidget(self._command(card, kind))

    @Slot(object)
    def _perform(self, kind: CommandKind) -> None:
        if self.shown:
            self._actions.perform(self.shown.card, kind)

    @Slot()
    def _copy_number(self) -> None:
        if self.shown:
            QGuiApplication.clipboard().setText(plain(self.shown.card.call_number))

    @Slot()
    def _copy_reference(self) -> None:
        if self.shown:
            QGuiApplication.clipboard().setText(plain(self.shown.facts.reference))


def _label(card: Card, kind: CommandKind) -> str:
    if kind is CommandKind.AGREE_REQUEST and card.request:
        return words.agree_label(card.request)
    return tr("Reply to customer") if kind is CommandKind.REPLY_URGE else command_label(card, kind)


class CommandButton(Button):
    """A button that says which command it stands for."""

    asked = Signal(object)

    def __init__(self, theme: Theme, text: str, tone: str, glyph: str, spoken: str, height: int, kind: CommandKind) -> None:
        super().__init__(theme, text, tone, glyph, spoken, height)
        self._kind = kind
        self.clicked.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self._kind)


class _Number(QWidget):
    """The platform's tile and the call number, as on the card."""

    def __init__(self, theme: Theme, card: Card) -> None:
        super().__init__()
        self._theme, self._card = theme, card
        self.setAccessibleName(plain(card.call_number))

    def sizeHint(self) -> QSize:
        """One line of the largest type."""
        return QSize(200, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tile and number."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_mark(painter, QRectF(0, 4, 36, 36), self._card.mark, self._card.color, 22)
        painter.setPen(self._theme.color("text"))
        painter.setFont(styled(30, bold=True, strike=self._card.closed_attention))
        number = plain(self._card.call_number).removeprefix(self._card.mark)
        painter.drawText(QRectF(46, 0, self.width() - 46, 44), Qt.AlignmentFlag.AlignVCenter, number)
        painter.end()
