"""Which ticket a printer prints next: stale ones ask first, doubtful ones come again marked, a dead printer is relieved."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from app.db import orders, print_jobs
from app.db.print_jobs import PrintJob
from app.db.tables import orders as order_rows
from app.db.tables import print_jobs as jobs
from app.db.tables import printers, stations
from app.domain.tickets import COOKED_FROM
from app.engine.desk import again
from app.engine.house import House, Limits, now
from app.engine.limits import limits
from app.engine.paperwork import overtaken, withdraw
from app.engine.tickets import moved
from app.texts import N_, tr

BACK_OFF = (1.0, 2.0, 5.0, 10.0, 20.0)  # seconds before a ticket that never left is tried again


def next_job(connection: Connection, house: House, printer_id: int) -> PrintJob | None:
    """Claim the printer's next ticket: "sending" is committed with it, before its first byte."""
    at, rules = now(), limits(connection, house)
    _hold(connection, printer_id, at)
    _ask_no_longer(connection, house, rules, printer_id, at)
    _relieve(connection, printer_id, at, rules)
    return print_jobs.claim(connection, printer_id, at)


def not_sent(connection: Connection, job: PrintJob, reason: str, at: datetime) -> None:
    """Nothing left this computer: the ticket is tried again, unless its order moved on meanwhile."""
    if overtaken(connection, job):
        withdraw(connection, job, at)
    elif _gone(connection, job):
        print_jobs.step(connection, job.id, "held", at, tr(_LEFT))
    else:
        pause = BACK_OFF[min(job.attempts, len(BACK_OFF) - 1)]
        print_jobs.step(connection, job.id, "pending", at, reason, due_at=at + timedelta(seconds=pause))


_LEFT = N_("the order left the shop before this was printed")


def _hold(connection: Connection, printer_id: int, at: datetime) -> None:
    print_jobs.hold_stale(connection, printer_id, at, tr("it waited too long for its printer"))
    for job_id in connection.execute(_LEFT_BEHIND, {"printer": printer_id}).scalars().all():
        print_jobs.step(connection, job_id, "held", at, tr(_LEFT))


def _gone(connection: Connection, job: PrintJob) -> bool:
    if job.order_id is None or job.kind not in _COOKED:
        return False
    left = orders.get(connection, job.order_id).handed_over_at
    return left is not None and left > job.created_at


def _ask_no_longer(connection: Connection, house: House, rules: Limits, printer_id: int, at: datetime) -> None:
    """Nobody said whether these came out: they come again, marked."""
    for job in print_jobs.unresolved(connection, at - rules.unknown):
        if job.printer_id != printer_id or not _waited(job, rules.unknown, at):
            continue
        if overtaken(connection, job):
            print_jobs.answer(connection, job.id, "overtaken", at)
        else:
            again(connection, house, job, at)


def _waited(job: PrintJob, limit: timedelta, at: datetime) -> bool:
    """A printer that never confirms must not use up its roll on copies: each one waits twice as long as the one before."""
    return job.settled_at is not None and job.settled_at + limit * 2 ** min(job.ticket.copy - 1, 5) <= at


def _relieve(connection: Connection, printer_id: int, at: datetime, rules: Limits) -> None:
    """Take over what a printer of the same station cannot print; in one row, so that it never prints at both."""
    for row in connection.execute(_STRANDED, {"me": printer_id, "before": at - rules.backup}).all():
        job = print_jobs.get(connection, row.id)
        name = "" if row.home == printer_id else row.home_name or row.holder
        reason = tr("taken over from {printer}", printer=row.holder)
        print_jobs.move(connection, job, printer_id, moved(job.ticket, name), at, reason)


_COOKED = frozenset(kind.value for kind in COOKED_FROM)
_LEFT_BEHIND = (
    select(jobs.c.id)
    .join(order_rows, jobs.c.order_id == order_rows.c.id)
    .where(
        jobs.c.printer_id == bindparam("printer"),
        jobs.c.state == "pending",
        jobs.c.kind.in_(_COOKED),
        order_rows.c.handed_over_at > jobs.c.due_at,
    )
)
_me, _home, _busy = printers.alias(), printers.alias(), jobs.alias()
_STRANDED = (
    select(jobs.c.id, printers.c.name.label("holder"), stations.c.printer_id.label("home"), _home.c.name.label("home_name"))
    .join(printers, jobs.c.printer_id == printers.c.id)
    .join(stations, jobs.c.station_id == stations.c.id)
    .join(_me, _me.c.id == bindparam("me"))
    .join(_home, _home.c.id == stations.c.printer_id, isouter=True)
    .where(
        jobs.c.state == "pending",
        jobs.c.printer_id != bindparam("me"),
        or_(stations.c.printer_id == bindparam("me"), stations.c.backup_id == bindparam("me")),
        or_(printers.c.enabled.is_(False), and_(printers.c.state != "ok", printers.c.state_since <= bindparam("before"))),
        _me.c.enabled.is_(True),
        _me.c.state == "ok",
        ~exists().where(
            _busy.c.order_id == jobs.c.order_id, _busy.c.station_id == jobs.c.station_id, _busy.c.state == "sending"
        ),
    )
    .order_by(jobs.c.id)
)
