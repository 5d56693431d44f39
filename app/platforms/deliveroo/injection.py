"""What Deliveroo wants to be told once an order is stored here: that the till has it, and when cooking begins.

On a site with Deliveroo's tablet the staff accept there, and the till owes a `sync_status` within three minutes of it:
"succeeded" is sent only for what is committed, and "failed" for what nobody here can read, so that the tablet warns. On a
site without one, accepting is the answer, but a scheduled order must be confirmed at its `confirm_at`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.lifecycle import CLOSED, Kitchen
from app.platforms.api import Message, RejectedError, TemporaryError
from app.platforms.deliveroo.client import Client
from app.platforms.deliveroo.mapping import kitchen_of, order_of
from app.platforms.deliveroo.money import total_of
from app.platforms.deliveroo.steps import confirmation, stamp
from app.platforms.deliveroo.wire import Order
from app.platforms.shapes import UNREADABLE
from app.texts import tr

TIME_LEFT = timedelta(minutes=3, seconds=10)  # Create Sync Status page: three minutes; some for two clocks
LONGEST_NOTE = 200  # characters


@dataclass(slots=True)
class Injection:
    """Tells each thing once a run: a repeat is answered with 409, so one run too many does no harm.

    `is_tablet` says for an order whether its site has a tablet.
    """

    client: Client
    is_tablet: Callable[[bool | None], bool]
    _told: set[tuple[str, str]] = field(default_factory=set)

    async def report(self, messages: tuple[Message, ...]) -> None:
        """Report on committed messages. What Deliveroo cannot take now is raised at the end, and due at the next poll."""
        trouble: list[TemporaryError] = []
        for order_id, what, body in self._owed(messages):
            try:
                await self._tell(order_id, what, body)
            except TemporaryError as error:
                trouble.append(error)
        if trouble:
            raise trouble[0]

    def _owed(self, messages: tuple[Message, ...]) -> Iterator[tuple[str, str, dict[str, str]]]:
        for message in messages:
            owed = self._owed_for(message) if message.kind == "order" and message.order_id else None
            if owed and (message.order_id, owed[0]) not in self._told:
                yield message.order_id, *owed

    def _owed_for(self, message: Message) -> tuple[str, dict[str, str]] | None:
        at = datetime.fromtimestamp(message.version / 1000, UTC)
        found = json.loads(message.body)
        try:
            order = order_of(found)
            total_of(order)
        except UNREADABLE:
            return ("sync", _failure(at)) if self.is_tablet(_says_tabletless(found)) else None
        if self.is_tablet(order.is_tabletless):
            return ("sync", _success(at)) if _waits_for_till(order, at) else None
        return ("confirm", confirmation().body) if _begins(order, at) else None

    async def _tell(self, order_id: str, what: str, body: dict[str, str]) -> None:
        ask = self.client.report_injection if what == "sync" else self.client.change_status
        with suppress(RejectedError):  # told before, too late, or moved on: the next look at the order shows it
            await ask(order_id, body)
        self._told.add((order_id, what))


def _waits_for_till(order: Order, at: datetime) -> bool:
    """Accepted on the tablet, and not too long ago for an answer to count."""
    accepted = order.reached("accepted")
    known = accepted or order.status == "accepted"
    return bool(known) and kitchen_of(order) not in CLOSED and (accepted is None or at - accepted < TIME_LEFT)


def _begins(order: Order, at: datetime) -> bool:
    """A scheduled order whose time has come."""
    waits = order.asap is False and kitchen_of(order) is Kitchen.ACCEPTED
    return waits and order.confirm_at is not None and order.confirm_at <= at


def _success(at: datetime) -> dict[str, str]:
    return {"status": "succeeded", "occurred_at": stamp(at)}


def _failure(at: datetime) -> dict[str, str]:
    notes = tr("The order could not be read by the till; take it from the tablet")[:LONGEST_NOTE]
    return {"status": "failed", "occurred_at": stamp(at), "reason": "other", "notes": notes}


def _says_tabletless(found: Any) -> bool | None:
    inner = found.get("order") if isinstance(found, dict) and isinstance(found.get("order"), dict) else found
    said = inner.get("is_tabletless") if isinstance(inner, dict) else None
    return said if isinstance(said, bool) else None
