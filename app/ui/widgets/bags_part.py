"""How many bags an order has, in its detail: minus, the number, plus, and one press that prints a slip for each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from app.domain.lifecycle import CLOSED, Kitchen
from app.domain.tickets import MOST_BAGS
from app.engine.views import OrderDetail
from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.panel import Panel, plain_label

STEP_WIDTH, COUNT_WIDTH = 60, 56  # pixels


def can_count(detail: OrderDetail) -> bool:
    """Whether some paper of the shop's says how many bags there are, and somebody still packs them."""
    return detail.bags is not None and detail.card.kitchen is not Kitchen.NEW and detail.card.kitchen not in CLOSED


class BagsPart(Panel):
    """`counted` carries the number as it is stepped, `wanted` the one to be printed."""

    counted = Signal(int)
    wanted = Signal(int)

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__(theme, tr("Bags"))
        self._number = number
        self._shown = plain_label("", 20, bold=True)
        self._shown.setObjectName("bags")
        self._shown.setFixedWidth(COUNT_WIDTH)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._fewer = Button(theme, "−", spoken=tr("One bag fewer"), name="bags-fewer", action=self._less)
        self._more = Button(theme, "+", spoken=tr("One bag more"), name="bags-more", action=self._add)
        for step in (self._fewer, self._more):
            step.setFixedSize(STEP_WIDTH, HEIGHT + 4)
        slips = Button(theme, tr("Print bag slips"), glyph="printer", name="bags-print", action=self._print)
        row = QHBoxLayout()
        for piece in (self._fewer, self._shown, self._more):
            row.addWidget(piece)
        row.addStretch(1)
        self.inner.addLayout(row)
        self.inner.addWidget(slips)  # below: beside them it would not fit on a small screen
        self._step(0)

    def _step(self, by: int) -> None:
        self._number = max(1, min(MOST_BAGS, self._number + by))
        self._shown.setText(str(self._number))
        self._fewer.setEnabled(self._number > 1)
        self._more.setEnabled(self._number < MOST_BAGS)

    @Slot()
    def _less(self) -> None:
        self._step(-1)
        self.counted.emit(self._number)

    @Slot()
    def _add(self) -> None:
        self._step(1)
        self.counted.emit(self._number)

    @Slot()
    def _print(self) -> None:
        self.wanted.emit(self._number)
