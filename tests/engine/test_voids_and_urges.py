"""What takes papers back, and what tells a cook that somebody waits: only where there is something to tell."""

from __future__ import annotations

import pytest

from app.db import audit
from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Kitchen
from app.domain.tickets import TicketKind
from app.engine.in_hand import withdraw
from app.engine.limits import URGES
from tests.engine.kitchen import BAGS, BAR, HOT, at_station, dishes, give, papers, urge, wanted
from tests.engine.shop import NOON, Shop, open_station, step

# a cancellation


def test_a_void_names_all_dish_slips(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH)
    street.hears(wanted(0, "beef", "2 rice"))
    street.printed()
    street.hears(step(1, Kitchen.CANCELLED))

    assert dishes(at_station(street, HOT)[-1]) == ["1 beef", "2 rice"]


def test_nothing_is_taken_back_where_nothing_is_left(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed()
    street.hears(step(2, Kitchen.CANCELLED))

    assert papers(street, BAR) == [("kitchen", "confirmed"), ("changed", "confirmed")]
    assert papers(street, HOT)[-1] == ("void", "pending")


def test_what_a_doubtful_slip_took_off_is_taken_back_all_the_same(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed("unknown")
    street.hears(step(2, Kitchen.CANCELLED))

    assert dishes(at_station(street, BAR)[-1]) == ["1 tea"]


def test_a_receipt_is_not_taken_back_and_a_courier_slips_void_tells_nothing_of_the_customer(street: Shop) -> None:
    open_station(street.connection, "till", 3, kind=TicketKind.RECEIPT)
    open_station(street.connection, "door", 3, kind=TicketKind.COURIER)
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(step(1, Kitchen.CANCELLED))

    assert [job.kind for job in at_station(street, BAGS)] == ["receipt"]
    void = at_station(street, 4)[-1].ticket
    assert (void.kind, void.customer, void.phone, void.address, void.payment, void.sums) == (
        TicketKind.VOID,
        "",
        "",
        "",
        "",
        (),
    )


def test_a_change_that_would_take_nothing_back_goes_with_the_ticket_that_never_left(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed("sending")
    street.hears(wanted(1, "beef"))
    withdraw(street.connection, at_station(street, BAR)[0], NOON)

    assert papers(street, BAR) == [("kitchen", "skipped"), ("changed", "skipped")]


# an urge


def test_an_urge_is_one_slip_a_station_that_names_all_it_has(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH)
    open_station(street.connection, "bags", 3, kind=TicketKind.PACKING)
    street.hears(wanted(0, "beef", "rice"))
    street.printed()
    street.hears(urge(1), urge(1), urge(2, "u2"))

    slips = [job for job in street.tickets if job.kind == TicketKind.URGE]
    assert [(job.station_id, dishes(job), job.ticket.reason) for job in slips] == [(HOT, ["1 beef", "1 rice"], "快点")] * 2


def test_nobody_is_urged_for_dishes_that_were_dropped(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed()
    street.hears(urge(2))

    assert [job.station_id for job in street.tickets if job.kind == TicketKind.URGE] == [HOT]


@pytest.mark.parametrize("first", [step(1, Kitchen.READY), step(1, Kitchen.CANCELLED), step(1, Kitchen.HANDED_OVER)])
def test_nobody_is_urged_for_food_that_is_ready_or_dead(street: Shop, first: OrderUpdate) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(first, urge(2))

    assert TicketKind.URGE not in {job.kind for job in street.tickets}


def test_urges_need_paper_and_can_be_switched_off(street: Shop) -> None:
    street.hears(wanted(0, "beef"), urge(1))
    assert papers(street, HOT) == [("kitchen", "pending")]
    street.printed()
    audit.set_preference(street.connection, URGES, "no")
    street.hears(urge(2, "u2"))

    assert papers(street, HOT) == [("kitchen", "confirmed")]
