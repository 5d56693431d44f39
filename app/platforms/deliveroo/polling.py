"""One poll of Deliveroo: the orders under way, those that left that list, and now and then a look back over everything.

Rate limit of the list: 5 calls a minute for each restaurant (Get Orders page). A poll costs one; the look back comes with
a new run, because pushes may have been lost before it, and every 15 polls, because pushes may be lost any time. It takes
what is left over (see `spare`), a page at a time. It is counted in polls, not minutes, so that it follows the engine's
interval (20 s: every five minutes).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.platforms.api import Message, Page, RejectedError, TemporaryError
from app.platforms.deliveroo.client import Client
from app.platforms.deliveroo.spare import Spare
from app.platforms.http import Answer

SWEEP_EVERY = 15  # polls
LOOK_BACK = 86_400.0
OLDEST = 29 * 86_400.0  # Deliveroo keeps 30 days
LEFT_PER_POLL = 20  # orders that left the list, one call each


@dataclass(frozen=True, slots=True)
class Cursor:
    """Times are the platform's clock in Unix seconds. `run` names the connector that looked back last.

    `live` are the orders last seen under way, `seen` those of the pages read so far, `page` the next page's token. `back`
    is that of the look back that `began` then, while it is `sweeping`.
    """

    since: float = 0.0  # the first poll ever: older work is not ours to import
    swept: float = 0.0
    polls: int = 0  # since then
    run: str = ""
    live: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    page: str = ""
    sweeping: bool = False
    began: float = 0.0
    back: str = ""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The stored cursor; a first one for "" and for whatever an older release wrote."""
        try:
            held = json.loads(text)
            lists = {name: tuple(map(str, held.get(name, ()))) for name in ("live", "seen")}
            return cls(**{**held, **lists})
        except (ValueError, TypeError, AttributeError):
            return cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def due(self, run: str) -> bool:
        """Whether it is time to look back."""
        return self.run != run or self.polls >= SWEEP_EVERY

    def start(self) -> float:
        """Lower bound of the look back under way."""
        return max(self.since, self.swept - LOOK_BACK, self.began - OLDEST)


async def poll(client: Client, at: Cursor, run: str, spare: Spare) -> Page:
    """The next page of orders. It may repeat anything, and leaves out nothing that the cursor has not seen returned."""
    if at.sweeping and not at.page and spare.take():
        return await _sweep(client, at, run, spare)
    return await _live(client, at, run, spare)


async def _live(client: Client, at: Cursor, run: str, spare: Spare) -> Page:
    try:
        answer = await client.live_orders(at.page)
    except RejectedError:
        if not at.page:
            raise
        return Page((), str(replace(at, seen=(), page="")), more=True)  # the page's token died with time: begin again
    messages = _messages(answer)
    at = replace(at, since=at.since or answer.version / 1000, seen=(*at.seen, *(one.order_id for one in messages)))
    if page := next_page(answer):
        return Page(messages, str(replace(at, page=page)), more=True)
    left = [order_id for order_id in at.live if order_id not in at.seen]
    found, waiting = await _left(client, left)
    live = (*dict.fromkeys(at.seen), *waiting)
    spare.polled()
    at = replace(at, live=live, seen=(), page="", polls=at.polls + 1)
    if not at.sweeping and at.due(run):
        at = replace(at, sweeping=True, began=answer.version / 1000)
    return Page((*messages, *found), str(at), more=at.sweeping and not spare.wait())


async def _left(client: Client, order_ids: list[str]) -> tuple[list[Message], list[str]]:
    """Orders that are no longer under way, each as it stands; and those to ask for again next time."""
    found: list[Message] = []
    for place, order_id in enumerate(order_ids[:LEFT_PER_POLL]):
        try:
            answer = await client.order(order_id)
        except RejectedError:  # 404: nothing will ever be told of it
            continue
        except TemporaryError:
            return found, order_ids[place:]
        found.append(order_message(answer.body, answer.version, answer.raw))
    return found, order_ids[LEFT_PER_POLL:]


async def _sweep(client: Client, at: Cursor, run: str, spare: Spare) -> Page:
    start = datetime.fromtimestamp(at.start(), UTC).isoformat(timespec="seconds")
    over = replace(at, sweeping=False, back="", swept=at.began, polls=0, run=run)
    try:
        answer = await client.orders_between(start, "", at.back)
    except RejectedError:
        if not at.back:
            raise
        return Page((), str(replace(at, back="")), more=not spare.wait())
    page = next_page(answer)
    at = replace(at, back=page) if page else over
    return Page(_messages(answer), str(at), more=bool(page) and not spare.wait())


def next_page(answer: Answer) -> str:
    """The token of the next page, "" on the last."""
    return str(answer.body.get("next") or "")


def order_message(order: Any, version: int, body: bytes | None = None) -> Message:
    """Keyed by content, so that an unchanged order is stored once."""
    canonical = json.dumps(order, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")
    order_id = id_of(order)
    return Message(f"order:{order_id}:{digest(canonical)}", "order", body or canonical, version, order_id)


def id_of(order: Any) -> str:
    """The id of an order, bare or wrapped."""
    inner = order.get("order") if isinstance(order, dict) and "id" not in order else order
    return str(inner.get("id") or "") if isinstance(inner, dict) else ""


def digest(body: bytes) -> str:
    """Enough of a hash to tell contents apart for ever."""
    return hashlib.sha256(body).hexdigest()[:32]


def _messages(answer: Answer) -> tuple[Message, ...]:
    orders: Iterable[Any] = answer.body["orders"]
    return tuple(order_message(order, answer.version) for order in orders)
