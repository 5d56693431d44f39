"""After a change: a station's whole present ticket once more, for a cook who lost the paper that the change speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import orders, print_jobs
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import DEAD
from app.domain.tickets import Mark, Ticket, TicketKind
from app.engine.floor import floor_of, others, routing_of
from app.engine.house import House
from app.engine.in_hand import SLIPS, on_paper, overtaken
from app.engine.limits import limits
from app.engine.tickets import papers

_NOT_OUT_YET = frozenset({"pending", "sending", "held", "failed"})


def speaks_of_another(connection: Connection, job: PrintJob) -> bool:
    """Whether a ticket that is, or may be, on paper says only part of what is cooked now: a change, or what was changed."""
    if job.order_id is None or not on_paper([job]):
        return False
    alive = orders.get(connection, job.order_id).state.kitchen not in DEAD
    return alive and (job.kind == TicketKind.CHANGED or overtaken(connection, job))


def news_waits(connection: Connection, job: PrintJob) -> bool:
    """Whether a newer ticket of its station did not come out yet: after the whole ticket, its dishes would be made twice."""
    newer = [one for one in _here(connection, job) if one.id > job.id and one.kind not in SLIPS]
    return any(one.state in _NOT_OUT_YET and not one.answer for one in newer)


def told_since(connection: Connection, job: PrintJob) -> bool:
    """Whether a change that never came out stands on a whole ticket made after it."""
    if job.kind != TicketKind.CHANGED:
        return False
    newer = (one for one in _here(connection, job) if one.id > job.id and one.kind not in SLIPS | {TicketKind.CHANGED.value})
    return any(one.state not in ("skipped", "failed") for one in newer)


def print_whole(connection: Connection, house: House, job: PrintJob, at: datetime) -> bool:
    """Queue what `job`'s station cooks of the order now, marked changed and as a copy; False where it cooks none of it."""
    order = orders.get(connection, job.order_id or 0)
    newest = on_paper(_here(connection, job))[job.station_id or 0][-1]
    whole = _whole(connection, house, order, job, at)
    if not whole:
        return False
    _queue(connection, house, newest, whole, at)
    print_jobs.answer(connection, newest.id, "reprinted", at)
    if job.id != newest.id and job.state == "unknown" and not job.answer:
        print_jobs.answer(connection, job.id, "overtaken", at)
    return True


def _queue(connection: Connection, house: House, newest: PrintJob, whole: Sequence[Ticket], at: datetime) -> None:
    copy = len(print_jobs.with_copies(connection, newest)) + 1
    first = print_jobs.get(connection, newest.first_id or newest.id)
    for sheet, ticket in enumerate(whole, 1):
        print_jobs.add(
            connection,
            newest.printer_id,
            f"{first.key}:copy{copy}:{sheet}",
            _marked(ticket, newest, copy),
            at,
            station_id=newest.station_id,
            order_id=newest.order_id,
            revision=newest.revision,
            copy_of=newest,
            fresh_until=at + limits(connection, house).stale,
        )


def _marked(ticket: Ticket, newest: PrintJob, copy: int) -> Ticket:
    mark = Mark.REPRINT if newest.state in ("confirmed", "sent") else Mark.POSSIBLE_DUPLICATE
    original = newest.ticket.original_id or newest.ticket.ticket_id
    return replace(ticket, marks=(mark, Mark.CHANGED, *ticket.marks), copy=copy, original_id=original)


def _whole(connection: Connection, house: House, order: StoredOrder, job: PrintJob, at: datetime) -> Sequence[Ticket]:
    """One paper of each sheet, however many copies of it the station wants."""
    routing, floor = routing_of(connection, house, order, at), floor_of(connection)
    destination = next((one for one in routing.destinations if one.station.id == job.station_id), None)
    if destination is None:
        return ()
    station = destination.station
    fresh = papers(house, order, destination, others(routing, station), at)
    split = station.kind in (TicketKind.DISH, TicketKind.LABEL)
    printer = floor.printers[job.printer_id]
    return [floor.placed(station, printer, one) for one in fresh[: fresh[0].sheets if split else 1]]


def _here(connection: Connection, job: PrintJob) -> list[PrintJob]:
    jobs = print_jobs.of_order(connection, job.order_id) if job.order_id else []
    return [one for one in jobs if one.station_id == job.station_id]
