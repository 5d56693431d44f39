"""Questions to one printer and its answers, over any channel that carries bytes both ways."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from app.printing.status import PrinterStatus, Reply, ReplyKind, ReplyReader, process_id
from app.texts import tr

CHUNK = 4096  # bytes handed over at a time, so that replies are read in between


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


class Channel(Protocol):
    """Bytes to and from one printer. Both calls raise OSError once the connection is gone."""

    def write(self, payload: memoryview, timeout: float) -> int:
        """Hand over what is taken within `timeout` seconds; answers the number of bytes, perhaps 0."""

    def read(self, timeout: float) -> bytes:
        """What arrives within `timeout` seconds, b"" if nothing does."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Bytes to send after a job, and the reply to them that proves that the job was printed."""

    question: bytes = b""
    answered_by: Callable[[Reply], bool] = lambda _: False

    @classmethod
    def by_process_id(cls) -> Proof:
        """GS ( H function 48 with a fresh id: answered when everything before it is on paper."""
        mark = bytes(random.choices(range(0x30, 0x5B), k=4))  # noqa: S311 - to tell jobs apart, not a secret
        return cls(b"\x1d(H\x06\x0000" + mark, lambda reply: process_id(reply) == mark)

    @classmethod
    def by_status(cls) -> Proof:
        """GS r 1: its answer comes in print order, and after the new roll when paper is out."""
        return cls(b"\x1dr\x01", lambda reply: reply.kind is ReplyKind.QUEUED)


@dataclass(slots=True)
class Conversation:
    """One connection. Every call raises OSError when the connection breaks.

    `silent_on` is shared by the connections to one printer: the status questions it is known to ignore.
    """

    channel: Channel
    patience: Patience
    silent_on: set[int] = field(default_factory=set)
    on_status: Callable[[PrinterStatus], None] | None = None
    status: PrinterStatus | None = None
    pushed: int = 0  # bytes of the present job that left this computer
    proved: bool = False
    _proof: Proof = field(default_factory=Proof)
    _reader: ReplyReader = field(default_factory=ReplyReader)

    def ask_status(self) -> PrinterStatus | None:
        """DLE EOT 1, then 4 (paper) and, when offline, 2 (the cause); None when 1 is not answered.

        One at a time, because a reply does not say what it answers. Some clones answer 1 alone, or 1 and 4: what
        was ignored once, while 1 was answered, is not asked again.
        """
        self.listen(0)
        answer = self._ask(1)
        if answer is None:
            return None
        status = PrinterStatus().with_answer(1, answer)
        for question in (4,) if status.online else (4, 2):
            if question in self.silent_on:
                continue
            answer = self._ask(question)
            if answer is None:
                self.silent_on.add(question)
            else:
                status = status.with_answer(question, answer)
        self._learn(status)
        return status

    def push(self, job: bytes, proof: Proof) -> None:
        """Send a whole job and the proof's question. `pushed` counts what had left of it when it breaks."""
        self._proof, self.pushed, self.proved = proof, 0, False
        view = memoryview(job + proof.question)
        give_up = time.monotonic() + self.patience.longest
        while self.pushed < len(view):
            taken = self.channel.write(view[self.pushed : self.pushed + CHUNK], self.patience.poll)
            self.pushed += taken
            if not taken:
                self.listen(0)
                if time.monotonic() > give_up:
                    raise TimeoutError(tr("the printer takes no more data"))

    def listen(self, seconds: float) -> list[Reply]:
        """What the printer says within `seconds`; a proof and automatic status among it are remembered."""
        replies = self._reader.feed(self.channel.read(seconds))
        for reply in replies:
            if self.pushed and self._proof.answered_by(reply):
                self.proved = True
            elif reply.kind is ReplyKind.AUTOMATIC:
                self._learn(PrinterStatus.automatic(reply.raw))
        return replies

    def _ask(self, question: int) -> int | None:
        if self.channel.write(memoryview(bytes((0x10, 0x04, question))), self.patience.answer) != 3:
            return None
        until = time.monotonic() + self.patience.answer
        while (left := until - time.monotonic()) > 0:
            for reply in self.listen(left):
                if reply.kind is ReplyKind.REAL_TIME:
                    return reply.raw[0]
        return None

    def _learn(self, status: PrinterStatus) -> None:
        if status != self.status:
            self.status = status
            if self.on_status:
                self.on_status(status)
