"""Voucher check at the counter: scan or type a code, read what it is, redeem it; and what was redeemed today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app import steady
from app.domain.vouchers import UNANSWERED
from app.engine.facade import Facade
from app.engine.shop_views import Redemption, VoucherFound
from app.engine.vouchers import LONGEST_CODE, PRACTICE_VOUCHERS
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint, scrolling
from app.ui.dialogs.take_back import TakeBack
from app.ui.icons import icon
from app.ui.shops import shops
from app.ui.theme import Theme, font
from app.ui.vouchers import spoken
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.panel import plain_label, tint
from app.ui.widgets.voucher_card import VoucherCard
from app.ui.widgets.voucher_row import VoucherRow
from app.ui.words import plain

MOST = 40  # rows: each is made of widgets


class ShopVouchers(QWidget):
    """A USB scanner types like a keyboard and ends with Enter: whatever is typed here goes into the field."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._shown: dict[int, tuple[Redemption, VoucherRow]] = {}
        self._asking = 0  # look-ups so far: only the answer to the last one is shown
        self._lay_out()
        self.setFocusProxy(self._code)
        bridge.vouchers_changed.connect(self.read)

    def showEvent(self, event: QShowEvent) -> None:
        """The next customer's code may come at once."""
        super().showEvent(event)
        self.read()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A scan never goes astray because a button was pressed last."""
        if not event.text().isprintable() or not event.text():
            super().keyPressEvent(event)
            return
        self._code.setFocus()
        self._code.insert(event.text())

    @Slot()
    def read(self, *_: object) -> None:
        """Show the redemptions of the day as they are now."""
        if not self.isVisible():
            return
        rows = self._facade.vouchers.today()
        if self._card.row and (now := {one.id: one for one in rows}.get(self._card.row.id)) and now != self._card.row:
            self._card.show_row(now)
        self._show_rows(rows)
        self._show_lesson()

    # looking

    @Slot()
    def look(self, *_: object) -> None:
        """Ask what is behind the code in the field."""
        code = self._code.text().strip()
        if not code:
            return
        self._asking += 1
        self._code.clear()
        self._code.setFocus()
        self._card.hide()
        self._lesson.hide()
        self._tell(tr("Asking about {code}…", code=spoken(code)), "text")
        asked, number = self._facade.vouchers.look_up(code), self._asking
        self._bridge.run(asked, partial(self._found, number), partial(self._not_found, number, code), self)

    def _found(self, number: int, found: VoucherFound) -> None:
        if number != self._asking:
            return
        self._tell("")
        mine = (found.account_id, found.voucher.code)
        rows = [one for one in self._facade.vouchers.today() if one.state in UNANSWERED]
        self._card.show_found(found, next((one for one in rows if (one.account_id, one.code) == mine), None))
        self._card.show()

    def _not_found(self, number: int, code: str, why: str) -> None:
        if number == self._asking:
            self._tell(f"{spoken(code)}\n{plain(why)}", "late")

    # changing

    @Slot(int)
    def _redeem(self, uses: int) -> None:
        found = self._card.found
        if found:
            self._card.wait()
            asked = self._facade.vouchers.redeem(found, uses)
            self._bridge.run(asked, partial(self._answered, found), partial(self._failed, found), self)
            self._code.setFocus()  # the next customer need not wait for the answer

    @Slot(int)
    def _ask_back(self, redemption_id: int) -> None:
        """Money is behind it, so it is asked first."""
        one = next((one for one in self._facade.vouchers.today() if one.id == redemption_id), None)
        if one is None:  # of a day that has ended
            self.read()
            return
        titles = {front.account_id: front.title for front in shops(self._facade)}
        ask = TakeBack(self._theme, one, plain(titles.get(one.account_id, "")), self)
        ask.accepted.connect(partial(self._take_back, redemption_id))
        ask.open()

    def _take_back(self, redemption_id: int) -> None:
        self._change(redemption_id, self._facade.vouchers.take_back)

    @Slot(int)
    def _ask_again(self, redemption_id: int) -> None:
        self._change(redemption_id, self._facade.vouchers.ask_again)

    def _change(self, redemption_id: int, ask: Callable[[int], Future[Redemption]]) -> None:
        found = self._card.found if self._card.row and self._card.row.id == redemption_id else None
        if found:
            self._card.wait()
        if redemption_id in self._shown:
            self._shown[redemption_id][1].setEnabled(False)
        self._bridge.run(ask(redemption_id), partial(self._answered, found), partial(self._failed, found), self)
        self._code.setFocus()

    def _answered(self, found: VoucherFound | None, row: Redemption) -> None:
        if found is None or found is self._card.found:
            self._tell("")
        if found and found is self._card.found:
            self._card.show_row(row)
        self.read()

    def _failed(self, found: VoucherFound | None, why: str) -> None:
        """Nothing was asked of the platform: the voucher stands as it was."""
        if found and found is self._card.found:
            self._card.show_found(found, self._card.row)
        self._tell(plain(why), "late")
        self._forget_rows()
        self.read()

    # showing

    def _tell(self, text: str, tone: str = "text") -> None:
        self._answer.setText(text)
        self._answer.setVisible(bool(text))
        tint(self._answer, self._theme.color(tone))

    def _forget_rows(self) -> None:
        for _, row in self._shown.values():
            row.hide()
            row.deleteLater()
        self._shown = {}

    def _show_rows(self, every: Sequence[Redemption]) -> None:
        """Made anew only when one changed: a press must not lose the button under it. What is unanswered comes first."""
        rows = sorted(every, key=lambda one: one.state not in UNANSWERED)[:MOST]
        self._more.setText(tr("and {n} more before these", n=len(every) - len(rows)))
        self._more.setVisible(len(every) > len(rows))
        if rows == [one for one, _ in self._shown.values()]:
            return
        self._forget_rows()
        titles, now = {front.account_id: front.title for front in shops(self._facade)}, steady.now()
        for one in rows:
            row = VoucherRow(self._theme, one, titles.get(one.account_id, ""), now)
            row.take_back.connect(self._ask_back)
            row.ask_again.connect(self._ask_again)
            self._shown[one.id] = one, row
            self._list.addWidget(row)
        self._today.setVisible(bool(rows))

    def _show_lesson(self) -> None:
        """How it goes, until the first voucher of the day."""
        codes = str(self._facade.preference(PRACTICE_VOUCHERS, "")).split()
        self._lesson.setVisible(not self._shown and self._card.isHidden() and self._answer.isHidden())
        self._practice.setVisible(bool(codes) and self._lesson.isVisibleTo(self))
        self._practice.setText(tr("To practise, try one of these: {codes}", codes=tr(", ").join(map(spoken, codes))))

    def _lay_out(self) -> None:
        self._answer = plain_label(px=22, bold=True, name="voucher-answer")
        self._answer.setWordWrap(True)
        self._answer.hide()
        self._card = VoucherCard(self._theme)
        self._card.redeem.connect(self._redeem)
        self._card.take_back.connect(self._ask_back)
        self._card.ask_again.connect(self._ask_again)
        self._card.hide()
        lesson = tr(
            "Scan the code on the customer's phone, or type its digits and press Enter. You see what it is before"
            " anything is redeemed; a wrong one can be taken back."
        )
        self._lesson = plain_label(lesson, 17, name="voucher-lesson")
        self._lesson.setWordWrap(True)
        self._practice = plain_label(px=17, bold=True, name="voucher-practice")
        self._practice.setWordWrap(True)
        self._practice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._today = plain_label(tr("Vouchers today"), 17, bold=True, name="voucher-today")
        self._today.hide()
        self._more = hint(self._theme, "", "voucher-more-rows")
        self._more.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        body = QVBoxLayout()
        body.setContentsMargins(20, 4, 20, 16)
        body.setSpacing(12)
        for part in (self._answer, self._card, self._lesson, self._practice, self._today):
            body.addWidget(part)
        body.addLayout(self._list)
        body.addWidget(self._more)
        body.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 8, 0, 0)
        outer.addLayout(self._bar())
        outer.addWidget(scrolling(body), 1)

    def _bar(self) -> QHBoxLayout:
        self._code = QLineEdit()
        self._code.setObjectName("voucher-code")
        self._code.setFixedHeight(PRIMARY_HEIGHT)
        self._code.setFont(font(22, tabular=True))
        self._code.setMaxLength(LONGEST_CODE)
        self._code.setPlaceholderText(tr("Scan or type the code"))
        self._code.setAccessibleName(tr("Voucher code"))
        self._code.addAction(icon("search", self._theme.color("muted")), QLineEdit.ActionPosition.LeadingPosition)
        self._code.returnPressed.connect(self.look)
        self._check = Button(self._theme, tr("Check"), "new", height=PRIMARY_HEIGHT, name="voucher-check", action=self.look)
        row = QHBoxLayout()
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(8)
        row.addWidget(self._code, 1)
        row.addWidget(self._check)
        return row
