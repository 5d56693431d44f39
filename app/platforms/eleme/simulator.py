"""Ele.me's side of the wire on 127.0.0.1, as strict as the platform: practice mode, tests and `order-console simulate`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app import steady
from app.platforms.eleme.payloads import Order
from app.platforms.eleme.signing import compact, sign_call
from app.platforms.eleme.simulated_books import Books
from app.platforms.eleme.simulated_calls import Action, Actions, ApiError, Call
from app.platforms.eleme.simulated_front import Front
from app.platforms.eleme.simulated_menu import Menu
from app.platforms.eleme.simulated_orders import SHOP_ID, Placed, completed_body, order_body, random_order
from app.platforms.eleme.simulated_pushes import Pushes
from app.platforms.eleme.simulated_shop import DECIDE_WITHIN, Shop
from app.platforms.eleme.simulated_tokens import Tokens, busy
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

KEY, SECRET, APP_ID = "PRACTICEKEY01", "practice-secret-0001", 65929831
CLOCK_WINDOW = 300.0  # seconds a call's timestamp may be off; the real figure is not known
SHOWN_DOWNGRADED = 30.0  # simulated seconds
MILLISECONDS_FROM = 100_000_000_000
ENVELOPE = web.RequestKey("envelope", dict)  # of the call being answered
FIELDS = {"nop", "id", "action", "token", "metas", "params", "signature"}

COURIER_STEPS = {
    Happening.COURIER_ASSIGNED: "assigned",
    Happening.COURIER_CHANGED: "changed",
    Happening.COURIER_AT_STORE: "at_store",
    Happening.COURIER_PICKED_UP: "picked_up",
    Happening.DELIVERED: "delivered",
}


class ElemeSimulator(Simulator):
    """One shop with its own app; `tokens` may be tampered with to try the life of a token.

    Actions that stand in the reference without the inner form of what they take or answer (route points, places of own
    couriers, parts of a refund) are no actions here: METHOD_NOT_ALLOWED.
    """

    name = "eleme"
    cuisine = "sichuan"
    happenings = frozenset(Happening) - {Happening.CHANGE}
    exact_reply = True
    currency = "CNY"

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.tokens = Tokens(KEY, SECRET, self.random)
        self.pushes = Pushes(self, APP_ID, SECRET, self._taken)
        self.shop = Shop(self.random, self._push, self.later, speed)
        self.front, self.menu = Front(self._reticent), Menu()
        books = Books(self.shop.orders)
        self._actions = Actions(self.shop, self.pushes, self.front.table, self.menu.table, books.table)
        self._call_ids: set[str] = set()

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form; the time to decide is the one this simulator really keeps."""
        minutes = DECIDE_WITHIN / 60 / self.speed
        values = {"app_key": KEY, "secret": SECRET, "app_kind": "own", "shop_id": str(SHOP_ID), "app_id": str(APP_ID)}
        return values | {"decision_minutes": f"{minutes:g}"}

    def routes(self, router: web.UrlDispatcher) -> None:
        """The platform's own wire."""
        router.add_get("/authorize", self.tokens.authorize)
        router.add_post("/token", self.granting(self.tokens.token, busy))
        router.add_post("/api/v1", self._api)
        router.add_post("/api/v1/", self._api)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return _reply(request.get(ENVELOPE, {}), error={"code": "VALIDATION_FAILED", "message": "参数格式有误"})

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """See `Simulator.place`; a payload is an OOrder. ValueError for one that is not."""
        now, number = steady.time(), len(self.shop.orders) + 1
        order_id = f"80{self.random.randrange(10**12, 10**13)}{number:04d}"
        if payload is None:
            wish = order or random_order(self.random)
            body = order_body(wish, order_id, number, now, self.speed)
        else:
            body = completed_body(payload, order_id, number, now)
            Order.model_validate(body)
        placed = Placed(body, now, final_at=now + SHOWN_DOWNGRADED / self.speed if self.chance(self.faults.odd) else 0.0)
        self.record("placed", order_id, number=number, total_minor=placed.total)
        self.shop.take(placed)
        return order_id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """See `Simulator.happen`. `amount` (fen) makes a request a part; `by="desk"` lets the service cancel."""
        self._befall(self.shop.orders[order_id], happening, detail)
        self.record("happened", order_id, happening=happening.value, **detail)

    def truth(self) -> list[Truth]:
        """Every order as the platform sees it now."""
        return [
            Truth(
                order.id,
                str(order.body["daySn"]),
                order.status,
                order.kitchen.value,
                self.currency,
                order.total,
                order.refunded,
                order.placed_at,
                order.heard_at,
                tuple(order.commands),
            )
            for order in self.shop.orders.values()
        ]

    def review(self, order_id: str, score: int, text: str) -> str:
        """See `Simulator.review`; one an order."""
        review_id = self.front.review(self.shop.orders[order_id].id, score, text)
        self.record("happened", order_id, happening="review", score=score)
        return review_id

    def expire_tokens(self) -> bool:
        """All of them."""
        self.tokens.access.clear()
        return True

    async def stop(self) -> None:
        """See `Simulator.stop`; pushes under way end too."""
        await super().stop()
        await self.pushes.close()

    def _befall(self, order: Placed, happening: Happening, detail: Mapping[str, Any]) -> None:
        reason, amount = str(detail.get("reason", "顾客计划有变")), detail.get("amount")
        match happening:
            case Happening.CANCEL:
                by_desk = detail.get("by") == "desk"
                (self.shop.cancel_by_desk if by_desk else self.shop.cancel_by_customer)(order, reason)
            case Happening.ASK_CANCEL | Happening.ASK_REFUND:
                self.shop.ask(order, 20 if happening is Happening.ASK_CANCEL else 30, reason, amount)
            case Happening.WITHDRAW:
                self.shop.withdraw(order)
            case Happening.REFUND_PART:
                self.shop.refund_part(order, int(detail["amount"]))
            case Happening.URGE:
                self.shop.urge(order)
            case Happening.COMPLETE:
                self.shop.complete(order)
            case _ if happening in COURIER_STEPS:
                self.shop.courier(order, COURIER_STEPS[happening])
            case _:
                raise ImpossibleError("Ele.me does not change an order's dishes")

    # the wire

    async def _api(self, request: web.Request) -> web.Response:
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        if self.faulty("break_call", request):
            return web.Response(status=self.random.choice((500, 502, 503)))
        envelope = request[ENVELOPE] = _object(await request.read())
        try:
            result, call = self._answer(envelope, request)
        except ApiError as error:
            return _reply(envelope, error={"code": error.code, "message": str(error)})
        if self.faulty("lose_reply", request, action=envelope["action"]):
            if request.transport:
                request.transport.close()
        else:
            for order_id in call.carried:
                self._taken(order_id)
        return _reply(envelope, result)

    def _answer(self, envelope: Mapping[str, Any], request: web.Request) -> tuple[Any, Call]:
        """The whole gate in the platform's order, then the action itself."""
        self._form(envelope)
        params, token = envelope["params"], envelope["token"]
        if self.faulty("throttle", request):
            raise ApiError("EXCEED_LIMIT", "调用频率超过限制")
        action = self._actions.check(envelope["action"], params)
        if action.open and token:
            raise ApiError("VALIDATION_FAILED", "token must be empty")
        if not action.open and not self.tokens.alive(token):
            raise ApiError("UNAUTHORIZED", "token无效或已过期")
        call = Call(params, self.record)
        return self._carry_out(envelope["action"], action, call), call

    def _form(self, envelope: Mapping[str, Any]) -> None:
        metas = envelope.get("metas")
        if set(envelope) != FIELDS or envelope["nop"] != "1.0.0" or not isinstance(metas, dict):
            raise ApiError("ILLEGAL_REQUEST", "the envelope is not complete")
        if set(metas) != {"app_key", "timestamp"} or metas["app_key"] != KEY or type(metas["timestamp"]) is not int:
            raise ApiError("ILLEGAL_REQUEST", "metas")
        if not isinstance(envelope["params"], dict) or any(type(envelope[name]) is not str for name in ("token", "action")):
            raise ApiError("ILLEGAL_REQUEST", "params must be an object, token and action texts")
        self._fresh(str(envelope["id"]), metas["timestamp"])
        given = (envelope["action"], envelope["token"], KEY, metas["timestamp"], envelope["params"], SECRET)
        if envelope["signature"] != sign_call(*given):
            raise ApiError("INVALID_SIGNATURE", "签名错误")

    def _fresh(self, call_id: str, timestamp: int) -> None:
        """Seconds and milliseconds are both taken, as the official clients send both."""
        seconds = timestamp / 1000 if timestamp >= MILLISECONDS_FROM else timestamp
        if abs(seconds - steady.time()) > CLOCK_WINDOW:
            raise ApiError("INVALID_TIMESTAMP", "timestamp超出允许范围")
        unique, _, stamp = call_id.partition("|")
        if len(unique) != 32 or unique != unique.upper() or not stamp.isdigit() or call_id in self._call_ids:
            raise ApiError("ILLEGAL_REQUEST", "id must be unique: UUID|milliseconds")
        self._call_ids.add(call_id)

    def _carry_out(self, name: str, action: Action, call: Call) -> Any:
        order = self.shop.orders.get(call.order_id())
        try:
            result = self._on_a_whim() if action.command and self.chance(self.faults.refuse) else action.answer(call)
        except ImpossibleError as refusal:
            if action.command:
                self.record("refused", call.order_id(), action=name, words=str(refusal))
            raise ApiError("BIZ_EXCEPTION", str(refusal)) from None
        if action.command:
            self.record("commanded", call.order_id(), action=name)
            if order:
                order.commands.append(name)
        return result

    def _on_a_whim(self) -> Any:
        raise ImpossibleError("商户操作受限，请稍后在商家版处理")

    def _reticent(self) -> bool:
        """Whether the next customer stays anonymous."""
        return self.chance(self.faults.odd)

    def _push(self, order: Placed, type_: int, message: dict[str, Any]) -> None:
        self.pushes.push(order.id, SHOP_ID, type_, message)

    def _taken(self, order_id: str) -> None:
        order = self.shop.orders[order_id]
        order.heard_at = order.heard_at or steady.time()


class SelfDeliverySimulator(ElemeSimulator):
    """The same shop, which delivers everything itself."""

    variant = "self-delivery"
    in_practice = False

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.shop.delivers = True

    @property
    def credentials(self) -> Mapping[str, str]:
        """With the courier's number that Ele.me is told."""
        return {**super().credentials, "courier_phone": "13900000000"}


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _reply(envelope: Mapping[str, Any], result: Any = None, error: Any = None) -> web.Response:
    body = {"id": envelope.get("id"), "result": result, "error": error}
    return web.Response(body=compact(body).encode("utf-8", "replace"), content_type="application/json", charset="utf-8")
