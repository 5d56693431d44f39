"""Where a life of the print torture ends: right after a chosen commit, or in the middle of a ticket's bytes.

A life is armed with one point and how often it is passed first. What happens inside a transaction counts once that is on the
disk, so every death lies between two committed states.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from app.db import print_jobs
from app.db.database import Database
from app.practice.nursery import die
from app.printing.conversation import Channel, Talk
from app.printing.transports.wired import WiredPrinter

# Committed: what a step of the ledger is called, and the points that it is.
COMMITTED = {
    "queued": "a ticket was queued",
    "copy_queued": "a marked copy was queued",
    "claimed": "sending is written down, no byte has left",
    "interrupted": "after a start, what was in flight is unknown",
    "confirmed": "the outcome is written down",
    "sent": "the outcome is written down",
    "unknown": "the outcome is written down",
    "put_back": "nothing had left: it waits again",
    "moved": "a backup has taken it over",
    "held": "it waited too long",
    "skipped": "it will not be printed",
    "answered": "a person, or time, answered for an unknown one",
}
ON_THE_WIRE = {
    "first_byte": "one byte of a ticket left",
    "part": "a part of a ticket left",
    "last_byte": "all of it left, no answer was awaited",
    "outcome": "the printer's answer is known and not written down",
}
POINTS = (*COMMITTED, *ON_THE_WIRE)


class Death:
    """Waits for the `nth` passing of `point` ("" never comes). `arm` before the engine starts."""

    def __init__(self, point: str, nth: int, seed: int) -> None:
        self._point = point
        self._left = nth
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._steps: list[str] = []  # of the transaction under way; one thread writes

    def arm(self) -> None:
        """Put the hooks into this process."""
        if self._point in COMMITTED:
            self._watch_ledger()
            self._watch_commits()
        elif self._point:
            self._watch_wire()

    def passes(self, point: str) -> None:
        """This point is passed, perhaps for the last time."""
        with self._lock:
            self._left -= point == self._point
            if self._left <= 0:
                die()

    def _watch_ledger(self) -> None:
        self._note(print_jobs, "add", lambda job_id, known: job_id and ("copy_queued" if known.get("copy_of") else "queued"))
        self._note(print_jobs, "claim", lambda job, _: job and "claimed")
        self._note(print_jobs, "move", lambda *_: "moved")
        self._note(print_jobs, "answer", lambda *_: "answered")
        self._note(print_jobs, "hold_stale", lambda ids, _: ids and "held")
        self._note(print_jobs, "mark_interrupted", lambda ids, _: ids and "interrupted")
        honest = print_jobs.step

        def step(connection: Any, /, job_id: int, state: str, *rest: Any, **columns: Any) -> None:
            honest(connection, job_id, state, *rest, **columns)
            self._steps.append("put_back" if state == "pending" else state)

        put(print_jobs, "step", step)

    def _note(self, module: Any, name: str, told: Callable[[Any, Any], Any]) -> None:
        honest = getattr(module, name)

        def noted(*arguments: Any, **named: Any) -> Any:
            result = honest(*arguments, **named)
            if point := told(result, named):
                self._steps.append(point)
            return result

        put(module, name, noted)

    def _watch_commits(self) -> None:
        honest = Database.write

        async def write(database: Database, fn: Any, *arguments: Any, **named: Any) -> Any:
            passed: list[str] = []

            def work(connection: Any, *inner: Any, **more: Any) -> Any:
                self._steps.clear()
                result = fn(connection, *inner, **more)
                passed[:] = self._steps
                return result

            result = await honest(database, work, *arguments, **named)
            for point in passed:
                self.passes(point)
            return result

        put(Database, "write", write)

    def _watch_wire(self) -> None:
        push, deliver = Talk.push, WiredPrinter.print_ticket

        def pushed(talk: Talk, job: bytes) -> None:
            channel, talk.channel = talk.channel, _Knife(talk.channel, self)
            push(talk, job)
            talk.channel = channel
            self.passes("last_byte")

        def delivered(printer: WiredPrinter, *arguments: Any, **named: Any) -> Any:
            outcome = deliver(printer, *arguments, **named)
            self.passes("outcome")
            return outcome

        put(Talk, "push", pushed)
        put(WiredPrinter, "print_ticket", delivered)

    def cut(self, payload: memoryview) -> memoryview:
        """What of it leaves before the end."""
        if self._left > 1 or self._point not in ("first_byte", "part"):
            return payload
        return payload[: 1 if self._point == "first_byte" else self._chance.randint(1, len(payload))]


class _Knife:
    """A channel on which a job ends where the life does."""

    def __init__(self, channel: Channel, death: Death) -> None:
        self._channel = channel
        self._death = death

    def write(self, payload: memoryview, timeout: float) -> int:
        taken = self._channel.write(self._death.cut(payload), timeout)
        if taken:
            self._death.passes("first_byte")
            self._death.passes("part")
        return taken

    def read(self, timeout: float) -> bytes:
        return self._channel.read(timeout)


def put(owner: Any, name: str, hook: Any) -> None:
    """In the place of what is there; setattr, because no type checker can approve of it."""
    setattr(owner, name, hook)
