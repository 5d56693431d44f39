"""How one job is delivered so that its outcome is the truth: status before bytes, acknowledgement after, nothing resent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.printing.conversation import Channel, Conversation, Memory, Patience, Proof, Talk
from app.printing.encoder import clear_torn
from app.printing.profile import Acknowledges, Profile, acknowledgement, examine
from app.printing.status import PrinterStatus
from app.texts import tr

__all__ = ["ESC_POS", "Acknowledges", "Capabilities", "Dialect", "Outcome", "OutcomeKind", "allowance", "deliver", "ended"]

T = TypeVar("T", bound=Talk)

FILLINGS = (1 << 12, 1 << 16)  # bytes; more than the largest picture that is sent in one command


class OutcomeKind(StrEnum):
    """What became of a job."""

    CONFIRMED = "confirmed"  # the printer said so
    SENT = "sent"  # every byte was accepted by a printer that cannot say more
    NOT_SENT = "not_sent"  # no byte of the job left this computer: safe to try again
    UNKNOWN = "unknown"  # something left and nobody can say what came out: only a marked copy may follow


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job; `reason` is for staff, `status` the printer's last word (None if it said nothing).

    `cleared`, with UNKNOWN: what did not print will never print by itself. `refused`, with NOT_SENT: the printer is well,
    it is this very job that was not taken.
    """

    kind: OutcomeKind
    reason: str = ""
    status: PrinterStatus | None = None
    cleared: bool = False
    refused: bool = False


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


@dataclass(frozen=True, slots=True)
class Dialect(Generic[T]):
    """What is done on a connection to a printer of one language. `deliver` answers an outcome for all that may happen.

    `acknowledgement` finds the best proof of printing, `examine` all that can be asked; they raise OSError.
    """

    converse: Callable[[Channel, Patience, Memory, Callable[[PrinterStatus], None] | None], T]
    deliver: Callable[[T, bytes, Profile], Outcome]
    acknowledgement: Callable[[T], Acknowledges]
    examine: Callable[[T, Profile], Profile]


def deliver(talk: Conversation, job: bytes, profile: Profile) -> Outcome:
    """Send one job and find out what became of it; what printers and networks do is an outcome, never an exception.

    First what a broken job left inside is deleted, where the printer can, and what it left on the paper is cut off.
    """
    memory = talk.memory
    try:
        outcome = _delivered(talk, job, profile)
    except OSError as error:
        outcome = ended(talk, error)
    if outcome.kind is not OutcomeKind.NOT_SENT:
        memory.torn = outcome.kind is OutcomeKind.UNKNOWN
        memory.waiting = memory.torn and not outcome.cleared
    return outcome


def ended(talk: Talk, error: OSError) -> Outcome:
    """The outcome of a job whose connection broke."""
    kind = OutcomeKind.UNKNOWN if talk.pushed else OutcomeKind.NOT_SENT
    return Outcome(kind, tr("The connection to the printer broke: {error}", error=error), talk.status)


