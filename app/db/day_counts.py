"""What each platform counted of a local day, and what of it is not stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from app.db.tables import day_counts as table
from app.db.tables import orders


@dataclass(frozen=True, slots=True)
class DayCount:
    """A row of `day_counts`; `missing_since` is when the oldest of the missing orders was first missed."""

    account_id: int
    day: date
    counted: int
    missing: tuple[str, ...]
    missing_since: datetime | None
    checked_at: datetime


def of_day(connection: Connection, day: date) -> dict[int, DayCount]:
    """The counts of a day by account."""
    rows = connection.execute(select(table).where(table.c.day == day))
    return {row.account_id: DayCount(**{**row._asdict(), "missing": tuple(row.missing)}) for row in rows}


def record(connection: Connection, account_id: int, day: date, order_ids: Collection[str], now: datetime) -> tuple[str, ...]:
    """Compare the platform's list with the store; answers the ids that are not stored, in the platform's order."""
    missing = _missing(connection, account_id, order_ids)
    before = of_day(connection, day).get(account_id)
    still = before is not None and set(missing) & set(before.missing)
    since = None if not missing else before.missing_since if before and still else now
    connection.execute(delete(table).where(table.c.account_id == account_id, table.c.day == day))
    row = {"account_id": account_id, "day": day, "counted": len(order_ids), "missing": list(missing)}
    connection.execute(insert(table), {**row, "missing_since": since, "checked_at": now})
    return missing


def _missing(connection: Connection, account_id: int, order_ids: Collection[str]) -> tuple[str, ...]:
    query = select(orders.c.platform_order_id).where(
        orders.c.account_id == account_id, orders.c.platform_order_id.in_(list(order_ids))
    )
    known = set(connection.execute(query).scalars())
    return tuple(dict.fromkeys(one for one in order_ids if one not in known))
