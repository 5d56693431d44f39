"""What a printer is given next: nothing stale unasked, nothing twice unmarked, and a dead printer's work at another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from app.db import print_jobs, printers, stations
from app.db.print_jobs import PrintJob
from app.domain.changes import Urge
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.routing import Route
from app.domain.tickets import Mark, TicketKind
from app.engine import desk, print_queue
from app.engine.desk import RefusalError
from app.engine.overview import overview
from app.engine.print_queue import BackOff, next_job, not_sent
from app.engine.spooler import _record
from app.engine.views import StandIn
from app.printing import Outcome, OutcomeKind
from tests.engine.shop import NOON, Shop, at, dish, facts, of, open_printer, open_station, report, shop, step

UNKNOWN = Outcome(OutcomeKind.UNKNOWN, "cut off")
STALE, LIMIT, AWAY = 601.0, 121.0, 21.0  # just past the shop's limits, in seconds


class Clock:
    """The engine's clock, as the test sets it."""

    def __init__(self) -> None:
        self.now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def is_at(self, seconds: float) -> None:
        self.now = at(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (print_queue, desk):
        monkeypatch.setattr(module, "now", made)
    monkeypatch.setattr("app.engine.spooler.now", made)
    return made


@pytest.fixture
def pair(clock: Clock) -> Iterator[Shop]:
    """A kitchen at printer 1, which printer 2 stands in for."""
    with shop(kitchens=0) as opened:
        for name in ("hot", "bar"):
            open_printer(opened.connection, name)
        open_station(opened.connection, "hot", 1, backup_id=2)
        yield opened


def accepted(opened: Shop, *names: str) -> None:
    opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=tuple(dish(name) for name in names or ("beef",)))))


def take(opened: Shop, printer: int) -> PrintJob | None:
    return next_job(opened.connection, opened.rules, printer)


def taken(opened: Shop, printer: int) -> PrintJob:
    job = take(opened, printer)
    assert job
    return job


def tell(opened: Shop, job: PrintJob, outcome: Outcome) -> None:
    _record(opened.connection, opened.rules, job, outcome)


def down(opened: Shop, printer: int, seconds: float = 0) -> None:
    printers.set_state(opened.connection, printer, at(seconds), "degraded", "no paper")


def states(opened: Shop) -> list[str]:
    return [job.state for job in opened.tickets]


def story(opened: Shop, job_id: int = 1) -> list[tuple[str, str]]:
    return [(one.state, one.printer) for one in print_jobs.steps(opened.connection, job_id)]


# a dead printer


