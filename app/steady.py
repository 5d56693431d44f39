"""The time of day, steady: a computer that sets its clock back by a little must not turn before into after."""

from __future__ import annotations

import threading
import time as system
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

HELD = 10_000_000  # µs; a time server sets a drifting clock back by less, and by more only one that was plainly wrong


class SteadyClock:
    """A clock that stands still while the computer's catches up with what was told already; safe from every thread."""

    def __init__(self, wall: Callable[[], int] = system.time_ns) -> None:
        self._wall = wall
        self._told = 0
        self._lock = threading.Lock()

    def time(self) -> float:
        """Unix seconds in whole µs, never less than before, unless the computer's clock went back by more than `HELD`."""
        with self._lock:
            wall = self._wall() // 1000
            self._told = self._told if 0 < self._told - wall <= HELD else wall
            return self._told / 1_000_000


time = SteadyClock().time


def now(zone: tzinfo = UTC) -> datetime:
    """This moment, aware."""
    return datetime.fromtimestamp(time(), zone)
