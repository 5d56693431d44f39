"""One row of the print ledger, painted: two lines a cell, the state as icon, word and colour, buttons a finger can hit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.engine.views import PrintState, TicketAction, TicketView
from app.texts import N_, tr
from app.ui import words
from app.ui.icons import pixmap
from app.ui.models.ledger import COLUMNS, NEEDS, Column, LedgerModel, marks, why
from app.ui.shop_clock import local
from app.ui.theme import Theme, styled
from app.ui.widgets.button import HEIGHT
from app.ui.words import plain

ROW = HEIGHT + 12
_GAP = 8
_CHIPS = {PrintState.FAILED: "late", PrintState.UNKNOWN: "soon", PrintState.HELD: "soon"}
_AGAIN = frozenset({PrintState.CONFIRMED, PrintState.SENT, PrintState.UNKNOWN})
_ACTIONS = {TicketAction.PRINT: N_("Print"), TicketAction.CAME_OUT: N_("It came out"), TicketAction.SKIP: N_("Skip")}
_ONCE_MORE = N_("Print again")
GLYPHS = {TicketAction.PRINT: "printer", TicketAction.CAME_OUT: "check", TicketAction.SKIP: "cross"}

Index = QModelIndex | QPersistentModelIndex


class Table(Protocol):
    """What the painter asks of the table it paints for."""

    compact: bool
    down: tuple[int, TicketAction] | None

    def hasFocus(self) -> bool:
        """Whether the keyboard is there."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A painted button: where, and what for."""

    box: QRect
    action: TicketAction


def needs_person(ticket: TicketView) -> bool:
    """Whether somebody has to decide about it and nobody has."""
    return ticket.state in NEEDS and not ticket.answer


def action_label(ticket: TicketView, action: TicketAction) -> str:
    """What the button says: once more only where the first may be on paper."""
    again = action is TicketAction.PRINT and ticket.state in _AGAIN
    return tr(_ONCE_MORE) if again else tr(_ACTIONS[action])


def action_tone(ticket: TicketView, action: TicketAction) -> str:
    """Loud where somebody waits for it."""
    return "new" if action is TicketAction.PRINT and needs_person(ticket) else "button"


def state_look(ticket: TicketView) -> tuple[str, str, str]:
    """Icon, ink and ground ("" for none) of its state; one that somebody answered for is not loud any more."""
    if ticket.answer and ticket.state in NEEDS:
        return "check", "muted", ""
    glyph, ink = words.PRINT_SIGNS[ticket.state]
    ground = _CHIPS.get(ticket.state, "")
    return glyph, f"on_{ground}" if ground else ink, ground


def state_words(ticket: TicketView, trouble: str = "") -> tuple[str, str]:
    """What became of it, and why (`trouble`: of its printer). Where somebody answered a doubt, the answer counts alone."""
    if ticket.answer and ticket.state in NEEDS:
        return plain(ticket.answer), plain(ticket.reason) if ticket.reason != ticket.answer else ""
    return tr(words.PRINTS[ticket.state]), why(ticket, trouble)


