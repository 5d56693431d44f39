"""Makes a fresh machine ready and then does one job: practice, test, lint, bench, lock, or any order-console command.

    python3 packaging/bootstrap.py practice        watch a lunch rush arrive
    python3 packaging/bootstrap.py test            prove that everything works here
    python3 packaging/bootstrap.py                 open the console on your own shop
    python3 packaging/bootstrap.py doctor          any other word or option is one of order-console
    python3 packaging/bootstrap.py help            lists those commands

Standard library only, because it runs before anything is installed. Run again, it starts at once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import system  # beside this file

ROOT = Path(__file__).resolve().parent.parent

LOCK = ROOT / "packaging" / "requirements.txt"
OLDEST_PYTHON = (3, 11)
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--no-color")
CODE = ("app", "tests", "packaging")

# The longest first: they run two at a time.
LINTS: tuple[tuple[str, ...], ...] = (
    ("mypy",),
    ("ruff", "check", *CODE),
    ("ruff", "format", "--check", *CODE),
    ("lint-imports",),
)
# Compiles every test beside the checks: the workers of pytest begin at the same moment, and each would compile them all.
COLLECTION = ("pytest", "--collect-only", "--quiet", "--color=no", "--ignore=tests/benchmarks")
# Benchmarks have their own word. The smallest machine we build on has two cores; a third of the tests' time is waiting for
# printers and platforms, which a third worker fills.
TESTS = (
    "pytest",
    "--color=no",
    "--ignore=tests/benchmarks",
    "-m",
    "not slow",
    "-n",
    "3",
    "--dist",
    "worksteal",
    "-p",
    "no:benchmark",
)
BENCHMARKS = ("pytest", "--color=no", "-s", "tests/benchmarks")


def main(arguments: Sequence[str]) -> int:
    """Prepare, then do the job; answers its exit code."""
    options = _options(arguments)
    if not system.ready(OLDEST_PYTHON):
        return 1
    folder = _folder(options.python)
    if not _ready(folder, options.python or sys.executable):
        return 1
    return _job(folder, options.job)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    """Ours stand in front; from the first argument that is none of ours on, everything belongs to the job."""
    about = argparse.ArgumentParser(usage="bootstrap.py [--python PYTHON] JOB ...", description=__doc__, allow_abbrev=False)
    about.formatter_class = argparse.RawDescriptionHelpFormatter
    about.add_argument("--python", help="another interpreter, with an environment of its own")
    jobs = "practice, test, lint, bench, lock, or a command of order-console; without one the console opens"
    about.add_argument("job", nargs="*", help=jobs)
    ours = _ours(arguments)
    options = about.parse_args(arguments[:ours])
    options.job = list(arguments[ours:])
    return options


def _ours(arguments: Sequence[str]) -> int:
    """How many of the first arguments are ours: argparse alone cannot tell the value of an option it does not know."""
    count = 0
    while count < len(arguments) and arguments[count].partition("=")[0] in ("--python", "-h", "--help"):
        count += 2 if arguments[count] == "--python" else 1
    return min(count, len(arguments))


# The environment


def _folder(python: str | None) -> Path:
    """`.venv` for whoever starts this file; one of its own for each interpreter that is asked for."""
    if python is None:
        return ROOT / ".venv"
    asked = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True
    )
    return ROOT / f".venv-{asked.stdout.strip()}"


def _program(folder: Path, name: str) -> str:
    windows = os.name == "nt"
    return str(folder / ("Scripts" if windows else "bin") / (name + ".exe" if windows else name))


def _stamp(folder: Path) -> str:
    """What an environment was made from; when it changes, it is made ready again."""
    digest = hashlib.sha256(str(folder).encode())
    for source in (LOCK, ROOT / "pyproject.toml"):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _ready(folder: Path, python: str) -> bool:
    """Make the environment what the lock says, unless it is already."""
    stamp = folder / "order-console.stamp"
    if stamp.exists() and stamp.read_text("ascii") == _stamp(folder) and _works(folder, python):
        return True
    begun = time.monotonic()
    if not _works(folder, python):
        print(f"Making the environment {folder.name} ...", flush=True)
        _create(folder, python)
    pip = [_program(folder, "python"), *PIP, "install", "--progress-bar=off"]
    locked = [*pip, "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(LOCK)]
    ours = [*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)]
    if not (_show_progress(locked) and _quietly(ours)):
        print("The installation failed; what is above says why. Run the same command again to go on.", file=sys.stderr)
        return False
    stamp.write_text(_stamp(folder), "ascii")
    print(f"Ready after {time.monotonic() - begun:.0f} s.", flush=True)
    return True


def _create(folder: Path, python: str) -> None:
    if python == sys.executable:
        venv.create(folder, clear=True, with_pip=True)
    else:
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)


def _works(folder: Path, python: str) -> bool:
    """Whether the environment's own interpreter starts, and is the version that is asked for."""
    if python == sys.executable and (folder / "pyvenv.cfg").exists():
        wanted = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return wanted in _version_line(folder) and Path(_program(folder, "python")).exists()
    try:
        return subprocess.run([_program(folder, "python"), "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def _version_line(folder: Path) -> str:
    lines = (folder / "pyvenv.cfg").read_text("utf-8").splitlines()
    return next((line for line in lines if line.startswith("version")), "")


def _show_progress(command: Sequence[str]) -> bool:
    """Run pip and count what it has dealt with; its own words are shown only when it fails."""
    total = len(re.findall(r"^[\w.-]+==", LOCK.read_text("utf-8"), re.MULTILINE))
    said: list[str] = []
    done = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as pip:
        for line in pip.stdout or ():
            said.append(line)
            words = line.split()
            if words[:1] in (["Collecting"], ["Requirement"], ["Ignoring"]):
                done += 1
                _progress(f"[{done:3}/{total}] {words[3 if words[0] == 'Requirement' else 1].rstrip(':')}", done)
            elif words[:1] == ["Installing"]:
                _progress(f"[{total}/{total}] unpacking, which takes the longest ...", 0)
    if sys.stdout.isatty():
        print()
    if pip.returncode:
        print("".join(said[-30:]), file=sys.stderr)
    return pip.returncode == 0


def _progress(text: str, number: int) -> None:
    """One line that changes on a terminal; in a file, a line now and then."""
    if sys.stdout.isatty():
        print(f"\r\x1b[2K{text}", end="", flush=True)
    elif number % 10 == 0:
        print(text, flush=True)


def _quietly(command: Sequence[str]) -> bool:
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


# The jobs


def _job(folder: Path, job: list[str]) -> int:
    word, rest = (job[0], job[1:]) if job else ("", [])
    if word == "test":
        return _test(folder, rest)
    if word == "lint":
        return 1 if _lint(folder) else 0
    if word == "bench":
        return _run([_program(folder, BENCHMARKS[0]), *BENCHMARKS[1:], *rest])
    if word == "lock":
        return _lock(folder, rest)
    return _run([_program(folder, "order-console"), *(["--help"] if word == "help" else job)])


def _test(folder: Path, more: list[str]) -> int:
    """Every check, also after one has failed; pytest comes last, so that its closing line ends the output."""
    failed = _lint(folder, () if more else (COLLECTION,))
    print("pytest", flush=True)
    code = _run([_program(folder, TESTS[0]), *TESTS[1:], *more])
    for name in failed:
        print(f"failed: {name}", file=sys.stderr)
    return code or (1 if failed else 0)


def _lint(folder: Path, beside: Sequence[Sequence[str]] = ()) -> list[str]:
    """Run the checks that read the code, and what may run beside them; answers the names of those that failed."""
    steps = [*LINTS, *beside]
    with ThreadPoolExecutor(2) as two:
        good = list(two.map(lambda step: _step(folder, step), steps))
    return [" ".join(step[:2]) for step, is_good in zip(steps, good, strict=True) if not is_good]


def _step(folder: Path, lint: Sequence[str]) -> bool:
    """Tells its verdict when it is over, and what it said when it failed, in one piece."""
    begun = time.monotonic()
    done = subprocess.run(
        [_program(folder, lint[0]), *lint[1:]],
        cwd=ROOT,
        env=_that_compiles(),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    said = f"\n{done.stdout}" if done.returncode else ""
    print(f"{' '.join(lint):60} {verdict:6} {time.monotonic() - begun:6.1f} s{said}\n", end="", flush=True)
    return done.returncode == 0


def _lock(folder: Path, more: list[str]) -> int:
    """Resolve again, for every system and every Python at once. No address of any registry goes into the file."""
    if not _quietly([_program(folder, "python"), *PIP, "install", "uv"]):
        return 1
    environment = {name: value for name, value in os.environ.items() if name not in ("PIP_FIND_LINKS", "UV_FIND_LINKS")}
    command = [
        _program(folder, "uv"),
        "pip",
        "compile",
        "pyproject.toml",
        "packaging/build.in",
        "--extra=dev",
        "--universal",
    ]
    command += ["--python-version=3.11", "--generate-hashes", "--no-build", "--no-header", "--no-annotate", "--quiet"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--output-file", str(LOCK.relative_to(ROOT)), *more]
    code = subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode
    if "://" in LOCK.read_text("utf-8"):
        print(f"{LOCK} names an address", file=sys.stderr)
        return 1
    return code


def _run(command: Sequence[str]) -> int:
    """Run in the foreground; the interrupt key is the program's own business."""
    inside = Path(command[0]).stem == "pytest"
    environment = {"PYTHONUTF8": "1", **(_that_compiles() if inside else os.environ)}
    if not system.has_screen():
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    with subprocess.Popen(command, env=environment, cwd=ROOT if inside else None) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                continue


def _that_compiles() -> dict[str, str]:
    """The tests start hundreds of processes of ours: none of them should compile the program anew."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on from here.")
