"""What a good member of staff wants to press, card by card, and how long they take over it. Pure and seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.changes import RequestState
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery
from app.domain.orders import Fulfilment
from app.engine.views import Card, Lane, PrintState
from app.ui import names
from app.ui.reading import sending

REJECTED = 0.05  # share of new orders
AGREED = 0.6  # share of cancel and refund requests
AT_THE_DOOR = frozenset({Delivery.AT_STORE, Delivery.PICKED_UP, Delivery.DELIVERED})


@dataclass(frozen=True, slots=True)
class Wish:
    """A button to press: its object name, and how long to take over it, in simulated seconds since the wish arose."""

    button: str
    wait: float


@dataclass(frozen=True, slots=True)
class Habits:
    """One person's ways. `speed` is simulated seconds per real one; the same seed makes the same choices."""

    seed: int
    speed: float

    def wishes(self, card: Card, now: datetime) -> Iterator[Wish]:
        """Everything this card asks for, most urgent first."""
        chance = random.Random(f"{self.seed}:{card.id}")
        think, cook, answer, last = chance.uniform(4, 20), chance.uniform(240, 600), chance.uniform(15, 60), chance.random()
        if card.closed_attention:
            yield Wish(names.of_order(names.ACKNOWLEDGE, card.id), think)
            return
        if card.request and card.request.state is RequestState.OPEN:
            yield Wish(names.of_order(names.AGREE if last < AGREED else names.REFUSE, card.id), answer)
        if any(not urge.replied for urge in card.urges):
            yield Wish(names.of_order(names.URGE, card.id), think)
        if card.print_state in (PrintState.UNKNOWN, PrintState.FAILED, PrintState.HELD):
            yield Wish(names.of_order("card", card.id), think)
        if card.primary is CommandKind.ACCEPT and last < REJECTED:
            yield Wish(names.of_order(names.MORE, card.id), think)
        elif card.primary and not sending(card):
            wait = {CommandKind.ACCEPT: think, CommandKind.READY: self._cooking(card, cook, now)}.get(card.primary, answer)
            if self._in_time(card):
                yield Wish(names.of_order(names.PRIMARY, card.id), wait)

    def _cooking(self, card: Card, cook: float, now: datetime) -> float:
        """An order for later is ready shortly before it is due, and not cooked before it is time."""
        if card.lane is Lane.SCHEDULED:
            return float("inf")
        early = (card.due_at - now).total_seconds() * self.speed - cook / 2 if card.scheduled and card.due_at else 0.0
        return max(cook, early)

    def _in_time(self, card: Card) -> bool:
        """Nobody hands over to a courier who is not there, nor calls an order complete that is on its way."""
        if card.fulfilment is not Fulfilment.DELIVERY:
            return True
        if card.primary is CommandKind.HAND_OVER:
            return card.delivery in AT_THE_DOOR
        return card.primary is not CommandKind.COMPLETE or card.delivery is Delivery.DELIVERED
