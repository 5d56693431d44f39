"""How far this computer's clock is ahead of each platform's: a wrong clock must not make every order look hours old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from app.db import audit
from app.db.accounts import Account
from app.engine.house import House
from app.platforms.api import Arrival

NEWS = timedelta(minutes=1)  # answers take a while, and clocks drift: a smaller change says nothing
APART = timedelta(minutes=5)  # from here on the times on screen and paper mislead
UNASKED = (Arrival.RELAYED, Arrival.NONE)  # they are seldom called, so their silence does not say that our clock is right


def ahead(connection: Connection, account_id: int) -> timedelta:
    """How far our clock is ahead of the account's platform's, as last measured; negative where it is behind."""
    return timedelta(seconds=audit.preference(connection, _name(account_id), 0))


def keep_ahead(connection: Connection, account_id: int, measured: timedelta) -> bool:
    """Keep what was measured; True when it is news."""
    if abs(measured - ahead(connection, account_id)) < NEWS:
        return False
    audit.set_preference(connection, _name(account_id), round(measured.total_seconds()))
    return True


def off(connection: Connection, house: House, accounts: Iterable[Account]) -> timedelta:
    """How far our clock is ahead of every platform's that we ask; nothing where one finds it right: a shop's own server may
    be the one that is wrong."""
    asked = [one for one in accounts if one.enabled]
    told = [timedelta(seconds=seconds) for one in asked if (seconds := _told(connection, house, one)) is not None]
    least = min(told, key=abs, default=timedelta(0))
    return least if abs(least) >= APART else timedelta(0)


def _told(connection: Connection, house: House, account: Account) -> int | None:
    platform = house.platforms.get(account.platform)
    silent = platform is None or platform.arrival in UNASKED
    stored: int | None = audit.preference(connection, _name(account.id), None if silent else 0)
    return stored


def _name(account_id: int) -> str:
    return f"clock_ahead:{account_id}"
