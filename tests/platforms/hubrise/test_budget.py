"""The call windows, counted before the platform has to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platforms.api import TemporaryError
from app.platforms.hubrise.budget import DAY, HOUR, MINUTE, Budget

NOON = 43_200.0 * 3  # a round minute, hour and half day


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> float:
        return self.at


def spend(budget: Budget, calls: int, heavy: bool = False, urgent: bool = False) -> int:
    """Calls made before the budget says no."""
    for made in range(calls):
        try:
            budget.spend(heavy, urgent)
        except TemporaryError:
            return made
    return calls


def test_a_minute_holds_500_calls_and_the_last_50_are_for_commands() -> None:
    budget = Budget(now=Clock())
    assert spend(budget, 600) == 450
    assert spend(budget, 600, urgent=True) == 50


def test_the_refusal_names_the_wait_until_the_window_ends() -> None:
    clock = Clock()
    budget = Budget(now=clock)
    clock.at += 42
    spend(budget, 450)
    with pytest.raises(TemporaryError) as caught:
        budget.spend()
    assert caught.value.retry_after == 18
    clock.at += 18
    assert spend(budget, 600) == 450


def test_ten_heavy_calls_a_minute() -> None:
    budget = Budget(now=Clock())
    assert spend(budget, 20, heavy=True) == 10
    assert spend(budget, 1) == 1


def test_an_hour_holds_2500_calls() -> None:
    clock = Clock()
    budget = Budget(now=clock)
    made = 0
    for _ in range(10):
        made += spend(budget, 450)
        clock.at += MINUTE
    assert made == 2250
    clock.at = NOON + HOUR
    assert spend(budget, 450) == 450


@settings(max_examples=25)
@given(gaps=st.lists(st.floats(0, 600), min_size=50, max_size=200), speed=st.sampled_from([1.0, 20.0]))
def test_no_window_is_ever_overdrawn(gaps: list[float], speed: float) -> None:
    clock, made = Clock(), []
    budget = Budget(speed, clock)
    for gap in gaps:
        clock.at += gap / speed
        made += [clock.at] * spend(budget, 60, urgent=True)
    for length, limit in ((MINUTE, 500), (HOUR, 2_500), (DAY, 10_000)):
        windows = [int(at // (length / speed)) for at in made]
        assert all(windows.count(window) <= limit for window in set(windows))


def test_a_refused_call_costs_nothing() -> None:
    clock = Clock()
    budget = Budget(now=clock)
    spend(budget, 10_000)
    clock.at += MINUTE
    assert spend(budget, 600) == 450
