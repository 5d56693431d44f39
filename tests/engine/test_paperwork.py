"""Which papers an order gets: each station its own, at a printer that is on, and nothing once the food has left."""

from __future__ import annotations

import pytest

from app.db import audit, printers, stations
from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.routing import Moment, Route
from app.domain.tickets import Mark, TicketKind
from app.engine import desk
from app.engine.apply import apply
from app.engine.paperwork import UNROUTED
from tests.engine.kitchen import BAGS, BAR, HOT, at_station, dishes, give, papers, urge, wanted
from tests.engine.shop import NOON, Shop, at, dish, facts, open_station, report, shop, step

# who gets what


def test_each_station_gets_its_own_dishes_and_is_told_who_else_cooks(street: Shop) -> None:
    street.hears(wanted(0, "beef", "2 tea"))
    (hot,), (bar,) = at_station(street, HOT), at_station(street, BAR)

    assert (dishes(hot), dishes(bar)) == (["1 beef"], ["2 tea"])
    assert (hot.ticket.also_at, bar.ticket.also_at) == (("bar",), ("hot",))
    assert (hot.ticket.station_total, hot.ticket.items_total) == ("1", "3")
    assert {hot.ticket.marks, bar.ticket.marks} == {()}


def test_a_dish_of_nobody_is_cooked_at_the_default_station_and_noted(street: Shop) -> None:
    street.hears(wanted(0, "pie", "tea"))

    assert dishes(at_station(street, HOT)[0]) == ["1 pie"]
    assert audit.details(street.connection, UNROUTED, NOON) == ["pie"]


def test_a_dish_whose_station_has_no_printer_comes_out_at_the_default_one(street: Shop) -> None:
    give(street, BAR, printer_id=None)
    street.hears(wanted(0, "tea"))

    (bar,) = at_station(street, BAR)
    assert (bar.printer_id, bar.ticket.from_printer, bar.ticket.station) == (1, "", "bar")
    assert audit.details(street.connection, UNROUTED, NOON) == []


def test_a_dish_that_comes_out_nowhere_is_noted(street: Shop) -> None:
    give(street, BAR, printer_id=None)
    give(street, HOT, printer_id=None, backup_id=None)
    street.hears(wanted(0, "tea", "beef"))

    assert street.tickets == []
    assert audit.details(street.connection, UNROUTED, NOON) == ["tea", "beef"]


def test_one_slip_a_dish_one_label_a_cup_and_copies_that_count_once(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH, copies=2)
    give(street, BAR, kind=TicketKind.LABEL)
    street.hears(wanted(0, "2 beef", "rice", "3 tea"))

    hot = [(dishes(job), job.ticket.sheet, job.ticket.sheets) for job in at_station(street, HOT)]
    assert hot == [(["2 beef"], 1, 2), (["1 rice"], 2, 2)] * 2
    bar = [(dishes(job), job.ticket.sheet, job.ticket.sheets) for job in at_station(street, BAR)]
    assert bar == [(["1 tea"], n, 3) for n in (1, 2, 3)]
    assert len({job.key for job in street.tickets}) == len({job.ticket.ticket_id for job in street.tickets}) == 7


def test_a_station_reads_its_own_language_and_names(street: Shop) -> None:
    give(street, BAR, language="en", names={"tea": "CHAI"})
    street.hears(wanted(0, "tea", "beef"))

    (line,) = at_station(street, BAR)[0].ticket.lines
    assert (line.name, line.original, at_station(street, BAR)[0].ticket.language) == ("CHAI", "tea", "en")
    assert at_station(street, HOT)[0].ticket.language == "zh"


def test_a_band_of_time_that_ends_carries_no_dish_to_another_cook(street: Shop) -> None:
    """Accepted at noon; changed when the bar's hours, by the clock on the wall, are over."""
    bands = [
        Route(0, BAR, items=("tea",), ends=at(60).astimezone(street.rules.calendar.zone).time()),
        Route(0, HOT, items=("beef",)),
    ]
    stations.save_rules(street.connection, bands)
    street.hears(wanted(0, "tea"))
    street.printed()
    apply(street.connection, street.rules, street.account, wanted(120, "2 tea"), at(120))

    assert [dishes(job) for job in at_station(street, BAR)] == [["1 tea"], ["+1 tea"]]
    assert at_station(street, HOT) == []


