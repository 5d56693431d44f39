"""A platform's statement for the screen: spans of days, differences in words, a table of orders, rows for a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.engine.facade import Facade
from app.engine.views import Statement
from app.reports.export import Cell
from app.reports.statements import Change, LineChange, OrderLines
from app.texts import N_, tr
from app.ui.models.figures import short_day
from app.ui.shop_clock import local
from app.ui.shops import calendar
from app.ui.theme import Theme, styled
from app.ui.words import money, plain

KINDS: Mapping[SettlementKind, str] = {
    SettlementKind.SALE: N_("Sales"),
    SettlementKind.COMMISSION: N_("Commission and fees"),
    SettlementKind.DELIVERY: N_("Delivery costs"),
    SettlementKind.REFUND: N_("Refunds to customers"),
    SettlementKind.PROMOTION: N_("Promotions"),
    SettlementKind.ADJUSTMENT: N_("Adjustments"),
    SettlementKind.TAX: N_("Tax"),
    SettlementKind.PAYOUT: N_("Paid out to the shop"),
}
SPANS = {
    "yesterday": N_("Yesterday"),
    "week": N_("Last 7 days"),
    "days": N_("Last 30 days"),
    "month": N_("This month"),
    "last-month": N_("Last month"),
}
_HEADS = (
    N_("Order"),
    N_("Difference to our figures"),
    N_("Booked on"),
    N_("Sold"),
    N_("Given back"),
    N_("Fees"),
    N_("Shop keeps"),
)
APART = 1  # the column that a person looks for
_FIGURE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_REFERENCE = 10  # characters of a platform's own name for an order

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def span(name: str, today: date) -> tuple[date, date]:
    """First and last day of one of `SPANS`."""
    yesterday, first = today - timedelta(days=1), today.replace(day=1)
    end = first - timedelta(days=1)
    return {
        "yesterday": (yesterday, yesterday),
        "week": (today - timedelta(days=7), yesterday),
        "days": (today - timedelta(days=30), yesterday),
        "month": (first, max(first, yesterday)),  # today is not over
        "last-month": (end.replace(day=1), end),
    }[name]


@dataclass(frozen=True)
class Shown:
    """What the page shows. `missing`: days that were never read when they were over, oldest first."""

    statement: Statement
    missing: tuple[date, ...]

    @classmethod
    def read(cls, facade: Facade, account_id: int, first: date, last: date) -> Shown:
        """Ask the store. Never on the UI thread."""
        found, zone = facade.statement(account_id, first, last), calendar(facade).zone
        whole = {day for day, at in found.read.items() if at.astimezone(zone).date() > day}
        return cls(found, tuple(day for day in days(first, last) if day not in whole))


def days(first: date, last: date) -> list[date]:
    """Every day, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def difference(row: OrderLines) -> str:
    """What somebody should look at, in words; "" when the figures agree as far as they can be compared."""
    if row.ours is None:
        return tr("not among our orders")
    if row.ours.total.currency != row.rest.currency:
        return tr("here it was paid in {currency}", currency=row.ours.total.currency)
    parts = []
    if apart := row.sold_apart:
        text = N_("sold {amount} more than here") if apart.minor > 0 else N_("sold {amount} less than here")
        parts.append(tr(text, amount=_size(apart)))
    if apart := row.back_apart:
        text = N_("given back {amount} more than here") if apart.minor > 0 else N_("given back {amount} less than here")
        parts.append(tr(text, amount=_size(apart)))
    return tr(", ").join(parts)


def _size(amount: Money) -> str:
    return money(Money(abs(amount.minor), amount.currency))


def news(statement: Statement) -> str:
    """What changed since these days were first fetched; "" when nothing did."""
    counts = Counter(change.what for change in statement.changes.values())
    words = {
        Change.LATE: N_("{n} lines came later"),
        Change.CHANGED: N_("{n} lines were changed"),
        Change.GONE: N_("{n} lines were taken back and are not counted"),
    }
    parts = [tr(text, n=counts[what]) for what, text in words.items() if counts[what]]
    return tr("Since these days were first fetched: {changes}.", changes=tr(", ").join(parts)) if parts else ""


def _new(line: SettlementLine, change: LineChange | None) -> str:
    """What became of one line, for a spreadsheet."""
    if change is None:
        return ""
    on = local(change.at).date()
    if change.what is Change.LATE:
        return tr("came later, found on {day}", day=on)
    if change.was is None:
        return tr("taken back, found on {day}: {amount}", day=on, amount=line.amount.major)
    return tr("changed, found on {day}; it was {amount}", day=on, amount=change.was.major)


def named(row: OrderLines) -> str:
    """The number as staff know it, else the end of the platform's own."""
    if row.ours:
        return f"#{plain(row.ours.number)}"
    reference = plain(row.order_ref)
    return reference if len(reference) <= _REFERENCE else f"…{reference[-_REFERENCE:]}"


def table(shown: Shown) -> list[Sequence[Cell]]:
    """Every line, for a spreadsheet."""
    orders = {(row.order_ref, row.rest.currency): row for row in shown.statement.orders}
    heads = (N_("Day"), N_("Kind"), N_("Order at the platform"), N_("Order"), N_("The platform's words"))
    rows: list[Sequence[Cell]] = [
        [*(tr(head) for head in heads), tr("Amount"), tr("Currency"), tr("Difference to our figures"), tr("Changed since")]
    ]
    counted = len(shown.statement.lines)
    for number, line in enumerate((*shown.statement.lines, *shown.statement.gone)):
        order = orders.get((line.order_id, line.amount.currency))
        here = order.ours.number if order and order.ours else ""
        about = (line.day, tr(KINDS[line.kind]), line.order_id, here, line.text)
        amount = line.amount.major if number < counted else ""  # nobody's sum may count what was taken back
        new = _new(line, shown.statement.changes.get(line.line_id))
        rows.append([*about, amount, line.amount.currency, difference(order) if order else "", new])
    return rows


class OrdersModel(QAbstractTableModel):
    """One row an order."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[OrderLines, ...] = ()

    def show_rows(self, rows: tuple[OrderLines, ...]) -> None:
        """Put these in the place of what there was."""
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row(self, place: int) -> OrderLines:
        """One of them."""
        return self._rows[place]

    def words(self, place: int) -> tuple[str, ...]:
        """A row as it reads."""
        return _cells(self._rows[place])

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many orders."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many figures."""
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands over a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(_HEADS[section])
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _FIGURE if section > APART + 1 else _WORDS
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, their place and their colour."""
        row, column = self._rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return _cells(row)[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column > APART + 1:
            return _FIGURE
        if role == Qt.ItemDataRole.ForegroundRole and column == APART:
            return self._theme.color("late")
        if role == Qt.ItemDataRole.FontRole:
            return styled(15, bold=column == APART)
        return None


def _cells(row: OrderLines) -> tuple[str, ...]:
    sold, back = (money(one) if one else "" for one in (row.sold, row.back))
    return named(row), difference(row), short_day(row.day), sold, back, money(row.rest), money(row.kept)
