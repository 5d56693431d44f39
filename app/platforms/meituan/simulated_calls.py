"""The pretend Meituan's calls: exact parameters for each door, the shop's rules, answers in the documented shapes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app import steady
from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.routes import Ask
from app.platforms.meituan.simulated_bills import bill
from app.platforms.meituan.simulated_menu import Menu
from app.platforms.meituan.simulated_orders import CROWD, SHOP_ID, SHOP_NAME, Placed, camel, compact, day_of, drifted, yuan
from app.platforms.meituan.simulated_refunds import refundable, wanted
from app.platforms.meituan.simulated_shop import RefusedError, Shop
from app.platforms.simulation import Faults

WAITING_SHOWN = 300.0  # real seconds: the gateway's lists look back five minutes
WAITING_PAGE = 50
UNKNOWN, MISSING, NOT_ALLOWED, NO_CROWD = 806, 701, 704, 1029
REASON_CODES = frozenset(map(str, range(2001, 2017)))

# what each call takes, door A and door B (None: no such call there); "?" marks what may be left out
TAKES: Mapping[Ask, tuple[str | None, str | None]] = {
    Ask.RECEIVED: ("order_id", None),
    Ask.CONFIRM: ("order_id", "orderId"),
    Ask.CANCEL: ("order_id reason reason_code", "orderId reason reasonCode"),
    Ask.READY: ("order_id", "orderId"),
    Ask.DELIVERING: ("order_id courier_name? courier_phone?", "orderId courierName? courierPhone?"),
    Ask.DELIVERED: ("order_id", "orderId"),
    Ask.AGREE: ("order_id reason", "orderId reason"),
    Ask.REFUSE: ("order_id reason", "orderId reason"),
    Ask.REPLY: ("order_id remind_id reply_id reply_content", "orderId remindId replyId replyContent"),
    Ask.ORDER: ("order_id is_mt_logistics?", "orderId"),
    Ask.LAST_NUMBER: ("app_poi_code", None),
    Ask.NUMBER: ("app_poi_code date_time day_seq", "ePoiId daySeq date"),
    Ask.WAITING: (None, "epoiIds"),
    Ask.REFUNDS: ("wm_order_id_view refund_type?", "orderIds"),
    Ask.PHONES: ("app_poi_code offset limit", "developerId degradOffset degradLimit"),
    Ask.SHOP: ("app_poi_codes", "ePoiIds"),
    Ask.OPEN: ("app_poi_code", ""),
    Ask.CLOSE: ("app_poi_code", ""),
    Ask.DISHES: ("app_poi_code offset limit", "offset limit"),
    Ask.SHELF: ("app_poi_code food_data sell_status", "food_data sell_status"),
    Ask.STOCK: ("app_poi_code food_data", "ePoiId dishSkuStocks"),
    Ask.REFUNDABLE: ("order_id", "orderId"),
    Ask.GIVE_BACK: ("order_id reason food_data", "orderId reason foodData"),
    Ask.PATH: ("order_id app_poi_code", "orderId"),
    Ask.BILLS: ("app_poi_code start_date end_date offset limit", None),
    Ask.REVIEWS: ("app_poi_code start_time end_time pageoffset pagesize replyStatus", None),
    Ask.REPLY_REVIEW: ("app_poi_code comment_id reply", None),
}
COMMANDS = frozenset(
    {
        Ask.RECEIVED,
        Ask.CONFIRM,
        Ask.CANCEL,
        Ask.READY,
        Ask.DELIVERING,
        Ask.DELIVERED,
        Ask.AGREE,
        Ask.REFUSE,
        Ask.REPLY,
        Ask.GIVE_BACK,
    }
)


@dataclass(slots=True)
class Call:
    """One call being answered: what it asks, its words, the orders whose content the answer carries."""

    ask: Ask
    words: Mapping[str, Any]
    carried: list[str] = field(default_factory=list)

    def order_id(self) -> str:
        """The order it is about; "" when it is about none."""
        return str(self.words.get("order_id") or self.words.get("orderId") or "")

    def word(self, name: str) -> str:
        """A word by door A's name."""
        first, *rest = name.split("_")
        camel_name = first + "".join(part.capitalize() for part in rest)
        return str(self.words.get(name, self.words.get(camel_name, "")))


