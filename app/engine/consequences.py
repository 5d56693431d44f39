"""What follows from a change of an order, as rows of the same transaction: tickets, commands, refunds, history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from app.db import orders, outbox, print_jobs
from app.db.accounts import Account
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.money import Money
from app.domain.tickets import TicketKind
from app.engine.house import House, instant
from app.engine.tickets import key_of, kitchen_ticket, naming, void_slip
from app.texts import tr

_COOKING = frozenset({Kitchen.ACCEPTED, Kitchen.PREPARING})
_NOT_ON_PAPER = frozenset({"pending", "skipped", "failed"})
# A customer still waits for these after the food was delivered.
_ANSWERS = frozenset({CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST, CommandKind.REPLY_URGE})


def follow(
    connection: Connection,
    house: House,
    account: Account,
    before: StoredOrder | None,
    after: StoredOrder,
    update: OrderUpdate,
    now: datetime,
) -> None:
    """Leave every row that the step from `before` to `after` calls for."""
    _remember(connection, before, after, update, now)
    _refund(connection, house, before, after, update, now)
    if before is None:
        _greet(connection, house, account, after, now)
    if _died(before, after):
        _take_back(connection, after, now)
    elif _starts_cooking(before, after):
        print_tickets(connection, house, after, now, TicketKind.KITCHEN)
    elif before and after.revision > before.revision and after.state.kitchen in _COOKING:
        _print_change(connection, house, after, now)
    if _closed(before, after):
        dead = after.state.kitchen in DEAD
        outbox.supersede(connection, after.id, now, tr("the order is closed"), () if dead else _ANSWERS)


def command(
    connection: Connection, account: Account, order: StoredOrder, kind: CommandKind, now: datetime, **fields: object
) -> int:
    """Queue a command for the order's platform under a key that no retry changes.

    Any later step says that the order was received: a RECEIVED still waiting must not hold it up.
    """
    outbox.supersede(
        connection, order.id, now, tr("a later step says it too"), frozenset(CommandKind) - {CommandKind.RECEIVED}
    )
    number = len(outbox.of_order(connection, order.id)) + 1
    key = f"{order.id}:{kind.value}:{number}"
    wanted = Command(kind, order.platform_order_id, key, **fields)  # type: ignore[arg-type]  # checked by Command's users
    deadline = order.facts.decide_by if kind in (CommandKind.ACCEPT, CommandKind.REJECT) else None
    return outbox.add(connection, order.id, account.id, wanted, now, deadline)


def overtaken(connection: Connection, job: PrintJob) -> bool:
    """Whether a kitchen ticket's order died or was printed anew meanwhile: on paper it would still be cooked."""
    if job.order_id is None or job.kind == TicketKind.VOID:
        return False
    if orders.get(connection, job.order_id).state.kitchen in DEAD:
        return True
    jobs = print_jobs.of_order(connection, job.order_id)
    return any(one.printer_id == job.printer_id and one.revision > job.revision for one in jobs)


def withdraw(connection: Connection, job: PrintJob, now: datetime) -> None:
    """Skip an overtaken ticket of which no byte left, and a void slip that would take nothing back."""
    print_jobs.settle(connection, job.id, "skipped", now, tr("the order moved on before this was printed"))
    jobs = print_jobs.of_order(connection, job.order_id) if job.order_id else []
    here = [one for one in jobs if one.printer_id == job.printer_id]
    if not _last_on_paper(here):
        _skip(connection, [one for one in here if one.kind == TicketKind.VOID], now, tr("nothing was printed"))


def _greet(connection: Connection, house: House, account: Account, order: StoredOrder, now: datetime) -> None:
    if order.state.kitchen is not Kitchen.NEW:
        return
    if account.auto_accept:
        command(connection, account, order, CommandKind.ACCEPT, now)
    elif house.supports(order.platform, CommandKind.RECEIVED):
        command(connection, account, order, CommandKind.RECEIVED, now)


def _died(before: StoredOrder | None, after: StoredOrder) -> bool:
    return after.state.kitchen in DEAD and before is not None and before.state.kitchen not in DEAD


def _closed(before: StoredOrder | None, after: StoredOrder) -> bool:
    return _died(before, after) or (after.state.kitchen in CLOSED and not (before and before.state.kitchen in CLOSED))


