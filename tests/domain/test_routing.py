"""Where dishes go: no dish is lost, no rule reaches further than it says."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.domain.orders import Fulfilment, Option, OrderFacts, OrderLine
from app.domain.routing import Route, Routing, Station, route
from app.domain.tickets import COOKED_FROM, TicketKind
from tests.engine.shop import NOON

TWO = time(14, 0)


def dish(name: str, **fields: Any) -> OrderLine:
    return OrderLine(name, name, Decimal(1), Money(100, "CNY"), Money(100, "CNY"), **fields)


def sent(stations: list[Station], routes: list[Route], *lines: OrderLine, at: time = TWO, **fields: Any) -> Routing:
    facts = OrderFacts("1", "R1", Fulfilment.DELIVERY, NOON, Money(100, "CNY"), lines)
    return route(stations, routes, fields.get("platform", "eleme"), facts, at)


def where(found: Routing) -> dict[str, tuple[int, ...]]:
    return {one.station.name: one.lines for one in found.destinations}


HOT = Station(1, "hot", default=True)
BAR = Station(2, "bar", kind=TicketKind.LABEL)
BAGS = Station(3, "bags", kind=TicketKind.PACKING)


def test_a_station_without_rules_takes_every_order_and_rules_narrow_it() -> None:
    tea, beef = dish("tea", category="drinks"), dish("beef", category="food")
    assert where(sent([HOT, BAR], [], tea, beef)) == {"hot": (0, 1), "bar": (0, 1)}

    rules = [Route(1, 2, categories=("drinks",))]
    found = sent([HOT, BAR], rules, tea, beef)
    assert where(found) == {"hot": (0, 1), "bar": (0,)}
    assert found.destinations[1].routes == tuple(rules)
    assert found.unmatched == ()


def test_a_dish_nobody_cooks_goes_to_the_default_station_and_is_named() -> None:
    found = sent([HOT, BAR, BAGS], [Route(1, 1, items=("beef",)), Route(2, 2, items=("tea",))], dish("tea"), dish("pie"))

    assert where(found) == {"hot": (1,), "bar": (0,), "bags": (0, 1)}
    assert found.unmatched == (1,), "a bag is no place to cook"


def test_the_default_station_keeps_its_own_dishes_in_the_orders_own_sequence() -> None:
    found = sent([HOT], [Route(1, 1, items=("beef",))], dish("pie"), dish("beef"), dish("tea"))

    assert where(found) == {"hot": (0, 1, 2)}
    assert found.unmatched == (0, 2)


def test_without_a_default_station_the_dish_is_only_named() -> None:
    found = sent([BAR], [Route(1, 2, items=("tea",))], dish("pie"))

    assert (where(found), found.unmatched) == ({}, (0,))


def test_a_station_that_is_off_takes_nothing_even_as_the_default() -> None:
    off = Station(1, "hot", default=True, enabled=False)
    found = sent([off, BAR], [Route(1, 2, items=("tea",))], dish("pie"), dish("tea"))

    assert (where(found), found.unmatched) == ({"bar": (1,)}, (0,))


def test_a_paper_of_the_whole_order_shows_all_of_it_once_one_dish_is_meant() -> None:
    rules = [Route(1, 3, items=("tea",))]

    assert where(sent([BAGS], rules, dish("pie"), dish("tea"))) == {"bags": (0, 1)}
    assert where(sent([BAGS], rules, dish("pie"))) == {}


def test_a_rule_that_is_off_does_not_count_and_does_not_open_the_station_to_everything() -> None:
    off = Route(1, 2, categories=("drinks",), enabled=False)
    found = sent([HOT, BAR], [off], dish("tea", category="drinks"))

    assert where(found) == {"hot": (0,)}


def test_the_kitchen_takes_everything_but_what_the_bars_rules_name() -> None:
    drinks, rest = Route(1, 2, categories=("drinks",)), Route(2, 1, otherwise=True)
    found = sent([HOT, BAR], [drinks, rest], dish("tea", category="drinks"), dish("beef"))
    assert where(found) == {"hot": (1,), "bar": (0,)}
    assert found.unmatched == ()

    from_uber = Route(2, 1, platforms=("uber",), otherwise=True)
    found = sent([HOT, BAR], [drinks, from_uber], dish("tea", category="drinks"), dish("beef"))
    assert found.unmatched == (1,), "what the rule says of platform and time still holds"


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        (Route(1, 2), True),
        (Route(1, 2, platforms=("eleme",)), True),
        (Route(1, 2, platforms=("meituan",)), False),
        (Route(1, 2, fulfilments=(Fulfilment.DELIVERY, Fulfilment.PICKUP)), True),
        (Route(1, 2, fulfilments=(Fulfilment.DINE_IN,)), False),
        (Route(1, 2, categories=("Hot *",)), True),
        (Route(1, 2, categories=("hot",)), False),  # whole names only
        (Route(1, 2, items=("MILK TEA",)), True),
        (Route(1, 2, items=("*tea",)), True),
        (Route(1, 2, items=("tea*",)), False),
        (Route(1, 2, items=("sku-9",)), True),
        (Route(1, 2, items=("milk.tea",)), False),  # no pattern of ours is a regular expression
        (Route(1, 2, options=("*ice*",)), True),
        (Route(1, 2, options=("sugar",)), False),
        (Route(1, 2, items=("milk tea",), options=("sugar",)), False),  # all that a rule says must hold
        (Route(1, 2, items=("beef", "milk tea")), True),  # of what it lists, one
    ],
)
def test_a_rule_takes_what_it_says(rule: Route, taken: bool) -> None:
    tea = dish("Milk tea ", category="Hot drinks", sku="SKU-9", options=(Option("No ice"),))

    assert bool(where(sent([BAR], [rule], tea))) is taken


@pytest.mark.parametrize(
    ("begins", "ends", "inside", "outside"),
    [
        (time(11), time(14), [time(11), time(13, 59, 59)], [time(10, 59), time(14)]),
        (time(22), time(2), [time(22), time(23, 59), time(0), time(1, 59)], [time(2), time(21, 59)]),
        (time(17), None, [time(17), time(23, 59)], [time(16, 59), time(0)]),
        (None, time(10), [time(0), time(9, 59)], [time(10), time(23)]),
        (None, None, [time(0), time(23, 59)], []),
    ],
)
def test_a_band_of_time_may_go_over_midnight_and_ends_before_its_end(
    begins: time | None, ends: time | None, inside: list[time], outside: list[time]
) -> None:
    rule = Route(1, 2, begins=begins, ends=ends)

    assert [bool(where(sent([BAR], [rule], dish("tea"), at=at))) for at in inside] == [True] * len(inside)
    assert [bool(where(sent([BAR], [rule], dish("tea"), at=at))) for at in outside] == [False] * len(outside)


DISHES = st.lists(st.sampled_from(["tea", "beef", "pie"]), min_size=1, max_size=5)
RULES = st.lists(
    st.builds(
        Route,
        id=st.just(1),
        station_id=st.integers(1, 3),
        items=st.lists(st.sampled_from(["tea", "beef", "*e*", "soup"]), max_size=2).map(tuple),
        platforms=st.sampled_from([(), ("eleme",), ("meituan",)]),
        enabled=st.booleans(),
    ),
    max_size=5,
)


@given(DISHES, RULES)
def test_every_dish_is_cooked_somewhere_and_none_is_named_that_a_rule_knew(names: list[str], rules: list[Route]) -> None:
    found = sent([HOT, BAR, BAGS], rules, *map(dish, names))
    cooked = {line for one in found.destinations if one.station.kind in COOKED_FROM for line in one.lines}

    assert cooked == set(range(len(names)))
    by_rule = {line for one in found.destinations for line in one.lines if one.station is BAR}
    assert not by_rule & {*found.unmatched}
    assert all(one.lines == tuple(sorted({*one.lines})) for one in found.destinations)
