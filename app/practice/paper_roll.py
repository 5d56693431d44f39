"""The paper as it comes out of a virtual printer: pieces above each other, the newest at the slot, growing line by line."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.practice.printer import VirtualPrinter
from app.practice.printer_pictures import draw_dots
from app.practice.printer_pieces import PaperTicket
from app.texts import N_, tr
from app.ui.icons import pixmap
from app.ui.theme import Theme, styled

MOST = 30  # pieces kept on screen
SLOWEST = 80  # dots that come out in one step at least: an instant printer still shows paper moving
WIDEST = 576  # dots of a line on 80 mm
CAPTION, GAP, EDGE = 30, 14, 10
_TOOTH = 9
STATES = {  # words, colour, icon
    "complete": (N_("Whole"), "ready", "check"),
    "glued": (N_("Glued: another ticket hangs on it"), "soon", "alert"),
    "torn": (N_("Torn: not whole"), "late", "cross"),
    "hanging": (N_("Still in the printer"), "cooking", "printer"),
}


class Piece:
    """One piece on screen. `shown`: dots that are out of the slot by now."""

    def __init__(self, ticket: PaperTicket) -> None:
        self.ticket = ticket
        self.hanging = True
        self.shown = 0
        self.image = QImage()
        self._items = -1

    @property
    def state(self) -> str:
        """One of STATES."""
        return "hanging" if self.hanging else self.ticket.state

    @property
    def caption(self) -> str:
        """What is known of it, in words."""
        parts = [tr(STATES[self.state][0]), self.ticket.ticket_id]
        if self.ticket.beeps:
            parts.append(tr("rang {n} times", n=self.ticket.beeps))
        return "  ·  ".join(filter(None, parts))

    def look(self, hanging: bool) -> bool:
        """See what the printer did to it; whether anything is to be painted again."""
        size = len(self.ticket.items) + sum(len(getattr(item, "dots", b"")) for item in self.ticket.items[-1:])
        changed = (size, hanging) != (self._items, self.hanging)
        if size != self._items:
            self.image = _image(self.ticket)
        self._items, self.hanging = size, hanging
        left = self.image.height() - self.shown
        self.shown += min(left, max(SLOWEST, left // 4))
        return changed or left > 0


class PaperRoll(QWidget):
    """Looks at `printer` when told to; paints what is on screen only."""

    def __init__(self, theme: Theme, printer: VirtualPrinter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._printer = theme, printer
        self._gone = 0  # pieces that are no longer kept
        self.pieces: list[Piece] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Paper"))

    def look(self) -> bool:
        """Follow the printer; whether the paper moved."""
        cut, hanging = list(self._printer.paper), self._printer.hanging
        known = {id(piece.ticket): piece for piece in self.pieces}
        wanted = [*cut[-MOST:], *([hanging] if hanging and not hanging.blank else [])]
        gone = max(0, len(cut) - MOST)
        changed = gone != self._gone or [id(each) for each in wanted] != [id(piece.ticket) for piece in self.pieces]
        self._gone = gone
        self.pieces = [known.get(id(ticket)) or Piece(ticket) for ticket in wanted]
        moved = [piece.look(piece.ticket is hanging) for piece in self.pieces]
        if changed or any(moved):
            self._fit()
        return changed or any(moved)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for all pieces."""
        return QSize(340, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Narrower paper is shorter."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Each piece with its caption and its edges; what is off screen is left out."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self._gone:
            words = tr("{n} earlier pieces", n=self._gone)
            self._write(painter, words, QRectF(EDGE, 0, self.width(), CAPTION), self._theme.color("muted"))
        for piece, top, tall in self._places():
            if event.rect().intersects(QRectF(0, top, self.width(), CAPTION + tall + GAP).toAlignedRect()):
                self._caption(painter, piece, top)
                self._paper(painter, piece, QRectF(EDGE, top + CAPTION, self.width() - 2 * EDGE, tall))
        painter.end()

    def _places(self) -> Iterator[tuple[Piece, float, float]]:
        """Each piece, where its caption begins, and how tall the paper is on screen."""
        top = float(CAPTION if self._gone else GAP)
        for piece in self.pieces:
            tall = self._scale * piece.shown + (2 * _TOOTH if piece.shown else 0)
            yield piece, top, tall
            top += CAPTION + tall + GAP

    @property
    def _scale(self) -> float:
        """Pixels of a dot: the widest paper fills the room, narrower paper is narrower."""
        return min(1.0, max(0.1, (self.width() - 2 * EDGE - 2 * _TOOTH) / WIDEST))

    def _fit(self) -> None:
        places = list(self._places())
        tall = places[-1][1] + CAPTION + places[-1][2] + GAP if places else 0
        if self.height() != (height := max(1, round(tall))):
            self.setFixedHeight(height)
        self.update()

    def _caption(self, painter: QPainter, piece: Piece, top: float) -> None:
        _, tone, glyph = STATES[piece.state]
        ground = QRectF(EDGE, top, self.width() - 2 * EDGE, CAPTION - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(tone))
        painter.drawRoundedRect(ground, 4, 4)
        ink = self._theme.color(f"on_{tone}")
        painter.drawPixmap(QPointF(ground.left() + 8, top + 4), pixmap(glyph, ink.name(), 18))
        self._write(painter, piece.caption, ground.adjusted(34, 0, -8, 0), ink)

    def _paper(self, painter: QPainter, piece: Piece, area: QRectF) -> None:
        """White paper as wide as it is; zigzag where it was torn or another ticket hangs on it, a dashed line at a cut."""
        if not piece.shown:
            return
        scale = self._scale
        sheet = QRectF(area.left(), area.top(), piece.image.width() * scale + 2 * _TOOTH, area.height())
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(Qt.GlobalColor.white)
        upper, lower = _edges(sheet, top=piece.ticket.glued, bottom=piece.state == "torn")
        painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
        painter.setPen(QPen(self._theme.color(STATES[piece.state][1]), 3))
        for edge in filter(_jagged, (upper, lower)):
            painter.drawPolyline(edge)
        source = QRectF(0, 0, piece.image.width(), piece.shown)
        target = QRectF(sheet.left() + _TOOTH, sheet.top() + _TOOTH, source.width() * scale, source.height() * scale)
        painter.drawImage(target, piece.image, source)
        if piece.ticket.complete and not piece.hanging:
            painter.setPen(QPen(self._theme.color("muted"), 2, Qt.PenStyle.DashLine))
            below = sheet.bottom() + GAP / 2
            painter.drawLine(QPointF(EDGE, below), QPointF(self.width() - EDGE, below))

    def _write(self, painter: QPainter, text: str, area: QRectF, ink: QColor) -> None:
        face = styled(14, bold=True)
        painter.setFont(face)
        painter.setPen(ink)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)


