"""Orders are asked for at once when somebody waits, and ever less often while they stay in doubt."""

from __future__ import annotations

import math

import pytest

from app.engine.wanted import DOUBTS_AT_ONCE, LONGEST_DOUBT, TRIES, Wanted

PACE = 20.0


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wanted(clock: Clock) -> Wanted:
    return Wanted(clock)


def test_nothing_is_wanted_at_first(wanted: Wanted) -> None:
    assert (wanted.due(), wanted.wait()) == ([], math.inf)


def test_what_is_wanted_is_due_until_it_was_had(wanted: Wanted) -> None:
    wanted.want("a")
    assert (wanted.due(), wanted.wait()) == (["a"], 0)

    wanted.got("a")
    assert wanted.due() == []


def test_a_doubt_that_stays_is_asked_ever_less_often(wanted: Wanted, clock: Clock) -> None:
    asked = 0
    for _ in range(6 * 60):  # two hours of polling
        wanted.doubt(["a"], PACE)
        if wanted.due():
            asked += 1
            wanted.got("a")
        clock.time += PACE

    by_doubling = int(math.log2(LONGEST_DOUBT / PACE)) + 1
    assert by_doubling < asked <= by_doubling + 2 + 7200 / LONGEST_DOUBT


def test_a_doubt_that_was_settled_is_forgotten(wanted: Wanted, clock: Clock) -> None:
    wanted.doubt(["a"], PACE)
    wanted.got("a")
    wanted.doubt([], PACE)
    wanted.doubt(["a"], PACE)

    assert wanted.due() == ["a"]


def test_no_doubt_is_starved_by_others(wanted: Wanted, clock: Clock) -> None:
    many = [str(number) for number in range(4 * DOUBTS_AT_ONCE)]
    seen = set()
    for _ in range(5):
        wanted.doubt(many, PACE)
        assert len(wanted.due()) <= DOUBTS_AT_ONCE
        for one in wanted.due():
            seen.add(one)
            wanted.got(one)
        clock.time += 1

    assert seen == set(many)


def test_one_order_that_cannot_be_had_does_not_hide_the_next(wanted: Wanted, clock: Clock) -> None:
    wanted.want("poison")
    wanted.want("good")
    wanted.failed("poison")

    assert wanted.due() == ["good"]
    clock.time += 2
    assert wanted.due() == ["poison", "good"]


def test_an_unreadable_order_is_given_up_and_a_missing_line_never(wanted: Wanted) -> None:
    given_up = [wanted.failed("a", final=True) for _ in range(TRIES)]
    assert given_up == [False] * (TRIES - 1) + [True]
    assert wanted.wait() == math.inf

    assert not any(wanted.failed("b") for _ in range(2000))
    assert 0 < wanted.wait() <= 60


def test_a_platform_that_wants_to_be_left_alone_is(wanted: Wanted, clock: Clock) -> None:
    wanted.hold(30)
    wanted.want("a")

    assert (wanted.due(), wanted.wait()) == ([], 30)
    clock.time += 30
    assert wanted.due() == ["a"]
