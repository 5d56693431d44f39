"""Judges a print ledger by the printers' own paper, read without our encoder: what is claimed must be there, once.

Every paper that the ledger speaks of is built again and put through an interpreter; what that shows, row by row, must be
found on a real piece. A job is in doubt when the ledger says so: unknown, or sent to a printer that cannot confirm.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from app.db.print_jobs import PrintJob
from app.domain.tickets import TicketKind
from app.practice.evidence import COPIES
from app.practice.label_paper import LabelPaper, LabelReader
from app.practice.paper import Paper
from app.practice.printer_commands import CommandReader
from app.practice.printer_pieces import Item, PaperTicket, Picture, QrCode, Row
from app.printing import Acknowledges, Profile, build, template_for

Rows = tuple[str, ...]  # what stands on a piece from top to bottom, blank rows left out


@dataclass(frozen=True, slots=True)
class Machine:
    """One printer as the shop stored it, and everything that came out of it; `hanging` is what is not cut off yet."""

    dialect: str
    paper: str
    profile: Profile
    pieces: Sequence[PaperTicket]
    hanging: PaperTicket | None = None

    @property
    def confirms(self) -> bool:
        """Whether it can say that a paper came out; where it is unknown, it was never seen to."""
        return self.profile.acknowledges in (Acknowledges.PROCESS_ID, Acknowledges.STATUS)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a judge found wrong; all must be zero.

    tickets_missing          first tickets without a whole paper, of themselves or a copy, that nothing explains
    duplicates_unmarked      whole papers beyond the first of one ticket that do not say that they may be copies
    glued_unnoticed          pieces that carry something of another ticket of which the ledger does not say unknown
    torn_unnoticed           broken pieces of tickets of which the ledger does not say unknown
    confirmed_without_paper  tickets called confirmed that no whole piece carries
    unfinished               tickets that are in no final state
    """

    tickets_missing: int = 0
    duplicates_unmarked: int = 0
    glued_unnoticed: int = 0
    torn_unnoticed: int = 0
    confirmed_without_paper: int = 0
    unfinished: int = 0

    @property
    def kept(self) -> bool:
        """Every promise held."""
        return not any(asdict(self).values())


