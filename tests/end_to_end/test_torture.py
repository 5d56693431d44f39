"""The engine is killed without warning and must have kept every promise; three broken engines must be caught."""

from __future__ import annotations

import pytest

from app.practice.torture import Verdict, torture

KILLS = 60
CONTROL_KILLS = 25


@pytest.mark.timeout(280)
def test_sixty_kills_break_no_promise() -> None:
    verdict = torture(KILLS, seed=1)

    assert verdict.kept, verdict
    assert verdict.orders > KILLS / 2, "too few orders to prove anything"
    assert verdict.tickets > KILLS / 4


@pytest.mark.parametrize(
    ("sabotage", "symptom"),
    [
        ("acknowledge_first", "lost_after_ack"),
        ("no_print_record", "duplicates_unmarked"),
        ("no_outbox", "steps_lost"),
    ],
)
@pytest.mark.timeout(280)
def test_the_checker_catches_a_broken_engine(sabotage: str, symptom: str) -> None:
    verdict: Verdict = torture(CONTROL_KILLS, seed=2, sabotage=f"tests.end_to_end.saboteurs:{sabotage}")

    assert not verdict.kept
    assert getattr(verdict, symptom) > 0, verdict