def allowance(job: bytes, patience: Patience) -> float:
    """Seconds an ordinary printer may take for `job`: by its line feeds, and by drawn dots at 34 rows of 72 bytes a line."""
    return patience.settle + patience.line * (job.count(b"\n") + len(job) // (72 * 34))


def _delivered(talk: Conversation, job: bytes, profile: Profile) -> Outcome:
    memory = talk.memory
    memory.catch_up(talk.patience.longest)
    if memory.waiting and profile.clears:
        memory.waiting = not _cleared(talk)
    if refusal := _refusal(talk, profile) or _unfinished(talk, profile):
        return Outcome(OutcomeKind.NOT_SENT, refusal, talk.status)
    torn = clear_torn(profile)
    talk.push(torn + job if memory.torn and not job.startswith(torn) else job)
    proof = _proof(talk, profile.acknowledges)
    talk.prove(proof)
    return _awaited(talk, allowance(job, talk.patience), profile) if proof.question else _sent(talk)


def _refusal(talk: Conversation, profile: Profile) -> str:
    """Why the job must not be sent now; "" when it may. Only a printer known to answer is refused for its silence."""
    status = None if talk.memory.is_ignored(1) else talk.ask_status()
    if status is not None:
        return "" if status.ready else status.text
    answers = 1 not in profile.answers
    if answers and profile.acknowledges not in ("", Acknowledges.NONE):  # a board that ignores only this question
        answers = _is_caught_up(talk, profile.acknowledges)
    return "" if answers else tr("The printer does not answer")


def _unfinished(talk: Conversation, profile: Profile) -> str:
    """Why the job must wait for the end of a broken one; "" when that is over.

    A picture that was cut short takes what follows for its dots, so zeros, which mean nothing elsewhere, fill it up until
    a question is understood: else this job would lose its first lines and still be confirmed.
    """
    if not talk.memory.torn or profile.acknowledges in ("", Acknowledges.NONE):
        return ""
    talk.prove(_question(talk, profile.acknowledges))
    for zeros in FILLINGS:
        if talk.proved_within(talk.patience.settle):
            return ""
        talk.write(bytes(zeros), talk.patience.longest)
        talk.repeat()
    return "" if talk.proved_within(talk.patience.settle) else tr("The printer has not finished an earlier ticket")


def _is_caught_up(talk: Conversation, acknowledges: str) -> bool:
    """Whether an idle printer answers at all in print order."""
    talk.prove(_question(talk, acknowledges))
    return talk.proved_within(talk.patience.answer)


def _question(talk: Conversation, acknowledges: str) -> Proof:
    """What proves that the last job is over; answers to earlier questions of this sort prove it as well."""
    by_id = acknowledges == Acknowledges.PROCESS_ID
    return Proof.by_process_id() if by_id else Proof.by_status(talk.memory.behind)


def _proof(talk: Conversation, acknowledges: str) -> Proof:
    if acknowledges == Acknowledges.PROCESS_ID:
        return Proof.by_process_id()
    unprobed_but_answering = not acknowledges and talk.status is not None and not talk.memory.owed
    by_status = acknowledges == Acknowledges.STATUS or unprobed_but_answering
    return Proof.by_status(talk.memory.owed) if by_status else Proof()


def _awaited(talk: Conversation, allowed: float, profile: Profile) -> Outcome:
    """Wait for the proof: as long as the ticket deserves, three times that while ready, to the end while paper is out."""
    patience = talk.patience
    start = last = time.monotonic()
    worked = 0.0  # seconds during which the printer could have printed
    while not talk.proved_within(min(patience.poll, allowed)):
        status = None if talk.memory.is_ignored(1) else talk.ask_status()
        if talk.proved:
            break
        if status is None and 1 in profile.answers:  # full and stopped, or without power: nobody can tell which
            talk.learn_busy()
        now = time.monotonic()
        worked += now - last if status is None or status.ready else 0.0
        last = now
        if worked > (allowed if status is None else 3 * allowed) or now - start > patience.longest:
            return _given_up(talk, status, profile)
    return _confirmed(talk)


def _given_up(talk: Conversation, status: PrinterStatus | None, profile: Profile) -> Outcome:
    cleared = profile.clears and _cleared(talk)
    if talk.proved:  # it came while the rest was deleted: there was none
        return _confirmed(talk)
    if status is None:
        return Outcome(OutcomeKind.UNKNOWN, tr("The printer stopped answering"), talk.status, cleared)
    if not status.ready:
        return Outcome(OutcomeKind.UNKNOWN, _stuck(status, cleared), status, cleared)
    if not profile.acknowledges:  # nobody ever saw this printer acknowledge anything: it is ready and took every byte
        return _sent(talk)
    return Outcome(OutcomeKind.UNKNOWN, tr("The printer did not confirm the ticket"), status, cleared)


def _cleared(talk: Conversation) -> bool:
    if cleared := talk.clear():
        talk.memory.past_at = time.monotonic()
    return cleared


def _stuck(status: PrinterStatus, cleared: bool) -> str:
    if cleared:
        return tr("{trouble}; what had not come out was deleted", trouble=status.text)
    return tr("{trouble}; the rest may still come out once that is mended", trouble=status.text)


def _confirmed(talk: Conversation) -> Outcome:
    talk.memory.past_at = time.monotonic()
    return Outcome(OutcomeKind.CONFIRMED, "", talk.status)


def _sent(talk: Talk) -> Outcome:
    return Outcome(OutcomeKind.SENT, "", talk.status)


ESC_POS = Dialect(Conversation, deliver, acknowledgement, examine)
