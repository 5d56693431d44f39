"""HubRise's call limits, counted on our side so that the platform never has to say 429.

Documentation "general concepts": per connection 500 calls a minute, 2,500 an hour, 10,000 a day, and 10 heavy ones (order
lists, catalogues, customer lists) a minute; windows begin on the round minute, hour and day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app import steady
from app.platforms.api import TemporaryError
from app.texts import tr

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LIMITS = ((MINUTE, 500), (HOUR, 2_500), (DAY, 10_000))
HEAVY_LIMITS = ((MINUTE, 10),)
# The last tenth of every window is for what staff press: a flood of events must not stop an "accept".
RESERVE = 0.1


@dataclass
class Budget:
    """Calls spent in the running windows. `speed` shortens the windows: a larger contract, or practice."""

    speed: float = 1.0
    now: Callable[[], float] = steady.time
    _spent: dict[tuple[str, float], tuple[int, int]] = field(default_factory=dict)

    def spend(self, heavy: bool = False, urgent: bool = False) -> None:
        """Count one call. TemporaryError, with the wait until the window ends, when there is none left."""
        now = self.now()
        windows = [("all", *limit) for limit in LIMITS] + [("heavy", *limit) for limit in HEAVY_LIMITS if heavy]
        for kind, length, limit in windows:
            allowed = limit if urgent or kind == "heavy" else int(limit * (1 - RESERVE))
            if self._count(kind, length, now) >= allowed:
                raise TemporaryError(tr("HubRise's call limit is used up for the moment"), self.until_next(length))
        for kind, length, _ in windows:
            self._spent[kind, length] = (self._window(length, now), self._count(kind, length, now) + 1)

    def until_next(self, length: float = MINUTE) -> float:
        """Seconds until the next window of `length` begins."""
        scaled = length / self.speed
        return scaled - self.now() % scaled

    def _window(self, length: float, now: float) -> int:
        return int(now // (length / self.speed))

    def _count(self, kind: str, length: float, now: float) -> int:
        window, count = self._spent.get((kind, length), (0, 0))
        return count if window == self._window(length, now) else 0
