"""Money back for one order, in the ways its platform has; what the customer gets is on the button itself."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.domain.money import Money
from app.domain.orders import Party
from app.domain.shop import RefundBy
from app.engine.views import OrderDetail
from app.texts import N_, tr
from app.ui import names
from app.ui.dialogs.question import Question, label
from app.ui.dialogs.refund_amount import AmountError, AmountPart
from app.ui.dialogs.refund_dishes import DishList
from app.ui.dialogs.refund_sum import Filled, RefundAsked, RefundSum, shown_ways
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.panel import plain_label
from app.ui.widgets.rows import Rows
from app.ui.words import money, plain

_WAYS = {RefundBy.DISHES: N_("Some dishes"), RefundBy.AMOUNT: N_("An amount"), RefundBy.WHOLE: N_("All that is left")}
_ONLY = {
    RefundBy.DISHES: N_("Of this order {platform} gives back dishes only."),
    RefundBy.AMOUNT: N_("Of this order {platform} gives back an amount only."),
    RefundBy.WHOLE: N_("{platform} gives this order back as a whole only: all that is left."),
}
_REASONS = (N_("Dish missing"), N_("Wrong dish"), N_("Bad quality"), N_("Too late"))
_WIDTH, _FRAME = 760, 40  # pixels: wide, for a low screen has no room for sentences of two lines
_LIST_HEIGHT = (110, 260)  # pixels, at least and at most; more dishes scroll


class RefundDialog(Question):
    """`taken` carries a `RefundAsked`; the question stays open until `close` or, with what is wrong, `refuse`."""

    taken = Signal(object)

    def __init__(self, theme: Theme, detail: OrderDetail, platform: str, parent: QWidget) -> None:
        self._detail, self._platform = detail, plain(platform)
        self._sum = RefundSum(detail, self._platform)
        number = self._number
        super().__init__(theme, tr("Give money back: {platform} {number}", platform=self._platform, number=number),
                         tr("Give money back"), "late", parent)  # fmt: skip
        self.setObjectName(names.REFUND_DIALOG)
        self._ways = shown_ways(detail)
        self._way = self._ways[0]
        self._switch = {way: self._way_button(way) for way in self._ways}
        self._dishes = DishList(theme, detail.dishes, RefundBy.PORTIONS in detail.refund_ways, self._advice())
        self._amount = AmountPart(detail.facts.currency)
        self._lay_out()
        for button in (self.confirm, self.back):
            button.setAutoDefault(False)  # money never leaves by the Enter key of a field
        self.confirm.setObjectName(names.REFUND_SEND)
        self.confirm.clicked.connect(self._send)
        self.setMinimumWidth(min(_WIDTH, self.screen().availableGeometry().width() - _FRAME))
        self.choose(self._way)
        self._make_room()
        if self._way is RefundBy.DISHES:
            self._dishes.setFocus()

    @property
    def _number(self) -> str:
        """The call number; the platform beside it has its name, so the mark may go."""
        card = self._detail.card
        return plain(card.call_number.removeprefix(card.mark))

    @property
    def wanted(self) -> RefundAsked | None:
        """What would be asked now; None while it cannot be."""
        try:
            return self._sum.asked(self._filled(), self._reason.text().strip())
        except AmountError:
            return None

    def choose(self, way: RefundBy, *_: object) -> None:
        """Give back in one of the ways that there are."""
        self._way = way
        for other, button in self._switch.items():
            button.setChecked(other is way)
            button.show_as(button.words, "inverse" if other is way else "button", "check" if other is way else "")
        self._parts.setCurrentIndex(self._ways.index(way))
        if way is RefundBy.AMOUNT:
            self._amount.setFocus()
        self._sum_up()

    def refuse(self, why: str) -> None:
        """It was not taken: say so, and let it be changed."""
        self.setEnabled(True)
        self._problem.setText(plain(why))
        self._problem.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on to the red button, which says what will happen; pressing that is another step."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif self.confirm.hasFocus() and self.confirm.isEnabled():
            self._send()
        elif self.confirm.isEnabled():
            self.confirm.setFocus(Qt.FocusReason.TabFocusReason)

    # making it

    def _lay_out(self) -> None:
        self.body.addWidget(self._figures())
        self.body.addWidget(self._way_part())
        pages = {RefundBy.DISHES: self._dishes, RefundBy.AMOUNT: self._amount, RefundBy.WHOLE: QWidget()}
        self._parts = QStackedWidget(self)
        for way in self._ways:
            self._parts.addWidget(pages[way])
        for way in pages.keys() - set(self._ways):
            pages[way].deleteLater()
        self._parts.setMinimumHeight(_LIST_HEIGHT[0])
        self._parts.setMaximumHeight(_LIST_HEIGHT[1])
        self._parts.setVisible(self._ways != [RefundBy.WHOLE])
        self.body.addWidget(self._parts)
        for part in (self._dishes, self._amount):
            part.changed.connect(self._sum_up)
        self.body.addLayout(self._reason_part())
        self._result = label("", 17, bold=True)
        self._result.setObjectName("refund-result")
        ends = tr("{platform} then cancels the order. Do not cook it any more.", platform=self._platform)
        self._end = plain_label(ends, 15, bold=True, name="refund-end", color=self.theme.color("late"))
        self._problem = plain_label(px=15, bold=True, name="refund-problem", color=self.theme.color("late"))
        for line in (self._result, self._end, self._problem):
            line.setWordWrap(True)
            self.body.addWidget(line)

    def _figures(self) -> QWidget:
        facts, rows = self._detail.facts, Rows(self.theme, "")
        rows.add(tr("Customer paid"), money(facts.total))
        if back := facts.total - self._sum.left:  # what the platform told, or what it agreed to and did not tell yet
            rows.add(tr("Given back so far"), money(back))
        rows.add(tr("Can still be given back"), money(self._sum.left), px=16, bold=True)
        theirs = [charge.amount for charge in facts.charges if charge.borne_by is Party.PLATFORM and charge.amount.minor < 0]
        if theirs:
            text = tr("{platform} paid a part of this order itself: the customer does not get that money.",
                      platform=self._platform)  # fmt: skip
            rows.add(text, money(-Money.total(theirs, facts.currency)), ink="muted")
        if facts.provisional:
            rows.add(tr("The platform has not fixed these figures yet."), bold=True, ink="late")
        return rows.panel

    def _advice(self) -> str:
        """Where single portions are a matter of an amount, or of nothing."""
        if RefundBy.PORTIONS in self._detail.refund_ways:
            return ""
        if RefundBy.AMOUNT in self._ways:
            return tr("A dish goes back with all its portions. For one portion of several, give an amount.")
        return tr("A dish goes back with all its portions.")

    def _reason_part(self) -> QVBoxLayout:
        column, row = QVBoxLayout(), QHBoxLayout()
        self._reason = QLineEdit()
        self._reason.setObjectName("refund-reason")
        for name in (self._reason.setAccessibleName, self._reason.setPlaceholderText):
            name(tr("Why (the platform is told)"))
        self._reason.setMaxLength(100)
        self._reason.setMinimumHeight(HEIGHT)
        row.setSpacing(8)
        for number, text in enumerate(_REASONS):
            button = Button(
                self.theme,
                tr(text),
                name=f"refund-reason-{number}",
                action=partial(self._reason.setText, tr(text)),
                auto_default=False,
            )
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self._reason)
        return column

    def _way_part(self) -> QWidget:
        """The switch between the ways; where there is nothing to switch, a sentence."""
        if len(self._ways) == 1:
            return plain_label(tr(_ONLY[self._way], platform=self._platform), 15, bold=True, name="refund-only")
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in self._switch.values():
            row.addWidget(button, 1)
        return part

    def _way_button(self, way: RefundBy) -> Button:
        return Button(
            self.theme,
            tr(_WAYS[way]),
            name=f"refund-way-{way}",
            action=partial(self.choose, way),
            checkable=True,
            auto_default=False,
        )

    # what it comes to

    @Slot()
    def _sum_up(self, *_: object) -> None:
        """Say what the customer gets, or what is wrong; nothing is wrong with what nobody filled in yet."""
        problem, outcome, deed, cancels = "", tr("Nothing is given back yet."), tr("Give money back"), False
        try:
            filled = self._filled()
            self._sum.asked(filled, "")
            outcome, deed, cancels = self._sum.outcome(filled), self._deed(filled), self._sum.cancels(filled)
            ready = True
        except AmountError as error:
            problem, ready = str(error), False
        self.confirm.setEnabled(ready)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._end.setVisible(cancels)
        self._result.setText("" if problem else outcome)
        self.confirm.show_as(deed, "late")
        if self.isVisible():
            self._make_room()

    def _make_room(self) -> None:
        """More lines than there were: the window grows as far as the screen does, and never shrinks under a finger."""
        if layout := self.layout():
            layout.activate()
            width = max(self.width() if self.isVisible() else 0, self.minimumWidth())
            wanted = min(layout.totalHeightForWidth(width), self.screen().availableGeometry().height() - _FRAME)
            self.resize(width, max(self.height() if self.isVisible() else 0, wanted))

    def _filled(self) -> Filled:
        """What stands here. AmountError for what was typed and is no amount."""
        if self._way is RefundBy.AMOUNT:
            return Filled(self._way, amount=self._amount.amount)
        if self._way is RefundBy.DISHES:
            return Filled(self._way, self._dishes.chosen, self._dishes.every_dish)
        return Filled(self._way)

    def _deed(self, filled: Filled) -> str:
        words = N_("Give {amount} back: {platform} {number}")
        if self._sum.cancels(filled):
            words = N_("Give {amount} back and cancel: {platform} {number}")
        return tr(words, amount=money(self._sum.worth(filled)), platform=self._platform, number=self._number)

    @Slot()
    def _send(self) -> None:
        if asked := self.wanted:
            self.setEnabled(False)
            self.taken.emit(asked)
