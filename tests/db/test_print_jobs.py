"""The print ledger: each step kept, each question answered from the rows alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from app.db import print_jobs
from app.db.print_jobs import LedgerFilter
from app.domain.tickets import Ticket, TicketKind, TicketLine
from tests.engine.shop import memory, open_printer, open_station

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """Two printers, each with a station."""
    with memory() as opened:
        for name in ("one", "two"):
            open_station(opened, name, open_printer(opened, name))
        yield opened


def ticket(number: str = "1") -> Ticket:
    return Ticket(
        TicketKind.KITCHEN, f"饿#{number}", "Ele.me", f"T-{number}", NOON, "Asia/Shanghai", (TicketLine("1", "tea"),)
    )


def add(connection: Connection, key: str, printer: int = 1, when: datetime = NOON, **fields: object) -> int:
    found = print_jobs.add(connection, printer, key, ticket(key), when, station_id=printer, **fields)  # type: ignore[arg-type]  # a test's fields
    assert found
    return found


def states(connection: Connection, job_id: int) -> list[tuple[str, str]]:
    return [(one.state, one.printer) for one in print_jobs.steps(connection, job_id)]


def test_every_step_is_kept_with_its_printer_and_reason(connection: Connection) -> None:
    job = add(connection, "1")
    claimed = print_jobs.claim(connection, 1, NOON + MINUTE)
    assert claimed
    print_jobs.step(connection, job, "pending", NOON + MINUTE * 2, "no answer")
    print_jobs.move(connection, claimed, 2, ticket("1"), NOON + MINUTE * 3, "taken over")
    print_jobs.claim(connection, 2, NOON + MINUTE * 3)
    print_jobs.settle(connection, job, "unknown", NOON + MINUTE * 4, "cut off")
    print_jobs.answer(connection, job, "came_out", NOON + MINUTE * 5)
    found = print_jobs.steps(connection, job)

    assert [(one.state, one.printer, one.text) for one in found] == [
        ("pending", "one", ""),
        ("sending", "one", ""),
        ("pending", "one", "no answer"),
        ("pending", "two", "taken over"),
        ("sending", "two", ""),
        ("unknown", "two", "cut off"),
        ("came_out", "", ""),
    ]
    assert [one.at for one in found] == [NOON + MINUTE * n for n in (0, 1, 2, 3, 3, 4, 5)]
    stored = print_jobs.get(connection, job)
    assert (stored.attempts, stored.state, stored.answer, stored.reason) == (2, "unknown", "came_out", "cut off")


def test_a_key_is_known_for_ever_and_leaves_no_second_step(connection: Connection) -> None:
    job = add(connection, "1")
    print_jobs.settle(connection, job, "confirmed", NOON)

    assert print_jobs.add(connection, 2, "1", ticket(), NOON) is None
    assert states(connection, job) == [("pending", "one"), ("confirmed", "one")]


def test_a_ticket_that_is_not_due_is_not_claimed_and_a_moved_one_only_where_it_is(connection: Connection) -> None:
    job = add(connection, "1")
    print_jobs.change(connection, job, due_at=NOON + MINUTE)
    assert print_jobs.claim(connection, 1, NOON) is None
    print_jobs.move(connection, print_jobs.get(connection, job), 2, ticket("1"), NOON, "")

    assert print_jobs.claim(connection, 1, NOON + MINUTE) is None
    assert print_jobs.claim(connection, 2, NOON)


def test_a_clock_that_is_set_back_makes_no_ticket_wait_for_it(connection: Connection) -> None:
    job = add(connection, "1")
    claimed = print_jobs.claim(connection, 1, NOON - 20 * MINUTE)

    assert claimed
    assert claimed.id == job


def test_only_what_waits_at_this_printer_past_its_time_is_held(connection: Connection) -> None:
    old, later = add(connection, "1", fresh_until=NOON), add(connection, "2", fresh_until=NOON + MINUTE)
    other, ever = add(connection, "3", 2, fresh_until=NOON), add(connection, "4")
    out = add(connection, "5", fresh_until=NOON)
    print_jobs.settle(connection, out, "confirmed", NOON)

    assert print_jobs.hold_stale(connection, 1, NOON, "late") == [], "its last moment counts"
    assert print_jobs.hold_stale(connection, 1, NOON + MINUTE, "late") == [old]
    found = {job: print_jobs.get(connection, job).state for job in (old, later, other, ever, out)}
    assert found == {old: "held", later: "pending", other: "pending", ever: "pending", out: "confirmed"}


def test_after_a_crash_what_was_in_flight_is_unknown_and_nothing_else(connection: Connection) -> None:
    flying, waiting = add(connection, "1"), add(connection, "2")
    print_jobs.claim(connection, 1, NOON)

    assert print_jobs.mark_interrupted(connection, NOON) == [flying]
    assert print_jobs.mark_interrupted(connection, NOON) == []
    assert states(connection, flying)[-1] == ("unknown", "one")
    assert print_jobs.get(connection, waiting).state == "pending"


@pytest.mark.parametrize(
    ("last", "torn"), [("confirmed", False), ("sent", False), ("unknown", True), ("sending", True), ("pending", True)]
)
def test_paper_is_torn_where_the_last_ticket_tried_is_in_doubt(connection: Connection, last: str, torn: bool) -> None:
    """One that never left says nothing of the paper: the ticket before it does."""
    assert not print_jobs.torn(connection, 1)
    for number, state in enumerate(["confirmed", "unknown", last]):
        job = add(connection, str(number))
        print_jobs.claim(connection, 1, NOON + MINUTE * number)
        print_jobs.step(connection, job, state, NOON + MINUTE * number)

    assert print_jobs.torn(connection, 1) is torn
    assert not print_jobs.torn(connection, 2)


def test_a_copy_belongs_to_the_first_ticket_whatever_it_was_copied_from(connection: Connection) -> None:
    first = print_jobs.get(connection, add(connection, "1"))
    second = print_jobs.get(connection, add(connection, "1:copy2", copy_of=first))
    third = print_jobs.get(connection, add(connection, "1:copy3", copy_of=second))
    add(connection, "2")

    assert (second.first_id, third.first_id, third.marked, first.marked) == (first.id, first.id, True, False)
    for job in (first, second, third):
        assert [one.id for one in print_jobs.with_copies(connection, job)] == [first.id, second.id, third.id]


def test_what_was_answered_asks_nobody_and_counts_no_more(connection: Connection) -> None:
    jobs = [add(connection, str(number)) for number in range(3)]
    for job, when in zip(jobs, (NOON, NOON + MINUTE, NOON), strict=True):
        print_jobs.settle(connection, job, "unknown", when)
    print_jobs.answer(connection, jobs[2], "reprinted", NOON)

    assert [job.id for job in print_jobs.unresolved(connection, NOON)] == jobs[:1]
    assert [job.id for job in print_jobs.waiting(connection, ("unknown",))] == jobs[:2]
    assert print_jobs.counts(connection) == {(1, "unknown"): 2}


def test_the_ledger_lets_through_what_is_wanted_newest_first(connection: Connection) -> None:
    one, two = add(connection, "10"), add(connection, "21", 2, NOON + MINUTE)
    three = add(connection, "1_", when=NOON + MINUTE * 2)
    print_jobs.settle(connection, three, "confirmed", NOON)

    def found(**wanted: object) -> list[int]:
        return print_jobs.ledger(connection, LedgerFilter(**wanted))  # type: ignore[arg-type]  # a filter's fields

    assert found() == [three, two, one]
    assert found(printer_id=2) == found(station_id=2) == [two]
    assert found(states=frozenset({"pending", "held"})) == [two, one]
    assert found(since=NOON + MINUTE) == [three, two]
    assert found(until=NOON + MINUTE) == [one]
    assert found(text="#1") == [three, one]
    assert found(text="1_") == [three], "no pattern of the store's"
    assert found(printer_id=1, states=frozenset({"pending"}), text="饿") == [one]
    assert [job.id for job in print_jobs.some(connection, [one, three, 99])] == [three, one]


def test_a_ticket_that_is_not_there_is_an_error(connection: Connection) -> None:
    with pytest.raises(LookupError):
        print_jobs.get(connection, 99)
