"""The store keeps what it acknowledged, undoes what failed, and says plainly what is wrong with a file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.db.database import DamagedStoreError, Database, FullDiskError, StoreError, WrongKeyError
from app.db.tables import preferences

KEY = b"k" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


@pytest.fixture
def store(path: Path) -> Iterator[Database]:
    with Database.open(path, KEY) as opened:
        yield opened


def put(connection: Connection, name: str, value: object = 1) -> str:
    connection.execute(insert(preferences).values(name=name, value=value))
    return name


def put_and_fail(connection: Connection, name: str) -> None:
    put(connection, name)
    raise LookupError(name)


async def busy(store: Database) -> tuple[threading.Event, asyncio.Task[bool]]:
    """Keep the writer busy until the event is set: what is asked for meanwhile gathers into one batch."""
    begun, hold = threading.Event(), threading.Event()

    def wait(_: Connection) -> bool:
        begun.set()
        return hold.wait(10)

    task = asyncio.create_task(store.write(wait))
    await asyncio.to_thread(begun.wait, 10)
    return hold, task


def names(connection: Connection) -> set[str]:
    return set(connection.scalars(select(preferences.c.name)))


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


async def test_a_write_gives_its_result_and_survives_a_restart(store: Database, path: Path) -> None:
    assert await store.write(put, "shop", value="老王") == "shop"
    assert store.read(names) == {"shop"}
    store.close()
    with Database.open(path, KEY) as again:
        assert again.read(names) == {"shop"}


def test_settings_of_the_connections(store: Database) -> None:
    def settings(connection: Connection) -> list[object]:
        return [pragma(connection, name) for name in ("journal_mode", "synchronous", "foreign_keys", "query_only")]

    assert store.write_now(settings) == ["wal", 2, 1, 0]
    assert store.read(settings)[:2] == ["wal", 2]
    assert store.read(settings)[3] == 1


async def test_a_failing_write_is_undone_alone_even_among_others(store: Database) -> None:
    hold, first = await busy(store)
    rest = [store.write(put, "a"), store.write(put_and_fail, "b"), store.write(put, "a"), store.write(put, "c")]
    waiting = [asyncio.ensure_future(each) for each in rest]
    await asyncio.sleep(0)
    hold.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert await first
    assert [type(result) for result in results] == [str, LookupError, IntegrityError, str]
    assert store.read(names) == {"a", "c"}


async def test_writes_keep_their_order(store: Database) -> None:
    await asyncio.gather(*(store.write(put, f"{n:03}") for n in range(200)))
    assert store.read(lambda connection: list(connection.scalars(text("SELECT name FROM preferences ORDER BY rowid")))) == [
        f"{n:03}" for n in range(200)
    ]


async def test_a_write_cancelled_before_its_turn_never_happens(store: Database) -> None:
    hold, first = await busy(store)
    second = asyncio.ensure_future(store.write(put, "never"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait({second})  # only now has the store heard of it
    hold.set()
    assert await first
    assert await store.write(put, "after") == "after"
    assert second.cancelled()
    assert store.read(names) == {"after"}


def test_a_reader_cannot_write(store: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        store.read(put, "no")
    assert store.read(names) == set()


def test_a_reader_sees_one_moment(store: Database) -> None:
    def twice(connection: Connection) -> tuple[set[str], set[str]]:
        before = names(connection)
        store.write_now(put, "meanwhile")
        return before, names(connection)

    assert store.read(twice) == (set(), set())
    assert store.read(names) == {"meanwhile"}


def test_readers_on_many_threads_while_one_writes(store: Database) -> None:
    def two_rows(connection: Connection, n: int) -> None:
        put(connection, f"{n}a")
        put(connection, f"{n}b")

    odd: list[int] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            odd.append(
                store.read(lambda connection: connection.scalar(select(func.count()).select_from(preferences)) or 0) % 2
            )

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(100):
        store.write_now(two_rows, n)
    stop.set()
    for thread in threads:
        thread.join()
    assert odd
    assert not any(odd)


def test_foreign_keys_are_kept(store: Database) -> None:
    def orphan(connection: Connection) -> None:
        connection.execute(text("INSERT INTO history (order_id, at, who, kind, text) VALUES (7, '2026-01-01', '', '', '')"))

    with pytest.raises(IntegrityError):
        store.write_now(orphan)


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_ever(store: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        store.write_now(lambda _: store.write_now(put, "inner"))


def test_close_finishes_what_was_asked_joins_the_threads_and_may_be_repeated(path: Path) -> None:
    before = set(threading.enumerate())
    store = Database.open(path, KEY)
    asked = [store._submit(put, str(n)) for n in range(20)]
    store.close()
    store.close()
    assert {future.result() for future in asked} == {str(n) for n in range(20)}
    assert set(threading.enumerate()) <= before
    assert not path.with_name("orders.db-wal").exists()
    with pytest.raises(StoreError, match="closed"):
        store.write_now(put, "late")
    with pytest.raises(StoreError, match="closed"):
        store.read(names)


def test_nothing_readable_lies_on_the_disk(store: Database, path: Path) -> None:
    store.write_now(put, "customer", value="13800138000")
    for file in path.parent.iterdir():
        assert b"13800138000" not in file.read_bytes()
    assert path.read_bytes()[:15] != b"SQLite format 3"


def test_the_wrong_key_is_named_as_such(path: Path) -> None:
    Database.open(path, KEY).close()
    with pytest.raises(WrongKeyError, match="key does not open"):
        Database.open(path, b"x" * 32)
    with pytest.raises(WrongKeyError):
        Database.attach(path, b"x" * 32)
    Database.open(path, KEY).close()


def test_an_unencrypted_file_is_not_taken_for_ours(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + bytes(8176))
    with pytest.raises(WrongKeyError, match="not encrypted"):
        Database.open(path, KEY)


@pytest.mark.parametrize("place", [17, 3000, 4096, 20_000, -1])
def test_one_flipped_bit_anywhere_is_damage(path: Path, place: int) -> None:
    Database.open(path, KEY).close()
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DamagedStoreError, match="damaged"):
        Database.open(path, KEY)
    assert path.read_bytes() == raw, "the damaged file is evidence"


def test_a_truncated_file_is_damage(path: Path) -> None:
    Database.open(path, KEY).close()
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(DamagedStoreError):
        Database.open(path, KEY)


def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlcipher3.dbapi2.sqlite_version_info", (3, 51, 2))
    with pytest.raises(StoreError, match=r"3\.51\.3 or newer"):
        Database.open(path, KEY)


def test_a_backup_of_a_busy_store_opens_with_the_same_key_only(store: Database, path: Path) -> None:
    store.write_now(put, "kept")
    copy = path.with_name("copy.db")
    store.backup(copy)
    store.write_now(put, "later")
    store.backup(copy.with_name("second.db"))
    with Database.open(copy, KEY) as restored:
        assert restored.read(names) == {"kept"}
    with pytest.raises(WrongKeyError):
        Database.open(copy, b"x" * 32)
    assert not list(path.parent.glob("*.partial"))


def test_a_second_program_reads_but_never_writes(store: Database, path: Path) -> None:
    store.write_now(put, "seen")
    with Database.attach(path, KEY) as other:
        assert other.read(names) == {"seen"}
        store.write_now(put, "seen too")
        assert other.read(names) == {"seen", "seen too"}
        with pytest.raises(StoreError, match="reading only"):
            other.write_now(put, "no")


def test_there_is_nothing_to_attach_to_before_the_first_start(path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        Database.attach(path, KEY)
    assert not path.exists()


def test_a_full_disk_fails_the_write_and_gives_the_reserve_back(store: Database, path: Path) -> None:
    reserve = path.with_name("orders.db.reserve")
    assert reserve.stat().st_size == 1 << 20
    pages = store.write_now(lambda connection: pragma(connection, "page_count"))
    store.write_now(lambda connection: pragma(connection, f"max_page_count={pages}"))
    with pytest.raises(FullDiskError, match="disk is full"):
        store.write_now(put, "big", value="x" * 100_000)
    assert not reserve.exists()
    assert store.read(names) == set()
    store.write_now(lambda connection: pragma(connection, "max_page_count=1000000"))
    store.write_now(put, "big", value="x" * 100_000)
    assert store.read(names) == {"big"}


async def test_a_full_disk_in_a_batch_acknowledges_none_of_it(store: Database) -> None:
    pages = store.write_now(lambda connection: pragma(connection, "page_count"))
    store.write_now(lambda connection: pragma(connection, f"max_page_count={pages}"))
    hold, first = await busy(store)
    big = "x" * 100_000
    waiting = [
        asyncio.ensure_future(store.write(put, name, value=value)) for name, value in [("a", 1), ("b", big), ("c", 1)]
    ]
    await asyncio.sleep(0)
    hold.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert await first
    kept = {str(result) for result in results if isinstance(result, str)}
    assert "b" not in kept
    assert any(isinstance(result, FullDiskError) for result in results)
    assert store.read(names) == kept


def test_a_function_that_hides_a_full_disk_is_not_believed(store: Database) -> None:
    def careless(connection: Connection) -> str:
        put(connection, "small")
        try:
            put(connection, "big", value="x" * 100_000)
        except DBAPIError:
            return "fine"
        return "fits"

    pages = store.write_now(lambda connection: pragma(connection, "page_count"))
    store.write_now(lambda connection: pragma(connection, f"max_page_count={pages}"))
    with pytest.raises(StoreError):
        store.write_now(careless)
    assert store.read(names) == set()


@pytest.mark.parametrize("answer", ["fine", LookupError("something else")])
async def test_in_a_batch_neither_is_one_that_hides_it_nor_one_that_renames_it(store: Database, answer: object) -> None:
    def careless(connection: Connection) -> str:
        try:
            put(connection, "big", value="x" * 100_000)
        except DBAPIError:
            if isinstance(answer, Exception):
                raise answer from None
        return "fine"

    pages = store.write_now(lambda connection: pragma(connection, "page_count"))
    store.write_now(lambda connection: pragma(connection, f"max_page_count={pages}"))
    hold, first = await busy(store)
    waiting = [asyncio.create_task(each) for each in (store.write(put, "a"), store.write(careless), store.write(put, "b"))]
    await asyncio.sleep(0)
    hold.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert await first
    assert [type(result) for result in results] != [str, str, str]
    assert {str(result) for result in results if isinstance(result, str)} == store.read(names)
