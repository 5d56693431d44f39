"""The shop's own limits on printing and pausing: its preferences where it set them, the house's otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from app.db.tables import preferences
from app.engine.house import House, Limits

STALE_MINUTES = "print_stale_minutes"
UNKNOWN_MINUTES = "print_unknown_minutes"
BACKUP_SECONDS = "print_backup_seconds"
URGES = "print_urges"  # "yes" or "no"
PAUSE_MINUTES = "shop_pause_minutes"
DUE_MINUTES = "print_due_minutes"
MOST = 10_000

# All of them at once, and made once: printers ask before every ticket, while a cook waits.
_NAMES = (STALE_MINUTES, UNKNOWN_MINUTES, BACKUP_SECONDS, URGES, PAUSE_MINUTES, DUE_MINUTES)
_STORED = select(preferences.c.name, preferences.c.value).where(preferences.c.name.in_(_NAMES))


def limits(connection: Connection, house: House) -> Limits:
    """The limits as they stand now."""
    known, stored = house.limits, {row.name: row.value for row in connection.execute(_STORED)}
    urges = stored.get(URGES)
    return Limits(
        _span(stored, STALE_MINUTES, 60, known.stale),
        _span(stored, UNKNOWN_MINUTES, 60, known.unknown),
        _span(stored, BACKUP_SECONDS, 1, known.backup),
        known.urges if urges is None else urges != "no",
        _span(stored, PAUSE_MINUTES, 60, known.pause),
        _span(stored, DUE_MINUTES, 60, known.due),
    )


def _span(stored: Mapping[str, Any], name: str, seconds: int, default: timedelta) -> timedelta:
    """A preference is whatever was once stored: what is no sensible number counts as not set."""
    try:
        number = float(str(stored.get(name)))
    except ValueError:
        return default
    return timedelta(seconds=number * seconds) if 0 < number < MOST else default
