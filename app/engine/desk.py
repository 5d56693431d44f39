"""What a person at the counter does, as one transaction each: ask a platform, stop the bell, print again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import accounts, audit, inbox, orders, outbox, print_jobs, printers
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.changes import RequestState
from app.domain.commands import CommandKind, RejectReason
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.routing import Moment
from app.domain.tickets import Mark
from app.engine.apply import refreshed
from app.engine.cards import own_step
from app.engine.consequences import command
from app.engine.house import House
from app.engine.in_hand import overtaken
from app.engine.limits import limits
from app.engine.paperwork import hold_back, print_papers
from app.engine.tickets import reprint as copy_of
from app.engine.whole_ticket import news_waits, print_whole, speaks_of_another, told_since
from app.steady import now
from app.texts import N_, tr


class RefusalError(Exception):
    """The console will not do it, and says why in words for staff."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A pressed button."""

    order_id: int
    kind: CommandKind
    reason: RejectReason | None = None
    text: str = ""
    urge_key: str = ""


_ALREADY = N_("This was already asked and is on its way.")
_CLOSED = N_("This order is already closed.")
NOT_NEW = N_("This order has already been accepted.")
_NOT_ACCEPTED = N_("This order has not been accepted yet.")
_NO_REQUEST = N_("The customer's request is no longer open.")
_DONE = N_("This step has already been done.")
_NO_PRINTER = N_("No printer is switched on: add one or switch one on in Settings.")
_STILL_WAITING = N_("This ticket is still waiting for its printer.")
_TOO_LATE = N_("This ticket has moved on meanwhile.")
_OVERTAKEN = N_("The order was cancelled or changed since: this ticket would be wrong.")
_NEWS_WAITS = N_("A newer ticket of this order is not printed yet: print that one first.")
_NOT_THERE = N_("This platform has no such step.")

_BEFORE_ACCEPTANCE = frozenset({CommandKind.ACCEPT, CommandKind.REJECT})
_AFTER_ACCEPTANCE = frozenset({CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE, CommandKind.CANCEL})
_ANSWERS = frozenset({CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST})


def request(connection: Connection, house: House, wish: Wish) -> None:
    """Check the wish against the order as it stands, then queue it. Raises RefusalError; the first press wins."""
    at = now()
    order = orders.get(connection, wish.order_id)
    _check(connection, order, wish)
    orders.save(connection, replace(order, seen_at=order.seen_at or at))
    audit.record(connection, at, "counter", wish.kind.value, order.id, wish.reason.value if wish.reason else "")
    if own_step(house, order, wish.kind):
        _keep_here(connection, house, order, wish.kind, at)
    elif not house.offers(order.platform, order.facts, wish.kind):
        raise RefusalError(tr(_NOT_THERE))
    else:
        _queue(connection, order, wish, at)


def acknowledge(connection: Connection, order_ids: Iterable[int]) -> None:
    """Somebody heard the bell; a dead order so acknowledged leaves the queue."""
    at = now()
    for order_id in order_ids:
        order = orders.get(connection, order_id)
        dead = order.state.kitchen in DEAD
        seen = replace(order, seen_at=order.seen_at or at, closed_seen_at=order.closed_seen_at or (at if dead else None))
        orders.save(connection, refreshed(seen))


def print_again(connection: Connection, house: House, ticket_ids: Iterable[int]) -> None:
    """A person asks for these papers: what never left is printed as it is, what may be on paper as a marked copy.

    In place of a change, or of what was changed since, comes the whole present ticket of the station, marked. One is refused
    while it, a copy of it or news of it waits, or when its order died; it then stays as it was. Of several one is refused
    too that came out, or was answered for: nobody wants thirty copies, but the list that was pressed on may be seconds old.
    Raises RefusalError when every one was refused.
    """
    wanted = list(ticket_ids)
    several = len(wanted) > 1
    _each(wanted, lambda ticket_id: _print_again(connection, house, print_jobs.get(connection, ticket_id), several=several))


