"""The script of a lunch rush: who orders what and when, and what befalls each order; one seed, one rush."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any

from app.domain.orders import Fulfilment
from app.platforms.registry import simulators
from app.platforms.simulation import Happening, PretendOrder
from app.practice import menu

SECONDS_PER_ORDER = 24.0  # 150 orders an hour, the busiest hour a shop must stand
SHORTEST = 240.0
BURST = 0.15  # this share of all orders lands within one minute of the peak
HOSTILE_EVERY, HOSTILE_AT = 17, 3
SCHEDULED = 0.12  # of the orders that nothing else befalls


class Moment(StrEnum):
    """What an order can have reached at its platform; something else may wait for it."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    READY = "ready"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CHANGED = "changed"
    DIED = "died"  # rejected, expired or cancelled


class Fate(StrEnum):
    """The course an order takes beside the ordinary one."""

    SMOOTH = "smooth"
    URGED = "urged"
    CANCELLED_EARLY = "cancelled_early"  # before the shop accepts
    FORCED_CANCEL = "forced_cancel"  # the ticket is printed already
    ASKED_CANCEL = "asked_cancel"  # the food is on the stove; staff decide
    WITHDRAWN = "withdrawn"  # asked, then thought better of it
    PART_REFUNDED = "part_refunded"
    ASKED_REFUND = "asked_refund"
    CHANGED = "changed"
    OTHER_COURIER = "other_courier"


# Shares of 1000.
WEIGHTS = {
    Fate.SMOOTH: 590,
    Fate.URGED: 110,
    Fate.OTHER_COURIER: 60,
    Fate.PART_REFUNDED: 60,
    Fate.CHANGED: 50,
    Fate.CANCELLED_EARLY: 30,
    Fate.FORCED_CANCEL: 30,
    Fate.ASKED_CANCEL: 30,
    Fate.ASKED_REFUND: 20,
    Fate.WITHDRAWN: 20,
}

