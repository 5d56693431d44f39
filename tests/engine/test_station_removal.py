"""A station can be deleted and put back: nothing goes there any more, and nothing that it printed is lost or forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.db import print_jobs, stations
from app.domain.lifecycle import Kitchen
from app.domain.routing import Route, Station
from app.domain.tickets import TicketKind
from app.engine.cards import ticket_views
from app.engine.desk import RefusalError
from app.engine.proof import day_proof
from app.engine.stations import remove_station, restore_station, save_routes, save_station, use_of
from tests.engine.shop import NOON, Shop, dish, facts, open_printer, open_station, report, shop, step


@pytest.fixture
def kitchen() -> Iterator[Shop]:
    """A hot kitchen that is the default, and a bar; without rules both cook everything."""
    with shop(kitchens=0) as opened:
        for name in ("hot", "bar"):
            open_station(opened.connection, name, open_printer(opened.connection, name))
        yield opened


def test_a_station_is_deleted_with_its_rules_and_put_back_with_them(kitchen: Shop) -> None:
    rules = [Route(0, 1, items=("beef",)), Route(0, 2, items=("*tea",))]
    save_routes(kitchen.connection, rules)
    remove_station(kitchen.connection, 2)

    assert [one.name for one in stations.every(kitchen.connection)] == ["hot"]
    assert [one.name for one in stations.removed(kitchen.connection)] == ["bar"]
    assert [one.station_id for one in stations.rules(kitchen.connection)] == [1]
    save_routes(kitchen.connection, [Route(0, 1, items=("pie",))])  # rules that are saved meanwhile leave them alone
    restore_station(kitchen.connection, 2)
    assert stations.removed(kitchen.connection) == []
    assert [(one.station_id, one.items) for one in stations.rules(kitchen.connection)] == [(2, ("*tea",)), (1, ("pie",))]


def test_nothing_goes_to_a_deleted_station_and_its_dishes_go_to_the_default_one(kitchen: Shop) -> None:
    save_routes(kitchen.connection, [Route(0, 1, items=("beef",)), Route(0, 2, items=("*tea",))])
    remove_station(kitchen.connection, 2)
    kitchen.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=(dish("tea"),))))

    assert [(job.station_id, job.ticket.lines[0].name) for job in kitchen.tickets] == [(1, "tea")]


@pytest.mark.parametrize("state", ["pending", "sending", "held", "unknown", "failed"])
def test_a_station_where_something_waits_stays_until_it_is_answered(kitchen: Shop, state: str) -> None:
    kitchen.hears(report(0, Kitchen.ACCEPTED))
    mine = next(job for job in kitchen.tickets if job.station_id == 2)
    print_jobs.step(kitchen.connection, mine.id, state, NOON)
    assert use_of(kitchen.connection, 2).waiting == 1
    with pytest.raises(RefusalError, match="of this station wait"):
        remove_station(kitchen.connection, 2)
    print_jobs.settle(kitchen.connection, mine.id, "confirmed", NOON)
    remove_station(kitchen.connection, 2)

    assert [one.id for one in stations.every(kitchen.connection)] == [1]


def test_the_default_station_and_one_that_is_gone_are_not_deleted(kitchen: Shop) -> None:
    with pytest.raises(RefusalError, match="default station cannot be deleted"):
        remove_station(kitchen.connection, 1)
    remove_station(kitchen.connection, 2)
    with pytest.raises(RefusalError, match="does not exist any more"):
        remove_station(kitchen.connection, 2)
    with pytest.raises(RefusalError, match="does not exist any more"):
        save_routes(kitchen.connection, [Route(0, 2)])


def test_what_a_deleted_station_printed_is_still_voided_there_and_called_by_its_name(kitchen: Shop) -> None:
    kitchen.hears(report(0, Kitchen.ACCEPTED))
    kitchen.printed()
    remove_station(kitchen.connection, 2)
    kitchen.hears(step(1, Kitchen.CANCELLED))

    voids = [job for job in kitchen.tickets if job.kind == TicketKind.VOID]
    assert [(job.station_id, job.printer_id) for job in voids] == [(1, 1), (2, 2)]
    assert {one.station for one in ticket_views(kitchen.connection, kitchen.tickets)} == {"hot", "bar"}
    kitchen.printed()
    day = day_proof(kitchen.connection, kitchen.rules, kitchen.order.business_day)
    assert [one.station for one in day.stations] == ["hot", "bar"]


def test_a_name_is_free_again_and_both_can_be_told_apart(kitchen: Shop) -> None:
    remove_station(kitchen.connection, 2)
    new = save_station(kitchen.connection, Station(0, "bar", printer_id=2))
    restore_station(kitchen.connection, 2)

    assert {one.id: one.name for one in stations.every(kitchen.connection)} == {1: "hot", 2: "bar (2)", new: "bar"}
