"""Which station prints what of an order: rules from platform, dish, way out and time of day to stations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from functools import lru_cache

from app.domain.orders import Fulfilment, OrderFacts, OrderLine
from app.domain.tickets import COOKED_FROM, TicketKind


class Moment(StrEnum):
    """When a station's paper is due."""

    ACCEPTED = "accepted"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Station:
    """A place in the shop where paper comes out: which paper, from which printer, in whose language.

    `template` is "" for the usual form of `kind`. `names` maps a dish or an option as the customer reads it to what this
    station calls it. A station without a rule takes every order; one whose rules are all switched off takes nothing.
    """

    id: int
    name: str
    kind: TicketKind = TicketKind.KITCHEN
    template: str = ""
    language: str = "zh"
    printer_id: int | None = None
    backup_id: int | None = None
    copies: int = 1
    moment: Moment = Moment.ACCEPTED
    enabled: bool = True
    default: bool = False  # gets the dishes that nobody else cooks
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One rule: what it says of an order, and the station such dishes go to. Whatever is left empty does not matter.

    Texts match whole names whatever their case; `*` stands for anything ("*tea*", "咖啡*"). A band from 22:00 to 02:00 goes
    over midnight; its end is not part of it. Times are the shop's. `otherwise`: of these dishes only those that no other
    station's rule takes - "everything but the drinks" for the kitchen, whatever the bar calls a drink.
    """

    id: int
    station_id: int
    platforms: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    fulfilments: tuple[Fulfilment, ...] = ()
    begins: time | None = None
    ends: time | None = None
    otherwise: bool = False
    enabled: bool = True

    def takes(self, platform: str, fulfilment: Fulfilment, at: time, line: OrderLine) -> bool:
        """Whether the rule sends `line` of such an order to its station."""
        return (
            (not self.platforms or platform in self.platforms)
            and (not self.fulfilments or fulfilment in self.fulfilments)
            and self._is_time(at)
            and _any_like((line.category,), self.categories)
            and _any_like((line.name, line.sku), self.items)
            and _any_like(tuple(option.name for option in line.options), self.options)
        )

    def _is_time(self, at: time) -> bool:
        begins, ends = self.begins or time.min, self.ends
        if ends is None:
            return at >= begins
        return begins <= at < ends if begins <= ends else at >= begins or at < ends


@dataclass(frozen=True, slots=True)
class Destination:
    """A station, the dishes it prints (as positions in the order), and the rules that sent them there."""

    station: Station
    lines: tuple[int, ...]
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Routing:
    """Where an order goes. `unmatched` dishes had no station to cook them; the default one got them, if there is one."""

    destinations: tuple[Destination, ...]
    unmatched: tuple[int, ...] = ()


def route(stations: Iterable[Station], routes: Sequence[Route], platform: str, facts: OrderFacts, at: time) -> Routing:
    """Send every dish to each station that takes it; papers of the whole order go out when one dish of it is taken."""
    every = range(len(facts.lines))
    at_work = [station for station in stations if station.enabled]
    named = _named(at_work, routes, platform, facts, at)
    found = [_destination(station, routes, platform, facts, at, named) for station in at_work]
    cooked = {line for one in found if one.station.kind in COOKED_FROM for line in one.lines}
    unmatched = tuple(line for line in every if line not in cooked)
    kept = (_with(one, unmatched) if one.station.default else one for one in found)
    return Routing(tuple(one for one in kept if one.lines), unmatched)


def _named(
    stations: Iterable[Station], routes: Sequence[Route], platform: str, facts: OrderFacts, at: time
) -> frozenset[int]:
    """The dishes that a rule of a station that cooks takes by name."""
    cooks = {station.id for station in stations if station.kind in COOKED_FROM}
    rules = [one for one in routes if one.station_id in cooks and one.enabled and not one.otherwise]
    lines = enumerate(facts.lines)
    return frozenset(
        number for number, line in lines if any(one.takes(platform, facts.fulfilment, at, line) for one in rules)
    )


def _destination(
    station: Station, routes: Sequence[Route], platform: str, facts: OrderFacts, at: time, named: frozenset[int]
) -> Destination:
    every = tuple(range(len(facts.lines)))
    mine = [one for one in routes if one.station_id == station.id]
    if not mine:
        return Destination(station, every)
    hits = {
        number: [one for one in mine if _hits(one, number, named) and one.takes(platform, facts.fulfilment, at, line)]
        for number, line in enumerate(facts.lines)
    }
    taken = tuple(number for number, rules in hits.items() if rules)
    used = tuple(one for one in mine if any(one in rules for rules in hits.values()))
    whole = taken and station.kind not in COOKED_FROM
    return Destination(station, every if whole else taken, used)


def _hits(rule: Route, number: int, named: frozenset[int]) -> bool:
    return rule.enabled and not (rule.otherwise and number in named)


def _with(destination: Destination, lines: tuple[int, ...]) -> Destination:
    return Destination(destination.station, tuple(sorted({*destination.lines, *lines})), destination.routes)


def _any_like(texts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(_like(pattern).fullmatch(text.strip()) for text in texts for pattern in patterns)


@lru_cache(1024)
def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.strip().split("*"))), re.IGNORECASE | re.DOTALL)