# What a short rush must show, most telling first.
TELLING = (
    Fate.FORCED_CANCEL,
    Fate.CHANGED,
    Fate.ASKED_CANCEL,
    Fate.PART_REFUNDED,
    Fate.URGED,
    Fate.CANCELLED_EARLY,
    Fate.OTHER_COURIER,
    Fate.ASKED_REFUND,
    Fate.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Street:
    """A platform's part of the high street: the menu its customers order from, what may happen there, the fates it knows."""

    menu: menu.Menu
    happenings: frozenset[Happening]
    fates: frozenset[Fate]


@cache
def streets() -> Mapping[str, Street]:
    """Every platform that ships a simulator and has customers, by name, as its simulator describes it."""
    return {
        name: Street(menu.MENUS[one.cuisine], one.happenings, _fates_within(one.happenings))
        for name, one in simulators().items()
        if one.customers
    }


# What happens, after what, how many seconds later (from, to), in the customer's words.
Trouble = tuple[Happening, Moment, tuple[float, float], str]

TROUBLE: Mapping[Fate, tuple[Trouble, ...]] = {
    Fate.URGED: ((Happening.URGE, Moment.ACCEPTED, (120.0, 400.0), ""),),
    Fate.CANCELLED_EARLY: ((Happening.CANCEL, Moment.PLACED, (0.0, 2.0), "点错了 / ordered by mistake"),),
    Fate.FORCED_CANCEL: ((Happening.CANCEL, Moment.ACCEPTED, (20.0, 45.0), "不想要了 / changed my mind"),),
    Fate.ASKED_CANCEL: ((Happening.ASK_CANCEL, Moment.ACCEPTED, (60.0, 140.0), "等太久了 / too slow"),),
    Fate.WITHDRAWN: (
        (Happening.ASK_CANCEL, Moment.ACCEPTED, (60.0, 140.0), "地址写错了 / wrong address"),
        (Happening.WITHDRAW, Moment.ACCEPTED, (145.0, 180.0), ""),
    ),
    Fate.PART_REFUNDED: ((Happening.REFUND_PART, Moment.COMPLETED, (5.0, 60.0), "少了饮料 / drink missing"),),
    Fate.ASKED_REFUND: ((Happening.ASK_REFUND, Moment.COMPLETED, (5.0, 60.0), "少了一份 / one dish missing"),),
    Fate.CHANGED: ((Happening.CHANGE, Moment.ACCEPTED, (20.0, 45.0), ""),),
}

# What a fate needs beside its troubles.
NEEDED = {Fate.OTHER_COURIER: frozenset({Happening.COURIER_ASSIGNED, Happening.COURIER_CHANGED})}


def _fates_within(known: frozenset[Happening]) -> frozenset[Fate]:
    """The fates all of whose happenings a platform knows."""
    needs = {fate: {trouble[0] for trouble in TROUBLE.get(fate, ())} | NEEDED.get(fate, frozenset()) for fate in Fate}
    return frozenset(fate for fate, happenings in needs.items() if happenings <= known)


# Without these an order never ends; the others may be dropped when the platform does not allow them.
ESSENTIAL = frozenset({Happening.COURIER_PICKED_UP, Happening.DELIVERED, Happening.COMPLETE})


@dataclass(frozen=True, slots=True)
class Step:
    """One happening, `delay` simulated seconds after the order reached `after`.

    `patience` seconds after acceptance it happens although `after` never came (a courier takes what stands on the counter,
    reported ready or not).
    """

    happening: Happening
    after: Moment
    delay: float
    patience: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def essential(self) -> bool:
        """Whether the order cannot end without it."""
        return self.happening in ESSENTIAL

    def due_at(self, reached: Mapping[Moment, float]) -> float | None:
        """When it happens, given when each moment was reached (simulated seconds); None: not known yet."""
        times = [reached[self.after] + self.delay] if self.after in reached else []
        if self.patience is not None and Moment.ACCEPTED in reached:
            times.append(reached[Moment.ACCEPTED] + self.patience)
        return min(times, default=None)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One order of the rush: `at` simulated seconds after the doors open, on `platform`, with what befalls it."""

    at: float
    platform: str
    order: PretendOrder
    fate: Fate
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rush:
    """A whole lunch, in order of arrival."""

    seed: int
    arrivals: tuple[Arrival, ...]

    @property
    def length(self) -> float:
        """Simulated seconds from the first order to the last."""
        return self.arrivals[-1].at if self.arrivals else 0.0

    def on(self, platform: str) -> tuple[Arrival, ...]:
        """The arrivals of one platform."""
        return tuple(arrival for arrival in self.arrivals if arrival.platform == platform)


def plan(orders: int, seed: int, platforms: Sequence[str]) -> Rush:
    """A rush of `orders`, spread evenly over `platforms` (keys of `streets()`; KeyError for any other)."""
    chance = random.Random(seed)
    numbers = list(range(orders))
    chance.shuffle(numbers)
    times = _times(orders, chance)
    arrivals = []
    for start, platform in enumerate(platforms):
        mine = numbers[start :: len(platforms)]
        fates = _fates(len(mine), streets()[platform].fates, chance)
        arrivals += [
            _arrival(times[number], platform, fate, number, chance) for number, fate in zip(mine, fates, strict=True)
        ]
    return Rush(seed, tuple(sorted(arrivals, key=lambda arrival: arrival.at)))


def _times(orders: int, chance: random.Random) -> list[float]:
    """Sorted arrival times from 0: a hump (beta 2.4, 2.8) with a burst of one minute at its top."""
    length = max(SHORTEST, orders * SECONDS_PER_ORDER)
    burst = int(orders * BURST)
    hump = [chance.betavariate(2.4, 2.8) * length for _ in range(orders - burst)]
    peak = 0.45 * length
    times = sorted(hump + [peak + chance.random() * 60.0 for _ in range(burst)])
    return [at - times[0] for at in times]


def _fates(orders: int, known: frozenset[Fate], chance: random.Random) -> list[Fate]:
    """Mostly by weight, but a third of the orders is kept for one of each, so that a short rush is eventful too."""
    certain = [fate for fate in TELLING if fate in known][: orders // 3]
    weights = {fate: weight for fate, weight in WEIGHTS.items() if fate in known}
    fates = certain + chance.choices(list(weights), list(weights.values()), k=orders - len(certain))
    chance.shuffle(fates)
    return fates


def _arrival(at: float, platform: str, fate: Fate, number: int, chance: random.Random) -> Arrival:
    street = streets()[platform]
    order = menu.compose(street.menu, chance)
    if number % HOSTILE_EVERY == HOSTILE_AT:
        order = menu.hostile(order, chance)
    if fate is Fate.SMOOTH and chance.random() < SCHEDULED:
        order = replace(order, due_in=chance.uniform(1500.0, 2400.0))
    return Arrival(at, platform, order, fate, tuple(_steps(order, fate, street.happenings, chance)))


def _steps(order: PretendOrder, fate: Fate, known: frozenset[Happening], chance: random.Random) -> Iterator[Step]:
    """What the platform has no word for does not happen there."""
    if order.fulfilment is not Fulfilment.DELIVERY or Happening.COURIER_PICKED_UP not in known:
        yield Step(Happening.COMPLETE, Moment.READY, chance.uniform(60.0, 300.0), patience=2400.0 + (order.due_in or 0.0))
    else:
        yield from (step for step in _travel(order, fate, known, chance) if step.happening in known)
    yield from _trouble(fate, chance)


def _travel(order: PretendOrder, fate: Fate, known: frozenset[Happening], chance: random.Random) -> Iterator[Step]:
    """The ordinary way out of the shop with a courier."""
    wait = order.due_in or 0.0
    assigned = wait * 0.6 + chance.uniform(20.0, 120.0)
    yield Step(Happening.COURIER_ASSIGNED, Moment.ACCEPTED, assigned)
    if fate is Fate.OTHER_COURIER:
        yield Step(Happening.COURIER_CHANGED, Moment.ACCEPTED, assigned + chance.uniform(30.0, 90.0))
    yield Step(Happening.COURIER_AT_STORE, Moment.ACCEPTED, assigned + chance.uniform(150.0, 360.0))
    yield Step(Happening.COURIER_PICKED_UP, Moment.READY, chance.uniform(20.0, 120.0), patience=2400.0 + wait)
    yield Step(Happening.DELIVERED, Moment.PICKED_UP, chance.uniform(240.0, 600.0))
    last = Moment.DELIVERED if Happening.DELIVERED in known else Moment.PICKED_UP
    yield Step(Happening.COMPLETE, last, chance.uniform(10.0, 60.0))


def _trouble(fate: Fate, chance: random.Random) -> Iterator[Step]:
    """What this fate adds to the ordinary way."""
    for happening, after, (soonest, latest), words in TROUBLE.get(fate, ()):
        detail: dict[str, Any] = {"reason": words} if words else {}
        if happening is Happening.REFUND_PART:
            detail["amount"] = chance.randrange(100, 300, 10)
        yield Step(happening, after, chance.uniform(soonest, latest), detail=detail)
