"""Every way of connecting: what staff fill in, and what becomes of a job on a device file, a serial port and a queue."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from app.printing import OutcomeKind, Patience, UnreachableError
from app.printing.kinds import KINDS, Device
from app.printing.profile import Profile
from app.printing.transports import serial_port, usb
from app.printing.transports.serial_port import PortConnection, SignalConnection
from app.printing.transports.wired import Connection, WiredPrinter
from app.texts import catalogue
from tests.printing.scripted import Clock, Desk, Wire, job, paper_of

if TYPE_CHECKING:
    import serial

QUICK = Patience(connect=1.0, answer=0.4, settle=0.6, line=0.0, poll=0.05, longest=1.5)
A, B = job("A"), job("B")
SETTINGS = {
    "lan": {"host": "127.0.0.1", "port": "9100"},
    "usb": {"path": "/dev/nowhere/lp0"},
    "serial": {"port": "/dev/nowhere", "speed": "9600", "flow": "dsr"},
    "spooler": {"queue": "Kitchen"},
    "cups": {"queue": "kitchen"},
}
CLOUDS = {"feie", "yilianyun"}  # proved in their own tests
on_unix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals and runs no scripts as programs"
)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_kind_says_what_it_asks_for_and_makes_a_device(name: str) -> None:
    kind = KINDS[name]
    texts = [kind.title, kind.note, *(text for field in kind.fields for text in (field.title, field.help))]
    assert [text for text in texts if text and text not in catalogue("zh")] == []
    assert {field.name for field in kind.fields} >= SETTINGS[name].keys()
    assert kind.address(SETTINGS[name])
    device: Device = kind.open(SETTINGS[name], kind.dialects[0], Profile(), False)
    assert device.status is None
    assert device.acknowledges == device.profile.acknowledges


def test_every_kind_is_listed() -> None:
    assert set(KINDS) == SETTINGS.keys() | CLOUDS
    assert all(KINDS[name].name == name for name in KINDS)
    assert len(KINDS) == 7


@pytest.mark.parametrize("name", SETTINGS)
def test_without_an_address_no_device_is_made(name: str) -> None:
    for empty in ({}, dict.fromkeys(SETTINGS[name], "  ")):
        with pytest.raises(ValueError, match="没有填"):
            KINDS[name].open(empty, "escpos", Profile(), False)


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "９１００", "1" * 30])
def test_a_port_that_is_none(port: str) -> None:
    with pytest.raises(ValueError, match="65535"):
        KINDS["lan"].open({"host": "127.0.0.1", "port": port}, "escpos", Profile(), False)


@pytest.mark.parametrize("name", ["usb", "serial"])
def test_a_cable_that_is_not_there_sends_nothing(name: str) -> None:
    device = KINDS[name].open(SETTINGS[name], "escpos", Profile(), False)
    assert device.print_ticket(A).kind is OutcomeKind.NOT_SENT
    with pytest.raises(UnreachableError):
        device.probe()


@contextmanager
def terminal() -> Iterator[tuple[int, str]]:
    """The printer's end of a cable, raw, and the name of the computer's end."""
    import pty
    import tty

    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    try:
        yield ours, os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


@contextmanager
def printer_at(desk: Desk, end: int) -> Iterator[None]:
    """Let a scripted printer work at its end of a cable."""
    import select

    stop = threading.Event()

    def work() -> None:
        wire = Wire(desk)
        while not stop.is_set():
            if select.select([end], [], [], 0.01)[0]:
                desk.receive(os.read(end, 4096))
            if wire.replies:
                os.write(end, wire.replies)
                wire.replies.clear()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def connections() -> dict[str, Callable[[str], Connection]]:
    return {
        "usb": usb.connect,
        "serial xon": lambda path: serial_port.connect(path, 115200, "xon"),
        "serial": lambda path: serial_port.connect(path, 9600, ""),
    }


@on_unix
@pytest.mark.parametrize("way", connections())
@pytest.mark.parametrize("level", ["process_id", "status", "none"])
def test_a_cable_carries_jobs_and_answers(way: str, level: str) -> None:
    desk = Desk(Clock(), level)
    with terminal() as (end, path), printer_at(desk, end):
        device = WiredPrinter(lambda _: connections()[way](path), path, Profile(), patience=QUICK)
        assert device.probe().acknowledges == level
        expected = OutcomeKind.SENT if level == "none" else OutcomeKind.CONFIRMED
        assert [device.print_ticket(payload).kind for payload in (A, B)] == [expected] * 2
        until(lambda: len(desk.pieces) == 2)
        status = device.query_status()
    assert desk.pieces == [paper_of(A), paper_of(B)]
    assert status is not None
    assert status.ready


@on_unix
def test_a_printer_that_takes_no_more_on_its_cable() -> None:
    """Nobody reads at the other end, as with a printer that said XOFF or is switched off."""
    with terminal() as (_, path):
        device = WiredPrinter(lambda _: usb.connect(path), path, Profile("none"), patience=QUICK)
        device.print_ticket(A)  # the cable's own buffer takes a short one
        outcome = device.print_ticket(bytes(1 << 20))
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.status is not None
    assert not outcome.status.online


@on_unix
@pytest.mark.parametrize("way", connections())
def test_stop_ends_a_wait_on_a_cable(way: str) -> None:
    patience = Patience(answer=0.4, settle=60.0, longest=60.0)
    desk = Desk(Clock(), "process_id")
    desk.paper = 1
    with terminal() as (end, path), printer_at(desk, end):
        device = WiredPrinter(
            lambda _: connections()[way](path), path, Profile("process_id", answers=(1,)), patience=patience
        )
        outcomes: list[OutcomeKind] = []
        thread = threading.Thread(target=lambda: outcomes.append(device.print_ticket(A).kind))
        thread.start()
        until(lambda: desk.paper_out)
        device.stop()
        thread.join()
        assert outcomes == [OutcomeKind.UNKNOWN]
        assert device.print_ticket(A).kind is OutcomeKind.NOT_SENT


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.002)


class FakePort:
    """What PortConnection and SignalConnection use of a serial port. It takes `room` bytes, then blocks until cancelled."""

    def __init__(self, descriptor: int = -1) -> None:
        self.descriptor = descriptor
        self.room = 1 << 20
        self.taken = b""
        self.incoming = b""
        self.out_waiting = 0
        self.dsr = True
        self.closed = False
        self._cancelled = threading.Event()

    @property
    def in_waiting(self) -> int:
        return len(self.incoming)

    def read(self, size: int) -> bytes:
        found, self.incoming = self.incoming[:size], self.incoming[size:]
        return found

    def write(self, payload: bytes) -> int:
        part = payload[: self.room]
        self.room -= len(part)
        self.taken += part
        if len(part) < len(payload):
            assert self._cancelled.wait(60)
            self._cancelled.clear()
        return len(part)

    def cancel_write(self) -> None:
        self._cancelled.set()

    def reset_output_buffer(self) -> None:
        self.out_waiting = 0

    def fileno(self) -> int:
        return self.descriptor

    def close(self) -> None:
        self.closed = True


def test_a_port_without_descriptor_tells_how_much_it_took() -> None:
    port = FakePort()
    connection = PortConnection(port)
    port.room = 10
    assert connection.write(memoryview(b"a" * 40), 0.05) == 10
    assert connection.write(memoryview(b"a" * 40), 0.05) == 0
    port.room = 100
    assert connection.write(memoryview(b"b" * 40), 0.5) == 40
    assert port.taken == b"a" * 10 + b"b" * 40
    port.incoming = b"\x12\x12"
    assert (connection.read(0.5), connection.read(0.0)) == (b"\x12\x12", b"")
    port.out_waiting = 3
    with pytest.raises(TimeoutError):
        connection.finish(0.01)
    connection.hang_up()
    with pytest.raises(ConnectionError):
        connection.read(1.0)
    connection.close()
    assert port.closed


@on_unix
def test_dsr_is_heeded_a_little_at_a_time() -> None:
    with terminal() as (end, path):
        fake = FakePort(os.open(path, os.O_RDWR | os.O_NOCTTY))
        port: serial.Serial = fake
        connection = SignalConnection(port, heeds_dsr=True)
        assert connection.write(memoryview(b"a" * 100), 0.05) == serial_port.SPARE
        fake.dsr = False
        assert connection.write(memoryview(b"a" * 100), 0.05) == 0
        fake.dsr, fake.out_waiting = True, 5
        assert connection.write(memoryview(b"a" * 100), 0.05) == 0
        with pytest.raises(TimeoutError):
            connection.finish(0.05)
        assert os.read(end, 100) == b"a" * serial_port.SPARE
        connection.close()
        os.close(fake.descriptor)
    assert fake.closed
    assert fake.out_waiting == 0
