"""The papers that a change of an order calls for, as rows of the same transaction: tickets, changes, voids, urges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import audit, orders, print_jobs, printers, stations
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.db.printers import Printer
from app.domain.lifecycle import DEAD
from app.domain.routing import Moment, Routing, Station, route
from app.domain.tickets import COOKED_FROM, Mark, Ticket, TicketKind
from app.engine.house import House
from app.engine.limits import limits
from app.engine.tickets import changed_slip, key_of, moved, papers, ticket_id, urge_slip, void_slip
from app.texts import N_, tr

UNROUTED = "unrouted"  # in the audit: a dish for which no rule had a station, or whose station has no printer
_NOT_ON_PAPER = frozenset({"pending", "skipped", "failed", "held"})
_WAITING = frozenset({"pending", "held"})
_SLIPS = frozenset({TicketKind.VOID.value, TicketKind.URGE.value, TicketKind.TOTALS.value})
# Nobody needs these once the food has left; a bag's slip or a receipt may still be asked for.
_FOR_COOKS = frozenset(kind.value for kind in COOKED_FROM | {TicketKind.CHANGED})


@dataclass(frozen=True)
class _Floor:
    """The shop's stations and printers as they stand while an order's papers are made."""

    stations: Mapping[int, Station]
    printers: Mapping[int, Printer]

    def printer(self, station: Station, wanted: int | None = None) -> Printer | None:
        """Where a station's paper comes out: where one did before, its printer, its backup, the default station's.

        The first of these that is switched on; where none is, the first.
        """
        default = next((one for one in self.stations.values() if one.default), station)
        ids = (wanted, station.printer_id, station.backup_id, default.printer_id, default.backup_id)
        found = [self.printers[one] for one in ids if one is not None]
        return next((one for one in found if one.enabled), found[0] if found else None)

    def placed(self, station: Station, printer: Printer, ticket: Ticket) -> Ticket:
        """The ticket as it comes out there: at another printer than its station's own it says whose work it is."""
        home = self.printers.get(station.printer_id or 0)
        return moved(ticket, home.name if home and home.id != printer.id else "")


def routing_of(connection: Connection, house: House, order: StoredOrder, now: datetime) -> Routing:
    """Where an order's papers go, by the shop's stations and rules.

    By the time it was accepted: a band that ends meanwhile must not carry dishes from the cook who makes them to another.
    """
    at = (order.accepted_at or now).astimezone(house.calendar.zone).time()
    return route(stations.every(connection), stations.rules(connection), order.platform, order.facts, at)


def print_papers(
    connection: Connection, house: House, order: StoredOrder, now: datetime, moment: Moment = Moment.ACCEPTED
) -> None:
    """Queue the papers due at this moment; a station that has the order on paper, or waits for it, gets nothing new."""
    floor, routing = _floor(connection), routing_of(connection, house, order, now)
    if moment is Moment.ACCEPTED:
        _warn(connection, floor, order, routing, now)
    held = on_paper(print_jobs.of_order(connection, order.id))
    for destination in routing.destinations:
        station = destination.station
        if station.moment is moment and station.id not in held:
            fresh = papers(house, order, destination, _others(routing, station), now)
            _queue(connection, house, floor, order, station, fresh, now)


def print_change(connection: Connection, house: House, order: StoredOrder, now: datetime) -> None:
    """Every station that the change concerns gets what is new to it; nobody, once the food has left."""
    if order.handed_over_at:
        return
    jobs, floor = print_jobs.of_order(connection, order.id), _floor(connection)
    routing = routing_of(connection, house, order, now)
    wanted = {one.station.id: one for one in routing.destinations}
    for station in floor.stations.values():
        here, destination = [job for job in jobs if job.station_id == station.id], wanted.get(station.id)
        fresh = papers(house, order, destination, _others(routing, station), now) if destination else ()
        if here or fresh:
            _renew(connection, house, floor, order, station, here, fresh, now)


