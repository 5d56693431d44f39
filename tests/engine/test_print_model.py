"""A kitchen at its worst, at random: whatever happens in whatever order, the ledger's promises hold after every step."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, update

from app.db import orders, print_jobs, printers, stations
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.db.tables import print_jobs as jobs
from app.domain.changes import Urge
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.orders import Fulfilment, OrderLine
from app.domain.routing import Moment, Route
from app.domain.tickets import Difference, Mark, TicketKind, TicketLine
from app.engine import desk, print_queue, proof, spooler
from app.engine.apply import apply
from app.engine.desk import RefusalError
from app.printing import Outcome, OutcomeKind
from tests.engine.shop import NOON, dish, facts, house, memory, of, open_account, open_printer, open_station, report, step

HOT, BAR, BAGS = 1, 2, 3  # stations
COOKS = {HOT: frozenset({"beef", "rice"}), BAR: frozenset({"tea", "coffee"})}  # no rule knows rice: the default station's
BASKETS = st.dictionaries(st.sampled_from(["beef", "rice", "tea", "coffee"]), st.integers(1, 3), min_size=1)
NOTES = st.sampled_from(["", "", "peanut allergy"])
NAMES = st.sampled_from(["P-0", "P-1"])
ALL_PRINTERS = (1, 2, 3)
UNSETTLED = frozenset({"pending", "sending", "held", "failed"})
AGAIN = frozenset({Mark.REPRINT, Mark.POSSIBLE_DUPLICATE})


def basket(dishes: dict[str, int]) -> tuple[OrderLine, ...]:
    return tuple(dish(name, number) for name, number in dishes.items())


class Rush(RuleBasedStateMachine):
    """Two orders, three printers: the hot kitchen's and the bar's stand in for each other, the bags' one stands alone."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = contextlib.ExitStack()
        self.db = self.closing.enter_context(memory())
        self.at, self.version, self.house = NOON, 0, house()
        for module in (desk, print_queue, spooler):
            self.closing.enter_context(patch.object(module, "now", lambda: self.at))
        self.account = open_account(self.db)
        for name in ("hot", "bar", "bags"):
            open_printer(self.db, name)
        open_station(self.db, "hot", 1, backup_id=2, copies=2)
        open_station(self.db, "bar", 2, backup_id=1, kind=TicketKind.DISH)
        open_station(self.db, "bags", 3, kind=TicketKind.PACKING, moment=Moment.READY)
        stations.save_rules(self.db, [Route(0, HOT, items=("beef",)), Route(0, BAR, items=("tea", "coffee"))])
        self.sending: dict[int, PrintJob] = {}  # by printer
        self.unmarked: Counter[str] = Counter()  # papers that do not say what they are, by key
        self.by_hand: set[int] = set()  # orders of which a person kept something from the kitchen

    def teardown(self) -> None:
        with self.closing:
            self.check_ledger()

    @property
    def jobs(self) -> list[PrintJob]:
        return print_jobs.latest(self.db, 1000)[::-1]

    def known(self) -> list[StoredOrder]:
        return orders.recent(self.db, 10)

    # what platforms say

    @initialize(dishes=BASKETS)
    def opens(self, dishes: dict[str, int]) -> None:
        self.hears("P-0", dishes, "")

    @rule(name=NAMES, dishes=BASKETS, note=NOTES, due=st.sampled_from([0, 4, 8, 40]), way=st.sampled_from(Fulfilment))
    def hears(
        self, name: str, dishes: dict[str, int], note: str, due: int = 0, way: Fulfilment = Fulfilment.DELIVERY
    ) -> None:
        """The platform tells the order anew, due so many minutes after noon."""
        self.version += 1
        due_at = NOON + timedelta(minutes=due)
        told = facts(name[-1], lines=basket(dishes), note=note, due_at=due_at, fulfilment=way)
        apply(self.db, self.house, self.account, of(name, report(self.version, Kitchen.ACCEPTED, facts=told)), self.at)

    @rule(
        name=NAMES, kitchen=st.sampled_from([Kitchen.READY, Kitchen.HANDED_OVER, Kitchen.CANCELLED, Kitchen.CANCELLED, None])
    )
    def goes_on(self, name: str, kitchen: Kitchen | None) -> None:
        """None: the customer urges."""
        name = name if any(one.platform_order_id == name for one in self.known()) else self.known()[0].platform_order_id
        self.version += 1
        urge = None if kitchen else Urge(str(self.version), self.at, "where is it")
        apply(self.db, self.house, self.account, of(name, step(self.version, kitchen, urge=urge)), self.at)

    @precondition(lambda self: self.known())
    @rule(due=st.sampled_from([0, 4, 8, 40]), way=st.sampled_from(Fulfilment))
    def moves(self, due: int, way: Fulfilment) -> None:
        """The food stays as it is."""
        order = self.known()[0]
        dishes = {one.name: int(one.quantity) for one in order.facts.lines}
        self.hears(order.platform_order_id, dishes, order.facts.note, due, way)

    # what printers do

    @rule(most=st.integers(1, 6))
    def print_well(self, most: int) -> None:
        """Nothing goes wrong for a while."""
        for printer in ALL_PRINTERS * most:
            self.take(printer)
            if printer in self.sending:
                self.answer(printer, Outcome(OutcomeKind.CONFIRMED))

    @rule(seconds=st.sampled_from([1, 25, 150, 700]))
    def time_passes(self, seconds: int) -> None:
        """And every printer that is on and idle looks for work."""
        self.at += timedelta(seconds=seconds)
        for printer in ALL_PRINTERS:
            self.take(printer)

    def take(self, printer: int) -> None:
        if printer in self.sending or not printers.get(self.db, printer).enabled:
            return
        job = print_queue.next_job(self.db, self.house, printer)
        if job is None:
            return
        assert job.id not in {one.id for one in self.sending.values()}, "two printers hold one ticket"
        assert job.kind == TicketKind.VOID or not self.is_dead(job), "a dead order's ticket prints after its void"
        assert job.fresh_until is None or job.fresh_until >= self.at, "a stale ticket prints unasked"
        self.sending[printer] = job

    @precondition(lambda self: self.sending)
    @rule(data=st.data(), kind=st.sampled_from([*OutcomeKind, OutcomeKind.UNKNOWN]), cleared=st.booleans())
    def answers(self, data: st.DataObject, kind: OutcomeKind, cleared: bool) -> None:
        printer = data.draw(st.sampled_from(sorted(self.sending)))
        self.answer(printer, Outcome(kind, "so", cleared=cleared and kind is OutcomeKind.UNKNOWN))

    @precondition(lambda self: self.sending)
    @rule(cleared=st.booleans())
    def all_lines_are_cut(self, cleared: bool) -> None:
        for printer in list(self.sending):
            self.answer(printer, Outcome(OutcomeKind.UNKNOWN, "cut", cleared=cleared))

    def answer(self, printer: int, outcome: Outcome) -> None:
        job = self.sending.pop(printer)
        if outcome.kind is not OutcomeKind.NOT_SENT:
            self.came_out(job)
        spooler._record(self.db, self.house, job, outcome)

    def came_out(self, job: PrintJob) -> None:
        """A doubtful ticket is taken to be on paper: the worst that can have happened."""
        if not AGAIN & {*job.ticket.marks}:
            self.unmarked[job.key] += 1

    @rule(printer=st.sampled_from([1, 1, 2, 3]), what=st.sampled_from(["ok", "degraded", "off", "off", "on"]))
    def has_trouble(self, printer: int, what: str) -> None:
        if what in ("on", "off"):
            printers.change(self.db, printer, enabled=what == "on" or printer in self.sending)
        else:
            printers.set_state(self.db, printer, self.at, what)

    @rule()
    def the_console_dies(self) -> None:
        for job in self.sending.values():
            self.came_out(job)
        self.sending.clear()
        print_jobs.mark_interrupted(self.db, self.at)

    # what people do

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), what=st.sampled_from(["again", "skip", "came_out"]))
    def a_person_acts(self, data: st.DataObject, what: str) -> None:
        job = data.draw(st.sampled_from(self.jobs))
        with contextlib.suppress(RefusalError):
            if what == "again":
                desk.print_again(self.db, self.house, [job.id])
            elif what == "skip":
                desk.skip(self.db, [job.id])
                self.by_hand.add(job.order_id or 0)
            else:
                desk.came_out(self.db, job.id)

    @rule(data=st.data())
    def a_person_prints_the_order(self, data: st.DataObject) -> None:
        with contextlib.suppress(RefusalError):
            desk.print_order(self.db, self.house, data.draw(st.sampled_from(self.known())).id)

    # what always holds

    @invariant()
    def no_promise_is_broken(self) -> None:
        jobs, known = self.jobs, self.known()
        assert [key for key, number in self.unmarked.items() if number > 1] == [], "twice on paper, unmarked"
        in_flight = {job.id: job.printer_id for job in jobs if job.state == "sending"}
        assert in_flight == {job.id: printer for printer, job in self.sending.items()}
        for order in known:
            here = [job for job in jobs if job.order_id == order.id]
            if order.id not in self.by_hand and not order.handed_over_at:
                self.check_dead(here) if order.state.kitchen in DEAD else self.check_living(order, here)

    def check_dead(self, jobs: list[PrintJob]) -> None:
        """It is taken back wherever it may be on paper, and nothing else of it will come."""
        assert not [job for job in jobs if job.state in ("pending", "held") and job.kind != TicketKind.VOID]
        for station, papers in self.read(jobs).items():
            voids = [job for job in jobs if job.kind == TicketKind.VOID and job.station_id == station]
            assert voids or not papers, "cooked for nobody"

    def check_living(self, order: StoredOrder, jobs: list[PrintJob]) -> None:
        """A station of which nothing is open has on paper what the order says now."""
        papers = self.read(jobs)
        for station, dishes in COOKS.items():
            here = [job for job in jobs if job.station_id == station]
            if not any(map(self.is_open, here)):
                wanted = Counter({one.name: int(one.quantity) for one in order.facts.lines if one.name in dishes})
                assert papers.get(station, Counter()) == wanted, (station, [(job.key, job.state) for job in here])
                if wanted:
                    self.check_facts(order, here)

    def check_facts(self, order: StoredOrder, here: list[PrintJob]) -> None:
        """The newest paper that is surely there is not far off."""
        there = [job for job in here if job.state in ("confirmed", "sent") or job.answer == "came_out"]
        newest = max(
            (job for job in there if job.kind not in (TicketKind.VOID, TicketKind.URGE)),
            key=lambda job: (job.revision, job.id),
        ).ticket
        assert newest.fulfilment is order.facts.fulfilment, [(job.key, job.state) for job in here]
        assert order.facts.due_at
        assert newest.due_at
        assert order.ready_at or abs(newest.due_at - order.facts.due_at) < self.house.limits.due

    def check_ledger(self) -> None:
        """Every step is kept, and the proof adds up."""
        for job in self.jobs:
            steps = [one.state for one in print_jobs.steps(self.db, job.id)]
            told = [state for state in steps if state not in ("came_out", "reprinted", "overtaken")]
            assert (told[0], told[-1], told.count("sending")) == ("pending", job.state, job.attempts)
        found = proof.day_proof(self.db, self.house, self.house.calendar.day(NOON))
        assert sum(one.owed for one in found.stations) == sum(job.first_id is None for job in self.jobs)
        assert all(one.owed == one.confirmed + one.explained + one.open for one in found.stations)
        doubtful = {job.id for job in self.jobs if job.state in ("pending", "sending", "held") and not job.marked}
        assert doubtful <= {one.ticket_id for one in found.unproved if one.open}

    def is_open(self, job: PrintJob) -> bool:
        """Somebody will still hear of it, or was told that its printer is off."""
        return job.state in UNSETTLED or (job.state == "unknown" and not job.answer) or "switched off" in job.reason

    def read(self, jobs: list[PrintJob]) -> dict[int, Counter[str]]:
        """What a cook who got every paper that is surely there would make, by station."""
        found: dict[int, dict[tuple[int, int], Counter[str]]] = {}
        for job in jobs:
            if job.kind in (TicketKind.VOID, TicketKind.URGE) or job.station_id not in COOKS:
                continue
            if job.state in ("confirmed", "sent") or job.answer == "came_out":
                sheets = found.setdefault(job.station_id, {})
                if job.kind != TicketKind.CHANGED and any(revision < job.revision for revision, _ in sheets):
                    sheets.clear()  # the whole anew
                one = 1 if job.kind != TicketKind.DISH and job.kind != TicketKind.CHANGED else job.ticket.sheet
                sheets[job.revision, one] = Counter(dict(signed(job.ticket.lines)))
        return {station: total(sheets.values()) for station, sheets in found.items()}

    def is_dead(self, job: PrintJob) -> bool:
        return job.order_id is not None and orders.get(self.db, job.order_id).state.kitchen in DEAD