def test_a_paper_due_when_the_food_is_ready_comes_then_and_once() -> None:
    with shop() as opened:
        open_station(opened.connection, "bags", 1, kind=TicketKind.PACKING, moment=Moment.READY)
        opened.hears(wanted(0, "beef"))
        assert [job.kind for job in opened.tickets] == ["kitchen"]
        opened.hears(step(1, Kitchen.READY), step(2, Kitchen.READY))

        assert [job.kind for job in opened.tickets] == ["kitchen", "packing"]


# a printer that is off


def test_a_backup_that_stands_in_from_the_start_says_for_whom(street: Shop) -> None:
    printers.change(street.connection, 1, enabled=False)
    street.hears(wanted(0, "beef"))
    (job,) = at_station(street, HOT)

    assert (job.printer_id, job.state, job.ticket.from_printer) == (2, "pending", "hot")
    assert Mark.BACKUP in job.ticket.marks


def test_changes_urges_and_voids_follow_the_paper_to_the_backup_and_say_so(street: Shop) -> None:
    printers.change(street.connection, 1, enabled=False)
    street.hears(wanted(0, "beef"))
    street.printed()
    printers.change(street.connection, 1, enabled=True)
    street.hears(urge(1))
    street.hears(wanted(2, "2 beef"))
    street.printed()
    street.hears(step(3, Kitchen.CANCELLED))

    slips = at_station(street, HOT)[1:]
    assert [job.kind for job in slips] == ["urge", "changed", "void"]
    assert [(job.printer_id, job.ticket.from_printer, Mark.BACKUP in job.ticket.marks) for job in slips] == [
        (2, "hot", True)
    ] * 3


@pytest.mark.parametrize("follows", [wanted(1, "2 beef"), urge(1), step(1, Kitchen.CANCELLED)])
def test_what_follows_goes_to_a_printer_that_is_on(street: Shop, follows: OrderUpdate) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    printers.change(street.connection, 1, enabled=False)
    street.hears(follows)

    job = at_station(street, HOT)[-1]
    assert (job.printer_id, job.state, job.ticket.from_printer) == (2, "pending", "hot")


# food that has left


@pytest.mark.parametrize("gone", [step(1, Kitchen.HANDED_OVER), step(1, delivery=Delivery.PICKED_UP)])
def test_what_the_kitchen_has_not_read_asks_once_the_food_has_left(street: Shop, gone: OrderUpdate) -> None:
    open_station(street.connection, "bags", 3, kind=TicketKind.PACKING)
    street.hears(wanted(0, "beef"), gone)
    assert papers(street, HOT) == [("kitchen", "held")]
    assert papers(street, BAGS) == [("packing", "pending")]
    desk.print_again(street.connection, street.rules, [1])
    street.hears(step(2, Kitchen.COMPLETED))

    assert papers(street, HOT) == [("kitchen", "pending")], "a person released it"


def test_an_order_heard_of_when_it_had_left_asks_too(street: Shop) -> None:
    street.hears(
        report(0, Kitchen.NEW, facts=facts(lines=(dish("beef"),))),
        step(1, delivery=Delivery.PICKED_UP),
        step(2, Kitchen.ACCEPTED),
    )

    assert papers(street, HOT) == [("kitchen", "held")]


# printed by hand


def test_an_order_whose_first_tickets_were_skipped_for_a_printer_that_is_off_can_be_printed(street: Shop) -> None:
    for printer in (1, 2):
        printers.change(street.connection, printer, enabled=False)
    street.hears(wanted(0, "beef"))
    assert papers(street, HOT) == [("kitchen", "skipped")]
    printers.change(street.connection, 1, enabled=True)
    desk.print_order(street.connection, street.rules, street.order.id)

    assert papers(street, HOT) == [("kitchen", "pending")]


def test_papers_due_when_ready_are_made_up_for_by_hand_too(street: Shop) -> None:
    bags = open_station(street.connection, "bags", None, kind=TicketKind.PACKING, moment=Moment.READY)
    give(street, HOT, printer_id=None, backup_id=None)
    street.hears(wanted(0, "beef"), step(1, Kitchen.READY))
    assert at_station(street, bags) == []
    give(street, bags, printer_id=3)
    desk.print_order(street.connection, street.rules, street.order.id)

    assert papers(street, bags) == [("packing", "pending")]
