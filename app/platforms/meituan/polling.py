"""One poll of Meituan: the day's numbers without a gap, orders that wait, orders that move; the cursor knows only what was
returned.

Neither door lists a day. Every order has a number of the day, counted from 1, so nothing is missed by asking for each number
once: door A tells the newest, door B is asked for the next one until there is none. A number that is not there (yet) stays a
hole and is asked for again for a while. The pace is counted in polls, so that it follows the engine's interval (20 s).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from app import steady
from app.platforms.api import Message, Page, RejectedError, TemporaryError
from app.platforms.meituan.client import Clock, Result
from app.platforms.meituan.doors import Door, says_unknown
from app.platforms.meituan.events import ORDER, order_id_of
from app.platforms.meituan.payloads import CHINA, LATEST

T = TypeVar("T")

AT_ONCE = 8  # calls side by side
PAGE = 48  # numbers on one page
SOME = 16  # closed orders read again in one poll
PROGRESS_EVERY = 3  # polls
CLOSED_EVERY = 45
HOLE_TRIES = 45  # polls during which a missing number is asked for again
KEPT = 400  # orders under way, and closed ones that may still be refunded
CLOCK_SLACK = 5_000  # milliseconds
UNDECIDED, UNPAID = ("2", "3"), "1"
OVER = {"8": "closed", "9": ""}  # where in the cursor; a cancelled order has nothing left to tell
STAMPS = ("ctime", "utime", "order_confirm_time", "order_completed_time", "order_cancel_time")
STAMPS_B = ("orderConfirmTime", "orderCompletedTime", "orderCancelTime")


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was returned so far: polls done, the day and its last number read, numbers missing below it with the tries left,
    orders nobody decided on, orders under way, closed ones that may still be refunded, those still to read again."""

    polls: int = 0
    day: str = ""
    last: int = 0
    holes: tuple[tuple[int, int], ...] = ()
    waiting: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    again: tuple[str, ...] = ()

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a stored cursor; an unreadable one starts afresh, which repeats and skips nothing of today."""
        try:
            held = json.loads(text) if text else {}
            holes = tuple((int(number), int(tries)) for number, tries in held.get("holes", ()))
            ids = {name: tuple(map(str, held.get(name, ()))) for name in ("waiting", "live", "closed", "again")}
            return cls(int(held.get("polls", 0)), str(held.get("day", "")), int(held.get("last", 0)), holes, **ids)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def dump(self) -> str:
        """The cursor as the engine stores it."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(slots=True)
