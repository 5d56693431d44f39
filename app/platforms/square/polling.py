"""One page of the pass under way over the shop's orders, and the list of one day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import steady
from app.domain.shop import DayEntry
from app.platforms.api import Message, Page, RejectedError
from app.platforms.http import Answer
from app.platforms.shapes import UNREADABLE
from app.platforms.square.client import Client, objects
from app.platforms.square.cursor import PAGE, Cursor
from app.platforms.square.mapping import ORDER, concerns_the_counter, version_of
from app.platforms.square.wire import Order

SEARCH = "/v2/orders/search"


async def poll(client: Client, location: str, cursor: Cursor) -> Page:
    """The next page, oldest change first; it may repeat and never skips."""
    at = cursor.begun(int(steady.time() * 1000))
    try:
        answer = await client.post(SEARCH, at.query(location))
    except RejectedError:
        if not at.page:
            raise
        at = at.again()
        answer = await client.post(SEARCH, at.query(location))
    rows = [(row, _readable(row)) for row in objects(answer.body.get("orders"))]
    # What cannot be read is stored all the same: `read` says what is wrong with it, and a person sees it.
    messages = [order_message(row, answer.version, one) for row, one in rows if one is None or concerns_the_counter(one)]
    newest = max((version_of(one, 0) for _, one in rows if one), default=0)
    at = at.advanced(newest, str(answer.body.get("cursor") or ""), answer.version)
    return Page(tuple(messages), str(at), more=bool(at.page))


async def list_day(client: Client, location: str, day: date, zone: ZoneInfo) -> Sequence[DayEntry]:
    """Every order placed on a local day that somebody waited for, cancelled ones too."""
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    after = day + timedelta(days=1)
    ends = datetime(after.year, after.month, after.day, tzinfo=zone) - timedelta(milliseconds=1)  # both ends are inclusive
    span = {"start_at": begins.isoformat(timespec="milliseconds"), "end_at": ends.isoformat(timespec="milliseconds")}
    sort = {"sort_field": "CREATED_AT", "sort_order": "ASC"}
    query = {"filter": {"date_time_filter": {"created_at": span}}, "sort": sort}
    asked = {"location_ids": [location], "limit": PAGE, "query": query}
    rows = [row async for row in client.pages(SEARCH, asked, "orders", post=True)]
    return [DayEntry(str(row["id"])) for row in rows if row.get("id") and _counts(_readable(row))]


def order_message(row: Any, version: int, order: Order | None = None) -> Message:
    """Keyed by content, so that the overlap of two passes stores an unchanged order once."""
    body = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")
    order_id = str(row.get("id", "")) if isinstance(row, dict) else ""
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Message(f"order:{order_id}:{digest}", ORDER, body, version_of(order, version) if order else version, order_id)


def fetched(answer: Answer) -> Message:
    """The order of a single-order answer."""
    row = answer.body.get("order")
    return order_message(row if isinstance(row, dict) else answer.body, answer.version, row_of(answer))


def row_of(answer: Answer) -> Order | None:
    """The same, read; None where it has not the documented form."""
    return _readable(answer.body.get("order"))


def _counts(order: Order | None) -> bool:
    return order is None or concerns_the_counter(order)


def _readable(row: Any) -> Order | None:
    try:
        return Order.model_validate(row)
    except UNREADABLE:
        return None
