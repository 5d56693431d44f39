"""Calendar jobs: an hourly encrypted backup. Whether one is due is read from the store, not from the timer's memory.

A counter PC sleeps at night and is switched off at whim, so a job that was missed runs at the next look.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection

from app.config import DataFolder
from app.db import audit
from app.db.database import Database
from app.steady import now

log = structlog.get_logger(__name__)

BACKUP_EVERY = timedelta(hours=1)
BACKUPS_KEPT = 48
LOOK_SECONDS = 300
_LAST_BACKUP = "last_backup"


class Schedule:
    """Runs what is due, for ever; cancelled by the engine."""

    def __init__(self, folder: DataFolder, database: Database) -> None:
        self._folder = folder
        self._database = database

    async def run(self) -> None:
        """Look now and every few minutes."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        # Coalesce and no grace limit: after a night asleep the job runs once, and it does run.
        scheduler.add_job(self.look, "interval", seconds=LOOK_SECONDS, coalesce=True, misfire_grace_time=None)
        scheduler.start()
        try:
            await self.look()
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def look(self) -> None:
        """Make a backup if the last one is too old. A failure is logged, and tried again at the next look."""
        try:
            last = await self._database.write(_last_backup)
            if last and abs(now() - last) < BACKUP_EVERY:  # a clock set back must not put backups off for as long
                return
            await asyncio.to_thread(self._back_up)
            await self._database.write(audit.set_preference, _LAST_BACKUP, now().isoformat())
        except Exception:
            log.exception("backup_failed", folder=str(self._folder.backups))

    def _back_up(self) -> None:
        folder = self._folder.backups
        folder.mkdir(exist_ok=True, mode=0o700)
        self._database.backup(folder / f"orders-{now():%Y%m%d-%H%M%S}.db")
        for old in _oldest(folder):
            old.unlink()


def _oldest(folder: Path) -> list[Path]:
    return sorted(folder.glob("orders-*.db"))[:-BACKUPS_KEPT]


def _last_backup(connection: Connection) -> datetime | None:
    text = audit.preference(connection, _LAST_BACKUP)
    return datetime.fromisoformat(text) if text else None
