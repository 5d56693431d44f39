"""Commands for platforms: strictly in order within an order, the same key on every try, never silently dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, select, update

from app.db.rows import add_row, change_row, come_by, has_come, pack, unpack
from app.db.tables import orders
from app.db.tables import outbox as table
from app.domain.commands import Command, CommandKind
from app.domain.money import Money

UNSETTLED = ("pending", "in_flight")
LONGEST_REST = timedelta(minutes=10)  # no command is put off for longer, whatever an answer asks for


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of `outbox`."""

    id: int
    order_id: int
    account_id: int
    command: Command
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    deadline: datetime | None
    settled_at: datetime | None
    text: str


def add(
    connection: Connection, order_id: int, account_id: int, command: Command, now: datetime, deadline: datetime | None
) -> int:
    """Queue a command; its key must be new."""
    row = {
        "order_id": order_id,
        "account_id": account_id,
        "key": command.key,
        "kind": command.kind.value,
        "command": pack(command),
        "created_at": now,
        "due_at": now,
        "deadline": deadline,
    }
    return add_row(connection, table, row)


def claim(connection: Connection, now: datetime, limit: int = 20) -> list[Entry]:
    """Mark the oldest unsettled command of each order (refunds aside) in flight, if it is due; answers those claimed."""
    rows = connection.execute(_READY, {**come_by(now, LONGEST_REST), "limit": limit}).all()
    for row in rows:
        change(connection, row.id, state="in_flight", attempts=row.attempts + 1, sent_at=now)
    return [_entry(row) for row in rows]


def change(connection: Connection, /, entry_id: int, **columns: Any) -> None:
    """Set columns of an entry."""
    change_row(connection, table, entry_id, columns)


def settle(connection: Connection, entry_id: int, state: str, now: datetime, text: str = "") -> None:
    """Final state of a command: confirmed, refused, superseded or dead."""
    change(connection, entry_id, state=state, settled_at=now, text=text)


def supersede(connection: Connection, order_id: int, now: datetime, text: str, keep: Iterable[CommandKind] = ()) -> None:
    """The order moved on by itself: what has not left yet must not leave any more, `keep` excepted."""
    waiting = (table.c.order_id == order_id, table.c.state == "pending", table.c.kind.not_in([one.value for one in keep]))
    connection.execute(update(table).where(*waiting).values(state="superseded", settled_at=now, text=text))


def retry(connection: Connection, entry_id: int, now: datetime, deadline: datetime) -> None:
    """A person asks anew for what was given up: it is due again under its own key."""
    change(connection, entry_id, state="pending", attempts=0, due_at=now, deadline=deadline, settled_at=None, text="")


def note_given(connection: Connection, entry_id: int, command: Command, given: Money) -> None:
    """Keep what the platform says that it gives back."""
    change(connection, entry_id, command=pack(replace(command, given=given)))


def revive(connection: Connection, held: Iterable[int] = ()) -> None:
    """What is in flight although nobody holds it (after a start: all of it) is due again, with the same key."""
    lost = (table.c.state == "in_flight", table.c.id.not_in(list(held)))
    connection.execute(update(table).where(*lost).values(state="pending"))


def hurry(connection: Connection, now: datetime, account_id: int | None = None) -> None:
    """The platform answers again, or we do: no command (of the account) waits out the rest of its back-off."""
    waiting = [table.c.state == "pending", table.c.due_at > now]
    if account_id is not None:
        waiting.append(table.c.account_id == account_id)
    connection.execute(update(table).where(*waiting).values(due_at=now, attempts=0))


def of_order(connection: Connection, order_id: int) -> list[Entry]:
    """Every command of an order, oldest first."""
    return [_entry(row) for row in connection.execute(_OF_ORDER, {"order": order_id})]


def of_orders(connection: Connection, order_ids: list[int]) -> dict[int, list[Entry]]:
    """Every command of the orders, by order, oldest first."""
    found: dict[int, list[Entry]] = {}
    for row in connection.execute(select(table).where(table.c.order_id.in_(order_ids)).order_by(table.c.id)):
        found.setdefault(row.order_id, []).append(_entry(row))
    return found


def confirmed(connection: Connection) -> dict[tuple[str, str, str], datetime]:
    """When we first said that the platform confirmed a command, by (platform, platform's order id, kind)."""
    columns = (orders.c.platform, orders.c.platform_order_id, table.c.kind)
    query = select(*columns, func.min(table.c.settled_at)).join(orders, orders.c.id == table.c.order_id)
    rows = connection.execute(query.where(table.c.state == "confirmed").group_by(*columns))
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def without_a_yes(connection: Connection, kind: CommandKind, since: datetime) -> list[Entry]:
    """Commands of this kind that were refused or given up since a moment and not asked for again; oldest first."""
    later = table.alias()
    again = exists().where(later.c.order_id == table.c.order_id, later.c.id > table.c.id, later.c.kind == table.c.kind)
    ended = (table.c.state.in_(("refused", "dead")), table.c.kind == kind.value, table.c.settled_at >= since, ~again)
    return [_entry(row) for row in connection.execute(select(table).where(*ended).order_by(table.c.id))]


def waiting(connection: Connection) -> int:
    """How many commands are not settled."""
    query = select(func.count()).select_from(table).where(table.c.state.in_(UNSETTLED))
    return int(connection.execute(query).scalar_one())


def _ready() -> Select[Any]:
    """The oldest unsettled command of each order, where it is due."""
    earlier = table.alias()
    blocked = exists().where(
        earlier.c.order_id == table.c.order_id,
        earlier.c.id < table.c.id,
        earlier.c.state.in_(UNSETTLED),
        earlier.c.kind != CommandKind.REFUND.value,  # money that waits for its platform must not hold up the food
    )
    ready = (table.c.state == "pending", has_come(table.c.due_at), ~blocked)
    return select(table).where(*ready).order_by(table.c.id).limit(bindparam("limit"))


_READY = _ready()
_OF_ORDER = select(table).where(table.c.order_id == bindparam("order")).order_by(table.c.id)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.id,
        row.order_id,
        row.account_id,
        _command(row.command),
        row.state,
        row.attempts,
        row.created_at,
        row.due_at,
        row.deadline,
        row.settled_at,
        row.text,
    )


def _command(stored: Mapping[str, Any]) -> Command:
    """Rows of the first releases name a refund's order lines by their keys alone: whole lines."""
    lines = [{"line": one} if isinstance(one, str) else one for one in stored.get("lines", ())]
    return unpack(Command, {**stored, "lines": lines})
