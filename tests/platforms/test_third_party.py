"""A platform from somebody else's distribution, truly installed: found by entry point, and proved by the shipped suite."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import venv
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from app.platforms.registry import GROUP, SIMULATOR_GROUP

HERE = Path(__file__).parent / "third_party"
ROOT = Path(__file__).parents[2]
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
OFFLINE = ("--no-index", "--no-deps", "--no-build-isolation", "--no-compile", "--quiet")

UNUSED = tuple(f"-pno:{plugin}" for plugin in ("cacheprovider", "xdist", "pytest-qt", "benchmark"))


@pytest.fixture(scope="module")
def third_party(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their copy of the tree, in which nothing is built or cached that we would commit."""
    return Path(shutil.copytree(HERE, tmp_path_factory.mktemp("theirs") / "corner_shop"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, third_party: Path) -> Path:
    """The interpreter of a new environment that sees what this one has installed, and the corner shop beside it."""
    home = tmp_path_factory.mktemp("env")
    venv.EnvBuilder(symlinks=os.name != "nt").create(home)
    made = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (added,) = json.loads(run(made, "-c", "import json, site; print(json.dumps(site.getsitepackages()[-1:]))"))
    seen = [str(ROOT), *site.getsitepackages()]  # a line of a .pth that begins with import is carried out
    (Path(added) / "what_is_here.pth").write_text("".join(f"import site; site.addsitedir({one!r})\n" for one in seen))
    run(made, *PIP, "install", *OFFLINE, str(third_party))
    return made


def run(program: Path, *arguments: str, cwd: Path | None = None) -> str:
    """Its output; a failure shows all it said."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    command = [str(program), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=100, env=environment, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_platform_is_installed_and_not_merely_lying_there(python: Path, tmp_path: Path) -> None:
    ask = "from importlib.metadata import distribution as find; d = find({!r}); print(d.version, d.locate_file(''))"
    version, _, place = run(python, "-c", ask.format("order-console-corner-shop"), cwd=tmp_path).strip().partition(" ")
    assert version == "1.0"
    assert Path(place).is_relative_to(python.parents[1])
    assert (Path(place) / "corner_shop" / "simulator.py").is_file()


def test_the_program_lists_it_among_its_own(python: Path, tmp_path: Path) -> None:
    listed = json.loads(run(python, "-m", "app", "platforms", "--json", cwd=tmp_path))
    by_name = {one["name"]: one for one in listed}
    assert {"corner_shop", "eleme", "hubrise"} <= by_name.keys()
    assert by_name["corner_shop"]["title"] == "Corner shop"
    assert by_name["corner_shop"]["evidence"] == "We wrote both ends."


def test_it_keeps_the_promises_of_a_platform(python: Path, third_party: Path) -> None:
    said = run(python, "-m", "pytest", "-q", *UNUSED, cwd=third_party)
    passed = int(said.strip().splitlines()[-1].split()[0])
    assert passed >= 20
    assert "skipped" in said  # what a corner shop has not, with the reason


def test_this_environment_knows_nothing_of_it() -> None:
    """A negative control: it was found there because it was installed there."""
    assert not [point for group in (GROUP, SIMULATOR_GROUP) for point in entry_points(group=group, name="corner_shop")]
