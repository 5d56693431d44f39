"""The print ledger: one row a ticket, each step committed before the bytes it describes, and the printers themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select

from app.db.rows import add_row, change_row, pack, record_state, unpack
from app.db.tables import print_jobs as table
from app.db.tables import printers
from app.domain.tickets import Ticket
from app.texts import tr


@dataclass(frozen=True, slots=True)
class Printer:
    """A row of `printers`."""

    id: int
    name: str
    host: str
    port: int
    station: str
    width: int
    language: str
    acknowledges: str
    enabled: bool
    state: str
    state_text: str
    state_since: datetime | None


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A row of `print_jobs`. `marked`: the paper says that it may be a copy."""

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
    order_id: int | None = None,
    revision: int = 1,
    marked: bool = False,
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
        "marked": marked,
        "created_at": now,
        "due_at": now,
    }
    return add_row(connection, table, row)


def claim(connection: Connection, printer_id: int, now: datetime) -> PrintJob | None:
    """Commit "sending, attempt + 1" for the printer's oldest due ticket, before its first byte."""
    row = connection.execute(_DUE, {"printer": printer_id, "now": now}).first()
    if row is None:
        return None
    change(connection, row.id, state="sending", attempts=row.attempts + 1, sending_at=now)
    return _job(row)


def change(connection: Connection, /, job_id: int, **columns: Any) -> None:
    """Set columns of a job."""
    change_row(connection, table, job_id, columns)


def settle(connection: Connection, job_id: int, state: str, now: datetime, reason: str = "") -> None:
    """Final state of a ticket: confirmed, sent, failed, unknown or skipped."""
    change(connection, job_id, state=state, settled_at=now, reason=reason)


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


def unresolved(connection: Connection, before: datetime) -> list[PrintJob]:
    """Unknown tickets that nobody has answered for since `before`."""
    return [_job(row) for row in connection.execute(_UNRESOLVED, {"before": before})]


def counts(connection: Connection) -> dict[tuple[int, str], int]:
    """Number of tickets by (printer, state) for the states that want attention."""
    wanted = and_(table.c.state.in_(["pending", "sending", "unknown", "failed"]), table.c.answer == "")
    query = select(table.c.printer_id, table.c.state, func.count()).where(wanted).group_by(table.c.printer_id, table.c.state)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def add_printer(connection: Connection, name: str, host: str, port: int, station: str, width: int) -> int:
    """Store a LAN printer; answers its id."""
    row = {"name": name, "host": host, "port": port, "station": station, "width": width}
    return add_row(connection, printers, row)


def every_printer(connection: Connection) -> list[Printer]:
    """All printers, oldest first."""
    return [Printer(**row._asdict()) for row in connection.execute(_PRINTERS)]


def change_printer(connection: Connection, /, printer_id: int, **columns: Any) -> None:
    """Set columns of a printer."""
    change_row(connection, printers, printer_id, columns)


def set_printer_state(connection: Connection, printer_id: int, now: datetime, state: str, text: str = "") -> bool:
    """Record a printer's health; True when the state changed."""
    return record_state(connection, printers, printer_id, now, state, text)


_ONE = select(table).where(table.c.id == bindparam("id"))
_KNOWN = select(table.c.id).where(table.c.key == bindparam("key"))
_OF_ORDER = select(table).where(table.c.order_id == bindparam("order")).order_by(table.c.id)
_DUE = (
    select(table)
    .where(table.c.printer_id == bindparam("printer"), table.c.state == "pending", table.c.due_at <= bindparam("now"))
    .order_by(table.c.id)
    .limit(1)
)
_UNRESOLVED = (
    select(table)
    .where(table.c.state == "unknown", table.c.answer == "", table.c.settled_at <= bindparam("before"))
    .order_by(table.c.id)
)
_PRINTERS = select(printers).order_by(printers.c.id)


def _job(row: Row[Any]) -> PrintJob:
    columns = row._asdict()
    return PrintJob(**{**columns, "ticket": unpack(Ticket, columns["ticket"])})
