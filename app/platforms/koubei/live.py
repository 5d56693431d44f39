"""Which orders are looked at again: Koubei lists none, so the cursor remembers those we heard of until they are over."""

from __future__ import annotations

import json
from collections.abc import Callable

BATCH = 5  # orders read again in one poll
MOST = 500
KEEP = 86_400.0  # seconds after which an order is no longer looked at: nothing tells when one is over


class Live:
    """Order ids in turn, each with the Unix second at which it was first heard of."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._orders: dict[str, int] = {}

    def load(self, cursor: str) -> None:
        """Add what a stored cursor knows; what cannot be read is left out."""
        try:
            stored = {str(order_id): int(heard) for order_id, heard in json.loads(cursor or "{}")["live"].items()}
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return
        self._orders = {**stored, **self._orders}

    def dump(self) -> str:
        """The cursor to store."""
        return json.dumps({"live": self._orders}, separators=(",", ":"))

    def seen(self, order_id: str, over: bool = False) -> None:
        """Heard of an order; one that is over is not asked for again."""
        if over:
            self.forget(order_id)
            return
        self._orders.setdefault(order_id, int(self._clock()))
        while len(self._orders) > MOST:
            self.forget(min(self._orders, key=lambda one: self._orders[one]))

    def forget(self, order_id: str) -> None:
        """No longer asked for."""
        self._orders.pop(order_id, None)

    def turn(self) -> list[str]:
        """The next few, which then stand at the end."""
        oldest = self._clock() - KEEP
        kept = [(order_id, heard) for order_id, heard in self._orders.items() if heard > oldest]
        mine, rest = kept[:BATCH], kept[BATCH:]
        self._orders = dict(rest + mine)
        return [order_id for order_id, _ in mine]
