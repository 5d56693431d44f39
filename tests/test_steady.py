"""The steady clock: small steps back of the computer's clock are not told, a plain correction is."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app import steady
from app.steady import HELD, SteadyClock

MOMENT = 1_795_000_000_000_000  # µs


def told(*walls: int) -> list[int]:
    """What a steady clock tells (µs) while the computer's shows `walls` (µs)."""
    shown = iter([wall * 1000 for wall in walls])
    clock = SteadyClock(lambda: next(shown))
    return [round(clock.time() * 1_000_000) for _ in walls]


@given(st.lists(st.integers(MOMENT, MOMENT + HELD), min_size=2))
def test_a_small_step_back_is_never_told(walls: list[int]) -> None:
    times = told(*walls)
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert all(time >= wall for time, wall in zip(times, walls, strict=True))


@given(st.lists(st.integers(MOMENT, 2 * MOMENT), min_size=1))
def test_it_is_never_ahead_by_more_than_is_held(walls: list[int]) -> None:
    assert all(0 <= time - wall <= HELD for time, wall in zip(told(*walls), walls, strict=True))


def test_it_stands_still_until_the_computer_has_caught_up() -> None:
    assert told(MOMENT, MOMENT - 5, MOMENT - 1, MOMENT + 1) == [MOMENT, MOMENT, MOMENT, MOMENT + 1]


def test_a_clock_that_was_plainly_wrong_is_followed_back() -> None:
    hour = 3_600_000_000
    assert told(MOMENT, MOMENT - hour, MOMENT - hour + 1) == [MOMENT, MOMENT - hour, MOMENT - hour + 1]


def test_both_forms_tell_one_time() -> None:
    before, moment, after = steady.time(), steady.now(), steady.time()
    assert moment.tzinfo is UTC
    assert before <= moment.timestamp() <= after
    assert abs(moment - datetime.fromtimestamp(after, UTC)).total_seconds() < HELD / 1_000_000
