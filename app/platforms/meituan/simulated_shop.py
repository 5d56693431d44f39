"""What may befall an order at the pretend Meituan: states, refunds, couriers, and the push each change sends."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.meituan.simulated_orders import COURIERS, Placed, yuan
from app.platforms.simulation import ImpossibleError

DECIDE_WITHIN = 300.0  # simulated seconds; recalled
FREE_CANCEL = 60.0
READY_AFTER = 60.0
SILENCE = 3 * 3600.0  # an unanswered request counts as agreed (`res_type` 5)
REFUND_WITHIN = 86_400.0  # after an order's end; that there is a limit is documented, its length recalled
FORGOTTEN = 7200.0  # a delivered order completes by itself
USER, DESK, SYSTEM = 1, 3, 5  # deal_op_type

NEXT_STEP = {  # step -> logistics_status, allowed before
    "assigned": (10, (0, 5)),
    "changed": (10, (10, 15)),
    "at_store": (15, (10,)),
    "picked_up": (20, (10, 15)),
    "delivered": (40, (20,)),
}

Push = Callable[[Placed, str, Mapping[str, Any]], None]


class RefusedError(ImpossibleError):
    """A no with one of the platform's codes."""

    def __init__(self, words: str, code: int = 808) -> None:
        super().__init__(words)
        self.code = code


