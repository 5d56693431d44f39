"""Orders to ask a platform for: at once when somebody waits for the answer, ever less often while one stays in doubt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

DOUBTS_AT_ONCE = 5  # platforms count our calls
LONGEST_DOUBT = 900.0  # seconds between two questions about an order that stays in doubt
LONGEST_RETRY = 60.0
TRIES = 6


class Wanted:
    """The list of one account. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._doubts: dict[str, tuple[int, float]] = {}  # asked so often, next at
        self._held_until = -math.inf

    def want(self, order_id: str) -> None:
        """Ask for this order as soon as the platform may be asked anything."""
        self._due[order_id] = self._clock()

    def doubt(self, order_ids: Iterable[str], pace: float) -> None:
        """These, and only these, are in doubt: ask now, after `pace` seconds, and then after twice the last pause."""
        now = self._clock()
        self._doubts = {one: self._doubts.get(one, (0, now)) for one in order_ids}
        ripe = sorted((due, one) for one, (_, due) in self._doubts.items() if due <= now)
        for _, one in ripe[:DOUBTS_AT_ONCE]:
            asked, _ = self._doubts[one]
            self._doubts[one] = asked + 1, now + min(pace * 2 ** min(asked, 20), LONGEST_DOUBT)
            self._due.setdefault(one, now)

    def due(self) -> list[str]:
        """What may be asked for now."""
        now = self._clock()
        return [one for one, at in self._due.items() if at <= now] if self._held_until <= now else []

    def wait(self) -> float:
        """Seconds until something is due; infinite when nothing is wanted."""
        first = min(self._due.values(), default=math.inf)
        return max(0.0, first - self._clock(), self._held_until - self._clock())

    def got(self, order_id: str) -> None:
        """The platform answered for this order."""
        self._due.pop(order_id, None)
        self._failures.pop(order_id, None)

    def failed(self, order_id: str, *, final: bool = False) -> bool:
        """This order could not be had; it comes later. True when it was given up: after some `final` failures."""
        failures = self._failures[order_id] = self._failures.get(order_id, 0) + 1
        if final and failures >= TRIES:
            self.got(order_id)
            return True
        self._due[order_id] = self._clock() + min(2.0 ** min(failures, 10), LONGEST_RETRY)
        return False

    def hold(self, seconds: float) -> None:
        """Ask nothing for so long: the platform is away, or wants to be left alone."""
        self._held_until = self._clock() + seconds
