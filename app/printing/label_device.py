"""Label printers (TSPL): status before a job and after it until the printer is ready again. They confirm nothing.

ESC ! ? (`1B 21 3F`) is answered at once by one byte of bits: 01 head open, 02 jam, 04 no paper, 08 no ribbon, 10 pause,
20 printing, 80 other error. Recalled from general knowledge, not verified on a printer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from app.printing.conversation import Talk
from app.printing.device import Dialect, Outcome, OutcomeKind, allowance, ended
from app.printing.profile import Acknowledges, Profile
from app.printing.status import PrinterStatus
from app.texts import tr

ASK = b"\x1b!?"
PRINTING = 0x20
END_LINE = b"\r\n"  # ends a half command of a broken job
QUESTION = 1  # the number this question has in `Profile.answers`


@dataclass(slots=True)
class LabelTalk(Talk):
    """One connection on which TSPL is spoken."""

    printing: bool = False  # as of the last answer

    def ask_status(self) -> PrinterStatus | None:
        """ESC ! ?; None when it is not answered."""
        self.listen(0)
        self.write(ASK, self.patience.answer)
        answer = self.listen(self.patience.answer)
        if not answer:
            self.memory.missed[QUESTION] += 1
            return None
        self.memory.missed[QUESTION] = 0
        self.printing = bool(answer[-1] & PRINTING)
        self.learn(PrinterStatus.of_label_printer(answer[-1]))
        return self.status

    def listen(self, seconds: float) -> bytes:
        """What the printer says within `seconds`; it speaks only when asked."""
        return self.channel.read(seconds)


def deliver(talk: LabelTalk, job: bytes, profile: Profile) -> Outcome:
    """Send one job and watch until the printer is ready again: SENT at best. Trouble on the way is UNKNOWN."""
    try:
        outcome = _delivered(talk, job, profile)
    except OSError as error:
        outcome = ended(talk, error)
    if outcome.kind is not OutcomeKind.NOT_SENT:
        talk.memory.torn = outcome.kind is OutcomeKind.UNKNOWN
    return outcome


def acknowledgement(_talk: LabelTalk) -> Acknowledges:
    """No label printer says that a label is printed."""
    return Acknowledges.NONE


def examine(talk: LabelTalk, known: Profile) -> Profile:
    """Whether the status question is answered. Raises OSError."""
    answers = () if talk.ask_status() is None else (QUESTION,)
    return replace(known, acknowledges=Acknowledges.NONE, clears=False, answers=answers)


def _delivered(talk: LabelTalk, job: bytes, profile: Profile) -> Outcome:
    before = None if talk.memory.is_ignored(QUESTION) else talk.ask_status()
    if before is None and QUESTION in profile.answers:
        return Outcome(OutcomeKind.NOT_SENT, tr("The printer does not answer"), talk.status)
    if before is not None and not before.ready:
        return Outcome(OutcomeKind.NOT_SENT, before.text, before)
    talk.push(END_LINE + job if talk.memory.torn else job)
    return _watched(talk, allowance(job, talk.patience)) if before else Outcome(OutcomeKind.SENT)


def _watched(talk: LabelTalk, allowed: float) -> Outcome:
    """Ask until it is ready: seen printing before, or for a whole `poll`, for it may not have begun when first asked."""
    patience = talk.patience
    start = time.monotonic()
    began = False
    while True:
        status = talk.ask_status()
        if status is None:
            return Outcome(OutcomeKind.UNKNOWN, tr("The printer stopped answering"), talk.status)
        if not status.ready:
            words = tr("{trouble}; the rest may still come out once that is mended", trouble=status.text)
            return Outcome(OutcomeKind.UNKNOWN, words, status)
        began = began or talk.printing
        waited = time.monotonic() - start
        if not talk.printing and (began or waited > patience.poll):
            return Outcome(OutcomeKind.SENT, "", status)
        if waited > max(allowed, patience.longest):
            return Outcome(OutcomeKind.UNKNOWN, tr("The printer did not finish the label"), status)
        talk.listen(patience.poll / 4)


TSPL = Dialect(LabelTalk, deliver, acknowledgement, examine)
