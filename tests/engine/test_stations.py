"""Stations and rules are checked before a kitchen depends on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from app.db import audit, orders, printers, stations
from app.domain.lifecycle import Kitchen
from app.domain.orders import Option
from app.domain.routing import Route, Station
from app.domain.tickets import TicketKind
from app.engine import overview
from app.engine.desk import RefusalError
from app.engine.paperwork import UNROUTED
from app.engine.stations import default_trouble, menu, save_routes, save_station, try_order, try_sample
from app.steady import now
from tests.engine.shop import NOON, Shop, dish, facts, open_printer, report, shop

HOT = Station(0, "hot", printer_id=1)


@pytest.fixture
def empty() -> Iterator[Shop]:
    """Two printers and no station yet."""
    with shop(kitchens=0) as opened:
        open_printer(opened.connection, "one")
        open_printer(opened.connection, "two")
        yield opened


def save(opened: Shop, station: Station = HOT, **fields: Any) -> int:
    return save_station(opened.connection, replace(station, **fields))


def stored(opened: Shop, station_id: int) -> Station:
    return next(one for one in stations.every(opened.connection) if one.id == station_id)


def test_what_is_saved_is_what_is_read(empty: Shop) -> None:
    wanted = replace(HOT, backup_id=2, copies=3, language="en", template="mine", names={"宫保鸡丁": "KPC"}, name=" hot ")
    station_id = save_station(empty.connection, wanted)

    assert stored(empty, station_id) == replace(wanted, id=station_id, name="hot", default=True)
    save_station(empty.connection, replace(stored(empty, station_id), copies=1))
    assert [one.copies for one in stations.every(empty.connection)] == [1]


def test_the_first_station_that_cooks_is_the_default(empty: Shop) -> None:
    bags, hot, bar = save(empty, name="bags", kind=TicketKind.PACKING), save(empty), save(empty, name="bar")

    assert [stored(empty, one).default for one in (bags, hot, bar)] == [False, True, False]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "  "}, "needs a name"),
        ({"name": "HOT"}, "already a station"),
        ({"name": "bar", "backup_id": 1}, "own backup"),
        ({"name": "bar", "printer_id": 9}, "does not exist"),
        ({"name": "bar", "backup_id": 9}, "does not exist"),
        ({"name": "bar", "copies": 0}, "1 to 5"),
        ({"name": "bar", "copies": 6}, "1 to 5"),
        ({"name": "bags", "kind": TicketKind.PACKING, "default": True}, "cooked from"),
        ({"name": "bar", "default": True, "enabled": False}, "cannot be switched off"),
        ({"name": "bar", "default": True, "printer_id": None}, "default station needs a printer"),
    ],
)
def test_a_station_that_cannot_work_is_refused_in_words(empty: Shop, fields: dict[str, Any], words: str) -> None:
    save(empty)
    with pytest.raises(RefusalError, match=words):
        save(empty, **fields)

    assert len(stations.every(empty.connection)) == 1


@pytest.mark.parametrize("change", [{"default": False}, {"enabled": False}, {"kind": TicketKind.PACKING}])
def test_there_is_always_a_default_station(empty: Shop, change: dict[str, Any]) -> None:
    hot, bar = save(empty), save(empty, name="bar")
    with pytest.raises(RefusalError, match="default"):
        save_station(empty.connection, replace(stored(empty, hot), **change))
    save_station(empty.connection, replace(stored(empty, bar), default=True))
    save_station(empty.connection, replace(stored(empty, hot), **change))

    assert [one.default for one in stations.every(empty.connection)] == [False, True]


def test_two_stations_without_printers_are_no_clash(empty: Shop) -> None:
    save(empty)
    save(empty, name="pass", printer_id=None)

    assert stored(empty, save(empty, name="bar", printer_id=None)).backup_id is None


def test_no_default_station_prints_nowhere(empty: Shop) -> None:
    """Its tickets, and those of every station without a printer, would be made for nobody, hours before the day's proof."""
    with pytest.raises(RefusalError, match="needs a printer"):
        save(empty, printer_id=None)  # the first to cook is the default
    assert stations.every(empty.connection) == []
    hot = save(empty, printer_id=None, backup_id=2)
    with pytest.raises(RefusalError, match="needs a printer"):
        save_station(empty.connection, replace(stored(empty, hot), backup_id=None))

    assert stored(empty, hot).backup_id == 2


