"""Which printer prints another one's tickets, and when that is over: two cooks must know where to look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db import audit
from app.db.printers import Printer
from app.engine.views import HealthState, StandIn

RELIEVED = "relieved"  # in the audit: "1:2", printer 2 took a ticket of printer 1
TOLD_FOR = timedelta(minutes=10)  # that a printer is back
LONGEST = timedelta(hours=6)  # of an outage that is remembered


def note(connection: Connection, home: int, by: int, order_id: int | None, at: datetime) -> None:
    """A ticket of printer `home` moved to printer `by`."""
    audit.record(connection, at, "console", RELIEVED, order_id, f"{home}:{by}")


def stand_ins(connection: Connection, printers: Iterable[Printer], now: datetime) -> tuple[StandIn, ...]:
    """Who stands in for whom, and who is back since a few minutes."""
    known = {printer.id: printer for printer in printers}
    taken = [detail.partition(":") for detail in audit.details(connection, RELIEVED, now - LONGEST)]
    found = []
    for home, by in ((known.get(int(home)), known.get(int(by))) for home, _, by in taken):
        if home is None or by is None:
            continue
        back = home.enabled and home.state == HealthState.OK
        since = home.state_since or now
        if not back or now - since < TOLD_FOR:
            recent = audit.details(connection, RELIEVED, since - LONGEST if back or not home.enabled else since)
            found += [StandIn(home.name, by.name, back)] if f"{home.id}:{by.id}" in recent else []
    return tuple(found)
