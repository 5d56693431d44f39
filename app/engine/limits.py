"""The shop's own limits on printing and pausing: its preferences where it set them, the house's otherwise."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from app.db import audit
from app.engine.house import House, Limits

STALE_MINUTES = "print_stale_minutes"
UNKNOWN_MINUTES = "print_unknown_minutes"
BACKUP_SECONDS = "print_backup_seconds"
URGES = "print_urges"  # "yes" or "no"
PAUSE_MINUTES = "shop_pause_minutes"
DUE_MINUTES = "print_due_minutes"
MOST = 10_000


def limits(connection: Connection, house: House) -> Limits:
    """The limits as they stand now."""
    known = house.limits
    urges = audit.preference(connection, URGES)
    return Limits(
        _span(connection, STALE_MINUTES, 60, known.stale),
        _span(connection, UNKNOWN_MINUTES, 60, known.unknown),
        _span(connection, BACKUP_SECONDS, 1, known.backup),
        known.urges if urges is None else urges != "no",
        _span(connection, PAUSE_MINUTES, 60, known.pause),
        _span(connection, DUE_MINUTES, 60, known.due),
    )


def _span(connection: Connection, name: str, seconds: int, default: timedelta) -> timedelta:
    """A preference is whatever was once stored: what is no sensible number counts as not set."""
    try:
        number = float(str(audit.preference(connection, name)))
    except ValueError:
        return default
    return timedelta(seconds=number * seconds) if 0 < number < MOST else default
