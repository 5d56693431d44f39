"""The print ledger: one row a ticket, each step committed before the bytes it describes, and every step kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, insert, or_, select

from app.db.rows import add_row, change_row, come_by, has_come, pack, unpack
from app.db.tables import orders, print_steps, printers
from app.db.tables import print_jobs as table
from app.domain.tickets import Ticket
from app.texts import tr

LONGEST_REST = timedelta(minutes=2)  # no ticket is put off for longer


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A row of `print_jobs`. `marked`: the paper says that it may be a copy. `first_id`: the ticket it is a copy of."""

    id: int
    order_id: int | None
    printer_id: int
    key: str
    kind: str
    revision: int
    ticket: Ticket
    state: str
    attempts: int
    marked: bool
    created_at: datetime
    due_at: datetime
    sending_at: datetime | None
    settled_at: datetime | None
    reason: str
    answer: str
    station_id: int | None
    first_id: int | None
    fresh_until: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a ticket."""

    at: datetime
    state: str
    printer: str
    text: str


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which tickets a person wants to see; what is empty does not matter. `text` is looked for in the call number."""

    printer_id: int | None = None
    station_id: int | None = None
    states: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def add(
    connection: Connection,
    printer_id: int,
    key: str,
    ticket: Ticket,
    now: datetime,
    *,
    station_id: int | None = None,
    order_id: int | None = None,
    revision: int = 1,
    copy_of: PrintJob | None = None,
    fresh_until: datetime | None = None,
) -> int | None:
    """Queue a ticket; None when the key is known (it is already queued or printed)."""
    if connection.execute(_KNOWN, {"key": key}).first():
        return None
    row = {
        "order_id": order_id,
        "printer_id": printer_id,
        "key": key,
        "kind": ticket.kind.value,
        "revision": revision,
        "ticket": pack(ticket),
        "marked": copy_of is not None,
        "created_at": now,
        "due_at": now,
        "station_id": station_id,
        "first_id": (copy_of.first_id or copy_of.id) if copy_of else None,
        "fresh_until": fresh_until,
    }
    job_id = add_row(connection, table, row)
    _remember(connection, job_id, now, "pending", printer_id, "")
    return job_id


def claim(connection: Connection, printer_id: int, now: datetime) -> PrintJob | None:
    """Commit "sending, attempt + 1" for the printer's oldest due ticket, before its first byte."""
    row = connection.execute(_DUE, {"printer": printer_id, **come_by(now, LONGEST_REST)}).first()
    if row is None:
        return None
    step(connection, row.id, "sending", now, attempts=row.attempts + 1, sending_at=now)
    return _job(row)


def change(connection: Connection, /, job_id: int, **columns: Any) -> None:
    """Set columns of a job other than its state."""
    change_row(connection, table, job_id, columns)


def step(connection: Connection, /, job_id: int, state: str, now: datetime, reason: str = "", **columns: Any) -> None:
    """Bring a job into a state, and keep that it happened."""
    change(connection, job_id, state=state, reason=reason, **columns)
    printer = connection.execute(_PRINTER_OF, {"id": job_id}).scalar()
    _remember(connection, job_id, now, state, printer, reason)


def settle(connection: Connection, job_id: int, state: str, now: datetime, reason: str = "") -> None:
    """Final state of a ticket: confirmed, sent, failed, unknown or skipped."""
    step(connection, job_id, state, now, reason, settled_at=now)


def answer(connection: Connection, job_id: int, what: str, now: datetime) -> None:
    """What became of a ticket that nobody could be sure of: came_out, reprinted or overtaken."""
    change(connection, job_id, answer=what)
    _remember(connection, job_id, now, what, None, "")


def hold_stale(connection: Connection, printer_id: int, now: datetime, reason: str) -> list[int]:
    """Tickets that waited past their time ask a person instead of printing; answers their ids."""
    ids = list(connection.execute(_STALE, {"printer": printer_id, "now": now}).scalars())
    for job_id in ids:
        step(connection, job_id, "held", now, reason)
    return ids


def move(connection: Connection, job: PrintJob, printer_id: int, ticket: Ticket, now: datetime, reason: str) -> None:
    """Give a ticket of which no byte ever left to another printer."""
    change(connection, job.id, printer_id=printer_id, ticket=pack(ticket))
    step(connection, job.id, "pending", now, reason, due_at=now)


def mark_interrupted(connection: Connection, now: datetime) -> list[int]:
    """After a start: what was in flight is unknown, never queued; answers the ids."""
    ids = list(connection.execute(select(table.c.id).where(table.c.state == "sending")).scalars())
    for job_id in ids:
        settle(connection, job_id, "unknown", now, tr("the console stopped while it was printing"))
    return ids


def get(connection: Connection, job_id: int) -> PrintJob:
    """One job. Raises LookupError."""
    row = connection.execute(_ONE, {"id": job_id}).first()
    if row is None:
        raise LookupError(f"no ticket {job_id}")
    return _job(row)


def some(connection: Connection, job_ids: Collection[int]) -> list[PrintJob]:
    """These jobs, newest first."""
    query = select(table).where(table.c.id.in_(list(job_ids))).order_by(table.c.id.desc())
    return [_job(row) for row in connection.execute(query)]


def of_order(connection: Connection, order_id: int) -> list[PrintJob]:
    """Every ticket of an order, oldest first."""
    return [_job(row) for row in connection.execute(_OF_ORDER, {"order": order_id})]


