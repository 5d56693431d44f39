"""The shape of the house that no linter knows; import-linter's contracts are a step of their own (`lint-imports`)."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import ROOT, imports, lines, modules

TOP_LEVEL = {"pyproject.toml", "README.md", "app", "resources", "tests", "packaging", "LICENSE"}
LONGEST = {"app": 400, "packaging": 400, "tests": 650}
BANNED_NAMES = {"sync", "manager", "utils", "util", "helpers", "helper", "data", "process", "handler", "misc", "common"}
# What may know that the store is SQLite. The doctor names the driver it found.
KNOWS_SQLITE = ("app/db/sqlite.py", "app/db/database.py", "app/db/migrations/", "app/cli/doctor.py", "tests/")


def test_the_visible_top_level_is_what_the_owner_asked_for() -> None:
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    assert visible - {"build", "dist"} - {name for name in visible if name.endswith(".egg-info")} == TOP_LEVEL


def test_there_is_something_to_look_at() -> None:
    assert len(modules()) > 100


def test_a_module_says_first_what_it_is_for() -> None:
    first = {name: (ast.get_docstring(tree, clean=False) or "").split("\n")[0] for name, tree in modules().items()}
    assert [name for name in first if not lines(name)[0].startswith('"""') or len(first[name]) <= 15] == []


def test_a_module_fits_a_reader() -> None:
    length = {name: len(lines(name)) for name in modules()}
    assert {name: n for name, n in length.items() if n > LONGEST[name.split("/")[0]]} == {}


def test_a_module_has_a_name_that_says_something() -> None:
    assert [name for name in modules() if BANNED_NAMES & set(re.split(r"[/_.]", name))] == []


def test_only_the_store_knows_what_it_stands_on() -> None:
    dialects = re.compile(r"sqlite3|sqlcipher3|sqlalchemy\.dialects")
    knowing = [name for name, tree in modules().items() if any(dialects.match(each) for each in imports(tree))]
    assert [name for name in knowing if not name.startswith(KNOWS_SQLITE)] == []


def test_qt_never_waits_in_a_loop_of_its_own() -> None:
    """`dialog.exec()` runs a second event loop inside a slot; `open()` does not."""
    screens = [name for name in modules() if name.startswith("app/ui/") and name != "app/ui/run.py"]
    calls = [(name, node.func) for name in screens for node in ast.walk(modules()[name]) if isinstance(node, ast.Call)]
    assert [name for name, call in calls if isinstance(call, ast.Attribute) and call.attr in ("exec", "exec_")] == []
