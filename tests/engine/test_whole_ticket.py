"""After a change the kitchen can have the whole order on paper again, and nothing on it is made twice."""

from __future__ import annotations

import pytest

from app.db import print_jobs
from app.domain.lifecycle import Kitchen
from app.domain.tickets import Mark, TicketKind
from app.engine import desk
from app.engine.desk import RefusalError
from tests.engine.kitchen import BAR, HOT, at_station, dishes, give, papers, wanted
from tests.engine.shop import NOON, Shop, step


def changed(street: Shop, kind: TicketKind = TicketKind.KITCHEN) -> None:
    give(street, HOT, kind=kind)
    street.hears(wanted(0, "beef", "rice", note="花生过敏"))
    street.printed()
    street.hears(wanted(1, "beef", "3 rice", note="花生过敏"))


def again(street: Shop, number: int) -> None:
    desk.print_again(street.connection, street.rules, [at_station(street, HOT)[number].id])


@pytest.mark.parametrize("number", [0, 1])
def test_the_change_and_the_changed_ticket_both_bring_the_whole_present_one(street: Shop, number: int) -> None:
    changed(street)
    street.printed()
    again(street, number)
    first, slip, whole = at_station(street, HOT)

    assert dishes(slip) == ["+2 rice"]
    assert (whole.kind, whole.state, dishes(whole)) == (TicketKind.KITCHEN, "pending", ["1 beef", "3 rice"])
    assert whole.ticket.marks == (Mark.REPRINT, Mark.CHANGED)
    assert (whole.ticket.original_id, whole.ticket.copy, whole.first_id) == (first.ticket.ticket_id, 2, slip.id)
    assert [note.text for note in whole.ticket.notes] == ["花生过敏"]
    with pytest.raises(RefusalError, match=r"not printed yet|still waiting"):
        again(street, number)
    street.printed()
    again(street, number)
    assert [dishes(job) for job in at_station(street, HOT)[2:]] == [["1 beef", "3 rice"]] * 2


def test_a_change_in_doubt_comes_as_a_possible_duplicate_and_is_answered(street: Shop) -> None:
    changed(street)
    street.printed("unknown")
    again(street, 1)

    assert at_station(street, HOT)[-1].ticket.marks == (Mark.POSSIBLE_DUPLICATE, Mark.CHANGED)
    assert at_station(street, HOT)[1].answer == "reprinted"


def test_one_slip_a_dish_comes_as_every_dish(street: Shop) -> None:
    changed(street, TicketKind.DISH)
    street.printed()
    again(street, 2)

    assert [dishes(job) for job in at_station(street, HOT)[3:]] == [["1 beef"], ["3 rice"]]
    street.printed()
    street.hears(wanted(2, "beef", "2 rice", note="花生过敏"))
    assert dishes(at_station(street, HOT)[-1]) == ["-1 rice"]


@pytest.mark.parametrize("state", ["pending", "held", "failed"])
def test_the_change_comes_before_the_whole_lest_its_dishes_be_made_twice(street: Shop, state: str) -> None:
    changed(street)
    print_jobs.step(street.connection, at_station(street, HOT)[1].id, state, NOON)
    with pytest.raises(RefusalError, match="not printed yet"):
        again(street, 0)

    assert len(at_station(street, HOT)) == 2


def test_a_change_that_nobody_printed_is_not_printed_after_the_whole(street: Shop) -> None:
    changed(street)
    print_jobs.settle(street.connection, at_station(street, HOT)[1].id, "skipped", NOON)
    again(street, 0)
    street.printed()
    with pytest.raises(RefusalError, match="cancelled or changed"):
        again(street, 1)

    assert dishes(at_station(street, HOT)[2]) == ["1 beef", "3 rice"]


def test_a_change_that_never_left_still_prints_as_it_is(street: Shop) -> None:
    changed(street)
    print_jobs.settle(street.connection, at_station(street, HOT)[1].id, "failed", NOON)
    again(street, 1)

    assert papers(street, HOT) == [("kitchen", "confirmed"), ("changed", "pending")]


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_comes_of_a_dead_order_or_of_dishes_that_were_dropped(street: Shop, number: int) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed()
    with pytest.raises(RefusalError, match="cancelled or changed"):
        desk.print_again(street.connection, street.rules, [at_station(street, BAR)[number].id])
    street.hears(step(2, Kitchen.CANCELLED))
    with pytest.raises(RefusalError, match="cancelled or changed"):
        again(street, 0)


def test_an_order_that_did_not_change_is_reprinted_as_it_was(street: Shop) -> None:
    """Negative control."""
    street.hears(wanted(0, "beef"))
    street.printed()
    again(street, 0)

    assert at_station(street, HOT)[1].ticket.marks == (Mark.REPRINT,)


def half_out(street: Shop, out: int, change: str = "confirmed") -> None:
    """A change, then both dishes anew, of which one still waits for paper."""
    changed(street, TicketKind.DISH)
    street.printed(change)
    again(street, 2)
    print_jobs.settle(street.connection, at_station(street, HOT)[out].id, "confirmed", NOON)


@pytest.mark.parametrize("out", [3, 4])
def test_a_change_after_half_of_the_dishes_anew_counts_from_the_change_before(street: Shop, out: int) -> None:
    half_out(street, out)
    street.hears(wanted(2, "2 beef", "3 rice", note="花生过敏"))

    assert dishes(at_station(street, HOT)[-1]) == ["+1 beef"]


@pytest.mark.parametrize("out", [3, 4])
def test_half_of_the_dishes_anew_do_not_make_a_doubtful_change_certain(street: Shop, out: int) -> None:
    half_out(street, out, "unknown")
    street.hears(wanted(2, "2 beef", "3 rice", note="花生过敏"))

    assert [dishes(job) for job in at_station(street, HOT)[-2:]] == [["2 beef"], ["3 rice"]]


@pytest.mark.parametrize("out", [3, 4])
def test_an_order_that_dies_after_half_of_the_dishes_anew_is_taken_back_whole(street: Shop, out: int) -> None:
    half_out(street, out)
    street.hears(step(3, Kitchen.CANCELLED))

    assert dishes(at_station(street, HOT)[-1]) == ["1 beef", "3 rice"]
