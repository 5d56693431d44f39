"""Printers behind CUPS (macOS, Linux), through its `lp` command: raw bytes, a destination, no shell.

Raw queues are deprecated in CUPS since 2.3 and may disappear; where the printer has a network address, that is better.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping

from app.printing.device import Outcome, OutcomeKind
from app.printing.kinds import Device, Field, PrinterKind, required
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.printing.transports.queued import QueuedPrinter
from app.texts import N_, tr

SLICE = 0.1  # seconds between two looks whether to stop


class CupsPrinter(QueuedPrinter):
    """One destination of CUPS."""

    def _look(self) -> None:
        _lp()

    def _hand_over(self, payload: bytes, title: str, heard: Callable[[PrinterStatus], None]) -> Outcome:
        command = ["-d", self.queue, "-o", "raw", "-t", title]
        pipe = subprocess.PIPE
        try:
            lp = subprocess.Popen([_lp(), *command], stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603 - no shell
        except OSError as error:
            return Outcome(OutcomeKind.NOT_SENT, str(error))
        with lp:
            said = self._ended(lp, payload)
        if said is None:
            return Outcome(OutcomeKind.UNKNOWN, tr("CUPS did not take the ticket in time, or the console was closing"))
        if lp.returncode:
            words = said.decode(errors="replace").strip() or str(lp.returncode)
            return Outcome(OutcomeKind.NOT_SENT, tr("CUPS refused the ticket: {error}", error=words))
        return Outcome(OutcomeKind.SENT)

    def _ended(self, lp: subprocess.Popen[bytes], payload: bytes) -> bytes | None:
        """What `lp` complained of until its end; None if it had to be ended, after which nobody knows what it did."""
        until = time.monotonic() + self.patience.longest
        unsent: bytes | None = payload
        while True:
            try:
                return lp.communicate(unsent, timeout=SLICE)[1]
            except subprocess.TimeoutExpired:
                unsent = None  # it keeps what it was given
            if self._stopping.is_set() or time.monotonic() > until:
                lp.kill()
                lp.communicate()
                return None


def _lp() -> str:
    if not (found := shutil.which("lp")):
        raise FileNotFoundError(tr("CUPS is not installed here: there is no lp command"))
    return found


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    return CupsPrinter(required(settings, "queue"), profile)


KIND = PrinterKind(
    name="cups",
    title=N_("CUPS printer (Mac, Linux)"),
    fields=(Field("queue", N_("Printer name"), N_("As lpstat -p shows it")),),
    dialects=("escpos", "tspl"),
    open=_open,
    address=lambda settings: settings.get("queue", "").strip(),
    note=N_("Cannot confirm tickets: its tickets are marked as sent, never as printed."),
)
