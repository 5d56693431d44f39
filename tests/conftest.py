"""What every test stands on: no screen, no outside network, no real keyring; surprises in the log and lost threads fail."""

from __future__ import annotations

import errno
import gc
import ipaddress
import linecache
import logging
import os
import socket
import sys
import threading
import time
import traceback
import weakref
from asyncio import constants, format_helpers
from collections.abc import Generator, Iterator
from itertools import islice
from types import FrameType
from typing import Any

# Before anything imports Qt or keyring.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# First, because Qt's import hook, once pytest-qt has loaded Qt, looks into half loaded modules, and pydantic's fail on that.
import pydantic.fields  # noqa: F401 - see above
import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from app import logs, texts
from tests import new_stores

# The suite that ships for every platform explains its failures like a test of ours.
pytest.register_assert_rewrite("app.platforms.conformance")

GRACE_SECONDS = 10.0  # only a failing test waits for so long
NEAREST = 4  # frames

# A busy machine must not decide whether a property holds; in CI the same examples run every time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

_went_outside: list[str] = []
_doors: weakref.WeakSet[socket.socket] = weakref.WeakSet()  # everything that ever listened
_doors_lock = threading.Lock()


def pytest_configure(config: pytest.Config) -> None:
    """Make structlog's events visible to `caplog`, and close the way to the outside."""
    logs.route()
    _cheapen_debug_mode()
    new_stores.remember()
    QtBot.waitUntil.__kwdefaults__ = {"timeout": 60_000}  # milliseconds; five seconds are not enough on a busy machine
    logging.getLogger("asyncio").addFilter(_is_no_remark_on_speed)
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_lookup(socket.getaddrinfo)
    setattr(socket.socket, "listen", _noted(socket.socket.listen))  # noqa: B010 - mypy forbids to assign a method


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and their modules live to the end: the collector need not look at them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """asyncio's debug mode catches calls from the wrong thread; a benchmark must not pay for it."""
    debug = "benchmarks" not in item.path.parts
    item.config.option.asyncio_debug = debug  # for the loops that pytest-asyncio makes
    os.environ["PYTHONASYNCIODEBUG"] = "1" if debug else ""  # for those that the program makes


@pytest.fixture(autouse=True)
def _nothing_goes_outside() -> Iterator[None]:
    """Only loopback is reachable; a test that swallowed the refusal fails all the same."""
    _went_outside.clear()
    yield
    if _went_outside:
        pytest.fail(f"reached for the network: {_went_outside}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_lost_threads(_nothing_goes_outside: None) -> Iterator[None]:
    """A thread that a test started must end with it; pools get a moment to join."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + GRACE_SECONDS
    while (left := _lost(before)) and time.monotonic() < until:
        time.sleep(0.01)
    if left:
        pytest.fail(f"threads left behind: {[thread.name for thread in left]}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_open_doors() -> Iterator[None]:
    """What a test listened on must be closed with it; left to the collector, it fails some other test on some other day."""
    before = _open_doors()
    yield
    if left := _open_doors() - before:
        pytest.fail(f"still listened on: {left}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_surprises_in_the_log(request: pytest.FixtureRequest, _no_lost_threads: None) -> Iterator[None]:
    """A warning or worse fails the test, unless it asks for `caplog` and so looks at the log itself."""
    surprises = _Surprises()
    logging.getLogger().addHandler(surprises)
    yield
    logging.getLogger().removeHandler(surprises)
    if surprises.seen and "caplog" not in request.fixturenames:
        pytest.fail("unexpected in the log (use caplog if it is expected):\n" + "\n".join(surprises.seen), pytrace=False)


@pytest.fixture(autouse=True)
def _texts_in_english() -> Iterator[None]:
    """A test that wants Chinese says so; what it said does not reach the next one."""
    texts.use("en")
    yield
    texts.use("en")


def _cheapen_debug_mode() -> None:
    """asyncio's debug mode notes for every handle, future and task where it was made: the nearest frames tell enough of it.

    All of them took a third of the time of the tests of platforms. Every other stack, such as a time-out's, is told whole.
    """
    constants.DEBUG_STACK_DEPTH = NEAREST  # type: ignore[misc]  # a final, for type checkers
    format_helpers.extract_stack = _nearest  # of what is written in Python; what is written in C asks `traceback`
    whole = traceback.walk_stack

    def walk(frame: FrameType | None) -> Iterator[tuple[FrameType, int]]:
        here_and_now = frame is not None and frame is sys._getframe(2)
        return islice(whole(frame), NEAREST) if here_and_now else whole(frame)

    linecache.checkcache = lambda filename=None: None  # a look at the disk for every frame
    traceback.walk_stack = walk  # type: ignore[assignment]  # the same shape under other names


def _nearest(f: FrameType | None = None, limit: int | None = None) -> traceback.StackSummary:
    """`asyncio.format_helpers.extract_stack`, which reads no line of code before somebody wants to see it."""
    found = traceback.StackSummary()
    step: FrameType | None = f or sys._getframe(1)
    while step is not None and len(found) < (limit or NEAREST):
        code = step.f_code
        found.insert(0, traceback.FrameSummary(code.co_filename, step.f_lineno, code.co_name, lookup_line=False))
        step = step.f_back
    return found


def _is_no_remark_on_speed(record: logging.LogRecord) -> bool:
    """asyncio's debug mode complains of slow steps, which on a shared machine says nothing about the program."""
    return not str(record.msg).startswith("Executing ")


class _Surprises(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def _noted(listen: Any) -> Any:
    """socket.listen, remembered."""

    def noted(door: socket.socket, *backlog: int) -> None:
        listen(door, *backlog)
        with _doors_lock:
            _doors.add(door)

    return noted


def _open_doors() -> set[socket.socket]:
    with _doors_lock:
        return {door for door in _doors if door.fileno() != -1}


def _lost(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads that are new; not those of Qt and the operating system, which Python has merely met (`_DummyThread`)."""
    new = [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    return [thread for thread in new if not isinstance(thread, threading._DummyThread)]


def _is_inside(address: Any) -> bool:
    """Whether a socket address stays on this machine; a path or bytes is a Unix socket."""
    return not isinstance(address, tuple) or _is_loopback(address[0])


def _is_loopback(host: Any) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guarded(original: Any) -> Any:
    def call(self: socket.socket, *arguments: Any) -> Any:
        if self.family != getattr(socket, "AF_UNIX", None) and not _is_inside(arguments[-1]):
            _went_outside.append(str(arguments[-1]))
            raise OSError(errno.ENETUNREACH, "tests stay on this machine")
        return original(self, *arguments)

    return call


def _guarded_lookup(original: Any) -> Any:
    def call(host: Any, *arguments: Any, **named: Any) -> Any:
        numeric = host is None or _is_loopback(host) or str(host).replace(".", "").isdigit() or ":" in str(host)
        if not numeric:
            _went_outside.append(str(host))
            raise socket.gaierror(socket.EAI_NONAME, "tests stay on this machine")
        return original(host, *arguments, **named)

    return call
