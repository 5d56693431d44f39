"""How far this computer's clock is ahead of each platform's: a wrong clock must not make every order look hours old."""

from __future__ import annotations

import email.utils
from datetime import UTC, timedelta

import httpx
from sqlalchemy import Connection

from app.db import audit
from app.engine.house import now

NEWS = timedelta(minutes=1)  # answers take a while, and clocks drift: a smaller change says nothing


class Ahead:
    """What the answers of one platform say of our clock, by their Date headers (RFC 9110, 6.6.1)."""

    def __init__(self) -> None:
        self.measured: timedelta | None = None

    async def heard(self, response: httpx.Response) -> None:
        """A hook of the client's; what a cache kept for a while (Age) tells nothing."""
        if "age" in response.headers:
            return
        try:
            told = email.utils.parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            return
        self.measured = now() - (told if told.tzinfo else told.replace(tzinfo=UTC))  # "-0000" is UTC too


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
