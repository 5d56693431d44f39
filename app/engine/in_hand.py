"""What of an order is, or may be, in somebody's hand; and which ticket nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.db import orders, print_jobs
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import DEAD
from app.domain.tickets import COOKED_FROM, TicketKind
from app.texts import tr

WAITING = frozenset({"pending", "held"})
# Papers that only tell; what they tell of stands on others.
SLIPS = frozenset({TicketKind.VOID.value, TicketKind.URGE.value, TicketKind.TOTALS.value})
# Nobody needs these once the food has left; a bag's slip or a receipt may still be asked for.
FOR_COOKS = frozenset(kind.value for kind in COOKED_FROM | {TicketKind.CHANGED})
COUNTED = frozenset({TicketKind.PACKING.value, TicketKind.COURIER.value})  # papers that say how many bags there are
_NOT_ON_PAPER = WAITING | {"skipped", "failed"}


def overtaken(connection: Connection, job: PrintJob) -> bool:
    """Whether a ticket's order died or was printed anew meanwhile: on paper it would still be cooked, or miscounted."""
    if job.order_id is None or job.kind == TicketKind.VOID:
        return False
    order = orders.get(connection, job.order_id)
    if order.state.kitchen in DEAD:
        return True
    here = [one for one in print_jobs.of_order(connection, job.order_id) if one.station_id == job.station_id]
    dropped = job.state == "skipped" and job.revision < order.revision and not on_paper(here)  # the station lost its dishes
    again = any(one.kind == job.kind and one.id > job.id for one in here)
    miscounted = job.kind in COUNTED and job.ticket.bags != (order.bags or 0) and again
    return dropped or miscounted or any(one.revision > job.revision for one in here)


def needless(connection: Connection, job: PrintJob) -> bool:
    """Whether nobody must be told any more what a doubtful ticket said: it was overtaken, or its food has left."""
    left = job.order_id is not None and orders.get(connection, job.order_id).handed_over_at is not None
    return overtaken(connection, job) or (left and job.kind in FOR_COOKS)


def withdraw(connection: Connection, job: PrintJob, now: datetime) -> None:
    """Skip an overtaken ticket of which no byte left, and the slips that would take nothing back."""
    print_jobs.settle(connection, job.id, "skipped", now, tr("the order moved on before this was printed"))
    jobs = print_jobs.of_order(connection, job.order_id) if job.order_id else []
    here = [one for one in jobs if one.station_id == job.station_id]
    if not on_paper(here):
        slips = [one for one in here if one.kind in (TicketKind.VOID, TicketKind.CHANGED)]
        skip_waiting(connection, slips, now, tr("nothing was printed"))


def on_paper(jobs: Iterable[PrintJob]) -> Mapping[int, Sequence[PrintJob]]:
    """By station, the tickets that are, or may be, in somebody's hand, oldest first; slips that only tell are left out."""
    found: dict[int, list[PrintJob]] = {}
    for job in jobs:
        if job.state not in _NOT_ON_PAPER and job.kind not in SLIPS and job.station_id is not None:
            found.setdefault(job.station_id, []).append(job)
    return found


def certain(held: Sequence[PrintJob]) -> bool:
    """Whether the newest papers of a station are in somebody's hand: a change's slip, or of each sheet at least one."""
    newest = [job for job in held if job.revision == held[-1].revision]
    slips = [job for job in newest if job.kind == TicketKind.CHANGED]
    papers = [job for job in newest if job not in slips]
    there = {job.ticket.sheet for job in papers if _came_out(job)}
    if slips:  # what nobody can be sure of may have come again, on as many papers as there are sheets
        return any(map(_came_out, slips)) or bool(papers and len(there) == papers[-1].ticket.sheets)
    return there == {job.ticket.sheet for job in papers}


def _came_out(job: PrintJob) -> bool:
    return job.state in ("confirmed", "sent") or job.answer == "came_out"


def skip_waiting(connection: Connection, jobs: Iterable[PrintJob], now: datetime, reason: str) -> None:
    """Those of the jobs that still wait are not wanted any more."""
    for job in jobs:
        if job.state in WAITING:
            print_jobs.settle(connection, job.id, "skipped", now, reason)