class Judge:
    """Compares `jobs` (the whole ledger, oldest first) with the paper of `machines` (by the printer's id).

    `dead`: call numbers of cancelled orders.
    """

    def __init__(self, jobs: Iterable[PrintJob], machines: Mapping[int, Machine], dead: Collection[str] = ()) -> None:
        self.jobs = list(jobs)
        self._dead = dead
        self._machines = machines
        self._expected: dict[int, list[Rows]] = {}
        self._doubts: dict[int, tuple[frozenset[str], frozenset[str]]] = {}
        self._whole = {number: _index(machine) for number, machine in machines.items()}
        self._by_name: dict[str, list[PrintJob]] = defaultdict(list)
        for job in self.jobs:
            self._by_name[job.ticket.ticket_id].append(job)

    def findings(self) -> Findings:
        """Everything that is wrong."""
        return Findings(
            tickets_missing=len(self.missing()),
            duplicates_unmarked=self._duplicates(),
            glued_unnoticed=sum(1 for _ in self._glued()),
            torn_unnoticed=sum(1 for _ in self._torn()),
            confirmed_without_paper=self._lies(),
            unfinished=sum(_is_open(job) for job in self.jobs),
        )

    def is_whole(self, job: PrintJob) -> bool:
        """Whether every sheet of this very job is whole on a paper of its printer."""
        found = self._whole[job.printer_id]
        return all(any(_ends(rows, sheet) for rows in found[sheet[-1]]) for sheet in self.expected(job))

    def missing(self) -> list[PrintJob]:
        """First tickets that neither came out nor are explained."""
        return [group[0] for group in self._groups if not (self._is_explained(group) or any(map(self.is_whole, group)))]

    def explained(self) -> list[PrintJob]:
        """First tickets that did not come out and say why."""
        return [group[0] for group in self._groups if self._is_explained(group) and not any(map(self.is_whole, group))]

    def doubtful(self, job: PrintJob) -> bool:
        """Whether the ledger tells a person to look: unknown, or a printer that cannot say."""
        return job.state == "unknown" or (job.state == "sent" and not self._machines[job.printer_id].confirms)

    def expected(self, job: PrintJob) -> list[Rows]:
        """What must stand on the sheets of a job, by an interpreter that knows nothing of our encoder."""
        if job.id not in self._expected:
            machine, ticket = self._machines[job.printer_id], job.ticket
            payload = build(ticket, template_for(ticket, {}), machine.paper, machine.profile, machine.dialect)
            self._expected[job.id] = [rows_of(piece) for piece in _printed(payload, machine)]
        return self._expected[job.id]

    @cached_property
    def _groups(self) -> list[list[PrintJob]]:
        found: dict[int, list[PrintJob]] = {}
        for job in self.jobs:
            found.setdefault(job.first_id or job.id, []).append(job)
        return list(found.values())

    @cached_property
    def _newest(self) -> dict[tuple[int | None, int | None], int]:
        found: dict[tuple[int | None, int | None], int] = {}
        for job in self.jobs:
            where = job.order_id, job.station_id
            found[where] = max(found.get(where, 0), job.revision)
        return found

    def _is_explained(self, group: Sequence[PrintJob]) -> bool:
        """Whether it is known why a ticket, given with its copies, did not come out: skipped with a reason, or overtaken.

        A ticket in doubt that was swallowed is not wanted any more where its order died or its station has a newer paper.
        """
        first, last = group[0], group[-1]
        if last.state == "skipped" or last.answer == "overtaken":
            return bool(last.reason)
        moot = first.ticket.call_number in self._dead or self._newest[first.order_id, first.station_id] > first.revision
        return moot and self.doubtful(last) and first.kind != TicketKind.VOID

    def _lies(self) -> int:
        """Two tickets that look alike need two papers."""
        confirmed = [job for job in self.jobs if job.state == "confirmed"]
        claimed = Counter((job.printer_id, sheet) for job in confirmed for sheet in self.expected(job))
        return sum(max(0, number - self._count(printer, sheet)) for (printer, sheet), number in claimed.items())

    def _count(self, printer: int, sheet: Rows) -> int:
        return sum(_ends(rows, sheet) for rows in self._whole[printer][sheet[-1]])

    def _duplicates(self) -> int:
        """Receipts are told apart by the id they carry; labels carry none, so alike ones are counted."""
        unmarked: Counter[str] = Counter()
        for machine in self._machines.values():
            for piece in machine.pieces if machine.dialect == "escpos" else ():
                if piece.complete and piece.ticket_id and not self._is_marked(piece):
                    unmarked[piece.ticket_id] += 1
        return sum(number - 1 for number in unmarked.values()) + self._labels_too_many()

    def _labels_too_many(self) -> int:
        label_jobs = [job for job in self.jobs if self._machines[job.printer_id].dialect == "tspl" and not job.marked]
        owed = Counter((job.printer_id, sheet) for job in label_jobs for sheet in self.expected(job))
        return sum(max(0, self._count(printer, sheet) - number) for (printer, sheet), number in owed.items())

    def _is_marked(self, piece: PaperTicket) -> bool:
        """By the ticket that it is; the glued rest of another one says nothing about it."""
        owner = self._owner(piece)
        return owner.marked if owner else bool(piece.marks & COPIES)

    def _owner(self, piece: PaperTicket) -> PrintJob | None:
        rows = rows_of(piece)
        found = self._by_name[piece.ticket_id]
        return next((job for job in found if any(_ends(rows, sheet) for sheet in self.expected(job))), None)

    def _glued(self) -> Iterator[PaperTicket]:
        """Whole tickets above which something of another one hangs, when no ticket in doubt could have left it there."""
        for number, machine in self._receipts():
            for piece in machine.pieces:
                owner = self._owner(piece) if piece.complete else None
                foreign = _above(rows_of(piece), self.expected(owner)) if owner else ()
                if (foreign or piece.glued) and owner and not self._came_from(number, foreign):
                    yield piece

    def _torn(self) -> Iterator[PaperTicket]:
        """Pieces that are no whole ticket of the ledger."""
        for number, machine in self._receipts():
            hanging = [machine.hanging] if machine.hanging and not machine.hanging.blank else []
            for piece in (*machine.pieces, *hanging):
                broken = not piece.complete or self._owner(piece) is None
                if broken and rows_of(piece) and not self._came_from(number, rows_of(piece)):
                    yield piece

    def _receipts(self) -> Iterator[tuple[int, Machine]]:
        """Label printers confirm nothing: there every ticket is in doubt."""
        return ((number, one) for number, one in self._machines.items() if one.dialect == "escpos")

    def _came_from(self, printer: int, rows: Rows) -> bool:
        """Whether tickets in doubt at this printer explain a broken piece.

        Every row that stands on any ticket must stand on one in doubt; the order's number and the footer stand on no other
        order's. A row of no ticket at all is noise: half a row, or a picture filled up by what followed it.
        """
        if printer not in self._doubts:
            here = [job for job in self.jobs if job.printer_id == printer]
            self._doubts[printer] = self._standing([job for job in here if self.doubtful(job)]), self._standing(here)
        doubtful, known = self._doubts[printer]
        return bool(doubtful) and all(row in doubtful for row in rows if row in known)

    def _standing(self, jobs: Iterable[PrintJob]) -> frozenset[str]:
        return frozenset(row for job in jobs for sheet in self.expected(job) for row in sheet)


def rows_of(piece: PaperTicket) -> Rows:
    """What stands on it, row by row; a picture by its dots, a broken one left out."""
    return tuple(filter(None, map(_row, piece.items)))


def _row(item: Item) -> str:
    if isinstance(item, Row):
        return "".join(run.text for run in item.runs).strip()
    if isinstance(item, QrCode):
        return f"code {bytes(item)!r}"
    if isinstance(item, Picture) and item.complete:
        return f"picture {hashlib.sha256(item.dots).hexdigest()}"
    return ""


def _printed(payload: bytes, machine: Machine) -> list[PaperTicket]:
    """The pieces of a job on a perfect printer."""
    if machine.dialect == "escpos":
        roll = Paper(int(machine.paper))
        for command in CommandReader().feed(payload):
            roll.execute(command)
        return roll.pieces
    labels = LabelPaper()
    for command in LabelReader().feed(payload):
        labels.execute(command)
        while labels.busy:
            labels.advance()
    return labels.pieces


def _index(machine: Machine) -> defaultdict[str, list[Rows]]:
    """The whole pieces of a printer by their last row."""
    found: defaultdict[str, list[Rows]] = defaultdict(list)
    for piece in machine.pieces:
        rows = rows_of(piece)
        if piece.complete and rows:
            found[rows[-1]].append(rows)
    return found


def _ends(rows: Rows, sheet: Rows) -> bool:
    return rows[-len(sheet) :] == sheet


def _above(rows: Rows, sheets: Iterable[Rows]) -> Rows:
    """What stands above the ticket itself."""
    own = next(sheet for sheet in sheets if _ends(rows, sheet))
    return rows[: -len(own)]


def _is_open(job: PrintJob) -> bool:
    return job.state in ("pending", "sending", "held") or (job.state == "unknown" and not job.answer)