def test_the_doctor_is_told_of_a_default_station_that_prints_nowhere(empty: Shop) -> None:
    connection = empty.connection
    assert default_trouble(connection) == ""
    hot = save(empty, backup_id=2)
    assert default_trouble(connection) == ""
    printers.change(connection, 1, enabled=False)
    assert default_trouble(connection) == ""
    printers.change(connection, 2, enabled=False)
    assert "hot are switched off" in default_trouble(connection)
    stations.save(connection, replace(stored(empty, hot), printer_id=None, backup_id=None))  # as it could be before
    assert "needs a printer" in default_trouble(connection)
    stations.save(connection, replace(stored(empty, hot), default=False))
    assert "No station is the default" in default_trouble(connection)


def test_rules_take_the_place_of_all_there_were_and_keep_their_order(empty: Shop) -> None:
    hot, bar = save(empty), save(empty, name="bar")
    night = Route(0, bar, items=("tea",), begins=time(22), ends=time(2), enabled=False)
    save_routes(empty.connection, [Route(0, hot), night])
    save_routes(empty.connection, [night, Route(0, hot, categories=("food",))])

    assert [replace(one, id=0) for one in stations.rules(empty.connection)] == [night, Route(0, hot, categories=("food",))]


def test_a_rule_to_nowhere_is_refused_and_changes_nothing(empty: Shop) -> None:
    hot = save(empty)
    save_routes(empty.connection, [Route(0, hot)])
    with pytest.raises(RefusalError, match="does not exist"):
        save_routes(empty.connection, [Route(0, hot), Route(0, 99)])

    assert len(stations.rules(empty.connection)) == 1


def test_dishes_nobody_knew_are_shown_until_the_rules_are_saved_again(empty: Shop) -> None:
    hot = save(empty)
    save_routes(empty.connection, [Route(0, hot, items=("beef",))])
    audit.record(empty.connection, now(), "console", UNROUTED, 1, "pie")
    audit.record(empty.connection, now(), "console", UNROUTED, 2, "pie")
    assert overview.overview(empty.connection, empty.rules, now()).unrouted == ("pie",)
    save_routes(empty.connection, [Route(0, hot, items=("beef", "pie"))])

    assert overview.overview(empty.connection, empty.rules, now()).unrouted == ()


def test_a_rule_is_tried_on_a_stored_order_and_on_one_that_does_not_exist(empty: Shop) -> None:
    hot, bar = save(empty), save(empty, name="bar")
    save_routes(
        empty.connection, [Route(0, hot, items=("beef",)), Route(0, bar, items=("tea",), begins=time(11), ends=time(13))]
    )
    order = empty.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=(dish("tea"),))))
    found = try_order(empty.connection, empty.rules, order.id)
    assert [one.station.name for one in found.destinations] == ["bar"], "accepted at noon"
    with pytest.raises(LookupError):
        try_order(empty.connection, empty.rules, 99)

    sample = try_sample(empty.connection, empty.rules, "fake", order.facts, time(15))
    assert ([one.station.name for one in sample.destinations], sample.unmatched) == (["hot"], (0,))
    assert len(orders.recent(empty.connection, 9)) == 1


def test_the_menu_is_what_orders_were_made_of(empty: Shop) -> None:
    lines = (dish("tea", category="drinks", options=(Option("no ice"),)), dish("beef"))
    empty.hears(report(0, facts=facts(lines=lines, placed_at=NOON)))
    found = menu(empty.connection)

    assert (found.categories, found.items, found.options) == (("drinks",), ("beef", "tea"), ("no ice",))
