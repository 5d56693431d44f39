"""Births and deaths of a torture's lives: a mother process forks one life a line, and whoever bore it may kill it.

A life says its pid, then "ready" when it is up, and "done" if it ends by itself; its mother says "dead" when it is buried.
Forking spares each life the imports, also those that an engine puts off until it needs them; where the system cannot fork,
every life is a process of its own.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from app.platforms.http import trust
from app.platforms.registry import platforms

# Loaded by every engine sooner or later: together with the platforms they take longer than the rest of its start.
PUT_OFF = (
    *("httpcore", "anyio.abc", "anyio.lowlevel", "anyio.streams.tls", "anyio._backends._asyncio"),
    *("sqlalchemy.dialects.sqlite", "apscheduler.executors.asyncio", "apscheduler.triggers.interval", "encodings.idna"),
    *("app.printing.cloud.feie", "app.printing.cloud.yilianyun", "app.printing.transports.usb"),
    *("app.printing.transports.cups", "app.printing.transports.serial_port", "app.printing.transports.windows_spooler"),
)
SIGNAL = getattr(signal, "SIGKILL", signal.SIGTERM)  # no handler, no clean-up, no last word
_told = sys.stdout


def give_birth(live: Callable[[str], None]) -> int:
    """The mother: `live` every line of standard input. Other prints go to standard error: standard output is ours."""
    sys.stdout = sys.stderr
    _load()
    for line in sys.stdin:
        child = os.fork() if hasattr(os, "fork") else 0
        if child:
            os.waitpid(child, 0)
            say("dead")
            continue
        say(str(os.getpid()))
        _live_and_die(live, line)
    return 0


def _load() -> None:
    """Have in memory what lives will need, and keep the collector from touching, and so from copying, it in each of them."""
    platforms()
    for name in PUT_OFF:
        importlib.import_module(name)
    trust()
    gc.collect()
    gc.freeze()


def say(text: str) -> None:
    """Tell whoever bore this life."""
    print(text, file=_told, flush=True)


def die() -> None:
    """End this life here and now."""
    os.kill(os.getpid(), SIGNAL)


class Nursery:
    """Bears lives of `module`, which calls `give_birth` when it is run."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._mother = self._new_mother()
        self._child = 0

    def born(self, life: str) -> None:
        """Start a life; returns as soon as it has a pid."""
        if self._mother.poll() is not None:  # it was the life itself
            self.close()
            self._mother = self._new_mother()
        assert self._mother.stdin
        self._mother.stdin.write(life)
        self._mother.stdin.flush()
        self._child = int(next(word for word in iter(self._heard, "") if word.isdigit()))

    def grows_up(self) -> bool:
        """Wait until the engine of this life is up; False when it died before."""
        return next((word for word in iter(self._heard, "") if word in ("ready", "dead")), "dead") == "ready"

    def kill(self) -> None:
        """A life that just ended by itself is left in peace."""
        with suppress(ProcessLookupError):
            os.kill(self._child, SIGNAL)
        if not hasattr(os, "fork"):
            self._mother.wait()

    def dies_within(self, seconds: float) -> bool:
        """Wait until the life has ended; False when it had to be killed because it lived for so long."""
        with self._limited(seconds) as limit:
            any(word == "dead" for word in iter(self._heard, ""))
            return not limit.finished.is_set()

    def lives_to_the_end(self, life: str, seconds: float) -> bool:
        """A life that may finish; False when it does not within so many seconds."""
        self.born(life)
        with self._limited(seconds):
            return next((word for word in iter(self._heard, "") if word in ("done", "dead")), "dead") == "done"

    def close(self) -> None:
        """End the mother; idempotent."""
        assert self._mother.stdin
        assert self._mother.stdout
        self._mother.stdin.close()
        self._mother.wait()
        self._mother.stdout.close()

    @contextmanager
    def _limited(self, seconds: float) -> Iterator[threading.Timer]:
        limit = threading.Timer(seconds, self.kill)
        limit.start()
        try:
            yield limit
        finally:
            limit.cancel()
            limit.join()

    def _heard(self) -> str:
        assert self._mother.stdout
        return self._mother.stdout.readline().strip()

    def _new_mother(self) -> subprocess.Popen[str]:
        """Without asyncio's debug mode, which tests switch on: it slows every life, and deaths would miss their moments."""
        command = [sys.executable, "-m", self._module]
        quick = {name: value for name, value in os.environ.items() if name != "PYTHONASYNCIODEBUG"}
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=quick)  # noqa: S603 - ourselves


def _live_and_die(live: Callable[[str], None], line: str) -> NoReturn:
    """A life that fails must not linger: its threads would keep it from ending."""
    try:
        live(line)
    except BaseException:  # noqa: BLE001 - whatever it was, the life is over and the torture will say so
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
