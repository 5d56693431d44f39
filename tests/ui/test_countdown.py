"""The clock on a card: what it counts to in each lane, and when it turns amber and red."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.views import Lane
from app.ui.countdown import Countdown, Level, countdown, digits
from tests.ui.fake_cards import ago, ahead, card
from tests.ui.fake_ledger import NOON

NOW = NOON.timestamp()


def running(**changes: object) -> Countdown:
    lane = changes.pop("lane", Lane.NEW)
    found = countdown(card(1, lane, **changes))  # type: ignore[arg-type]  # a test's own spelling
    assert found is not None
    return found


def test_new_counts_down_to_the_platforms_own_cancel_moment() -> None:
    clock = running(placed_at=ago(2), decide_by=ahead(3))
    assert clock.text(NOW) == "03:00"
    assert clock.level(NOW) is Level.CALM
    assert clock.level(NOW + 60) is Level.SOON, "40 % of the five minutes are left"
    assert clock.level(NOW + 120) is Level.LATE, "20 % are left"
    assert clock.text(NOW + 200) == "+00:20"


def test_new_without_a_deadline_counts_the_waiting() -> None:
    clock = running(placed_at=ago(4), decide_by=None)
    assert clock.text(NOW) == "04:00"
    assert clock.level(NOW) is Level.SOON


@pytest.mark.parametrize(("left", "level"), [(20, Level.CALM), (4, Level.SOON), (-1, Level.LATE)])
def test_cooking_turns_amber_five_minutes_before_it_is_due(left: float, level: Level) -> None:
    assert running(lane=Lane.COOKING, due_at=ahead(left)).level(NOW) is level


def test_ready_food_gets_cold() -> None:
    clock = running(lane=Lane.READY, ready_at=ago(11))
    assert clock.text(NOW) == "11:00"
    assert (clock.level(NOW), clock.level(NOW + 600)) == (Level.SOON, Level.LATE)


def test_a_cancelled_order_counts_nothing() -> None:
    assert countdown(card(1, closed_attention=True)) is None


def test_hours_are_never_mistaken_for_minutes() -> None:
    assert (digits(59 * 60 + 59), digits(3600), digits(2 * 3600 + 5 * 60)) == ("59:59", "1h00", "2h05")


@given(st.floats(0, 10000), st.floats(0, 5000), st.floats(0, 5000))
def test_urgency_never_falls_as_time_passes(start: float, soon: float, more: float) -> None:
    clock = Countdown(start + soon + more, start + soon, start + soon + more, True, "")
    levels = [clock.level(start + step * 500.0) for step in range(30)]
    assert levels == sorted(levels)
