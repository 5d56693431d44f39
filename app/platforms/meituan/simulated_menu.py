"""The pretend Meituan's menu: dishes with sizes, on the shelf or off it, in the words of either door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.platforms.meituan.simulated_orders import MENU, SHOP_ID, compact, yuan
from app.platforms.meituan.simulated_shop import RefusedError

NO_DISH, NO_SIZE, BAD = 805, 1015, 705
MOST = 199  # of a page; the gateway says "fewer than 200"
STOCK_DIGITS = 4


@dataclass(slots=True)
class Size:
    """One sku; `stock` is "" where nobody counts."""

    sku_id: str
    spec: str
    stock: str = ""
    off: bool = False


@dataclass(slots=True)
class Dish:
    """One dish; `code` is "" where the shop never gave it one."""

    code: str
    name: str
    price: int  # fen
    sizes: list[Size] = field(default_factory=list)

    @property
    def off(self) -> bool:
        """Off the shelf with all its sizes."""
        return all(size.off for size in self.sizes)


class Menu:
    """What the shop sells. Every change names dishes by code and sizes by sku id."""

    def __init__(self, partner: bool) -> None:
        self._partner = partner
        self.dishes = [_dish(number, *dish[:3]) for number, dish in enumerate(MENU, 1)]
        self.dishes.append(Dish("", "老板手写的菜", 900, [Size("", "")]))

    def listing(self, words: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A page of dishes."""
        offset, limit = int(words["offset"]), int(words["limit"])
        if offset < 0 or not 0 < limit <= MOST:
            raise RefusedError("分页参数有误", BAD)
        return [self._shown(dish) for dish in self.dishes[offset : offset + limit]]

    def shelve(self, words: Mapping[str, Any]) -> str:
        """上下架: `sell_status` 0 on, 1 off. All or nothing."""
        if str(words["sell_status"]) not in ("0", "1"):
            raise RefusedError("售卖状态有误", BAD)
        for size, _ in self._sizes(words["food_data"], self._partner, {"sku_id"}, "app_food_code"):
            size.off = str(words["sell_status"]) == "1"
        return "ok"

    def restock(self, words: Mapping[str, Any]) -> str:
        """批量更新库存; the gateway's call has words of its own."""
        if self._partner:
            changes = self._sizes(words["dishSkuStocks"], False, {"skuId", "stock"}, "eDishCode")
        else:
            changes = self._sizes(words["food_data"], False, {"sku_id", "stock"}, "app_food_code")
        for size, change in changes:
            stock = str(change["stock"])
            if not stock.isdecimal() or len(stock) > STOCK_DIGITS:
                raise RefusedError("库存有误", BAD)
            size.stock = stock
        return "ok"

    def _sizes(self, given: Any, unfolded: bool, keys: set[str], code: str) -> list[tuple[Size, Mapping[str, Any]]]:
        """The sizes that are named, each with what is said of it. `unfolded`: a list, not JSON in text."""
        try:
            foods = given if unfolded else json.loads(given)
            named = [(food[code], sku) for food in foods for sku in food["skus"] if food.keys() == {code, "skus"}]
            complete = all(sku.keys() == keys for _, sku in named) and len({food[code] for food in foods}) == len(foods)
        except (TypeError, ValueError, KeyError, AttributeError):
            raise RefusedError("菜品数据格式有误", BAD) from None
        if not named or not complete:
            raise RefusedError("菜品数据有误", BAD)
        return [(self._size(str(dish_code), sku), sku) for dish_code, sku in named]

    def _size(self, code: str, sku: Mapping[str, Any]) -> Size:
        dish = next((dish for dish in self.dishes if code and dish.code == code), None)
        if dish is None:
            raise RefusedError("不存在此菜品", NO_DISH)
        wanted = sku.get("sku_id", sku.get("skuId"))
        size = next((size for size in dish.sizes if size.sku_id == wanted), None)
        if size is None:
            raise RefusedError("不存在此菜品sku", NO_SIZE)
        return size

    def _shown(self, dish: Dish) -> dict[str, Any]:
        price = str(yuan(dish.price))
        if self._partner:
            skus = [{"skuId": one.sku_id, "spec": one.spec, "price": price, "stock": one.stock} for one in dish.sizes]
            named = {"eDishCode": dish.code, "dishName": dish.name, "categoryName": "热菜", "epoiId": SHOP_ID}
            return {**named, "isSoldOut": int(dish.off), "price": yuan(dish.price), "skus": skus}
        sizes = [{"sku_id": one.sku_id, "spec": one.spec, "price": price, "stock": one.stock} for one in dish.sizes]
        named = {"app_food_code": dish.code, "name": dish.name, "category_name": "热菜", "app_poi_code": SHOP_ID}
        return {**named, "is_sold_out": int(dish.off), "price": yuan(dish.price), "skus": compact(sizes)}


def _dish(number: int, name: str, price: int, specs: tuple[str, ...]) -> Dish:
    """Dishes without sizes still have one sku; every other dish has its stock counted."""
    stock = "20" if number % 2 else ""
    return Dish(
        f"CP-{number}", name, price, [Size(f"CP-{number}-{at}", spec, stock) for at, spec in enumerate(specs or ("",))]
    )
