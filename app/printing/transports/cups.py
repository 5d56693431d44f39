"""Printers behind CUPS (macOS, Linux), through its commands: raw bytes, no shell, and every job watched until it is gone.

That is not paper: what left the queue is SENT, never confirmed. What does not leave it in time is cancelled, because CUPS
keeps a job for ever and would print it unmarked once the printer is back. A queue that is stopped gets nothing at all.

From the sources of the commands (OpenPrinting/cups): `lpstat` acts on each option as it reads it, so -W and -l come first;
a job's line starts with queue-number in every language, reasons are keywords; `lp` translates its words, not the number.
Recalled: that CUPS calls a stopped queue "paused". Raw queues are deprecated in CUPS since 2.3 and may disappear; where
the printer has a network address, that is better.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.printing.device import Outcome, OutcomeKind
from app.printing.kinds import Device, Field, PrinterKind, required
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.printing.transports.queued import QueuedPrinter
from app.printing.transports.wired import UnreachableError
from app.texts import N_, tr

SLICE = 0.1  # seconds between two looks whether to stop
ANSWER = 10.0  # seconds that a question to CUPS may take

CONNECTS = 10.0  # seconds after which a printer that CUPS still connects to is called off line

# printer-state-reasons (RFC 8011), which carry -error, -warning or -report behind them
STOPPED = {"paused", "shutdown", "offline", "timed-out"}
CONNECTING = "connecting-to-device"
PAPER_OUT = {"media-empty", "media-needed"}
COVER = {"cover-open", "door-open", "interlock-open"}
JAM = {"media-jam"}
LOW = {"media-low"}
_REASONS = re.compile(r"\s+[^:：]*[:：]\s*([a-z-]+(?: [a-z-]+)*)")  # a line of keywords, whatever it is called
_SEVERITY = re.compile(r"-(error|warning|report)$")
_REQUEST = re.compile(r"\S+-(\d+)(?![\d-])")


class Said(NamedTuple):
    """What a command said until its end; `code` None: it had to be ended, and nobody knows what it did."""

    code: int | None
    out: str = ""
    complaint: str = ""


class CupsPrinter(QueuedPrinter):
    """One destination of CUPS."""

    def query_status(self) -> PrinterStatus | None:
        """What CUPS says of the queue; None without `lpstat`. Raises UnreachableError when there is no such queue."""
        if self._turn.locked():
            return self.status
        try:
            with self._turn:
                return self._state()
        except OSError as error:
            words = tr("No connection to the printer at {host}: {error}", host=self.queue, error=error)
            raise UnreachableError(words) from error

    def _look(self) -> None:
        _program("lp")
        self._state()

    def _state(self, waited: float = 0.0) -> PrinterStatus | None:
        """How the queue is, for a job that `waited` seconds. Raises OSError when CUPS is down or knows no such queue."""
        if not shutil.which("lpstat"):
            return None
        said = self._run(["lpstat", "-l", "-p", self.queue])
        if said.code is None:
            raise TimeoutError(tr("CUPS does not answer"))
        if said.code:
            raise OSError(said.complaint)
        return status_of(said.out, waited > CONNECTS)

    def _hand_over(self, payload: bytes, title: str, heard: Callable[[PrinterStatus], None]) -> Outcome:
        try:
            if (status := self._state()) is not None:
                heard(status)
                if not status.ready:
                    return Outcome(OutcomeKind.NOT_SENT, status.text, status)
            said = self._run(["lp", "-d", self.queue, "-o", "raw", "-t", title], payload, self.patience.longest)
        except OSError as error:
            return Outcome(OutcomeKind.NOT_SENT, str(error))
        if said.code is None:
            return Outcome(OutcomeKind.UNKNOWN, tr("CUPS did not take the ticket in time, or the console was closing"))
        if said.code:
            return Outcome(OutcomeKind.NOT_SENT, tr("CUPS refused the ticket: {error}", error=said.complaint))
        if status is None:
            return Outcome(
                OutcomeKind.SENT, tr("There is no lpstat command here: nobody can see whether CUPS keeps the ticket")
            )
        if not (request := _REQUEST.search(said.out)):
            return Outcome(OutcomeKind.UNKNOWN, tr("CUPS took the ticket without giving it a number"))
        return self._watched(request[1], heard)

    def _watched(self, number: str, heard: Callable[[PrinterStatus], None]) -> Outcome:
        """Until the queue is rid of the job, or patience ends."""
        start = time.monotonic()
        pause = self.patience.poll / 20
        while True:
            jobs = self._run(["lpstat", "-W", "not-completed", "-l", "-o", self.queue])
            if jobs.code == 0 and _reasons(jobs.out, number) is None:
                return self._gone(number)
            waited = time.monotonic() - start
            self._hear(waited, heard)
            if waited > self.patience.longest or self._stopping.wait(pause):
                return self._withdrawn(number)
            pause = min(pause * 2, self.patience.poll)

    def _hear(self, waited: float, heard: Callable[[PrinterStatus], None]) -> None:
        try:
            if (status := self._state(waited)) is not None:
                heard(status)
        except OSError:  # a CUPS that is down for a moment still has the job
            return

    def _gone(self, number: str) -> Outcome:
        """CUPS keeps what became of a job, unless it was told not to."""
        ended = self._run(["lpstat", "-W", "completed", "-l", "-o", self.queue])
        reasons = _reasons(ended.out, number) or ""
        if "cancel" in reasons or "abort" in reasons:
            return Outcome(OutcomeKind.UNKNOWN, tr("The ticket was cancelled in the queue of CUPS"), self.status)
        return Outcome(OutcomeKind.SENT, "", self.status)

    def _withdrawn(self, number: str) -> Outcome:
        """Part of it may be on paper: CUPS does not say how far it got."""
        cancelled = self._run(["cancel", f"{self.queue}-{number}"], heeds_stop=False).code == 0
        words = tr("CUPS did not get rid of the ticket, which was deleted from its queue")
        if not cancelled:
            words = tr("CUPS did not get rid of the ticket and would not delete it: it may still print it")
        if self.status and self.status.text:
            words = tr("{trouble}; {then}", trouble=self.status.text, then=words)
        return Outcome(OutcomeKind.UNKNOWN, words, self.status)

    def _run(self, command: list[str], given: bytes = b"", longest: float | None = None, heeds_stop: bool = True) -> Said:
        """Run one command to its end, at most `longest` seconds (ANSWER). Raises OSError when it cannot be started."""
        pipe, until = subprocess.PIPE, time.monotonic() + (ANSWER if longest is None else longest)
        words = [_program(command[0]), *command[1:]]
        plain = {**os.environ, "LC_ALL": "C"}
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, env=plain) as running:  # noqa: S603 - no shell
            return _ended(running, given, until, self._stopping if heeds_stop else None)


def status_of(said: str, waited: bool = False) -> PrinterStatus:
    """What `lpstat -l -p` says of a queue. `waited`: too long for a printer that is only being connected to."""
    lines = [found[1].split() for line in said.splitlines() if (found := _REASONS.fullmatch(line))]
    reasons = {_SEVERITY.sub("", word) for line in lines for word in line}
    stopped = " disabled since " in said.partition("\n")[0]
    return PrinterStatus(
        online=not (stopped or reasons & STOPPED or (waited and CONNECTING in reasons)),
        paper_out=bool(reasons & PAPER_OUT),
        cover_open=bool(reasons & COVER),
        error=bool(reasons & JAM),
        paper_near_end=bool(reasons & LOW),
    )


def _reasons(listed: str, number: str) -> str | None:
    """The lines under a job in what `lpstat -l -o` lists; None when it lists no such job."""
    found: list[str] | None = None
    for line in listed.splitlines():
        if line[:1].strip():  # a job's own line starts at the left; what is told of it is moved in
            if found is not None:
                break
            found = [] if line.split()[0].rpartition("-")[2] == number else None
        elif found is not None:
            found.append(line)
    return None if found is None else "\n".join(found)


def _ended(running: subprocess.Popen[bytes], given: bytes, until: float, stopping: threading.Event | None) -> Said:
    unsent: bytes | None = given
    while True:
        try:
            out, complaint = running.communicate(unsent, timeout=SLICE)
            words = complaint.decode(errors="replace").strip() or str(running.returncode)
            return Said(running.returncode, out.decode(errors="replace"), words)
        except subprocess.TimeoutExpired:
            unsent = None  # it keeps what it was given
        if (stopping is not None and stopping.is_set()) or time.monotonic() > until:
            running.kill()
            running.communicate()
            return Said(None)


def _program(name: str) -> str:
    if not (found := shutil.which(name)):
        raise FileNotFoundError(tr("CUPS is not installed here: there is no {name} command", name=name))
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
