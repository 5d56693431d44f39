"""One redemption of the day: what it was, when and by whom, what became of it, and what can still be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.domain.vouchers import UNANSWERED, RedemptionState
from app.engine.shop_views import Redemption
from app.texts import tr
from app.ui.theme import Theme
from app.ui.vouchers import advice, asked, brief, outcome
from app.ui.widgets.badge import Badge, Sign
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label


class VoucherRow(Panel):
    """Made anew whenever its redemption changes; both signals carry its id."""

    take_back = Signal(int)
    ask_again = Signal(int)

    def __init__(self, theme: Theme, one: Redemption, title: str, now: datetime) -> None:
        super().__init__(theme, name=f"voucher-{one.id}")
        self._id, how = one.id, outcome(one)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(plain_label(brief(one), 17, bold=True, name=f"voucher-{one.id}-what"))
        lines.addWidget(plain_label(asked(one, title, now), 14, name=f"voucher-{one.id}-when", color=theme.color("muted")))
        if words := advice(one, title):
            said = plain_label(words, 14, name=f"voucher-{one.id}-says")
            said.setWordWrap(True)
            lines.addWidget(said)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(lines, 1)
        row.addWidget(Badge(theme, Sign(how.text, how.glyph, how.tone, loud=how.tone in ("late", "soon"))))
        if one.state is RedemptionState.REDEEMED:
            row.addWidget(self._button(theme, "back", tr("Take back"), self._want_back, one))
        elif one.state in UNANSWERED:
            row.addWidget(self._button(theme, "again", tr("Ask again"), self._want_again, one))
        self.inner.addLayout(row)

    @Slot()
    def _want_back(self, *_: object) -> None:
        self.take_back.emit(self._id)

    @Slot()
    def _want_again(self, *_: object) -> None:
        self.ask_again.emit(self._id)

    def _button(self, theme: Theme, name: str, text: str, act: Callable[..., None], one: Redemption) -> Button:
        return Button(theme, text, "button", spoken=f"{text}: {brief(one)}", name=f"voucher-{one.id}-{name}", action=act)