class Poll:
    """One call of `fetch_orders`: gathers messages, and changes `cursor` only by what it gathered.

    `phones`: real numbers by order id, to put into orders while the virtual ones do not work.
    """

    door: Door
    cursor: Cursor
    phones: dict[str, str] = field(default_factory=dict)
    clock: Clock = steady.time
    messages: list[Message] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)  # orders that the platform itself says are still undecided
    trouble: TemporaryError | None = None
    more: bool = False

    async def run(self) -> Page:
        """The next page. Trouble half-way leaves what it could not read due; it is raised if nothing could be read."""
        await self._ordinary()
        if not self.more and not self.trouble:
            await self._read_again()
        if self.trouble and not self.messages:
            raise self.trouble
        return Page(tuple(self.messages), self.cursor.dump(), more=self.more and not self.trouble)

    async def _ordinary(self) -> None:
        try:
            await self._numbers()
        except TemporaryError as error:
            self.trouble = error
            return
        if self.more or self.trouble:
            return
        if len(self.fetched) > AT_ONCE:  # new orders do not wait for old ones
            self.cursor = replace(self.cursor, polls=self.cursor.polls + 1)
            return
        await self._take([order_id for order_id in self.cursor.waiting if order_id not in self.listed])
        if self.cursor.polls % PROGRESS_EVERY == 0:
            await self._take(self.cursor.live)
        due = self.cursor.polls % CLOSED_EVERY == CLOSED_EVERY - 1 and not self.cursor.again
        again = self.cursor.closed if due else self.cursor.again
        self.cursor = replace(self.cursor, polls=self.cursor.polls + 1, again=again)

    async def _read_again(self) -> None:
        """Some of the closed orders, for refunds whose push was lost: a few a poll, so that new orders do not wait."""
        now, rest = self.cursor.again[:SOME], self.cursor.again[SOME:]
        await self._take(now)
        if not self.trouble:
            self.cursor = replace(self.cursor, again=rest)

    # the day's numbers

    async def _numbers(self) -> None:
        waiting = await self.door.waiting()
        self.listed = {order_id_of(order) for order in waiting.value}
        await self._add([order for order in waiting.value if order_id_of(order) not in self._known()], waiting.version)
        today = datetime.fromtimestamp(self.clock(), CHINA).date()
        if self.cursor.day and self.cursor.day != str(today):
            await self._finish(date.fromisoformat(self.cursor.day))
            if self.more or self.trouble:
                return
        if self.cursor.day != str(today):
            self.cursor = replace(self.cursor, day=str(today), last=0, holes=())
        newest = await self.door.last_number()
        if newest is None:
            await self._probe(today, _highest(waiting.value, today))
        else:
            await self._fill(today, newest)
        await self._holes(today)

    async def _finish(self, day: date) -> None:
        """What came on the old day after its last poll."""
        if day < datetime.fromtimestamp(self.clock(), CHINA).date() - timedelta(days=7):
            return  # too long ago to be anybody's concern at the counter
        await self._probe(day, self.cursor.last)
        await self._holes(day)

    async def _fill(self, day: date, newest: int) -> None:
        """Read every number up to `newest`, a page at a time."""
        numbers = range(self.cursor.last + 1, min(newest, self.cursor.last + PAGE) + 1)
        missing = await self._read_numbers(day, numbers)
        self._went(max([self.cursor.last, *numbers]), missing)
        self.more = newest > self.cursor.last

    async def _probe(self, day: date, seen: int) -> None:
        """Read the numbers up to the highest `seen`, then on until one is not there: 1, 2, 4, ... at once."""
        if seen > self.cursor.last:
            await self._fill(day, seen)
            if self.more or self.trouble:
                return
        size, read = 1, 0
        while read < PAGE and not self.trouble:
            numbers = range(self.cursor.last + 1, self.cursor.last + 1 + size)
            missing = await self._read_numbers(day, numbers)
            there = [number for number in numbers if number not in missing]
            if not there:
                return
            self._went(max(there), [number for number in missing if number < max(there)])
            if missing:
                return
            size, read = min(size * 2, AT_ONCE), read + size
        self.more = not self.trouble

    async def _holes(self, day: date) -> None:
        """Numbers that were not there: once more, until they count as never given out."""
        if not (holes := dict(self.cursor.holes)):
            return
        failed = self.trouble
        missing = await self._read_numbers(day, list(holes)[:PAGE])
        used = 0 if self.trouble is not failed else 1
        kept = [(number, tries - used * (number in missing)) for number, tries in holes.items()]
        tried = set(list(holes)[:PAGE])
        left = [(number, tries) for number, tries in kept if tries > 0 and (number in missing or number not in tried)]
        self.cursor = replace(self.cursor, holes=tuple(left))

    def _went(self, last: int, missing: Iterable[int]) -> None:
        holes = dict(self.cursor.holes) | dict.fromkeys(missing, HOLE_TRIES)
        self.cursor = replace(self.cursor, last=last, holes=tuple(sorted(holes.items())))

    async def _read_numbers(self, day: date, numbers: Sequence[int]) -> list[int]:
        """Add the orders of these numbers; answers the numbers that gave none."""
        found = await self._each(numbers, lambda number: self.door.numbered(day, number))
        for number in numbers:
            result = found.get(number)
            if result is not None:
                await self._add([result.value], result.version)
        return [number for number in numbers if found.get(number) is None]

    # orders

    async def _take(self, order_ids: Iterable[str]) -> None:
        """Read orders again. One that Meituan does not know any more is let go."""
        wanted = [order_id for order_id in order_ids if order_id not in self.fetched]
        for result in (await self._each(wanted, self._order)).values():
            if result is not None:
                await self._add([result.value], result.version)
            # an order that could not be read stays where it is in the cursor

    async def _order(self, order_id: str) -> Result | None:
        try:
            return await self.door.order(order_id)
        except RejectedError as refusal:
            if says_unknown(refusal):
                self._file(order_id)
            return None

    async def _each(self, keys: Sequence[Any], ask: Callable[[Any], Awaitable[T]]) -> dict[Any, T]:
        """Ask side by side; what failed is left out and remembered as trouble."""
        found: dict[Any, T] = {}
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            answers = await asyncio.gather(*map(ask, some), return_exceptions=True)
            for key, answer in zip(some, answers, strict=True):
                if isinstance(answer, TemporaryError):
                    self.trouble = answer
                elif isinstance(answer, BaseException):
                    raise answer
                else:
                    found[key] = answer
        return found

    async def _add(self, orders: Sequence[dict[str, Any]], version: int) -> None:
        paid = [order for order in orders if str(order.get("status")) != UNPAID and order_id_of(order) not in self.fetched]
        told = True
        try:
            await complete(self.door, paid, self.phones)
        except TemporaryError as error:  # what stands in the order itself is worth having now; it is read again soon
            self.trouble, told = error, False
        self.messages += [order_message(order, version) for order in paid]
        self._remember(paid, told)

    def _remember(self, orders: Iterable[dict[str, Any]], told: bool) -> None:
        """File each order where its state belongs; one that is not whole, or whose refunds were not told, stays live."""
        for order in orders:
            order_id, status = order_id_of(order), str(order.get("status"))
            self.fetched.add(order_id)
            whole = told and str(order.get("incmp_code", order.get("incmpCode", 0))) != "-1"
            over = OVER.get(status, "live") if whole else "live"
            self._file(order_id, "waiting" if status in UNDECIDED else over)

    def _file(self, order_id: str, name: str = "") -> None:
        """Put an order into one list of the cursor and out of the others; "": out of all."""
        waiting, live, closed = (_filed(ids, order_id, to == name) for to, ids in self._lists())
        self.cursor = replace(self.cursor, waiting=waiting, live=live[-KEPT:], closed=closed[-KEPT:])

    def _lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return ("waiting", self.cursor.waiting), ("live", self.cursor.live), ("closed", self.cursor.closed)

    def _known(self) -> set[str]:
        return {*self.cursor.waiting, *self.cursor.live, *self.cursor.closed, *self.fetched}


