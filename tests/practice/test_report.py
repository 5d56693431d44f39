"""The judge of a practice run: a good day passes, and every kind of broken promise is caught (negative controls)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.domain.tickets import TicketKind
from app.platforms.simulation import Record, Truth
from app.practice.evidence import Evidence, Sheet, Side
from app.practice.report import Percentiles, build
from app.practice.rush import Moment

SOLD, DEAD, REFUSED = "1001", "1002", "1003"


def truth(order_id: str, number: str, kitchen: str, **other: object) -> Truth:
    base = Truth(order_id, number, "", kitchen, "CNY", 5000, 0, 100.0, 100.2, ())
    return replace(base, **other)  # type: ignore[arg-type]  # the test names the fields


def sheet(number: str, at: float, kind: TicketKind = TicketKind.KITCHEN, **other: object) -> Sheet:
    base = Sheet(at, "kitchen", kind, f"饿#{number}", f"T-{number}{kind}")
    return replace(base, **other)  # type: ignore[arg-type]  # the test names the fields


def good_day() -> Evidence:
    """One order sold and partly refunded, one cancelled after its ticket, one refused by the shop before any ticket."""
    side = Side(
        "eleme",
        "饿",
        (
            truth(SOLD, "1", "completed", refunded_minor=200),
            truth(DEAD, "2", "cancelled"),
            truth(REFUSED, "3", "rejected"),
        ),
        (Record(100.0, "placed", SOLD), Record(101.0, "commanded", SOLD), Record(102.0, "refused", DEAD)),
        {
            SOLD: {Moment.PLACED: 100.0, Moment.ACCEPTED: 101.0, Moment.READY: 103.0, Moment.COMPLETED: 110.0},
            DEAD: {Moment.PLACED: 100.0, Moment.ACCEPTED: 101.0, Moment.DIED: 105.0},
            REFUSED: {Moment.PLACED: 100.0, Moment.DIED: 101.0},
        },
    )
    return Evidence(
        seed=1,
        speed=20.0,
        sides=(side,),
        sheets=(sheet("1", 101.4), sheet("2", 101.5), sheet("2", 105.3, TicketKind.VOID)),
        stations=("kitchen",),
        stored=frozenset({("eleme", SOLD), ("eleme", DEAD), ("eleme", REFUSED)}),
        sales={"CNY": 4800},
        shown={"饿#1": 100.5},
        finished=True,
        took_seconds=12.34,
    )


def with_paper(*sheets: Sheet) -> Evidence:
    day = good_day()
    return replace(day, sheets=day.sheets + sheets)


def without_paper(kind: TicketKind, number: str) -> Evidence:
    day = good_day()
    kept = (paper for paper in day.sheets if (paper.kind, paper.call_number) != (kind, f"饿#{number}"))
    return replace(day, sheets=tuple(kept))


def changed_order(*sheets: Sheet, known_at: float = 102.3) -> Evidence:
    """The good day with its sold order changed at 102 seconds, ready long after; the console knows of it at `known_at`."""
    day = with_paper(*sheets)
    moments = dict(day.sides[0].moments)
    moments[SOLD] = {**moments[SOLD], Moment.CHANGED: 102.0, Moment.READY: 109.0}
    records = (*day.sides[0].records, Record(101.1, "acknowledged", SOLD), Record(known_at, "acknowledged", SOLD))
    return replace(day, sides=(replace(day.sides[0], moments=moments, records=records),))


def died_at(moment: float) -> Evidence:
    """An order accepted at 101 that dies at `moment` without any paper."""
    day = without_paper(TicketKind.KITCHEN, "2")
    moments = dict(day.sides[0].moments)
    moments[DEAD] = {**moments[DEAD], Moment.DIED: moment}
    sheets = tuple(paper for paper in day.sheets if paper.call_number != "饿#2")
    return replace(day, sheets=sheets, sides=(replace(day.sides[0], moments=moments),))


def test_a_good_day_keeps_every_promise() -> None:
    report = build(good_day())
    assert (report.exit_code, report.problems) == (0, [])
    assert all(report.promises.values())
    assert (report.orders_sent, report.orders_stored, report.orders_missing) == (3, 3, 0)
    assert (report.pushes_confirmed, report.pushes_refused) == (1, 1)
    assert (report.tickets_expected, report.tickets_confirmed, report.tickets_missing) == (2, 2, 0)
    assert (report.cancellations_after_print, report.void_slips) == (1, 1)
    assert report.sales_total_minor == report.platform_total_minor == {"CNY": 4800}
    assert report.platforms["eleme"]["ended_cancelled"] == 1


def test_latencies_come_from_the_records_of_the_other_side() -> None:
    report = build(good_day())
    assert (report.arrival_to_ack_ms.max, report.arrival_to_ack_ms.count) == (200.0, 3)
    assert (report.arrival_to_card_ms.max, report.arrival_to_card_ms.count) == (500.0, 1)
    assert (report.arrival_to_paper_ms.p50, report.arrival_to_paper_ms.max) == (1400.0, 1500.0)
    assert report.accept_to_paper_ms.max == 500.0


def test_the_report_is_json() -> None:
    text = json.dumps(build(good_day()).as_json())
    assert json.loads(text)["arrival_to_ack_ms"]["p99"] == 200.0


@pytest.mark.parametrize(
    ("evidence", "promise"),
    [
        pytest.param(replace(good_day(), stored=frozenset({("eleme", SOLD), ("eleme", DEAD)})), "no_order_lost", id="lost"),
        pytest.param(without_paper(TicketKind.KITCHEN, "1"), "every_ticket_on_paper", id="no ticket"),
        pytest.param(with_paper(sheet("1", 101.6)), "no_unmarked_duplicate", id="cooked twice"),
        pytest.param(with_paper(sheet("2", 106.0, TicketKind.VOID)), "no_unmarked_duplicate", id="voided twice"),
        pytest.param(without_paper(TicketKind.VOID, "2"), "every_cancellation_on_paper", id="no void slip"),
        pytest.param(with_paper(sheet("1", 104.0, TicketKind.VOID)), "no_living_order_voided", id="stray void slip"),
        pytest.param(changed_order(), "every_change_on_paper", id="no changed ticket"),
        pytest.param(
            with_paper(sheet("1", 104.0, practice=False, marked=True)), "paper_marked_as_practice", id="in earnest"
        ),
        pytest.param(with_paper(sheet("1", 104.0, errors=("drawer",), marked=True)), "paper_as_meant", id="garbled"),
        pytest.param(replace(good_day(), sales={"CNY": 5000}), "totals_equal", id="refund forgotten"),
        pytest.param(replace(good_day(), sales={"CNY": 4800, "EUR": 1}), "totals_equal", id="money from nowhere"),
        pytest.param(with_paper(sheet("9", 104.0)), "every_paper_has_an_order", id="phantom"),
        pytest.param(replace(good_day(), finished=False), "everything_finished", id="unfinished"),
    ],
)
def test_a_broken_promise_turns_the_exit_code(evidence: Evidence, promise: str) -> None:
    report = build(evidence)
    assert report.exit_code == 1
    assert [name for name, kept in report.promises.items() if not kept] == [promise]
    assert report.problems


def test_a_marked_copy_is_no_unmarked_duplicate() -> None:
    assert build(with_paper(sheet("1", 101.6, marked=True))).exit_code == 0


def test_a_torn_ticket_is_not_paper() -> None:
    day = without_paper(TicketKind.KITCHEN, "1")
    report = build(replace(day, sheets=(*day.sheets, sheet("1", 101.4, complete=False))))
    assert (report.tickets_missing, report.tickets_unknown, report.exit_code) == (1, 1, 1)


def test_an_order_may_die_before_its_ticket_is_out_but_not_much_later() -> None:
    assert build(died_at(101.5)).exit_code == 0
    assert build(died_at(111.0)).tickets_missing == 1


def test_a_ticket_that_was_taken_back_once_its_order_was_dead_is_not_missing() -> None:
    """It waited for a silent printer until the customer had cancelled: nobody may cook it any more."""
    place = (("eleme", DEAD), "kitchen")
    report = build(replace(died_at(111.0), withdrawn={place: 111.4}))
    assert (report.tickets_expected, report.tickets_missing, report.exit_code) == (1, 0, 0)


@pytest.mark.parametrize(
    ("order", "station", "at"),
    [(DEAD, "kitchen", 105.0), (DEAD, "bar", 111.4), (SOLD, "kitchen", 111.4)],
    ids=["while it lived", "elsewhere", "of another order"],
)
def test_a_ticket_taken_back_for_another_reason_is_missing(order: str, station: str, at: float) -> None:
    assert build(replace(died_at(111.0), withdrawn={(("eleme", order), station): at})).tickets_missing == 1


def test_a_living_orders_ticket_is_missing_whatever_the_ledger_says() -> None:
    day = without_paper(TicketKind.KITCHEN, "1")
    assert build(replace(day, withdrawn={(("eleme", SOLD), "kitchen"): 120.0})).tickets_missing == 1


@pytest.mark.parametrize(
    ("order", "delivered", "words"),
    [
        (SOLD, 100.2, "NOT STORED, completed, told to the console after 0.20 s"),
        (SOLD, None, "NOT STORED, completed, told to nobody"),
        (REFUSED, 100.2, "NOT STORED, rejected after 1.00 s, told to the console after 0.20 s"),
        (REFUSED, None, "NOT STORED, rejected after 1.00 s, told to nobody"),
    ],
)
def test_an_order_that_is_not_stored_is_missing_however_it_ended(order: str, delivered: float | None, words: str) -> None:
    """Every platform lists what died young as well, so that nothing excuses a console that does not know of it."""
    day = good_day()
    told = tuple(replace(one, delivered_to_console_at=delivered) for one in day.sides[0].truth)
    report = build(replace(day, sides=(replace(day.sides[0], truth=told),), stored=day.stored - {("eleme", order)}))
    assert (report.orders_missing, report.orders_stored, report.exit_code) == (1, 2, 1)
    assert [name for name, kept in report.promises.items() if not kept] == ["no_order_lost"]
    assert [became for name, became in report.orders.items() if order in name] == [words]
    assert [problem for problem in report.problems if words in problem and order in problem and "eleme" in problem]


def test_a_report_tells_of_every_order_by_name() -> None:
    assert build(good_day()).orders == {
        f"eleme 饿#1 ({SOLD})": "stored, completed",
        f"eleme 饿#2 ({DEAD})": "stored, cancelled",
        f"eleme 饿#3 ({REFUSED})": "stored, rejected",
    }


def test_an_unfinished_rush_says_what_it_waited_for() -> None:
    report = build(replace(good_day(), finished=False, waited_for=("the printer of kitchen",)))
    assert report.problems == ["the rush did not finish in time", "it waited for the printer of kitchen"]


def test_a_change_is_on_paper_once_it_was_printed() -> None:
    report = build(changed_order(sheet("1", 102.5, TicketKind.CHANGED)))
    assert (report.changes_after_print, report.changed_tickets, report.exit_code) == (1, 1, 0)


def test_a_change_that_came_too_late_needs_no_paper() -> None:
    assert build(changed_order(known_at=108.0)).changes_after_print == 0


def test_food_that_left_needs_no_void_slip() -> None:
    day = without_paper(TicketKind.VOID, "2")
    moments = dict(day.sides[0].moments)
    moments[DEAD] = {**moments[DEAD], Moment.PICKED_UP: 104.0}
    report = build(replace(day, sides=(replace(day.sides[0], moments=moments),)))
    assert (report.cancellations_after_print, report.exit_code) == (0, 0)


def namesakes(*sheets: Sheet) -> Evidence:
    """Two accepted orders of one number, of rice and of noodles."""
    day = good_day()
    both = (truth(SOLD, "1", "ready"), truth("2001", "1", "ready"))
    reached = {Moment.PLACED: 100.0, Moment.ACCEPTED: 101.0}
    dishes = {SOLD: ("fried rice",), "2001": ("noodles",)}
    side = replace(day.sides[0], truth=both, moments={SOLD: reached, "2001": reached}, dishes=dishes)
    stored = frozenset({("eleme", SOLD), ("eleme", "2001")})
    return replace(day, sides=(side,), sheets=sheets, stored=stored, sales={"CNY": 10000})


def test_two_orders_of_one_number_are_told_apart_by_their_dishes() -> None:
    rice, noodles = sheet("1", 101.4, text="1xfriedrice"), sheet("1", 101.5, text="1xnoodles")
    assert build(namesakes(rice, noodles)).exit_code == 0
    assert build(namesakes(rice)).tickets_missing == 1
    twice = build(namesakes(rice, noodles, replace(rice, at=101.6)))
    assert (twice.duplicates_unmarked, twice.exit_code) == (1, 1)


def test_every_station_gets_its_own_ticket() -> None:
    report = build(replace(good_day(), stations=("kitchen", "bar")))
    assert (report.tickets_expected, report.tickets_missing) == (4, 2)


def test_percentiles_are_nearest_rank_and_nothing_is_zero() -> None:
    assert Percentiles.of([]) == Percentiles(0.0, 0.0, 0.0, 0)
    hundred = Percentiles.of([value / 1000 for value in range(1, 101)])
    assert (hundred.p50, hundred.p99, hundred.max, hundred.count) == (50.0, 99.0, 100.0, 100)
