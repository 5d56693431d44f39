"""One lane of the queue: a header that says how many and how late, and its cards in columns, placed by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from app.engine.views import Card, Lane
from app.texts import N_, tr
from app.ui import words
from app.ui.countdown import Level
from app.ui.icons import pixmap
from app.ui.reading import LANE_TONES, LEVEL_TONES, open_request
from app.ui.theme import Theme, styled
from app.ui.widgets.card import CardWidget
from app.ui.widgets.pen import wrap

HEADER = 44
FOLDED = 52
MIN_CARD = 256
GAP = 8

_FAR = datetime.max.replace(tzinfo=UTC)
_GLYPHS = {
    Lane.NEW: "bell",
    Lane.SCHEDULED: "calendar",
    Lane.COOKING: "pot",
    Lane.READY: "bag",
    Lane.ON_THE_WAY: "courier",
}
_EMPTY = {
    Lane.NEW: N_("No new orders. They appear here and ring."),
    Lane.SCHEDULED: N_("Orders for later wait here."),
    Lane.COOKING: N_("Accepted orders are cooked here."),
    Lane.READY: N_("Finished food waits here."),
    Lane.ON_THE_WAY: N_("What couriers carry."),
}


def urgency(card: Card) -> tuple[int, datetime, datetime, int]:
    """Sort key: what waits for a look or an answer is on top; then New by its deadline, the others by when they are due."""
    wanted = card.decide_by if card.lane is Lane.NEW else card.due_at
    rank = 0 if card.closed_attention else 1 if open_request(card) else 2
    return rank, wanted or _FAR, card.placed_at, card.id


class LaneWidget(QWidget):
    """Owns the placing of its cards. `unfolded` asks the board to show a folded lane at full width."""

    unfolded = Signal(object)

    def __init__(self, theme: Theme, lane: Lane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.lane = theme, lane
        self.folded = False
        self.cards: list[CardWidget] = []
        self._worst: CardWidget | None = None
        self.setObjectName(f"lane-{lane.value}")
        self.setAccessibleName(tr(words.LANES[lane]))
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._bed = QWidget()
        self._scroll.setWidget(self._bed)
        self._bed.setAutoFillBackground(False)

    @property
    def bed(self) -> QWidget:
        """Parent of the cards."""
        return self._bed

    def hold(self, cards: Iterable[CardWidget]) -> None:
        """Show exactly these cards, most urgent first."""
        ordered = sorted(cards, key=lambda widget: urgency(widget.card))
        for widget in ordered:
            if widget.parent() is not self._bed:
                widget.setParent(self._bed)
        self.cards = ordered
        self.place()
        for widget in ordered:
            widget.setVisible(True)

    def place(self) -> None:
        """Put the cards in as many columns as fit; row by row, so that urgency reads like text."""
        width = self.width() - 2 * GAP - 12  # 12: the scroll bar
        if self.folded or width < 1:
            return
        columns = 1 if any(card.compact for card in self.cards) else max(1, (width + GAP) // (MIN_CARD + GAP))
        wide = (width - (columns - 1) * GAP) // columns
        ends = [GAP] * columns
        for number, card in enumerate(self.cards):
            column = number % columns
            height = card.needed_height(wide)
            card.setGeometry(GAP + column * (wide + GAP), ends[column], wide, height)
            ends[column] += height + (4 if card.compact else GAP)
        self._bed.resize(self.width(), max(ends))

    def tick(self, now: float) -> None:
        """One second passed."""
        for card in self.cards:
            card.tick(now)
        worst = min(self.cards, key=lambda card: card.left(now), default=None)
        self._worst = worst if worst and worst.clock_text else None
        self.update(0, 0, self.width(), self.height() if self.folded else HEADER)

    def fold(self, folded: bool) -> None:
        """Show the header only, upright."""
        self.folded = folded
        self._scroll.setVisible(not folded)
        self.update()

    def reveal(self, card: CardWidget) -> None:
        """Scroll until `card` is seen."""
        self._scroll.ensureWidgetVisible(card, 0, GAP)

    def visible_cards(self) -> list[CardWidget]:
        """The cards someone can see without scrolling, in order."""
        return [card for card in self.cards if not card.visibleRegion().isEmpty()]

    # Qt

    def sizeHint(self) -> QSize:
        """Any size will do; the board decides."""
        return QSize(FOLDED if self.folded else MIN_CARD, 400)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything anew for another width."""
        self._scroll.setGeometry(0, HEADER, self.width(), max(0, self.height() - HEADER))
        if event.size().width() != event.oldSize().width():
            self.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a folded lane or on its header unfolds it."""
        if self.folded or event.position().y() < HEADER:
            self.unfolded.emit(self.lane)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys belong to the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground and header."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        painter.setBrush(self._theme.color(self._tone()))
        painter.drawRoundedRect(QRectF(0, 0, self.width(), 4), 2, 2)
        if self.folded:
            self._paint_folded(painter)
        else:
            self._paint_header(painter)
            if not self.cards:
                self._paint_empty(painter)
        painter.end()

    def _tone(self) -> str:
        return LANE_TONES.get(self.lane, "cooking")

    def _paint_header(self, painter: QPainter) -> None:
        ink = self._theme.color("text")
        painter.drawPixmap(12, 14, pixmap(_GLYPHS[self.lane], ink.name(), 20))
        painter.setPen(ink)
        painter.setFont(styled(17, bold=True))
        title = f"{tr(words.LANES[self.lane])}  {len(self.cards)}"
        painter.drawText(QRectF(40, 4, self.width() - 48, HEADER - 4), Qt.AlignmentFlag.AlignVCenter, title)
        if self._worst:
            self._paint_worst(painter, QRectF(self.width() - 92, 10, 80, 26))

    def _paint_worst(self, painter: QPainter, box: QRectF, px: int = 15) -> None:
        if self._worst is None:
            return
        token = LEVEL_TONES.get(Level(self._worst.level))
        painter.setFont(styled(px, bold=True))
        if token:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(box, 5, 5)
        painter.setPen(self._theme.color(f"on_{token}" if token else "muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._worst.clock_text)

    def _paint_folded(self, painter: QPainter) -> None:
        ink = self._theme.color("text")
        middle = self.width() / 2
        painter.drawPixmap(int(middle) - 11, 16, pixmap(_GLYPHS[self.lane], ink.name(), 22))
        painter.setPen(ink)
        painter.setFont(styled(22, bold=True))
        painter.drawText(QRectF(0, 44, self.width(), 32), Qt.AlignmentFlag.AlignCenter, str(len(self.cards)))
        if self._worst:
            self._paint_worst(painter, QRectF(2, 80, self.width() - 4, 24), px=13)
        painter.save()
        painter.translate(middle, 122)
        painter.rotate(90)
        painter.setPen(self._theme.color("muted"))
        painter.setFont(styled(15, bold=True))
        painter.drawText(QRectF(0, -14, 200, 28), Qt.AlignmentFlag.AlignVCenter, tr(words.LANES[self.lane]))
        painter.restore()

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(self._theme.color("muted"))
        painter.setFont(styled(14))
        for number, line in enumerate(wrap(tr(_EMPTY[self.lane]), styled(14), self.width() - 40, 4)):
            box = QRectF(20, HEADER + 24 + number * 22, self.width() - 40, 22)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line)
