"""Engines that break one promise each, so that the tortures' judges can be seen to catch them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.db import outbox, print_jobs
from app.db.outbox import Entry
from app.db.print_jobs import PrintJob
from app.domain.tickets import Ticket
from app.engine import spooler
from app.engine.ingest import Ingest
from app.printing import Outcome, OutcomeKind

DELAY = 0.2  # seconds during which an order exists only in memory


def acknowledge_first() -> None:
    """Tell the platform that we have the order, and write it down a little later."""
    honest = Ingest.receive

    async def receive(self: Ingest, account_id: int, messages: Iterable[Any], *rest: Any, **named: Any) -> None:
        async def later() -> None:
            await asyncio.sleep(DELAY)
            await honest(self, account_id, kept, *rest, **named)

        kept = list(messages)
        tasks.append(asyncio.get_running_loop().create_task(later()))

    tasks: list[asyncio.Task[None]] = []
    Ingest.receive = receive  # type: ignore[method-assign]  # sabotage is the point


def no_print_record() -> None:
    """Send the bytes without having written down that they are about to leave."""
    honest = print_jobs.claim

    def claim(connection: Connection, printer_id: int, now: datetime) -> PrintJob | None:
        job = honest(connection, printer_id, now)
        if job:
            print_jobs.change(connection, job.id, state="pending", attempts=job.attempts, sending_at=None)
        return job

    print_jobs.claim = claim


def no_outbox() -> None:
    """Forget a command at the moment it is sent, as a direct call would."""
    honest = outbox.claim

    def claim(connection: Connection, now: datetime, limit: int = 20) -> list[Entry]:
        entries = honest(connection, now, limit)
        for entry in entries:
            outbox.settle(connection, entry.id, "confirmed", now)
        return entries

    outbox.claim = claim


def unknown_is_confirmed() -> None:
    """Believe that whatever nobody knows came out."""
    _call_unknown("confirmed")


def unknown_is_sent() -> None:
    """Say of whatever nobody knows that it was sent."""
    _call_unknown("sent")


def _call_unknown(word: str) -> None:
    honest = print_jobs.settle

    def settle(connection: Connection, job_id: int, state: str, now: datetime, reason: str = "") -> None:
        honest(connection, job_id, word if state == "unknown" else state, now, reason)

    print_jobs.settle = settle


def backup_copies() -> None:
    """Print at the backup what the dead printer still has, and leave it there too."""

    def move(connection: Connection, job: PrintJob, printer_id: int, ticket: Ticket, now: datetime, reason: str) -> None:
        where = {"station_id": job.station_id, "order_id": job.order_id, "revision": job.revision}
        print_jobs.add(connection, printer_id, f"{job.key}:at{printer_id}", ticket, now, **where)  # type: ignore[arg-type]  # ids

    print_jobs.move = move


def resend_after_timeout() -> None:
    """Send again what the printer did not confirm in time, as it is."""
    honest = spooler._record

    def record(connection: Connection, house: Any, job: PrintJob, outcome: Outcome) -> None:
        again = OutcomeKind.NOT_SENT if outcome.kind is OutcomeKind.UNKNOWN else outcome.kind
        honest(connection, house, job, replace(outcome, kind=again))

    spooler._record = record


def forgets_papers() -> None:
    """Queue nothing for some of a station's orders: no ledger can tell."""
    honest = print_jobs.add

    def add(connection: Connection, printer_id: int, key: str, *rest: Any, **named: Any) -> int | None:
        forgotten = ":packing:" in key and int(key.split(":")[0]) % 4 == 0  # by the order's id
        return None if forgotten else honest(connection, printer_id, key, *rest, **named)

    print_jobs.add = add
