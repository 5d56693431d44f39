"""Money back for one order, in the ways its platform has; what the customer gets is on the button itself."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.domain.commands import CommandKind
from app.domain.money import Money, exponent
from app.domain.orders import OrderFacts, OrderLine, Party
from app.domain.shop import RefundBy
from app.engine.views import CommandState, OrderDetail
from app.texts import N_, tr
from app.ui import names
from app.ui.dialogs.form import hint, scrolling
from app.ui.dialogs.question import Question, label
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.panel import plain_label
from app.ui.widgets.rows import Rows
from app.ui.words import money, plain

_WAYS = {RefundBy.DISHES: N_("Some dishes"), RefundBy.AMOUNT: N_("An amount"), RefundBy.WHOLE: N_("All that is left")}
_ONLY = {
    RefundBy.DISHES: N_("Of this order {platform} gives back whole dishes only."),
    RefundBy.AMOUNT: N_("Of this order {platform} gives back an amount only."),
    RefundBy.WHOLE: N_("{platform} gives this order back as a whole only: all that is left."),
}
_REASONS = (N_("Dish missing"), N_("Wrong dish"), N_("Bad quality"), N_("Too late"))
_LONGEST_DISH = 36  # characters
_WIDTH = 600  # pixels
_LIST_HEIGHT = 170  # pixels; more dishes scroll


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """What a person confirmed, as `Facade.refund` takes it."""

    order_id: int
    amount: Money | None
    lines: tuple[str, ...]
    reason: str


class AmountError(ValueError):
    """Why these characters are no amount, in words for staff."""


def read_amount(text: str, currency: str) -> Money:
    """An amount as people type it: full-width digits, a comma or 。 for the point. AmountError says what is wrong."""
    typed = unicodedata.normalize("NFKC", text).strip().replace("。", ".").lstrip("¥€£$").strip()
    typed = typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed
    whole, _, rest = typed.partition(".")
    if not (whole + rest).isdecimal() or len(whole) > 12:
        raise AmountError(tr("Write an amount such as {example}.", example=_example(currency)))
    if len(rest) > exponent(currency):
        raise AmountError(tr("{currency} has {n} digits after the point.", currency=currency, n=exponent(currency)))
    amount = Money.parse(f"{whole or 0}.{rest or 0}", currency)
    if amount.minor <= 0:
        raise AmountError(tr("The amount must be more than nothing."))
    return amount


class RefundDialog(Question):
    """`taken` carries a `RefundAsked`; the question stays open until `close` or, with what is wrong, `refuse`."""

    taken = Signal(object)

    def __init__(self, theme: Theme, detail: OrderDetail, platform: str, parent: QWidget) -> None:
        self._detail, self._platform = detail, plain(platform)
        self._left = detail.refundable or Money.zero(detail.facts.currency)
        number = self._number
        super().__init__(theme, tr("Give money back: {platform} {number}", platform=self._platform, number=number),
                         tr("Give money back"), "late", parent)  # fmt: skip
        self.setObjectName(names.REFUND_DIALOG)
        self._ways = [way for way in _WAYS if way in detail.refund_ways]
        self._way = self._ways[0]
        self._gone = _given_back(detail)
        self._switch = {way: self._way_button(way) for way in self._ways}
        gone = tr("given back already")
        self._ticks = {
            line.key: self._tick(line.key, f"{text}   ({gone})" if line.key in self._gone else text)
            for line, text in _dishes(detail.facts)
        }
        self._lay_out()
        for button in (self.confirm, self.back):
            button.setAutoDefault(False)  # money never leaves by the Enter key of a field
        self.confirm.setObjectName(names.REFUND_SEND)
        self.confirm.clicked.connect(self._send)
        self.setMinimumWidth(_WIDTH)
        self.choose(self._way)
        if self._way is RefundBy.DISHES:
            next((tick for tick in self._ticks.values() if tick.isEnabled()), self.back).setFocus()

    @property
    def _number(self) -> str:
        """The call number; the platform beside it has its name, so the mark may go."""
        card = self._detail.card
        return plain(card.call_number.removeprefix(card.mark))

    @property
    def wanted(self) -> RefundAsked | None:
        """What would be asked now; None while it cannot be."""
        try:
            return self._read()
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
        makers = {RefundBy.DISHES: self._dish_list, RefundBy.AMOUNT: self._amount_part, RefundBy.WHOLE: QWidget}
        self._parts = QStackedWidget()
        for way in self._ways:
            self._parts.addWidget(makers[way]())
        self._parts.setFixedHeight(_LIST_HEIGHT)
        if self._ways != [RefundBy.WHOLE]:
            self.body.addWidget(self._parts)
        self.body.addWidget(plain_label(tr("Why (the platform is told)"), 15, bold=True))
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
        facts, card, rows = self._detail.facts, self._detail.card, Rows(self.theme, "")
        rows.add(tr("Customer paid"), money(facts.total))
        if card.refunded:
            rows.add(tr("Given back so far"), money(card.refunded))
        rows.add(tr("Can still be given back"), money(self._left), px=16, bold=True)
        theirs = [charge.amount for charge in facts.charges if charge.borne_by is Party.PLATFORM and charge.amount.minor < 0]
        if theirs:
            text = tr("{platform} paid a part of this order itself: the customer does not get that money.",
                      platform=self._platform)  # fmt: skip
            rows.add(text, money(-Money.total(theirs, facts.currency)), ink="muted")
        if facts.provisional:
            rows.add(tr("The platform has not fixed these figures yet."), bold=True, ink="late")
        return rows.panel

    def _dish_list(self) -> QWidget:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for tick in self._ticks.values():
            column.addWidget(tick)
        column.addWidget(hint(self.theme, self._portions()))
        column.addStretch(1)
        return scrolling(column)

    def _portions(self) -> str:
        if RefundBy.AMOUNT in self._ways:
            return tr("A dish goes back with all its portions. For one portion of several, give an amount.")
        return tr("A dish goes back with all its portions.")

    def _amount_part(self) -> QWidget:
        part, currency = QWidget(), self._detail.facts.currency
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        self._amount = QLineEdit()
        self._amount.setObjectName("refund-amount")
        self._amount.setAccessibleName(tr("Amount to give back"))
        self._amount.setMaxLength(16)
        self._amount.setMinimumHeight(HEIGHT)
        self._amount.setPlaceholderText(_example(currency))
        self._amount.textChanged.connect(self._sum_up)
        row = QHBoxLayout()
        row.addWidget(plain_label(currency, 17, bold=True))
        row.addWidget(self._amount, 1)
        column.addLayout(row)
        column.addStretch(1)
        return part

    def _reason_part(self) -> QVBoxLayout:
        column, row = QVBoxLayout(), QHBoxLayout()
        self._reason = QLineEdit()
        self._reason.setObjectName("refund-reason")
        self._reason.setAccessibleName(tr("Why (the platform is told)"))
        self._reason.setMaxLength(100)
        self._reason.setMinimumHeight(HEIGHT)
        row.setSpacing(8)
        for number, text in enumerate(_REASONS):
            button = Button(self.theme, tr(text))
            button.setObjectName(f"refund-reason-{number}")
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._reason.setText, tr(text)))
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
        button = Button(self.theme, tr(_WAYS[way]))
        button.setObjectName(f"refund-way-{way}")
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.clicked.connect(partial(self.choose, way))
        return button

    def _tick(self, key: str, text: str) -> TickBox:
        tick = TickBox(self.theme, text)
        tick.setObjectName(f"refund-dish-{key}")
        tick.setEnabled(key not in self._gone)
        tick.toggled.connect(self._sum_up)
        return tick

    # what it comes to

    @Slot()
    def _sum_up(self, *_: object) -> None:
        """Say what the customer gets, or what is wrong; nothing is wrong with what nobody filled in yet."""
        problem = ""
        try:
            asked, worth = self._read(), self._worth()
        except AmountError as error:
            asked, worth, problem = None, None, str(error) if self._begun else ""
        self.confirm.setEnabled(asked is not None)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._end.setVisible(bool(worth) and self._cancels)
        self._result.setText(self._outcome(worth) if worth else "" if problem else tr("Nothing is given back yet."))
        self.confirm.show_as(self._deed(worth) if worth else tr("Give money back"), "late")

    def _deed(self, worth: Money) -> str:
        words = N_("Give {amount} back: {platform} {number}")
        if self._cancels:
            words = N_("Give {amount} back and cancel: {platform} {number}")
        return tr(words, amount=money(worth), platform=self._platform, number=self._number)

    def _outcome(self, worth: Money) -> str:
        if self._asked_way is RefundBy.DISHES:
            return tr("The customer gets about {amount} back; {platform} works out discounts and taxes.",
                      amount=money(worth), platform=self._platform)  # fmt: skip
        return tr("The customer gets {amount} back.", amount=money(worth))

    def _read(self) -> RefundAsked:
        worth, way = self._worth(), self._asked_way
        if way not in self._ways:
            text = N_("That is everything: {platform} gives back only a part of this order.")
            raise AmountError(tr(text, platform=self._platform))
        if self._left < worth and not self._detail.facts.provisional:
            raise AmountError(self._too_much(worth))
        amount = worth if way is RefundBy.AMOUNT else None
        lines = self._chosen if way is RefundBy.DISHES else ()
        return RefundAsked(self._detail.card.id, amount, lines, self._reason.text().strip())

    def _worth(self) -> Money:
        """What goes back; AmountError while there is nothing."""
        return self._left if self._asked_way is RefundBy.WHOLE else self._filled_in()

    def _filled_in(self) -> Money:
        if self._way is RefundBy.AMOUNT:
            return read_amount(self._amount.text(), self._detail.facts.currency)
        if not self._chosen:
            raise AmountError("")
        facts = self._detail.facts
        return Money.total((line.total for line in facts.lines if line.key in self._chosen), facts.currency)

    @property
    def _asked_way(self) -> RefundBy:
        """What comes to everything is asked as everything: as a part it would be refused, or cancel the order unsaid."""
        return RefundBy.WHOLE if self._way is RefundBy.WHOLE or self._is_everything() else self._way

    def _is_everything(self) -> bool:
        detail, terms = self._detail, self._detail.refunds
        exact = self._filled_in() == self._left and not detail.facts.provisional
        every_dish = self._way is RefundBy.DISHES and set(self._ticks) <= self._gone | set(self._chosen)
        return terms is not None and terms.is_everything(detail.card.kitchen, exact, every_dish)

    @property
    def _cancels(self) -> bool:
        """Whether what is asked now cancels the order. AmountError as `_worth`."""
        terms = self._detail.refunds
        return terms is not None and self._asked_way is RefundBy.WHOLE and terms.cancelling(self._detail.card.kitchen)

    def _too_much(self, worth: Money) -> str:
        if self._way is RefundBy.DISHES and RefundBy.AMOUNT not in self._ways:
            return tr("These dishes cost {amount}, only {left} can still be given back.",
                      amount=money(worth), left=money(self._left))  # fmt: skip
        if self._way is RefundBy.DISHES:
            return tr("These dishes cost {amount}, only {left} can still be given back. Give an amount instead.",
                      amount=money(worth), left=money(self._left))  # fmt: skip
        return tr("Only {left} can still be given back.", left=money(self._left))

    @property
    def _begun(self) -> bool:
        return self._way is not RefundBy.AMOUNT or bool(self._amount.text().strip())

    @property
    def _chosen(self) -> tuple[str, ...]:
        return tuple(key for key, tick in self._ticks.items() if tick.isChecked())

    @Slot()
    def _send(self) -> None:
        if asked := self.wanted:
            self.setEnabled(False)
            self.taken.emit(asked)


def _given_back(detail: OrderDetail) -> frozenset[str]:
    """The dishes that the platform took before: each goes back once."""
    took = (one for one in detail.commands if one.kind is CommandKind.REFUND and one.state is CommandState.CONFIRMED)
    return frozenset(key for one in took for key in one.lines)


def _dishes(facts: OrderFacts) -> list[tuple[OrderLine, str]]:
    """Every line with its words; a platform that repeats a key cannot be asked for one of the two alone."""
    found = {}
    for line in facts.lines:
        name = plain(line.name)
        name = name if len(name) <= _LONGEST_DISH else f"{name[: _LONGEST_DISH - 1]}…"
        found[line.key] = (line, f"{line.quantity.normalize():f} × {name}   {money(line.total)}")
    return list(found.values())


def _example(currency: str) -> str:
    return str(Money(5 * 10 ** exponent(currency), currency).major)
