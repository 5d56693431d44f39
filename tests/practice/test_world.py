"""The street lives in its own thread: orders come and go without a console, wave after wave, and nothing is left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from app.domain.lifecycle import Kitchen
from app.platforms.registry import simulators
from app.practice.rush import Moment, plan
from app.practice.world import Progress, World, drawn_variant

IN_A_HURRY = 3000.0  # simulated seconds per real one: unanswered orders expire within a tenth of a second


@pytest.fixture
def street() -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def opened(orders: int, *, endless: bool = False) -> World:
        world = World(plan(orders, 5, ["eleme"]), ["eleme"], IN_A_HURRY, endless=endless)
        worlds.append(world)
        world.start()
        return world

    yield opened
    for world in worlds:
        world.stop()


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for it; a TimeoutError when it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def test_every_way_into_a_platform_is_met_some_day() -> None:
    """The seed draws it, so that a rush can be played again."""
    usual = simulators()["meituan"]
    drawn = {seed: drawn_variant(usual, seed) for seed in range(30)}
    assert set(drawn.values()) == {usual, *usual.variants().values()}
    assert drawn == {seed: drawn_variant(usual, seed) for seed in range(30)}
    assert drawn_variant(simulators()["hubrise"], 3) is simulators()["hubrise"]


def test_a_shop_that_delivers_itself_is_left_to_those_who_do() -> None:
    usual = simulators()["eleme"]
    assert not usual.variants()["self-delivery"].in_practice
    assert {drawn_variant(usual, seed) for seed in range(30)} == {usual}


def test_nobody_orders_before_the_doors_open(street: Callable[..., World]) -> None:
    world = street(4)
    assert world.progress() == Progress(planned=4, placed=0, over=0)
    assert all(printer.port for printer in world.printers.values())
    assert all(simulator.address for simulator in world.simulators.values())


def test_a_rush_that_nobody_serves_ends_with_every_order_dead(street: Callable[..., World]) -> None:
    world = street(4)
    world.open_doors({})
    until(lambda: world.progress().finished)
    (side,) = world.sides({"eleme": "饿"})
    assert {truth.kitchen for truth in side.truth} <= {Kitchen.EXPIRED.value, Kitchen.CANCELLED.value}
    assert all({Moment.PLACED, Moment.DIED} <= moments.keys() for moments in side.moments.values())
    assert all(moments[Moment.PLACED] <= moments[Moment.DIED] for moments in side.moments.values())


def test_an_endless_street_sends_one_wave_after_another(street: Callable[..., World]) -> None:
    world = street(2, endless=True)
    world.open_doors({})
    until(lambda: world.progress().placed >= 6)
    assert world.progress().planned >= 6


def test_what_goes_wrong_in_the_street_reaches_whoever_asks(street: Callable[..., World]) -> None:
    world = street(2)
    world.simulators["eleme"].place = lambda *_: 1 / 0  # type: ignore[assignment, method-assign]  # a broken platform
    world.open_doors({})
    until(lambda: world.failure is not None)
    with pytest.raises(ZeroDivisionError):
        world.progress()


def test_closing_twice_does_no_harm(street: Callable[..., World]) -> None:
    world = street(1)
    world.stop()
    world.stop()


def test_a_longer_rush_gets_more_time() -> None:
    short, long = (World(plan(orders, 1, ["eleme"]), ["eleme"], 20.0) for orders in (5, 200))
    assert short.time_limit < long.time_limit
    for world in (short, long):
        world.stop()
