"""Accounts: one sign-in on one platform, with its cursor and its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from app.db.rows import add_row, change_row, record_state
from app.db.tables import accounts as table


@dataclass(frozen=True, slots=True)
class Account:
    """A row of `accounts`; `sealed` is opened only by the vault."""

    id: int
    platform: str
    name: str
    address: str
    settings: Mapping[str, str]
    sealed: bytes | None = field(repr=False)
    hook_token: str = field(repr=False)
    auto_accept: bool
    enabled: bool
    cursor: str = field(repr=False)  # may hold what a platform told of its orders
    state: str
    state_text: str
    state_since: datetime | None
    last_contact: datetime | None


def add(
    connection: Connection,
    now: datetime,
    *,
    platform: str,
    name: str,
    address: str,
    settings: Mapping[str, str],
    hook_token: str,
    auto_accept: bool,
) -> int:
    """Store a new account; answers its id."""
    row = {
        "platform": platform,
        "name": name,
        "address": address,
        "settings": dict(settings),
        "hook_token": hook_token,
        "auto_accept": auto_accept,
        "created_at": now,
    }
    return add_row(connection, table, row)


def every(connection: Connection) -> list[Account]:
    """All accounts, oldest first."""
    return [_account(row) for row in connection.execute(select(table).order_by(table.c.id))]


def get(connection: Connection, account_id: int) -> Account:
    """One account. Raises LookupError."""
    row = connection.execute(_ONE, {"id": account_id}).first()
    if row is None:
        raise LookupError(f"no account {account_id}")
    return _account(row)


def change(connection: Connection, /, account_id: int, **columns: Any) -> None:
    """Set columns of an account."""
    change_row(connection, table, account_id, columns)


def set_state(connection: Connection, account_id: int, now: datetime, state: str, text: str = "") -> bool:
    """Record the account's health; True when the state changed."""
    return record_state(connection, table, account_id, now, state, text)


_ONE = select(table).where(table.c.id == bindparam("id"))


def _account(row: Row[Any]) -> Account:
    columns = row._asdict()
    columns.pop("created_at")
    return Account(**columns)
