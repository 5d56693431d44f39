"""How old a ticket is: counted from the acceptance or the due time at the platform, not from when we heard of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.db import orders, outbox
from app.domain.changes import OrderUpdate
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.routing import Moment
from app.domain.tickets import TicketKind
from app.engine import desk
from app.engine.apply import apply
from app.engine.clock import keep_ahead
from app.engine.consequences import command
from app.texts import tr
from tests.engine.shop import Shop, at, facts, house, open_printer, open_station, platform, report, step

MINUTE, HOUR = 60.0, 3600.0
STALE = timedelta(minutes=10)


def hears(opened: Shop, when: float, update: OrderUpdate) -> None:
    """What the platform says, `when` seconds after noon by our clock."""
    apply(opened.connection, opened.rules, opened.account, update, at(when))


def seen(when: float, **fields: Any) -> OrderUpdate:
    """An accepted order in a list that is fetched now: dated by the fetch."""
    return report(when, Kitchen.ACCEPTED, facts=facts(**fields))


def ticket(opened: Shop) -> tuple[str, datetime | None]:
    (job,) = opened.tickets
    return job.state, job.fresh_until


@pytest.mark.parametrize(
    ("when", "fields", "state", "since"),
    [
        (2 * MINUTE, {}, "pending", 2 * MINUTE),
        (14 * MINUTE, {}, "pending", 14 * MINUTE),
        (3 * HOUR, {}, "held", 15 * MINUTE),
        (12 * MINUTE, {"decide_by": at(5 * MINUTE)}, "pending", 5 * MINUTE),
        (16 * MINUTE, {"decide_by": at(5 * MINUTE)}, "held", 5 * MINUTE),
        (16 * MINUTE, {"due_at": at(HOUR)}, "pending", 15 * MINUTE),
        (3 * HOUR, {"due_at": at(4 * HOUR)}, "held", 15 * MINUTE),
        (3 * HOUR, {"due_at": at(8 * HOUR), "scheduled": True}, "pending", 8 * HOUR),
        (3 * HOUR, {"due_at": at(3 * HOUR - 5 * MINUTE), "scheduled": True}, "pending", 3 * HOUR - 5 * MINUTE),
        (3 * HOUR, {"due_at": at(2 * HOUR), "scheduled": True}, "held", 2 * HOUR),
        (3 * HOUR, {"scheduled": True}, "held", 15 * MINUTE),
    ],
)
def test_an_order_first_seen_accepted_is_as_old_as_its_acceptance_can_be(
    counter: Shop, when: float, fields: dict[str, Any], state: str, since: float
) -> None:
    hears(counter, when, seen(when, **fields))

    assert ticket(counter) == (state, at(since) + STALE)


def test_what_waits_says_why_and_is_printed_or_skipped_by_a_person(counter: Shop) -> None:
    hears(counter, 3 * HOUR, seen(3 * HOUR))
    (job,) = counter.tickets
    assert job.reason == tr("it was due long before this console knew of the order")
    desk.print_again(counter.connection, counter.rules, [job.id])

    assert counter.tickets[0].state == "pending"


def test_the_platforms_own_window_counts_where_the_order_does_not_say(counter: Shop) -> None:
    counter.rules = house(platforms={"fake": platform(decision_window=timedelta(minutes=40))})
    hears(counter, HOUR, seen(HOUR))

    assert ticket(counter) == ("held", at(40 * MINUTE) + STALE)


def test_an_event_dates_its_own_acceptance(counter: Shop) -> None:
    """Pushed, kept by the relay while we were off, and read at three: accepted a minute after noon."""
    hears(counter, 3 * HOUR, seen(MINUTE))

    assert ticket(counter) == ("held", at(MINUTE) + STALE)


@pytest.mark.parametrize("hear", [lambda shop: hears(shop, 0, report(0)), lambda shop: hears(shop, 0, report(MINUTE))])
def test_an_order_known_as_new_and_accepted_elsewhere_hours_ago_waits(counter: Shop, hear: Callable[[Shop], None]) -> None:
    hear(counter)
    hears(counter, 3 * HOUR, seen(3 * HOUR))

    assert ticket(counter)[0] == "held"


def test_an_order_that_was_still_new_a_moment_ago_is_fresh_however_long_the_shop_took(counter: Shop) -> None:
    hears(counter, 0, report(0))
    hears(counter, HOUR, report(HOUR))
    hears(counter, HOUR + MINUTE, seen(HOUR + MINUTE))

    assert ticket(counter) == ("pending", at(HOUR) + STALE)


@pytest.mark.parametrize("state", ["in_flight", "confirmed"])
def test_an_order_that_we_accept_is_as_fresh_as_the_platforms_yes(counter: Shop, state: str) -> None:
    hears(counter, 0, report(0))
    entry = command(counter.connection, counter.account, counter.order, CommandKind.ACCEPT, at(50 * MINUTE))
    outbox.change(counter.connection, entry, state=state)
    hears(counter, HOUR, step(HOUR, Kitchen.ACCEPTED))

    assert ticket(counter) == ("pending", at(HOUR) + STALE)


def test_a_press_that_came_after_the_tablets_counts_as_a_wish_for_paper(counter: Shop) -> None:
    hears(counter, 0, report(0))
    entry = command(counter.connection, counter.account, counter.order, CommandKind.ACCEPT, at(HOUR))
    outbox.change(counter.connection, entry, state="refused")
    hears(counter, HOUR + MINUTE, seen(HOUR + MINUTE))

    assert ticket(counter) == ("pending", at(HOUR) + STALE)


def test_a_paper_that_is_due_when_the_food_is_ready_counts_from_then(counter: Shop) -> None:
    printer = open_printer(counter.connection, "bags")
    open_station(counter.connection, "bags", printer, kind=TicketKind.PACKING, moment=Moment.READY)
    hears(counter, 0, seen(0))
    hears(counter, 3 * HOUR, step(5 * MINUTE, Kitchen.READY))
    assert orders.get(counter.connection, 1).ready_at == at(5 * MINUTE)

    assert [(job.kind, job.state) for job in counter.tickets] == [("kitchen", "pending"), ("packing", "held")]


@pytest.mark.parametrize("apart", [20 * MINUTE, -20 * MINUTE, 5 * HOUR])
def test_a_clock_that_is_wrong_makes_no_order_older_or_younger(counter: Shop, apart: float) -> None:
    """The platform accepted by itself a minute after noon, and says so at once: our clock shows another time."""
    keep_ahead(counter.connection, counter.account.id, timedelta(seconds=apart))
    hears(counter, MINUTE + apart, seen(MINUTE))

    assert ticket(counter) == ("pending", at(MINUTE + apart) + STALE)


@pytest.mark.parametrize("apart", [20 * MINUTE, -20 * MINUTE])
def test_what_is_late_is_late_by_any_clock(counter: Shop, apart: float) -> None:
    keep_ahead(counter.connection, counter.account.id, timedelta(seconds=apart))
    hears(counter, 3 * HOUR + apart, seen(3 * HOUR))

    assert ticket(counter) == ("held", at(15 * MINUTE + apart) + STALE)


def test_an_acceptance_without_a_date_is_of_now_by_our_clock(counter: Shop) -> None:
    keep_ahead(counter.connection, counter.account.id, timedelta(minutes=20))
    hears(counter, MINUTE, replace(seen(0), version=0))

    assert ticket(counter) == ("pending", at(MINUTE) + STALE)
