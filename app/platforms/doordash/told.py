"""What DoorDash told of its orders: it has no call to ask again, so the connector remembers.

Nothing here is asked of the platform: "the platform's present view" of an order is the last thing it said of it - the push,
or its refusal of a decision that came too late, or its silence past the time in which it waits for a decision. After a crash
the pushes come back from the console's inbox (`recall`), and what we asked for from the account's settings (`asked`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Kitchen
from app.platforms.api import Message, ProtocolError
from app.platforms.doordash.events import Kind, Push, push_of
from app.texts import tr

T = TypeVar("T")

FAILED = "failed"  # kind of the message that tells how an order ended without a push
MOST = 100  # orders remembered
KEEP = 86_400.0  # seconds


@dataclass(slots=True)
class Known:
    """One order: its latest push, and when it was first heard of (ms). `over`: it needs no more attention, being delivered
    or `cancelled`."""

    first: int
    key: str
    kind: str
    body: str
    version: int
    over: bool = False
    cancelled: bool = False


class Told:
    """`clock` is Unix seconds; `asked` is what `asked` said last. Stamps never go back, whatever the clock does."""

    def __init__(self, clock: Callable[[], float], asked: str = "") -> None:
        self._clock = clock
        self._orders: dict[str, Known] = {}
        self._steps: dict[str, dict[str, int]] = {}  # by order, of orders from before our memory too
        self._ends: dict[str, dict[str, Any]] = {}  # verdicts by order (see `read_verdict`)
        self._last = 0
        self._load(asked)

    def stamp(self) -> int:
        """Now in milliseconds, later than any stamp before: the version of what carries no time."""
        self._last = max(int(self._clock() * 1000), self._last + 1)
        return self._last

    def heard(self, order_id: str, at: datetime) -> int:
        """The version of a push that reached us at `at`: later than what was known of its order before."""
        known = self._orders.get(order_id)
        return max(int(at.timestamp() * 1000), known.version + 1 if known else 0)

    def recall(self, messages: Iterable[Message]) -> None:
        """Hear stored messages again, oldest first. An order that was heard of meanwhile keeps what is newer."""
        live, self._orders = self._orders, {}
        for message in messages:
            self._hear_again(message)
        for order_id, known in live.items():
            if before := self._orders.get(order_id):
                known.first = before.first
            self._orders[order_id] = known
        self.forget()

    def asked(self) -> str:
        """What must survive a crash and stands in no push: to be stored before anything is asked, and after the answer."""
        return json.dumps({"steps": _newest(self._steps), "ends": _newest(self._ends)}, ensure_ascii=False)

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

    def follow(self, push: Push, message: Message) -> None:
        """Whatever else is told of an order: only what changes or ends it matters later."""
        if push.kind is Kind.ADJUSTED:
            self._renew(message)
        elif push.kind is Kind.CANCELLED or push.fields.get("dasher_status") == "dropoff":
            self._close(message.order_id, push.kind is Kind.CANCELLED)

    def _renew(self, message: Message) -> None:
        """An adjusted order takes the place of what was known."""
        if known := self._orders.get(message.order_id):
            known.key, known.kind, known.version = message.key, message.kind, message.version
            known.body = message.body.decode(errors="replace")

    def _close(self, order_id: str, cancelled: bool) -> None:
        """Cancelled or delivered: the first to be forgotten."""
        if known := self._orders.get(order_id):
            known.over, known.cancelled = True, known.cancelled or cancelled

    def is_cancelled(self, order_id: str) -> bool:
        """Whether DoorDash told so, by a push or a refusal."""
        known, end = self._orders.get(order_id), self._ends.get(order_id, {})
        return bool(known and known.cancelled) or end.get("kitchen") == Kitchen.CANCELLED

    def latest(self, order_id: str, longest: float) -> Message | None:
        """The last thing DoorDash said of an order. `longest`: seconds after which an order nobody decided has failed."""
        known = self._orders.get(order_id)
        if known is None:
            return None
        decided = order_id in self._ends or order_id in self._steps or known.over
        if not decided and self._clock() * 1000 - known.first > longest * 1000:
            at = known.first + int(longest * 1000)
            self._ends[order_id] = {"kitchen": Kitchen.EXPIRED.value, "words": "", "at": at}
        end = self._ends.get(order_id)
        return _verdict(order_id, end) if end else _message(order_id, known)

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
        self._ends[order_id] = {"kitchen": kitchen.value, "words": words, "at": self.stamp()}

    def forget(self) -> None:
        """A day is kept, and no more orders than a busy hour has; those that are over go first."""
        oldest = (self._clock() - KEEP) * 1000
        fresh = [(order_id, known) for order_id, known in self._orders.items() if known.first > oldest]
        fresh.sort(key=lambda one: (not one[1].over, one[1].first))
        self._orders = dict(fresh[-MOST:])
        self._steps, self._ends = _newest(self._steps), _newest(self._ends)

    def _hear_again(self, message: Message) -> None:
        if message.kind == Kind.ORDER:
            self.hear(message)
        elif message.kind == FAILED:
            self._ends.setdefault(message.order_id, json.loads(message.body))
        else:
            try:
                self.follow(push_of(message.body), message)
            except ProtocolError:
                return

    def _load(self, asked: str) -> None:
        """What cannot be read is left out."""
        try:
            found = json.loads(asked or "{}")
            steps = {str(order_id): dict(steps) for order_id, steps in found["steps"].items()}
            ends = {str(order_id): dict(end) for order_id, end in found["ends"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        self._steps, self._ends = steps, ends


def read_verdict(message: Message) -> OrderUpdate:
    """How an order ended, of which no push tells. ValueError, KeyError or TypeError for anything else."""
    found = json.loads(message.body)
    kitchen, reason = Kitchen(str(found.get("kitchen"))), str(found.get("words") or "")
    if kitchen is Kitchen.EXPIRED and not reason:
        reason = tr("Nobody decided in time, and DoorDash does not tell how such an order ended")
    return OrderUpdate(message.order_id, message.version, kitchen=kitchen, reason=reason)


def _message(order_id: str, known: Known) -> Message:
    return Message(known.key, known.kind, known.body.encode(), known.version, order_id)


def _verdict(order_id: str, end: dict[str, Any]) -> Message:
    body = json.dumps(end, ensure_ascii=False).encode()
    return Message(f"failed:{order_id}", FAILED, body, int(end["at"]), order_id)


def _newest(found: dict[str, T]) -> dict[str, T]:
    return dict(list(found.items())[-MOST:])
