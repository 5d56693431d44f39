"""The cards of all open orders, kept up to date in small bites so that a burst never freezes the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engine.facade import Facade
from app.engine.views import Card, Lane
from app.ui.bridge import Bridge

BITE = 6  # orders read and shown between two turns of the event loop


class OpenOrders(QObject):
    """`updated` carries the ids that changed or left; look them up in `cards`."""

    updated = Signal(frozenset)

    def __init__(self, facade: Facade, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facade = facade
        self.cards: dict[int, Card] = {}
        self._stale: list[int] = []
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._bite)
        bridge.orders_changed.connect(self._changed)

    def load(self) -> None:
        """Read everything, once, at the start or when nobody can say what changed."""
        found = {card.id: card for card in self._facade.cards()}
        ids = frozenset(found.keys() | self.cards.keys())
        self.cards = found
        self._stale.clear()
        self.updated.emit(ids)

    def ringing(self) -> list[Card]:
        """The orders that still ring, oldest first."""
        return sorted((card for card in self.cards.values() if card.rung), key=lambda card: card.placed_at)

    def stop(self) -> None:
        """Tell nobody anything more."""
        self._turn.stop()
        self._stale.clear()
        self.blockSignals(True)

    def look_at_scheduled(self) -> None:
        """Read orders for later again: the time alone moves them to the kitchen, and no change announces it."""
        later = frozenset(card.id for card in self.cards.values() if card.lane is Lane.SCHEDULED)
        if later:
            self._changed(later)

    @Slot(frozenset)
    def _changed(self, ids: frozenset[int]) -> None:
        if not ids:
            self.load()
            return
        waiting = set(self._stale)
        self._stale += [id_ for id_ in sorted(ids) if id_ not in waiting]
        self._bite()

    @Slot()
    def _bite(self) -> None:
        taken = frozenset(self._stale[:BITE])
        del self._stale[:BITE]
        found = {card.id: card for card in self._facade.cards(taken)} if taken else {}
        for id_ in taken - found.keys():
            self.cards.pop(id_, None)
        self.cards.update(found)
        if taken:
            self.updated.emit(taken)
        if self._stale:
            self._turn.start(0)
