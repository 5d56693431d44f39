"""How one job is delivered so that its outcome is the truth: status before bytes, acknowledgement after, nothing resent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from app.printing.conversation import Conversation, Patience, Proof
from app.printing.encoder import CLEAR_TORN
from app.printing.status import PrinterStatus
from app.texts import tr


class Acknowledges(StrEnum):
    """The best proof of printing that a printer can give."""

    PROCESS_ID = "process_id"  # GS ( H: the paper carries it
    STATUS = "status"  # GS r, answered in print order
    NONE = "none"  # bytes were accepted, nothing more


class OutcomeKind(StrEnum):
    """What became of a job."""

    CONFIRMED = "confirmed"  # the printer said so
    SENT = "sent"  # every byte was accepted by a printer that cannot say more
    NOT_SENT = "not_sent"  # no byte of the job left this computer: safe to try again
    UNKNOWN = "unknown"  # something left and nobody can say what came out: only a marked copy may follow


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job; `reason` is for staff, `status` the printer's last word (None if it said nothing)."""

    kind: OutcomeKind
    reason: str = ""
    status: PrinterStatus | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a printer can tell, found by asking; `status` is None when it answers no status question."""

    acknowledges: Acknowledges
    status: PrinterStatus | None

    @property
    def text(self) -> str:
        """One line for the settings page."""
        words = {
            Acknowledges.PROCESS_ID: tr("Confirms every ticket"),
            Acknowledges.STATUS: tr("Confirms tickets by its status"),
            Acknowledges.NONE: tr("Cannot confirm tickets"),
        }
        return " · ".join(filter(None, (words[self.acknowledges], self.status.text if self.status else "")))


def deliver(talk: Conversation, job: bytes, acknowledges: str, after_torn: bool = False) -> Outcome:
    """Send one job and find out what became of it; what printers and networks do is an outcome, never an exception.

    `acknowledges` is a value of Acknowledges, or "" for a printer never probed. `after_torn` first cuts off what a
    broken job left on the paper.
    """
    torn = CLEAR_TORN if after_torn and not job.startswith(CLEAR_TORN) else b""
    try:
        if refusal := _refusal(talk, acknowledges):
            return Outcome(OutcomeKind.NOT_SENT, refusal, talk.status)
        proof = _proof(acknowledges, talk)
        talk.push(torn + job, proof)
        return _awaited(talk, allowance(job, talk.patience), bool(acknowledges)) if proof.question else _sent(talk)
    except OSError as error:
        kind = OutcomeKind.UNKNOWN if talk.pushed else OutcomeKind.NOT_SENT
        return Outcome(kind, tr("The connection to the printer broke: {error}", error=error), talk.status)


def allowance(job: bytes, patience: Patience) -> float:
    """Seconds an ordinary printer may take for `job`: by its line feeds, and by drawn dots at 34 rows of 72 bytes a line."""
    return patience.settle + patience.line * (job.count(b"\n") + len(job) // (72 * 34))


def probe(talk: Conversation) -> Capabilities:
    """Ask a printer what it can acknowledge, printing nothing. Raises OSError when the connection breaks.

    A clone that does not know GS ( H takes its parameters for letters; the ESC @ that follows drops them unprinted.
    """
    status = talk.ask_status()
    for level, proof in ((Acknowledges.PROCESS_ID, Proof.by_process_id()), (Acknowledges.STATUS, Proof.by_status())):
        talk.push(b"\x1b@", proof)
        if _proved_within(talk, talk.patience.answer):
            return Capabilities(level, status)
        talk.push(b"\x1b@", Proof())
    return Capabilities(Acknowledges.NONE, status)


def _refusal(talk: Conversation, acknowledges: str) -> str:
    """Why the job must not be sent now; "" when it may. Only a printer known to answer is refused for its silence."""
    if acknowledges == Acknowledges.NONE and 1 in talk.silent_on:
        return ""
    status = talk.ask_status()
    if status is None:
        talk.silent_on.add(1)
        return "" if acknowledges in ("", Acknowledges.NONE) else tr("The printer does not answer")
    talk.silent_on.discard(1)
    return "" if status.ready else status.text


def _proof(acknowledges: str, talk: Conversation) -> Proof:
    if acknowledges == Acknowledges.PROCESS_ID:
        return Proof.by_process_id()
    unprobed_but_answering = not acknowledges and talk.status is not None
    return Proof.by_status() if acknowledges == Acknowledges.STATUS or unprobed_but_answering else Proof()


def _awaited(talk: Conversation, allowed: float, probed: bool) -> Outcome:
    """Wait for the proof: as long as the ticket deserves, three times that while ready, to the end while paper is out."""
    patience = talk.patience
    start = last = time.monotonic()
    worked = 0.0  # seconds during which the printer could have printed
    while not _proved_within(talk, min(patience.poll, allowed)):
        status = talk.ask_status()
        if talk.proved:
            break
        now = time.monotonic()
        worked += now - last if status is None or status.ready else 0.0
        last = now
        if worked > (allowed if status is None else 3 * allowed) or now - start > patience.longest:
            return _given_up(talk, status, probed)
    return Outcome(OutcomeKind.CONFIRMED, "", talk.status)


def _given_up(talk: Conversation, status: PrinterStatus | None, probed: bool) -> Outcome:
    if status is None:
        return Outcome(OutcomeKind.UNKNOWN, tr("The printer stopped answering"), talk.status)
    if not status.ready:
        reason = tr("{trouble}; the rest may still come out once that is mended", trouble=status.text)
        return Outcome(OutcomeKind.UNKNOWN, reason, status)
    if not probed:  # nobody ever saw this printer acknowledge anything: it is ready and took every byte
        return _sent(talk)
    return Outcome(OutcomeKind.UNKNOWN, tr("The printer did not confirm the ticket"), status)


def _sent(talk: Conversation) -> Outcome:
    return Outcome(OutcomeKind.SENT, "", talk.status)


def _proved_within(talk: Conversation, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not talk.proved and (left := until - time.monotonic()) > 0:
        talk.listen(left)
    return talk.proved
