"""One poll of Ele.me: what waits, what is asked, what moved, what was missed; the cursor knows only what was returned.

The pace is counted in polls, not minutes, so that it follows the engine's interval (20 s: progress each minute, the whole
day every ten). Everything may come again; nothing that the cursor has not seen returned is ever left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from app import steady
from app.domain.shop import DayEntry
from app.platforms.api import AuthError, Message, Page, ProtocolError, RejectedError, TemporaryError
from app.platforms.eleme.client import Client, Clock
from app.platforms.eleme.events import FAILED_PUSH, ORDER, PUSH, REQUEST_GONE, URGE, WAYBILL, order_id_of, push_version
from app.platforms.eleme.payloads import CHINA
from app.platforms.eleme.signing import compact
from app.texts import tr

BATCH = 50  # ids in one call, and orders on one page
PROGRESS_EVERY = 3  # polls
DAY_EVERY = 30
YESTERDAY_EVERY = 180
MAX_PAGES = 100
VOLATILE = frozenset({"secretPhoneExpireTime"})  # changes without the order changing
CLOCK_SLACK = 5_000  # milliseconds
NOT_ASKED = (None, "", "noRefund")


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was returned so far: polls done, orders alive, those among them that waited for an answer or had an open request,
    pages of a day still to read."""

    polls: int = 0
    live: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    days: tuple[tuple[str, int], ...] = ()

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a stored cursor; an unreadable one starts afresh, which repeats and skips nothing."""
        try:
            held = json.loads(text) if text else {}
            days = tuple((str(day), int(page)) for day, page in held.get("days", ()))
            ids = {name: tuple(map(str, held.get(name, ()))) for name in ("live", "waiting", "asked")}
            return cls(int(held.get("polls", 0)), days=days, **ids)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def dump(self) -> str:
        """The cursor as the engine stores it."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(slots=True)
