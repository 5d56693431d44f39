"""A migration keeps every row, swaps the file in whole, and refuses what a newer program wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from inspect import unwrap
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, NullPool, Table, inspect, text
from sqlalchemy.engine import Connection

from app.db import accounts, migrations, redemptions, sqlite
from app.db.database import Database, NewerStoreError, StoreError
from app.db.migrations.__main__ import draft
from app.db.tables import Instant, metadata
from app.domain.money import Money
from app.domain.vouchers import Voucher, VoucherState
from tests.new_stores import dump, shortened

KEY = b"k" * 32

FIRST = """
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(10)))
    op.create_table("child", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", name="fk", ondelete="CASCADE"), nullable=False))
    op.execute("INSERT INTO parent VALUES (1, 'old')")
    op.execute("INSERT INTO child VALUES (1, 1), (2, 1)")
"""
SECOND = """
    with op.batch_alter_table("parent") as batch:
        batch.alter_column("name", type_=sa.String(20), nullable=False)
    op.execute("UPDATE parent SET name = 'new'")
"""


@pytest.fixture(autouse=True)
def _whole_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here nothing is spared: every new store runs every migration."""
    monkeypatch.setattr(migrations, "upgrade", unwrap(migrations.upgrade))


def script(folder: Path, name: str, before: str | None, body: str) -> None:
    head = f'"""Test."""\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = "{name}"\ndown_revision = {before!r}\n'
    (folder / "versions" / f"{name}.py").write_text(head + "def upgrade():\n" + body, "utf-8")


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A history of two revisions; the second rebuilds a table that others point to."""
    folder = tmp_path / "scripts"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((migrations.SCRIPTS / "env.py").read_text("utf-8"), "utf-8")
    script(folder, "one", None, FIRST)
    return folder


@pytest.fixture
def old(tmp_path: Path, scripts: Path) -> Path:
    """A store at the first revision, with the second one waiting."""
    path = tmp_path / "orders.db"
    migrations.bring_up(path, KEY, "one", scripts)
    script(scripts, "two", "one", SECOND)
    return path


def content(path: Path) -> tuple[str, list[tuple[str]], int]:
    connection = sqlite.connect(path, KEY)
    try:
        parents = connection.execute("SELECT name FROM parent").fetchall()
        children = connection.execute("SELECT count(*) FROM child").fetchone()[0]
    finally:
        connection.close()
    return migrations.revision(path, KEY), parents, children


def test_the_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_server_default": True, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    def shape(connection: Connection) -> dict[str, object]:
        found = inspect(connection)
        return {
            table.name: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table.name)],
                sorted(tuple(unique["column_names"]) for unique in found.get_unique_constraints(table.name)),
                sorted(index["name"] or "" for index in found.get_indexes(table.name)),
                sorted(key["name"] or "" for key in found.get_foreign_keys(table.name)),
            )
            for table in metadata.sorted_tables
        }

    engine = sqlite.engine(tmp_path / "declared.db", KEY, begin="BEGIN", pool=NullPool)
    with engine.begin() as connection:
        metadata.create_all(connection)
        declared = shape(connection)
    with Database.open(tmp_path / "migrated.db", KEY) as store:
        assert store.read(differences) == []
        assert store.read(shape) == declared


def test_the_short_way_of_the_other_tests_ends_where_the_whole_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = migrations.upgrade, list[Path]()

    def whole(connection: Connection, scripts: Path) -> None:
        calls.append(scripts)
        real(connection, scripts)

    monkeypatch.setattr(migrations, "upgrade", shortened(whole))
    found = []
    for name in ("first", "second", "third"):
        with Database.open(tmp_path / f"{name}.db", name.encode().ljust(32)) as store:
            found.append(store.read(dump))
    assert calls == [migrations.SCRIPTS]
    assert ("INSERT INTO alembic_version VALUES (?)", (migrations.HEAD,)) in found[0]
    assert found[1] == found[2] == found[0]


def test_the_head_that_a_start_compares_with_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(migrations.configuration()).get_heads() == [migrations.HEAD]


def test_the_next_revision_can_be_drafted(tmp_path: Path) -> None:
    for file in [
        *migrations.SCRIPTS.glob("env.py"),
        *migrations.SCRIPTS.glob("*.mako"),
        *migrations.SCRIPTS.glob("versions/0*.py"),
    ]:
        target = tmp_path / file.relative_to(migrations.SCRIPTS)
        target.parent.mkdir(exist_ok=True)
        target.write_text(file.read_text("utf-8"), "utf-8")
    table = Table("extra", metadata, Column("at", Instant, nullable=False))
    try:
        draft("add a table", tmp_path)
    finally:
        metadata.remove(table)
    (made,) = tmp_path.glob("versions/*_add_a_table.py")
    script = made.read_text("utf-8")
    assert "op.create_table(" in script
    assert "sa.DateTime(timezone=True)" in script
    assert f"down_revision = {migrations.HEAD!r}" in script


def test_an_ordinary_start_does_not_load_alembic(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    Database.open(path, KEY).close()
    code = f"""
        import sys
        from pathlib import Path
        from app.db.database import Database
        Database.open(Path({str(path)!r}), {KEY!r}).close()
        sys.exit("alembic" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60).returncode == 0


def test_rebuilding_a_parent_keeps_its_children(old: Path, scripts: Path) -> None:
    migrations.bring_up(old, KEY, "two", scripts)
    assert content(old) == ("two", [("new",)], 2)
    assert content(old.with_name("orders.db.before-two")) == ("one", [("old",)], 2)
    assert sorted(file.name for file in old.parent.iterdir()) == ["orders.db", "orders.db.before-two", "scripts"]


def test_with_foreign_keys_on_the_same_migration_would_lose_them(old: Path, scripts: Path) -> None:
    """The control: this is the trap that running on a copy with foreign keys off avoids."""
    engine = sqlite.engine(old, KEY, "PRAGMA foreign_keys=ON", begin="BEGIN IMMEDIATE", pool=NullPool)
    with engine.begin() as connection:
        migrations.upgrade(connection, scripts)
    assert content(old) == ("two", [("new",)], 0)


def test_a_migration_that_would_orphan_rows_leaves_the_old_store(old: Path, scripts: Path) -> None:
    script(scripts, "two", "one", '\n    op.execute("DELETE FROM parent")\n')
    with pytest.raises(StoreError, match="orphan 2 rows, first in child"):
        migrations.bring_up(old, KEY, "two", scripts)
    assert content(old) == ("one", [("old",)], 2)


def test_a_failing_migration_leaves_the_old_store_and_can_be_mended(old: Path, scripts: Path) -> None:
    script(scripts, "two", "one", SECOND + '\n    op.execute("nonsense")\n')
    with pytest.raises(Exception, match="nonsense"):
        migrations.bring_up(old, KEY, "two", scripts)
    assert content(old) == ("one", [("old",)], 2)
    script(scripts, "two", "one", SECOND)
    migrations.bring_up(old, KEY, "two", scripts)
    assert content(old) == ("two", [("new",)], 2)


def test_a_store_from_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    with Database.open(path, KEY) as store:
        store.write_now(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    before = path.read_bytes()
    with pytest.raises(NewerStoreError, match="newer version"):
        Database.open(path, KEY)
    with pytest.raises(StoreError, match="another version"):
        Database.attach(path, KEY)
    assert path.read_bytes() == before


def test_a_store_that_another_program_reads_is_not_swapped_under_it(
    old: Path, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    reader = sqlite.connect(old, KEY, "PRAGMA journal_mode=WAL", "BEGIN", "SELECT * FROM parent")
    try:
        with pytest.raises(StoreError, match="Another program"):
            migrations.bring_up(old, KEY, "two", scripts)
    finally:
        reader.close()
    assert content(old) == ("one", [("old",)], 2)


def test_what_was_still_in_the_log_of_a_killed_program_is_migrated_too(old: Path, scripts: Path) -> None:
    code = f"""
        import os
        from pathlib import Path
        from app.db import sqlite
        connection = sqlite.connect(Path({str(old)!r}), {KEY!r}, "PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO child VALUES (3, 1)")
        os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60).returncode == 9
    assert old.with_name("orders.db-wal").stat().st_size > 0
    migrations.bring_up(old, KEY, "two", scripts)
    assert content(old) == ("two", [("new",)], 3)


def test_a_log_without_its_file_is_not_played_into_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    path.with_name("orders.db-wal").write_bytes(b"left over" * 1000)
    with Database.open(path, KEY) as store:
        assert store.read(lambda connection: connection.scalar(text("SELECT count(*) FROM orders"))) == 0


# Forks once for each moment: the n-th statement or file operation of a migration is the last thing the child does.
KILLER = """
    import os, shutil, sys
    from pathlib import Path
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    import alembic.command
    from app.db import migrations

    folder, scripts, key = Path(sys.argv[1]), Path(sys.argv[2]), bytes.fromhex(sys.argv[3])
    moment = [0, 0]

    def step(*_):
        moment[0] += 1
        if moment[0] == moment[1]:
            os._exit(9)

    def audit(name, args):
        if name in ("open", "os.rename", "os.remove", "os.chmod") and "orders.db" in str(args[0]):
            step()

    def migrate(n, path):
        moment[1] = n
        event.listen(Engine, "before_cursor_execute", step)
        sys.addaudithook(audit)
        try:
            migrations.bring_up(path, key, "two", scripts)
        except BaseException as error:
            print(error, file=sys.stderr)
            os._exit(1)
        os._exit(0)

    n, code = 0, 9
    while code == 9:
        n += 1
        here = folder / str(n)
        here.mkdir()
        shutil.copyfile(folder / "orders.db", here / "orders.db")
        child = os.fork()
        if child == 0:
            migrate(n, here / "orders.db")
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(n)
    sys.exit(code)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks; the code it tests does not")
def test_killed_at_any_moment_the_store_is_the_old_one_or_the_new_one(old: Path, scripts: Path) -> None:
    arguments = [sys.executable, "-c", textwrap.dedent(KILLER), str(old.parent), str(scripts), KEY.hex()]
    done = subprocess.run(arguments, check=False, timeout=110, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    moments = int(done.stdout)
    seen = []
    for n in range(1, moments + 1):
        path = old.parent / str(n) / "orders.db"
        sqlite.check(path, KEY)
        seen.append(content(path))
        migrations.bring_up(path, KEY, "two", scripts)  # the next start finishes the work
        assert content(path) == ("two", [("new",)], 2)
        left = {file.name for file in path.parent.iterdir()} - {"orders.db", "orders.db.before-two"}
        assert not left, f"killed at moment {n}"
    assert all(found in [("one", [("old",)], 2), ("two", [("new",)], 2)] for found in seen)
    assert {revision for revision, _, _ in seen} == {"one", "two"}
    assert moments > 20


def test_printers_of_the_first_release_keep_printing_whole_orders(tmp_path: Path) -> None:
    """0001 -> 0002: each printer becomes a station; tickets, copies and addresses keep their meaning."""
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    for file in (migrations.SCRIPTS / "env.py", *migrations.SCRIPTS.glob("versions/0001*.py")):
        (scripts / file.relative_to(migrations.SCRIPTS)).write_text(file.read_text("utf-8"), "utf-8")
    path = tmp_path / "orders.db"
    migrations.bring_up(path, KEY, "0001", scripts)
    connection = sqlite.connect(path, KEY)
    for number, station in ((1, "kitchen"), (2, "bar"), (3, "kitchen")):
        connection.execute(
            "INSERT INTO printers VALUES (?, ?, '127.0.0.1', 9100, ?, 58, 'en', 'none', 1, 'ok', '', NULL)",
            (number, f"printer {number}", station),
        )
    row = (
        "INSERT INTO print_jobs VALUES (?, NULL, 2, ?, 'test', 1, '{}', 'unknown', 1, 0,"
        " '2026-01-01', '2026-01-01', NULL, NULL, '', '')"
    )
    connection.execute(row, (1, "7:1:bar:2:kitchen:1"))
    connection.execute(row, (2, "7:1:bar:2:kitchen:1:copy2"))
    connection.close()

    migrations.bring_up(path, KEY)
    connection = sqlite.connect(path, KEY)
    try:
        printers = connection.execute("SELECT kind, settings, paper, profile FROM printers ORDER BY id").fetchall()
        stations = connection.execute("SELECT name, printer_id, language, `default` FROM stations ORDER BY id").fetchall()
        jobs = connection.execute("SELECT station_id, first_id FROM print_jobs ORDER BY id").fetchall()
        steps = connection.execute("SELECT job_id, state FROM print_steps ORDER BY id").fetchall()
    finally:
        connection.close()
    assert printers == [("lan", '{"host":"127.0.0.1","port":"9100"}', "58", None)] * 3
    assert stations == [("kitchen", 1, "en", 1), ("bar", 2, "en", 0), ("kitchen 3", 3, "en", 0)]
    assert jobs == [(2, None), (2, 1)]
    assert steps == [(1, "unknown"), (2, "unknown")]


def test_a_store_without_redemptions_gets_room_for_them_and_keeps_its_accounts(tmp_path: Path) -> None:
    """0004 -> 0005, and the console that knew 0004 does not open it again."""
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    known = [file for file in migrations.SCRIPTS.glob("versions/0*.py") if file.name < "0005"]
    for file in (migrations.SCRIPTS / "env.py", *known):
        (scripts / file.relative_to(migrations.SCRIPTS)).write_text(file.read_text("utf-8"), "utf-8")
    path, noon = tmp_path / "orders.db", datetime(2026, 11, 22, 4, tzinfo=UTC)
    migrations.bring_up(path, KEY, "0004", scripts)
    with sqlite.engine(path, KEY, begin="BEGIN IMMEDIATE", pool=NullPool).begin() as connection:
        number = accounts.add(
            connection, noon, platform="koubei", name="Shop", address="", settings={}, hook_token="t", auto_accept=False
        )
    with Database.open(path, KEY) as store:
        voucher = Voucher("123456789012", "双人套餐", VoucherState.GOOD, Money(8800, "CNY"))
        row = store.write_now(redemptions.add, number, voucher, 1, "k", "counter", noon, noon)
        assert store.read(redemptions.since, noon) == [row]
        assert store.read(accounts.get, number).name == "Shop"
    assert migrations.revision(path.with_name(f"orders.db.before-{migrations.HEAD}"), KEY) == "0004"
    with pytest.raises(NewerStoreError, match="newer version"):
        migrations.bring_up(path, KEY, "0004", scripts)
