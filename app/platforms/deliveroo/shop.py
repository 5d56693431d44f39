"""The shop on Deliveroo: open or not, how busy, and what it sells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from app.domain.shop import DayEntry, MenuItem, ShopState, ShopStatus
from app.platforms.api import ProtocolError, RejectedError, TemporaryError
from app.platforms.deliveroo.client import Client
from app.platforms.deliveroo.polling import id_of, next_page
from app.platforms.deliveroo.spare import Spare
from app.platforms.http import Answer
from app.texts import N_, tr

# What the account form may ask for: Deliveroo closes by itself outside the hours.
STATES = frozenset({ShopState.OPEN, ShopState.BUSY, ShopState.PAUSED})
MODES = {ShopState.OPEN: "QUIET", ShopState.BUSY: "BUSY"}
WORDS = {  # for staff; a code that is not here is shown as it is
    "CLOSED": N_("closed"),
    "READY_TO_OPEN": N_("within its hours, not opened yet"),
    "QUIET": N_("not busy"),
    "MODERATE": N_("fairly busy"),
    "BUSY": N_("busy"),
}
MAX_PAGES = 50


async def read_shop(client: Client) -> ShopStatus:
    """The site's state. A closed site does not say who closed it; READY_TO_OPEN waits within its hours for somebody."""
    status = str((await client.status()).body.get("status", "")).upper()
    if status not in ("OPEN", "CLOSED", "READY_TO_OPEN"):
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
    if status != "OPEN":
        return ShopStatus(ShopState.PAUSED, text=tr(WORDS[status]))
    mode = str((await client.workload()).body.get("mode", "")).upper()
    return ShopStatus(ShopState.BUSY if mode == "BUSY" else ShopState.OPEN, text=tr(WORDS.get(mode, mode)))


async def change_shop(client: Client, state: ShopState) -> ShopStatus:
    """Change it. Deliveroo knows no end of a pause: whoever wants one opens again. RejectedError outside the hours."""
    if state not in STATES:
        raise RejectedError(tr("Deliveroo has no such command"), "unsupported")
    if state is ShopState.PAUSED:
        await client.set_status("CLOSED")
    else:
        await client.set_status("OPEN")
        await client.set_workload(MODES[state])
    return await read_shop(client)


async def read_items(client: Client) -> list[MenuItem]:
    """The site's menu with what is off sale. Sold out lasts until Deliveroo's next morning reset, at no told hour."""
    menu, off = (await client.menu()).body, (await client.unavailabilities()).body
    inner = menu.get("menu") if isinstance(menu.get("menu"), dict) else menu
    items = inner.get("items")
    if not isinstance(items, list):
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
    gone = {str(one) for name in ("unavailable_ids", "hidden_ids") for one in off.get(name) or ()}
    known = [item for item in items if isinstance(item, dict) and item.get("id")]
    return [MenuItem(str(item["id"]), _name(item.get("name")), str(item["id"]) not in gone) for item in known]


async def change_items(client: Client, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
    """Put on sale again; mark as sold out for today when an end is wanted; hide until somebody changes it when none is."""
    status = "available" if available else "unavailable" if until else "hidden"
    if item_ids:
        await client.change_availability(item_ids, status)


class Days:
    """The lists of the shop's local days: Deliveroo tells no zone, so it is the console's. Deliveroo has no daily numbers.

    They take the calls that polling leaves over. What was read of a list is kept until it is whole.
    """

    def __init__(self, client: Client, spare: Spare, zone: tzinfo) -> None:
        self._client, self._spare, self._zone = client, spare, zone
        self._begun: dict[date, tuple[dict[str, DayEntry], str]] = {}  # entries and the next page's token

    async def read(self, day: date) -> list[DayEntry]:
        """Every order of the day. TemporaryError with seconds to wait while no call is left for a list."""
        found, page = self._begun.pop(day, ({}, ""))
        for _ in range(MAX_PAGES):
            if self._spare.contested and not self._spare.take():
                self._begun = {day: (found, page)} if page else self._begun
                raise TemporaryError(tr("Deliveroo allows 5 lists a minute, and new orders come first"), self._spare.wait())
            answer = await self._page(day, page)
            found.update((id_of(order), DayEntry(id_of(order))) for order in answer.body["orders"] if id_of(order))
            page = next_page(answer)
            if not page:
                return list(found.values())
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))

    async def _page(self, day: date, page: str) -> Answer:
        start, end = self._begin(day), self._begin(day + timedelta(days=1)) - timedelta(seconds=1)
        return await self._client.orders_between(start.isoformat(), end.isoformat(), page)

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone).astimezone(UTC)


def _name(value: Any) -> str:
    """A text, or one per language: the first is the menu's own."""
    if isinstance(value, dict):
        value = next(iter(value.values()), "")
    return str(value or "")
