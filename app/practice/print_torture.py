"""`order-console torture --printing`: printers fail, the engine dies between any two commits, and no ticket may be lost.

Virtual printers with changing faults stand here; the engine lives in another process (`print_victim`) and dies at chosen
points of a ticket's way, or is killed from outside. Then the weather is good, a person who looked at the paper answers for
every ticket in doubt, and the printers' own paper is judged (`print_judge`).
"""

from __future__ import annotations

import json
import random
import secrets
import shutil
import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.db import accounts, inbox, print_jobs, printers
from app.db.print_jobs import PrintJob
from app.db.printers import Printer
from app.engine.devices import profile_of
from app.practice.killer import known
from app.practice.nursery import Nursery
from app.practice.print_deaths import POINTS
from app.practice.print_judge import Findings, Judge, Machine
from app.practice.print_orders import MARK, Story
from app.practice.print_shop import PACKING, open_stations
from app.practice.print_street import PrinterStreet
from app.practice.print_victim import Life
from app.practice.printer import VirtualPrinter
from app.practice.torture import show_progress

T = TypeVar("T")

ORDERS_A_KILL = 6  # where the number of kills is not given
FROM_OUTSIDE = 0.25  # share of the lives that are killed at any moment instead of at a point
LIFE_SECONDS = (0.05, 0.7)  # such a life, counted from when the engine is up
LONGEST_LIFE = 2.0  # a life that does not come to its point
LOOKS = 0.1  # share of the lives before which somebody looks at the paper
QUIET_LIMIT = 600.0
QUIET_LIVES = 6  # printing again what was lost may need several


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it all; `findings` must all be zero.

    Tickets by state: confirmed, sent, failed, unknown, held, skipped. `marked` copies were queued, `moved` tickets went to
    a backup, `explained` did not come out and say why. `torn` and `glued` pieces came off the printers. `sent_lost` is what
    printers that cannot confirm swallowed: the console never claimed it, a person found it out. `deaths`: by point.
    """

    orders: int
    printers: int
    jobs: int
    confirmed: int
    sent: int
    failed: int
    unknown: int
    held: int
    skipped: int
    marked: int
    moved: int
    explained: int
    torn: int
    glued: int
    sent_lost: int
    kills: int
    seconds: float
    findings: Findings
    deaths: Mapping[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Every promise held."""
        return self.findings.kept

    def to_json(self) -> dict[str, Any]:
        """Flat, as the report has it."""
        counts = {name: value for name, value in asdict(self).items() if name not in ("findings", "deaths")}
        return {**counts, **asdict(self.findings), "kept": self.kept, "deaths": dict(self.deaths)}


