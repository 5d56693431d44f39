"""Brings a store to this program's schema: on a copy, with foreign keys off, checked, then swapped in whole."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, NullPool
from sqlcipher3 import dbapi2

from app.db import sqlite
from app.texts import N_, tr

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision under versions/. Known here so that an ordinary start need not load Alembic.
HEAD = "0006"
SCRIPTS = Path(__file__).parent


def bring_up(path: Path, key: bytes, head: str = HEAD, scripts: Path = SCRIPTS) -> None:
    """Create the store at `path`, or migrate it; the caller owns the folder, so nobody else writes meanwhile.

    A crash at any moment leaves the old file or the new one. The old one stays beside it as `<name>.before-<head>`.
    """
    copy = path.with_name(path.name + ".migrating")
    sqlite.forget(copy)
    if not path.exists():
        sqlite.forget(path)  # a log that outlived its file would be played into the new one
        _upgrade_file(copy, key, scripts)
    elif revision(path, key) != head:
        _refuse_newer(path, revision(path, key), scripts)
        _close_log(path, key)
        sqlite.copy(path, copy, key)
        _upgrade_file(copy, key, scripts)
        _keep(path, path.with_name(f"{path.name}.before-{head}"))
    else:
        return
    sqlite.settle(copy, path)


def revision(path: Path, key: bytes) -> str:
    """The schema revision of a store; "" where there is none yet."""
    connection = sqlite.connect(path, key)
    try:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
        return found[0] if found else ""
    finally:
        connection.close()


def upgrade(connection: Connection, scripts: Path = SCRIPTS) -> None:
    """Run the migrations that `connection` lacks, in its own transaction."""
    from alembic import command

    config = configuration(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration(scripts: Path = SCRIPTS) -> Config:
    """Alembic's settings; there is no file of them, because they would name paths of one machine."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _refuse_newer(path: Path, found: str, scripts: Path) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(configuration(scripts)).walk_revisions()}
    if found and found not in known:
        raise sqlite.NewerStoreError(
            tr("A newer version of Order Console wrote the store {path}. Please update.", path=path)
        )


def _upgrade_file(path: Path, key: bytes, scripts: Path) -> None:
    """Foreign keys stay off: rebuilding a parent table with them on would silently empty its children."""
    engine = sqlite.engine(path, key, "PRAGMA foreign_keys=OFF", begin="BEGIN IMMEDIATE", pool=NullPool)
    with engine.begin() as connection:
        upgrade(connection, scripts)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            text = N_("The new schema would orphan {count} rows, first in {table}.")
            raise sqlite.StoreError(tr(text, count=len(broken), table=broken[0][0]))
    sqlite.check(path, key)


def _close_log(path: Path, key: bytes) -> None:
    """Fold the write-ahead log into the file: left behind, it would be played into the new file and ruin it."""
    connection = sqlite.connect(path, key)
    try:
        mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except dbapi2.OperationalError as error:
        raise sqlite.StoreError(tr("Another program has the store {path} open.", path=path)) from error
    finally:
        connection.close()
    if mode != "delete":
        raise sqlite.StoreError(tr("Another program has the store {path} open.", path=path))


def _keep(path: Path, aside: Path) -> None:
    partial = aside.with_name(aside.name + ".partial")
    shutil.copyfile(path, partial)
    sqlite.settle(partial, aside)