def _edges(sheet: QRectF, *, top: bool, bottom: bool) -> tuple[list[QPointF], list[QPointF]]:
    """The upper and the lower edge, each as a zigzag if told so."""
    upper = _edge(sheet.left(), sheet.right(), sheet.top(), _TOOTH if top else 0)
    return upper, _edge(sheet.left(), sheet.right(), sheet.bottom(), -_TOOTH if bottom else 0)


def _jagged(edge: list[QPointF]) -> bool:
    return len(edge) > 2


def _edge(left: float, right: float, y: float, depth: float) -> list[QPointF]:
    """Points of an edge from left to right; with a depth it is a zigzag into the paper."""
    if not depth:
        return [QPointF(left, y), QPointF(right, y)]
    teeth = max(2, round((right - left) / (2 * _TOOTH)))
    step = (right - left) / (2 * teeth)
    return [QPointF(left + number * step, y + (depth if number % 2 else 0)) for number in range(2 * teeth + 1)]


def _image(ticket: PaperTicket) -> QImage:
    """The very dots, black on white."""
    drawn = draw_dots(ticket)
    rows = drawn.tobytes()
    image = QImage(rows, drawn.width, drawn.height, (drawn.width + 7) // 8, QImage.Format.Format_Mono)
    image.setColorTable([0xFFFFFFFF, 0xFF111111])
    return image.copy()
