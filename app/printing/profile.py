"""What one printer can do: found by asking at set-up, completed by a person's three answers, stored with the printer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from app.printing.conversation import Conversation, Proof

RESET = b"\x1b@"  # ESC @ drops the unprinted row: letters that an odd clone made of a question
ASK_MAKER, ASK_MODEL = b"\x1dIB", b"\x1dIC"  # GS I 66 and 67, answered by 5F ... 00
QUESTIONS = (1, 2, 3, 4)  # of DLE EOT


class Acknowledges(StrEnum):
    """The best proof of printing that a printer can give."""

    PROCESS_ID = "process_id"  # GS ( H: the paper carries it
    STATUS = "status"  # GS r, answered in print order
    NONE = "none"  # bytes were accepted, nothing more


@dataclass(frozen=True, slots=True)
class Profile:
    """What one printer can do; the defaults are a common Chinese 80 mm model that nobody has asked yet.

    `acknowledges` is a value of Acknowledges, "" before the first probe. `answers`: the DLE EOT questions it is known to
    answer, empty until asked; silence on one of these means trouble. `clears`: it deletes what it has not printed when told
    to (DLE DC4 8). The last three a person reads off the settings page; `rom` "none": draw whatever is not ASCII.
    """

    acknowledges: str = ""
    maker: str = ""
    model: str = ""
    clears: bool = False
    answers: tuple[int, ...] = ()
    rom: Literal["gbk", "none"] = "gbk"
    buzzer: Literal["esc_b", "epson", "drawer", "none"] = "esc_b"
    cuts: bool = True


def examine(talk: Conversation, known: Profile) -> Profile:
    """Ask a ready printer everything that can be asked; what only a person can see stays as `known`. Raises OSError.

    Prints nothing on printers that know the questions; a settings page should follow for those that do not. An unanswered
    question costs `patience.answer`.
    """
    answers = tuple(question for question in QUESTIONS if talk.ask(question) is not None)
    maker, model = _name(talk, ASK_MAKER), _name(talk, ASK_MODEL)
    level = acknowledgement(talk)
    found = replace(known, acknowledges=level, maker=maker, model=model, clears=talk.clear(), answers=answers)
    talk.write(RESET, talk.patience.answer)
    return found


def acknowledgement(talk: Conversation) -> Acknowledges:
    """Ask a ready printer for the best proof that it gives, printing nothing. Raises OSError.

    A clone that does not know GS ( H takes its parameters for letters; the ESC @ that follows drops them unprinted.
    """
    by_status = Proof.by_status(talk.memory.behind)
    for level, proof in ((Acknowledges.PROCESS_ID, Proof.by_process_id()), (Acknowledges.STATUS, by_status)):
        talk.write(RESET, talk.patience.answer)
        talk.prove(proof)
        if talk.proved_within(talk.patience.answer):
            return level
        talk.write(RESET, talk.patience.answer)
    return Acknowledges.NONE


def _name(talk: Conversation, question: bytes) -> str:
    """The answer to a GS I question as text; "" when there is none."""
    talk.write(RESET + question, talk.patience.answer)
    block = talk.block_within(talk.patience.answer)
    talk.write(RESET, talk.patience.answer)
    return (block or b"").decode("ascii", "replace").strip()