def signed(lines: Iterable[TicketLine]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found[line.name] += int(Decimal(line.quantity)) * (-1 if line.difference is Difference.REMOVED else 1)
    return found


def total(sheets: Iterable[Counter[str]]) -> Counter[str]:
    """What is taken back of a paper that never came is nothing: a later one is not short of it."""
    found: Counter[str] = Counter()
    for one in sheets:
        found.update(one)
        found = +found
    return found


TestRush = Rush.TestCase
# Without shrinking, which takes minutes here: a failing run prints its steps as they were.
TestRush.settings = settings(
    max_examples=45, stateful_step_count=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)


@pytest.fixture
def rush() -> Iterator[Rush]:
    made = Rush()
    made.hears("P-0", {"beef": 1}, "")
    yield made
    made.closing.close()


def test_the_model_sees_a_copy_that_follows_a_void(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    monkeypatch.setattr(print_queue, "needless", lambda *_: False)
    rush.time_passes(1)
    rush.goes_on("P-0", Kitchen.CANCELLED)
    rush.all_lines_are_cut(True)
    with pytest.raises(AssertionError):
        rush.no_promise_is_broken()


def test_the_model_sees_a_stale_ticket_at_the_backup(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_queue, "_hold", lambda *_: None)
    rush.has_trouble(1, "off")
    with pytest.raises(AssertionError, match="stale"):
        rush.time_passes(700)


def test_the_model_sees_what_is_printed_again_after_a_crash(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(connection: Connection, *_: object) -> None:
        connection.execute(update(jobs).where(jobs.c.state == "sending").values(state="pending"))

    monkeypatch.setattr(print_jobs, "mark_interrupted", forgets)
    rush.time_passes(1)
    rush.the_console_dies()
    rush.print_well(3)
    with pytest.raises(AssertionError, match="twice"):
        rush.no_promise_is_broken()


def test_the_model_sees_a_change_that_nobody_printed(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.change_slips.changed_slip", lambda *_: None)
    rush.print_well(3)
    rush.hears("P-0", {"beef": 2}, "")
    with pytest.raises(AssertionError):
        rush.no_promise_is_broken()


@pytest.mark.parametrize(("due", "way"), [(40, Fulfilment.DELIVERY), (0, Fulfilment.PICKUP)])
def test_the_model_sees_a_fact_that_nobody_was_told(
    rush: Rush, monkeypatch: pytest.MonkeyPatch, due: int, way: Fulfilment
) -> None:
    monkeypatch.setattr("app.engine.change_slips.restated", lambda *_: ())
    monkeypatch.setattr("app.engine.tickets.restated", lambda *_: ())
    rush.print_well(3)
    rush.moves(due, way)
    with pytest.raises(AssertionError):
        rush.no_promise_is_broken()
