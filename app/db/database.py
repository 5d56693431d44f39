"""The store of one shop: one writer thread, readers anywhere, plain functions over a connection."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, QueuePool
from sqlcipher3 import dbapi2

from app.db import migrations, sqlite
from app.db.sqlite import DamagedStoreError, FullDiskError, NewerStoreError, StoreError, WrongKeyError
from app.texts import tr

__all__ = ["DamagedStoreError", "Database", "FullDiskError", "NewerStoreError", "StoreError", "WrongKeyError"]

P = ParamSpec("P")
T = TypeVar("T")

# Writes that wait for the same flush of the disk; a bound, so that the first of them does not wait for ever.
BATCH = 64
# Given back to the disk when it is full, so that what is in hand can still be written.
RESERVE_BYTES = 1 << 20

log = logging.getLogger(__name__)


class Database:
    """Opened by `open` (the one engine of a folder) or `attach` (a second program that only reads)."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Use `open` or `attach`: this makes connections and checks nothing."""
        self._path, self._key = path, key
        self._waiting: deque[_Write] = deque()
        self._writer_thread = 0
        self._writer = ThreadPoolExecutor(1, "store-writer", self._note_thread)
        self._closed = threading.Event()
        wal = "PRAGMA journal_mode=WAL"
        self._write_engine = sqlite.engine(
            path, key, wal, "PRAGMA foreign_keys=ON", begin="BEGIN IMMEDIATE", pool=QueuePool, pool_size=1, max_overflow=0
        )
        self._read_engine = sqlite.engine(
            path, key, "PRAGMA query_only=ON", begin="BEGIN", pool=QueuePool, pool_size=4, max_overflow=-1
        )

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """Open the store at `path` with a 32-byte `key`, creating or migrating it; raises a `StoreError` in plain words."""
        sqlite.check_driver()
        if path.exists():
            sqlite.check(path, key)
        migrations.bring_up(path, key)
        made = cls(path, key)
        made._write_engine.connect().close()  # switches to write-ahead logging before the first reader comes
        made._keep_reserve()
        return made

    @classmethod
    def attach(cls, path: Path, key: bytes) -> Self:
        """Read a store that another program may be writing: no check of every page, no migration, and never write."""
        sqlite.check_driver()
        if not path.exists():
            raise StoreError(tr("There is no store at {path}.", path=path))
        try:
            found = migrations.revision(path, key)
        except dbapi2.DatabaseError as error:
            raise WrongKeyError(tr("The key does not open the store {path}.", path=path)) from error
        if found != migrations.HEAD:
            raise StoreError(tr("The store {path} belongs to another version of Order Console.", path=path))
        made = cls(path, key)
        made._writer.shutdown()
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, ...)` as one transaction on the writer thread; its result is given once it is on the disk.

        What `fn` raises undoes its work and is raised here. Cancelling the wait does not undo a write that has begun.
        """
        return await asyncio.wrap_future(self._submit(fn, *args, **kwargs))

    def write_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for a caller without a loop; blocks until the result is on the disk."""
        return self._submit(fn, *args, **kwargs).result()

    def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, ...)` here and now on one consistent view of the store; a write in it is refused."""
        self._check_open()
        with self._read_engine.connect() as connection:
            return fn(connection, *args, **kwargs)

    def backup(self, target: Path) -> None:
        """Write a consistent copy to `target`, encrypted with the same key; blocks the caller, not the writer."""
        sqlite.copy(self._path, target, self._key)

    def close(self) -> None:
        """Finish the writes already asked for, join the threads and close the files. May be called twice."""
        self._closed.set()
        self._writer.shutdown()
        self._write_engine.dispose()
        self._read_engine.dispose()

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise StoreError(tr("The store is closed."))

    def _note_thread(self) -> None:
        self._writer_thread = threading.get_ident()

    def _submit(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> Future[T]:
        if threading.get_ident() == self._writer_thread:
            raise RuntimeError("a write inside a write would wait for itself: use the connection it was given")
        self._check_open()
        write = _Write(lambda connection: fn(connection, *args, **kwargs))
        self._waiting.append(write)
        try:
            self._writer.submit(self._drain)
        except RuntimeError as error:
            if write.future.cancel():
                raise StoreError(tr("The store is closed, or was opened for reading only.")) from error
        return write.future

    def _drain(self) -> None:
        """Commit everything that is waiting in one transaction: concurrent writes share one flush of the disk."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
        batch = [write for write in batch if write.future.set_running_or_notify_cancel()]
        if not batch:
            return
        try:
            with self._write_engine.begin() as connection:
                for write in batch:
                    write.run(connection, alone=len(batch) == 1)
                _check_transaction(connection)
        except BaseException as error:  # noqa: BLE001 - it belongs to those who wait, whatever it is
            self._fail(batch, error)
        else:
            for write in batch:
                write.settle()

    def _fail(self, batch: list[_Write], error: BaseException) -> None:
        if sqlite.is_full(error):
            self._reserve.unlink(missing_ok=True)
            full = FullDiskError(tr("The disk is full: nothing more can be stored in {folder}.", folder=self._path.parent))
            full.__cause__ = error
            error = full
        for write in batch:
            write.settle(error)

    @property
    def _reserve(self) -> Path:
        return self._path.with_name(self._path.name + ".reserve")

    def _keep_reserve(self) -> None:
        if self._reserve.exists() and self._reserve.stat().st_size == RESERVE_BYTES:
            return
        try:
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
        except OSError as error:
            log.warning("no room for the reserve beside the store: %s", error)


class _Write:
    """One function waiting for the writer, and whoever waits for it."""

    def __init__(self, call: Callable[[Connection], Any]) -> None:
        self.future: Future[Any] = Future()
        self._call = call
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self, connection: Connection, *, alone: bool) -> None:
        """Do the work; an error undoes this write only, unless it took the whole transaction with it."""
        if alone:
            self._result = self._call(connection)
            return
        try:
            with _savepoint(connection):
                self._result = self._call(connection)
        except BaseException as error:
            if not _in_transaction(connection):
                raise  # the whole batch was undone, whoever said what about it
            self._error = error

    def settle(self, error: BaseException | None = None) -> None:
        """Answer whoever waits, with the write's own error before the batch's `error`."""
        failed = self._error or error
        if failed is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(failed)


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """Undo what is done inside, and only that, when it fails. SQLAlchemy's own savepoints would cost more than the work."""
    driver: Any = connection.connection.driver_connection
    driver.execute("SAVEPOINT one_write")
    try:
        yield
    except BaseException:
        if _in_transaction(connection):
            driver.execute("ROLLBACK TO one_write")
            driver.execute("RELEASE one_write")
        raise
    driver.execute("RELEASE one_write")


def _check_transaction(connection: Connection) -> None:
    """A commit of nothing would succeed silently; a function that hides SQLite's error must not bring that about."""
    if not _in_transaction(connection):
        raise StoreError("The store undid a transaction, and the function that was told so went on.")


def _in_transaction(connection: Connection) -> bool:
    """SQLite itself ends the transaction on a full disk, an I/O error or lack of memory."""
    return bool(connection.connection.driver_connection.in_transaction)  # type: ignore[union-attr]  # always connected here
