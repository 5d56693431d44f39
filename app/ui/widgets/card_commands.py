"""What the buttons of an order say and how they look, and the menu of those that have no button of their own."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.commands import CommandKind
from app.engine.views import Card
from app.texts import tr
from app.ui import names, words

TONES = {CommandKind.ACCEPT: "new", CommandKind.READY: "ready"}
GLYPHS = {
    CommandKind.ACCEPT: "check",
    CommandKind.READY: "bag",
    CommandKind.HAND_OVER: "courier",
    CommandKind.COMPLETE: "check",
}
DESTRUCTIVE = frozenset({CommandKind.REJECT, CommandKind.CANCEL})
_WITH_BUTTONS = frozenset({CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST, CommandKind.REPLY_URGE})


def command_label(card: Card, kind: CommandKind) -> str:
    """The button's word; "here only" when the platform has none for it."""
    handing = kind is CommandKind.HAND_OVER
    label = tr(words.HANDING_OVER[card.fulfilment] if handing else words.COMMANDS[kind])
    return f"{label} · {tr('here only')}" if kind in card.local_only else label


def secondary(card: Card) -> list[CommandKind]:
    """What stands in the card's menu, the destructive ones last."""
    return sorted((kind for kind in card.actions if kind not in _WITH_BUTTONS), key=lambda kind: kind in DESTRUCTIVE)


def card_menu(parent: QWidget, card: Card) -> QMenu:
    """The secondary commands, the destructive ones apart; an action's data is the command's word. Deletes itself."""
    menu = QMenu(parent)
    menu.setObjectName(names.of_order("menu", card.id))
    menu.aboutToHide.connect(menu.deleteLater)
    for position, kind in enumerate(secondary(card)):
        if kind in DESTRUCTIVE and position:
            menu.addSeparator()
        action = QAction(_escaped(command_label(card, kind)), menu)
        action.setObjectName(names.action(kind, card.id))
        action.setData(kind.value)
        menu.addAction(action)
    return menu


def _escaped(text: str) -> str:
    return text.replace("&", "&&")
