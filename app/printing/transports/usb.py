"""Printers on a USB cable, through the device file that Linux makes for each of them.

Windows and macOS make none: there the same printer is reached through its queue (kinds "spooler" and "cups"). A library
that talks to the USB bus itself would have to take the printer away from the system's own driver, so none is used.
Recalled of Linux' usblp, not verified on a printer: it is writable again once the last transfer has ended, closing drops a
transfer that has not, and reading may answer nothing at all without being at an end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from app.printing.kinds import Device, Field, PrinterKind, required
from app.printing.profile import Profile
from app.printing.transports.descriptor import DescriptorConnection
from app.printing.transports.wired import Connection, WiredPrinter
from app.texts import N_, tr

FIRST = "/dev/usb/lp0"


def connect(path: str) -> Connection:
    """Open the device file. Raises OSError."""
    if sys.platform == "win32":
        raise OSError(tr("Windows has no device files: choose a Windows printer instead"))
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    return DescriptorConnection(descriptor, lambda: os.close(descriptor))


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    path = required(settings, "path")
    return WiredPrinter(lambda _: connect(path), path, profile, dialect, torn)


KIND = PrinterKind(
    name="usb",
    title=N_("USB printer (Linux)"),
    fields=(Field("path", N_("Device file"), N_("You may have to join the group lp to be let in"), default=FIRST),),
    dialects=("escpos", "tspl"),
    open=_open,
    address=lambda settings: settings.get("path", "").strip(),
    note=N_("On Windows choose a Windows printer, on a Mac a CUPS printer: they have no such file, and cannot confirm."),
)
