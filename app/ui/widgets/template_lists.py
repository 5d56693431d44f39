"""The two lists of the template page: papers with their templates, and the blocks of one, moved by hand or by buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDropEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT

_ROLE = Qt.ItemDataRole.UserRole
_SIDE, _ABOVE = 10, 7  # pixels around the words of a row


class Row(NamedTuple):
    """One entry: what it stands for, and its words."""

    name: str
    words: str


class _List(QListWidget):
    """Rows as high as a finger whose words wrap; plain text, whoever wrote it."""

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        colors = {token: theme.tokens[token] for token in ("surface", "line", "new", "on_new", "sunken")}
        self.setStyleSheet(_SHEET.format(side=_SIDE, **colors))

    def show_rows(self, rows: Sequence[Row], current: int) -> None:
        """Show these with `current` chosen; says nothing of it."""
        self.blockSignals(True)
        while self.count() > len(rows):
            self.takeItem(self.count() - 1)
        for number, row in enumerate(rows):
            item = self.item(number) if number < self.count() else self._added()
            if item.text() != row.words:
                item.setText(row.words)
            item.setData(_ROLE, row.name)
        self._fit()
        self.setCurrentRow(current)
        self.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower list wraps earlier."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give every row the height of its wrapped words: a list view never does."""
        metrics, room = self.fontMetrics(), QRect(0, 0, max(40, self.viewport().width() - 2 * _SIDE - 4), 1000)
        for item in map(self.item, range(self.count())):
            tall = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, item.text()).height()
            item.setSizeHint(QSize(0, max(HEIGHT, tall + 2 * _ABOVE)))

    def _added(self) -> QListWidgetItem:
        item = QListWidgetItem()
        self.addItem(item)
        return item


class PaperList(_List):
    """`chosen` with a template's name when a person picks one. Choosing waits for the page: it may have to ask first."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, title, parent)
        self.currentItemChanged.connect(self._tell)

    @Slot(QListWidgetItem)
    def _tell(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(_ROLE)))


class BlockList(_List):
    """`picked` with a row's number; `moved` (from, to) when one was dragged: to is where it stands afterwards."""

    picked = Signal(int)
    moved = Signal(int, int)

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, title, parent)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.currentRowChanged.connect(self.picked)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where a row was dropped; the draft moves it, not the list."""
        place = event.position().toPoint()
        target = self.indexAt(place)
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        before = self.count() if not target.isValid() else target.row()
        if target.isValid() and place.y() > self.visualRect(target).center().y():
            before += 1
        start = self.currentRow()
        to = before - 1 if before > start else before
        if to != start >= 0:
            self.moved.emit(start, to)


_SHEET = """
QListWidget {{ background: {surface}; border: 1px solid {line}; border-radius: 6px; outline: 0; }}
QListWidget::item {{ padding: 0 {side}px; border-bottom: 1px solid {sunken}; }}
QListWidget::item:selected {{ background: {new}; color: {on_new}; }}
"""
