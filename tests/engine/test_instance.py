"""One engine per folder: four programs at once, kill -9 between, always exactly one winner."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.config import DataFolder
from app.engine.instance import Instance

# Waits for the starting shot, says whether it won, and keeps what it won until it is killed.
CHILD = """
import sys
from pathlib import Path
from app.config import DataFolder
from app.engine.instance import Instance
print("ready", flush=True)
sys.stdin.readline()
instance = Instance.take(DataFolder(Path(sys.argv[1])))
print("won" if instance else "lost", flush=True)
sys.stdin.readline()
"""


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(folder)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=root)


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.readline().strip()


def shoot(child: subprocess.Popen[str]) -> None:
    assert child.stdin
    child.stdin.write("\n")


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def test_four_programs_at_once_have_one_winner_also_after_a_kill(tmp_path: Path) -> None:
    for _ in range(4):
        children = [start(tmp_path) for _ in range(4)]
        try:
            assert [said(child) for child in children] == ["ready"] * 4
            for child in children:
                shoot(child)
            assert sorted(said(child) for child in children) == ["lost"] * 3 + ["won"]
        finally:
            for child in children:
                end(child)


def test_a_kill_frees_the_folder_at_once(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    child = start(tmp_path)
    try:
        said(child)
        shoot(child)
        assert said(child) == "won"
        assert Instance.take(folder) is None
    finally:
        end(child)
    instance = Instance.take(folder)
    assert instance
    instance.release()


def test_the_folder_is_free_after_release(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    first = Instance.take(folder)
    assert first
    assert Instance.take(folder) is None
    first.release()
    first.release()
    second = Instance.take(folder)
    assert second
    second.release()


def test_another_folder_is_another_shop(tmp_path: Path) -> None:
    shops = [DataFolder(tmp_path / name).create() for name in ("a", "b")]
    instances = [Instance.take(folder) for folder in shops]
    assert all(instances)
    for instance in instances:
        assert instance
        instance.release()