def _starts_cooking(before: StoredOrder | None, after: StoredOrder) -> bool:
    if before is None:  # an order first seen when it is ready was cooked without us
        return after.state.kitchen in _COOKING
    return before.state.kitchen is Kitchen.NEW and after.state.kitchen in _COOKING | {Kitchen.READY}


def print_tickets(
    connection: Connection,
    house: House,
    order: StoredOrder,
    now: datetime,
    kind: TicketKind,
    replaced: Mapping[int, PrintJob] = MappingProxyType({}),
) -> None:
    """Queue the order's ticket at every printer that is on; one that is queued already is not queued again."""
    for printer in print_jobs.every_printer(connection):
        if printer.enabled:
            ticket = naming(kitchen_ticket(house, order, printer, now, kind), replaced.get(printer.id))
            key = key_of(order, printer, kind)
            print_jobs.add(connection, printer.id, key, ticket, now, order_id=order.id, revision=order.revision)


def _print_change(connection: Connection, house: House, order: StoredOrder, now: datetime) -> None:
    jobs = print_jobs.of_order(connection, order.id)
    _skip(connection, jobs, now, tr("the order was changed before it was printed"))
    on_paper = _last_on_paper(jobs)
    print_tickets(connection, house, order, now, TicketKind.CHANGED if on_paper else TicketKind.KITCHEN, on_paper)


def _take_back(connection: Connection, order: StoredOrder, now: datetime) -> None:
    jobs = print_jobs.of_order(connection, order.id)
    _skip(connection, jobs, now, tr("the order was cancelled before it was printed"))
    if order.handed_over_at:
        return  # the food has left: a void slip would only send a cook looking for it
    for job in _last_on_paper(jobs).values():
        slip = void_slip(job, order.reason, now)
        key = f"{order.id}:{job.printer_id}:void"
        print_jobs.add(connection, job.printer_id, key, slip, now, order_id=order.id, revision=order.revision)


def _last_on_paper(jobs: list[PrintJob]) -> dict[int, PrintJob]:
    """By printer, the newest ticket that is, or may be, in a cook's hand."""
    return {job.printer_id: job for job in jobs if job.state not in _NOT_ON_PAPER and job.kind != TicketKind.VOID}


def _skip(connection: Connection, jobs: list[PrintJob], now: datetime, reason: str) -> None:
    for job in jobs:
        if job.state == "pending":
            print_jobs.settle(connection, job.id, "skipped", now, reason)


def _refund(
    connection: Connection,
    house: House,
    before: StoredOrder | None,
    after: StoredOrder,
    update: OrderUpdate,
    now: datetime,
) -> None:
    step = after.refunded_minor - (before.refunded_minor if before else 0)
    if step <= 0:
        return
    at = update.refunded_at or instant(update.version, now)
    amount = Money(step, after.facts.currency)
    orders.add_refund(connection, after.id, amount, at, house.calendar.day(at), house.calendar.hour(at))
    orders.add_history(connection, after.id, at, "platform", "refunded", str(amount))


def _remember(
    connection: Connection, before: StoredOrder | None, after: StoredOrder, update: OrderUpdate, now: datetime
) -> None:
    at = max(instant(update.version, now), after.facts.placed_at)
    if before is None:
        orders.add_history(connection, after.id, after.facts.placed_at, "platform", "placed")
        orders.add_history(connection, after.id, now, "console", "stored")
    for kind, text in _news(before, after, update):
        orders.add_history(connection, after.id, at, "platform", kind, text)


def _news(before: StoredOrder | None, after: StoredOrder, update: OrderUpdate) -> list[tuple[str, str]]:
    old, new = before.state if before else None, after.state
    found = []
    if (old is None and new.kitchen is not Kitchen.NEW) or (old and old.kitchen is not new.kitchen):
        found.append((new.kitchen.value, update.reason))
    if old and old.delivery is not new.delivery:
        found.append((f"courier_{new.delivery.value}", after.courier.name if after.courier else ""))
    if update.request and (before is None or before.request != update.request):
        found.append((f"{update.request.kind.value}_request_{update.request.state.value}", update.request.reason))
    if update.urge and not (before and update.urge in before.urges):
        found.append(("urge", update.urge.text))
    if before and after.revision > before.revision:
        found.append(("changed", tr("version {n}", n=after.revision)))
    if update.unmapped and not (before and before.unmapped == update.unmapped):
        found.append(("unmapped", update.unmapped))
    return found