class Poll:
    """One call of `fetch_orders`: gathers messages, and changes `cursor` only by what it gathered."""

    client: Client
    shop_id: int
    app_id: str
    cursor: Cursor
    clock: Clock = steady.time
    messages: list[Message] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)

    async def run(self) -> Page:
        """The next page: a page of a whole day when one is due, the ordinary round otherwise."""
        if self.cursor.days:
            await self._day_page()
            return self._page()
        await self._waiting()
        try:
            await self._round()
        except TemporaryError:
            if not self.messages:
                raise
            return self._page()  # new orders do not wait for the rest, which stays due
        self.cursor = replace(self.cursor, polls=self.cursor.polls + 1, days=self._days_due())
        return self._page()

    def _page(self) -> Page:
        return Page(tuple(self.messages), self.cursor.dump(), more=bool(self.cursor.days))

    async def _waiting(self) -> None:
        """Orders that wait and are new, and those that waited and were accepted, cancelled or given up since."""
        waiting = await self._ids("eleme.order.getUnprocessOrders")
        gone = [order_id for order_id in self.cursor.waiting if order_id not in waiting]
        await self._take([order_id for order_id in waiting if order_id not in self.cursor.live] + gone)
        known = self.fetched | set(self.cursor.live)
        kept = [order_id for order_id in waiting if order_id in known]
        kept += [order_id for order_id in gone if order_id not in self.fetched]
        self.cursor = replace(self.cursor, waiting=tuple(kept))

    async def _round(self) -> None:
        await self._requests()
        await self._urges()
        if self.cursor.polls % PROGRESS_EVERY == 0:
            await self._take(self.cursor.live)
            await self._waybills()
            await self._missed()

    async def _requests(self) -> None:
        """Orders whose request is new, and those whose request is no longer listed: answered, withdrawn or decided."""
        open_ids = await self._ids("eleme.order.getCancelOrders")
        open_ids += [order_id for order_id in await self._ids("eleme.order.getRefundOrders") if order_id not in open_ids]
        known = set(self.cursor.asked)
        await self._take([order_id for order_id in open_ids if order_id not in known])
        gone = [order_id for order_id in self.cursor.asked if order_id not in open_ids]
        await self._take(gone, REQUEST_GONE)
        # an order that was not answered this time is asked for again
        seen = [order_id for order_id in open_ids if order_id in known or order_id in self.fetched]
        self.cursor = replace(self.cursor, asked=(*seen, *(order_id for order_id in gone if order_id not in self.fetched)))

    async def _urges(self) -> None:
        result = await self.client.call("eleme.order.getUnreplyReminders", {"shopId": self.shop_id})
        for reminder in as_list(result.value):
            if isinstance(reminder, dict):
                key = f"urge:{reminder.get('reminderId') or content_hash(reminder)}"
                self.messages.append(Message(key, URGE, _bytes(reminder), result.version, order_id_of(reminder)))

    async def _waybills(self) -> None:
        for batch in _batches(self.cursor.live):
            result = await self.client.call("eleme.order.batchGetDeliveryStates", {"orderIds": batch})
            for order_id, record in as_map(result.value).items():
                if isinstance(record, dict) and record.get("state"):
                    body = {"orderId": order_id} | record
                    key = f"waybill:{order_id}:{content_hash(body)}"
                    version = certain(result.version, record.get("createdAt"))
                    self.messages.append(Message(key, WAYBILL, _bytes(body), version, order_id))

    async def _missed(self) -> None:
        """Pushes that failed: the list we must confirm, and the one that empties itself."""
        await self._pushes("eleme.msgNew.getPushFailMsg", {"msgQueryRequest": {}}, FAILED_PUSH, app_wide=True)
        if self.app_id.isdigit():
            await self._pushes("eleme.message.getNonReachedMessages", {"appId": int(self.app_id)}, PUSH)

    async def _pushes(self, action: str, params: dict[str, Any], kind: str, app_wide: bool = False) -> None:
        """An app without these API packages polls on without them: whatever moved is found by the other steps too."""
        try:
            result = await self.client.call(action, params, app_wide=app_wide)
        except (RejectedError, AuthError):
            return
        self.messages += [missed_message(push, kind, result.version) for push in as_list(result.value)]

    async def _day_page(self) -> None:
        (day, number), *rest = self.cursor.days
        found, more, version = await day_page(self.client, self.shop_id, day, number)
        await self._add_orders({order_id_of(order): order for order in found}, version)
        self.cursor = replace(self.cursor, days=tuple([(day, number + 1)] * more + rest))

    def _days_due(self) -> tuple[tuple[str, int], ...]:
        """Before this poll's number goes up: the first poll of all reads both days."""
        today = datetime.fromtimestamp(self.clock(), CHINA).date()
        yesterday = ((str(today - timedelta(days=1)), 1),) if self.cursor.polls % YESTERDAY_EVERY == 0 else ()
        return (*yesterday, (str(today), 1)) if self.cursor.polls % DAY_EVERY == 0 else ()

    async def _ids(self, action: str) -> list[str]:
        return [str(order_id) for order_id in as_list((await self.client.call(action, {"shopId": self.shop_id})).value)]

    async def _take(self, order_ids: Iterable[str], kind: str = ORDER) -> None:
        wanted = [order_id for order_id in order_ids if order_id not in self.fetched]
        for batch in _batches(wanted):
            result = await self.client.call("eleme.order.mgetOrders", {"orderIds": batch})
            await self._add_orders(as_map(result.value), result.version, kind)

    async def _add_orders(self, orders: dict[str, Any], version: int, kind: str = ORDER) -> None:
        found = [order for order in orders.values() if isinstance(order, dict) and order.get("status") != "pending"]
        await add_refunds(self.client, found)
        self.messages += [order_message(order, version, kind) for order in sorted(found, key=_created)]
        self.fetched.update(map(order_id_of, found))
        self._remember(found)

    def _remember(self, orders: Iterable[dict[str, Any]]) -> None:
        live = dict.fromkeys(self.cursor.live)
        for order in orders:
            if order.get("status") == "invalid" or (order.get("status") == "settled" and not order.get("downgraded")):
                live.pop(order_id_of(order), None)
            else:
                live[order_id_of(order)] = None
        self.cursor = replace(self.cursor, live=tuple(live))


async def day_page(client: Client, shop_id: int, day: str, number: int) -> tuple[list[Any], bool, int]:
    """A page of every order of a day, whether more follow, and the platform's clock (ms)."""
    wanted = {"shopId": shop_id, "pageNo": number, "pageSize": BATCH, "date": day}
    result = await client.call("eleme.order.getAllOrders", wanted)
    page = as_map(result.value)
    found = as_list(page.get("list"))
    more = len(found) > 0 and number * BATCH < int(page.get("total") or 0) and number < MAX_PAGES
    return found, more, result.version


