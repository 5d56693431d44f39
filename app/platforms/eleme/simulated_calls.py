"""The pretend Ele.me's business actions: exact parameters, the shop's rules, answers in the documented shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app import steady
from app.platforms.eleme.simulated_orders import SHOP_ID, SHOP_NAME, Placed, day_of, local
from app.platforms.eleme.simulated_pushes import Pushes
from app.platforms.eleme.simulated_shop import OPEN_PLATFORM, Shop
from app.platforms.simulation import ImpossibleError

CANCEL_TYPES = frozenset(
    (
        "others",
        "fakeOrder",
        "contactUserFailed",
        "foodSoldOut",
        "restaurantClosed",
        "distanceTooFar",
        "restaurantTooBusy",
        "forceRejectOrder",
        "deliveryFault",
        "notSatisfiedDeliveryRequirement",
    )
)
REPLY_TYPES = frozenset(("custom", "hasOut", "inCooking", "weather", "shortHand"))
PAGE_SIZES, PAGES = range(1, 51), range(1, 101)
BATCH = 100
PHONE = re.compile(r"[\d*+-]{5,20}")  # what is taken for one is not documented


class ApiError(Exception):
    """An answer with an error code of the documented list."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


@dataclass(slots=True)
class Call:
    """One call being answered. `carried` are the orders whose content the answer carries, `note` writes records."""

    params: Mapping[str, Any]
    note: Callable[..., None]
    carried: list[str] = field(default_factory=list)

    def order_id(self) -> str:
        """The order it is about; "" when it is about none."""
        return str(self.params.get("orderId", ""))


@dataclass(frozen=True, slots=True)
class Action:
    """`params` are the exact names and types; `command`: it changes an order; `open`: it goes with an empty token."""

    params: Mapping[str, type]
    answer: Callable[[Call], Any]
    command: bool = False
    open: bool = False


