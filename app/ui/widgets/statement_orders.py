"""A statement order by order: the platform's figures, and in words where they differ from ours."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from app.reports.export import tabbed
from app.reports.statements import OrderLines
from app.texts import tr
from app.ui.dialogs.form import hint
from app.ui.models.statement import APART, OrdersModel
from app.ui.theme import Theme
from app.ui.widgets.panel import Panel, plain_label, tint

_ROW, _WIDE = 40, 980  # pixels
_HEADS = (
    "QHeaderView {{ background: {surface}; }}"  # right of the last head, too
    "QHeaderView::section {{ background: {surface}; color: {muted}; border: 0; padding: 6px 8px; }}"
)


class StatementOrders(Panel):
    """`order_wanted` carries the id of an order that is stored here."""

    order_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._heading = plain_label(px=17, bold=True, name="statements-heading")
        self._model = OrdersModel(theme, self)
        self._table = self._dressed()
        self._table.activated.connect(self._open)
        self.inner.addWidget(self._heading)
        self.inner.addWidget(self._table, 1)
        self.inner.addWidget(hint(theme, tr("Enter or a double click opens an order that is stored here.")))
        copy = QShortcut(QKeySequence.StandardKey.Copy, self._table, context=Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The differences take what is left over, and where nothing is, all that they need."""
        super().resizeEvent(event)
        mode = QHeaderView.ResizeMode.Stretch if event.size().width() >= _WIDE else QHeaderView.ResizeMode.ResizeToContents
        self._table.horizontalHeader().setSectionResizeMode(APART, mode)

    def show_orders(self, rows: tuple[OrderLines, ...]) -> None:
        """Put these in the place of what there was; those that differ stand first."""
        self._model.show_rows(rows)
        apart = sum(row.differs for row in rows)
        text = tr("Order by order: {n} to look at", n=apart) if apart else tr("Order by order: no difference found")
        self._heading.setText(text)
        tint(self._heading, self._theme.color("late" if apart else "text"))

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        if ours := self._model.row(index.row()).ours:
            self.order_wanted.emit(ours.order_id)

    @Slot()
    def _copy(self) -> None:
        places = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText(tabbed(self._model.words(place) for place in places))

    def _dressed(self) -> QTableView:
        table = QTableView()
        table.setObjectName("statements-orders")
        table.setAccessibleName(tr("Order by order"))
        table.setModel(self._model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW)
        heads = table.horizontalHeader()
        table.setStyleSheet("QTableView::item { padding: 0 8px; }")
        heads.setStyleSheet(_HEADS.format(**self._theme.tokens))
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.setWordWrap(False)  # half a difference would say something else
        return table