async def complete(door: Door, orders: Sequence[dict[str, Any]], phones: dict[str, str]) -> None:
    """Put the refund records into orders that may have some, and real phone numbers while there are some."""
    asked = [order for order in orders if str(order.get("status")) not in UNDECIDED]
    for order in orders:
        if phones.get(order_id_of(order)):
            order["real_phone_number"] = phones[order_id_of(order)]
    if asked:
        records = await door.refunds(asked)
        for order in asked:
            if order_id_of(order) in records:
                order["refunds"] = records[order_id_of(order)]


def order_message(order: dict[str, Any], answered: int, again: bool = False) -> Message:
    """A polled order, or one fetched `again`: a re-read of one with refunds carries the moment in its key, because read
    within a second of its push it would count as the older report, and must not keep the next poll from telling the same.
    """
    order_id = order_id_of(order)
    stated = [_milliseconds(order.get(name)) for name in (*STAMPS, *STAMPS_B)]
    for record in order.get("refunds") or ():
        if isinstance(record, dict):
            stated += [_milliseconds(record.get(name)) for name in ("ctime", "utime", "refund_apply_time")]
    # content cannot be older than the times it states; times beyond a few seconds ahead are somebody's wrong clock
    version = max([answered, *(at for at in stated if at <= answered + CLOCK_SLACK)])
    digest = hashlib.sha256(json.dumps(order, sort_keys=True, default=str).encode()).hexdigest()
    momentary = f":{version}" if again and order.get("refunds") else ""
    body = json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Message(f"order:{order_id}:{digest}{momentary}", ORDER, body, version, order_id)


def _milliseconds(seconds: Any) -> int:
    try:
        return int(seconds) * 1000 if 0 < int(seconds) <= LATEST else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def _highest(orders: Sequence[dict[str, Any]], day: date) -> int:
    """The highest number of the day among these orders."""
    numbers = [0]
    for order in orders:
        seconds, number = _milliseconds(order.get("ctime")) / 1000, str(order.get("daySeq") or "")
        if number.isdecimal() and datetime.fromtimestamp(seconds, CHINA).date() == day:
            numbers.append(int(number))
    return max(numbers)


def _filed(ids: tuple[str, ...], order_id: str, here: bool) -> tuple[str, ...]:
    """Unmoved if it stands here already: the order of a list is the order of arrival."""
    if here:
        return ids if order_id in ids else (*ids, order_id)
    return tuple(one for one in ids if one != order_id)
