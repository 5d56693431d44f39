"""How many bags an order has: said by whoever packs it, and on the slip of each bag and the courier's paper from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import orders, print_jobs, stations
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import CLOSED, Kitchen
from app.domain.routing import Destination
from app.domain.tickets import MOST_BAGS, Mark, Ticket, TicketKind
from app.engine.desk import RefusalError
from app.engine.floor import Floor, floor_of, routing_of
from app.engine.house import House
from app.engine.in_hand import COUNTED, skip_waiting
from app.engine.limits import limits
from app.engine.tickets import papers
from app.steady import now
from app.texts import N_, tr

_NOT_NOW = N_("Bags are counted between the acceptance of an order and its end.")
_TOO_MANY = N_("An order has 1 to {n} bags.")
_OUT = frozenset({"sending", "confirmed", "sent", "unknown"})


def bags_of(connection: Connection, order_id: int) -> int | None:
    """How many bags an order has, 0 while nobody said; None where no station's paper says it. Raises LookupError."""
    counted = any(one.enabled and one.kind in COUNTED for one in stations.every(connection))
    return orders.get(connection, order_id).bags or 0 if counted else None


def print_bags(connection: Connection, house: House, order_id: int, number: int) -> None:
    """Keep the number, and print a slip for each bag, and the courier's paper anew, where they were made already.

    What has not come out yet is not wanted any more; what has, or may have, is followed by papers marked as copies.
    A station whose paper is due later prints the right number then. Raises RefusalError in words.
    """
    order, at = orders.get(connection, order_id), now()
    if not 1 <= number <= MOST_BAGS:
        raise RefusalError(tr(_TOO_MANY, n=MOST_BAGS))
    if order.state.kitchen is Kitchen.NEW or order.state.kitchen in CLOSED:
        raise RefusalError(tr(_NOT_NOW))
    told = order.bags != number
    order = orders.save(connection, replace(order, bags=number))
    orders.add_history(connection, order.id, at, "counter", "bags", str(number))
    floor = floor_of(connection)
    for destination in routing_of(connection, house, order, at).destinations:
        if destination.station.kind is TicketKind.PACKING or (told and destination.station.kind is TicketKind.COURIER):
            _again(connection, house, floor, order, destination, at)


def _again(
    connection: Connection, house: House, floor: Floor, order: StoredOrder, destination: Destination, at: datetime
) -> None:
    station = destination.station
    kind = station.kind.value
    before = [one for one in print_jobs.of_order(connection, order.id) if (one.station_id, one.kind) == (station.id, kind)]
    printer = floor.printer(station)
    if not before or printer is None:
        return
    failed = [one for one in before if one.state == "failed"]
    skip_waiting(connection, before, at, tr("printed anew with the number of bags"))
    for one in failed:
        print_jobs.settle(connection, one.id, "skipped", at, tr("printed anew with the number of bags"))
    out = [one for one in before if one.state in _OUT]
    fresh = papers(house, order, destination, (), at)
    for number, ticket in enumerate(fresh, 1):
        print_jobs.add(
            connection,
            printer.id,
            f"{order.id}:{order.revision}:s{station.id}:{kind}:again{len(before)}:{number}",
            floor.placed(station, printer, _copy(ticket, out)),
            at,
            station_id=station.id,
            order_id=order.id,
            revision=order.revision,
            copy_of=out[0] if out else None,
            fresh_until=at + limits(connection, house).stale,
        )
    for one in out:
        if one.state == "unknown" and not one.answer:
            print_jobs.answer(connection, one.id, "reprinted", at)


def _copy(ticket: Ticket, out: Sequence[PrintJob]) -> Ticket:
    """Marked like every paper that another one of its bag may be lying beside."""
    if not out:
        return ticket
    certain = all(one.state in ("confirmed", "sent") for one in out)
    mark = Mark.REPRINT if certain else Mark.POSSIBLE_DUPLICATE
    number = 1 + max(one.ticket.copy for one in out)
    return replace(ticket, marks=(mark, *ticket.marks), copy=number, original_id=out[0].ticket.ticket_id)
