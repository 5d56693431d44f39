"""A question answered in words: refusing a customer's request, replying to an urge. Ready sentences, or one's own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from app.engine.views import Card
from app.texts import tr
from app.ui import names
from app.ui.dialogs.question import Question, label
from app.ui.reading import waiting_urge
from app.ui.theme import Theme
from app.ui.widgets.button import Button


class WordsDialog(Question):
    """`taken` carries (card, text). A ready sentence fills the line, so that it can still be changed before it goes."""

    taken = Signal(object, str)

    def __init__(
        self, theme: Theme, card: Card, title: str, said: str, presets: Sequence[str], send: str, parent: QWidget
    ) -> None:
        super().__init__(theme, title, send, "new", parent)
        self.setObjectName(names.WORDS_DIALOG)
        self._card = card
        if said:
            self.body.addWidget(label(f"「{said}」", 16))
        for number, text in enumerate(presets):
            button = Button(theme, text, name=f"preset-{number}", action=self._take_preset)
            self.body.addWidget(button)
        self._words = QLineEdit()
        self._words.setObjectName(names.WORDS)
        self._words.setMaxLength(200)
        self._words.setPlaceholderText(tr("Or in your own words"))
        self._words.textChanged.connect(self._typed)
        self.body.addWidget(self._words)
        self.confirm.setObjectName(names.WORDS_SEND)
        self.confirm.clicked.connect(self._send)

    @Slot()
    def _take_preset(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self._words.setText(button.words)

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.confirm.setEnabled(bool(text.strip()))

    @Slot()
    def _send(self) -> None:
        self.taken.emit(self._card, self._words.text().strip())
        self.accept()


def refusal(theme: Theme, card: Card, parent: QWidget) -> WordsDialog:
    """Ask why a cancel or refund request is refused; opened at once."""
    presets = (
        tr("The food is cooked already"),
        tr("The courier has the food already"),
        tr("The order was made exactly as asked"),
    )
    title = tr("Refuse the request of {number}", number=card.call_number)
    said = card.request.reason if card.request else ""
    dialog = WordsDialog(theme, card, title, said, presets, tr("Send refusal"), parent)
    dialog.open()
    return dialog


def urge_reply(theme: Theme, card: Card, parent: QWidget) -> WordsDialog:
    """Ask what to answer a customer who urges; opened at once."""
    presets = (
        tr("It is being cooked, a few minutes more"),
        tr("It is ready and waits for the courier"),
        tr("The courier is on the way to you"),
        tr("Sorry, we are very busy; thank you for waiting"),
    )
    urge = waiting_urge(card)
    title = tr("Reply to {number}", number=card.call_number)
    dialog = WordsDialog(theme, card, title, urge.text if urge else "", presets, tr("Send reply"), parent)
    dialog.open()
    return dialog
