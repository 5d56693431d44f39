"""The catch-up poll of either generation: what waits, what moved, what vanished from the list; pushes may all be lost.

The pace is counted in polls, not minutes, so that it follows the engine's interval (20 s). Everything may come again;
nothing that the cursor has not seen returned is ever left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app import steady
from app.domain.lifecycle import CLOSED
from app.platforms.api import Message, Page, RejectedError, TemporaryError
from app.platforms.http import Answer
from app.platforms.shapes import UNREADABLE
from app.platforms.uber_eats import generation as api
from app.platforms.uber_eats.client import Client, Clock
from app.platforms.uber_eats.generation import CURRENT, PREVIOUS
from app.platforms.uber_eats.mapping import ORDER, order_of, unwrapped

PAGE = 50  # documented maximum
BATCH = 25  # single orders read in one poll
OPEN = "OFFERED,ACCEPTED,HANDED_OFF"  # the list knows no CREATED
DAY_EVERY = 30  # polls: ten minutes
PROGRESS_EVERY = 3  # polls: the previous generation's couriers are seen order by order
DAY = 86_400.0
SCHEDULED_AHEAD = 7 * DAY  # seconds: how long before its time an order may have been placed
FORGOTTEN = SCHEDULED_AHEAD + DAY  # an order so old that still shows no end will show none
CANCELLED_LISTED = "50"
_VOLATILE = ("location", "current_location")  # moves without the order changing


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was returned so far: polls done, orders alive, those that waited, cancellations seen; and of a round under way
    its first moment, its states, its next page and the orders it listed."""

    polls: int = 0
    live: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    since: str = ""
    states: str = ""
    page: str = ""
    listed: tuple[str, ...] = ()

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a stored cursor; an unreadable one starts afresh, which repeats and skips nothing."""
        try:
            held = json.loads(text) if text else {}
            live, waiting, cancelled, listed = (
                tuple(map(str, held.get(name, ()))) for name in ("live", "waiting", "cancelled", "listed")
            )
            since, states, page = (str(held.get(name, "")) for name in ("since", "states", "page"))
            return cls(int(held.get("polls", 0)), live, waiting, cancelled, since, states, page, listed)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def dump(self) -> str:
        """The cursor as the engine stores it."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(slots=True)
class Poll:
    """One call of `fetch_orders`: gathers messages, and changes `cursor` only by what it gathered."""

    client: Client
    store_id: str
    cursor: Cursor
    clock: Clock = steady.time
    messages: list[Message] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)  # orders that ended, or that Uber knows no more
    read: set[str] = field(default_factory=set)

    async def read_order(self, generation: api.Generation, order_id: str) -> None:
        """One order as it stands; an order Uber knows no more is forgotten."""
        try:
            answer = await self.client.get(generation.path(generation.order, order_id), generation.expand)
        except RejectedError:
            self.gone.add(order_id)
            return
        self.take(answer.body, answer.version, answer.raw)

    def take(self, found: Any, version: int, raw: bytes | None = None) -> str:
        """Keep an order as a message, and remember whether it is over."""
        message = order_message(found, version, raw)
        self.messages.append(message)
        self.read.add(message.order_id)
        if _over(found, version):
            self.gone.add(message.order_id)
        return message.order_id

    def page(self, cursor: Cursor, more: bool) -> Page:
        """The answer, oldest first."""
        return Page(tuple(sorted(self.messages, key=_placed)), cursor.dump(), more)


class CurrentPoll(Poll):
    """The current generation lists whole orders, by state and time of placing, page by page."""

    async def run(self) -> Page:
        """One page of a round: all open orders, or every ten minutes all of the last day; then whatever vanished from it."""
        at = self.cursor if self.cursor.page else self._begun()
        answer = await self._listing(at)
        rows = answer.body.get("data")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                self.take(row, answer.version)
        listed = (*at.listed, *self.read)
        alive = tuple(dict.fromkeys([*at.live, *self.read]))
        if token := next_page(answer.body):
            kept = tuple(one for one in alive if one not in self.gone)
            return self.page(replace(at, live=kept, page=token, listed=tuple(set(listed) - self.gone)), more=True)
        rest = await self._vanished([one for one in at.live if one not in listed])
        kept = tuple(one for one in alive if one not in self.gone)
        return self.page(Cursor(at.polls + 1, kept), more=bool(rest and self.gone))

    def _begun(self) -> Cursor:
        whole_day = self.cursor.polls % DAY_EVERY == 0
        since = self.clock() - (DAY if whole_day and self.cursor.polls else SCHEDULED_AHEAD)
        moment = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds")
        # The first look ever takes only what is open: work that was over before is not ours to import.
        states = "" if whole_day and self.cursor.polls else OPEN
        return replace(self.cursor, since=moment, states=states, page="", listed=())

    async def _listing(self, at: Cursor) -> Answer:
        try:
            return await orders_page(self.client, self.store_id, at.since, at.states, at.page)
        except RejectedError:
            if not at.page:
                raise
            return await orders_page(self.client, self.store_id, at.since, at.states, "")  # the token died: begin again

    async def _vanished(self, order_ids: Sequence[str]) -> Sequence[str]:
        """Orders that were alive and are not listed any more: how did they end? Answers those left for another time."""
        for order_id in order_ids[:BATCH]:
            try:
                await self.read_order(CURRENT, order_id)
            except TemporaryError:
                return ()  # they stay alive, so they are missed again by the next poll
        return order_ids[BATCH:]


