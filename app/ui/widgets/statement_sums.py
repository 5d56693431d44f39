"""A statement added up: one column of kinds for each currency, what they come to, and what was paid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.money import Money
from app.domain.shop import SettlementKind
from app.reports.statements import KindSum
from app.texts import tr
from app.ui.dialogs.form import hint, scrolling
from app.ui.models.statement import KINDS
from app.ui.theme import Theme
from app.ui.widgets.rows import Rows
from app.ui.words import money


class StatementSums(QWidget):
    """Shows what it is given; nothing is ever added over two currencies."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: Mapping[str, Sequence[KindSum]] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(12)
        self._column.addStretch(1)
        self._panels: list[QWidget] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(self._column))

    def show_sums(self, sums: Mapping[str, Sequence[KindSum]]) -> None:
        """One panel for each currency."""
        if sums == self._shown:
            return
        self._shown = sums
        for panel in self._panels:
            panel.hide()
            panel.deleteLater()
        self._panels = [self._panel(currency, some) for currency, some in sums.items()]
        for place, panel in enumerate(self._panels):
            self._column.insertWidget(place, panel)

    def _panel(self, currency: str, sums: Sequence[KindSum]) -> QWidget:
        rows = Rows(self._theme, tr("Booked in {currency}", currency=currency))
        earned = [one for one in sums if one.kind is not SettlementKind.PAYOUT]
        for one in earned:
            rows.add(f"{tr(KINDS[one.kind])} · {tr('{n} lines', n=one.lines)}", money(one.amount), px=15)
        rows.add(tr("Earned by these lines"), money(Money.total((one.amount for one in earned), currency)), px=17, bold=True)
        for one in sums:
            if one.kind is SettlementKind.PAYOUT:
                rows.add(f"{tr(KINDS[one.kind])} · {tr('{n} times', n=one.lines)}", money(one.amount), px=17, bold=True)
        rows.panel.inner.addWidget(
            hint(self._theme, tr("A payout may be for other days than these; the two need not be equal."))
        )
        return rows.panel