class Actions:
    """Every action the simulator knows, by name."""

    def __init__(self, shop: Shop, pushes: Pushes, *more: Mapping[str, Action]) -> None:
        self._shop = shop
        self._pushes = pushes
        one, shop_id, many = {"orderId": str}, {"shopId": int}, {"orderIds": list}
        by_self = one | {"phone": str}
        self.table: dict[str, Action] = {
            "eleme.user.getUser": Action({}, self._user),
            "eleme.order.getUnprocessOrders": Action(shop_id, self._unprocessed),
            "eleme.order.getCancelOrders": Action(shop_id, lambda call: self._asked("valid")),
            "eleme.order.getRefundOrders": Action(shop_id, lambda call: self._asked("settled")),
            "eleme.order.getUnreplyReminders": Action(shop_id, self._reminders),
            "eleme.order.getAllOrders": Action(shop_id | {"pageNo": int, "pageSize": int, "date": str}, self._all),
            "eleme.order.getOrder": Action(one, self._order),
            "eleme.order.mgetOrders": Action(many, self._orders),
            "eleme.order.getRefundOrder": Action(one, lambda call: self._known(call).refund),
            "eleme.order.mgetRefundOrders": Action(many, self._refunds),
            "eleme.order.getDeliveryStateRecord": Action(one, lambda call: self._known(call).waybills),
            "eleme.order.batchGetDeliveryStates": Action(many, self._waybills),
            "eleme.order.getPreparedTimesByOrderIds": Action(many, self._prepared_times),
            "eleme.order.confirmOrderLite": Action(one, self._do(shop.accept), command=True),
            "eleme.order.cancelOrderLite": Action(one | {"type": str, "remark": str}, self._cancel, command=True),
            "eleme.order.setOrderPrepared": Action(one, self._do(shop.prepared), command=True),
            "eleme.order.receivedOrderLite": Action(one, self._do(self._received), command=True),
            "eleme.order.deliveryBySelfLite": Action(one, self._do(shop.deliver_by_self), command=True),
            "eleme.order.noMoreDeliveryLite": Action(one, self._do(shop.deliver_no_more), command=True),
            "eleme.order.startDeliveryBySelf": Action(by_self, self._by_self(shop.start_by_self), command=True),
            "eleme.order.completeDeliveryBySelf": Action(by_self, self._by_self(shop.complete_by_self), command=True),
            "eleme.order.agreeRefundLite": Action(one, self._do(shop.agree), command=True),
            "eleme.order.disagreeRefundLite": Action(one | {"reason": str}, self._disagree, command=True),
            "eleme.order.applyRefund": Action(one | {"type": str, "remark": str}, self._apply_refund, command=True),
            "eleme.order.replyReminder": Action({"remindId": str, "type": str, "content": str}, self._reply, command=True),
            "eleme.message.getNonReachedMessages": Action({"appId": int}, self._missed),
            "eleme.message.getNonReachedOMessages": Action(
                {"appId": int}, lambda call: [*map(json.loads, self._missed(call))]
            ),
            "eleme.msgNew.getPushFailMsg": Action({"msgQueryRequest": dict}, self._failed, open=True),
            "eleme.msgNew.confirmPullMsg": Action({"msgConfirmRequest": dict}, self._confirm, open=True),
        }
        for name in [name for name in self.table if name.endswith("Lite")]:
            self.table[name.removesuffix("Lite")] = self._older(self.table[name])
        for table in more:
            self.table |= table

    def check(self, name: str, params: Any) -> Action:
        """The action, or the error code for an unknown one or other parameters than the documented ones."""
        action = self.table.get(name)
        if action is None:
            raise ApiError("METHOD_NOT_ALLOWED", f"no such action: {name}")
        if not isinstance(params, dict) or set(params) != set(action.params):
            raise ApiError("VALIDATION_FAILED", f"params must be {sorted(action.params)}")
        if wrong := [key for key, kind in action.params.items() if type(params[key]) is not kind]:
            raise ApiError("VALIDATION_FAILED", f"wrong type: {wrong}")
        if str(params.get("shopId", SHOP_ID)) != str(SHOP_ID):  # a text where reviews are asked for
            raise ApiError("PERMISSION_DENIED", "店铺未授权")
        return action

    def _older(self, lite: Action) -> Action:
        """The older form of an action does the same and answers with the order."""

        def answer(call: Call) -> Any:
            lite.answer(call)
            return self._order(call)

        return Action(lite.params, answer, command=True)

    def _do(self, rule: Callable[[Placed], None]) -> Callable[[Call], Any]:
        return lambda call: rule(self._known(call))

    def _by_self(self, rule: Callable[[Placed, str], None]) -> Callable[[Call], Any]:
        def told(call: Call) -> None:
            if not PHONE.fullmatch(call.params["phone"]):
                raise ApiError("VALIDATION_FAILED", "phone")
            rule(self._known(call), call.params["phone"])

        return told

    def _received(self, order: Placed) -> None:
        self._shop.complete(order, OPEN_PLATFORM)

    def _known(self, call: Call) -> Placed:
        return self._find(call.order_id())

    def _find(self, order_id: str) -> Placed:
        if order_id not in self._shop.orders:
            raise ImpossibleError("订单不存在")
        return self._shop.orders[order_id]

    def _some(self, call: Call) -> Iterable[Placed]:
        if len(call.params["orderIds"]) > BATCH:
            raise ApiError("VALIDATION_FAILED", f"at most {BATCH} ids")
        return [self._shop.orders[order_id] for order_id in call.params["orderIds"] if order_id in self._shop.orders]

    def _user(self, _: Call) -> Any:
        return {
            "userId": 283166468060386111,
            "userName": "practice",
            "authorizedShops": [{"id": SHOP_ID, "name": SHOP_NAME}],
        }

    def _unprocessed(self, call: Call) -> list[str]:
        found = [order.id for order in self._shop.orders.values() if order.status == "unprocessed"]
        for order_id in found:
            call.note("listed", order_id)
        return found

    def _asked(self, status: str) -> list[str]:
        orders = self._shop.orders.values()
        return [order.id for order in orders if order.status == status and order.body["refundStatus"] == "applied"]

    def _reminders(self, _: Call) -> list[dict[str, Any]]:
        return [
            {"reminderId": reminder, "orderId": order.id}
            for order in self._shop.orders.values()
            for reminder, answered in order.reminders.items()
            if not answered
        ]

    def _all(self, call: Call) -> Any:
        number, size = call.params["pageNo"], call.params["pageSize"]
        if number not in PAGES or size not in PAGE_SIZES:
            raise ApiError("VALIDATION_FAILED", "pageNo 1-100, pageSize 1-50")
        orders = [order for order in self._shop.orders.values() if day_of(order) == call.params["date"]]
        page = [self._give(call, order, "listed") for order in orders[(number - 1) * size : number * size]]
        return {"list": page, "total": len(orders)}

    def _order(self, call: Call) -> Any:
        return self._give(call, self._known(call), "fetched")

    def _orders(self, call: Call) -> Any:
        return {order.id: self._give(call, order, "fetched") for order in self._some(call)}

    def _give(self, call: Call, order: Placed, what: str) -> dict[str, Any]:
        call.note(what, order.id)
        call.carried.append(order.id)
        return order.shown(steady.time())

    def _refunds(self, call: Call) -> Any:
        return {order.id: order.refund for order in self._some(call) if order.refund}

    def _waybills(self, call: Call) -> Any:
        return {order.id: order.waybills[-1] for order in self._some(call) if order.waybills}

    def _prepared_times(self, call: Call) -> Any:
        return {order.id: local(order.prepared_at) if order.prepared_at else None for order in self._some(call)}

    def _cancel(self, call: Call) -> None:
        if call.params["type"] not in CANCEL_TYPES:
            raise ApiError("VALIDATION_FAILED", "type")
        self._shop.cancel_by_shop(self._known(call), call.params["remark"] or call.params["type"])

    def _apply_refund(self, call: Call) -> None:
        if call.params["type"] not in CANCEL_TYPES:
            raise ApiError("VALIDATION_FAILED", "type")
        self._shop.apply_refund(self._known(call), call.params["remark"])

    def _disagree(self, call: Call) -> None:
        self._shop.refuse(self._known(call), call.params["reason"])

    def _reply(self, call: Call) -> None:
        words = call.params["content"]
        if call.params["type"] not in REPLY_TYPES or not call.params["remindId"].isdigit():
            raise ApiError("VALIDATION_FAILED", "type or remindId")
        if call.params["type"] == "custom" and not 0 < len(words) <= 30:
            raise ApiError("VALIDATION_FAILED", "content: 1 to 30 characters")
        self._shop.answer(int(call.params["remindId"]))

    def _missed(self, call: Call) -> list[str]:
        if call.params["appId"] != self._pushes.app_id:
            raise ApiError("PERMISSION_DENIED", "appId")
        return self._pushes.hand_out()

    def _failed(self, _: Call) -> Any:
        return list(self._pushes.failed.values())[:50]

    def _confirm(self, call: Call) -> None:
        for request_id in call.params["msgConfirmRequest"].get("requestIds", ()):
            if self._pushes.failed.pop(request_id, None):
                call.note("acknowledged", "", request_id=request_id)
