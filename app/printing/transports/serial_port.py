"""Printers on a serial cable. The printer stops us by DTR (our DSR) or by XOFF, as its switches or its self-test say.

Linux and macOS know XON/XOFF but not DSR: there this module looks at DSR itself and hands over a little at a time. The
spare room of a printer that says busy (16 bytes at least) is recalled from general knowledge, not verified.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from app.printing.conversation import ChannelClosedError
from app.printing.kinds import Device, Field, PrinterKind, number, required
from app.printing.profile import Profile
from app.printing.transports.descriptor import NO_HURRY, SLICE, DescriptorConnection
from app.printing.transports.wired import Connection, WiredPrinter
from app.texts import N_, tr

if TYPE_CHECKING:
    import serial

SPEEDS = (9600, 19200, 38400, 57600, 115200)
DSR, XON = "dsr", "xon"
SPARE = 16  # bytes a printer still takes after saying that it is busy
PIECE = 64  # bytes handed over at a time where a write is ended by a clock


class Port(Protocol):
    """What is used of pyserial's Serial where there is no descriptor. It waits SLICE seconds for a first byte."""

    @property
    def in_waiting(self) -> int: ...
    @property
    def out_waiting(self) -> int: ...

    def read(self, size: int) -> bytes: ...
    def write(self, payload: bytes) -> int: ...
    def cancel_write(self) -> None: ...
    def close(self) -> None: ...


class PortConnection:
    """A port that can only be used through pyserial, as on Windows, whose driver obeys DSR and XOFF itself."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._gone = False

    def write(self, payload: memoryview, timeout: float) -> int:
        """pyserial forgets how much it wrote when its own time-out strikes, but not when it is cancelled."""
        self._require_open()
        clock = threading.Timer(timeout, self._port.cancel_write)
        clock.start()
        try:
            return self._port.write(bytes(payload[:PIECE]))
        finally:
            clock.cancel()
            clock.join()

    def read(self, timeout: float) -> bytes:
        until = time.monotonic() + timeout
        while True:
            self._require_open()
            if waiting := self._port.in_waiting:
                return self._port.read(waiting)
            if time.monotonic() >= until:
                return b""
            if first := self._port.read(1):
                return first

    def finish(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        while self._port.out_waiting:
            self._require_open()
            if time.monotonic() > until:
                raise TimeoutError(tr("the printer takes no more data"))
            time.sleep(NO_HURRY)

    def hang_up(self) -> None:
        self._gone = True
        self._port.cancel_write()

    def close(self) -> None:
        self._port.close()

    def _require_open(self) -> None:
        if self._gone:
            raise ChannelClosedError(tr("The console is closing"))


class SignalConnection(DescriptorConnection):
    """A port of a Unix system. `heeds_dsr`: hand over only while the printer says that it can take more."""

    def __init__(self, port: serial.Serial, heeds_dsr: bool) -> None:
        self._port = port
        is_clear, most = (self._may_send, SPARE) if heeds_dsr else (lambda: True, 4096)
        super().__init__(port.fileno(), port.close, is_clear, most)

    def finish(self, timeout: float) -> None:
        """Wait until the last byte is on the cable."""
        if not self._waited(lambda _: self._is_drained(), timeout):
            raise TimeoutError(tr("the printer takes no more data"))

    def close(self) -> None:
        """Drop what the printer did not take: closing would wait for it."""
        import termios  # here, because Windows has none

        with suppress(OSError, termios.error):  # the cable may be gone
            if self._port.out_waiting:
                self._port.reset_output_buffer()
        super().close()

    def _may_send(self) -> bool:
        return bool(self._port.dsr) and not self._port.out_waiting

    def _is_drained(self) -> bool:
        if self._port.out_waiting:
            time.sleep(NO_HURRY)
            return False
        return True


def connect(name: str, speed: int, flow: str) -> Connection:
    """Open a port: 8 data bits, no parity, one stop bit, as almost every printer leaves the factory. Raises OSError."""
    import serial  # here, because whoever has no serial printer need not load it

    port = serial.Serial(name, speed, timeout=SLICE, xonxoff=flow == XON, dsrdtr=flow == DSR, exclusive=True)
    return PortConnection(port) if sys.platform == "win32" else SignalConnection(port, flow == DSR)


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    name, speed = required(settings, "port"), number(settings, "speed", SPEEDS[0], SPEEDS[-1])
    flow = settings.get("flow", "") or DSR
    return WiredPrinter(lambda _: connect(name, speed, flow), name, profile, dialect, torn)


KIND = PrinterKind(
    name="serial",
    title=N_("Serial printer"),
    fields=(
        Field("port", N_("Serial port"), N_("For example COM3, or /dev/ttyUSB0 on Linux")),
        Field(
            "speed",
            N_("Speed"),
            N_("As the printer's self-test says"),
            default=str(SPEEDS[0]),
            choices=tuple((str(speed), str(speed)) for speed in SPEEDS),
        ),
        Field(
            "flow",
            N_("How it asks for a pause"),
            N_("As the printer's self-test says"),
            default=DSR,
            choices=((DSR, "DTR/DSR"), (XON, "XON/XOFF")),
        ),
    ),
    dialects=("escpos", "tspl"),
    open=_open,
    address=lambda settings: settings.get("port", "").strip(),
    note=N_("Slow: a ticket with drawn lines can take a minute at 9600."),
)
