"""The voucher in hand: big facts, one big button, and then what became of it, with the way back far from that button."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import steady
from app.domain.vouchers import UNANSWERED, RedemptionState, VoucherState
from app.engine.shop_views import Redemption, VoucherFound
from app.texts import tr
from app.ui.shops import Standing
from app.ui.theme import Theme
from app.ui.vouchers import advice, facts, good, outcome, spoken
from app.ui.widgets.button import PRIMARY_HEIGHT, Action, Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.words import plain

_TALL = 68  # the one button that matters


class VoucherCard(Panel):
    """`redeem` carries how many uses; `take_back` and `ask_again` the id of the redemption that is shown."""

    redeem = Signal(int)
    take_back = Signal(int)
    ask_again = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, name="voucher-card")
        self._theme = theme
        self.found: VoucherFound | None = None
        self.row: Redemption | None = None
        self._uses = 1
        self._where = plain_label(px=15, name="voucher-where", color=theme.color("muted"))
        self._title = plain_label(px=30, bold=True, name="voucher-title")
        self._facts = plain_label(px=22, name="voucher-facts")
        self._says = plain_label(px=17, name="voucher-says")
        for label in (self._title, self._facts, self._says):
            label.setWordWrap(True)
        self._sign = plain_label(px=22, bold=True, name="voucher-sign")
        self._sign.setWordWrap(True)
        self._lay_out()

    def show_found(self, found: VoucherFound, row: Redemption | None) -> None:
        """A voucher that was looked up; `row`: it was asked for before, and nobody answered."""
        self._uses = 1
        self._show(found, row)

    def show_row(self, row: Redemption) -> None:
        """What became of the voucher that is shown."""
        if self.found:
            self._show(self.found, row)

    def wait(self) -> None:
        """Until the platform answers."""
        for button in (self._redeem, self._back, self._again, self._less, self._more):
            button.setEnabled(False)

    def _show(self, found: VoucherFound, row: Redemption | None) -> None:
        self.found, self.row, voucher = found, row, found.voucher
        gone = row.uses if row and row.state is RedemptionState.REDEEMED else 0
        names = (plain(found.title), plain(found.name), spoken(voucher.code))
        self._where.setText(" · ".join(dict.fromkeys(filter(None, names))))
        self._title.setText(plain(voucher.title) or tr("Voucher"))
        self._facts.setText("\n".join(facts(voucher, steady.now(), gone)))
        self._put_sign(outcome(row) if row else good(voucher))
        words = advice(row, found.title) if row else self._refusal(found)
        self._says.setText(words)
        self._says.setVisible(bool(words))
        self._show_buttons(voucher.state is VoucherState.GOOD, voucher.left, row)

    def _show_buttons(self, fine: bool, most: int, row: Redemption | None) -> None:
        self._redeem.setVisible(fine and row is None)
        self._counter.setVisible(fine and row is None and most > 1)
        self._back.setVisible(row is not None and row.state is RedemptionState.REDEEMED)
        self._again.setVisible(row is not None and row.state in UNANSWERED)
        for button in (self._redeem, self._back, self._again):
            button.setEnabled(True)
        words = tr("Redeem {n} uses", n=self._uses) if self._uses > 1 else tr("Redeem")
        self._redeem.show_as(words, "ready", "check")
        self._number.setText(str(self._uses))
        self._less.setEnabled(self._uses > 1)
        self._more.setEnabled(self._uses < most)

    def _refusal(self, found: VoucherFound) -> str:
        why = plain(found.voucher.refusal)
        return tr("{platform} says: {why}", platform=plain(found.title), why=why) if why else ""

    def _put_sign(self, how: Standing) -> None:
        known = how.tone if how.tone != "muted" else "button"
        fill, ink = (self._theme.color(token).name() for token in (known, f"on_{known}"))
        self._sign.setText(how.text)
        self._sign.setStyleSheet(f"background: {fill}; color: {ink}; border-radius: 6px; padding: 10px 14px;")

    def _change_uses(self, by: int) -> None:
        self._uses += by
        if self.found:
            self._show(self.found, self.row)

    @Slot()
    def _fewer(self, *_: object) -> None:
        self._change_uses(-1)

    @Slot()
    def _another(self, *_: object) -> None:
        self._change_uses(1)

    @Slot()
    def _want(self, *_: object) -> None:
        self.redeem.emit(self._uses)

    @Slot()
    def _want_back(self, *_: object) -> None:
        if self.row:
            self.take_back.emit(self.row.id)

    @Slot()
    def _want_again(self, *_: object) -> None:
        if self.row:
            self.ask_again.emit(self.row.id)

    def _lay_out(self) -> None:
        self._redeem = self._button("redeem", tr("Redeem"), self._want, "ready", "check", height=_TALL)
        self._redeem.setMinimumWidth(260)
        self._back = self._button("back", tr("Take back"), self._want_back)
        self._again = self._button("again", tr("Ask again"), self._want_again, "new", "cloud-up")
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for part in (self._redeem, self._counter_row(), self._again):
            buttons.addWidget(part)
        buttons.addStretch(1)
        buttons.addWidget(self._back)  # at the other end: a burst of presses on the first button never meets it
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self._where)
        column.addWidget(self._title)
        column.addWidget(self._sign)
        column.addWidget(self._facts)
        column.addWidget(self._says)
        column.addSpacing(4)
        column.addLayout(buttons)
        self.inner.addLayout(column)

    def _counter_row(self) -> QWidget:
        self._less = self._button("less", "−", self._fewer, spoken=tr("One use less"))
        self._more = self._button("more", "+", self._another, spoken=tr("One use more"))
        self._number = plain_label("1", 24, bold=True, name="voucher-uses")
        self._counter = QWidget()
        row = QHBoxLayout(self._counter)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self._less, self._number, self._more):
            row.addWidget(part)
        return self._counter

    def _button(
        self,
        name: str,
        text: str,
        action: Action,
        tone: str = "button",
        glyph: str = "",
        spoken: str = "",
        height: int = PRIMARY_HEIGHT,
    ) -> Button:
        return Button(self._theme, text, tone, glyph, spoken, height, name=f"voucher-{name}", action=action)
