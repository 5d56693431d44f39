"""Ele.me's menu: dishes that run out and come back, each with all of its sizes (specs)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any

from pydantic import Field

from app.domain.shop import MenuItem
from app.platforms.api import RejectedError
from app.platforms.eleme.client import Client
from app.platforms.eleme.payloads import CHINA, Wire, shape
from app.platforms.eleme.polling import as_list, as_map
from app.texts import tr

BATCH = 50  # dishes in one call; the platform's own limit is in no source
REFILL = time(2)  # documented: what is cleared until tomorrow is refilled from 02:00 on


class Spec(Wire):
    """OSpec: a size of a dish. A count that Ele.me does not tell is no reason to call the dish sold out."""

    spec_id: int
    stock: int | None = None
    on_shelf: int = 1

    @property
    def on_sale(self) -> bool:
        """Whether a customer can order it."""
        return bool(self.on_shelf) and (self.stock is None or self.stock > 0)


class Dish(Wire):
    """OItem."""

    id: int
    name: str = ""
    shop_id: str = ""
    is_valid: int = 1
    specs: list[Spec] = Field(default_factory=list)


class Category(Wire):
    """OCategory."""

    id: int
    name: str = ""
    is_valid: int = 1


async def read_items(client: Client, shop_id: int) -> list[MenuItem]:
    """Every dish, category by category: the way Ele.me's guide to menus names beside a paged list of unknown parameters."""
    found: dict[int, MenuItem] = {}
    answer = await client.call("eleme.product.category.getShopCategories", {"shopId": shop_id})
    for category in (shape(Category, one) for one in as_list(answer.value)):
        if category.is_valid:
            answer = await client.call("eleme.product.item.getItemsByCategoryId", {"categoryId": category.id})
            dishes = [shape(Dish, one) for one in as_map(answer.value).values()]
            found |= {dish.id: _item(dish, category) for dish in dishes if dish.is_valid}
    return list(found.values())


async def change_items(
    client: Client, shop_id: int, item_ids: Sequence[str], available: bool, until: datetime | None, now: datetime
) -> None:
    """Clear or fill the stock of these dishes, all sizes. RejectedError names those that the shop does not sell.

    A dish off the shelf comes back to it; of one that is on it, no size is put there that the shop took away.
    """
    dishes = await _dishes(client, shop_id, item_ids)
    for batch in (dishes[start : start + BATCH] for start in range(0, len(dishes), BATCH)):
        if not available:
            await _clear(client, shop_id, batch, until, now)
            continue
        if hidden := [dish for dish in batch if not any(spec.on_shelf for spec in dish.specs)]:
            await client.call("eleme.product.item.batchOnShelf", _specs(hidden))
        await client.call("eleme.product.item.batchFillStock", _specs(batch))


def next_refill(now: datetime) -> datetime:
    """When Ele.me refills what was cleared until tomorrow; of the small hours' two readings the earlier."""
    local = now.astimezone(CHINA)
    day = local.date() if local.time() < REFILL else local.date() + timedelta(days=1)
    return datetime.combine(day, REFILL, CHINA)


async def _clear(client: Client, shop_id: int, dishes: Sequence[Dish], until: datetime | None, now: datetime) -> None:
    """A dish that comes back before the refill anyway is cleared until it: should this computer be off by then, it still
    comes back. The call is open to chosen merchants only (Go SDK's log of changes); everybody may clear for good."""
    if until is not None and until <= next_refill(now):
        cleared = [{"shopId": shop_id, "itemIds": [dish.id for dish in dishes]}]
        with suppress(RejectedError):
            await client.call("eleme.product.item.clearAndTimingMaxStock", {"clearStocks": cleared})
            return
    await client.call("eleme.product.item.batchClearStock", _specs(dishes))


async def _dishes(client: Client, shop_id: int, item_ids: Sequence[str]) -> list[Dish]:
    ids = [int(item_id) for item_id in item_ids if item_id.isdecimal()]
    found: dict[str, Dish] = {}
    for start in range(0, len(ids), BATCH):
        answer = await client.call("eleme.product.item.batchGetItems", {"itemIds": ids[start : start + BATCH]})
        dishes = (shape(Dish, one) for one in as_map(answer.value).values())
        found |= {str(dish.id): dish for dish in dishes if dish.shop_id in ("", str(shop_id)) and dish.specs}
    if unknown := [item_id for item_id in item_ids if item_id not in found]:
        raise RejectedError(tr("Ele.me does not know these dishes of the shop: {dishes}", dishes=", ".join(unknown)))
    return [found[item_id] for item_id in item_ids]


def _specs(dishes: Iterable[Dish]) -> dict[str, Any]:
    return {"specIds": [{"itemId": dish.id, "itemSpecIds": [spec.spec_id for spec in dish.specs]} for dish in dishes]}


def _item(dish: Dish, category: Category) -> MenuItem:
    on_sale = any(spec.on_sale for spec in dish.specs)
    return MenuItem(str(dish.id), dish.name, on_sale, category=category.name)