def take_back(connection: Connection, order: StoredOrder, now: datetime) -> None:
    """The order died: skip what waits, and take back what is on paper."""
    jobs, floor = print_jobs.of_order(connection, order.id), _floor(connection)
    _skip(connection, jobs, now, tr("the order was cancelled before it was printed"))
    if order.handed_over_at:
        return  # the food has left: a void slip would only send a cook looking for it
    for station_id, held in on_paper(jobs).items():
        slip = void_slip(held, certain(held), order.reason, now)
        if slip is None or held[-1].kind == TicketKind.RECEIPT:
            continue  # nothing is left to take back, or nobody cooks or packs from it
        station = floor.stations[station_id]
        printer = floor.printer(station, held[-1].printer_id) or floor.printers[held[-1].printer_id]
        for copy in range(1, station.copies + 1):
            key = f"{order.id}:s{station_id}:void" + (f":{copy}" if copy > 1 else "")
            ticket = floor.placed(station, printer, slip)
            print_jobs.add(
                connection, printer.id, key, ticket, now, station_id=station_id, order_id=order.id, revision=order.revision
            )


def print_urge(connection: Connection, house: House, order: StoredOrder, key: str, text: str, now: datetime) -> None:
    """Tell every station that cooks for the order, once an urge, unless the food is ready."""
    rules = limits(connection, house)
    if order.ready_at or order.state.kitchen in DEAD or not rules.urges:
        return
    floor = _floor(connection)
    for station_id, held in on_paper(print_jobs.of_order(connection, order.id)).items():
        station, slip = floor.stations[station_id], urge_slip(held, text, now)
        if slip is None or station.kind not in COOKED_FROM:
            continue
        printer = floor.printer(station, held[-1].printer_id) or floor.printers[held[-1].printer_id]
        print_jobs.add(
            connection,
            printer.id,
            f"{order.id}:s{station_id}:urge:{key}"[:160],
            floor.placed(station, printer, slip),
            now,
            station_id=station_id,
            order_id=order.id,
            revision=held[-1].revision,
            fresh_until=now + rules.stale,
        )


def hold_back(connection: Connection, order: StoredOrder, now: datetime) -> None:
    """The food has left: what the kitchen has not read yet asks a person before it prints, and nobody is urged any more.

    A ticket that is at its printer just now prints, or comes back unsent and then asks as well.
    """
    for job in print_jobs.of_order(connection, order.id):
        if job.state in _WAITING and job.kind == TicketKind.URGE:
            print_jobs.settle(connection, job.id, "skipped", now, tr(_LEFT))
        elif job.state == "pending" and job.kind in _FOR_COOKS:
            print_jobs.step(connection, job.id, "held", now, tr(_LEFT))
        elif job.state == "sending" and job.kind in _FOR_COOKS:
            print_jobs.change(connection, job.id, fresh_until=now)


def overtaken(connection: Connection, job: PrintJob) -> bool:
    """Whether a ticket's order died or was printed anew meanwhile: on paper it would still be cooked."""
    if job.order_id is None or job.kind == TicketKind.VOID:
        return False
    order = orders.get(connection, job.order_id)
    if order.state.kitchen in DEAD:
        return True
    here = [one for one in print_jobs.of_order(connection, job.order_id) if one.station_id == job.station_id]
    dropped = job.state == "skipped" and job.revision < order.revision and not on_paper(here)  # the station lost its dishes
    return dropped or any(one.revision > job.revision for one in here)


def needless(connection: Connection, job: PrintJob) -> bool:
    """Whether nobody must be told any more what a doubtful ticket said: it was overtaken, or its food has left."""
    left = job.order_id is not None and orders.get(connection, job.order_id).handed_over_at is not None
    return overtaken(connection, job) or (left and job.kind in _FOR_COOKS)


def withdraw(connection: Connection, job: PrintJob, now: datetime) -> None:
    """Skip an overtaken ticket of which no byte left, and the slips that would take nothing back."""
    print_jobs.settle(connection, job.id, "skipped", now, tr("the order moved on before this was printed"))
    jobs = print_jobs.of_order(connection, job.order_id) if job.order_id else []
    here = [one for one in jobs if one.station_id == job.station_id]
    if not on_paper(here):
        slips = [one for one in here if one.kind in (TicketKind.VOID, TicketKind.CHANGED)]
        _skip(connection, slips, now, tr("nothing was printed"))


def on_paper(jobs: Iterable[PrintJob]) -> Mapping[int, Sequence[PrintJob]]:
    """By station, the tickets that are, or may be, in somebody's hand, oldest first; slips that only tell are left out."""
    found: dict[int, list[PrintJob]] = {}
    for job in jobs:
        if job.state not in _NOT_ON_PAPER and job.kind not in _SLIPS and job.station_id is not None:
            found.setdefault(job.station_id, []).append(job)
    return found


