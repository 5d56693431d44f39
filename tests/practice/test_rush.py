"""The script of a rush: seeded, shaped like a lunch, eventful, and made only of orders a platform could send."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.orders import Fulfilment
from app.platforms.simulation import Happening, PretendOrder
from app.practice.menu import HOSTILE
from app.practice.rush import Arrival, Fate, Moment, Rush, Step, plan, streets

BOTH = ("eleme", "hubrise")


def total(order: PretendOrder) -> int:
    """What the customer pays, minor units."""
    dishes = sum((line.price + sum(option.price for option in line.options)) * line.quantity for line in order.lines)
    return dishes + order.delivery_fee + order.packaging_fee - order.shop_discount - order.platform_discount


def happenings(arrival: Arrival) -> list[Happening]:
    return [step.happening for step in arrival.steps]


def test_the_same_seed_makes_the_same_rush() -> None:
    assert plan(60, 7, BOTH) == plan(60, 7, BOTH)


def test_another_seed_makes_another_rush() -> None:
    assert plan(60, 7, BOTH) != plan(60, 8, BOTH)


@settings(max_examples=40, deadline=None)
@given(orders=st.integers(0, 80), seed=st.integers(0, 2**32))
def test_a_rush_has_all_its_orders_in_order_of_arrival_and_can_be_paid(orders: int, seed: int) -> None:
    rush = plan(orders, seed, BOTH)
    times = [arrival.at for arrival in rush.arrivals]
    assert len(times) == orders
    assert times == sorted(times)
    assert all(total(arrival.order) > 300 for arrival in rush.arrivals)


def test_platforms_share_the_rush_evenly() -> None:
    count = Counter(arrival.platform for arrival in plan(61, 3, BOTH).arrivals)
    assert abs(count["eleme"] - count["hubrise"]) <= 1


def test_a_platform_without_a_menu_is_refused() -> None:
    with pytest.raises(KeyError):
        plan(3, 1, ("telegraph",))


def test_a_lunch_peaks_in_the_middle() -> None:
    rush = plan(300, 5, BOTH)
    thirds = Counter(int(3 * arrival.at / (rush.length + 1)) for arrival in rush.arrivals)
    assert thirds[1] > thirds[0]
    assert thirds[1] > thirds[2]


def test_twenty_orders_can_land_in_one_minute() -> None:
    times = [arrival.at for arrival in plan(150, 5, BOTH).arrivals]
    assert max(sum(1 for other in times if at <= other < at + 60) for at in times) >= 20


def test_every_fate_and_texture_comes_up_in_a_long_rush() -> None:
    rush = plan(120, 2, BOTH)
    assert {arrival.fate for arrival in rush.arrivals} == set(Fate)
    assert any(arrival.order.due_in for arrival in rush.arrivals)
    assert any("过敏" in arrival.order.note for arrival in rush.arrivals)
    assert any("llerg" in arrival.order.note for arrival in rush.arrivals)
    assert any(arrival.order.fulfilment is Fulfilment.PICKUP for arrival in rush.arrivals)
    assert 3 <= sum(arrival.order.note in HOSTILE for arrival in rush.arrivals) <= 12


def test_a_short_rush_is_eventful_too() -> None:
    fates = {arrival.fate for arrival in plan(20, 1, BOTH).arrivals}
    assert {Fate.FORCED_CANCEL, Fate.CHANGED, Fate.ASKED_CANCEL, Fate.PART_REFUNDED} <= fates


def test_a_platform_is_spared_the_fates_it_does_not_know() -> None:
    for platform in BOTH:
        assert {arrival.fate for arrival in plan(150, 4, BOTH).on(platform)} <= streets()[platform].fates


def test_every_order_can_end() -> None:
    for arrival in plan(80, 9, BOTH).arrivals:
        assert Happening.COMPLETE in happenings(arrival)
        delivered = arrival.order.fulfilment is Fulfilment.DELIVERY
        assert (Happening.DELIVERED in happenings(arrival)) == delivered


def test_a_courier_waits_for_the_kitchen_but_not_for_ever() -> None:
    step = Step(Happening.COURIER_PICKED_UP, Moment.READY, 30.0, patience=1000.0)
    assert step.due_at({}) is None
    assert step.due_at({Moment.ACCEPTED: 5.0}) == 1005.0
    assert step.due_at({Moment.ACCEPTED: 5.0, Moment.READY: 200.0}) == 230.0


def test_a_step_without_patience_waits_for_its_moment() -> None:
    step = Step(Happening.REFUND_PART, Moment.COMPLETED, 10.0)
    assert step.due_at({Moment.ACCEPTED: 5.0}) is None
    assert step.due_at({Moment.COMPLETED: 50.0}) == 60.0


def test_a_quiet_day_has_no_length() -> None:
    assert Rush(1, ()).length == 0.0
