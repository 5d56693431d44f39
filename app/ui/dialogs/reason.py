"""Why an order is rejected or cancelled: big buttons with the reasons its platform accepts, and a red confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QLineEdit, QWidget

from app.domain.commands import CommandKind, RejectReason
from app.engine.views import Card
from app.texts import tr
from app.ui import names, words
from app.ui.dialogs.question import Question, label
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT, Button


class ReasonDialog(Question):
    """`taken` carries (card, kind, reason, text) once someone confirmed."""

    taken = Signal(object, object, object, str)

    def __init__(
        self, theme: Theme, card: Card, kind: CommandKind, reasons: Sequence[RejectReason], parent: QWidget
    ) -> None:
        verb = tr(words.COMMANDS[kind])
        super().__init__(theme, f"{verb} {card.call_number}", f"{verb} {card.call_number}", "late", parent)
        self.setObjectName(names.REASON_DIALOG)
        self._card, self._kind = card, kind
        self.body.addWidget(label(_consequence(card, kind)))
        self._group = QButtonGroup(self)
        self.body.addLayout(self._grid(reasons))
        self._words = QLineEdit()
        self._words.setObjectName(names.WORDS)
        self._words.setMaxLength(200)
        self._words.setPlaceholderText(tr("Words for the customer (optional)"))
        self.body.addWidget(self._words)
        self._group.buttonClicked.connect(self._choose)
        self.confirm.setObjectName(names.REASON_SEND)
        self.confirm.clicked.connect(self._send)

    def _grid(self, reasons: Sequence[RejectReason]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        for number, reason in enumerate(reasons):
            button = Button(
                self.theme, tr(words.REASONS[reason]), height=PRIMARY_HEIGHT, name=f"reason-{reason.value}", checkable=True
            )
            button.setProperty("reason", reason.value)
            self._group.addButton(button)
            grid.addWidget(button, number // 2, number % 2)
        return grid

    @Slot(QAbstractButton)
    def _choose(self, chosen: QAbstractButton) -> None:
        for button in self._group.buttons():
            if isinstance(button, Button):
                picked = button is chosen
                button.show_as(button.words, "inverse" if picked else "button", "check" if picked else "")
        self.confirm.setEnabled(True)

    @Slot()
    def _send(self) -> None:
        if chosen := self._group.checkedButton():
            reason = RejectReason(chosen.property("reason"))
            self.taken.emit(self._card, self._kind, reason, self._words.text().strip())
            self.accept()


def _consequence(card: Card, kind: CommandKind) -> str:
    if kind is CommandKind.REJECT:
        return tr("The customer gets {amount} back. This cannot be undone.", amount=words.money(card.total))
    return tr(
        "The order was accepted already; the kitchen may be cooking it. The customer gets {amount} back.",
        amount=words.money(card.total),
    )
