"""The papers that a step of an order calls for, as rows of the same transaction: tickets, voids, urges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.db import audit, print_jobs
from app.db.orders import StoredOrder
from app.domain.lifecycle import DEAD
from app.domain.routing import Moment, Routing
from app.domain.tickets import COOKED_FROM, TicketKind
from app.engine.floor import Floor, floor_of, others, queue, routing_of
from app.engine.house import House
from app.engine.in_hand import FOR_COOKS, WAITING, certain, on_paper, skip_waiting
from app.engine.limits import limits
from app.engine.tickets import papers, urge_slip, void_slip
from app.texts import N_, tr

UNROUTED = "unrouted"  # in the audit: a dish for which no rule had a station, or whose station has no printer


def print_papers(
    connection: Connection,
    house: House,
    order: StoredOrder,
    now: datetime,
    moment: Moment = Moment.ACCEPTED,
    since: datetime | None = None,
) -> None:
    """Queue the papers due at this moment; a station that has the order on paper, or waits for it, gets nothing new.

    `since`: when they were due, where that may be long ago.
    """
    floor, routing = floor_of(connection), routing_of(connection, house, order, now)
    if moment is Moment.ACCEPTED:
        _warn(connection, floor, order, routing, now)
    held = on_paper(print_jobs.of_order(connection, order.id))
    for destination in routing.destinations:
        station = destination.station
        if station.moment is moment and station.id not in held:
            fresh = papers(house, order, destination, others(routing, station), now)
            queue(connection, house, floor, order, station, fresh, now, since=since)


def take_back(connection: Connection, order: StoredOrder, now: datetime) -> None:
    """The order died: skip what waits, and take back what is on paper."""
    jobs, floor = print_jobs.of_order(connection, order.id), floor_of(connection)
    skip_waiting(connection, jobs, now, tr("the order was cancelled before it was printed"))
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
    floor = floor_of(connection)
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
        if job.state in WAITING and job.kind == TicketKind.URGE:
            print_jobs.settle(connection, job.id, "skipped", now, tr(_LEFT))
        elif job.state == "pending" and job.kind in FOR_COOKS:
            print_jobs.step(connection, job.id, "held", now, tr(_LEFT))
        elif job.state == "sending" and job.kind in FOR_COOKS:
            print_jobs.change(connection, job.id, fresh_until=now)


_LEFT = N_("the order left the shop before this was printed")


def _warn(connection: Connection, floor: Floor, order: StoredOrder, routing: Routing, now: datetime) -> None:
    """A dish that no rule knows, or whose cooks have no printer: a person should mend the rules or the station."""
    cooking = [one for one in routing.destinations if one.station.kind in COOKED_FROM and floor.printer(one.station)]
    printed = {line for one in cooking for line in one.lines} - {*routing.unmatched}
    for number, line in enumerate(order.facts.lines):
        if number not in printed:
            audit.record(connection, now, "console", UNROUTED, order.id, line.name)
