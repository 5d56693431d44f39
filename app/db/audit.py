"""Who did what at the counter, and the shop's own preferences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.db.tables import audit, orders, preferences


def record(
    connection: Connection, now: datetime, who: str, what: str, order_id: int | None = None, detail: str = ""
) -> None:
    """One line that is never changed afterwards; no personal data in `detail`."""
    connection.execute(insert(audit).values(at=now, who=who, what=what, order_id=order_id, detail=detail))


def details(connection: Connection, what: str, since: datetime) -> list[str]:
    """What was noted of this kind since a moment; each text once, oldest first."""
    query = select(audit.c.detail).where(audit.c.what == what, audit.c.at >= since).order_by(audit.c.id)
    return list(dict.fromkeys(connection.execute(query).scalars()))


def of_day(connection: Connection, what: str, day: Any) -> list[tuple[int, str]]:
    """What was noted of this kind of the orders of a business day, as (order, detail); each once, oldest first."""
    query = select(audit.c.order_id, audit.c.detail).join(orders, audit.c.order_id == orders.c.id)
    rows = connection.execute(query.where(audit.c.what == what, orders.c.business_day == day).order_by(audit.c.id))
    return list(dict.fromkeys((row[0], row[1]) for row in rows))


def preference(connection: Connection, name: str, default: Any = None) -> Any:
    """A stored preference, or `default`."""
    row = connection.execute(select(preferences.c.value).where(preferences.c.name == name)).first()
    return default if row is None else row[0]


def set_preference(connection: Connection, name: str, value: Any) -> None:
    """Store a preference."""
    if connection.execute(update(preferences).where(preferences.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(preferences).values(name=name, value=value))
