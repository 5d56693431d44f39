"""The table of the print ledger: rows are chosen with keys, fingers or ticks, and their buttons take one press each."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.engine.views import TicketAction
from app.texts import tr
from app.ui.models.ledger import COLUMNS, Column, LedgerModel
from app.ui.theme import Theme, font
from app.ui.widgets.ticket_cells import ROW, TicketPainter, buttons_width

STILL = 0.35  # seconds the rows have to stand still before a finger is believed
_WIDE, _MIDDLE, _NARROW = 1000, 700, 560  # pixels; below, buttons, then columns make room for what became of a ticket
_WIDTHS = {
    Column.TICK: (44, 40, 40),
    Column.TIME: (72, 62, 62),
    Column.NUMBER: (112, 92, 92),
    Column.PAPER: (184, 132, 112),
    Column.PLACE: (160, 124, 104),
}
_NARROW_COLUMNS = (Column.TICK, Column.TIME, Column.NUMBER, Column.STATE)
# Flat, as everything else is; one small sheet on one widget costs nothing.
_HEADS = "QHeaderView::section {{ background: {window}; color: {muted}; border: 0; padding-left: 6px; }}"

Index = QModelIndex | QPersistentModelIndex


class TicketTable(QTableView):
    """`asked` with a `TicketAction` and a ticket's id; `chosen` after every change of what is selected."""

    asked = Signal(object, int)
    chosen = Signal()

    def __init__(self, theme: Theme, model: LedgerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger = model
        self.compact = False
        self.down: tuple[int, TicketAction] | None = None
        self.moved_at = 0.0
        self.setObjectName("ledger-table")
        self.setAccessibleName(tr("Print ledger"))
        self.setModel(model)
        self._painter = TicketPainter(theme, model, self, self)
        self.setItemDelegate(self._painter)
        self._dress(theme)
        model.rowsInserted.connect(self._follow_inserted)
        model.rowsRemoved.connect(self._follow_removed)
        model.modelReset.connect(self._note_move)
        self.selectionModel().selectionChanged.connect(self.chosen)

    @property
    def rows(self) -> list[int]:
        """What is selected, from top to bottom."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def pick(self, row: int) -> None:
        """Select this one alone and show it."""
        index = self._ledger.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)

    def _dress(self, theme: Theme) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows, heads = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        self.verticalScrollBar().setSingleStep(ROW)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        heads.setFont(font(13, bold=True))
        heads.setHighlightSections(False)
        heads.setSectionsClickable(False)
        heads.setFixedHeight(30)
        heads.setStyleSheet(_HEADS.format(**theme.tokens))

    # widths

    def sizeHint(self) -> QSize:
        """Whatever there is."""
        return QSize(900, 400)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What became of a ticket gets whatever the others leave."""
        super().resizeEvent(event)
        room = self.viewport().width()
        self.compact = room < _WIDE
        size = 0 if room >= _WIDE else 1 if room >= _MIDDLE else 2
        shown = COLUMNS if room >= _NARROW else _NARROW_COLUMNS
        left = room
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, column not in shown)
            if column in shown and column is not Column.STATE:
                wide = buttons_width(self.compact) if column is Column.ACTIONS else _WIDTHS[column][size]
                self.setColumnWidth(place, wide)
                left -= wide
        self.setColumnWidth(COLUMNS.index(Column.STATE), max(left, 120))

    # fingers

    def selectionCommand(self, index: Index, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlag:
        """A press on a tick box adds the row or takes it away: a finger has no Ctrl key."""
        flags = QItemSelectionModel.SelectionFlag
        if isinstance(event, QMouseEvent) and index.isValid() and COLUMNS[index.column()] is Column.TICK:
            pressed = event.type() == QEvent.Type.MouseButtonPress
            return flags.Toggle | flags.Rows if pressed else flags.NoUpdate
        return super().selectionCommand(index, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a painted button is about that button and selects nothing."""
        self.down = self._button_at(event.position().toPoint())
        if self.down is None:
            super().mousePressEvent(event)
        elif time.monotonic() - self.moved_at < STILL:
            self.down = None  # the rows have just slid under the finger: this press was meant for another ticket
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go on the same button of the same ticket: that is a press."""
        down, self.down = self.down, None
        if down is None:
            super().mouseReleaseEvent(event)
        elif down == self._button_at(event.position().toPoint()):
            self.asked.emit(down[1], down[0])
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A finger that began on a button drags no selection."""
        if self.down is None and self._button_at(event.position().toPoint()) is None:
            super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """An impatient second press on a button is none."""
        if self._button_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)

    def _button_at(self, place: QPoint) -> tuple[int, TicketAction] | None:
        index = self.indexAt(place)
        if not index.isValid() or COLUMNS[index.column()] is not Column.ACTIONS:
            return None
        ticket = self._ledger.ticket(index.row())
        if ticket is None or ticket.id in self._ledger.asked:
            return None
        target = self._painter.target_at(ticket, self.visualRect(index), place)
        return (ticket.id, target.action) if target else None

    # standing still while the list grows

    @Slot(QModelIndex, int, int)
    def _follow_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        del parent
        self._slide(first, last - first + 1)

    @Slot(QModelIndex, int, int)
    def _follow_removed(self, parent: QModelIndex, first: int, last: int) -> None:
        del parent
        self._slide(first, first - last - 1)

    def _slide(self, first: int, rows: int) -> None:
        """Keep what is on screen where it is; at the very top the newest shows instead."""
        bar = self.verticalScrollBar()
        if bar.value() and first * ROW <= bar.value():
            place = bar.value() + rows * ROW
            self.executeDelayedItemsLayout()
            bar.setValue(place)
        self._note_move()

    @Slot()
    def _note_move(self) -> None:
        self.moved_at = time.monotonic()
