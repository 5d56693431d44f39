"""Raw messages as received: committed before anyone is acknowledged, unique for ever, read afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from app.db.rows import add_row, change_row, come_by, has_come
from app.db.tables import accounts
from app.db.tables import inbox as table

REFUSED_KEPT = 100
REFUSED = "refused"  # the kind of a push that was turned away
LOOKED_THROUGH = 5000  # messages
LONGEST_REST = timedelta(minutes=10)  # no message is put off for longer
CONTENT = "order:"  # how the key of a polled order begins (see `platforms.api.Message`)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What `add` stores: the fields of a platform message, in the store's own words."""

    key: str
    kind: str
    body: bytes = field(repr=False)
    version: int
    order_ref: str = ""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A row of `inbox` waiting to be read."""

    id: int
    account_id: int
    key: str
    kind: str
    order_ref: str
    version: int
    body: bytes = field(repr=False)
    source: str
    attempts: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that was turned away or could not be read, and why."""

    id: int
    account_id: int
    kind: str
    order_ref: str
    received_at: datetime
    reason: str


def add(connection: Connection, account_id: int, messages: Iterable[NewMessage], source: str, now: datetime) -> list[int]:
    """Store the messages not seen before; answers their ids. A repeated key is a no-op."""
    named = ((message, _new_key(connection, account_id, message)) for message in messages)
    return [_insert(connection, account_id, replace(message, key=key), source, now) for message, key in named if key]


def due(connection: Connection, now: datetime, limit: int = 50) -> list[StoredMessage]:
    """Messages waiting to be read, oldest first."""
    return [_message(row) for row in connection.execute(_DUE, {**come_by(now, LONGEST_REST), "limit": limit})]


def settle(connection: Connection, message_id: int, state: str, error: str = "") -> None:
    """Mark a message done, ignored or parked (with the reason a person reads)."""
    change_row(connection, table, message_id, {"state": state, "error": error})


def postpone(connection: Connection, message_id: int, due_at: datetime, error: str, attempts: int = 1) -> None:
    """Try a message again at `due_at`; `attempts` 0 where nobody could try."""
    values = {"due_at": due_at, "error": error, "attempts": table.c.attempts + attempts}
    connection.execute(update(table).where(table.c.id == message_id).values(values))


def parked(connection: Connection) -> list[ParkedMessage]:
    """Every message a person should look at, oldest first."""
    columns = (table.c.id, table.c.account_id, table.c.kind, table.c.order_ref, table.c.received_at, table.c.error)
    query = select(*columns).where(table.c.state == "parked").order_by(table.c.id)
    return [ParkedMessage(*row) for row in connection.execute(query)]


def mark_seen(connection: Connection, message_ids: Iterable[int]) -> None:
    """A person looked at these parked messages; they are kept with their reason."""
    match = (table.c.id.in_(list(message_ids)), table.c.state == "parked")
    connection.execute(update(table).where(*match).values(state="seen"))


def wake(connection: Connection, account_id: int, order_ref: str, errors: Iterable[str], now: datetime) -> None:
    """An order has come: messages about it that were put off or parked for one of these reasons are read again."""
    match = (table.c.account_id == account_id, table.c.order_ref == order_ref, table.c.error.in_(list(errors)))
    waiting = (*match, table.c.state.in_(["pending", "parked", "seen"]))
    connection.execute(update(table).where(*waiting).values(state="pending", due_at=now, attempts=0, error=""))


def keep_refused(connection: Connection, account_id: int, message: NewMessage, reason: str, now: datetime) -> bool:
    """Keep a refused push as evidence, `REFUSED_KEPT` unseen ones an account: a stranger must not fill the disk."""
    match = (table.c.account_id == account_id, table.c.kind == message.kind, table.c.state == "parked")
    kept = connection.execute(select(func.count()).select_from(table).where(*match)).scalar_one()
    if kept >= REFUSED_KEPT:
        return False
    for message_id in add(connection, account_id, [message], "push", now):
        settle(connection, message_id, "parked", reason)
    return True