def skip(connection: Connection, ticket_ids: Iterable[int]) -> None:
    """A person decides that these are not printed. One that is at its printer just now cannot be called back.

    Raises RefusalError when that is so of every one.
    """
    _each(ticket_ids, lambda ticket_id: _skip(connection, print_jobs.get(connection, ticket_id)))


def _each(ticket_ids: Iterable[int], act: Callable[[int], None]) -> None:
    """One ticket that cannot be helped must not keep eleven others from the kitchen."""
    wanted, refusals = list(ticket_ids), []
    for ticket_id in wanted:
        try:
            act(ticket_id)
        except RefusalError as refusal:
            refusals.append(refusal)
    if refusals and len(refusals) == len(wanted):
        raise refusals[0]


def _print_again(connection: Connection, house: House, job: PrintJob, *, several: bool) -> None:
    if several and (job.state in ("confirmed", "sent") or job.answer):
        raise RefusalError(tr(_TOO_LATE))
    if any(one.state in ("pending", "sending") for one in print_jobs.with_copies(connection, job)):
        raise RefusalError(tr(_STILL_WAITING))
    if speaks_of_another(connection, job):
        _print_whole(connection, house, job)
        return
    if overtaken(connection, job) or told_since(connection, job):
        raise RefusalError(tr(_OVERTAKEN))
    if job.state in ("held", "skipped", "failed"):
        _release(connection, house, job, now())
    else:
        again(connection, house, job, now())


def _print_whole(connection: Connection, house: House, job: PrintJob) -> None:
    if news_waits(connection, job):
        raise RefusalError(tr(_NEWS_WAITS))
    if not print_whole(connection, house, job, now()):
        raise RefusalError(tr(_OVERTAKEN))


def _skip(connection: Connection, job: PrintJob) -> None:
    if job.state not in ("held", "pending", "failed"):
        raise RefusalError(tr(_TOO_LATE))
    audit.record(connection, now(), "counter", "ticket_skipped", job.order_id, str(job.id))
    print_jobs.settle(connection, job.id, "skipped", now(), tr("somebody decided not to print it"))


def print_order(connection: Connection, house: House, order_id: int) -> None:
    """Make the tickets of an order that was accepted while no printer was on. Raises RefusalError in words."""
    order = orders.get(connection, order_id)
    if order.state.kitchen is Kitchen.NEW or order.state.kitchen in CLOSED:
        raise RefusalError(tr(_CLOSED if order.state.kitchen in CLOSED else _NOT_ACCEPTED))
    if not any(printer.enabled for printer in printers.every(connection)):
        raise RefusalError(tr(_NO_PRINTER))
    jobs = print_jobs.of_order(connection, order_id)
    waiting = [job.id for job in jobs if job.state in ("held", "skipped", "failed") and job.revision == order.revision]
    print_again(connection, house, waiting)
    print_papers(connection, house, order, now())
    if order.ready_at:
        print_papers(connection, house, order, now(), Moment.READY)


def again(connection: Connection, house: House, job: PrintJob, at: datetime) -> None:
    """Queue a marked copy of a ticket; an unknown one counts as answered by it."""
    copy = len(print_jobs.with_copies(connection, job)) + 1
    mark = Mark.REPRINT if job.state in ("confirmed", "sent") else Mark.POSSIBLE_DUPLICATE
    print_jobs.add(
        connection,
        job.printer_id,
        f"{print_jobs.get(connection, job.first_id or job.id).key}:copy{copy}",
        copy_of(job, mark, copy, at),
        at,
        station_id=job.station_id,
        order_id=job.order_id,
        revision=job.revision,
        copy_of=job,
        fresh_until=at + limits(connection, house).stale,
    )
    print_jobs.answer(connection, job.id, "reprinted", at)


