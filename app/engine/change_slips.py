"""What a change of an order brings on paper: to each station that it concerns, and only what is new there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

from app.db import orders, print_jobs
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.differences import is_masked, restated
from app.domain.routing import Moment, Station
from app.domain.tickets import COOKED_FROM, Mark, Ticket, TicketKind
from app.engine.floor import Floor, floor_of, others, queue, routing_of
from app.engine.forms import form_of
from app.engine.house import House
from app.engine.in_hand import SLIPS, WAITING, certain, on_paper, skip_waiting
from app.engine.limits import limits
from app.engine.tickets import changed_slip, key_of, papers, ticket_id
from app.texts import tr


def print_change(connection: Connection, house: House, order: StoredOrder, now: datetime, *, anew: bool) -> None:
    """Every station that the change concerns gets what is new to it; nobody, once the food has left.

    `anew`: dishes, notes or the way out are others, so that papers may be due where there were none. Else only what stands
    on a paper and is not true any more is told, and then counts as a revision of the order like any other.
    """
    if order.handed_over_at:
        return
    jobs, floor, rules = print_jobs.of_order(connection, order.id), floor_of(connection), limits(connection, house)
    fits = all(job.revision < order.revision for job in jobs)
    order = order if fits else replace(order, revision=order.revision + 1)
    routing = routing_of(connection, house, order, now)
    wanted = {one.station.id: one for one in routing.destinations}
    concerned = False
    for station in floor.stations.values():
        here, destination = [job for job in jobs if job.station_id == station.id], wanted.get(station.id)
        fresh = papers(house, order, destination, others(routing, station), now) if destination else ()
        shown = _shown(connection, order, fresh[0]) if fresh else frozenset()
        work = _Work(station, here, fresh, shown, rules.due)
        if work.concerned(now, anew):
            concerned = True
            _renew(connection, house, floor, order, work, now, None if anew else work.age(rules.stale))
    if concerned and not fits:
        orders.save(connection, order)
        orders.add_history(connection, order.id, now, "platform", "changed", tr("version {n}", n=order.revision))


@dataclass(frozen=True)
class _Work:
    """A station's tickets of the order, and what it would print now; `shown` and `patience` as in `restated`."""

    station: Station
    here: Sequence[PrintJob]
    fresh: tuple[Ticket, ...]
    shown: Collection[str]
    patience: timedelta

    @cached_property
    def held(self) -> Sequence[PrintJob]:
        """What is, or may be, in somebody's hand."""
        return on_paper(self.here).get(self.station.id, ())

    @cached_property
    def waiting(self) -> Sequence[PrintJob]:
        """What is not printed yet."""
        return [job for job in self.here if job.state in WAITING]

    @cached_property
    def told(self) -> Sequence[PrintJob]:
        """What the station has read, or will have once its printer is back."""
        return [job for job in self.here if job in self.held or (job in self.waiting and job.kind not in SLIPS)]

    @cached_property
    def together(self) -> Ticket | None:
        """All dishes as if on one paper: a change is one slip even where every dish has its own."""
        if not self.fresh or self.fresh[0].kind not in (TicketKind.DISH, TicketKind.LABEL):
            return self.fresh[0] if self.fresh else None
        first = self.fresh[0]
        return replace(first, lines=tuple(line for one in self.fresh[: first.sheets] for line in one.lines))

    def slip(self, known: Sequence[PrintJob], now: datetime) -> Ticket | None:
        """What is new to whoever has read the `known` papers."""
        return changed_slip(known, self.together, now, self.shown, self.patience)

    def concerned(self, now: datetime, anew: bool) -> bool:
        """Whether what it has, and what still waits for it, does not say it all."""
        if anew:
            return bool(self.here or self.fresh) and not (self.held and self.slip(self.told, now) is None)
        newest = self.told[-1].ticket if self.told else None
        return bool(newest and self.together and restated(newest, self.together, self.shown, self.patience))

    def age(self, stale: timedelta) -> datetime | None:
        """Since when the oldest paper of it waits: news of a paper that asks a person must not print in its stead."""
        ends = [job.fresh_until for job in self.waiting if job.fresh_until]
        return min(ends) - stale if ends and not self.held else None


def _shown(connection: Connection, order: StoredOrder, ticket: Ticket) -> frozenset[str]:
    """The facts that stand on a station's paper and that somebody there acts on."""
    if ticket.kind is TicketKind.RECEIPT:
        return frozenset()
    shown = form_of(connection, ticket).facts
    if ticket.kind is TicketKind.COURIER:
        shown |= {"fulfilment"}  # the paper says that a courier comes, whatever else it says
    if order.ready_at and ticket.kind in COOKED_FROM:
        shown -= {"due_at"}
    if is_masked(order.facts.customer.phone):
        shown -= {"phone"}
    return shown


def _renew(
    connection: Connection,
    house: House,
    floor: Floor,
    order: StoredOrder,
    work: _Work,
    now: datetime,
    since: datetime | None,
) -> None:
    """One station's answer to a change: nothing, its first paper, a slip of differences, or the whole paper anew."""
    station, fresh, held = work.station, work.fresh, work.held
    skip_waiting(connection, work.waiting, now, tr("the order was changed before it was printed"))
    if not held:
        if station.moment is Moment.ACCEPTED or order.ready_at:
            queue(connection, house, floor, order, station, fresh, now, since=since)
        return
    slip = work.slip(held, now)
    if slip is None:
        _stands(connection, order, held, now)
        return
    if not fresh and station.kind is TicketKind.RECEIPT:
        return
    if fresh and not (certain(held) and (station.kind in COOKED_FROM or not slip.lines)):
        # The whole paper again: differences mean nothing to whoever may not have the first, or ticks off every dish.
        marks = (Mark.CHANGED, *fresh[0].marks)
        whole = tuple(replace(one, marks=marks, restated=slip.restated, original_id=slip.original_id) for one in fresh)
        queue(connection, house, floor, order, station, whole, now)
    else:
        slip = replace(slip, ticket_id=ticket_id(key_of(order, station, slip.kind)))
        queue(connection, house, floor, order, station, (slip,) * station.copies, now, printer_id=held[-1].printer_id)


def _stands(connection: Connection, order: StoredOrder, held: Sequence[PrintJob], now: datetime) -> None:
    """A change was taken back: what is in hand counts as of this revision, so that one of which no byte left is printed
    after all, and one in doubt whose copy was withdrawn is in doubt again.
    """
    for job in [one for one in held if one.revision == held[-1].revision]:
        print_jobs.change(connection, job.id, revision=order.revision)
        copies = (one for one in print_jobs.with_copies(connection, job) if one.id > job.id)
        if job.state == "unknown" and job.answer == "reprinted" and all(one.state == "skipped" for one in copies):
            print_jobs.step(connection, job.id, "unknown", now, tr("its copy was withdrawn"), answer="")