def test_a_dead_printers_work_moves_after_a_while_as_one_row_and_says_whose_it_is(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    down(pair, 1)
    clock.is_at(AWAY - 2)
    assert take(pair, 2) is None
    clock.is_at(AWAY)
    job = taken(pair, 2)

    assert (job.printer_id, job.ticket.from_printer, Mark.BACKUP in job.ticket.marks) == (2, "hot", True)
    assert story(pair) == [("pending", "hot"), ("pending", "bar"), ("sending", "bar")]
    assert take(pair, 1) is None, "the same row is at one printer only"
    assert len(pair.tickets) == 1


def test_staff_are_told_who_stands_in_and_that_it_is_over(pair: Shop, clock: Clock) -> None:
    def told() -> list[StandIn]:
        return [*overview(pair.connection, pair.rules, clock()).stand_ins]

    accepted(pair)
    down(pair, 1)
    assert told() == []
    clock.is_at(AWAY)
    assert taken(pair, 2).id == 1
    assert told() == [StandIn("hot", "bar", back=False)]
    clock.is_at(AWAY * 2)
    printers.set_state(pair.connection, 1, clock(), "ok")
    assert told() == [StandIn("hot", "bar", back=True)]
    clock.is_at(AWAY * 2 + 601)
    assert told() == []
    down(pair, 1, AWAY * 2 + 700)
    clock.is_at(AWAY * 2 + 701)
    assert told() == [], "this time it took nothing over yet"


def test_what_was_not_sent_at_the_backup_goes_home_unmarked(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    down(pair, 1)
    clock.is_at(AWAY)
    tell(pair, taken(pair, 2), Outcome(OutcomeKind.NOT_SENT, "off"))
    down(pair, 2, AWAY)
    printers.set_state(pair.connection, 1, clock(), "ok")
    clock.is_at(AWAY * 2)
    job = taken(pair, 1)

    assert (job.ticket.from_printer, job.ticket.marks) == ("", ())


def test_a_printer_that_is_off_is_relieved_at_once_and_one_that_is_well_never(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    clock.is_at(300)
    assert take(pair, 2) is None
    printers.change(pair.connection, 1, enabled=False)

    assert taken(pair, 2).id == 1


@pytest.mark.parametrize("state", ["sending", "unknown", "confirmed", "held"])
def test_only_what_never_left_moves(pair: Shop, clock: Clock, state: str) -> None:
    accepted(pair)
    print_jobs.step(pair.connection, 1, state, NOON, settled_at=NOON)
    down(pair, 1)
    clock.is_at(AWAY)

    assert take(pair, 2) is None
    assert pair.tickets[0].printer_id == 1


def test_nothing_moves_past_an_earlier_paper_that_is_on_its_way(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    taken(pair, 1)
    pair.hears(step(1, Kitchen.CANCELLED))
    down(pair, 1)
    clock.is_at(AWAY)
    assert take(pair, 2) is None
    tell(pair, pair.tickets[0], UNKNOWN)

    assert taken(pair, 2).kind == TicketKind.VOID


def test_a_void_whose_printer_died_comes_out_at_the_other_one(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    pair.printed()
    pair.hears(step(1, Kitchen.CANCELLED))
    down(pair, 1)
    clock.is_at(AWAY)
    job = taken(pair, 2)

    assert (job.kind, job.ticket.from_printer) == (TicketKind.VOID, "hot")
    assert {Mark.VOID, Mark.BACKUP} <= {*job.ticket.marks}


def test_a_station_without_a_printer_is_relieved_like_the_default_one(pair: Shop, clock: Clock) -> None:
    open_station(pair.connection, "wok", None)
    stations.save_rules(pair.connection, [Route(0, 2, items=("beef",)), Route(0, 1, items=("tea",))])
    accepted(pair)
    assert pair.tickets[0].printer_id == 1
    down(pair, 1)
    clock.is_at(AWAY)
    job = taken(pair, 2)
    assert (job.station_id, job.ticket.from_printer) == (2, "hot")

    tell(pair, job, Outcome(OutcomeKind.NOT_SENT, "off"))
    down(pair, 2, AWAY)
    printers.set_state(pair.connection, 1, clock(), "ok")
    clock.is_at(AWAY * 2)
    assert taken(pair, 1).ticket.from_printer == ""


# stale tickets


def test_a_stale_ticket_asks_and_prints_unmarked_once_released(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    clock.is_at(STALE)
    assert take(pair, 1) is None
    assert states(pair) == ["held"]
    desk.print_again(pair.connection, pair.rules, [1])
    job = taken(pair, 1)

    assert (job.id, job.ticket.marks, job.marked) == (1, (), False)
    with pytest.raises(RefusalError, match="still waiting"):
        desk.print_again(pair.connection, pair.rules, [1])


@pytest.mark.parametrize("away", ["off", "dead"])
def test_a_backup_prints_nothing_stale_unasked(pair: Shop, clock: Clock, away: str) -> None:
    """In the morning yesterday's tickets of a printer that is off must not flood out of the other one."""
    accepted(pair)
    if away == "off":
        printers.change(pair.connection, 1, enabled=False)
    else:
        down(pair, 1)
    clock.is_at(STALE)

    assert take(pair, 2) is None
    assert states(pair) == ["held"]


def test_a_stale_urge_is_dropped_and_a_void_is_never_stale(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    pair.printed()
    pair.hears(step(1, urge=Urge("u", NOON, "where")))
    clock.is_at(STALE)
    assert take(pair, 1) is None
    assert states(pair) == ["confirmed", "skipped"]
    pair.hears(step(2, Kitchen.CANCELLED))
    clock.is_at(STALE * 9)

    assert taken(pair, 1).kind == TicketKind.VOID


def test_a_stale_ticket_whose_order_died_is_not_asked_about(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    clock.is_at(STALE)
    take(pair, 1)
    pair.hears(step(1, Kitchen.CANCELLED))

    assert states(pair) == ["skipped"]
    with pytest.raises(RefusalError, match="cancelled or changed"):
        desk.print_again(pair.connection, pair.rules, [1])


# food that has left, whatever the clocks say


def test_a_ticket_in_the_pause_between_two_tries_is_held_when_the_food_leaves(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    not_sent(pair.connection, taken(pair, 1), "no answer", at(30))  # due later than the food leaves
    pair.hears(step(1, Kitchen.HANDED_OVER))
    clock.is_at(60)

    assert take(pair, 1) is None
    assert states(pair) == ["held"]


def test_a_ticket_that_was_at_its_printer_when_the_food_left_is_not_tried_again(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    job = taken(pair, 1)
    pair.hears(step(1, Kitchen.HANDED_OVER))
    tell(pair, job, Outcome(OutcomeKind.NOT_SENT, "off"))
    clock.is_at(60)

    assert take(pair, 1) is None
    assert states(pair) == ["held"]


def test_what_a_person_released_after_the_food_left_is_tried_until_it_is_out(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    pair.hears(step(1, Kitchen.HANDED_OVER))
    clock.is_at(5)
    desk.print_again(pair.connection, pair.rules, [1])
    tell(pair, taken(pair, 1), Outcome(OutcomeKind.NOT_SENT, "off"))
    clock.is_at(60)

    assert taken(pair, 1).id == 1


def test_a_step_kept_here_only_holds_back_too(pair: Shop, clock: Clock) -> None:
    """The platform has no word for handing over."""
    accepted(pair)
    desk.request(pair.connection, pair.rules, desk.Wish(pair.order.id, CommandKind.HAND_OVER))

    assert states(pair) == ["held"]


# unknown tickets


def test_an_unknown_ticket_asks_then_comes_again_marked_each_copy_waiting_twice_as_long(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    tell(pair, taken(pair, 1), UNKNOWN)
    assert take(pair, 1) is None
    clock.is_at(LIMIT)
    copy = taken(pair, 1)
    assert (copy.marked, copy.first_id, copy.ticket.marks) == (True, 1, (Mark.POSSIBLE_DUPLICATE,))
    tell(pair, copy, UNKNOWN)
    clock.is_at(LIMIT * 2)
    assert take(pair, 1) is None
    clock.is_at(LIMIT * 3)

    assert taken(pair, 1).ticket.copy == 3


def test_what_the_printer_threw_away_comes_again_at_once(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    tell(pair, taken(pair, 1), Outcome(OutcomeKind.UNKNOWN, "cleared", cleared=True))

    assert taken(pair, 1).ticket.marks == (Mark.POSSIBLE_DUPLICATE,)
    assert [job.answer for job in pair.tickets] == ["reprinted", ""]


@pytest.mark.parametrize("end", [Kitchen.CANCELLED, Kitchen.HANDED_OVER])
@pytest.mark.parametrize("cleared", [True, False])
def test_no_copy_follows_for_an_order_that_died_or_left_meanwhile(
    pair: Shop, clock: Clock, end: Kitchen, cleared: bool
) -> None:
    accepted(pair)
    job = taken(pair, 1)
    pair.hears(step(1, end))
    tell(pair, job, Outcome(OutcomeKind.UNKNOWN, "cut", cleared=cleared))
    clock.is_at(LIMIT)
    while found := take(pair, 1):
        assert found.kind == TicketKind.VOID

    assert pair.tickets[0].answer == "overtaken"
    with pytest.raises(RefusalError):
        desk.came_out(pair.connection, 1)


def test_an_unknown_ticket_that_a_change_replaced_is_not_copied(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    tell(pair, taken(pair, 1), UNKNOWN)
    accepted(pair, "beef", "tea")
    tell(pair, taken(pair, 1), Outcome(OutcomeKind.CONFIRMED))
    clock.is_at(LIMIT)

    assert take(pair, 1) is None
    assert [job.answer for job in pair.tickets] == ["overtaken", ""]


def test_the_backup_answers_for_a_printer_that_was_switched_off_in_doubt(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    tell(pair, taken(pair, 1), UNKNOWN)
    printers.change(pair.connection, 1, enabled=False)
    clock.is_at(LIMIT)
    assert take(pair, 2) is None  # the copy is queued where the ticket was, and taken over at the next look
    copy = taken(pair, 2)

    assert copy.ticket.from_printer == "hot"
    assert {Mark.POSSIBLE_DUPLICATE, Mark.BACKUP} == {*copy.ticket.marks}


# what a person does


@pytest.mark.parametrize("state", ["confirmed", "sent", "unknown"])
def test_nothing_of_a_dead_order_is_printed_again_but_its_void(pair: Shop, clock: Clock, state: str) -> None:
    accepted(pair)
    pair.printed(state)
    pair.hears(step(1, Kitchen.CANCELLED))
    pair.printed()
    with pytest.raises(RefusalError, match="cancelled or changed"):
        desk.print_again(pair.connection, pair.rules, [1])
    desk.print_again(pair.connection, pair.rules, [2])

    assert [job.kind for job in pair.tickets] == ["kitchen", "void", "void"]


def test_what_is_at_its_printer_cannot_be_skipped_and_what_was_skipped_can_come_back(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    desk.skip(pair.connection, [1])
    assert take(pair, 1) is None
    desk.print_again(pair.connection, pair.rules, [1])
    taken(pair, 1)
    with pytest.raises(RefusalError, match="moved on"):
        desk.skip(pair.connection, [1])
    assert [state for state, _ in story(pair)] == ["pending", "skipped", "pending", "sending"]


def test_every_idle_worker_looks_by_index_at_a_long_ledger(pair: Shop, clock: Clock) -> None:
    """10,000 settled tickets, a look a second and printer: no step may read them all."""
    driver = pair.connection.connection.driver_connection
    assert driver
    asked: list[str] = []
    driver.set_trace_callback(asked.append)
    for order in range(3):
        pair.hears(of(f"P-{order}", report(0, Kitchen.ACCEPTED)))
    asked.clear()
    take(pair, 1)
    print_jobs.with_copies(pair.connection, print_jobs.get(pair.connection, 1))
    driver.set_trace_callback(None)
    reads = [sql for sql in asked if sql.startswith("SELECT")]
    plans = [f"{row[3]}: {sql}" for sql in reads for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}")]

    assert any("ix_print_jobs_state_due_at" in plan for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN print_jobs")] == []


def test_the_pauses_between_tries_of_a_printer_grow_and_end_until_it_works() -> None:
    back_off, pauses = BackOff(), []
    for _ in range(7):
        back_off.failed(0.0)
        pauses.append(next(second for second in range(1, 100) if not back_off.rests(float(second))))

    assert pauses == [1, 2, 5, 10, 20, 20, 20]
    back_off.mended()
    assert not back_off.rests(0.0)
    back_off.failed(0.0)
    assert back_off.rests(19.0), "it said that it was ready and still took nothing"
    back_off.worked()
    back_off.failed(0.0)
    assert not back_off.rests(1.0)


def test_a_ticket_refused_for_itself_lets_others_pass_and_comes_again(pair: Shop, clock: Clock) -> None:
    for number in "12":
        pair.hears(of(f"P-{number}", report(0, Kitchen.ACCEPTED, facts=facts(number))))
    tell(pair, taken(pair, 1), Outcome(OutcomeKind.NOT_SENT, "too rude", refused=True))
    assert taken(pair, 1).id == 2
    assert take(pair, 1) is None
    clock.is_at(5)
    assert taken(pair, 1).id == 1


def test_the_oldest_ticket_is_tried_first_however_often_it_was_tried(pair: Shop, clock: Clock) -> None:
    for number in "12345":
        pair.hears(of(f"P-{number}", report(0, Kitchen.ACCEPTED, facts=facts(number))))
    for _ in range(4):
        tell(pair, taken(pair, 1), Outcome(OutcomeKind.NOT_SENT, "no paper"))
    assert [taken(pair, 1).id for _ in range(5)] == [1, 2, 3, 4, 5]


def test_while_a_printer_rests_stale_tickets_are_still_held(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    assert next_job(pair.connection, pair.rules, 1, rests=True) is None
    assert states(pair) == ["pending"]
    clock.is_at(STALE)
    assert next_job(pair.connection, pair.rules, 1, rests=True) is None
    assert states(pair) == ["held"]


def test_what_never_left_of_a_dead_order_is_gone_and_so_is_its_void(pair: Shop, clock: Clock) -> None:
    accepted(pair)
    job = taken(pair, 1)
    pair.hears(step(1, Kitchen.CANCELLED))
    tell(pair, job, Outcome(OutcomeKind.NOT_SENT, "off"))
    clock.is_at(60)

    assert take(pair, 1) is None
    assert states(pair) == ["skipped", "skipped"]
