"""Printers: how each is connected, what it can do, how it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from app.db.rows import add_row, change_row, record_state
from app.db.tables import printers as table


@dataclass(frozen=True, slots=True)
class Printer:
    """A row of `printers`. `settings` are the open ones; `sealed` is the vault's; `profile` as it was stored."""

    id: int
    name: str
    kind: str
    dialect: str
    settings: Mapping[str, str]
    sealed: bytes | None = field(repr=False)
    paper: str
    profile: Mapping[str, Any] | None
    enabled: bool
    state: str
    state_text: str
    state_since: datetime | None


def add(connection: Connection, **columns: Any) -> int:
    """Store a printer; answers its id."""
    return add_row(connection, table, columns)


def every(connection: Connection) -> list[Printer]:
    """All printers, oldest first."""
    return [Printer(**row._asdict()) for row in connection.execute(_EVERY)]


def get(connection: Connection, printer_id: int) -> Printer:
    """One printer. Raises LookupError."""
    row = connection.execute(_ONE, {"id": printer_id}).first()
    if row is None:
        raise LookupError(f"no printer {printer_id}")
    return Printer(**row._asdict())


def change(connection: Connection, /, printer_id: int, **columns: Any) -> None:
    """Set columns of a printer."""
    change_row(connection, table, printer_id, columns)


def set_state(connection: Connection, printer_id: int, now: datetime, state: str, text: str = "") -> bool:
    """Record a printer's health; True when the state changed."""
    return record_state(connection, table, printer_id, now, state, text)


_EVERY = select(table).order_by(table.c.id)
_ONE = select(table).where(table.c.id == bindparam("id"))