class Calls:
    """Answers every call of both doors over one shop. `note` writes records."""

    def __init__(
        self, shop: Shop, partner: bool, chance: random.Random, faults: Callable[[], Faults], note: Callable[..., None]
    ) -> None:
        self._shop = shop
        self._partner = partner
        self._chance = chance
        self._faults = faults
        self._note = note
        self.downgraded = False  # virtual phone numbers do not work
        self.resting = False
        self.comments: list[dict[str, Any]] = []
        self.menu = Menu(partner)
        self._table: dict[Ask, Callable[[Call], Any]] = {
            Ask.RECEIVED: self._do(shop.received),
            Ask.CONFIRM: self._do(shop.accept),
            Ask.CANCEL: self._cancel,
            Ask.READY: self._do(shop.prepared),
            Ask.DELIVERING: self._do(shop.delivering),
            Ask.DELIVERED: self._do(shop.delivered),
            Ask.AGREE: self._do(shop.agree),
            Ask.REFUSE: lambda call: self._shop.refuse(self._known(call), call.word("reason")),
            Ask.REPLY: self._reply,
            Ask.ORDER: lambda call: self._give(call, self._known(call), "fetched"),
            Ask.LAST_NUMBER: self._last,
            Ask.NUMBER: self._number,
            Ask.WAITING: self._waiting,
            Ask.REFUNDS: self._refunds,
            Ask.PHONES: self._phones,
            Ask.SHOP: self._shops,
            Ask.OPEN: lambda _: self._rest(False),
            Ask.CLOSE: lambda _: self._rest(True),
            Ask.DISHES: lambda call: self.menu.listing(call.words),
            Ask.SHELF: lambda call: self.menu.shelve(call.words),
            Ask.STOCK: lambda call: self.menu.restock(call.words),
            Ask.REFUNDABLE: self._refundable,
            Ask.GIVE_BACK: self._give_back,
            Ask.PATH: self._path,
            Ask.BILLS: lambda call: bill(self._shop.orders.values(), call.words, steady.now(CHINA)),
            Ask.REVIEWS: self._reviews,
            Ask.REPLY_REVIEW: self._reply_review,
        }

    def answer(self, call: Call) -> Any:
        """The data of a yes. Raises RefusedError with the platform's code."""
        self._check(call)
        if call.ask not in COMMANDS:
            return self._table[call.ask](call)
        order = self._shop.orders.get(call.order_id())
        try:
            self._on_a_whim()
            self._table[call.ask](call)
        except RefusedError as refusal:
            self._note("refused", call.order_id(), action=call.ask.value, words=str(refusal))
            raise
        self._note("commanded", call.order_id(), action=call.ask.value)
        if order:
            about = {Ask.REPLY: "remind_id", Ask.GIVE_BACK: "reason"}.get(call.ask)
            order.commands.append(f"{call.ask}:{call.word(about)}" if about else call.ask.value)
        return "ok"

    def _on_a_whim(self) -> None:
        if self._chance.random() < self._faults().refuse:
            raise RefusedError("商户操作受限，请稍后在商家版处理")

    def _check(self, call: Call) -> None:
        """Exactly the documented parameters."""
        takes = (TAKES[call.ask][self._partner] or "").split()
        needed = {name for name in takes if not name.endswith("?")}
        if not needed <= call.words.keys() <= {name.removesuffix("?") for name in takes}:
            raise RefusedError(f"缺少参数或参数有误: {takes}", MISSING)
        shop = call.words.get("app_poi_code", call.words.get("ePoiId", SHOP_ID))
        if shop != SHOP_ID:
            raise RefusedError("门店未授权", NOT_ALLOWED)
        if self._partner and "orderId" in call.words and type(call.words["orderId"]) is not int:
            raise RefusedError("orderId must be a number", UNKNOWN)

    def _do(self, rule: Callable[[Placed], None]) -> Callable[[Call], None]:
        return lambda call: rule(self._known(call))

    def _known(self, call: Call) -> Placed:
        order = self._shop.orders.get(call.order_id())
        if order is None:
            raise RefusedError("不存在此订单", UNKNOWN)
        return order

    def _cancel(self, call: Call) -> None:
        order = self._known(call)
        if call.word("reason_code") not in REASON_CODES or not call.word("reason"):
            raise RefusedError("取消原因有误", 705)
        self._shop.cancel_by_shop(order)

    def _reply(self, call: Call) -> None:
        self._shop.answer(self._known(call), call.word("remind_id"), call.word("reply_content"))

    def _give_back(self, call: Call) -> None:
        order = self._of_refunds(call)
        if not call.word("reason"):
            raise RefusedError("退款原因不能为空", 705)
        counts, amount = wanted(order, call.word("food_data"))
        self._shop.give_back(order, counts, amount, call.word("reason"))

    # answers

    def _of_refunds(self, call: Call) -> Placed:
        """The order, if it is ripe for a refund: by its document the gateway waits for its end."""
        order = self._known(call)
        if self._partner and order.status != 8:
            raise RefusedError("订单未完成，不能发起部分退款")
        return order

    def _refundable(self, call: Call) -> Any:
        foods = refundable(self._of_refunds(call))
        return compact(foods) if self._partner else foods

    def _path(self, call: Call) -> list[dict[str, int]]:
        """众包骑手坐标: the path so far, oldest first; other fleets tell no places."""
        order = self._known(call)
        if order.body["logistics_code"] != CROWD or not order.carried():
            raise RefusedError("商家没有接入众包配送,无法进行众包配送相关操作", NO_CROWD)
        steps = (
            (10, 15, 20).index(order.body["logistics_status"]) + 1
            if order.body.get("logistics_status") in (10, 15, 20)
            else 0
        )
        place, now = (order.body["latitude"], order.body["longitude"]), int(steady.time())
        return [
            {"latitude": int(place[0] * 1e6) - 900 * back, "longitude": int(place[1] * 1e6), "time": now - 30 * back}
            for back in range(steps, 0, -1)
        ]

    def _give(self, call: Call, order: Placed, what: str) -> dict[str, Any]:
        self._note(what, order.id)
        call.carried.append(order.id)
        shown = order.shown(steady.time())
        if self._partner:
            shown = camel(shown)
        elif self._chance.random() < 0.5:  # clients disagree whether lists come as lists or as text here
            shown |= {name: compact(shown[name]) for name in ("detail", "extras") if name in shown}
        return drifted(shown, self._chance) if self._chance.random() < self._faults().odd else shown

    def _today(self) -> list[Placed]:
        newest = list(self._shop.orders.values())[-1:]
        return [order for order in self._shop.orders.values() if newest and day_of(order) == day_of(newest[0])]

    def _last(self, _: Call) -> Any:
        return {"result": "ok", "day_seq": max((order.body["day_seq"] for order in self._today()), default=0)}

    def _number(self, call: Call) -> Any:
        day = str(call.words.get("date_time") or call.words.get("date"))
        number = call.word("day_seq")
        for order in self._shop.orders.values():
            if day_of(order) == day and str(order.body["day_seq"]) == number:
                if self._partner:
                    return self._give(call, order, "fetched")
                return {"result": "ok", "order_id": order.body["order_id"]}
        raise RefusedError("不存在此订单", UNKNOWN)

    def _waiting(self, call: Call) -> Any:
        orders = [order for order in self._shop.orders.values() if order.status in (2, 3)]
        young = [order for order in orders if steady.time() - order.placed_at < WAITING_SHOWN]
        return [self._give(call, order, "listed") for order in young[:WAITING_PAGE]]

    def _refunds(self, call: Call) -> Any:
        if not self._partner:
            order = self._shop.orders.get(str(call.words["wm_order_id_view"]))
            return [self._record(order, one) for one in order.refunds] if order else []
        asked = [self._shop.orders[one] for one in call.words["orderIds"] if one in self._shop.orders]
        return [
            {"order_id": order.body["order_id"], "OrderRefundInfo": [self._record(order, one) for one in order.refunds]}
            for order in asked
        ]

    def _record(self, order: Placed, record: Mapping[str, Any]) -> dict[str, Any]:
        shown = dict(record) | {"order_id": order.body["order_id"]}
        if not self._partner:
            shown |= {"apply_reason": shown.pop("reason"), "wmAppRetailForOrderPartRefundList": shown.pop("food")}
            return shown | {"refund_type": 3 - shown["refund_type"]}  # 1 whole, 2 part: the other way round than door B
        shown["refund_apply_time"] = shown.pop("ctime")
        shown["refund_type"] = str(shown["refund_type"])
        money = shown.pop("money")
        del shown["utime"]
        return shown | ({"money": str(money)} if shown["refund_type"] == "1" else {})

    def _phones(self, call: Call) -> Any:
        if not self.downgraded:
            return []
        start = int(call.words.get("offset", call.words.get("degradOffset", 0)))
        limit = int(call.words.get("limit", call.words.get("degradLimit", 0)))
        orders = [order for order in self._shop.orders.values() if order.status not in (8, 9)][start : start + limit]
        if self._partner:
            return [{"orderId": order.body["order_id"], "realPhoneNumber": order.phone} for order in orders]
        return [{"order_id": order.body["order_id"], "real_phone_number": order.phone} for order in orders]

    def _shops(self, call: Call) -> Any:
        wanted = str(call.words.get("app_poi_codes", call.words.get("ePoiIds", "")))
        if SHOP_ID not in wanted.split(","):
            return []
        level = 3 if self.resting else 1
        if self._partner:
            return [{"ePoiId": SHOP_ID, "name": SHOP_NAME, "isOpen": level, "isOnline": 1}]
        return [{"app_poi_code": SHOP_ID, "name": SHOP_NAME, "open_level": level, "is_online": 1, "shipping_fee": yuan(400)}]

    def _rest(self, resting: bool) -> str:
        self.resting = resting
        return "ok"

    def _reviews(self, call: Call) -> Any:
        start, end = (
            datetime.strptime(call.words[name], "%Y%m%d").replace(tzinfo=CHINA) for name in ("start_time", "end_time")
        )
        size, offset = int(call.words["pagesize"]), int(call.words["pageoffset"])
        if size > 20 or end - start > timedelta(days=30):
            raise RefusedError("查询范围过大", 705)
        days = f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}"
        shown = [one for one in self.comments if days[0] <= one["comment_time"][:10] <= days[1]]
        return shown[offset : offset + size]

    def _reply_review(self, call: Call) -> str:
        comment = next((one for one in self.comments if str(one["comment_id"]) == call.word("comment_id")), None)
        if comment is None or not call.word("reply"):
            raise RefusedError("评价不存在或回复为空", 808)
        if comment.get("reply_status"):
            raise RefusedError("该评价已回复", 808)
        comment |= {"reply_status": 1, "e_reply_content": call.word("reply")}
        return "ok"
