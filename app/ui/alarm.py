"""The bell: rings until a person heard it. One chime for a burst, again every 8 seconds, after 30 a strip above everything.

Hearing stops the sound and nothing else: countdowns go on, and a cancelled order stays until someone took it off its card.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engine.views import Card
from app.ui.models.open_orders import OpenOrders
from app.ui.reading import open_request, waiting_urge
from app.ui.sounds import Chime, Player

REPEAT = 8.0  # seconds between two chimes
STRIP_AFTER = 30.0  # seconds unheard until the strip comes up
TRUST = 30.0  # seconds the engine may take to note that somebody heard it; then it rings again
BURST_MS = 250  # what arrives together rings together


def chime_for(card: Card) -> Chime:
    """The timbre an order rings in."""
    if card.closed_attention:
        return Chime.CANCELLED
    return Chime.PERSON if open_request(card) or waiting_urge(card) else Chime.NEW


class Alarm(QObject):
    """Watches `orders`. `changed` when the set that rings did; `overdue` (ringing cards) when the strip must be seen;
    `news` (ids) with the first chime of new orders that came since it was opened, for whoever can say more than a chime.

    `acknowledge` tells the engine that a person heard these; `clock` answers seconds since the epoch; the window calls
    `tick` once a second.
    """

    changed = Signal()
    overdue = Signal(list)
    news = Signal(frozenset)

    def __init__(
        self,
        orders: OpenOrders,
        acknowledge: Callable[[frozenset[int]], None],
        player: Player,
        clock: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._orders, self._acknowledge, self._player, self._clock = orders, acknowledge, player, clock
        self._since: dict[int, float] = {}
        self._kinds: dict[int, Chime] = {}
        self._hushed: dict[int, tuple[Chime, float]] = {}
        self._last = 0.0
        self._turn = 0
        self._fresh: set[Chime] = set()
        self._told: set[int] = set()
        self._untold: set[int] = set()
        self._burst = QTimer(self)
        self._burst.setSingleShot(True)
        self._burst.timeout.connect(self._ring_fresh)
        orders.updated.connect(self._updated)
        self._updated(frozenset(orders.cards))
        self._told, self._untold = self._untold, set()  # what waits here since before was told before

    @property
    def ringing(self) -> list[Card]:
        """The orders that ring now, oldest first."""
        return [card for card in self._orders.ringing() if card.id in self._since]

    @Slot()
    def hear(self) -> None:
        """A person heard it. Cancelled orders only fall silent here: taking them off is a decision of its own."""
        cards = self.ringing
        gone = {card.id for card in cards if card.closed_attention}
        patience = self._clock() + TRUST
        self._hushed |= {card.id: (self._kinds[card.id], math.inf if card.id in gone else patience) for card in cards}
        self._forget({card.id for card in cards})
        self._acknowledge(frozenset(card.id for card in cards) - gone)

    def fault(self) -> None:
        """Something of ours failed: once, in the low tone."""
        self._fresh.add(Chime.FAULT)
        self._soon()

    def tick(self, now: float) -> None:
        """One second passed: ring again when it is time, call for the strip when nobody came."""
        self._updated([id_ for id_, (_, until) in self._hushed.items() if until <= now])
        cards = self.ringing
        if cards and now - self._last >= REPEAT:
            self._ring(self._next(cards), now)
        late = [card for card in cards if now - self._since[card.id] >= STRIP_AFTER]
        self.overdue.emit(late)

    @Slot(frozenset)
    def _updated(self, ids: Iterable[int]) -> None:
        before = set(self._since)
        for id_ in ids:
            card = self._orders.cards.get(id_)
            kind = chime_for(card) if card and card.rung else None
            if kind is None or self._is_hushed(id_, kind):
                self._drop(id_, card)
            elif self._kinds.get(id_) != kind:
                self._kinds[id_] = kind
                self._since.setdefault(id_, self._clock())
                self._fresh.add(kind)
                self._untold |= {id_} - self._told if kind is Chime.NEW else set()
                self._soon()
        if before != set(self._since):
            self.changed.emit()

    def _is_hushed(self, order_id: int, kind: Chime) -> bool:
        hushed, until = self._hushed.get(order_id, (None, 0.0))
        return hushed is kind and self._clock() < until

    def _soon(self) -> None:
        if not self._burst.isActive():
            self._burst.start(BURST_MS)

    def _drop(self, order_id: int, card: Card | None) -> None:
        self._since.pop(order_id, None)
        self._kinds.pop(order_id, None)
        if card is None or not card.rung:
            self._hushed.pop(order_id, None)  # the engine knows; the next reason to ring rings

    def _forget(self, order_ids: set[int]) -> None:
        for id_ in order_ids:
            self._since.pop(id_, None)
            self._kinds.pop(id_, None)
        self._fresh.clear()
        self.changed.emit()
        self.overdue.emit([])

    @Slot()
    def _ring_fresh(self) -> None:
        urgent = (Chime.CANCELLED, Chime.PERSON, Chime.NEW, Chime.FAULT)
        first = next((chime for chime in urgent if chime in self._fresh), None)
        self._fresh.clear()
        if first:
            self._ring(first, self._clock())
        self._tell()

    def _tell(self) -> None:
        news, self._untold = frozenset(self._untold), set()
        self._told |= news
        if news:
            self.news.emit(news)

    def _next(self, cards: list[Card]) -> Chime:
        """Take turns among the kinds that ring, so that a long one hides no other."""
        kinds = sorted({self._kinds[card.id] for card in cards})
        self._turn += 1
        return kinds[self._turn % len(kinds)]

    def _ring(self, chime: Chime, now: float) -> None:
        self._last = now
        self._player.play(chime)