def names(connection: Connection) -> frozenset[tuple[str, str]]:
    """(platform, platform's order id) of every order some message speaks of."""
    columns = (accounts.c.platform, table.c.order_ref)
    rows = connection.execute(select(*columns).join(accounts, accounts.c.id == table.c.account_id).distinct())
    return frozenset((row[0], row[1]) for row in rows)


def last_pushed(connection: Connection, account_id: int, *, wanted: bool) -> datetime | None:
    """When the newest push of an account came: one that was taken (`wanted`) or one that was turned away.

    Only the newest messages are looked through: this is asked by a screen, and three years of them are there.
    """
    newest = select(func.max(table.c.id)).scalar_subquery()
    match = (table.c.id > newest - LOOKED_THROUGH, table.c.account_id == account_id, table.c.source == "push")
    kind = table.c.kind != REFUSED if wanted else table.c.kind == REFUSED
    query = select(table.c.received_at).where(*match, kind).order_by(table.c.id.desc()).limit(1)
    return connection.execute(query).scalar()


def since(connection: Connection, account_id: int, moment: datetime) -> list[StoredMessage]:
    """Messages of an account that came after `moment`, oldest first, of the newest `LOOKED_THROUGH`; no refused ones."""
    newest = select(func.max(table.c.id)).scalar_subquery()
    match = (table.c.id > newest - LOOKED_THROUGH, table.c.account_id == account_id, table.c.kind != REFUSED)
    query = select(table).where(*match, table.c.received_at > moment).order_by(table.c.id)
    return [_message(row) for row in connection.execute(query)]


def body_of(connection: Connection, account_id: int, key: str) -> bytes | None:
    """The body of the message with this key; None if it is not stored."""
    query = select(table.c.body).where(table.c.account_id == account_id, table.c.key == key)
    found: bytes | None = connection.execute(query).scalar()
    return found


def waiting(connection: Connection) -> int:
    """How many messages have not been read yet."""
    query = select(func.count()).select_from(table).where(table.c.state == "pending")
    return int(connection.execute(query).scalar_one())


# Built once: on the way to an acknowledgement, building the statement would cost more than running it.
_DUE = (
    select(table).where(table.c.state == "pending", has_come(table.c.due_at)).order_by(table.c.id).limit(bindparam("limit"))
)
_KNOWN = select(table.c.id).where(table.c.account_id == bindparam("account_id"), table.c.key == bindparam("key"))


def _new_key(connection: Connection, account_id: int, message: NewMessage) -> str | None:
    """The key to store a message under; None when it says nothing new.

    A polled order is named by its content. Content that comes back after something else was said of the order (a change
    taken back) is news again, under a key of its own.
    """
    if not _known(connection, account_id, message.key):
        return message.key
    again = f"{message.key}@{message.version}"
    is_news = message.key.startswith(CONTENT) and not _newest(connection, account_id, message).startswith(message.key)
    return again if is_news and not _known(connection, account_id, again) else None


def _newest(connection: Connection, account_id: int, message: NewMessage) -> str:
    match = (table.c.account_id == account_id, table.c.order_ref == message.order_ref)
    newest = connection.execute(select(table.c.key).where(*match).order_by(table.c.id.desc()).limit(1)).scalar()
    return str(newest or message.key)


def _known(connection: Connection, account_id: int, key: str) -> bool:
    return connection.execute(_KNOWN, {"account_id": account_id, "key": key}).first() is not None


def _insert(connection: Connection, account_id: int, message: NewMessage, source: str, now: datetime) -> int:
    row = {
        "account_id": account_id,
        "key": message.key,
        "kind": message.kind,
        "order_ref": message.order_ref,
        "version": message.version,
        "body": message.body,
        "source": source,
        "received_at": now,
        "due_at": now,
    }
    return add_row(connection, table, row)


def _message(row: Row[Any]) -> StoredMessage:
    return StoredMessage(
        row.id,
        row.account_id,
        row.key,
        row.kind,
        row.order_ref,
        row.version,
        row.body,
        row.source,
        row.attempts,
        row.received_at,
    )
