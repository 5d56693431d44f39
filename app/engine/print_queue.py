"""Which ticket a printer prints next: stale ones ask first, doubtful ones come again marked, a dead printer is relieved."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select

from app.db import print_jobs
from app.db.print_jobs import PrintJob
from app.db.tables import print_jobs as jobs
from app.db.tables import printers, stations
from app.domain.tickets import TicketKind
from app.engine.desk import again
from app.engine.house import House, Limits
from app.engine.in_hand import needless, overtaken, withdraw
from app.engine.limits import limits
from app.engine.stand_ins import note
from app.engine.tickets import moved
from app.steady import now
from app.texts import tr

BACK_OFF = (1.0, 2.0, 5.0, 10.0, 20.0)  # seconds before a printer that took nothing, or a ticket refused, is tried again


class BackOff:
    """How long a printer that took nothing is left alone. Its tickets keep their line: the oldest is tried first again."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    def rests(self, clock: float) -> bool:
        """Whether it is left alone now; `clock` in seconds of any steady clock."""
        return clock < self._until

    def failed(self, clock: float) -> None:
        """It took nothing, once more."""
        self._until = clock + _pause(self._failures)
        self._failures += 1

    def worked(self) -> None:
        """It took a ticket."""
        self._failures, self._until = 0, 0.0

    def mended(self) -> None:
        """It says that it is ready, which the next ticket will show."""
        self._until = 0.0


def next_job(connection: Connection, house: House, printer_id: int, rests: bool = False) -> PrintJob | None:
    """Claim the printer's next ticket: "sending" is committed with it, before its first byte. None while it `rests`."""
    at, rules = now(), limits(connection, house)
    _relieve(connection, printer_id, at, rules)  # before stale ones are held, for what it takes over may be stale
    _hold(connection, printer_id, at)
    _ask_no_longer(connection, house, rules, printer_id, at)
    return None if rests else print_jobs.claim(connection, printer_id, at)


def not_sent(connection: Connection, job: PrintJob, reason: str, at: datetime, refused: bool = False) -> None:
    """Nothing left this computer: the ticket is tried again, unless its order moved on meanwhile.

    One that was `refused` for itself lets others pass; otherwise the printer rests, and every ticket keeps its place.
    """
    if overtaken(connection, job):
        withdraw(connection, job, at)
    else:
        due_at = at + timedelta(seconds=_pause(job.attempts)) if refused else at
        print_jobs.step(connection, job.id, "pending", at, reason, due_at=due_at)


def settle_unknown(connection: Connection, house: House, job: PrintJob, at: datetime) -> None:
    """Nobody said, or need say, whether a doubtful ticket came out: it comes again, marked, unless it is needless."""
    if needless(connection, job):
        print_jobs.answer(connection, job.id, "overtaken", at)
    else:
        again(connection, house, job, at)


def _pause(failures: int) -> float:
    return BACK_OFF[min(failures, len(BACK_OFF) - 1)]


def _hold(connection: Connection, printer_id: int, at: datetime) -> None:
    reason = tr("it waited too long for its printer")
    for job_id in connection.execute(_OLD_URGES, {"printer": printer_id, "now": at}).scalars().all():
        print_jobs.settle(connection, job_id, "skipped", at, reason)  # nobody is asked whether to urge a cook late
    print_jobs.hold_stale(connection, printer_id, at, reason)


def _ask_no_longer(connection: Connection, house: House, rules: Limits, printer_id: int, at: datetime) -> None:
    """The doubtful tickets of this printer, and of those switched off whose stations print here."""
    doubtful = print_jobs.unresolved(connection, at - rules.unknown)
    mine = set(connection.execute(_IN_MY_CARE, {"me": printer_id}).scalars()) if doubtful else set()
    for job in doubtful:
        if (job.printer_id == printer_id or job.id in mine) and _waited(job, rules.unknown, at):
            settle_unknown(connection, house, job, at)


def _waited(job: PrintJob, limit: timedelta, at: datetime) -> bool:
    """A printer that never confirms must not use up its roll on copies: each one waits twice as long as the one before."""
    return job.settled_at is not None and job.settled_at + limit * 2 ** min(job.ticket.copy - 1, 5) <= at


def _relieve(connection: Connection, printer_id: int, at: datetime, rules: Limits) -> None:
    """Take over what a printer of the same station cannot print; in one row, so that it never prints at both."""
    found = connection.execute(_STRANDED, {"me": printer_id, "before": at - rules.backup}).all()
    for row in sorted(found, key=lambda one: one.id):  # here: asked to sort, SQLite would read the whole ledger in its order
        job = print_jobs.get(connection, row.id)
        name = "" if row.home == printer_id else row.home_name or row.holder
        reason = tr("taken over from {printer}", printer=row.holder)
        print_jobs.move(connection, job, printer_id, moved(job.ticket, name), at, reason)
        if name:
            note(connection, row.home or job.printer_id, printer_id, job.order_id, at)


_OLD_URGES = select(jobs.c.id).where(
    jobs.c.printer_id == bindparam("printer"),
    jobs.c.state == "pending",
    jobs.c.kind == TicketKind.URGE.value,
    jobs.c.fresh_until < bindparam("now"),
)
_me, _home, _busy, _default = printers.alias(), printers.alias(), jobs.alias(), stations.alias()
_paperless = and_(stations.c.printer_id.is_(None), stations.c.backup_id.is_(None))  # it prints where the default one does
_prints_here = or_(
    stations.c.printer_id == bindparam("me"),
    stations.c.backup_id == bindparam("me"),
    and_(_paperless, or_(_default.c.printer_id == bindparam("me"), _default.c.backup_id == bindparam("me"))),
)
_IN_MY_CARE = (
    select(jobs.c.id)
    .join(printers, jobs.c.printer_id == printers.c.id)
    .join(stations, jobs.c.station_id == stations.c.id)
    .join(_default, _default.c.default.is_(True), isouter=True)
    .where(jobs.c.state == "unknown", jobs.c.answer == "", printers.c.enabled.is_(False), _prints_here)
)
_home_id = func.coalesce(stations.c.printer_id, _default.c.printer_id)
_STRANDED = (
    select(jobs.c.id, printers.c.name.label("holder"), _home_id.label("home"), _home.c.name.label("home_name"))
    .join(printers, jobs.c.printer_id == printers.c.id)
    .join(stations, jobs.c.station_id == stations.c.id)
    .join(_me, _me.c.id == bindparam("me"))
    .join(_default, _default.c.default.is_(True), isouter=True)
    .join(_home, _home.c.id == _home_id, isouter=True)
    .where(
        jobs.c.state == "pending",
        jobs.c.printer_id != bindparam("me"),
        _prints_here,
        or_(printers.c.enabled.is_(False), and_(printers.c.state != "ok", printers.c.state_since <= bindparam("before"))),
        _me.c.enabled.is_(True),
        _me.c.state == "ok",
        ~exists().where(
            _busy.c.order_id == jobs.c.order_id, _busy.c.station_id == jobs.c.station_id, _busy.c.state == "sending"
        ),
    )
)
