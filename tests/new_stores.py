"""Spares tests the migrations: the first new store of a process goes all their way, later ones take over what it came to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.db import migrations

Upgrade = Callable[[Connection, Path], None]
Statements = list[tuple[str, tuple[Any, ...]]]


def remember() -> None:
    """Put the short way in the place of `migrations.upgrade`; whoever wants the whole one unwraps it."""
    setattr(migrations, "upgrade", shortened(migrations.upgrade))  # noqa: B010 - mypy forbids to assign a function


def shortened(whole: Upgrade) -> Upgrade:
    """`whole`, which for a new store and our own scripts runs once only: what it comes to is kept as SQL, rows too."""
    kept: Statements = []

    @wraps(whole)
    def upgrade(connection: Connection, scripts: Path = migrations.SCRIPTS) -> None:
        is_new = scripts == migrations.SCRIPTS and dump(connection) == []
        if is_new and kept:
            for statement, row in kept:
                connection.exec_driver_sql(statement, row)
            return
        whole(connection, scripts)
        if is_new:
            kept[:] = dump(connection)

    return upgrade


def dump(connection: Connection) -> Statements:
    """All that makes a store like this one: tables and indexes in the order they were made, then every row."""
    made = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    found = connection.exec_driver_sql(made).fetchall()
    statements: Statements = [(sql, ()) for _, _, sql in found]
    for name in (name for kind, name, _ in found if kind == "table"):
        rows = connection.exec_driver_sql(f"SELECT * FROM {name}").fetchall()
        statements += [(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", tuple(row)) for row in rows]
    return statements
