"""The shop's one time zone: decided at its first start, told when the computer's clock goes by another."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import tzlocal
from sqlalchemy import Connection, select

from app.db import accounts, audit, printers
from app.db.tables import preferences
from app.texts import tr

ZONE = "zone"  # the preference that holds its IANA name
FALLBACK = "Asia/Shanghai"  # where the computer cannot name its zone, and in stores from before it was asked


def default_zone() -> str:
    """IANA name of the computer's zone (on Windows too), or `FALLBACK` where none is known."""
    try:
        return ZoneInfo(tzlocal.get_localzone_name()).key
    except (LookupError, OSError, TypeError, ValueError):  # no name, one that is none, settings that disagree
        return FALLBACK


def settle(connection: Connection) -> None:
    """Store the zone of a store that has none, so that it stays where it is when the computer's is changed.

    A store that was in use before its zone was ever stored keeps the one it has been going by.
    """
    if audit.preference(connection, ZONE) is None:
        audit.set_preference(connection, ZONE, FALLBACK if _was_used(connection) else default_zone())


def _was_used(connection: Connection) -> bool:
    """Whether an engine ever started on it (it notes its port) or somebody set up anything."""
    known = connection.execute(select(preferences.c.name).limit(1)).first()
    return bool(known or accounts.every(connection) or printers.every(connection))


def zone_of(connection: Connection) -> str:
    """IANA name of the shop's zone."""
    return str(audit.preference(connection, ZONE, FALLBACK))


def other_clock(zone: str, at: datetime) -> str:
    """A sentence for staff when the computer's clock shows another time than the shop's at this moment, else ""."""
    shops, computers = at.astimezone(ZoneInfo(zone)), at.astimezone()
    if shops.utcoffset() == computers.utcoffset():
        return ""
    return tr(
        "In the shop's time zone ({zone}) it is {time}, by this computer's clock {here}. Screens, papers and business days "
        "go by the shop's. If that is wrong, change the time zone under Settings, or that of the computer.",
        zone=zone,
        time=f"{shops:%H:%M}",
        here=f"{computers:%H:%M}",
    )