def came_out(connection: Connection, ticket_id: int) -> None:
    """A person found the unknown ticket on paper."""
    job = print_jobs.get(connection, ticket_id)
    if job.state != "unknown" or job.answer:
        raise RefusalError(tr(_TOO_LATE))
    audit.record(connection, now(), "counter", "ticket_came_out", job.order_id, str(ticket_id))
    print_jobs.answer(connection, ticket_id, "came_out", now())


def put_away(connection: Connection, message_ids: Collection[int]) -> None:
    """A person looked at these unreadable messages."""
    audit.record(connection, now(), "counter", "messages_seen", detail=str(len(message_ids)))
    inbox.mark_seen(connection, message_ids)


def _release(connection: Connection, house: House, job: PrintJob, at: datetime) -> None:
    """Nothing of it ever left: it prints as it is."""
    audit.record(connection, at, "counter", "ticket_released", job.order_id, str(job.id))
    fresh_until = at + limits(connection, house).stale
    print_jobs.step(connection, job.id, "pending", at, due_at=at, settled_at=None, fresh_until=fresh_until)


def _check(connection: Connection, order: StoredOrder, wish: Wish) -> None:
    kitchen, kind = order.state.kitchen, wish.kind
    open_request = order.request is not None and order.request.state is RequestState.OPEN
    refusals = {
        _NO_REQUEST: kind in _ANSWERS and not open_request,
        _CLOSED: kitchen in CLOSED and kind in _BEFORE_ACCEPTANCE | _AFTER_ACCEPTANCE,
        NOT_NEW: kitchen is not Kitchen.NEW and kind in _BEFORE_ACCEPTANCE,
        _NOT_ACCEPTED: kitchen is Kitchen.NEW and kind in _AFTER_ACCEPTANCE,
        _DONE: _done(order, kind),
        _ALREADY: any(_same(entry, wish) for entry in outbox.of_order(connection, order.id)),
    }
    for text, applies in refusals.items():
        if applies:
            raise RefusalError(tr(text))


def _done(order: StoredOrder, kind: CommandKind) -> bool:
    when = {
        CommandKind.READY: order.ready_at,
        CommandKind.HAND_OVER: order.handed_over_at,
        CommandKind.COMPLETE: order.closed_at,
    }
    return when.get(kind) is not None


def _same(entry: outbox.Entry, wish: Wish) -> bool:
    conflicting = {wish.kind} | (_BEFORE_ACCEPTANCE if wish.kind in _BEFORE_ACCEPTANCE else set())
    conflicting |= _ANSWERS if wish.kind in _ANSWERS else set()
    same_urge = entry.command.urge_key == wish.urge_key
    return entry.state in outbox.UNSETTLED and entry.command.kind in conflicting and same_urge


def _queue(connection: Connection, order: StoredOrder, wish: Wish, at: datetime) -> None:
    account = accounts.get(connection, order.account_id)
    fields = {"reason": wish.reason, "text": wish.text, "urge_key": wish.urge_key}
    command(connection, account, order, wish.kind, at, **fields)
    orders.add_history(connection, order.id, at, "counter", wish.kind.value, wish.text)


def _keep_here(connection: Connection, house: House, order: StoredOrder, kind: CommandKind, at: datetime) -> None:
    """Record a step the platform has no word for; `kitchen` stays what the platform says."""
    order = orders.get(connection, order.id)
    if kind is CommandKind.READY:
        order = replace(order, ready_at=order.ready_at or at)
    elif kind is CommandKind.HAND_OVER:
        order = replace(order, handed_over_at=order.handed_over_at or at)
    else:
        order = replace(order, closed_at=order.closed_at or at)
    orders.save(connection, order)
    orders.add_history(connection, order.id, at, "counter", f"{kind.value}_kept_here")
    if kind is CommandKind.READY:
        print_papers(connection, house, order, at, Moment.READY)
    elif kind is CommandKind.HAND_OVER:
        hold_back(connection, order, at)
