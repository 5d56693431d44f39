"""Reports may come in any order, late and twice: the state they lead to is the same."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.lifecycle import DEAD, Delivery, Kitchen, OrderState, Payment, merge, merge_all

REPORTS = some.builds(
    OrderState.reported,
    some.integers(1, 6),
    some.none() | some.sampled_from(Kitchen),
    some.none() | some.sampled_from(Delivery),
    some.none() | some.sampled_from(Payment),
)


@given(REPORTS, REPORTS)
def test_merging_is_commutative(one: OrderState, other: OrderState) -> None:
    assert merge(one, other) == merge(other, one)


@given(REPORTS, REPORTS, REPORTS)
def test_merging_is_associative(one: OrderState, two: OrderState, three: OrderState) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(REPORTS)
def test_hearing_it_twice_changes_nothing(one: OrderState) -> None:
    assert merge(one, one) == one
    assert merge(OrderState(), one) == one


@given(some.lists(REPORTS, max_size=8), some.randoms(use_true_random=False), some.integers(0, 8))
def test_any_order_and_any_repetition_end_alike(reports: list[OrderState], chance: random.Random, extra: int) -> None:
    again = reports + [chance.choice(reports) for _ in range(extra if reports else 0)]
    chance.shuffle(again)

    assert merge_all(again) == merge_all(reports)


def test_the_property_catches_a_wrong_rule() -> None:
    """Negative control: "the last word wins" depends on the order of arrival."""
    reports = [OrderState.reported(1, Kitchen.CANCELLED), OrderState.reported(2, Kitchen.READY)]

    assert reports[-1] != reports[::-1][-1]
    assert merge_all(reports).kitchen is merge_all(reports[::-1]).kitchen is Kitchen.CANCELLED


@given(REPORTS, some.sampled_from(sorted(DEAD)))
def test_nothing_wakes_a_dead_order(later: OrderState, end: Kitchen) -> None:
    assert merge(OrderState.reported(1, end), later).kitchen in DEAD


@pytest.mark.parametrize(
    ("reports", "delivery"),
    [
        # reordered: delivered was heard before picked up
        ([(9, Delivery.DELIVERED), (8, Delivery.PICKED_UP)], Delivery.DELIVERED),
        # re-assigned: a newer version wins with a lower rank
        ([(3, Delivery.AT_STORE), (4, Delivery.ASSIGNED)], Delivery.ASSIGNED),
        # two reports of one moment: the further one
        ([(3, Delivery.AT_STORE), (3, Delivery.ASSIGNED)], Delivery.AT_STORE),
    ],
)
def test_couriers_go_back_only_when_the_platform_says_so_later(
    reports: list[tuple[int, Delivery]], delivery: Delivery
) -> None:
    assert merge_all(OrderState.reported(when, delivery=one) for when, one in reports).delivery is delivery


def test_a_late_lower_kitchen_rank_is_not_applied() -> None:
    assert (
        merge_all([OrderState.reported(1, Kitchen.READY), OrderState.reported(9, Kitchen.ACCEPTED)]).kitchen is Kitchen.READY
    )


def test_fully_refunded_wins_over_every_version() -> None:
    reports = [OrderState.reported(1, payment=Payment.REFUNDED), OrderState.reported(9, payment=Payment.PAID)]

    assert merge_all(reports).payment is Payment.REFUNDED


def test_a_report_says_nothing_of_what_it_does_not_mention() -> None:
    assert OrderState.reported(5) == OrderState()
    assert OrderState.reported(5, delivery=Delivery.ASSIGNED).kitchen_version == 0
