"""What may befall an order at the pretend Ele.me: states, refunds, couriers, and the message each change sends."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.eleme.simulated_orders import COURIERS, SHOP_ID, Placed, fen, local, yuan
from app.platforms.simulation import ImpossibleError

CUSTOMER, SYSTEM, DESK, OPEN_PLATFORM, COMPLETION = 1, 2, 4, 5, 9  # roles in messages
DECIDE_WITHIN = 300.0  # simulated seconds; recalled
FREE_CANCEL = 60.0
SILENCE = {20: 900.0, 30: 86_400.0}  # an unanswered request counts as agreed: cancel documented, refund recalled
FORGOTTEN = 7_200.0  # a delivered order completes by itself

ASKS, WITHDRAWS, REFUSES, AGREES, UPHELD = 0, 1, 2, 3, 5  # added to 20 (before completion) or 30 (after it)
NEXT_STEP = {
    "assigned": ("tobeFetched", 53, ("tobeAssignedMerchant", "tobeAssignedCourier")),
    "changed": ("tobeFetched", 53, ("tobeFetched", "arrived")),
    "at_store": ("arrived", 54, ("tobeFetched",)),
    "picked_up": ("delivering", 55, ("tobeFetched", "arrived")),
    "delivered": ("completed", 56, ("delivering",)),
}


class Shop:
    """The orders of the one shop, and the rules. `push(order, type, message)` and `later(seconds, do)` are given."""

    def __init__(
        self,
        chance: random.Random,
        push: Callable[[Placed, int, dict[str, Any]], None],
        later: Callable[[float, Callable[[], None]], None],
        speed: float,
    ) -> None:
        self.orders: dict[str, Placed] = {}
        self._chance = chance
        self._push = push
        self._later = later
        self._speed = speed
        self._reminder = 42
        self.delivers = False  # whether this shop delivers everything itself

    def take(self, order: Placed) -> None:
        """A paid order begins to wait for the shop."""
        self.orders[order.id] = order
        self._push(order, 10, order.shown(steady.time()))
        self._later(DECIDE_WITHIN, lambda: self._expire(order))

    def accept(self, order: Placed) -> None:
        """The shop confirms; a courier is looked for at once."""
        _must(
            order.status == "unprocessed",
            "订单已取消，无法接单" if order.status == "invalid" else "订单已确认，请勿重复操作",
        )
        order.body["status"] = "valid"
        order.kitchen, order.accepted_at = Kitchen.ACCEPTED, steady.time()
        self._changed(order, 12, OPEN_PLATFORM)
        self._carry(order, *(("selfDelivery", 71) if self.delivers else ("tobeAssignedCourier", 52)))

    def cancel_by_shop(self, order: Placed, remark: str) -> None:
        """The shop refuses an order, or cancels one it accepted."""
        _must(
            order.status in ("unprocessed", "valid"), "订单已取消" if order.status == "invalid" else "订单已完成，不能取消"
        )
        _must(not _on_the_way(order), "骑手已取餐，不能取消")
        early = order.status == "unprocessed"
        kind = (14, Kitchen.REJECTED) if early else (17, Kitchen.CANCELLED)
        self._end(order, *kind, OPEN_PLATFORM, remark)

    def cancel_by_customer(self, order: Placed, reason: str) -> None:
        """Free before acceptance and for one minute after it."""
        if order.status == "unprocessed":
            return self._end(order, 14, Kitchen.CANCELLED, CUSTOMER, reason)
        free = order.status == "valid" and (steady.time() - order.accepted_at) * self._speed <= FREE_CANCEL
        _must(free and not _on_the_way(order), "已超过一分钟，顾客需申请取消")
        return self._end(order, 17, Kitchen.CANCELLED, CUSTOMER, reason)

    def cancel_by_desk(self, order: Placed, reason: str) -> None:
        """Ele.me's service ends an accepted order."""
        _must(order.status == "valid", "订单状态不允许")
        self._end(order, 15, Kitchen.CANCELLED, DESK, reason)

    def prepared(self, order: Placed) -> None:
        """出餐完成: not where the shop delivers itself."""
        _must(order.status == "valid" and not order.carried_by_shop, "订单状态不允许出餐")
        _must(not order.prepared_at, "订单已出餐，请勿重复操作")
        order.prepared_at, order.kitchen = steady.time(), Kitchen.READY

    def complete(self, order: Placed, role: int = COMPLETION) -> None:
        """Delivered and over."""
        _must(order.status == "valid" and order.carried == "completed", "订单未送达")
        order.body["status"], order.kitchen, order.settled_at = "settled", Kitchen.COMPLETED, steady.time()
        self._changed(order, 18, role)

    # the shop's own couriers; which states their waybill takes after the first is derived

    def deliver_by_self(self, order: Placed) -> None:
        """众包转自配送, while nobody has fetched it."""
        _must(order.status == "valid" and not order.carried_by_shop and not _on_the_way(order), "配送状态不允许")
        self._carry(order, "selfDelivery", 71)

    def deliver_no_more(self, order: Placed) -> None:
        """不再配送."""
        _must(order.status == "valid" and not _on_the_way(order), "配送状态不允许")
        self._carry(order, "noMoreDelivery", 72)

    def start_by_self(self, order: Placed, phone: str) -> None:
        """商家开始配送."""
        _must(order.status == "valid" and order.carried_by_shop, "非自配送订单")
        _must(not _on_the_way(order), "订单已开始配送，请勿重复操作")
        self._carry(order, "delivering", 55, phone=phone)
        order.kitchen = Kitchen.HANDED_OVER

    def complete_by_self(self, order: Placed, phone: str) -> None:
        """商家完成配送; the order itself completes a while later."""
        _must(order.status == "valid" and order.carried_by_shop, "非自配送订单")
        _must(
            order.carried == "delivering", "订单已送达，请勿重复操作" if order.carried == "completed" else "订单未开始配送"
        )
        self._carry(order, "completed", 56, phone=phone)
        order.kitchen = Kitchen.COMPLETED
        self._later(FORGOTTEN, lambda: self.complete(order) if order.status == "valid" else None)

    # requests and refunds

    def ask(self, order: Placed, group: int, reason: str, amount: int | None) -> None:
        """The customer asks to cancel (20) or for a refund (30); `amount` in fen makes it a part."""
        _must(order.status == ("valid" if group == 20 else "settled"), "订单状态不允许申请")
        _must(order.body["refundStatus"] in ("noRefund", "rejected", "failed"), "已有退单")
        part = amount is not None
        _must(not part or 0 < (amount or 0) < order.total - order.refunded, "退款金额有误")
        order.body |= {"refundStatus": "applied", "cancelOrderCreatedAt": local(steady.time())}
        order.refund = {
            "orderId": order.id,
            "refundStatus": "applied",
            "refundType": "part" if part else "normal",
            "totalPrice": yuan(amount if amount is not None else order.total),
            "goodsList": _goods(order)[: 1 if part else None],
            "applyRefundReason": reason,
        }
        self._asked(order, group + ASKS)
        asked = order.refund
        self._later(SILENCE[group], lambda: self.agree(order) if order.refund is asked and _open(order) else None)

    def withdraw(self, order: Placed) -> None:
        """The customer takes the request back."""
        _must(_open(order), "没有待处理的退单")
        group = _group(order)
        order.body["refundStatus"] = "noRefund"
        self._asked(order, group + WITHDRAWS)
        order.refund = None

    def refuse(self, order: Placed, reason: str) -> None:
        """The shop refuses the open request."""
        _must(_open(order), "没有待处理的退单")
        _must(bool(reason), "拒绝原因不能为空")
        self._settle(order, "rejected", _group(order) + REFUSES)

    def agree(self, order: Placed) -> None:
        """The shop agrees to the open request, by word or by silence."""
        _must(_open(order), "没有待处理的退单")
        refund, group = order.refund or {}, _group(order)
        whole = refund["refundType"] == "normal"
        _pay_back(order, order.total - order.refunded if whole else fen(refund["totalPrice"]))
        refund["totalPrice"] = yuan(order.refunded)
        self._settle(order, "successful", group + AGREES)
        if whole and order.status == "valid":
            self._end(order, 15, Kitchen.CANCELLED, CUSTOMER, str(refund["applyRefundReason"]))

    def refund_part(self, order: Placed, amount: int) -> None:
        """Ele.me gives `amount` fen back on its own decision; the sum of all parts is what the refund order tells."""
        _must(order.status in ("valid", "settled") and not _open(order), "订单状态不允许退款")
        _must(0 < amount < order.total - order.refunded, "退款金额有误")
        self._give(order, amount, "part", "平台部分退款", UPHELD)

    def apply_refund(self, order: Placed, remark: str) -> None:
        """The shop gives everything back by itself. Documented: before completion an order is cancelled (取消单), after it
        money is returned (退单); that this call takes nothing else is the strict reading."""
        _must(order.status == "settled", "订单已取消" if order.status == "invalid" else "订单未完成，请取消订单")
        _must(order.body["refundStatus"] not in ("applied", "arbitrating"), "已有退单")
        _must(order.refunded < order.total, "订单已全额退款")
        self._give(order, order.total - order.refunded, "normal", remark, AGREES)

    # urges and the courier

    def urge(self, order: Placed) -> int:
        """催单; answers its id."""
        _must(order.status == "valid", "订单状态不允许催单")
        self._reminder += 1
        order.reminders[self._reminder] = False
        self._push(order, 45, {"reminderId": self._reminder, "orderId": order.id, "shopId": SHOP_ID})
        return self._reminder

    def answer(self, reminder: int) -> None:
        """The shop answers an urge."""
        order = next((order for order in self.orders.values() if reminder in order.reminders), None)
        if order is None:
            raise ImpossibleError("催单不存在")
        _must(not order.reminders[reminder], "催单已回复")
        order.reminders[reminder] = True

    def courier(self, order: Placed, step: str) -> None:
        """One step of the delivery (a key of NEXT_STEP)."""
        state, type_, after = NEXT_STEP[step]
        allowed = order.status == "valid" and order.carried in after and not order.carried_by_shop
        _must(allowed, "配送状态不允许")
        name, phone = (order.waybills[-1][key] for key in ("deliverName", "deliverPhone"))
        if step in ("assigned", "changed"):
            name, phone = self._chance.choice([courier for courier in COURIERS if courier[0] != name])
        self._carry(order, state, type_, name, phone)
        if step == "delivered":
            self._later(FORGOTTEN, lambda: self.complete(order) if order.status == "valid" else None)

    def _expire(self, order: Placed) -> None:
        if order.status == "unprocessed":
            self._end(order, 14, Kitchen.EXPIRED, SYSTEM, "商家超时未接单")

    def _end(self, order: Placed, type_: int, kitchen: Kitchen, role: int, reason: str) -> None:
        order.body |= {"status": "invalid", "cancelOrderDescription": reason}
        order.kitchen, order.refunded = kitchen, order.total
        if _open(order):
            order.body["refundStatus"] = "successful"
            order.refund = (order.refund or {}) | {"refundStatus": "successful", "totalPrice": yuan(order.total)}
        self._changed(order, type_, role)

    def _give(self, order: Placed, amount: int, kind: str, reason: str, outcome: int) -> None:
        _pay_back(order, amount)
        order.refund = {
            "orderId": order.id,
            "refundStatus": "successful",
            "refundType": kind,
            "totalPrice": yuan(order.refunded),
            "goodsList": [] if kind == "part" else _goods(order),
            "applyRefundReason": reason,
        }
        self._settle(order, "successful", _group(order) + outcome)

    def _settle(self, order: Placed, status: str, type_: int) -> None:
        order.body["refundStatus"] = status
        (order.refund or {})["refundStatus"] = status
        self._asked(order, type_)

    def _changed(self, order: Placed, type_: int, role: int) -> None:
        now = int(steady.time())
        message = {"orderId": order.id, "state": order.status, "shopId": SHOP_ID, "updateTime": now, "role": role}
        self._push(order, type_, message)

    def _asked(self, order: Placed, type_: int) -> None:
        refund = dict(order.refund or {})
        reason = refund.pop("applyRefundReason", "")
        message = refund | {"refundStatus": order.body["refundStatus"], "reason": reason, "shopId": SHOP_ID}
        self._push(order, type_, message | {"updateTime": int(steady.time())})

    def _carry(self, order: Placed, state: str, type_: int, name: str = "", phone: str = "") -> None:
        now = steady.time()
        waybill = {"orderId": order.id, "state": state, "subState": "noSubstate", "createdAt": local(now)}
        order.waybills.append(waybill | {"deliverName": name, "deliverPhone": phone})
        message = {"orderId": order.id, "shopId": SHOP_ID, "state": state, "subState": "noSubstate"}
        self._push(order, type_, message | {"name": name, "phone": phone, "updateAt": int(now * 1000)})


def _must(allowed: bool, words: str) -> None:
    if not allowed:
        raise ImpossibleError(words)


def _pay_back(order: Placed, amount: int) -> None:
    order.refunded += amount
    order.paid_back.append((steady.time(), amount))


def _open(order: Placed) -> bool:
    return bool(order.body["refundStatus"] == "applied")


def _group(order: Placed) -> int:
    return 30 if order.status == "settled" else 20


def _on_the_way(order: Placed) -> bool:
    return order.carried in ("delivering", "completed")


def _goods(order: Placed) -> list[dict[str, Any]]:
    items = [item for group in order.body["groups"] if group["type"] == "normal" for item in group["items"]]
    return [{name: item[name] for name in ("name", "quantity", "price") if name in item} for item in items]
