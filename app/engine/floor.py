"""Where papers come out: the shop's stations and printers, and the line at each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.db import audit, print_jobs, printers, stations
from app.db.orders import StoredOrder
from app.db.printers import Printer
from app.domain.routing import Routing, Station, route
from app.domain.tickets import COOKED_FROM, Ticket
from app.engine.house import House
from app.engine.limits import limits
from app.engine.tickets import key_of, moved
from app.texts import tr

NO_PRINTER = "no_printer"  # in the audit: the id of a station that owed an order a paper and had nowhere to print it


@dataclass(frozen=True)
class Floor:
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


def floor_of(connection: Connection) -> Floor:
    """Everything there is; a station that was taken away may still have paper out, which must be voided there."""
    known = {one.id: one for one in stations.ever(connection)}
    return Floor(known, {one.id: one for one in printers.every(connection)})


def routing_of(connection: Connection, house: House, order: StoredOrder, now: datetime) -> Routing:
    """Where an order's papers go, by the shop's stations and rules.

    By the time it was accepted: a band that ends meanwhile must not carry dishes from the cook who makes them to another.
    """
    at = (order.accepted_at or now).astimezone(house.calendar.zone).time()
    return route(stations.every(connection), stations.rules(connection), order.platform, order.facts, at)


def queue(
    connection: Connection,
    house: House,
    floor: Floor,
    order: StoredOrder,
    station: Station,
    tickets: tuple[Ticket, ...],
    now: datetime,
    *,
    printer_id: int | None = None,
    since: datetime | None = None,
) -> None:
    """Put tickets in a station's line; `since`: when they were due, from which they grow stale (now, unless told)."""
    printer = floor.printer(station, printer_id)
    if printer is None:
        if tickets:
            audit.record(connection, now, "console", NO_PRINTER, order.id, str(station.id))
        return
    fresh_until = (since or now) + limits(connection, house).stale
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
            reason = tr("the printer {name} is switched off", name=printer.name)
            print_jobs.settle(connection, job_id, "skipped", now, reason)
        elif job_id and fresh_until < now:
            reason = tr("it was due long before this console knew of the order")
            print_jobs.step(connection, job_id, "held", now, reason)


def others(routing: Routing, station: Station) -> tuple[str, ...]:
    """Names of the other stations that cook for the order."""
    cooking = (one.station for one in routing.destinations if one.station.kind in COOKED_FROM)
    return tuple(one.name for one in cooking if one.id != station.id)
