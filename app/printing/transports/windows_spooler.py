"""Printers that Windows knows, USB ones above all: a raw job goes into a queue and is watched until the queue is rid of it.

That is not paper: what left the queue is SENT, never confirmed. What does not leave it in time is taken out again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from app.printing.conversation import CHUNK, Patience
from app.printing.device import Outcome, OutcomeKind
from app.printing.kinds import Device, Field, PrinterKind, required
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.printing.transports.queued import QueuedPrinter
from app.printing.transports.winspool import Winspool
from app.texts import N_, tr

# JOB_STATUS bits
PAUSED, ERROR, DELETING, OFFLINE, PAPER_OUT, PRINTED = 0x1, 0x2, 0x4, 0x20, 0x40, 0x80
DELETED, BLOCKED, NEEDS_SOMEBODY, COMPLETE = 0x100, 0x200, 0x400, 0x1000
GONE = PRINTED | COMPLETE
BY_HAND = DELETING | DELETED
AUTO, RAW, XPS_PASS = "auto", "RAW", "XPS_PASS"


def spooler() -> Winspool:
    """This computer's spooler. Raises OSError anywhere but on Windows."""
    if sys.platform == "win32":
        from app.printing.transports.winspool import Spooler

        return Spooler()
    raise OSError(tr("Windows printers exist only on Windows"))


class WindowsPrinter(QueuedPrinter):
    """One Windows printer. `datatype` "auto" asks its driver."""

    def __init__(
        self,
        queue: str,
        profile: Profile,
        datatype: str = AUTO,
        patience: Patience | None = None,
        library: Callable[[], Winspool] = spooler,
    ) -> None:
        super().__init__(queue, profile, patience)
        self._datatype = datatype
        self._library = library

    def _look(self) -> None:
        library = self._library()
        library.close(library.open(self.queue))

    def _hand_over(self, payload: bytes, title: str, heard: Callable[[PrinterStatus], None]) -> Outcome:
        try:
            library = self._library()
            printer = library.open(self.queue)
        except OSError as error:
            words = tr("No connection to the printer at {host}: {error}", host=self.queue, error=error)
            return Outcome(OutcomeKind.NOT_SENT, words)
        try:
            return self._queued(library, printer, payload, title, heard)
        finally:
            with suppress(OSError):  # the job's end is known by now
                library.close(printer)

    def _queued(
        self, library: Winspool, printer: int, payload: bytes, title: str, heard: Callable[[PrinterStatus], None]
    ) -> Outcome:
        try:
            job = library.start(printer, title, self._kind_of_bytes(library, printer))
        except OSError as error:
            return Outcome(OutcomeKind.NOT_SENT, tr("Windows refused the ticket: {error}", error=error))
        try:
            _fill(library, printer, payload)
            library.end(printer)
            return self._watched(library, printer, job, heard)
        except OSError as error:  # a queue may print while it still fills
            with suppress(OSError):
                library.delete(printer, job)
            return Outcome(OutcomeKind.UNKNOWN, tr("Windows lost the ticket: {error}", error=error), self.status)

    def _kind_of_bytes(self, library: Winspool, printer: int) -> str:
        if self._datatype != AUTO:
            return self._datatype
        return XPS_PASS if library.is_xps(printer) else RAW

    def _watched(self, library: Winspool, printer: int, job: int, heard: Callable[[PrinterStatus], None]) -> Outcome:
        """Until the queue is rid of the job, somebody deleted it, or patience ends."""
        until = time.monotonic() + self.patience.longest
        pause = self.patience.poll / 20
        while True:
            bits = library.status(printer, job)
            if bits is None or bits & GONE:
                return Outcome(OutcomeKind.SENT, "", self.status)
            if bits & BY_HAND:
                return Outcome(OutcomeKind.UNKNOWN, tr("Somebody deleted the ticket from the Windows queue"), self.status)
            status = status_of(bits)
            heard(status)
            if time.monotonic() > until or self._stopping.wait(pause):
                library.delete(printer, job)
                return Outcome(OutcomeKind.UNKNOWN, _stuck(status), status)
            pause = min(pause * 2, self.patience.poll)


def status_of(bits: int) -> PrinterStatus:
    """What a job's bits say of the printer."""
    return PrinterStatus(
        online=not bits & (OFFLINE | PAUSED | BLOCKED),
        paper_out=bool(bits & PAPER_OUT),
        error=bool(bits & (ERROR | NEEDS_SOMEBODY)),
    )


def _stuck(status: PrinterStatus) -> str:
    words = tr("Windows did not get rid of the ticket, which was deleted from its queue")
    return tr("{trouble}; {then}", trouble=status.text, then=words) if status.text else words


def _fill(library: Winspool, printer: int, payload: bytes) -> None:
    view = memoryview(payload)
    while view:
        if not (taken := library.write(printer, bytes(view[:CHUNK]))):
            raise OSError(tr("the printer takes no more data"))
        view = view[taken:]


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    return WindowsPrinter(required(settings, "queue"), profile, settings.get("datatype", "") or AUTO)


KIND = PrinterKind(
    name="spooler",
    title=N_("Windows printer"),
    fields=(
        Field("queue", N_("Printer name"), N_("As Windows shows it under Printers")),
        Field(
            "datatype",
            N_("How Windows passes it on"),
            N_("Change this only if nothing comes out"),
            default=AUTO,
            required=False,
            choices=((AUTO, N_("As the driver wants it")), (RAW, RAW), (XPS_PASS, XPS_PASS)),
        ),
    ),
    dialects=("escpos", "tspl"),
    open=_open,
    address=lambda settings: settings.get("queue", "").strip(),
    note=N_("Cannot confirm tickets: its tickets are marked as sent, never as printed."),
)
