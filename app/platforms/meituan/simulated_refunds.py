"""The pretend Meituan's part refunds that a shop begins: what can go back, read from the order, and the call's own form."""

from __future__ import annotations

import json
from typing import Any

from app.platforms.meituan.simulated_orders import Placed, fen, yuan
from app.platforms.meituan.simulated_shop import RefusedError

BAD = 705


def refundable(order: Placed) -> list[dict[str, Any]]:
    """Portions that did not go back yet, at what the customer paid for each: discounts are shared out over the dishes."""
    foods = order.body["detail"]
    goods = sum(fen(food["price"]) * int(food["quantity"]) for food in foods)
    paid = max(goods - sum(fen(activity.get("reduce_fee", 0)) for activity in order.body["extras"]), 0)
    return [
        {
            **{
                name: food.get(name, "") for name in ("app_food_code", "food_name", "sku_id", "spec", "box_num", "box_price")
            },
            "count": int(food["quantity"]) - order.returned.get(at, 0),
            "origin_food_price": food["price"],
            "food_price": food["price"],
            "refund_price": yuan(fen(food["price"]) * paid // goods if goods else 0),
        }
        for at, food in enumerate(foods)
        if order.returned.get(at, 0) < int(food["quantity"])
    ]


def wanted(order: Placed, text: Any) -> tuple[dict[int, int], int]:
    """Portions by their dish's place in the order, and what they are worth in fen."""
    counts: dict[int, int] = {}
    amount = 0
    for code, sku, count in _asked(text):
        at = next(
            (at for at, food in enumerate(order.body["detail"]) if (food["app_food_code"], food["sku_id"]) == (code, sku)),
            None,
        )
        shown = next((one for one in refundable(order) if (one["app_food_code"], one["sku_id"]) == (code, sku)), None)
        if at is None or shown is None or at in counts or count > shown["count"]:
            raise RefusedError("商品不可退或数量有误", 808)
        counts[at] = count
        amount += fen(shown["refund_price"]) * count
    return counts, amount


def _asked(text: Any) -> list[tuple[str, str, int]]:
    try:
        foods = json.loads(text)
        exact = all(
            {"app_food_code", "sku_id", "count"} <= food.keys() <= {"app_food_code", "sku_id", "count", "item_id"}
            for food in foods
        )
        asked = [(food["app_food_code"], food["sku_id"], food["count"]) for food in foods]
    except (TypeError, ValueError, KeyError, AttributeError):
        raise RefusedError("food_data格式有误", BAD) from None
    if not asked or not exact or any(type(count) is not int or count < 1 for _, _, count in asked):
        raise RefusedError("food_data有误", BAD)
    return asked
