"""The shop on Deliveroo: open or not, how busy, and what it sells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from app.domain.shop import DayEntry, MenuItem, ShopState, ShopStatus
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.deliveroo.client import Client
from app.platforms.deliveroo.polling import id_of, next_page
from app.texts import tr

# What the account form may ask for: Deliveroo closes by itself outside the hours.
STATES = frozenset({ShopState.OPEN, ShopState.BUSY, ShopState.PAUSED})
MODES = {ShopState.OPEN: "QUIET", ShopState.BUSY: "BUSY"}
MAX_PAGES = 50


async def read_shop(client: Client) -> ShopStatus:
    """The site's state. A closed site does not say who closed it; READY_TO_OPEN waits within its hours for somebody."""
    status = str((await client.status()).body.get("status", "")).upper()
    if status not in ("OPEN", "CLOSED", "READY_TO_OPEN"):
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
    if status != "OPEN":
        return ShopStatus(ShopState.PAUSED, text=status)
    mode = str((await client.workload()).body.get("mode", "")).upper()
    return ShopStatus(ShopState.BUSY if mode == "BUSY" else ShopState.OPEN, text=mode)


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


async def read_day(client: Client, day: date) -> list[DayEntry]:
    """Every order of a local day of this computer, which stands in the shop. Deliveroo has no daily numbers."""
    start = datetime.combine(day, time.min).astimezone()
    end = datetime.combine(day + timedelta(days=1), time.min).astimezone() - timedelta(seconds=1)
    found: dict[str, DayEntry] = {}
    page = ""
    for _ in range(MAX_PAGES):
        answer = await client.orders_between(start.isoformat(), end.isoformat(), page)
        found.update((id_of(order), DayEntry(id_of(order))) for order in answer.body["orders"] if id_of(order))
        page = next_page(answer)
        if not page:
            return list(found.values())
    raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))


def _name(value: Any) -> str:
    """A text, or one per language: the first is the menu's own."""
    if isinstance(value, dict):
        value = next(iter(value.values()), "")
    return str(value or "")
