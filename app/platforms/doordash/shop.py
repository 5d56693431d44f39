"""The store at DoorDash: open or paused, and what is sold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.doordash.client import Client
from app.platforms.doordash.wire import instant
from app.texts import N_, tr

STATES = frozenset({ShopState.OPEN, ShopState.PAUSED})
REASON = "operational_issues"
NOTE = N_("Paused at the counter")  # sent in English, whatever the screen speaks
WORDS = {  # for staff; a code that is not here is shown as it is
    REASON: N_("trouble in the shop"),
    "out_of_business": N_("given up for good"),
    "delete_store": N_("taken off DoorDash"),
    "payment_issue": N_("trouble with the payment"),
    "store_self_disabled_in_their_POS_portal": N_("switched off in the till's portal"),
    "store_pos_connectivity_issues": N_("the till could not be reached"),
    NOTE: NOTE,
}
DOORDASHS_OWN = ("payment", "business", "delete")  # within a reason: no shop opens again by itself after that
OPTION = "option/"  # before an option's id: options have a call of their own


async def read_shop(client: Client) -> ShopStatus:
    """Open unless something keeps the store closed; the latest end counts."""
    found = (await client.details()).body
    closed = [one for one in found.get("current_deactivations") or () if isinstance(one, dict)]
    if not closed:
        active = found.get("is_active")
        return ShopStatus(ShopState.CLOSED if active is False else ShopState.OPEN)
    ends = [_end(one) for one in closed]
    until = None if None in ends else max(end for end in ends if end)
    text = "; ".join(" - ".join(_words(str(one[name])) for name in ("reason", "notes") if one.get(name)) for one in closed)
    theirs = any(word in str(one.get("reason")).lower() for one in closed for word in DOORDASHS_OWN)
    return ShopStatus(ShopState.CLOSED if theirs else ShopState.PAUSED, until, text)


async def change_shop(client: Client, state: ShopState, until: datetime | None) -> ShopStatus:
    """Open, or pause until a moment; without one DoorDash opens again after 14 days (integration notes)."""
    if state not in STATES:
        raise RejectedError(tr("DoorDash has no such command"), "unsupported")
    if state is ShopState.OPEN:
        await client.set_status({"is_active": True})
    else:
        end = {"end_time": until.astimezone(UTC).isoformat(timespec="seconds")} if until else {}
        await client.set_status({"is_active": False, "reason": REASON, "notes": NOTE} | end)
    return await read_shop(client)


async def read_items(client: Client) -> list[MenuItem]:
    """Dishes, and their options behind them; something in several places of the menu is one thing."""
    found = (await client.menu()).body
    menus = found.get("menus", [found])
    try:
        entries = list(chain.from_iterable(_of_menu(menu["menu"]) for menu in menus))
    except (TypeError, KeyError, AttributeError):
        raise ProtocolError(tr("DoorDash answered something else than its documentation says")) from None
    known = {item.item_id: item for item in reversed(entries)}
    return [known.pop(item.item_id) for item in entries if item.item_id in known]


async def change_items(client: Client, item_ids: Sequence[str], available: bool) -> None:
    """Sold out, or back. DoorDash knows no end."""
    options = [one.removeprefix(OPTION) for one in item_ids if one.startswith(OPTION)]
    await client.set_items("items", [one for one in item_ids if not one.startswith(OPTION)], available)
    await client.set_items("item_options", options, available)


def _words(said: str) -> str:
    return tr(WORDS.get(said, said))


def _end(deactivation: dict[str, Any]) -> datetime | None:
    try:
        return instant(deactivation.get("end_time"))
    except ValueError:
        return None


def _of_menu(menu: dict[str, Any]) -> Iterator[MenuItem]:
    for category in menu["categories"]:
        name = str(category.get("name") or "")
        for item in category.get("items") or ():
            yield _item(item, "", name)
            yield from _options(item, name)


def _options(item: dict[str, Any], category: str, depth: int = 6) -> Iterator[MenuItem]:
    for extra in (item.get("extras") or ()) if depth else ():
        for option in extra.get("options") or ():
            yield _item(option, OPTION, category)
            yield from _options(option, category, depth - 1)


def _item(found: dict[str, Any], prefix: str, category: str) -> MenuItem:
    available = found.get("active") is not False and found.get("is_suspended") is not True
    item_id = f"{prefix}{found['merchant_supplied_id']}"
    return MenuItem(item_id, str(found.get("name") or ""), available, category=category)