async def list_day(client: Client, shop_id: int, day: date) -> list[DayEntry]:
    """Every order of a day of the shop, with its number of the day; one that is not paid for is none yet."""
    entries: dict[str, DayEntry] = {}
    number, more = 0, True
    while more:
        number += 1
        found, more, _ = await day_page(client, shop_id, str(day), number)
        for order in found:
            if isinstance(order, dict) and order.get("status") != "pending" and order_id_of(order):
                entries[order_id_of(order)] = DayEntry(order_id_of(order), str(order.get("daySn") or ""))
    return list(entries.values())


async def add_refunds(client: Client, orders: Sequence[dict[str, Any]]) -> None:
    """Put getRefundOrder's answer into orders that have one, as `refundOrder`: the order alone does not tell amounts."""
    ids = [order_id_of(order) for order in orders if order.get("refundStatus") not in NOT_ASKED]
    refunds: dict[str, Any] = {}
    for batch in _batches(ids):
        refunds |= as_map((await client.call("eleme.order.mgetRefundOrders", {"orderIds": batch})).value)
    for order in orders:
        if order_id_of(order) in refunds:
            order["refundOrder"] = refunds[order_id_of(order)]


def order_message(order: dict[str, Any], answered: int, kind: str = ORDER, again: bool = False) -> Message:
    """A polled order, or one fetched `again`. A request that is gone leaves no trace in the order, so its key carries the
    moment; so does a re-read of an open or decided one: read within a second of its push it would count as the older
    report, and its key must not keep the next poll from telling the same with a newer version.
    """
    order_id = order_id_of(order)
    version = certain(answered, order.get("createdAt"), order.get("activeAt"), order.get("cancelOrderCreatedAt"))
    key = f"order:{order_id}:{content_hash(order)}"
    momentary = kind != ORDER or (again and order.get("refundStatus") not in NOT_ASKED)
    return Message(f"{key}:{kind}:{version}" if momentary else key, kind, _bytes(order), version, order_id)


def certain(answered: int, *times: Any) -> int:
    """The version (ms) of content answered at `answered`, which is a second or two low: it cannot be older than the times
    it states itself. Times beyond a few seconds ahead are somebody's wrong clock and are not believed.
    """
    stated = [_milliseconds(time_) for time_ in times]
    return max([answered, *(value for value in stated if value <= answered + CLOCK_SLACK)])


def _milliseconds(local: Any) -> int:
    try:
        return int(datetime.fromisoformat(local).replace(tzinfo=CHINA).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return 0


def push_message(envelope: dict[str, Any], body: bytes, kind: str) -> Message:
    """A pushed message by its `requestId`, whichever way it came. Raises ProtocolError without a usable timestamp."""
    try:
        content = json.loads(envelope["message"])
    except (KeyError, TypeError, ValueError, RecursionError):
        content = None  # kept as it is: reading it will say what is wrong
    try:
        version = push_version(int(envelope["timestamp"]), content)
    except (KeyError, TypeError, ValueError):
        raise ProtocolError(tr("a message of Ele.me without a time")) from None
    return Message(str(envelope["requestId"]), kind, body, version, order_id_of(content))


def missed_message(push: Any, kind: str, version: int) -> Message:
    """A push from a list of failed ones, as JSON text or as an object. One nobody can read is kept for a person to see."""
    body = push.encode("utf-8", "replace") if isinstance(push, str) else _bytes(push)
    try:
        return push_message(json.loads(body), body, kind)
    except (ValueError, TypeError, KeyError, RecursionError, ProtocolError):
        return Message(f"unreadable:{hashlib.sha256(body).hexdigest()}", kind, body, version)


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the content without its volatile fields, whatever the order of the keys."""
    kept = {key: value for key, value in content.items() if key not in VOLATILE}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def _created(order: dict[str, Any]) -> str:
    return str(order.get("createdAt") or "")


def _bytes(content: Any) -> bytes:
    # a float's shortest form is the wire's own text for every amount of up to 15 digits
    return compact(content).encode("utf-8", "replace")


def _batches(ids: Sequence[str]) -> list[list[str]]:
    return [list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ProtocolError(tr("Ele.me answered something else than a list"))
    return value


def as_map(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ProtocolError(tr("Ele.me answered something else than an object"))
    return value
