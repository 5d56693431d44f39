"""The pretend Ele.me's menu: dishes with their sizes, whose stocks are cleared, filled and refilled at night."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app import steady
from app.platforms.eleme.payloads import CHINA
from app.platforms.eleme.simulated_calls import Action, ApiError, Call
from app.platforms.eleme.simulated_orders import MENU, SHOP_ID, SHOP_NAME, SIZE, yuan
from app.platforms.simulation import ImpossibleError

CATEGORIES = {9001: "热菜", 9002: "主食小吃", 9003: "酒水"}
STAPLES, DRINKS = ("回锅肉盖饭", "米饭", "红糖糍粑"), ("酸梅汤",)
FULL = 10_000
BATCH = 100


@dataclass(slots=True)
class Spec:
    """A size; `refill_at` is when a stock cleared until tomorrow comes back (Unix seconds, 0 never)."""

    id: int
    name: str
    price: int
    stock: int = FULL
    on_shelf: int = 1
    refill_at: float = 0.0

    def shown(self) -> dict[str, Any]:
        """OSpec."""
        if self.refill_at and self.refill_at <= steady.time():
            self.fill()
        wire = {"specId": self.id, "name": self.name, "price": yuan(self.price), "stock": self.stock, "maxStock": FULL}
        return wire | {"onShelf": self.on_shelf, "packingFee": 0.0, "extendCode": "", "barCode": "", "activityLevel": 0}

    def fill(self) -> None:
        """置满."""
        self.stock, self.refill_at = FULL, 0.0

    def clear(self) -> None:
        """沽清."""
        self.stock, self.refill_at = 0, 0.0

    def shelve(self, on_shelf: int) -> None:
        """上架, 下架."""
        self.on_shelf = on_shelf


class Menu:
    """Sizes by dish and id. `chosen`: whether this merchant may clear until tomorrow, which few may."""

    def __init__(self) -> None:
        self.dishes: dict[int, dict[int, Spec]] = {1364170000 + number: _specs(number) for number in range(len(MENU))}
        self.chosen = False
        specs = {"specIds": list}
        self.table: Mapping[str, Action] = {
            "eleme.product.category.getShopCategories": Action({"shopId": int}, lambda _: _categories()),
            "eleme.product.item.getItemsByCategoryId": Action({"categoryId": int}, self._of_category),
            "eleme.product.item.batchGetItems": Action({"itemIds": list}, self._some),
            "eleme.product.item.batchClearStock": Action(specs, self._each(Spec.clear), command=True),
            "eleme.product.item.batchFillStock": Action(specs, self._each(Spec.fill), command=True),
            "eleme.product.item.batchOnShelf": Action(specs, self._each(lambda spec: spec.shelve(1)), command=True),
            "eleme.product.item.batchOffShelf": Action(specs, self._each(lambda spec: spec.shelve(0)), command=True),
            "eleme.product.item.clearAndTimingMaxStock": Action({"clearStocks": list}, self._clear_timed, command=True),
        }

    def _item(self, item_id: int) -> dict[str, Any]:
        name = MENU[item_id - 1364170000][0]
        shown = {"id": item_id, "name": name, "isValid": 1, "categoryId": _category_of(name), "shopId": SHOP_ID}
        return shown | {"shopName": SHOP_NAME, "specs": [spec.shown() for spec in self.dishes[item_id].values()]}

    def _of_category(self, call: Call) -> dict[str, Any]:
        wanted = call.params["categoryId"]
        if wanted not in CATEGORIES:
            raise ImpossibleError("分类不存在")
        items = (self._item(item_id) for item_id in self.dishes)
        return {str(item["id"]): item for item in items if item["categoryId"] == wanted}

    def _some(self, call: Call) -> dict[str, Any]:
        ids = _whole_numbers(call.params["itemIds"])
        return {str(item_id): self._item(item_id) for item_id in ids if item_id in self.dishes}

    def _each(self, change: Callable[[Spec], None]) -> Callable[[Call], None]:
        def changed(call: Call) -> None:
            for spec in list(self._named(call)):  # all are looked up before any is changed
                change(spec)

        return changed

    def _named(self, call: Call) -> Iterator[Spec]:
        for one in _objects(call.params["specIds"], {"itemId", "itemSpecIds"}):
            (item_id,) = _whole_numbers([one["itemId"]])
            for spec_id in _whole_numbers(one["itemSpecIds"]):
                if item_id not in self.dishes:
                    raise ImpossibleError("商品未找到")
                if spec_id not in self.dishes[item_id]:
                    raise ImpossibleError("规格与商品不匹配")
                yield self.dishes[item_id][spec_id]

    def _clear_timed(self, call: Call) -> None:
        if not self.chosen:
            raise ApiError("ACCESS_DENIED", "该接口只针对特定商户开放")
        for one in _objects(call.params["clearStocks"], {"shopId", "itemIds"}):
            ids = _whole_numbers(one["itemIds"])
            if one["shopId"] != SHOP_ID or not set(ids) <= set(self.dishes):
                raise ImpossibleError("商品未找到")
            for spec in (spec for item_id in ids for spec in self.dishes[item_id].values()):
                spec.stock, spec.refill_at = 0, _tomorrow()


def _specs(number: int) -> dict[int, Spec]:
    _, price, choices = MENU[number]
    names = choices.get(SIZE, ("",))
    # beyond 2^53, as the real ones: whoever reads them as floats rounds them
    ids = (200000168101182640 + number * 10 + size for size in range(len(names)))
    return {spec_id: Spec(spec_id, name, price) for spec_id, name in zip(ids, names, strict=False)}


def _categories() -> list[dict[str, Any]]:
    gone = {"id": 9009, "name": "已删除", "isValid": 0}
    shown = [{"id": number, "name": name, "isValid": 1} for number, name in CATEGORIES.items()]
    return [one | {"description": "", "parentId": 0, "categoryType": "NORMAL", "children": None} for one in [*shown, gone]]


def _category_of(name: str) -> int:
    return 9002 if name in STAPLES else 9003 if name in DRINKS else 9001


def _objects(given: list[Any], names: set[str]) -> list[dict[str, Any]]:
    if not 0 < len(given) <= BATCH or not all(isinstance(one, dict) and set(one) == names for one in given):
        raise ApiError("VALIDATION_FAILED", f"a list of {sorted(names)}")
    return given


def _whole_numbers(given: Any) -> list[int]:
    if not isinstance(given, list) or not 0 < len(given) <= BATCH or any(type(one) is not int for one in given):
        raise ApiError("VALIDATION_FAILED", "a list of numbers")
    return given


def _tomorrow() -> float:
    """次日 02:00."""
    local = steady.now(CHINA) + timedelta(days=1)
    return local.replace(hour=2, minute=0, second=0, microsecond=0).timestamp()