class Shop:
    """The orders of the one shop, and the rules. `push(order, kind, fields)` and `later(seconds, do)` are given."""

    def __init__(
        self, chance: random.Random, push: Push, later: Callable[[float, Callable[[], None]], None], speed: float
    ) -> None:
        self.orders: dict[str, Placed] = {}
        self._chance = chance
        self._push = push
        self._later = later
        self._speed = speed
        self._next = 100_000  # refund and reminder ids grow

    def take(self, order: Placed) -> None:
        """A paid order begins to wait for the shop."""
        self.orders[order.id] = order
        self._push(order, "pushed", order.shown(steady.time()))
        self._later(DECIDE_WITHIN, lambda: self._expire(order))

    # the shop's own commands

    def received(self, order: Placed) -> None:
        """设为商家已收到."""
        _must(order.status == 2, "订单状态已变更")
        self._moved(order, 3)

    def accept(self, order: Placed) -> None:
        """The shop confirms; a courier is looked for at once where Meituan delivers."""
        _must(order.status != 9, "订单已取消,无法确认")
        _must(order.status in (2, 3), "订单已经确认过")
        self._moved(order, 4, "order_confirm_time")
        order.kitchen, order.accepted_at = Kitchen.ACCEPTED, steady.time()
        if order.carried():
            order.body["logistics_status"] = 0
        self._push(order, "pushed", order.shown(steady.time()))

    def cancel_by_shop(self, order: Placed) -> None:
        """Through the interface: no push tells of it."""
        if order.status == 8:
            raise RefusedError("订单已完成,不能取消", 1022)
        _must(order.status in (2, 3, 4), "订单状态不允许取消")
        _must(not self._on_the_way(order), "骑手已取餐,不能取消")
        self._end(order, Kitchen.REJECTED if order.status in (2, 3) else Kitchen.CANCELLED)

    def prepared(self, order: Placed) -> None:
        """出餐完成: only for Meituan's couriers, not in the first minute, once."""
        _must(order.status == 4 and order.carried(), "订单状态不允许上报出餐")
        _must(not self._on_the_way(order), "骑手已取餐")
        _must(not order.ready, "订单已出餐,请勿重复上报")
        _must((steady.time() - order.accepted_at) * self._speed >= READY_AFTER, "接单后一分钟内不能上报")
        order.ready, order.kitchen = True, Kitchen.READY

    def delivering(self, order: Placed) -> None:
        """The shop's own courier leaves."""
        _must(order.status == 4 and not order.carried(), "非自配送订单或状态不允许")
        self._moved(order, 6)
        order.kitchen = Kitchen.HANDED_OVER

    def delivered(self, order: Placed) -> None:
        """The shop's own courier arrived."""
        _must(order.status in (4, 6) and not order.carried(), "非自配送订单或状态不允许")
        self._complete(order)

    def agree(self, order: Placed, result: int = 2) -> None:
        """The open request is granted: by the shop (2) or by silence (5)."""
        record = _open(order)
        self._settle(order, record, result, "agree")
        if record["refund_type"] == 2:
            self._end(order, Kitchen.CANCELLED)  # a full refund ends in status 9; no cancel push

    def refuse(self, order: Placed, reason: str) -> None:
        """The shop refuses the open request."""
        _must(bool(reason), "拒绝原因不能为空")
        self._settle(order, _open(order), 1, "reject")

    def give_back(self, order: Placed, counts: Mapping[int, int], amount: int, reason: str) -> None:
        """商家主动部分退款: portions of dishes (by place), worth `amount` fen; never the last one left, never everything."""
        _must(order.status in (4, 6, 8), "订单状态不支持部分退款")
        _must(order.open is None, "已有退款申请")
        over = (steady.time() - order.body.get("order_completed_time", steady.time())) * self._speed
        _must(over <= REFUND_WITHIN, "已超过退款时效")
        foods = order.body["detail"]
        left = sum(int(food["quantity"]) for food in foods) - sum(order.returned.values())
        _must(left > 1, "订单中仅剩1件商品，不支持部分退款")
        _must(sum(counts.values()) < left, "不支持全部退款，请取消订单")
        _must(0 < amount < order.total - order.refunded, "退款金额有误")
        order.returned |= {at: order.returned.get(at, 0) + count for at, count in counts.items()}
        record = self._record(order, 1, amount, reason)
        record |= {"apply_type": 7, "food": [{"food_name": foods[at]["food_name"], "count": counts[at]} for at in counts]}
        self._settle(order, record, 2, "agree")

    def answer(self, order: Placed, reminder: str, words: str) -> None:
        """催单回复."""
        _must(reminder in order.reminders, "催单不存在")
        _must(not order.reminders[reminder], "催单已回复")
        _must(bool(words), "回复内容不能为空")
        order.reminders[reminder] = True

    # what customers, couriers and the desk do

    def cancel_by_customer(self, order: Placed, reason: str) -> None:
        """Free before acceptance and for one minute after it."""
        if order.status in (2, 3):
            return self._cancel(order, 1102, reason or "用户取消，商家确认前取消", USER)
        free = order.status == 4 and (steady.time() - order.accepted_at) * self._speed <= FREE_CANCEL
        _must(free and not self._on_the_way(order), "已超过一分钟，顾客需申请取消")
        return self._cancel(order, 1103, reason, USER)

    def cancel_by_desk(self, order: Placed, reason: str) -> None:
        """The service desk ends an accepted order."""
        _must(order.status == 4, "订单状态不允许")
        self._cancel(order, 1201, reason, DESK)

    def ask(self, order: Placed, reason: str, amount: int | None, after_completion: bool) -> None:
        """The customer asks for everything back, or for `amount` fen of it."""
        _must(order.status == (8 if after_completion else 4), "订单状态不允许申请")
        _must(order.open is None, "已有退款申请")
        _must(amount is None or 0 < amount < order.total - order.refunded, "退款金额有误")
        record = self._record(order, 1 if amount else 2, amount or order.total - order.refunded, reason)
        self._asked(order, record, "part" if amount else "apply")
        self._later(SILENCE, lambda: self.agree(order, 5) if record["res_type"] == 0 and order.status != 9 else None)

    def withdraw(self, order: Placed) -> None:
        """The customer takes the request back."""
        self._settle(order, _open(order), 7, "cancelRefund")

    def refund_part(self, order: Placed, amount: int) -> None:
        """Meituan gives `amount` fen back on its own decision."""
        _must(order.status in (4, 8) and order.open is None, "订单状态不允许退款")
        _must(0 < amount < order.total - order.refunded, "退款金额有误")
        record = self._record(order, 1, amount, "平台部分退款")
        self._settle(order, record, 6, "agree")

    def urge(self, order: Placed) -> str:
        """催单; answers its id."""
        _must(order.status in (4, 6), "订单状态不允许催单")
        reminder = self._id()
        order.reminders[reminder] = False
        fields = {"order_id": order.body["order_id"], "remind_id": reminder, "remind_time": int(steady.time())}
        self._push(order, "urge", fields)
        return reminder

    def courier(self, order: Placed, step: str) -> None:
        """One step of the delivery (a key of NEXT_STEP)."""
        status, before = NEXT_STEP[step]
        _must(order.status == 4 and order.carried(), "订单状态不允许")
        _must(order.body.get("logistics_status") in before, "配送状态不允许")
        name = order.body.get("logistics_dispatcher_name", "")
        if step in ("assigned", "changed"):
            chosen, phone = self._chance.choice([courier for courier in COURIERS if courier[0] != name])
            order.body |= {"logistics_dispatcher_name": chosen, "logistics_dispatcher_mobile": phone}
        order.body["logistics_status"] = status
        self._push(order, "rider", self._rider(order))
        if step == "delivered":
            self._later(FORGOTTEN, lambda: self.complete(order) if order.status == 4 else None)

    def complete(self, order: Placed) -> None:
        """Delivered and over; food that customers fetch is over when they have it."""
        arrived = order.body.get("logistics_status") == 40 or (order.body["pick_type"] == 1 and order.status == 4)
        _must(order.status in (4, 6) and (arrived or not order.carried()), "订单未送达")
        self._complete(order)

    def _complete(self, order: Placed) -> None:
        self._moved(order, 8, "order_completed_time")
        order.kitchen = Kitchen.COMPLETED
        self._push(order, "pushed", order.shown(steady.time()))

    def _expire(self, order: Placed) -> None:
        if order.status in (2, 3):
            self._cancel(order, 1001, "商家超时未接单", SYSTEM, Kitchen.EXPIRED)

    def _cancel(self, order: Placed, code: int, reason: str, by: int, kitchen: Kitchen = Kitchen.CANCELLED) -> None:
        self._end(order, kitchen)
        fields = {"order_id": order.body["order_id"], "reason_code": code, "reason": reason, "deal_op_type": by}
        self._push(order, "cancelled", fields)

    def _end(self, order: Placed, kitchen: Kitchen) -> None:
        self._moved(order, 9, "order_cancel_time")
        order.kitchen = kitchen
        if order.open:
            order.open["res_type"] = 6

    def _moved(self, order: Placed, status: int, stamp: str = "") -> None:
        now = int(steady.time())
        order.body |= {"status": status, "utime": now}
        if stamp:
            order.body[stamp] = now

    def _record(self, order: Placed, kind: int, amount: int, reason: str) -> dict[str, Any]:
        now = int(steady.time())
        foods = order.body.get("detail") or []
        record = {
            "refund_id": int(self._id()),
            "refund_type": kind,
            "res_type": 0,
            "money": yuan(amount),
            "reason": reason,
            "ctime": now,
            "utime": now,
            "is_appeal": 0,
            "food": [{"food_name": foods[0]["food_name"], "count": 1}] if kind == 1 and foods else [],
        }
        order.refunds.append(record)
        return record

    def _settle(self, order: Placed, record: dict[str, Any], result: int, notify: str) -> None:
        record |= {"res_type": result, "utime": int(steady.time())}
        self._asked(order, record, notify)

    def _asked(self, order: Placed, record: Mapping[str, Any], notify: str) -> None:
        fields = {name: record[name] for name in ("refund_id", "ctime", "reason", "res_type", "is_appeal")}
        fields |= {"order_id": order.body["order_id"], "notify_type": notify, "status": order.status, "pictures": ""}
        if record["refund_type"] == 1:
            fields |= {"money": record["money"], "food": list(record["food"])}
        self._push(order, "part_refund" if record["refund_type"] == 1 else "refund", fields)

    def _rider(self, order: Placed) -> dict[str, Any]:
        return {
            "order_id": order.body["order_id"],
            "wm_order_id_view": order.body["wm_order_id_view"],
            "logistics_status": order.body["logistics_status"],
            "time": int(steady.time()),
            "dispatcher_name": order.body.get("logistics_dispatcher_name", ""),
            "dispatcher_mobile": order.body.get("logistics_dispatcher_mobile", ""),
        }

    def _on_the_way(self, order: Placed) -> bool:
        return order.body.get("logistics_status") in (20, 40)

    def _id(self) -> str:
        self._next += 1
        return str(self._next)


def _open(order: Placed) -> dict[str, Any]:
    if order.open is None:
        raise RefusedError("没有待处理的退款申请")
    return order.open


def _must(allowed: bool, words: str) -> None:
    if not allowed:
        raise RefusedError(words)
