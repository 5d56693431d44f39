"""The pretend Ele.me's shop front: its switch, and what customers say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app import steady
from app.platforms.eleme.payloads import CHINA
from app.platforms.eleme.simulated_calls import Action, ApiError, Call
from app.platforms.eleme.simulated_orders import SHOP_ID, SHOP_NAME, local
from app.platforms.simulation import ImpossibleError

REVIEWS_LAST = 90 * 86_400.0  # seconds; documented
MAX_PAGE = 50  # not documented


class Front:
    """Open or not, and reviews by their number. `level` is an OBusyLevel."""

    def __init__(self, anonymous: Callable[[], bool]) -> None:
        self.is_open = 1
        self.level = "busyLevelFree"
        self.reviews: dict[str, dict[str, Any]] = {}
        self._reviewed: set[str] = set()
        self._anonymous = anonymous
        asked = {"shopId": str, "startTime": str, "endTime": str, "offset": int, "pageSize": int}
        answered = {"rateId": str, "shopId": str, "replyType": str, "reply": str}
        self.table: Mapping[str, Action] = {
            "eleme.shop.getShop": Action({"shopId": int}, lambda _: self._shop()),
            "eleme.shop.updateShop": Action({"shopId": int, "properties": dict}, self._update, command=True),
            "eleme.ugc.getOrderRatesByShopId": Action(asked, self._rates),
            "eleme.ugc.replyRateByRateIdAndShopId": Action(answered, self._reply, command=True),
        }

    def review(self, order_id: str, score: int, text: str) -> str:
        """A customer reviews an order; answers the review's id."""
        if not 1 <= score <= 5 or order_id in self._reviewed:
            raise ImpossibleError("每个订单只能评价一次，1 到 5 分")
        self._reviewed.add(order_id)
        rate_id = f"70{len(self.reviews) + 1:08d}"
        named = None if self._anonymous() else order_id
        tag: dict[str, Any] = {"rateId": rate_id, "orderId": named, "tags": "", "tagList": [], "shopId": str(SHOP_ID)}
        shown = {"id": rate_id, "shopId": str(SHOP_ID), "rating": score, "rateContent": text, "itemRates": []}
        rest = {"orderRateReply": None, "rateTag": tag, "ratedAt": local(steady.time())}
        self.reviews[rate_id] = shown | rest
        return rate_id

    def _shop(self) -> dict[str, Any]:
        level = self.level if self.is_open else "busyLevelClosed"
        return {"id": SHOP_ID, "name": SHOP_NAME, "isOpen": self.is_open, "busyLevel": level, "closeDescription": ""}

    def _update(self, call: Call) -> dict[str, Any]:
        properties = call.params["properties"]
        if set(properties) != {"isOpen"} or type(properties["isOpen"]) is not int or properties["isOpen"] not in (0, 1):
            raise ApiError("VALIDATION_FAILED", "properties: isOpen 0 or 1")
        self.is_open = properties["isOpen"]
        return self._shop()

    def _rates(self, call: Call) -> list[dict[str, Any]]:
        start, end = _moment(call.params["startTime"]), _moment(call.params["endTime"])
        offset, size = call.params["offset"], call.params["pageSize"]
        if end < start or start < steady.time() - REVIEWS_LAST or offset < 0 or not 0 < size <= MAX_PAGE:
            raise ApiError("VALIDATION_FAILED", "只能查询最近90天的数据")
        found = [rate for rate in self.reviews.values() if start <= _moment(rate["ratedAt"]) <= end]
        return found[::-1][offset : offset + size]

    def _reply(self, call: Call) -> None:
        rate_id, words = call.params["rateId"], call.params["reply"]
        if call.params["replyType"] not in ("ORDER", "ITEM") or not words.strip():
            raise ApiError("VALIDATION_FAILED", "replyType ORDER or ITEM, reply not empty")
        rate = self.reviews.get(rate_id)
        if rate is None or call.params["replyType"] != "ORDER":
            raise ImpossibleError("评论不存在")
        if rate["orderRateReply"]:
            raise ImpossibleError("该评论已回复")
        answer = {"id": f"8{rate_id}", "rateId": rate_id, "content": words, "replierName": SHOP_NAME}
        rate["orderRateReply"] = answer | {"shopId": str(SHOP_ID), "rateType": "ORDER"}


def _moment(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=CHINA).timestamp()
    except ValueError:
        raise ApiError("VALIDATION_FAILED", "yyyy-MM-dd'T'HH:mm:ss") from None
