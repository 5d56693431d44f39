"""How far this computer's clock is ahead of each platform's: a wrong clock must not make every order look hours old."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from app.db import audit

NEWS = timedelta(minutes=1)  # answers take a while, and clocks drift: a smaller change says nothing


def ahead(connection: Connection, account_id: int) -> timedelta:
    """How far our clock is ahead of the account's platform's, as last measured; negative where it is behind."""
    return timedelta(seconds=audit.preference(connection, _name(account_id), 0))


def keep_ahead(connection: Connection, account_id: int, measured: timedelta) -> bool:
    """Keep what was measured; True when it is news."""
    if abs(measured - ahead(connection, account_id)) < NEWS:
        return False
    audit.set_preference(connection, _name(account_id), round(measured.total_seconds()))
    return True


def _name(account_id: int) -> str:
    return f"clock_ahead:{account_id}"
