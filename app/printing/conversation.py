"""Questions to one printer and its answers, over any channel that carries bytes both ways."""

from __future__ import annotations

import itertools
import random
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from app.printing.status import PrinterStatus, Reply, ReplyKind, ReplyReader, is_status_head, process_id
from app.texts import tr

CHUNK = 4096  # bytes handed over at a time, so that replies are read in between
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8: delete everything not printed yet
TWICE, MOST_TIMES = 2, 250  # as often is GS r asked, so that stray answers prove nothing
CLEARED = b"\x37\x25\x00"  # its answer; nothing may be sent before

# Characters of a process id: none that a status could begin with, so that one between them is told apart.
MARKS = bytes(letter for letter in range(0x40, 0x70) if not is_status_head(letter))
_serial = itertools.count(random.randrange(len(MARKS) ** 4))  # noqa: S311 - to tell jobs apart, not a secret


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for things.

    `answer`: a status question. `settle` and, for every line, `line`: the acknowledgement, three times as long while the
    printer says that it is ready. `poll`: between status questions meanwhile. `longest`: the end of all waiting, also for
    somebody to load paper.
    """

    connect: float = 3.0
    answer: float = 0.7
    settle: float = 5.0
    line: float = 0.25
    poll: float = 1.0
    longest: float = 120.0


class ChannelClosedError(ConnectionError):
    """The printer ended the connection."""


class StalledError(TimeoutError):
    """The printer takes nothing more for now."""


class Channel(Protocol):
    """Bytes to and from one printer. Both calls raise OSError once the connection is gone."""

    def write(self, payload: memoryview, timeout: float) -> int:
        """Hand over what is taken within `timeout` seconds; answers the number of bytes, perhaps 0."""

    def read(self, timeout: float) -> bytes:
        """What arrives within `timeout` seconds, b"" if nothing does."""


@dataclass(slots=True)
class Memory:
    """What is kept of one printer from one connection to the next.

    `answers`: status questions it is known to answer. `torn`: a broken job may hang on the paper. `waiting`: the rest of it
    may still wait inside. `owed`: how many GS r are unanswered; their answers may come at any time, to anybody.
    `behind`: how many of these were asked before the end of the last job, and thus before any question after it.
    `past_at`: the moment (time.monotonic) at which all of them were past, so that answers could only still be on their way.
    """

    answers: tuple[int, ...] = ()
    torn: bool = False
    waiting: bool = False
    owed: int = 0
    behind: int = 0
    past_at: float | None = None
    missed: Counter[int] = field(default_factory=Counter)  # how often in a row a status question was ignored

    @classmethod
    def after_unknown(cls, answers: tuple[int, ...] = ()) -> Memory:
        """Of a printer whose last job has an unknown end."""
        return cls(answers, torn=True, waiting=True, owed=TWICE, behind=TWICE)

    def catch_up(self, seconds: float) -> None:
        """Forget what is owed once it had `seconds` to arrive."""
        if self.past_at is not None and time.monotonic() - self.past_at > seconds:
            self.owed, self.behind, self.past_at = 0, 0, None

    def count_asked(self, times: int, after_job: bool) -> None:
        """So many GS r are about to be sent; `after_job`: as the proof of a job."""
        self.owed, self.past_at = min(self.owed + times, MOST_TIMES), None
        self.behind = self.owed if after_job else self.behind

    def count_answer(self) -> None:
        """A GS r was answered, the oldest one that still could be."""
        self.owed, self.behind = max(0, self.owed - 1), max(0, self.behind - 1)

    def is_ignored(self, question: int) -> bool:
        """Whether asking is a waste of time: some clones answer DLE EOT 1 alone, or 1 and 4, or none."""
        return question not in self.answers and self.missed[question] >= (3 if question == 1 else 1)


@dataclass(frozen=True, slots=True)
class Proof:
    """Bytes to send after a job, and the reply to them that proves that the job was printed.

    `expected` is that reply if it is known to the last byte; `times`: how many such replies it takes.
    """

    question: bytes = b""
    answered_by: Callable[[Reply], bool] = lambda _: False
    expected: bytes = b""
    times: int = 1

    @property
    def nameless(self) -> bool:
        """Whether its answer fits any job."""
        return bool(self.question) and not self.expected

    @classmethod
    def by_process_id(cls) -> Proof:
        """GS ( H function 48 with an id never used before: answered when everything before it is on paper."""
        number, size = next(_serial), len(MARKS)
        mark = bytes(MARKS[number // size**place % size] for place in range(4))
        return cls(b"\x1d(H\x06\x0000" + mark, lambda reply: process_id(reply) == mark, b"\x37\x22" + mark + b"\0")

    @classmethod
    def by_status(cls, owed: int) -> Proof:
        """GS r 1: its answer comes in print order, and after the new roll when paper is out.

        It names no job, so it is asked, and must be answered, once more often than older answers may still come: answers
        keep their order, wherever the connections are that asked. Bits 2 and 3 say that paper is out: whoever says so
        has not printed the job.
        """
        times = min(max(owed + 1, TWICE), MOST_TIMES)
        return cls(b"\x1dr\x01" * times, lambda reply: reply.kind is ReplyKind.QUEUED and reply.raw[0] <= 0x03, times=times)


@dataclass(slots=True)
class Talk(ABC):
    """One connection, whatever language is spoken on it. Every call raises OSError when the connection breaks."""

    channel: Channel
    patience: Patience
    memory: Memory
    on_status: Callable[[PrinterStatus], None] | None = None
    status: PrinterStatus | None = None
    pushed: int = 0  # bytes of the present job that left this computer

    @abstractmethod
    def ask_status(self) -> PrinterStatus | None:
        """How the printer is; None when it does not answer."""

    @abstractmethod
    def listen(self, seconds: float) -> object:
        """Take in what the printer says within `seconds`."""

    def push(self, job: bytes) -> None:
        """Send a whole job. `pushed` counts what had left of it when it breaks."""
        self.pushed = 0
        for taken in self._poured(job, self.patience.longest):
            self.pushed += taken

    def write(self, question: bytes, longest: float) -> None:
        """Send a few bytes that are no part of a job. Raises StalledError when they are not taken for `longest` seconds."""
        for _ in self._poured(question, longest):
            pass

    def learn_busy(self) -> PrinterStatus:
        """The printer takes nothing: as far as staff are concerned it is offline."""
        busy = replace(self.status or PrinterStatus(), online=False)
        self.learn(busy)
        return busy

    def _poured(self, payload: bytes, longest: float) -> Iterator[int]:
        """Hand over `payload`, yielding how much was taken each time."""
        view = memoryview(payload)
        moved_at = time.monotonic()
        while view:
            taken = self.channel.write(view[:CHUNK], min(longest, self.patience.poll))
            view = view[taken:]
            if taken:
                moved_at = time.monotonic()
                yield taken
            else:
                self._stalled(time.monotonic() - moved_at, longest)

    def learn(self, status: PrinterStatus) -> None:
        """Remember the status and tell whoever listens, if it is news."""
        if status != self.status:
            self.status = status
            if self.on_status:
                self.on_status(status)

    def _stalled(self, seconds: float, longest: float) -> None:
        """Nothing was taken for `seconds`: no question gets through either, so this is all that staff can be told."""
        self.listen(0)
        if seconds > longest:
            raise StalledError(tr("the printer takes no more data"))
        if seconds > 2 * self.patience.poll:
            self.learn_busy()


@dataclass(slots=True)
class Conversation(Talk):
    """One connection on which ESC/POS is spoken."""

    _proof: Proof = field(default_factory=Proof)
    _missing: int = 0  # replies that the proof still lacks
    _asked: bool = False
    _cleared: bool = False
    _reader: ReplyReader = field(default_factory=ReplyReader)

    @property
    def proved(self) -> bool:
        """Whether the question of the last proof was answered."""
        return self._asked and self._missing == 0

    def ask_status(self) -> PrinterStatus | None:
        """DLE EOT 1, then 4 (paper) and, when offline, 2 (the cause) and 3 (which error); None when 1 is not answered.

        One at a time, because a reply does not say what it answers.
        """
        self.listen(0)
        try:
            answer = self.ask(1)
        except StalledError:
            return self.learn_busy()
        if answer is None:
            return None
        status = PrinterStatus().with_answer(1, answer)
        for question in (4,) if status.online else (4, 2, 3):
            useless = question == 3 and not status.error
            if not useless and not self.memory.is_ignored(question):
                answer = self.ask(question)
                status = status if answer is None else status.with_answer(question, answer)
        self.learn(status)
        return status

    def ask(self, question: int) -> int | None:
        """DLE EOT `question`; None when it is not answered in time."""
        self.write(bytes((0x10, 0x04, question)), self.patience.answer)
        until = time.monotonic() + self.patience.answer
        while (left := until - time.monotonic()) > 0:
            for reply in self.listen(left):
                if reply.kind is ReplyKind.REAL_TIME:
                    self.memory.missed[question] = 0
                    return reply.raw[0]
        self.memory.missed[question] += 1
        return None

    def prove(self, proof: Proof) -> None:
        """Send the proof's question. An answer that is here already belongs to an earlier one, and does not count."""
        self._asked = False
        self._reader.expected = proof.expected
        self.listen(0)
        self._proof, self._missing, self._asked = proof, proof.times, bool(proof.question)
        self.repeat()

    def repeat(self) -> None:
        """Send the question again, in case it was swallowed."""
        if self._proof.nameless:
            self.memory.count_asked(self._proof.times, after_job=bool(self.pushed))
        self.write(self._proof.question, self.patience.longest)

    def proved_within(self, seconds: float) -> bool:
        """Wait for the proof."""
        until = time.monotonic() + seconds
        while not self.proved and (left := until - time.monotonic()) > 0:
            self.listen(left)
        return self.proved

    def clear(self) -> bool:
        """Delete everything the printer has not printed yet; answers whether it said so. Only for one known to do it."""
        self._cleared = False
        if not self._asked:
            self._reader.expected = CLEARED
        self.write(CLEAR, self.patience.answer)
        until = time.monotonic() + self.patience.settle
        while not self._cleared and (left := until - time.monotonic()) > 0:
            self.listen(left)
        return self._cleared

    def block_within(self, seconds: float) -> bytes | None:
        """The next block, without head and NUL; None when none comes."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for reply in self.listen(left):
                if reply.kind is ReplyKind.BLOCK:
                    return reply.raw[1:-1]
        return None

    def listen(self, seconds: float) -> list[Reply]:
        """What the printer says within `seconds`; a proof and automatic status among it are remembered."""
        replies = self._reader.feed(self.channel.read(seconds))
        for reply in replies:
            if reply.kind is ReplyKind.QUEUED:
                self.memory.count_answer()
            if self._asked and self._missing and self._proof.answered_by(reply):
                self._missing -= 1
            elif reply.kind is ReplyKind.AUTOMATIC:
                self.learn(PrinterStatus.automatic(reply.raw))
            elif reply.raw == CLEARED:
                self._cleared = True
        return replies
