"""The day's totals on paper: what was sold, where somebody reads it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.db import print_jobs, printers
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import Kitchen
from app.domain.tickets import Mark, TicketKind
from app.engine.desk import RefusalError
from app.engine.totals import print_totals
from tests.engine.shop import NOON, Shop, dish, facts, house, of, open_printer, open_station, report, shop, step

DAY = NOON.date()


def printed(opened: Shop) -> PrintJob:
    print_totals(opened.connection, opened.rules, DAY)
    return print_jobs.latest(opened.connection, 1)[0]


def test_living_orders_are_counted_by_dish_most_sold_first(counter: Shop) -> None:
    for number, lines in enumerate([(dish("tea"), dish("beef", 3)), (dish("tea"),), (dish("pie", 9),)]):
        counter.hears(of(f"P-{number}", report(0, Kitchen.ACCEPTED, facts=facts(lines=lines))))
    counter.hears(of("P-2", step(1, Kitchen.CANCELLED)), of("P-3", report(0, facts=facts(lines=(dish("soup"),)))))
    job = printed(counter)

    assert [(line.quantity, line.name) for line in job.ticket.lines] == [("3", "beef"), ("2", "tea")]
    assert (job.kind, job.station_id, job.order_id, job.state) == (TicketKind.TOTALS, 1, None, "pending")
    assert job.ticket.sums[0].text == "Fake"


def test_halves_are_no_floats(counter: Shop) -> None:
    half = replace(dish("beef"), quantity=Decimal("0.5"))
    counter.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=(half,))))

    assert [line.quantity for line in printed(counter).ticket.lines] == ["0.5"]


def test_totals_may_be_printed_as_often_as_somebody_asks(counter: Shop) -> None:
    assert printed(counter).id != printed(counter).id


def test_they_come_out_at_the_default_stations_backup_where_its_printer_is_off() -> None:
    with shop(kitchens=0) as opened:
        for name in ("one", "two"):
            open_printer(opened.connection, name)
        open_station(opened.connection, "hot", 1, backup_id=2)
        printers.change(opened.connection, 1, enabled=False)

        assert printed(opened).printer_id == 2


def test_without_a_printer_that_is_on_a_person_hears_it_at_once() -> None:
    with shop(kitchens=0) as opened:
        with pytest.raises(RefusalError, match="No printer"):
            printed(opened)
        open_printer(opened.connection, enabled=False)
        open_station(opened.connection)
        with pytest.raises(RefusalError, match="No printer"):
            printed(opened)


def test_practice_says_so() -> None:
    with shop() as opened:
        opened.rules = house(practice=True)

        assert Mark.PRACTICE in printed(opened).ticket.marks
