"""The day's proof: orders x stations = confirmed + explained, and whatever is neither is named."""

from __future__ import annotations

import pytest

from app.db import print_jobs, stations
from app.domain.lifecycle import Kitchen
from app.domain.routing import Route, Station
from app.engine import desk, totals
from app.engine.proof import day_proof
from app.engine.views import DayProof
from tests.engine.shop import NOON, Shop, dish, facts, of, open_printer, open_station, report, shop, step

DAY = NOON.date()


def proved(opened: Shop) -> DayProof:
    return day_proof(opened.connection, opened.rules, DAY)


def figures(found: DayProof) -> list[tuple[str, int, int, int, int]]:
    return [(one.station, one.owed, one.confirmed, one.explained, one.open) for one in found.stations]


def settle(opened: Shop, job_id: int, state: str, reason: str = "") -> None:
    print_jobs.settle(opened.connection, job_id, state, NOON, reason)


def test_what_the_printers_confirmed_is_proved() -> None:
    with shop(kitchens=2) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        opened.printed()
        found = proved(opened)

        assert (found.orders, found.complete, found.unproved) == (1, True, ())
        assert figures(found) == [("kitchen 0", 1, 1, 0, 0), ("kitchen 1", 1, 1, 0, 0)]


@pytest.mark.parametrize("state", ["pending", "sending", "held", "unknown", "failed"])
def test_what_nobody_knows_is_open_and_named(counter: Shop, state: str) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    print_jobs.step(counter.connection, 1, state, NOON, "cover open")
    found = proved(counter)
    (open_one,) = found.unproved

    assert not found.complete
    assert figures(found) == [("kitchen 0", 1, 0, 0, 1)]
    assert (open_one.order_id, open_one.ticket_id, open_one.call_number) == (1, 1, "假#7")
    assert open_one.text.endswith("cover open")


@pytest.mark.parametrize("state", ["sent", "skipped"])
def test_what_is_known_otherwise_is_explained(counter: Shop, state: str) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    settle(counter, 1, state, "so it was")
    found = proved(counter)

    assert found.complete
    assert figures(found) == [("kitchen 0", 1, 0, 1, 0)]
    assert [(one.text, one.open) for one in found.unproved] == [("so it was", False)]


def test_a_copy_counts_for_the_ticket_it_is_a_copy_of(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    settle(counter, 1, "unknown")
    desk.again(counter.connection, counter.rules, print_jobs.get(counter.connection, 1), NOON)
    assert figures(proved(counter)) == [("kitchen 0", 1, 0, 0, 1)]
    settle(counter, 2, "confirmed")

    assert figures(proved(counter)) == [("kitchen 0", 1, 0, 1, 0)]


def test_a_doubtful_copy_takes_nothing_from_a_confirmed_ticket(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    settle(counter, 1, "confirmed")
    desk.print_again(counter.connection, counter.rules, [1])
    settle(counter, 2, "unknown")

    assert figures(proved(counter)) == [("kitchen 0", 1, 1, 0, 0)]


@pytest.mark.parametrize("answer", ["came_out", "overtaken"])
def test_an_answer_explains(counter: Shop, answer: str) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    settle(counter, 1, "unknown")
    print_jobs.answer(counter.connection, 1, answer, NOON)

    assert figures(proved(counter)) == [("kitchen 0", 1, 0, 1, 0)]


def test_slips_are_owed_like_papers(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed()
    counter.hears(step(1, Kitchen.CANCELLED))

    assert figures(proved(counter)) == [("kitchen 0", 2, 1, 0, 1)]


def test_an_accepted_order_without_any_ticket_is_named_and_others_are_not() -> None:
    with shop(kitchens=0) as opened:
        opened.hears(of("P-1", report(0, Kitchen.ACCEPTED)), of("P-2", report(0, facts=facts("8"))))
        found = proved(opened)

        assert (found.orders, found.stations, found.complete) == (1, (), False)
        assert [(one.order_id, one.call_number, one.ticket_id) for one in found.unproved] == [(1, "假#7", None)]


def test_dishes_that_reached_no_kitchen_are_named_though_another_station_printed() -> None:
    """The default station has no printer; rice goes to one that has."""
    with shop(kitchens=0) as opened:
        open_station(opened.connection, "hot", None)
        open_station(opened.connection, "rice", open_printer(opened.connection, "rice printer"))
        stations.save_rules(opened.connection, [Route(0, 1, items=("宫保*",)), Route(0, 2, items=("米饭",))])
        both = facts("1", lines=(dish("宫保鸡丁"), dish("米饭")))
        opened.hears(of("P-1", report(0, Kitchen.ACCEPTED, facts=both)))
        opened.hears(of("P-2", report(0, Kitchen.ACCEPTED, facts=facts("2", lines=(dish("米饭"),)))))
        for order_id in (1, 2):
            for job in print_jobs.of_order(opened.connection, order_id):
                settle(opened, job.id, "confirmed")
        found = proved(opened)
        (missing,) = found.unproved

        assert not found.complete
        assert (missing.call_number, missing.station, missing.ticket_id, missing.open) == ("假#1", "hot", None, True)
        assert missing.text
        assert figures(found) == [("rice", 2, 2, 0, 0), ("hot", 1, 0, 0, 1)]

        stations.save(opened.connection, Station(1, "hot", printer_id=1, default=True))
        desk.print_order(opened.connection, opened.rules, 1)
        settle(opened, print_jobs.of_order(opened.connection, 1)[-1].id, "confirmed")
        assert proved(opened).complete


def test_open_ones_come_first_and_other_days_and_totals_do_not_count(counter: Shop) -> None:
    for number in range(2):
        counter.hears(of(f"P-{number}", report(0, Kitchen.ACCEPTED)))
    settle(counter, 1, "sent")
    totals.print_totals(counter.connection, counter.rules, DAY)

    assert [(one.ticket_id, one.open) for one in proved(counter).unproved] == [(2, True), (1, False)]
    assert day_proof(counter.connection, counter.rules, DAY.replace(day=21)) == DayProof(DAY.replace(day=21), 0, (), ())


def test_an_order_that_was_ready_before_we_knew_of_it_is_explained(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.READY))
    found = proved(counter)

    assert found.complete
    assert [(one.text, one.ticket_id) for one in found.unproved] == [("it was ready before the console knew of it", None)]
