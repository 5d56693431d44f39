"""One round of polling: a page of what changed, and now and then a look at every order that is still open."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from app.domain.lifecycle import CLOSED
from app.platforms.api import Message, Page, ProtocolError, RejectedError, TemporaryError
from app.platforms.http import Answer
from app.platforms.shapes import UNREADABLE
from app.platforms.woocommerce import rearming
from app.platforms.woocommerce.answers import NO_SUCH_ORDER
from app.platforms.woocommerce.client import PAGE, Client, more_rows
from app.platforms.woocommerce.cursor import Cursor
from app.platforms.woocommerce.mapping import GONE, ORDER, version_of
from app.platforms.woocommerce.statuses import StatusMap, concerns_the_counter
from app.platforms.woocommerce.wire import Order
from app.texts import tr

NEWEST = {"status": "any", "orderby": "modified", "order": "desc", "per_page": "1"}
STRAYS = 3
LOST_AT_ONCE = 20  # absent orders asked for by their number in one sweep
Rows = list[tuple[Any, Order | None]]  # as received, and read where it can be


class Poll:
    """Reads the list of changes for one account."""

    def __init__(self, client: Client, statuses: StatusMap, has_hooks: bool = False) -> None:
        self._client, self._statuses, self._has_hooks = client, statuses, has_hooks

    async def run(self, at: Cursor) -> Page:
        """The next page from `at`; oldest first, may repeat, never skips."""
        if not at.begun:
            at = at.begin(await self._newest())
        answer = await self._client.orders(at.query(PAGE))
        rows = _rows(answer)
        places = [_place(order) for _, order in rows]
        _require_filtered(places, at.after)
        messages, at = self._taken(rows, answer.version, at)
        at, more = at.advanced(places, more_rows(answer, at.offset))
        now = answer.version / 1000
        if self._has_hooks and at.hooks_due(now):
            looked = await rearming.look(self._client, at.armed, now)
            messages += looked.messages
            at = replace(at, hooked=now, armed=looked.armed)
        if not at.sweep_due(now):
            return Page(tuple(messages), str(at), more)
        try:
            swept, at = await self._sweep(at, now)
        except (TemporaryError, RejectedError, ProtocolError):  # a look back must not stand in the way of new orders
            return Page(tuple(messages), str(replace(at, swept=now)), more)
        return Page((*messages, *swept), str(at), more)

    async def _newest(self) -> int:
        """When the shop's latest change was: the poll's clock is the shop's orders, never this machine."""
        places = [_place(order) for _, order in _rows(await self._client.orders(NEWEST))]
        return max((place[1] for place in places if place), default=0)

    def _taken(self, rows: Rows, version: int, at: Cursor) -> tuple[list[Message], Cursor]:
        messages = []
        for row, order in rows:
            if order is None:  # stored all the same: `read` says what is wrong with it, and a person sees it
                messages.append(order_message(row, version))
            elif self._wanted(order, at):
                messages.append(order_message(row, version, order))
                at = at.with_order(order.id, self._statuses.kitchen(order) not in CLOSED)
        return messages, at

    def _wanted(self, order: Order, at: Cursor) -> bool:
        if order.id in at.open:
            return True
        if at.first:  # what the shop did before it had this counter is not ours to import
            return self._statuses.live(order)
        return concerns_the_counter(order, self._statuses)

    async def _sweep(self, at: Cursor, now: float) -> tuple[list[Message], Cursor]:
        """Read every open order once more: a list that moved may have hidden a change, and what is in the trash, deleted for
        good, or in a status whose plug-in was switched off is in no list at all (observed)."""
        messages: list[Message] = []
        absent: list[int] = []
        listed, known = False, at.open
        for start in range(0, len(known), PAGE):
            wanted = known[start : start + PAGE]
            query = {"include": ",".join(map(str, wanted)), "status": "any", "per_page": str(PAGE), "orderby": "id"}
            answer = await self._client.orders(query)
            rows = _rows(answer)
            found, at = self._taken(rows, answer.version, at)
            messages += found
            listed = listed or bool(rows)
            absent += sorted(set(wanted) - {order.id for _, order in rows if order})
        if absent and (listed or await self._newest()):  # an empty shop is a switched storage, not a deletion (observed)
            for order_id in absent[:LOST_AT_ONCE]:
                message, at = await self._absent(order_id, at, answer.version)
                messages.append(message)
        return messages, replace(at, swept=now)

    async def _absent(self, order_id: int, at: Cursor, version: int) -> tuple[Message, Cursor]:
        try:
            answer = await self._client.order(str(order_id))
        except RejectedError as error:
            if error.code != NO_SUCH_ORDER:
                raise
            return gone_message(order_id, version), at.with_order(order_id, is_open=False)
        order = _readable(answer.body)
        still = order is None or self._statuses.kitchen(order) not in CLOSED
        return order_message(answer.body, answer.version, order), at.with_order(order_id, still)


def order_message(row: Any, version: int, order: Order | None = None) -> Message:
    """Keyed by content, so that the overlap of two polls stores an unchanged order once."""
    row = {name: value for name, value in row.items() if name != "_links"} if isinstance(row, dict) else row
    body = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")
    order_id = str(row.get("id", "")) if isinstance(row, dict) else ""
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Message(f"order:{order_id}:{digest}", ORDER, body, version_of(order, version) if order else version, order_id)


def gone_message(order_id: int, version: int) -> Message:
    """The shop has forgotten an order that was open."""
    return Message(f"gone:{order_id}", GONE, json.dumps({"id": order_id}).encode(), version, str(order_id))


def _rows(answer: Answer) -> Rows:
    return [(row, _readable(row)) for row in answer.body]


def _readable(row: Any) -> Order | None:
    try:
        return Order.model_validate(row)
    except UNREADABLE:
        return None


def _place(order: Order | None) -> tuple[int, int] | None:
    """An order's id and time of change (Unix seconds)."""
    if order is None or order.date_modified_gmt is None:
        return None
    return order.id, int(order.date_modified_gmt.timestamp())


def _require_filtered(places: list[tuple[int, int] | None], after: int) -> None:
    """ProtocolError where most rows should not be there: a shop ignores filters that it does not know (observed). One may
    come from a cache."""
    strays = [place for place in places if place and place[1] <= after]
    if len(strays) >= STRAYS and 2 * len(strays) > len(places):
        raise ProtocolError(tr("The shop ignores what it is asked for: WooCommerce 5.8 or newer is needed"))
