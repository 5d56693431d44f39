"""What DoorDash told of its orders: it has no call to ask again, so the connector remembers, and the cursor keeps it.

Nothing here is asked of the platform: "the platform's present view" of an order is the last thing it said of it - the push,
or its refusal of a decision that came too late, or its silence past the time in which it waits for a decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Kitchen
from app.platforms.api import Message
from app.texts import tr

FAILED = "failed"  # kind of the message that tells how an order ended without a push
MOST = 100  # orders remembered
KEEP = 86_400.0  # seconds


@dataclass(slots=True)
class Known:
    """One order: its latest push, and when it was first heard of (ms). `end` is a verdict (see `read_verdict`), `over`: it
    needs no more attention."""

    first: int
    key: str
    kind: str
    body: str
    version: int
    end: dict[str, Any] = field(default_factory=dict)
    over: bool = False


class Told:
    """`clock` is Unix seconds. Stamps never go back, whatever the clock does."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._orders: dict[str, Known] = {}
        self._steps: dict[str, dict[str, int]] = {}  # by order, of orders from before our memory too
        self._last = 0

    def stamp(self) -> int:
        """Now in milliseconds, later than any stamp before: the version of what carries no time."""
        self._last = max(int(self._clock() * 1000), self._last + 1)
        return self._last

    def heard(self, order_id: str, at: datetime) -> int:
        """The version of a push that reached us at `at`: later than what was known of its order before."""
        known = self._orders.get(order_id)
        return max(int(at.timestamp() * 1000), known.version + 1 if known else 0)

    def load(self, cursor: str) -> None:
        """Add what a stored cursor knows; what cannot be read is left out."""
        try:
            found = json.loads(cursor or "{}")
            stored = {str(order_id): Known(**known) for order_id, known in found["told"].items()}
            steps = {str(order_id): dict(steps) for order_id, steps in found["steps"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        self._orders = {**stored, **self._orders}
        self._steps = {**steps, **self._steps}

    def dump(self) -> str:
        """The cursor to store; a day is kept, and no more orders than a busy hour has."""
        self._forget()
        told = {order_id: asdict(known) for order_id, known in self._orders.items()}
        return json.dumps({"told": told, "steps": self._steps}, ensure_ascii=False, separators=(",", ":"))

    def order(self, order_id: str) -> Known | None:
        """What is known of an order."""
        return self._orders.get(order_id)

    def hear(self, message: Message) -> Message:
        """Remember an order's push; the first one counts, since DoorDash repeats itself under the order's id."""
        known = self._orders.get(message.order_id)
        if known is None:
            body = message.body.decode(errors="replace")
            known = Known(message.version, message.key, message.kind, body, message.version)
            self._orders[message.order_id] = known
        return _message(message.order_id, known)

    def renew(self, message: Message) -> None:
        """An adjusted order takes the place of what was known."""
        if known := self._orders.get(message.order_id):
            known.key, known.kind, known.version = message.key, message.kind, message.version
            known.body = message.body.decode(errors="replace")

    def close(self, order_id: str) -> None:
        """Cancelled or delivered: the first to be forgotten."""
        if known := self._orders.get(order_id):
            known.over = True

    def latest(self, order_id: str, longest: float) -> Message | None:
        """The last thing DoorDash said of an order. `longest`: seconds after which an order nobody decided has failed."""
        known = self._orders.get(order_id)
        if known is None:
            return None
        if not (known.end or order_id in self._steps or known.over) and self._clock() * 1000 - known.first > longest * 1000:
            known.end = {"kitchen": Kitchen.EXPIRED.value, "words": "", "at": known.first + int(longest * 1000)}
        return _verdict(order_id, known) if known.end else _message(order_id, known)

    def step(self, order_id: str, name: str) -> int | None:
        """When DoorDash agreed to a command; 0: it was asked and did not answer, None: it was not asked."""
        return self._steps.get(order_id, {}).get(name)

    def note(self, order_id: str, name: str, version: int) -> None:
        """A command was asked for (0) or agreed to."""
        self._steps.setdefault(order_id, {})[name] = version

    def refused(self, order_id: str, name: str) -> None:
        """A command was answered with no: asking once more is a new question."""
        self._steps.setdefault(order_id, {}).pop(name, None)

    def end(self, order_id: str, kitchen: Kitchen, words: str) -> None:
        """A refusal told how the order ended."""
        if known := self._orders.get(order_id):
            known.end = {"kitchen": kitchen.value, "words": words, "at": self.stamp()}

    def _forget(self) -> None:
        oldest = (self._clock() - KEEP) * 1000
        fresh = [(order_id, known) for order_id, known in self._orders.items() if known.first > oldest]
        fresh.sort(key=lambda one: (not one[1].over, one[1].first))
        self._orders = dict(fresh[-MOST:])
        self._steps = dict(list(self._steps.items())[-MOST:])


def read_verdict(message: Message) -> OrderUpdate:
    """How an order ended, of which no push tells. ValueError, KeyError or TypeError for anything else."""
    found = json.loads(message.body)
    kitchen, reason = Kitchen(str(found.get("kitchen"))), str(found.get("words") or "")
    if kitchen is Kitchen.EXPIRED and not reason:
        reason = tr("Nobody decided in time, and DoorDash does not tell how such an order ended")
    return OrderUpdate(message.order_id, message.version, kitchen=kitchen, reason=reason)


def _message(order_id: str, known: Known) -> Message:
    return Message(known.key, known.kind, known.body.encode(), known.version, order_id)


def _verdict(order_id: str, known: Known) -> Message:
    body = json.dumps(known.end, ensure_ascii=False).encode()
    return Message(f"failed:{order_id}", FAILED, body, int(known.end["at"]), order_id)
