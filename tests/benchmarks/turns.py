"""A job beside its floor, in turns, so that a moment of load falls on both."""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS, TIMES = 15, 40


def in_turns(ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the processor a call of each, in the quickest of the rounds: what else runs here must not count."""
    pairs = [(_milliseconds(ours), _milliseconds(floor)) for _ in range(ROUNDS)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def _milliseconds(job: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(TIMES):
        job()
    return (time.process_time() - started) / TIMES * 1e3
