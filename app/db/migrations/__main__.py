"""For developers: `python -m app.db.migrations "what changes"` drafts the next revision from app/db/tables.py."""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import NullPool

from app.db import sqlite
from app.db.migrations import HEAD, SCRIPTS, configuration, upgrade


def draft(text: str, scripts: Path = SCRIPTS) -> None:
    """Write what the newest revision lacks as a new one. Read it, set `HEAD`, and give it a test with rows in place."""
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite.engine(Path(folder) / "draft.db", secrets.token_bytes(32), begin="BEGIN IMMEDIATE", pool=NullPool)
        with engine.begin() as connection:
            upgrade(connection, scripts)
            config = configuration(scripts)
            config.attributes["connection"] = connection
            command.revision(config, text, autogenerate=True, rev_id=f"{int(HEAD) + 1:04}")


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))