def targets(ticket: TicketView, area: QRect, compact: bool) -> list[Target]:
    """The buttons of a row in `area`, from its left edge; the first one only where there is little room."""
    found, x = [], area.x() + 4
    for action in ticket.actions[:1] if compact else ticket.actions:
        wide = _wide(action_label(ticket, action))
        if x + wide > area.right() + 1:
            break
        found.append(Target(QRect(x, area.y() + (area.height() - HEIGHT) // 2, wide, HEIGHT), action))
        x += wide + _GAP
    return found


class TicketPainter(QStyledItemDelegate):
    """Paints the cells of a `LedgerModel`."""

    def __init__(self, theme: Theme, model: LedgerModel, table: Table, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._model, self._table = theme, model, table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One height for all."""
        del option, index
        return QSize(60, ROW)

    def target_at(self, ticket: TicketView, area: QRect, place: QPoint) -> Target | None:
        """The button under a finger."""
        return next((one for one in targets(ticket, area, self._table.compact) if one.box.contains(place)), None)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, then what the column says."""
        area, state = option.rect, option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        self._ground(painter, area, selected)
        ticket, column = self._model.ticket(index.row()), COLUMNS[index.column()]
        if column is Column.TICK:
            self._tick(painter, area, selected)
        elif ticket is None:
            self._words(painter, area, "…", "", "muted")
        else:
            self._cell(painter, area, ticket, column)

    def _ground(self, painter: QPainter, area: QRect, selected: bool) -> None:
        painter.fillRect(area, self._theme.color("new_soft" if selected else "surface"))
        line = QRect(area.x(), area.bottom(), area.width(), 1)
        painter.fillRect(line, self._theme.color("new" if selected and self._table.hasFocus() else "line"))

    def _tick(self, painter: QPainter, area: QRect, on: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(area.x() + (area.width() - 22) / 2, area.y() + (area.height() - 22) / 2, 22, 22)
        painter.setPen(QPen(self._theme.color("new" if on else "muted"), 2))
        painter.setBrush(self._theme.color("new" if on else "surface"))
        painter.drawRoundedRect(box, 4, 4)
        if on:
            painter.drawPixmap(box.topLeft() + QPointF(2, 2), pixmap("check", self._theme.color("on_new").name(), 18))

    def _cell(self, painter: QPainter, area: QRect, ticket: TicketView, column: Column) -> None:
        if column is Column.TIME:
            at = local(ticket.created_at)
            self._words(painter, area, at.strftime("%H:%M"), at.strftime(":%S"), "text", px=16)
        elif column is Column.NUMBER:
            self._words(painter, area, plain(ticket.call_number), "", "text", px=18, bold=True)
        elif column is Column.PAPER:
            marked = " · ".join(marks(ticket))
            self._words(painter, area, tr(words.PAPERS[ticket.ticket.kind]), marked, "text", loud=bool(marked))
        elif column is Column.PLACE:
            self._words(painter, area, plain(ticket.station), plain(ticket.printer), "text")
        elif column is Column.STATE:
            self._state(painter, area, ticket)
        else:
            self._buttons(painter, area, ticket)

    def _words(
        self,
        painter: QPainter,
        area: QRect,
        first: str,
        second: str,
        ink: str,
        *,
        px: int = 15,
        bold: bool = False,
        loud: bool = False,
    ) -> None:
        """One line in the middle, or two; what does not fit ends in dots."""
        room = QRectF(area.x() + 6, area.y(), area.width() - 10, area.height() - 1)
        if second:
            self._write(painter, QRectF(room.x(), room.y() + 7, room.width(), 22), first, px, bold, self._theme.color(ink))
            below = QRectF(room.x(), room.y() + 30, room.width(), 19)
            self._write(painter, below, second, 13, loud, self._theme.color("text" if loud else "muted"))
        else:
            self._write(painter, room, first, px, bold, self._theme.color(ink))

    def _write(self, painter: QPainter, room: QRectF, text: str, px: int, bold: bool, ink: QColor) -> None:
        painter.setFont(styled(px, bold))
        painter.setPen(ink)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, _cut(text, px, bold, int(room.width())))

    def _state(self, painter: QPainter, area: QRect, ticket: TicketView) -> None:
        glyph, ink, ground = state_look(ticket)
        said, reason = state_words(ticket, self._model.trouble(ticket))
        top = area.y() + (5 if reason else (area.height() - 24) // 2)
        color = self._theme.color(ink)
        if ground:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(ground))
            wide = min(area.width() - 6, _advance(said, 15, True) + 40)
            painter.drawRoundedRect(QRectF(area.x() + 2, top, wide, 25), 5, 5)
        painter.drawPixmap(QPoint(area.x() + 8, top + 3), pixmap(glyph, color.name(), 18))
        calm = color if ground else self._theme.color("text")
        self._write(painter, QRectF(area.x() + 32, top, area.width() - 36, 24), said, 15, bool(ground), calm)
        if reason:
            below = QRectF(area.x() + 8, area.y() + 31, area.width() - 12, 19)
            self._write(painter, below, reason, 13, False, self._theme.color("text" if ground else "muted"))

    def _buttons(self, painter: QPainter, area: QRect, ticket: TicketView) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        busy = ticket.id in self._model.asked
        for one in targets(ticket, area, self._table.compact):
            tone = action_tone(ticket, one.action)
            fill = self._theme.color("sunken" if busy else tone)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill.darker(125) if self._table.down == (ticket.id, one.action) else fill)
            painter.drawRoundedRect(QRectF(one.box), 6, 6)
            painter.setPen(self._theme.color("muted" if busy else f"on_{tone}"))
            painter.setFont(styled(15, bold=True))
            painter.drawText(one.box, Qt.AlignmentFlag.AlignCenter, action_label(ticket, one.action))


def buttons_width(compact: bool) -> int:
    """Pixels the column of buttons needs in the current language."""
    wide = [_wide(tr(text)) for text in (_ONCE_MORE, _ACTIONS[TicketAction.CAME_OUT], _ACTIONS[TicketAction.SKIP])]
    return (max(wide) if compact else sum(wide) + 2 * _GAP) + 14


def _wide(label: str) -> int:
    return max(HEIGHT, _advance(label, 15, True) + 26)


@lru_cache(4096)  # the same few hundred words are painted at every scroll
def _advance(text: str, px: int, bold: bool) -> int:
    return round(QFontMetricsF(styled(px, bold)).horizontalAdvance(text))


@lru_cache(16384)
def _cut(text: str, px: int, bold: bool, room: int) -> str:
    return QFontMetricsF(styled(px, bold)).elidedText(text, Qt.TextElideMode.ElideRight, room)