def states(connection: Connection, order_ids: list[int]) -> dict[int, list[str]]:
    """States of the orders' tickets that nobody answered for, oldest first."""
    found: dict[int, list[str]] = {}
    wanted = (table.c.order_id.in_(order_ids), table.c.answer == "")
    for row in connection.execute(select(table.c.order_id, table.c.state).where(*wanted).order_by(table.c.id)):
        found.setdefault(row.order_id, []).append(row.state)
    return found


def latest(connection: Connection, limit: int) -> list[PrintJob]:
    """The ledger, newest first."""
    return [_job(row) for row in connection.execute(select(table).order_by(table.c.id.desc()).limit(limit))]


def ledger(connection: Connection, wanted: LedgerFilter) -> list[int]:
    """Ids of the tickets that a filter lets through, newest first."""
    query = select(table.c.id).where(*_conditions(wanted)).order_by(table.c.id.desc())
    return list(connection.execute(query).scalars())


def steps(connection: Connection, job_id: int) -> list[Step]:
    """Everything that happened to a ticket, oldest first."""
    return [Step(row.at, row.state, row.printer or "", row.text) for row in connection.execute(_STEPS, {"id": job_id})]


def with_copies(connection: Connection, job: PrintJob) -> list[PrintJob]:
    """A ticket's first paper and every copy of it, oldest first."""
    return [_job(row) for row in connection.execute(_COPIES, {"first": job.first_id or job.id})]


def unresolved(connection: Connection, before: datetime) -> list[PrintJob]:
    """Unknown tickets that nobody has answered for since `before`."""
    return [_job(row) for row in connection.execute(_UNRESOLVED, {"before": before})]


def waiting(connection: Connection, states: Iterable[str] = ("pending",)) -> list[PrintJob]:
    """Every ticket in these states that nobody answered for, oldest first."""
    wanted = (table.c.state.in_(list(states)), table.c.answer == "")
    return [_job(row) for row in connection.execute(select(table).where(*wanted).order_by(table.c.id))]


def counts(connection: Connection) -> dict[tuple[int, str], int]:
    """Number of tickets by (printer, state) for the states that want attention."""
    wanted = and_(table.c.state.in_(["pending", "sending", "held", "unknown", "failed"]), table.c.answer == "")
    query = select(table.c.printer_id, table.c.state, func.count()).where(wanted).group_by(table.c.printer_id, table.c.state)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def torn(connection: Connection, printer_id: int) -> bool:
    """Whether the last ticket tried at a printer may hang out of it half printed."""
    return connection.execute(_LAST_TRIED, {"printer": printer_id}).scalar() in ("sending", "unknown")


def of_day(connection: Connection, day: Any) -> list[PrintJob]:
    """Every ticket of the orders of a business day, oldest first."""
    query = select(table).join(orders, table.c.order_id == orders.c.id).where(orders.c.business_day == day)
    return [_job(row) for row in connection.execute(query.order_by(table.c.id))]


_ONE = select(table).where(table.c.id == bindparam("id"))
_PRINTER_OF = select(table.c.printer_id).where(table.c.id == bindparam("id"))
_KNOWN = select(table.c.id).where(table.c.key == bindparam("key"))
_OF_ORDER = select(table).where(table.c.order_id == bindparam("order")).order_by(table.c.id)
_COPIES = (
    select(table).where(or_(table.c.id == bindparam("first"), table.c.first_id == bindparam("first"))).order_by(table.c.id)
)
_DUE = (
    select(table)
    .where(
        table.c.printer_id == bindparam("printer"),
        table.c.state == "pending",
        has_come(table.c.due_at),
    )
    .order_by(table.c.id)
    .limit(1)
)
_STALE = select(table.c.id).where(
    table.c.printer_id == bindparam("printer"), table.c.state == "pending", table.c.fresh_until < bindparam("now")
)
_UNRESOLVED = (
    select(table)
    .where(table.c.state == "unknown", table.c.answer == "", table.c.settled_at <= bindparam("before"))
    .order_by(table.c.id)
)
_LAST_TRIED = (
    select(table.c.state)
    .where(table.c.printer_id == bindparam("printer"), table.c.state.in_(["sending", "confirmed", "sent", "unknown"]))
    .order_by(table.c.sending_at.desc())
    .limit(1)
)
_STEPS = (
    select(print_steps.c.at, print_steps.c.state, printers.c.name.label("printer"), print_steps.c.text)
    .join_from(print_steps, printers, print_steps.c.printer_id == printers.c.id, isouter=True)
    .where(print_steps.c.job_id == bindparam("id"))
    .order_by(print_steps.c.id)
)
_ADD_STEP = insert(print_steps)


def _remember(connection: Connection, job_id: int, at: datetime, state: str, printer_id: int | None, text: str) -> None:
    row = {"job_id": job_id, "at": at, "state": state, "printer_id": printer_id, "text": text}
    connection.execute(_ADD_STEP, row)


def _conditions(wanted: LedgerFilter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.printer_id is not None:
        found.append(table.c.printer_id == wanted.printer_id)
    if wanted.station_id is not None:
        found.append(table.c.station_id == wanted.station_id)
    if wanted.states:
        found.append(table.c.state.in_(list(wanted.states)))
    if wanted.since:
        found.append(table.c.created_at >= wanted.since)
    if wanted.until:
        found.append(table.c.created_at < wanted.until)
    if wanted.text:
        found.append(table.c.ticket["call_number"].as_string().contains(wanted.text, autoescape=True))
    return found


def _job(row: Row[Any]) -> PrintJob:
    columns = row._asdict()
    return PrintJob(**{**columns, "ticket": unpack(Ticket, columns["ticket"])})
