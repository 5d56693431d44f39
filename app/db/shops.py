"""How the shop stands on each platform as last seen, and what the console promised to put back, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from app.db.rows import change_row, come_by, has_come
from app.db.tables import put_backs, shop_states
from app.domain.shop import ShopState, ShopStatus

SHOP = ""  # the item id that stands for the shop itself
LONGEST_REST = timedelta(minutes=10)  # what could not be put back is tried again by then, whatever an answer asks for


@dataclass(frozen=True, slots=True)
class Seen:
    """A row of `shop_states`: the platform's last answer, when it came, since when it says so, and its last complaint."""

    account_id: int
    status: ShopStatus | None
    since: datetime | None
    checked_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class PutBack:
    """A row of `put_backs`: what is opened or sold again from `until` on; `error` is what stood in the way last time."""

    id: int
    account_id: int
    item_id: str
    name: str
    until: datetime
    due_at: datetime
    tries: int
    error: str


def seen(connection: Connection) -> dict[int, Seen]:
    """How each account's shop was last seen."""
    return {row.account_id: _seen(row) for row in connection.execute(select(shop_states))}


def saw(connection: Connection, account_id: int, status: ShopStatus, now: datetime) -> bool:
    """Record an answer; True when it differs from the last one. `since` moves only with the state."""
    before = _last(connection, account_id)
    known = before.status if before else None
    since = before.since if before and known and known.state is status.state else now
    row = {"state": status.state.value, "until": status.until, "text": status.text, "since": since}
    _put(connection, account_id, {**row, "checked_at": now, "error": ""})
    return known != status or bool(before and before.error)


def could_not_see(connection: Connection, account_id: int, error: str) -> bool:
    """The platform did not tell; True when it says something new. What it last said stays."""
    before = _last(connection, account_id)
    _put(connection, account_id, {"error": error})
    return before is None or before.error != error


def _last(connection: Connection, account_id: int) -> Seen | None:
    row = connection.execute(select(shop_states).where(shop_states.c.account_id == account_id)).first()
    return _seen(row) if row else None


def _seen(row: Row[Any]) -> Seen:
    status = ShopStatus(ShopState(row.state), row.until, row.text) if row.state else None
    return Seen(row.account_id, status, row.since, row.checked_at, row.error)


def _put(connection: Connection, account_id: int, row: Mapping[str, object]) -> None:
    changed = connection.execute(update(shop_states).where(shop_states.c.account_id == account_id).values(**row))
    if not changed.rowcount:
        connection.execute(insert(shop_states).values(account_id=account_id, **row))


def promise(connection: Connection, account_id: int, items: Mapping[str, str], until: datetime | None) -> None:
    """From now on these (item id to name) are put back at `until`; None takes every promise about them back."""
    mine = (put_backs.c.account_id == account_id, put_backs.c.item_id.in_(list(items)))
    connection.execute(delete(put_backs).where(*mine))
    if until is not None and items:
        row = {"account_id": account_id, "until": until, "due_at": until}
        connection.execute(insert(put_backs), [{**row, "item_id": one, "name": name} for one, name in items.items()])


def promises(connection: Connection, due: datetime | None = None) -> list[PutBack]:
    """Everything that is to be put back, or what of it is due by a moment; the oldest promise first."""
    query = select(put_backs).order_by(put_backs.c.due_at, put_backs.c.id)
    if due is not None:
        query = query.where(_comes(due))
    rows = connection.execute(query)
    return [PutBack(**row._asdict()) for row in rows]


def next_promise(connection: Connection) -> datetime | None:
    """When the next one is due."""
    return connection.execute(select(put_backs.c.due_at).order_by(put_backs.c.due_at).limit(1)).scalar()


def kept(connection: Connection, ids: Collection[int]) -> None:
    """These were put back, or somebody decided otherwise meanwhile."""
    connection.execute(delete(put_backs).where(put_backs.c.id.in_(list(ids))))


def postponed(connection: Connection, one: PutBack, error: str, due_at: datetime) -> None:
    """It could not be put back; tried again at `due_at`."""
    change_row(connection, put_backs, one.id, {"tries": one.tries + 1, "error": error, "due_at": due_at})


def hurry(connection: Connection, now: datetime, account_id: int) -> None:
    """The account's platform answers again: what it could not put back need not wait out the rest of its pause."""
    waiting = (put_backs.c.account_id == account_id, put_backs.c.error != "", put_backs.c.due_at > now)
    connection.execute(update(put_backs).where(*waiting).values(due_at=now))


def _comes(at: datetime) -> ColumnElement[bool]:
    """A promise may lie hours ahead, and is due at its end at the earliest; another try of one is never so far away."""
    again = and_(put_backs.c.until <= at, has_come(put_backs.c.due_at, **come_by(at, LONGEST_REST)))
    return or_(put_backs.c.due_at <= at, again)
