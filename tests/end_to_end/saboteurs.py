"""Three engines that break one promise each, so that the torture's checker can be seen to catch them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.db import outbox, print_jobs
from app.db.outbox import Entry
from app.db.print_jobs import PrintJob
from app.engine.ingest import Ingest

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
