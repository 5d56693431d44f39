"""Giving money back through Meituan: whole portions of dishes, once per key; what they are worth is Meituan's to say.

Documented: never before accepting, never the last portion that is left, never everything at once (that is a cancellation);
boxes for the whole order and the delivery fee stay, and discounts are shared out over the dishes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from app.domain.changes import RequestState
from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.shop import RefundBy, RefundTerms
from app.platforms import http
from app.platforms.api import AuthError, ProtocolError, RejectedError
from app.platforms.meituan.doors import Door
from app.platforms.meituan.mapping import order_facts, result_of
from app.platforms.meituan.money import CURRENCY, yuan
from app.platforms.meituan.payloads import Food, Order, Refund, Text, Wire, Yuan, shape, unfolded
from app.platforms.meituan.routes import Ask
from app.platforms.refunding import too_many
from app.texts import tr

PARTS = frozenset({RefundBy.DISHES, RefundBy.PORTIONS, RefundBy.AMOUNT})
TERMS = RefundTerms(under_way=frozenset(RefundBy), completed=PARTS, cancels=True)
# The gateway gives parts back only when the order is completed; before that it can be cancelled.
PARTNER_TERMS = RefundTerms(under_way=frozenset({RefundBy.WHOLE}), completed=PARTS, cancels=True)
NOT_PAID = frozenset({RequestState.REFUSED, RequestState.DISMISSED, RequestState.WITHDRAWN})


class FoodLeft(Wire):
    """A dish that can be given back: `count` portions of `refund_price` each, in yuan.

    Read from a published client of door A; the gateway only says that it sends text, taken for the same list.
    """

    app_food_code: str = ""
    food_name: Text = ""
    sku_id: str = ""
    item_id: str = ""
    count: Annotated[int, Field(ge=0, le=10_000)] = 0
    refund_price: Yuan


def tag_of(key: str) -> str:
    """What marks a refund as asked for by `key`. It stands in the reason, which the refund's record repeats: there is no key
    for repeats on this wire.
    """
    return f"#{hashlib.sha256(key.encode()).hexdigest()[:8]}"


async def give_back(
    door: Door, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str
) -> Money | None:
    """Give back these portions, or as many as make `amount` exactly; nothing when `key` was served already. Answers what
    Meituan says they are worth.

    RejectedError where that cannot be done, and where this account may not ask what was given back already.
    """
    order = (await door.order(order_id)).value
    if served := await _served(door, order, key):
        return None if served.money is None else yuan(served.money)
    left = _left((await door.step(Ask.REFUNDABLE, order_id)).value)
    counts = _of_lines(left, shape(Order, order), lines) if amount is None else _of_amount(left, amount)
    words = {"reason": f"{reason} {tag_of(key)}".strip(), "food_data": _food_data(left, counts)}
    await http.sure_of(lambda: door.step(Ask.GIVE_BACK, order_id, **words), lambda: _is_served(door, order, key))
    worth = (Money(yuan(left[at].refund_price).minor * count, CURRENCY) for at, count in counts.items())
    return Money.total(worth, CURRENCY)


async def _is_served(door: Door, order: Mapping[str, Any], key: str) -> bool:
    return await _served(door, order, key) is not None


async def _served(door: Door, order: Mapping[str, Any], key: str) -> Refund | None:
    try:
        records = [shape(Refund, record) for record in await door.records(order)]
    except (RejectedError, AuthError):  # a right that not every app has: no reason to sign in again
        raise RejectedError(
            tr("Meituan does not tell this account what was given back already: use Meituan's own program")
        ) from None
    paid = (one for one in records if result_of(one) not in NOT_PAID)
    return next((one for one in paid if one.reason.endswith(tag_of(key))), None)


def _left(value: Any) -> list[FoodLeft]:
    try:
        found = unfolded(value)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise ProtocolError(tr("Meituan answered something else than a list"))
    return [food for food in (shape(FoodLeft, one) for one in found) if food.count]


def _of_lines(left: Sequence[FoodLeft], order: Order, parts: Iterable[Portions]) -> dict[int, int]:
    """Counts by place in `left`."""
    foods = dict(zip((line.key for line in order_facts(order).lines), order.detail or (), strict=True))
    counts: dict[int, int] = {}
    for part in parts:
        if part.line not in foods:
            raise RejectedError(tr("The order has no such line"), "line")
        count = int(foods[part.line].quantity) if part.count is None else part.count
        at = _place(left, foods[part.line], count, counts)
        counts[at] = counts.get(at, 0) + count
    return counts


def _place(left: Sequence[FoodLeft], food: Food, count: int, taken: Mapping[int, int]) -> int:
    """Where so many of a dish are left. RejectedError where there is no such place."""
    most = 0
    for at, one in enumerate(left):
        if (one.app_food_code, one.sku_id) == (food.app_food_code, food.sku_id):
            most = max(most, one.count - taken.get(at, 0))
            if count <= one.count - taken.get(at, 0):
                return at
    if most:
        raise too_many(food.food_name, most)
    raise RejectedError(tr("{dish} can no longer be given back", dish=food.food_name), "line")


def _of_amount(left: Sequence[FoodLeft], amount: Money) -> dict[int, int]:
    """Counts by place in `left` that make the amount; of several ways one with the dishes that stand first."""
    if amount.currency != CURRENCY:
        raise RejectedError(tr("This order was paid in {currency}", currency=CURRENCY), "currency")
    prices = [(at, yuan(one.refund_price).minor) for at, one in enumerate(left) for _ in range(one.count)]
    prices = [(at, price) for at, price in prices if 0 < price <= amount.minor]
    counts: dict[int, int] = {}
    if 0 < amount.minor <= sum(price for _, price in prices):
        counts = _chosen(prices, amount.minor)
    if not counts:
        raise RejectedError(
            tr("Meituan gives back whole portions: no dishes of this order make {amount}", amount=amount), "amount"
        )
    return counts


def _chosen(prices: Sequence[tuple[int, int]], wanted: int) -> dict[int, int]:
    """How often each place makes up `wanted` fen; empty if nothing does. Bit n of a sum says that n fen can be made."""
    sums, mask = [1], (2 << wanted) - 1
    for _, price in prices:
        sums.append((sums[-1] | sums[-1] << price) & mask)
    counts: dict[int, int] = {}
    if not sums[-1] >> wanted & 1:
        return counts
    for (at, price), before in zip(reversed(prices), reversed(sums[:-1]), strict=True):
        if not before >> wanted & 1:  # not without this portion
            counts[at], wanted = counts.get(at, 0) + 1, wanted - price
    return counts


def _food_data(left: Sequence[FoodLeft], counts: Mapping[int, int]) -> str:
    foods = [
        {"app_food_code": left[at].app_food_code, "sku_id": left[at].sku_id, "count": count}
        | ({"item_id": left[at].item_id} if left[at].item_id else {})
        for at, count in counts.items()
    ]
    return json.dumps(foods, ensure_ascii=False, separators=(",", ":"))
