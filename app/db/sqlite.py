"""The driver of the store: encrypted SQLite connections, what can be wrong with a file, and how files are moved safely."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, create_engine
from sqlcipher3 import dbapi2

from app.texts import N_, tr

# Older builds can corrupt a WAL file when two connections write and checkpoint at once.
OLDEST_SAFE = (3, 51, 3)
BUSY_SECONDS = 5

# fullfsync reaches the platter on macOS and means nothing elsewhere; a log of damage would print every page to stderr.
_SETTINGS = ("PRAGMA synchronous=FULL", "PRAGMA fullfsync=ON", "PRAGMA checkpoint_fullfsync=ON")


class StoreError(Exception):
    """The store cannot be used; the text is for the person at the counter."""


class WrongKeyError(StoreError):
    """The key does not open this file."""


class DamagedStoreError(StoreError):
    """The file is not what was written to it."""


class NewerStoreError(StoreError):
    """A newer version of this program wrote the file."""


class FullDiskError(StoreError):
    """Nothing more can be written until there is room on the disk."""


def check_driver() -> None:
    """Refuse an SQLite that is known to corrupt files."""
    if dbapi2.sqlite_version_info < OLDEST_SAFE:
        wanted = ".".join(map(str, OLDEST_SAFE))
        text = N_("SQLite {found} can damage the store; {wanted} or newer is needed.")
        raise StoreError(tr(text, found=dbapi2.sqlite_version, wanted=wanted))


def connect(path: Path, key: bytes, *pragmas: str) -> Any:
    """A driver connection in autocommit mode, keyed with the 32 bytes `key`. Without `pragmas` nothing is read yet."""
    connection = dbapi2.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA cipher_log_level=NONE")
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        for pragma in pragmas:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def engine(path: Path, key: bytes, *pragmas: str, begin: str, pool: type[Pool], **options: Any) -> Engine:
    """An SQLAlchemy engine whose transactions start with `begin` and really span every statement, DDL too."""
    made = create_engine(
        "sqlite://",
        module=dbapi2,
        creator=lambda: connect(path, key, *_SETTINGS, *pragmas),
        poolclass=pool,
        json_serializer=_json,
        **options,
    )
    # A listener for "begin" would do as well, but a single listener makes SQLAlchemy call for listeners at every statement.
    made.dialect.do_begin = lambda dbapi_connection: dbapi_connection.cursor().execute(begin)  # type: ignore[method-assign]
    return made


def _json(value: Any) -> str:
    """Chinese as it is written: `orders.search` looks into the stored text, and escapes would hide it."""
    return json.dumps(value, ensure_ascii=False)


def check(path: Path, key: bytes) -> None:
    """Read the whole file with `key`; `WrongKeyError` or `DamagedStoreError` when it is not what was written."""
    connection = connect(path, key)
    try:
        # A power cut can leave torn pages in the file whose good copies are still in the log: move those over first.
        with contextlib.suppress(dbapi2.Error):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        bad = [row[0] for row in connection.execute("PRAGMA cipher_integrity_check")]
        if bad:
            raise _verdict(path, bad)
        found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
        if found != ["ok"]:
            raise DamagedStoreError(tr("The store {path} is damaged: {first}.", path=path, first=found[0]))
    except dbapi2.DatabaseError as error:
        raise DamagedStoreError(tr("The store {path} cannot be read: {error}.", path=path, error=error)) from error
    finally:
        connection.close()


def _verdict(path: Path, bad: list[str]) -> StoreError:
    """A wrong key fails on every page, damage on some: each page carries its own signature under the key."""
    with path.open("rb") as file:
        plain = file.read(16) == b"SQLite format 3\x00"
    if plain:
        return WrongKeyError(tr("The store {path} is not encrypted; this program did not write it.", path=path))
    if len(bad) * 4096 >= path.stat().st_size:
        return WrongKeyError(tr("The key does not open the store {path}.", path=path))
    return DamagedStoreError(tr("The store {path} is damaged: {first}.", path=path, first=bad[0]))


def copy(source: Path, target: Path, key: bytes) -> None:
    """Write a compact copy of a live store, encrypted with the same key; readers and the writer go on meanwhile."""
    partial = target.with_name(target.name + ".partial")
    forget(partial)
    connection = connect(source, key)
    try:
        connection.execute("VACUUM INTO ?", (str(partial),))
    finally:
        connection.close()
    settle(partial, target)


def settle(partial: Path, target: Path) -> None:
    """Put a finished file in its place: after a crash the place holds the old file or the new one, whole."""
    partial.chmod(0o600)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    _flush_folder(target.parent)


def forget(path: Path) -> None:
    """Remove a database file that nobody needs, with its logs."""
    for suffix in ("-journal", "-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def is_full(error: BaseException) -> bool:
    """Whether `error`, or one that it came after, says that the disk (or the database's size limit) is full."""
    step: BaseException | None = error
    while step is not None:
        if getattr(getattr(step, "orig", step), "sqlite_errorcode", None) == dbapi2.SQLITE_FULL:
            return True
        step = step.__context__
    return False


def _flush_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call and does not need it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
