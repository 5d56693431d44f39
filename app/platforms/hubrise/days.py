"""HubRise's list of a day's orders, for the proof that none is missing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from app.domain.shop import DayEntry
from app.platforms.api import ProtocolError
from app.platforms.hubrise.client import Client
from app.texts import tr

# Where a day begins first on earth and ends last: which zone the location is in, only its orders tell.
FIRST, LAST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
MAX_PAGES = 50  # of a hundred orders


async def list_day(client: Client, day: date) -> list[DayEntry]:
    """Every order created on this day of the location, whatever became of it. HubRise numbers no days.

    Each page is a heavy call. `after` is inclusive, `before` exclusive (documentation "orders").
    """
    begin, end = datetime.combine(day, time.min, FIRST), datetime.combine(day + timedelta(days=1), time.min, LAST)
    query = {"after": begin.isoformat(), "before": end.isoformat()}
    entries: list[DayEntry] = []
    for _ in range(MAX_PAGES):
        page = await client.orders(query)
        entries += [DayEntry(str(order["id"])) for order in page.body if _created(order) == day]
        if not (token := page.headers.get("x-cursor-next", "")):
            return entries
        query["cursor"] = token
    raise ProtocolError(tr("HubRise answered something else than its documentation says"))


def _created(order: dict[str, Any]) -> date:
    """The local day, by the offset that the time itself carries. An order without one proves nothing about any day."""
    try:
        return datetime.fromisoformat(order["created_at"]).date()
    except (KeyError, TypeError, ValueError):
        raise ProtocolError(tr("HubRise answered something else than its documentation says")) from None
