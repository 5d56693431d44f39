"""The shop's dishes at Meituan: what is on sale, and what has run out. One item is a dish with all its sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AliasChoices, Field

from app.domain.shop import MenuItem
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.meituan.doors import Door
from app.platforms.meituan.payloads import FROM_TEXT, Text, Wire, shape
from app.platforms.meituan.routes import Ask
from app.texts import tr

PAGE = 100  # the gateway takes fewer than 200
MAX_PAGES = 50
BATCH = 50  # dishes in one change; how many Meituan takes is not known
ON_SALE, OFF_SALE = 0, 1  # `sell_status`; the same figures as `is_sold_out`
NONE_LEFT = "0"  # "" is a size whose stock nobody counts
PLENTY = 9999  # documented for the gateway: a stock has at most four digits


class Sku(Wire):
    """A size of a dish."""

    sku_id: str = ""
    stock: str = ""


class Dish(Wire):
    """A dish, in either door's words. Without a code of the shop's own no call can name it."""

    code: str = Field("", validation_alias=AliasChoices("app_food_code", "eDishCode"))
    name: Text = Field("", validation_alias=AliasChoices("name", "dishName"))
    category_name: Text = ""
    is_sold_out: int = ON_SALE
    skus: Annotated[list[Sku], FROM_TEXT] = Field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether its counted stock has run out."""
        return bool(self.skus) and all(sku.stock == NONE_LEFT for sku in self.skus)


async def read_items(door: Door) -> list[MenuItem]:
    """Every dish that has a code. Meituan tells no end of being sold out."""
    return [
        MenuItem(dish.code, dish.name or dish.code, dish.is_sold_out == ON_SALE and not dish.empty, None, dish.category_name)
        for dish in await _dishes(door)
    ]


async def change_items(door: Door, item_ids: Sequence[str], available: bool) -> None:
    """Put dishes on the shelf or take them off it, all sizes at once; one that comes back with an empty stock is filled up.

    RejectedError for a dish that the menu has not, before anything is changed.
    """
    known = {dish.code: dish for dish in await _dishes(door)}
    if missing := [item_id for item_id in item_ids if item_id not in known]:
        raise RejectedError(tr("Meituan's menu has no dish {dish}", dish=missing[0]), "805")
    chosen = [known[item_id] for item_id in dict.fromkeys(item_ids)]
    status = ON_SALE if available else OFF_SALE
    await _shelve(door, [dish for dish in chosen if dish.is_sold_out != status], status)
    if available:
        await _fill(door, [dish for dish in chosen if dish.empty])


async def _dishes(door: Door) -> list[Dish]:
    found: dict[str, Dish] = {}
    for page in range(MAX_PAGES):
        result = await door.client.call(Ask.DISHES, **door.named, offset=page * PAGE, limit=PAGE)
        if not isinstance(result.value, list):
            raise ProtocolError(tr("Meituan answered something else than a list"))
        found |= {dish.code: dish for dish in (shape(Dish, one) for one in result.value) if dish.code}
        if len(result.value) < PAGE:
            break
    return list(found.values())


async def _shelve(door: Door, dishes: Sequence[Dish], status: int) -> None:
    for start in range(0, len(dishes), BATCH):
        foods = [
            {"app_food_code": dish.code, "skus": [{"sku_id": sku.sku_id} for sku in dish.skus]}
            for dish in dishes[start : start + BATCH]
        ]
        await door.client.call(Ask.SHELF, **door.named, food_data=foods, sell_status=status)


async def _fill(door: Door, dishes: Sequence[Dish]) -> None:
    for start in range(0, len(dishes), BATCH):
        some = dishes[start : start + BATCH]
        await door.restock({dish.code: [sku.sku_id for sku in dish.skus] for dish in some}, PLENTY)