def certain(held: Sequence[PrintJob]) -> bool:
    """Whether the newest papers of a station are in somebody's hand: of each sheet at least one."""
    sheets: dict[int, bool] = {}
    for job in held:
        if job.revision == held[-1].revision:
            there = job.state in ("confirmed", "sent") or job.answer == "came_out"
            sheets[job.ticket.sheet] = sheets.get(job.ticket.sheet, False) or there
    return all(sheets.values())


_LEFT = N_("the order left the shop before this was printed")


def _floor(connection: Connection) -> _Floor:
    return _Floor({one.id: one for one in stations.every(connection)}, {one.id: one for one in printers.every(connection)})


def _renew(
    connection: Connection,
    house: House,
    floor: _Floor,
    order: StoredOrder,
    station: Station,
    here: Sequence[PrintJob],
    fresh: tuple[Ticket, ...],
    now: datetime,
) -> None:
    """One station's answer to a change: nothing, its first paper, a slip of differences, or the whole paper anew."""
    held, waiting = on_paper(here).get(station.id, ()), [job for job in here if job.state in _WAITING]
    told = [job for job in here if job in held or (job in waiting and job.kind not in _SLIPS)]
    together = _together(fresh)
    if held and changed_slip(told, together, now) is None:
        return  # what it has, and what still waits, says it all
    _skip(connection, waiting, now, tr("the order was changed before it was printed"))
    if not held:
        if station.moment is Moment.ACCEPTED or order.ready_at:
            _queue(connection, house, floor, order, station, fresh, now)
        return
    slip = changed_slip(held, together, now)
    if slip is None or (not fresh and station.kind is TicketKind.RECEIPT):
        return
    if fresh and not (station.kind in COOKED_FROM and certain(held)):
        # The whole paper again: differences mean nothing to whoever may not have the first.
        whole = tuple(replace(one, marks=(Mark.CHANGED, *one.marks), original_id=slip.original_id) for one in fresh)
        _queue(connection, house, floor, order, station, whole, now)
    else:
        slip = replace(slip, ticket_id=ticket_id(key_of(order, station, slip.kind)))
        _queue(connection, house, floor, order, station, (slip,) * station.copies, now, held[-1].printer_id)


def _together(fresh: tuple[Ticket, ...]) -> Ticket | None:
    """All dishes of a station as if on one paper: a change is one slip even where every dish has its own."""
    if not fresh:
        return None
    if fresh[0].kind not in (TicketKind.DISH, TicketKind.LABEL):
        return fresh[0]
    return replace(fresh[0], lines=tuple(line for one in fresh[: fresh[0].sheets] for line in one.lines))


def _queue(
    connection: Connection,
    house: House,
    floor: _Floor,
    order: StoredOrder,
    station: Station,
    tickets: tuple[Ticket, ...],
    now: datetime,
    printer_id: int | None = None,
) -> None:
    printer = floor.printer(station, printer_id)
    if printer is None:
        return
    fresh_until = now + limits(connection, house).stale
    for number, ticket in enumerate(tickets, 1):
        job_id = print_jobs.add(
            connection,
            printer.id,
            key_of(order, station, ticket.kind, number),
            floor.placed(station, printer, ticket),
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


def _others(routing: Routing, station: Station) -> tuple[str, ...]:
    cooking = (one.station for one in routing.destinations if one.station.kind in COOKED_FROM)
    return tuple(one.name for one in cooking if one.id != station.id)


def _warn(connection: Connection, floor: _Floor, order: StoredOrder, routing: Routing, now: datetime) -> None:
    """A dish that no rule knows, or whose cooks have no printer: a person should mend the rules or the station."""
    cooking = [one for one in routing.destinations if one.station.kind in COOKED_FROM and floor.printer(one.station)]
    printed = {line for one in cooking for line in one.lines} - {*routing.unmatched}
    for number, line in enumerate(order.facts.lines):
        if number not in printed:
            audit.record(connection, now, "console", UNROUTED, order.id, line.name)


def _skip(connection: Connection, jobs: Iterable[PrintJob], now: datetime, reason: str) -> None:
    for job in jobs:
        if job.state in _WAITING:
            print_jobs.settle(connection, job.id, "skipped", now, reason)
