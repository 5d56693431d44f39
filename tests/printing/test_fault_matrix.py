"""Every fault of a bad day, by what the printer acknowledges and whether it clears; its paper judges, after a restart too.

The invariants: each job ends in exactly one state; confirmed implies one whole ticket; all whole papers of a ticket but the
first are marked; no torn or glued piece goes unnoticed; and whoever answers honestly has every ticket in the end.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.db import print_jobs, printers
from app.db.database import Database
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import Kitchen
from app.domain.tickets import Mark, Ticket, TicketKind, TicketLine, TicketOption
from app.engine import desk, devices, print_queue, spooler, tickets
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.house import Limits
from app.engine.secrets import Vault
from app.engine.spooler import Spooler
from app.practice.print_judge import Findings, Judge, Machine
from app.practice.printer import VirtualPrinter
from app.practice.printer_faults import PrinterFaults
from app.printing import LanPrinter, OutcomeKind, Patience, Profile, build
from app.steady import now
from tests.engine.shop import NOON, facts, house, of, open_account, open_kitchen, report, until

QUICK = Patience(connect=0.3, answer=0.08, settle=0.15, line=0.004, poll=0.05, longest=0.6)
LEVELS = ("process_id", "status", "none")
LINES_PER_SECOND = 400.0  # so that "in the middle" exists

Fault = Callable[[VirtualPrinter], Any]


def knobs(**settings: Any) -> Fault:
    return lambda printer: printer.change(**settings)


FAULTS: Mapping[str, Fault] = {
    "none": knobs(),
    "slow": knobs(lines_per_second=60),
    "small_buffer": knobs(buffer_bytes=64),
    "paper_out_before": knobs(paper_out_after_lines=0),
    "paper_out_amid": knobs(paper_out_after_lines=6),
    "paper_out_at_the_cut": knobs(paper_out_after_lines=14),
    "near_end": knobs(near_end_after_lines=2),
    "cover_open": knobs(cover_open=True),
    "cutter_jam": knobs(cutter_jam=True),
    "offline": knobs(offline=True),
    "no_power": lambda printer: printer.power_cut(),
    "power_cut_amid": knobs(power_cut_after_lines=6),
    "power_cut_late": knobs(power_cut_after_lines=14),
    "reset_at_once": knobs(reset_after_bytes=0),
    "reset_at_the_question": knobs(reset_after_bytes=8),
    "reset_amid": knobs(reset_after_bytes=300),
    "reset_in_a_picture": knobs(reset_after_bytes=900),
    "mute": knobs(mute=True),
    "hangs": knobs(half_open="hangs"),
    "vanishes": knobs(half_open="vanishes"),
    "second_refused": knobs(second_connection="refused"),
    "second_waits": knobs(second_connection="waits"),
    "ack_never": knobs(ack_fault="never"),
    "ack_twice": knobs(ack_fault="twice"),
    "ack_wrong_id": knobs(ack_fault="wrong_id"),
    "ack_late": knobs(ack_late_seconds=0.3),
    "ack_too_late": knobs(ack_late_seconds=1.2, stray_replies=True),
    "status_amid_replies": knobs(status_amid_replies=True),
    "drop_replies": knobs(drop_replies=0.5),
    "one_answer": knobs(answers=(1,)),
    "no_answers": knobs(answers=()),
    "moved": lambda printer: printer.move(),
}
CASES = [(fault, level, clears) for fault in FAULTS for level in LEVELS for clears in (True, False)]
# Each fault at every level; clearing or not in turns, so that the ordinary run is short.
SOME = [case for number, case in enumerate(CASES) if number % 4 in (0, 3)]
# With the whole engine: each fault once, levels in turns.
FEW = [case for number, case in enumerate(CASES) if number % 6 == (number // 6) * 5 % 6]


def rest_of(some: list[tuple[str, str, bool]]) -> list[Any]:
    """The cross product, what is not among `some` in the long run only."""
    return [case if case in some else pytest.param(*case, marks=pytest.mark.slow) for case in CASES]


@contextmanager
def at_work(level: str, clears: bool) -> Iterator[VirtualPrinter]:
    nature = PrinterFaults(ack=level, clear_supported=clears, lines_per_second=LINES_PER_SECOND)
    with VirtualPrinter(7, faults=nature).in_thread() as printer:
        yield printer


def mended(printer: VirtualPrinter, home: int, level: str, clears: bool) -> None:
    if printer.port != home:
        printer.move(home)
    printer.change(**PrinterFaults(ack=level, clear_supported=clears).to_json())
    printer.power_on()  # last: a power cut that was set to come must not come after it
    printer.refill()


def paper_of(number: int) -> Ticket:
    """A short ticket with a line that must be drawn."""
    dishes = (TicketLine("2", f"宫保鸡丁 {number}", (TicketOption("去葱"),)), TicketLine("1", "𩽾𩾌鱼豆腐煲"))
    call, name = f"饿#{number}", tickets.ticket_id(f"{number}")
    return Ticket(TicketKind.KITCHEN, call, "饿了么", name, NOON, "Asia/Shanghai", dishes, station="热菜")


class Counter:
    """A ledger in memory over one real connection: what the engine does, by hand."""

    def __init__(self, printer: VirtualPrinter, profile: Profile) -> None:
        self._printer = printer
        self._home = printer.port
        self._profile = profile
        self.jobs: list[PrintJob] = []
        self.restart()

    def restart(self) -> None:
        """A new process knows only what the ledger says."""
        torn = bool(self.jobs) and self.jobs[-1].state == "unknown"
        self._device = LanPrinter("127.0.0.1", self._home, patience=QUICK, profile=self._profile, torn=torn)

    def order(self, number: int) -> None:
        """A first ticket."""
        self._put(len(self.jobs), paper_of(number), None)

    def settle(self) -> None:
        """Print what never left, and copies of what is unknown; then look for what only was sent."""
        for job in list(self.jobs):
            if job.state == "pending":
                self._put(job.id - 1, job.ticket, job.first_id)
        for job in list(self.jobs):
            if job.state == "unknown" and not job.answer:
                self._again(job)
        for job in self.jobs[:]:
            if self.judge.doubtful(job) and not job.answer and not self.judge.is_whole(job):
                self._again(job)

    @property
    def judge(self) -> Judge:
        printer = self._printer
        return Judge(self.jobs, {1: Machine("escpos", "80", self._profile, list(printer.paper), printer.hanging)})

    def _again(self, job: PrintJob) -> None:
        self.jobs[job.id - 1] = replace(job, answer="reprinted")
        ticket = tickets.reprint(job, Mark.POSSIBLE_DUPLICATE, len(self.jobs) + 1, NOON)
        self._put(len(self.jobs), ticket, job.first_id or job.id)

    def _put(self, place: int, ticket: Ticket, first: int | None) -> None:
        outcome = self._device.print_ticket(build(ticket, None, "80", self._profile))
        state = {OutcomeKind.NOT_SENT: "pending"}.get(outcome.kind, outcome.kind.value)
        row = a_job(place + 1, ticket, state, first)
        self.jobs[place : place + 1] = [row]


def a_job(number: int, ticket: Ticket, state: str, first: int | None) -> PrintJob:
    return PrintJob(
        id=number,
        order_id=None,
        printer_id=1,
        key=f"{number}",
        kind=ticket.kind.value,
        revision=1,
        ticket=ticket,
        state=state,
        attempts=1,
        marked=first is not None,
        created_at=NOON,
        due_at=NOON,
        sending_at=NOON,
        settled_at=NOON,
        reason="",
        answer="",
        station_id=1,
        first_id=first,
        fresh_until=None,
    )


@pytest.mark.parametrize(("fault", "level", "clears"), rest_of(SOME))
def test_a_printer_at_its_worst(fault: str, level: str, clears: bool) -> None:
    with at_work(level, clears) as printer:
        home = printer.port
        counter = Counter(printer, Profile(acknowledges=level, clears=clears, answers=(1, 2, 3, 4)))
        counter.order(1)
        FAULTS[fault](printer)
        counter.order(2)
        counter.order(3)
        assert ignoring_missing(counter.judge.findings()) == Findings(), [job.state for job in counter.jobs]
        counter.restart()
        mended(printer, home, level, clears)
        for _ in range(3):
            counter.settle()
        counter.order(4)
        counter.settle()
        assert counter.judge.findings() == Findings(), [job.state for job in counter.jobs]


def ignoring_missing(findings: Findings) -> Findings:
    """While the printer is still ill, some tickets may not have come out and some wait."""
    return replace(findings, tickets_missing=0, unfinished=0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "orders.db", bytes(32)) as opened:
        yield opened


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*arguments: Any) -> Any:
        device: Any = devices.open_device(*arguments)
        device.patience = QUICK
        return device

    monkeypatch.setattr(spooler, "open_device", opened)
    monkeypatch.setattr(spooler, "IDLE", 0.05)
    monkeypatch.setattr(spooler, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(spooler, "GRACE", 0.1)
    monkeypatch.setattr(print_queue, "BACK_OFF", (0.05, 0.1))


@pytest.mark.usefixtures("_hasty", "caplog")
@pytest.mark.parametrize(("fault", "level", "clears"), rest_of(FEW))
async def test_an_engine_at_its_worst(store: Database, fault: str, level: str, clears: bool) -> None:
    """Three orders meet the fault; the engine stops in the middle, starts again, and a person answers."""
    rules = house(limits=Limits(unknown=timedelta(hours=1)))
    account = store.write_now(open_account)
    with at_work(level, clears) as printer:
        home = printer.port
        store.write_now(open_kitchen, "kitchen", home)

        def hears(number: int) -> None:
            heard = report(0, Kitchen.ACCEPTED, facts=facts(f"{number}", placed_at=now()))
            store.write_now(apply, rules, account, of(f"P-{number}", heard), now())

        async def lives(condition: Callable[[], Any]) -> None:
            store.write_now(print_jobs.mark_interrupted, now())
            engine = Spooler(store, rules, Bell(), Vault(bytes(32), "test"))
            await engine.start()
            try:
                await until(condition)
            finally:
                await engine.stop()

        hears(1)
        await lives(lambda: settled(store))
        FAULTS[fault](printer)
        for number in (2, 3, 4):
            hears(number)
        await lives(lambda: jobs_of(store)[1].attempts)  # and dies in the middle of it
        judge = judge_of(store, printer)
        assert ignoring_missing(judge.findings()) == Findings(), states(store)

        mended(printer, home, level, clears)
        await lives(lambda: settled(store))
        for _ in range(3):
            answered = answer(store, rules, judge_of(store, printer))
            await lives(lambda: settled(store))
            if not answered:
                break
        assert judge_of(store, printer).findings() == Findings(), states(store)


def answer(store: Database, rules: Any, judge: Judge) -> int:
    """Somebody looks at the paper; answers how often it had to be said."""
    doubtful = [job for job in judge.jobs if judge.doubtful(job) and not job.answer]
    lost = [job.id for job in doubtful if not judge.is_whole(job)]
    found = [job.id for job in doubtful if job.state == "unknown" and judge.is_whole(job)]
    for ticket in found:
        store.write_now(desk.came_out, ticket)
    store.write_now(desk.print_again, rules, lost)
    return len(found) + len(lost)


def jobs_of(store: Database) -> list[PrintJob]:
    return store.read(print_jobs.latest, 1000)[::-1]


def states(store: Database) -> list[tuple[str, str]]:
    return [(job.state, job.reason) for job in jobs_of(store)]


def settled(store: Database) -> bool:
    return all(job.state not in ("pending", "sending") for job in jobs_of(store))


def judge_of(store: Database, printer: VirtualPrinter) -> Judge:
    (row,) = store.read(printers.every)
    profile = devices.profile_of(row.profile)
    return Judge(jobs_of(store), {row.id: Machine("escpos", "80", profile, list(printer.paper), printer.hanging)})


def test_the_ordinary_run_has_every_fault_and_every_level() -> None:
    assert {(fault, level) for fault, level, _ in SOME} == set(itertools.product(FAULTS, LEVELS))
    assert {fault for fault, *_ in FEW} == set(FAULTS)
    assert {case[1:] for case in FEW} == set(itertools.product(LEVELS, (True, False)))


@contextmanager
def after(*payloads: bytes) -> Iterator[VirtualPrinter]:
    """A printer to which these were sent without a question asked."""
    with at_work("none", clears=False) as printer:
        for number, payload in enumerate(payloads, 1):
            with socket.create_connection(("127.0.0.1", printer.port)) as line:
                line.sendall(payload)
            wait_until_taken(printer, sum(map(len, payloads[:number])))
        yield printer


def wait_until_taken(printer: VirtualPrinter, size: int) -> None:
    give_up = time.monotonic() + 60
    while printer.bytes_received < size or not printer.idle:
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.01)


def findings(printer: VirtualPrinter, *jobs: PrintJob) -> Findings:
    profile = Profile(acknowledges="process_id")
    return Judge(jobs, {1: Machine("escpos", "80", profile, list(printer.paper), printer.hanging)}).findings()


FIRST, SECOND = paper_of(1), paper_of(2)
DISH = "宫保鸡丁 1".encode("gbk")
HALF = build(FIRST).index(b"\n", build(FIRST).index(DISH)) + 1  # bytes, to the end of the first dish
IN_THE_PICTURE = 200


def test_the_judge_wants_paper_for_what_is_confirmed_and_for_what_was_owed() -> None:
    with after(build(FIRST)) as printer:
        told = findings(printer, a_job(1, FIRST, "confirmed", None), a_job(2, SECOND, "confirmed", None))
        silent = findings(printer, a_job(1, FIRST, "confirmed", None), a_job(2, SECOND, "sent", None))
    assert told == Findings(tickets_missing=1, confirmed_without_paper=1)
    assert silent == Findings(tickets_missing=1)


def test_the_judge_counts_what_came_twice_unmarked() -> None:
    marked = replace(FIRST, marks=(Mark.POSSIBLE_DUPLICATE,), copy=2)
    first, copy = a_job(1, FIRST, "confirmed", None), a_job(2, marked, "confirmed", 1)
    with after(build(FIRST), build(marked)) as printer:
        assert findings(printer, first, copy) == Findings()
    with after(build(FIRST), build(FIRST)) as printer:
        assert findings(printer, first) == Findings(duplicates_unmarked=1)


@pytest.mark.parametrize(("state", "unnoticed"), [("unknown", 0), ("confirmed", 1), ("failed", 1)])
def test_the_judge_notices_glue(state: str, unnoticed: int) -> None:
    with after(build(FIRST)[:HALF], build(SECOND)) as printer:
        assert [piece.state for piece in printer.paper] == ["torn", "glued"]
        found = findings(printer, answered(a_job(1, FIRST, state, None)), a_job(2, SECOND, "confirmed", None))
    assert (found.glued_unnoticed, found.torn_unnoticed) == (unnoticed, unnoticed)


@pytest.mark.parametrize(("state", "unnoticed"), [("unknown", 0), ("confirmed", 1), ("skipped", 1)])
def test_the_judge_notices_a_ticket_whose_head_was_swallowed(state: str, unnoticed: int) -> None:
    with after(build(FIRST)[:IN_THE_PICTURE], build(SECOND)) as printer:
        found = findings(printer, answered(a_job(1, FIRST, "unknown", None)), answered(a_job(2, SECOND, state, None)))
    assert found.torn_unnoticed == unnoticed
    assert found.confirmed_without_paper == (state == "confirmed")


@pytest.mark.parametrize(("state", "unnoticed"), [("unknown", 0), ("confirmed", 1), ("skipped", 1)])
def test_the_judge_notices_what_hangs_out_torn(state: str, unnoticed: int) -> None:
    with after(build(FIRST)[:HALF]) as printer:
        assert printer.hanging
        assert findings(printer, answered(a_job(1, FIRST, state, None))).torn_unnoticed == unnoticed


@pytest.mark.parametrize("state", ["pending", "sending", "held", "unknown"])
def test_the_judge_wants_everything_settled(state: str) -> None:
    with after(build(FIRST)) as printer:
        assert findings(printer, a_job(1, FIRST, state, None)) == Findings(unfinished=1)


def answered(job: PrintJob) -> PrintJob:
    return replace(job, answer="came_out" if job.state == "unknown" else "")
