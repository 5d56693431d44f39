"""The lock names no registry and fits the project; the bootstrap says what a machine lacks instead of failing later."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import bootstrap
import pytest
import system

ROOT = Path(__file__).parents[2]
LOCKED = (ROOT / "packaging" / "requirements.txt").read_text("utf-8")


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def test_no_file_that_we_ship_names_a_registry() -> None:
    assert "://" not in LOCKED
    assert not re.search(r"^\s*--(?!hash)", LOCKED, re.MULTILINE)


def test_every_locked_package_is_exact_and_hashed() -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", LOCKED.strip()) if not entry.startswith("#")]
    assert len(entries) > 80
    assert [
        entry for entry in entries if not re.match(r"[\w.-]+==[\w.]+[^\n]*\\\n\s+--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {name_of(each) for each in [*project["dependencies"], *project["optional-dependencies"]["dev"]]}
    assert asked - {name_of(line) for line in LOCKED.splitlines()} == set()


def test_qt_that_miscounts_references_is_kept_from_old_pythons() -> None:
    old = [line for line in LOCKED.splitlines() if line.startswith("pyside6") and "python_full_version < '3.12'" in line]
    assert [line.split(" ;")[0] for line in old] == ["pyside6-addons==6.11.3", "pyside6-essentials==6.11.3"]


def test_this_machine_has_what_is_needed() -> None:
    assert system.absent() == []
    assert system.ready(bootstrap.OLDEST_PYTHON)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux leaves these libraries to the user")
def test_what_is_missing_becomes_one_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(system, "LIBRARIES", {"libNoSuchThing.so.1": "libnosuchthing1", "libc.so.6": "libc6"})
    monkeypatch.setattr(system, "_has_chinese_font", lambda: False)
    monkeypatch.setattr(system, "_may_install", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: name if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not system.ready(bootstrap.OLDEST_PYTHON)
    said = capsys.readouterr().err.splitlines()
    assert "libNoSuchThing.so.1, a Chinese font" in said[0]
    assert said[-1].strip() == "sudo apt-get update && sudo apt-get install -y libnosuchthing1 fonts-noto-cjk"


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert not system.ready((99, 0))
    assert "needs Python 99.0 or newer" in capsys.readouterr().err


def test_the_stamp_changes_with_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap._stamp(ROOT / ".venv")
    assert bootstrap._stamp(ROOT / ".venv") == before
    changed = tmp_path / "requirements.txt"
    changed.write_text(LOCKED + "\n", "utf-8")
    monkeypatch.setattr(bootstrap, "LOCK", changed)
    assert bootstrap._stamp(ROOT / ".venv") != before


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the bootstrap started instead of starting it: mypy fails, the tests are called so."""
    said: list[str] = []

    def step(_: Path, lint: tuple[str, ...]) -> bool:
        said.append(lint[0])
        return lint[0] != "mypy"

    def run(command: list[str]) -> int:
        said.append(f"{Path(command[0]).stem}, the tests")
        return 0

    monkeypatch.setattr(bootstrap, "_step", step)
    monkeypatch.setattr(bootstrap, "_run", run)
    return said


def test_all_checks_run_and_any_failure_is_the_answer(ran: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap._job(ROOT / ".venv", ["test"]) == 1
    assert sorted(ran[:-1]) == ["lint-imports", "mypy", "pytest", "ruff", "ruff"]
    assert ran[-1] == "pytest, the tests"
    assert "failed: mypy" in capsys.readouterr().err


def test_for_a_few_tests_the_others_are_not_compiled(ran: list[str]) -> None:
    assert bootstrap._job(ROOT / ".venv", ["test", "tests/domain"]) == 1
    assert sorted(ran) == ["lint-imports", "mypy", "pytest, the tests", "ruff", "ruff"]


def test_a_check_tells_its_verdict_and_its_words_in_one_piece(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(sys.executable).parent.parent
    assert bootstrap._step(folder, ("python", "-c", "pass"))
    assert not bootstrap._step(folder, ("python", "-c", "raise SystemExit('so it is')"))
    good, bad, words, _ = capsys.readouterr().out.splitlines()
    assert ("ok" in good, "FAILED" in bad, words) == (True, True, "so it is")


def test_any_other_word_is_a_command_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_run", " ".join)
    command = str(bootstrap._job(ROOT / ".venv", ["torture", "--kills", "1000"]))
    assert re.search(r"order-console(\.exe)? torture --kills 1000$", command)


def test_the_program_gets_the_arguments_and_its_exit_code_is_ours(capfd: pytest.CaptureFixture[str]) -> None:
    assert bootstrap._run([sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(7)", "--data", "x"]) == 7
    assert "['--data', 'x']" in capfd.readouterr().out


def test_help_lists_the_commands_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_run", " ".join)
    assert re.search(r"order-console(\.exe)? --help$", str(bootstrap._job(ROOT / ".venv", ["help"])))


@pytest.mark.parametrize(
    ("arguments", "python", "job"),
    [
        ([], None, []),
        (["--key-file", "shop.key"], None, ["--key-file", "shop.key"]),
        (["--key-file=shop.key", "--data", "shop"], None, ["--key-file=shop.key", "--data", "shop"]),
        (["--data", "shop", "doctor", "--key-file", "k"], None, ["--data", "shop", "doctor", "--key-file", "k"]),
        (["--python", "python3.13", "--data", "shop"], "python3.13", ["--data", "shop"]),
        (["--python=python3.13", "test", "-k", "paper"], "python3.13", ["test", "-k", "paper"]),
        (["doctor", "--help"], None, ["doctor", "--help"]),
        (["simulate", "eleme", "--python", "x"], None, ["simulate", "eleme", "--python", "x"]),
        (["--version"], None, ["--version"]),
    ],
)
def test_every_option_but_ours_goes_on_to_the_program(arguments: list[str], python: str | None, job: list[str]) -> None:
    options = bootstrap._options(arguments)
    assert (options.python, options.job) == (python, job)


def test_options_without_a_command_open_the_console_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def runs(command: list[str]) -> int:
        ran.append(command[1:])
        return 0

    monkeypatch.setattr(bootstrap, "_ready", lambda *_: True)
    monkeypatch.setattr(bootstrap, "_run", runs)
    assert bootstrap.main(["--key-file", "shop.key", "--data", "shop"]) == 0
    assert ran == [["--key-file", "shop.key", "--data", "shop"]]


@pytest.mark.parametrize("arguments", [["--python"], ["--help"]])
def test_what_is_ours_is_still_checked_and_explained_here(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        bootstrap._options(arguments)
