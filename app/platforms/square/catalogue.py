"""What the shop sells and whether it is sold out; counted items can be taken off sale, and put back, by their count.

`sold_out` and `sold_out_valid_until` are read-only: what a program writes there is ignored (vendor's OpenAPI file, and its
staff). A variation whose stock is counted is sold out by itself when its count is zero.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app import steady
from app.domain.shop import MenuItem
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.shapes import UNREADABLE
from app.platforms.square.client import MOST_PAGES, Client, objects
from app.platforms.square.wire import decimal, instant
from app.texts import tr

KEPT = "stock_kept"  # of the account: how many there were of each item that was taken off sale here
MOST = 100  # of one call: changes (documented), and ids


@dataclass(frozen=True, slots=True)
class Sold:
    """A variation at this location. `counted`: Square counts its stock here."""

    item: MenuItem
    counted: bool


async def menu(client: Client, location: str) -> list[Sold]:
    """Every variation sold here, archived items left out."""
    query = {"object_types": ["ITEM"], "include_related_objects": True, "limit": 100}
    found, categories = [], {}
    cursor = ""
    for _ in range(MOST_PAGES):
        asked = {**query, **({"cursor": cursor} if cursor else {})}
        answer = await client.post("/v2/catalog/search", asked)
        categories.update(_categories(answer.body))
        found += objects(answer.body.get("objects"))
        cursor = str(answer.body.get("cursor") or "")
        if not cursor:
            now = datetime.fromtimestamp(answer.version / 1000, UTC)
            return [one for item in found for one in _variations(item, categories, location, now)]
    raise ProtocolError(tr("Square's list has no end"))


class Shelf:
    """Takes counted items off sale and puts them back. `save` keeps how many there were, durably."""

    def __init__(
        self, client: Client, location: str, values: Mapping[str, str], save: Callable[[Mapping[str, str]], Awaitable[None]]
    ) -> None:
        self._client, self._location, self._save = client, location, save
        self._kept = _kept(values.get(KEPT, ""))

    async def set_available(self, item_ids: Sequence[str], available: bool) -> None:
        """RejectedError for an item that is not counted, or of which nobody here knows how many there are."""
        known = {one.item.item_id: one for one in await menu(self._client, self._location)}
        if unknown := [one for one in item_ids if one not in known]:
            raise RejectedError(tr("Square does not know item {id}", id=unknown[0]), "unknown")
        wrong = [known[one] for one in item_ids if known[one].item.available is not available]
        for one in wrong:
            if not one.counted:
                text = tr("{name} is not counted at Square: sell it out on Square's own device", name=one.item.name)
                raise RejectedError(text, "not_counted")
        await (self._restore(wrong) if available else self._empty([one.item.item_id for one in wrong]))

    async def _empty(self, item_ids: Sequence[str]) -> None:
        counts = await self._counts(item_ids)
        self._kept.update({one: str(count) for one, count in counts.items() if count > 0})
        await self._keep()  # before the count is lost at Square
        await self._count(dict.fromkeys(item_ids, "0"))

    async def _restore(self, wrong: Sequence[Sold]) -> None:
        for one in wrong:
            if one.item.item_id not in self._kept:
                text = tr(
                    "Nobody here knows how many there are of {name}: count it on Square's own device", name=one.item.name
                )
                raise RejectedError(text, "stock")
        await self._count({one.item.item_id: self._kept[one.item.item_id] for one in wrong})
        for one in wrong:
            self._kept.pop(one.item.item_id)
        await self._keep()

    async def _counts(self, item_ids: Sequence[str]) -> dict[str, Decimal]:
        asked = {"catalog_object_ids": list(item_ids), "location_ids": [self._location], "states": ["IN_STOCK"]}
        found = {}
        async for row in self._client.pages("/v2/inventory/counts/batch-retrieve", asked, "counts", post=True):
            found[str(row.get("catalog_object_id"))] = _quantity(row.get("quantity"))
        return found

    async def _count(self, wanted: Mapping[str, str]) -> None:
        """Tell Square how many there are. The moment is a part of the key, so that only a repeat of this call repeats it."""
        at = steady.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entries = [self._entry(item_id, quantity, at) for item_id, quantity in wanted.items()]
        for start in range(0, len(entries), MOST):
            changes = entries[start : start + MOST]
            key = hashlib.sha256(json.dumps(changes, sort_keys=True).encode()).hexdigest()[:40]
            asked = {"idempotency_key": key, "changes": changes, "ignore_unchanged_counts": True}
            await self._client.post("/v2/inventory/changes/batch-create", asked)

    def _entry(self, item_id: str, quantity: str, at: str) -> dict[str, Any]:
        where = {"catalog_object_id": item_id, "location_id": self._location, "state": "IN_STOCK"}
        return {"type": "PHYSICAL_COUNT", "physical_count": {**where, "quantity": quantity, "occurred_at": at}}

    async def _keep(self) -> None:
        await self._save({KEPT: json.dumps(self._kept, sort_keys=True)})


def _variations(item: Mapping[str, Any], categories: Mapping[str, str], location: str, now: datetime) -> Iterator[Sold]:
    shown = _part(item, "item_data")
    if shown.get("is_archived") or not _present(item, location):
        return
    listed = objects(shown.get("categories"))
    category = str(listed[0].get("id") if listed else shown.get("category_id") or "")
    for one in objects(shown.get("variations")):
        if one.get("id") and _present(one, location):
            yield _sold(one, str(shown.get("name") or ""), categories.get(category, ""), location, now)


def _sold(one: Mapping[str, Any], dish: str, category: str, location: str, now: datetime) -> Sold:
    told = _part(one, "item_variation_data")
    here = next((row for row in objects(told.get("location_overrides")) if row.get("location_id") == location), {})
    until = _moment(here.get("sold_out_valid_until"))
    off = here.get("sold_out") is True and not (until and until <= now)
    name = str(told.get("name") or "")
    title = f"{dish} – {name}" if name not in ("", "Regular", dish) else dish
    counted = here.get("track_inventory", told.get("track_inventory")) is True
    return Sold(MenuItem(str(one["id"]), title or str(one["id"]), not off, until if off else None, category), counted)


def _present(thing: Mapping[str, Any], location: str) -> bool:
    """Documented: present everywhere but at the absent ones, or nowhere but at the present ones."""
    if thing.get("is_deleted"):
        return False
    if thing.get("present_at_all_locations", True):
        return location not in (thing.get("absent_at_location_ids") or ())
    return location in (thing.get("present_at_location_ids") or ())


def _categories(body: Mapping[str, Any]) -> dict[str, str]:
    related = objects(body.get("related_objects"))
    return {str(one.get("id")): str(_part(one, "category_data").get("name") or "") for one in related}


def _part(thing: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = thing.get(name)
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime | None:
    try:
        return instant(value)
    except UNREADABLE:
        return None


def _quantity(value: Any) -> Decimal:
    try:
        return decimal(value)
    except ValueError:  # below zero: more was sold than there was
        return Decimal(0)


def _kept(text: str) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
