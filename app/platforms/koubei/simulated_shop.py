"""What may befall an order at the pretend Koubei: the shop's steps, the customer, time; and the messages that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.domain.lifecycle import CLOSED, Kitchen
from app.platforms.koubei.simulated_orders import DECIDE_WITHIN, Placed, fen
from app.platforms.simulation import ImpossibleError

# Placeholders: the real names and contents were not found, which is why the account form asks for them.
PLACED, CANCELLED, REFUND_ASKED, FINISHED, CHANGED = (
    f"practice.koubei.order.{what}" for what in ("placed", "cancelled", "refund_asked", "finished", "changed")
)
REASONS = frozenset(
    {
        "RECEIVE_TIMEOUT",
        "BUSY",
        "DUPLICATE_ORDER",
        "SHOP_CLOSE",
        "SELL_OUT",
        "OTHER_REASON",
        "TABLE_NOT_EXIST",
        "LOW_VERSION",
        "SHOP_NOT_CONNECTED",
        "MERCHANT_NOT_AUTHORIZED",
        "POS_UNCONNECTED",
        "DISH_REASON",
    }
)
REFUSALS = frozenset(
    {
        "RECEIVE_TIMEOUT",
        "UNDER_LINE_NEGOTIATION",
        "OTHER_REASON",
        "ORDER_HAS_PARTIAL_REFUNDED",
        "ORDER_HAS_REFUNDED",
        "ORDER_HAS_VERIFIED",
    }
)
COOKED = frozenset({Kitchen.ACCEPTED, Kitchen.PREPARING})
ACCEPTED = COOKED | {Kitchen.READY, Kitchen.HANDED_OVER, Kitchen.COMPLETED}


class StepError(ImpossibleError):
    """A business refusal, with a sub-code of a recalled form."""

    def __init__(self, sub_code: str, words: str) -> None:
        super().__init__(words)
        self.sub_code = sub_code


class Shop:
    """The orders of the one shop, and the rules. `notify(order, name, content)` and `later(seconds, do)` are given."""

    def __init__(
        self,
        notify: Callable[[Placed, str, dict[str, Any]], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self.orders: dict[str, Placed] = {}
        self._notify = notify
        self._later = later
        self._steps: dict[str, Callable[[Placed, Mapping[str, Any]], dict[str, str] | None]] = {
            "RECEIPT": self._receipt,
            "REJECT": self._reject,
            "COOKING": self._cooking,
            "PREPARE": self._prepare,
            "DELIVER": self._deliver,
            "REFUND": self._refund,
            "PARTIAL_REFUND": self._refund_part,
            "ACCEPT_REFUND": self._agree,
            "REJECT_REFUND": self._refuse,
        }

    def take(self, order: Placed) -> None:
        """A paid order begins to wait for the shop."""
        self.orders[order.id] = order
        self._notify(order, PLACED, {})
        self._later(DECIDE_WITHIN, lambda: self._expire(order))

    def order(self, order_id: str) -> Placed:
        """An order by number. StepError for one there is not."""
        if order_id not in self.orders:
            raise StepError("ORDER_NOT_EXIST", "订单不存在")
        return self.orders[order_id]

    def step(self, order_id: str, action: str, info: Mapping[str, Any]) -> dict[str, str] | None:
        """koubei.catering.order.info.sync; answers what the platform tells beside its yes. None: it had been done before."""
        order = self.order(order_id)
        if action not in self._steps:
            raise StepError("INVALID_PARAMETER", "不支持的操作类型")
        told = self._steps[action](order, info)
        if told is not None:
            order.status = action
        return told

    # what the shop does

    def _receipt(self, order: Placed, info: Mapping[str, Any]) -> dict[str, str]:
        _must_be(order, {Kitchen.NEW})
        places = {"NO", "tableNo"} & set(info)
        if len(places) != 1 or not all(isinstance(value, str) and value for value in info.values()):
            raise StepError("INVALID_PARAMETER", "NO和tableNo只能传一种")
        order.body["take_no"] = info[places.pop()]
        order.kitchen = Kitchen.ACCEPTED
        return {}

    def _reject(self, order: Placed, info: Mapping[str, Any]) -> dict[str, str]:
        _must_be(order, {Kitchen.NEW})
        _must_say(info, REASONS)
        _end(order, Kitchen.REJECTED, info["reason"])
        return {}

    def _cooking(self, order: Placed, _: Mapping[str, Any]) -> dict[str, str]:
        _must_be(order, {Kitchen.ACCEPTED})
        order.kitchen = Kitchen.PREPARING
        return {}

    def _prepare(self, order: Placed, _: Mapping[str, Any]) -> dict[str, str]:
        _must_be(order, COOKED)
        _mark(order.dishes, "MAKE")
        order.kitchen = Kitchen.READY
        return {}

    def _deliver(self, order: Placed, _: Mapping[str, Any]) -> dict[str, str]:
        _must_be(order, {Kitchen.READY})
        _mark(order.dishes, "SERVE")
        order.kitchen = Kitchen.HANDED_OVER
        return {}

    def _refund(self, order: Placed, info: Mapping[str, Any]) -> dict[str, str]:
        _must_be(order, ACCEPTED)
        _must_say(info, REASONS)
        _end(order, Kitchen.CANCELLED, info["reason"])
        return {}

    def _refund_part(self, order: Placed, info: Mapping[str, Any]) -> dict[str, str] | None:
        number, amount = info.get("out_refund_no", ""), info.get("refund_amount", "")
        if not number:
            raise StepError("INVALID_PARAMETER", "out_refund_no不能为空")
        if number in order.part_refunds:
            if order.part_refunds[number] != amount:
                raise StepError("INVALID_PARAMETER", "同一退款单号金额不一致")
            return None
        _must_be(order, ACCEPTED)
        if not 0 < fen(amount) < order.total - order.refunded:
            raise StepError("REFUND_AMOUNT_ERROR", "退款金额有误")
        order.part_refunds[number] = amount
        order.refunded += fen(amount)
        return {"refund_amount": amount, "out_refund_no": number, "buyer_real_amount": amount, "refund_real_amount": amount}

    def _agree(self, order: Placed, info: Mapping[str, Any]) -> dict[str, str]:
        _must_be_asked(order)
        _must_say(info, REASONS)
        _end(order, Kitchen.CANCELLED, order.asked)
        return {}

    def _refuse(self, order: Placed, info: Mapping[str, Any]) -> dict[str, str]:
        _must_be_asked(order)
        _must_say(info, REFUSALS)
        order.asked = ""
        return {}

    # what befalls an order

    def cancel(self, order: Placed, reason: str) -> None:
        """The customer goes away before anything is made, or Koubei's service ends the order."""
        _must_be(order, COOKED | {Kitchen.NEW})
        _end(order, Kitchen.CANCELLED, reason)
        self._notify(order, CANCELLED, {"reason": reason})

    def ask_refund(self, order: Placed, reason: str) -> None:
        """The customer wants the money back; the shop must answer."""
        _must_be(order, ACCEPTED)
        if order.asked:
            raise ImpossibleError("已有退款申请")
        order.asked = reason
        self._notify(order, REFUND_ASKED, {"reason": reason})

    def take_back(self, order: Placed) -> None:
        """退菜: the cheapest dish that is not made yet leaves the order, and its price goes back."""
        _must_be(order, COOKED)
        left = [dish for dish in order.mains() if dish["make_status"] == "INIT"]
        dish = min(left, key=order.price)
        if len(left) < 2 or order.refunded + order.price(dish) >= order.total:
            raise ImpossibleError("没有可退的菜")
        order.refunded += order.price(dish)
        _mark(order.with_parts(dish), "REFUND", "客人要求退菜")
        self._notify(order, CHANGED, {})

    def urge(self, order: Placed) -> None:
        """催菜."""
        _must_be(order, COOKED)
        dish = order.mains()[0]
        dish["remind_time"] = int(dish.get("remind_time", 0)) + 1
        self._notify(order, CHANGED, {})

    def complete(self, order: Placed) -> None:
        """Fetched or eaten: Koubei closes the order."""
        _must_be(order, {Kitchen.READY, Kitchen.HANDED_OVER})
        _mark(order.dishes, "SERVE")
        order.kitchen, order.status = Kitchen.COMPLETED, "FINISH"
        self._notify(order, FINISHED, {})

    def _expire(self, order: Placed) -> None:
        if order.kitchen is Kitchen.NEW:
            _end(order, Kitchen.EXPIRED, "RECEIVE_TIMEOUT")
            self._notify(order, CHANGED, {})


def _must_be(order: Placed, allowed: Iterable[Kitchen]) -> None:
    if order.kitchen not in allowed:
        words = "订单已关闭" if order.kitchen in CLOSED else "订单状态不允许该操作"
        raise StepError("ORDER_STATUS_ERROR", words)


def _must_be_asked(order: Placed) -> None:
    if not order.asked or order.kitchen not in ACCEPTED:
        raise StepError("REFUND_STATUS_ERROR", "没有待处理的退款申请")


def _must_say(info: Mapping[str, Any], reasons: frozenset[str]) -> None:
    if info.get("reason") not in reasons:
        raise StepError("INVALID_PARAMETER", "原因不在取值范围内")


def _mark(rows: Iterable[dict[str, Any]], status: str, reason: str = "") -> None:
    for row in rows:
        if row["make_status"] != "REFUND":
            row["make_status"] = status
            if reason:
                row["refund_reason"] = reason


def _end(order: Placed, kitchen: Kitchen, reason: str) -> None:
    _mark(order.dishes, "REFUND", reason)
    order.kitchen, order.status, order.asked, order.refunded = kitchen, "CLOSE", "", order.total
