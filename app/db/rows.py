"""Rows: insert one and learn its id, change one by its id, record its health; domain values to and from JSON columns.

Statements are built once: building one costs several times what SQLite needs to run it.

Pydantic reads the domain's dataclasses themselves, so there is no second schema of an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import pydantic.fields  # noqa: F401 - PySide6's import hook breaks a pydantic that is only half loaded when Qt comes
from pydantic import TypeAdapter
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Insert,
    Table,
    Update,
    bindparam,
    insert,
    or_,
    select,
    update,
)

T = TypeVar("T")

_NOW: BindParameter[datetime] = bindparam("now")
_FARTHEST: BindParameter[datetime] = bindparam("farthest")


def add_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert one row; answers its integer primary key."""
    key = connection.execute(_inserts(table), row).inserted_primary_key
    if key is None:
        raise LookupError(f"{table.name} gave no key")
    return int(key[0])


def change_row(connection: Connection, table: Table, row_id: int, columns: Mapping[str, Any]) -> None:
    """Set columns of the row with this integer primary key."""
    connection.execute(_updates(table), {"row_id": row_id, **columns})


def record_state(connection: Connection, table: Table, row_id: int, now: datetime, state: str, text: str) -> bool:
    """The health of an account or a printer; True when the state changed. `state_since` moves only with the state."""
    row = connection.execute(select(table.c.state, table.c.state_text).where(table.c.id == row_id)).one()
    if row.state == state and row.state_text == text:
        return False
    since = {} if row.state == state else {"state_since": now}
    change_row(connection, table, row_id, {"state": state, "state_text": text, **since})
    return bool(row.state != state)


def has_come(column: ColumnElement[datetime], now: Any = _NOW, farthest: Any = _FARTHEST) -> ColumnElement[bool]:
    """Whether a moment has come, by the values of `come_by`, which a statement built once is given as its parameters.

    One farther away than anything is ever put off was set before the computer's clock was set back.
    """
    return or_(column <= now, column > farthest)


def come_by(now: datetime, longest: timedelta) -> dict[str, datetime]:
    """The values of `has_come`, where nothing is put off for longer than `longest`."""
    return {"now": now, "farthest": now + longest}


@cache
def _inserts(table: Table) -> Insert:
    return insert(table)


@cache
def _updates(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("row_id"))


def pack(value: Any) -> Any:
    """A dataclass of the domain as plain JSON values; None stays None."""
    return None if value is None else _adapter(type(value)).dump_python(value, mode="json")


def unpack(kind: type[T], value: Any) -> T:
    """The inverse of `pack`. Raises pydantic's ValidationError on a column that does not hold a `kind`."""
    result: T = _adapter(kind).validate_python(value)
    return result


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
