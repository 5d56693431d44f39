"""How many bags an order has: nobody's guess, and the same number on each bag's slip and the courier's paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.db import print_jobs
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import Kitchen
from app.domain.routing import Moment
from app.domain.tickets import MOST_BAGS, Mark, TicketKind
from app.engine import bags, print_queue
from app.engine.desk import RefusalError
from app.engine.proof import day_proof
from app.printing import Paper, lay_out
from tests.engine.kitchen import at_station, give
from tests.engine.shop import NOON, Shop, open_printer, open_station, report, shop, step
from tests.printing.words import readable

PACK, DOOR = 2, 3


@pytest.fixture
def packing() -> Iterator[Shop]:
    """A kitchen, a packing station that prints two copies, and a courier's printer."""
    with shop(kitchens=1) as opened:
        open_station(opened.connection, "pack", open_printer(opened.connection, "pack"), kind=TicketKind.PACKING, copies=2)
        open_station(opened.connection, "door", open_printer(opened.connection, "door"), kind=TicketKind.COURIER)
        yield opened


def said(opened: Shop, number: int) -> None:
    bags.print_bags(opened.connection, opened.rules, opened.order.id, number)


def counts(jobs: list[PrintJob]) -> list[tuple[int, int]]:
    return [(one.ticket.sheet, one.ticket.sheets) for one in jobs]


def paper(job: PrintJob) -> str:
    return readable(lay_out(job.ticket, None, Paper.of("80")))


def pending(opened: Shop, station: int) -> list[PrintJob]:
    return [one for one in at_station(opened, station) if one.state == "pending"]


def test_until_somebody_counted_copies_are_no_bags_and_no_paper_claims_a_number(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    assert counts(at_station(packing, PACK)) == [(1, 1), (1, 1)]
    assert counts(at_station(packing, DOOR)) == [(1, 1)]
    assert not any("袋" in paper(one) for one in (*at_station(packing, PACK), *at_station(packing, DOOR)))
    assert bags.bags_of(packing.connection, packing.order.id) == 0


def test_what_was_said_stands_on_every_bag_and_with_the_courier_and_the_old_paper_is_told_apart(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    packing.printed()
    said(packing, 3)

    slips, door = pending(packing, PACK), pending(packing, DOOR)
    assert counts(slips) == [(1, 3), (2, 3), (3, 3)] * 2
    assert "第2袋/共3袋" in paper(slips[1])
    assert "共3袋" in paper(door[0])
    assert {one.ticket.marks[0] for one in (*slips, *door)} == {Mark.REPRINT}
    assert len({one.key for one in packing.tickets}) == len(packing.tickets)
    assert bags.bags_of(packing.connection, packing.order.id) == 3
    packing.printed()
    assert day_proof(packing.connection, packing.rules, NOON.date()).complete


def test_what_had_not_come_out_is_replaced_unmarked(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    said(packing, 2)
    assert [one.state for one in at_station(packing, PACK)] == ["skipped"] * 2 + ["pending"] * 4
    assert [one.ticket.marks for one in pending(packing, PACK)] == [()] * 4


def test_a_doubtful_slip_is_followed_by_possible_duplicates_and_asks_no_more(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    packing.printed("unknown")
    said(packing, 2)
    assert {one.ticket.marks[0] for one in pending(packing, PACK)} == {Mark.POSSIBLE_DUPLICATE}
    assert {one.answer for one in at_station(packing, PACK) if one.state == "unknown"} == {"reprinted"}


def test_the_same_number_again_prints_the_bags_and_not_the_courier(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    said(packing, 2)
    packing.printed()
    said(packing, 2)
    assert counts(pending(packing, PACK)) == [(1, 2), (2, 2)] * 2
    assert pending(packing, DOOR) == []


def test_a_slip_that_is_due_when_the_food_is_ready_has_the_number_at_once(packing: Shop) -> None:
    give(packing, PACK, moment=Moment.READY, copies=1)
    packing.hears(report(0, Kitchen.ACCEPTED))
    said(packing, 2)
    assert at_station(packing, PACK) == []
    packing.hears(step(5, Kitchen.READY))
    assert counts(pending(packing, PACK)) == [(1, 2), (2, 2)]


def test_the_kitchen_gets_nothing_new(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    packing.printed()
    said(packing, 4)
    assert len(at_station(packing, 1)) == 1


@pytest.mark.parametrize("number", [0, -1, MOST_BAGS + 1])
def test_a_number_that_cannot_be_is_refused(packing: Shop, number: int) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    with pytest.raises(RefusalError):
        said(packing, number)
    assert packing.order.bags is None


@pytest.mark.parametrize("kitchen", [Kitchen.NEW, Kitchen.CANCELLED])
def test_nothing_is_counted_before_the_acceptance_or_after_the_end(packing: Shop, kitchen: Kitchen) -> None:
    packing.hears(report(0, kitchen))
    with pytest.raises(RefusalError):
        said(packing, 2)


def test_a_shop_without_such_papers_is_not_asked(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    assert bags.bags_of(counter.connection, counter.order.id) is None


def test_the_number_survives_what_the_platform_says_later(packing: Shop) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    said(packing, 2)
    packing.hears(report(5, Kitchen.PREPARING))
    assert packing.order.bags == 2
    assert print_jobs.of_order(packing.connection, packing.order.id)[-1].ticket.bags == 2


@pytest.mark.parametrize("outcome", ["not sent", "unknown"])
def test_a_slip_that_was_at_its_printer_when_bags_were_counted_does_not_come_again_with_the_old_number(
    packing: Shop, outcome: str
) -> None:
    packing.hears(report(0, Kitchen.ACCEPTED))
    packing.printed("sending")
    said(packing, 2)
    job = at_station(packing, DOOR)[0]
    if outcome == "not sent":
        print_queue.not_sent(packing.connection, job, "cut off", NOON)
    else:
        print_jobs.settle(packing.connection, job.id, "unknown", NOON)
        settled = print_jobs.get(packing.connection, job.id)
        print_queue.settle_unknown(packing.connection, packing.rules, settled, NOON)

    assert [one.ticket.bags for one in pending(packing, DOOR)] == [2]


def test_a_slip_that_says_the_number_still_comes_again(packing: Shop) -> None:
    """Negative control."""
    packing.hears(report(0, Kitchen.ACCEPTED))
    packing.printed()
    said(packing, 2)
    packing.printed("sending")
    job = at_station(packing, DOOR)[1]
    print_queue.not_sent(packing.connection, job, "cut off", NOON)

    assert [one.id for one in pending(packing, DOOR)] == [job.id]