def run(arguments: Namespace) -> int:
    """Torture, print the verdict, exit 0 only if every promise was kept."""
    kills = arguments.kills or max(1, arguments.orders // ORDERS_A_KILL)
    verdict = torture(arguments.orders, arguments.printers, kills, arguments.seed, progress=show_progress)
    text = json.dumps(verdict.to_json(), indent=2)
    print(text)
    if arguments.report:
        arguments.report.write_text(text, "utf-8")
    return 0 if verdict.kept else 1


def torture(
    orders: int, number: int, kills: int, seed: int = 1, sabotage: str = "", progress: Any = lambda *_: None
) -> Verdict:
    """Print the tickets of `orders` orders at `number` printers while the engine dies `kills` times."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="order-console-print-torture-"))
    street = PrinterStreet(number, seed)
    try:
        life = Life(str(folder), secrets.token_hex(32), seed, orders, sabotage=sabotage)
        open_stations(life, street)
        chamber = Chamber(life, street, random.Random(seed))
        finished = chamber.kill_often(kills, progress)
        return chamber.verdict(kills, finished, time.monotonic() - started)
    finally:
        street.close()
        shutil.rmtree(folder)


class Chamber:
    """Ends lives, and looks at the paper between them."""

    def __init__(self, life: Life, street: PrinterStreet, chance: random.Random) -> None:
        self._life = life
        self._street = street
        self._chance = chance
        self._nursery = Nursery("app.practice.print_victim")
        self._points: list[str] = []  # still to be died at, before any comes again
        self._deaths: Counter[str] = Counter()
        self._sent_lost: set[int] = set()

    def kill_often(self, kills: int, progress: Any) -> bool:
        """Answers whether the quiet lives at the end came to their own end."""
        events = len(Story(self._life.seed, self._life.orders).events())
        self._street.roughen()
        try:
            for number in range(1, kills + 1):
                self._live_and_die(replace(self._life, events=events * number // kills, number=number))
                progress(number, kills)
            self._street.calm()
            return self._finish(replace(self._life, events=events, quiet=True, asks=True))
        finally:
            self._nursery.close()

    def verdict(self, kills: int, finished: bool, seconds: float) -> Verdict:
        """Compare the paper with the ledger, and both with the orders."""
        judge = self._judge()
        states = Counter(job.state for job in judge.jobs)
        pieces = [piece for till in self._street.tills for piece in till.printer.paper]
        findings = judge.findings()
        lost = unserved(Story(self._life.seed, self._life.orders), judge)
        return Verdict(
            orders=self._life.orders,
            printers=len(self._street.tills),
            jobs=len(judge.jobs),
            confirmed=states["confirmed"],
            sent=states["sent"],
            failed=states["failed"],
            unknown=states["unknown"],
            held=states["held"],
            skipped=states["skipped"],
            marked=sum(job.marked for job in judge.jobs),
            moved=sum(bool(job.ticket.from_printer) for job in judge.jobs),
            explained=len(judge.explained()),
            torn=sum(not piece.complete for piece in pieces),
            glued=sum(piece.glued for piece in pieces),
            sent_lost=len(self._sent_lost),
            kills=kills,
            seconds=round(seconds, 1),
            findings=replace(
                findings,
                tickets_missing=findings.tickets_missing + lost,
                unfinished=findings.unfinished + (not finished) + self._known(unread),
            ),
            deaths=dict(sorted(self._deaths.items())),
        )

    def _live_and_die(self, life: Life) -> None:
        chance = self._chance
        if chance.random() < LOOKS:
            life = replace(life, came_out=tuple(job.id for job in self._found_on_paper(self._judge())))
        if chance.random() < FROM_OUTSIDE:
            self._die_anywhere(life)
            return
        if not self._points:
            self._points = chance.sample(POINTS, len(POINTS))
        life = replace(life, point=self._points.pop(), nth=chance.choice((1, 1, 2, 3)))
        self._nursery.born(life.as_line())
        by_itself = self._nursery.dies_within(LONGEST_LIFE)
        self._deaths[life.point if by_itself else "outside"] += 1

    def _die_anywhere(self, life: Life) -> None:
        self._nursery.born(life.as_line())
        if self._chance.random() < 0.8:
            self._nursery.grows_up()
        time.sleep(self._chance.uniform(*LIFE_SECONDS))
        self._nursery.kill()
        self._deaths["outside"] += 1

    def _finish(self, life: Life) -> bool:
        """Quiet lives until nobody has anything left to answer."""
        for _ in range(QUIET_LIVES):
            if not self._nursery.lives_to_the_end(life.as_line(), QUIET_LIMIT):
                return False
            judge = self._judge()
            found, lost = self._found_on_paper(judge), self._not_on_paper(judge)
            came_out, again = tuple(job.id for job in found), tuple(job.id for job in lost)
            refused = set(again) <= set(life.again)  # what is still not there was asked for in vain: its order moved on
            if not life.asks and not came_out and refused and self._known(told) == life.events:
                return True
            self._sent_lost |= {job.id for job in lost if job.state == "sent"}
            life = replace(life, asks=False, came_out=came_out, again=again)
        return False

    def _found_on_paper(self, judge: Judge) -> list[PrintJob]:
        return [job for job in judge.jobs if job.state == "unknown" and not job.answer and judge.is_whole(job)]

    def _not_on_paper(self, judge: Judge) -> list[PrintJob]:
        """Tickets in doubt that a person does not find: unknown ones, and where the printer cannot say, sent ones."""
        doubtful = [job for job in judge.jobs if judge.doubtful(job) and not job.answer]
        return [job for job in doubtful if not judge.is_whole(job)]

    def _judge(self) -> Judge:
        jobs, rows = self._known(_ledger)
        standing = zip(rows, (till.printer for till in self._street.tills), strict=True)
        story = Story(self._life.seed, self._life.orders)
        return Judge(
            jobs, {row.id: _machine(row, printer) for row, printer in standing}, {f"{MARK}#{one}" for one in story.dead()}
        )

    def _known(self, read: Callable[[Connection], T]) -> T:
        return known(Path(self._life.folder), bytes.fromhex(self._life.key), read)


def told(connection: Connection) -> int:
    """How many events of the story the console has taken in."""
    return int(accounts.every(connection)[0].cursor or 0)


def unread(connection: Connection) -> int:
    """Events that were told and never understood."""
    return inbox.waiting(connection) + len(inbox.parked(connection))


def unserved(story: Story, judge: Judge) -> int:
    """Living orders for which a station never made a ticket: what no ledger can tell."""
    ticketed = {(job.ticket.call_number, job.ticket.station) for job in judge.jobs}
    return sum(
        (f"{MARK}#{number}", station) not in ticketed
        for number, categories in story.alive().items()
        for station in (*categories, PACKING)
    )


def _ledger(connection: Connection) -> tuple[list[PrintJob], list[Printer]]:
    return print_jobs.latest(connection, 1 << 30)[::-1], printers.every(connection)


def _machine(row: Printer, printer: VirtualPrinter) -> Machine:
    return Machine(row.dialect, row.paper, profile_of(row.profile), list(printer.paper), printer.hanging)
