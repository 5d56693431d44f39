"""Alembic's entry: runs the migrations on the connection that the caller gave."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.db.tables import Instant, metadata


def render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """A migration is frozen history, so it names the database's own types and never a class of the program."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