@dataclass(slots=True)
class PreviousPoll(Poll):
    """The previous generation lists ids: those that wait, and those cancelled in the last two hours; each is read alone.

    `met` are orders that a push or a button dealt with. One that was accepted before a poll saw it waiting is in no list, so
    only they lead to its end; what was read is taken out.
    """

    met: set[str] = field(default_factory=set)

    async def run(self) -> Page:
        """New and vanished orders first; every minute all that are alive, for their couriers and their end."""
        waiting = await self._ids(api.CREATED)
        cancelled = await self._ids(api.CANCELLED, {"limit": CANCELLED_LISTED})
        known = self.cursor
        fresh = [one for one in waiting if one not in known.live]
        fresh += [one for one in known.waiting if one not in waiting]
        fresh += [one for one in reversed(cancelled) if one not in known.cancelled and one not in fresh]
        fresh += sorted(self.met.difference(fresh, known.live))
        left = await self._read(fresh[:BATCH]) or fresh[BATCH:]
        if not left and known.polls % PROGRESS_EVERY == 0:
            left = await self._read([one for one in known.live if one not in self.read])
        return self.page(self._advanced(waiting, cancelled, bool(left)), more=len(fresh) > BATCH and bool(self.messages))

    def _advanced(self, waiting: Sequence[str], cancelled: Sequence[str], unfinished: bool) -> Cursor:
        """Only what was read counts as known: the rest looks new, or vanished, once more next time."""
        settled = self.read | self.gone
        self.met -= settled | set(self.cursor.live)
        alive = [one for one in dict.fromkeys([*self.cursor.live, *self.read]) if one not in self.gone]
        still = [one for one in self.cursor.waiting if one not in waiting and one not in settled]
        return Cursor(
            self.cursor.polls + (not unfinished),
            live=tuple(alive),
            waiting=(*still, *(one for one in waiting if one in alive)),
            cancelled=tuple(one for one in cancelled if one in settled or one in self.cursor.cancelled),
        )

    async def _read(self, order_ids: Iterable[str]) -> Sequence[str]:
        """Read these; answers those left when the line breaks. New orders do not wait for the rest."""
        wanted = list(order_ids)
        for done, order_id in enumerate(wanted):
            try:
                await self.read_order(PREVIOUS, order_id)
            except TemporaryError:
                if not self.messages:
                    raise
                return wanted[done:]
        return ()

    async def _ids(self, template: str, params: Mapping[str, str] | None = None) -> list[str]:
        answer = await self.client.get(PREVIOUS.path(template, store_id=self.store_id), params)
        rows = answer.body.get("orders")
        return [str(row["id"]) for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []


async def orders_page(client: Client, store_id: str, since: str, states: str, page: str, until: str = "") -> Answer:
    """One page of the current generation's list of orders placed in a span of time."""
    wanted = {"start_time": since, "end_time": until, "state": states, "page_size": str(PAGE), "next_page_token": page}
    filled = {name: value for name, value in wanted.items() if value}
    return await client.get(CURRENT.path(api.LIST, store_id=store_id), {**CURRENT.expand, **filled})


def order_message(found: Any, version: int, raw: bytes | None = None) -> Message:
    """Keyed by content, so that an unchanged order is stored once. ValueError or TypeError for what is no object."""
    canonical = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(json.dumps(_steady(found), sort_keys=True).encode()).hexdigest()[:32]
    order_id = str(unwrapped(found).get("id", ""))
    return Message(f"order:{order_id}:{digest}", ORDER, raw or canonical, version, order_id)


def next_page(body: Mapping[str, Any]) -> str:
    """The token of the next page; "" at the end."""
    found = body.get("pagination_data")
    return str(found.get("next_page_token") or "") if isinstance(found, dict) else ""


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _steady(inner) for name, inner in value.items() if name not in _VOLATILE}
    return [_steady(inner) for inner in value] if isinstance(value, list) else value


def _over(found: Any, version: int) -> bool:
    """Whether nothing more will happen to an order. One that cannot be read is parked and shown; asking again is no use."""
    try:
        order = order_of(found)
    except UNREADABLE:
        return True
    return order.kitchen in CLOSED or version / 1000 - order.placed.timestamp() > FORGOTTEN


def _placed(message: Message) -> str:
    try:
        inner = unwrapped(json.loads(message.body))
    except UNREADABLE:
        return ""
    return str(inner.get("created_time") or inner.get("placed_at") or "")
