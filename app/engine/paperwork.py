"""The papers that a change of an order calls for, as rows of the same transaction: tickets, changes, voids, urges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import audit, orders, print_jobs, printers, stations
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import DEAD
from app.domain.routing import Destination, Moment, Routing, Station, route
from app.domain.tickets import COOKED_FROM, Mark, Ticket, TicketKind
from app.engine.house import House
from app.engine.limits import limits
from app.engine.tickets import changed_slip, key_of, papers, urge_slip, void_slip
from app.texts import tr

UNROUTED = "unrouted"  # in the audit: a dish for which no rule had a station
_NOT_ON_PAPER = frozenset({"pending", "skipped", "failed", "held"})
_SLIPS = frozenset({TicketKind.VOID.value, TicketKind.URGE.value, TicketKind.TOTALS.value})


def routing_of(connection: Connection, house: House, order: StoredOrder, now: datetime) -> Routing:
    """Where an order's papers go, by the shop's stations and rules."""
    at = now.astimezone(house.calendar.zone).time()
    return route(stations.every(connection), stations.rules(connection), order.platform, order.facts, at)


def print_papers(
    connection: Connection, house: House, order: StoredOrder, now: datetime, moment: Moment = Moment.ACCEPTED
) -> None:
    """Queue the papers due at this moment; one that is queued already is not queued again."""
    routing = routing_of(connection, house, order, now)
    if moment is Moment.ACCEPTED:
        _warn(connection, order, routing, now)
    for destination in routing.destinations:
        if destination.station.moment is moment:
            fresh = papers(house, order, destination, _others(routing, destination.station), now)
            _queue(connection, house, order, destination.station, fresh, now)


def print_change(connection: Connection, house: House, order: StoredOrder, now: datetime) -> None:
    """What is not printed yet is skipped; what is on paper gets a slip of the differences."""
    jobs = print_jobs.of_order(connection, order.id)
    _skip(connection, jobs, now, tr("the order was changed before it was printed"))
    held = on_paper(jobs)
    routing = routing_of(connection, house, order, now)
    wanted = {one.station.id: one for one in routing.destinations}
    for station in stations.every(connection):
        if held.get(station.id) or station.id in wanted:
            _renew(connection, house, order, station, held.get(station.id, []), wanted.get(station.id), routing, now)


def take_back(connection: Connection, house: House, order: StoredOrder, now: datetime) -> None:
    """The order died: skip what waits, and take back what is on paper."""
    jobs = print_jobs.of_order(connection, order.id)
    _skip(connection, jobs, now, tr("the order was cancelled before it was printed"))
    if order.handed_over_at:
        return  # the food has left: a void slip would only send a cook looking for it
    for station_id, held in on_paper(jobs).items():
        if held[-1].kind == TicketKind.RECEIPT:
            continue  # nobody cooks or packs from it
        slip = void_slip(held, order.reason, now)
        key = f"{order.id}:s{station_id}:void"
        print_jobs.add(
            connection,
            held[-1].printer_id,
            key,
            slip,
            now,
            station_id=station_id,
            order_id=order.id,
            revision=order.revision,
        )


def print_urge(connection: Connection, house: House, order: StoredOrder, key: str, text: str, now: datetime) -> None:
    """Tell every station that cooks for the order, once an urge, unless the food is ready."""
    rules = limits(connection, house)
    if order.ready_at or order.state.kitchen in DEAD or not rules.urges:
        return
    for station_id, held in on_paper(print_jobs.of_order(connection, order.id)).items():
        job = held[-1]
        if job.ticket.kind not in COOKED_FROM | {TicketKind.CHANGED}:
            continue
        name = f"{order.id}:s{station_id}:urge:{key}"[:160]
        fresh_until = now + rules.stale
        slip = urge_slip(job, text, now)
        print_jobs.add(
            connection,
            job.printer_id,
            name,
            slip,
            now,
            station_id=station_id,
            order_id=order.id,
            revision=job.revision,
            fresh_until=fresh_until,
        )


def overtaken(connection: Connection, job: PrintJob) -> bool:
    """Whether a ticket's order died or was printed anew meanwhile: on paper it would still be cooked."""
    if job.order_id is None or job.kind == TicketKind.VOID:
        return False
    if orders.get(connection, job.order_id).state.kitchen in DEAD:
        return True
    jobs = print_jobs.of_order(connection, job.order_id)
    return any(one.station_id == job.station_id and one.revision > job.revision for one in jobs)


def withdraw(connection: Connection, job: PrintJob, now: datetime) -> None:
    """Skip an overtaken ticket of which no byte left, and a void slip that would take nothing back."""
    print_jobs.settle(connection, job.id, "skipped", now, tr("the order moved on before this was printed"))
    jobs = print_jobs.of_order(connection, job.order_id) if job.order_id else []
    here = [one for one in jobs if one.station_id == job.station_id]
    if not on_paper(here):
        _skip(connection, [one for one in here if one.kind == TicketKind.VOID], now, tr("nothing was printed"))


def on_paper(jobs: Iterable[PrintJob]) -> Mapping[int, Sequence[PrintJob]]:
    """By station, the tickets that are, or may be, in somebody's hand, oldest first; slips that only tell are left out."""
    found: dict[int, list[PrintJob]] = {}
    for job in jobs:
        if job.state not in _NOT_ON_PAPER and job.kind not in _SLIPS and job.station_id is not None:
            found.setdefault(job.station_id, []).append(job)
    return found


def _renew(
    connection: Connection,
    house: House,
    order: StoredOrder,
    station: Station,
    held: Sequence[PrintJob],
    destination: Destination | None,
    routing: Routing,
    now: datetime,
) -> None:
    """One station's answer to a change: its first paper, a slip of differences, or the whole paper anew."""
    fresh = papers(house, order, destination, _others(routing, station), now) if destination else ()
    if not held:
        if station.moment is Moment.ACCEPTED or order.ready_at:
            _queue(connection, house, order, station, fresh, now)
    elif station.kind in COOKED_FROM and _certain(held[-1]):
        slip = changed_slip(held, _together(fresh), now)
        _queue(connection, house, order, station, (slip,) if slip else (), now, held[-1].printer_id)
    else:  # the whole paper again: differences mean nothing to whoever may not have the first
        whole = (replace(one, marks=(Mark.CHANGED, *one.marks), original_id=held[-1].ticket.ticket_id) for one in fresh)
        _queue(connection, house, order, station, tuple(whole), now)


def _certain(job: PrintJob) -> bool:
    return job.state in ("confirmed", "sent") or job.answer == "came_out"


def _together(fresh: tuple[Ticket, ...]) -> Ticket | None:
    """All dishes of a station as if on one paper: a change is one slip even where every dish has its own."""
    if not fresh:
        return None
    if fresh[0].kind is TicketKind.KITCHEN:
        return fresh[0]
    return replace(fresh[0], lines=tuple(line for one in fresh for line in one.lines))


def _queue(
    connection: Connection,
    house: House,
    order: StoredOrder,
    station: Station,
    tickets: tuple[Ticket, ...],
    now: datetime,
    printer_id: int | None = None,
) -> None:
    printer = _printer(connection, station, printer_id)
    if printer is None:
        return
    fresh_until = now + limits(connection, house).stale
    for ticket in tickets:
        job_id = print_jobs.add(
            connection,
            printer.id,
            key_of(order, station, ticket.kind, ticket.sheet),
            ticket,
            now,
            station_id=station.id,
            order_id=order.id,
            revision=order.revision,
            fresh_until=fresh_until,
        )
        if job_id and not printer.enabled:
            print_jobs.settle(
                connection, job_id, "skipped", now, tr("the printer {name} is switched off", name=printer.name)
            )


def _printer(connection: Connection, station: Station, printer_id: int | None) -> printers.Printer | None:
    """Where a station's paper comes out: its printer, its backup where that is switched off, else the default station's."""
    known = {printer.id: printer for printer in printers.every(connection)}
    default = next((one for one in stations.every(connection) if one.default), station)
    wanted = (printer_id, station.printer_id, station.backup_id, default.printer_id)
    found = [known[one] for one in wanted if one in known]
    return next((one for one in found if one.enabled), found[0] if found else None)


def _others(routing: Routing, station: Station) -> tuple[str, ...]:
    cooking = (one.station for one in routing.destinations if one.station.kind in COOKED_FROM)
    return tuple(one.name for one in cooking if one.id != station.id)


def _warn(connection: Connection, order: StoredOrder, routing: Routing, now: datetime) -> None:
    """A dish that no rule knows is cooked where the default station is; a person should mend the rules."""
    for number in routing.unmatched:
        audit.record(connection, now, "console", UNROUTED, order.id, order.facts.lines[number].name)


def _skip(connection: Connection, jobs: Iterable[PrintJob], now: datetime, reason: str) -> None:
    for job in jobs:
        if job.state in ("pending", "held"):
            print_jobs.settle(connection, job.id, "skipped", now, reason)
