"""Meituan's side of the wire on 127.0.0.1, one shop behind either door: practice mode, tests, `order-console simulate`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from aiohttp import web

from app import steady
from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.routes import Ask, routes_of
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.simulated_calls import TAKES, Call, Calls
from app.platforms.meituan.simulated_orders import (
    SENTINELS,
    SHOP_ID,
    Placed,
    compact,
    completed_body,
    order_body,
    random_order,
)
from app.platforms.meituan.simulated_pushes import Pushes
from app.platforms.meituan.simulated_shop import DECIDE_WITHIN, READY_AFTER, RefusedError, Shop
from app.platforms.meituan.simulated_tokens import Tokens
from app.platforms.meituan.tokens import ISV, OWN, PARTNER
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

APP_ID, SECRET = "4001", "practice-secret-4001"
CLOCK_WINDOW = 600.0  # seconds a call's timestamp may be off; recalled
SHOWN_DOWNGRADED = 30.0  # simulated seconds
BEAT, BEATS_MISSED = 30.0, 3

COURIER_STEPS = {
    Happening.COURIER_ASSIGNED: "assigned",
    Happening.COURIER_CHANGED: "changed",
    Happening.COURIER_AT_STORE: "at_store",
    Happening.COURIER_PICKED_UP: "picked_up",
    Happening.DELIVERED: "delivered",
}


class MeituanSimulator(Simulator):
    """One shop behind one door; `tokens` and `calls` may be tampered with.

    Calls of the reference that this program never makes (dispatching and tipping crowd couriers, their status, places of own
    couriers, meal times, abnormal orders, online and offline, scores, chat) are refused as to an app without the right: of
    most of them the reference has no more than the path.
    """

    name = "meituan"
    cuisine = "sichuan"
    happenings = frozenset(Happening) - {Happening.CHANGE}
    exact_reply = True
    currency = "CNY"
    door: ClassVar[str] = OWN

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.partner = self.door == PARTNER
        self.pushes = Pushes(self, self.partner, APP_ID, SECRET, self._taken)
        self.shop = Shop(self.random, self._push, self.later, speed)
        self.calls = Calls(self.shop, self.partner, self.random, lambda: self.faults, self.record)
        self.tokens = Tokens(self.random)
        self.beats: list[tuple[float, Mapping[str, Any]]] = []

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form; times are those that this simulator really keeps."""
        values = {"door": self.door, "app_id": APP_ID, "secret": SECRET, "shop_id": SHOP_ID}
        values |= {"access_token": self.tokens.bound} if self.partner else {}
        minutes, seconds = DECIDE_WITHIN / 60 / self.speed, READY_AFTER / self.speed
        return values | {"decision_minutes": f"{minutes:g}", "ready_seconds": f"{seconds:g}"}

    @property
    def offline(self) -> bool:
        """Whether door B calls the till dead: three beats were missed."""
        return not self.beats or steady.time() - self.beats[-1][0] > BEAT * BEATS_MISSED / self.speed

    def routes(self, router: web.UrlDispatcher) -> None:
        """The platform's own wire."""
        for ask in TAKES:
            routes = routes_of(ask)
            if self.partner and routes.partner.path:
                router.add_post(routes.partner.path, self._served(ask))
            elif not self.partner and routes.open.path:
                for method in ("GET", "POST"):  # either will do: published clients differ
                    router.add_route(method, f"/api/v1/{routes.open.path}", self._served(ask))
        if self.partner:
            router.add_post("/pos/heartbeat", self._beat)
            router.add_post("/oauth/{what:token|refresh}", self.granting(self._partner_tokens, self._busy))
            router.add_route("*", "/waimai/{path:.*}", self._elsewhere)
        else:
            tokens = self.granting(self._open_tokens, self._busy)
            router.add_get("/api/v1/oauth/authorize", tokens)
            router.add_post("/api/v1/oauth/token", tokens)
            router.add_route("*", "/api/v1/{path:.*}", self._elsewhere)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return self._no(RefusedError("参数格式有误", 705))

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """See `Simulator.place`; a payload is door A's order object. ValueError for one that is not."""
        now, number = steady.time(), len(self.shop.orders) + 1
        order_id = int(f"53{self.random.randrange(10**12, 10**13)}{number:04d}")
        if payload is None:
            wish = order or random_order(self.random)
            dinners = self.random.choice(SENTINELS)
            body, phone = order_body(wish, order_id, number, now, self.speed, dinners), wish.phone
        else:
            body, phone = completed_body(payload, order_id, number, now), ""
        odd = self.random.random() < self.faults.odd
        placed = Placed(body, now, whole_at=now + SHOWN_DOWNGRADED / self.speed if odd else 0.0, phone=phone)
        self.record("placed", placed.id, number=number, total_minor=placed.total)
        self.shop.take(placed)
        return placed.id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """See `Simulator.happen`. `amount` (fen) makes a request a part; `by="desk"` lets the service cancel."""
        self._befall(self.shop.orders[order_id], happening, detail)
        self.record("happened", order_id, happening=happening.value, **detail)

    def downgrade_phones(self) -> None:
        """Virtual numbers stop working: the real ones are to be pulled."""
        self.calls.downgraded = True
        self.pushes.push("", "privacy", {})

    def truth(self) -> list[Truth]:
        """Every order as the platform sees it now."""
        return [
            Truth(
                order.id,
                str(order.body["day_seq"]),
                str(order.status),
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

    def expire_tokens(self) -> bool:
        """Those that were granted: a token of the older store mapping lives for ever, and door A may do without."""
        had = bool(self.tokens.access)
        self.tokens.access.clear()
        return had

    def review(self, order_id: str, score: int, text: str) -> str:
        """Only door A tells of them."""
        comment = {"comment_id": int(order_id) % 10**9, "comment_content": text, "food_comment_score": score}
        now = steady.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        self.calls.comments.append({**comment, "comment_time": now, "reply_status": 0})
        return str(comment["comment_id"])

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
                self.shop.ask(order, reason, amount, happening is Happening.ASK_REFUND)
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
                raise ImpossibleError("Meituan does not change an order's dishes")

    # the wire

    def _served(self, ask: Ask) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            return await self._answer(ask, request)

        return serve

    async def _answer(self, ask: Ask, request: web.Request) -> web.Response:
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        if self.faulty("break_call", request):
            return web.Response(status=self.random.choice((500, 502, 503)))
        try:
            call = Call(ask, await self._words(request))
            value = self.calls.answer(call)
        except RefusedError as error:
            return self._no(error)
        if self.faulty("lose_reply", request, action=ask.value):
            if request.transport:
                request.transport.close()
        else:
            for order_id in call.carried:
                self._taken(order_id)
        body = {"code": "OP_SUCCESS", "msg": "成功", "data": value, "traceId": "0"} if self.partner else {"data": value}
        return _json(body)

    async def _elsewhere(self, request: web.Request) -> web.Response:
        """A call that this simulator does not practise: refused as to an app that has no right to it."""
        try:
            await self._words(request)
        except RefusedError as error:
            return self._no(error)
        return self._no(RefusedError("没有权限调用该接口（练习平台未提供）", 704))

    async def _words(self, request: web.Request) -> Mapping[str, Any]:
        """The whole gate; answers the business parameters."""
        form = await _form(request)
        words = self._partner_words(form) if self.partner else self._open_words(request, form)
        if self.faulty("throttle", request):
            raise _throttled()
        return words

    def _open_words(self, request: web.Request, form: Mapping[str, str]) -> Mapping[str, Any]:
        """System parameters in the query, business ones in the query (GET) or the form (POST)."""
        params = {**request.query, **form}
        self._signed(params.get("sig", ""), sign_open(self.address + request.path, params, SECRET), params.get("app_id"))
        self._fresh(params.get("timestamp", ""))
        if {"sig", "app_id", "timestamp"} - request.query.keys():
            raise RefusedError("系统参数应在URL中", 701)
        if self.door == ISV and not self.tokens.alive(params.get("access_token", "")):
            raise RefusedError("access_token已过期", 4001)
        return {name: value for name, value in params.items() if name not in ("sig", "app_id", "timestamp", "access_token")}

    def _partner_words(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        self._signed(form.get("sign", ""), sign_partner(form, SECRET), form.get("developerId"))
        self._fresh(form.get("timestamp", ""))
        fixed = {"businessId": "2", "charset": "UTF-8", "version": "2"}
        if any(form.get(name) != value for name, value in fixed.items()):
            raise RefusedError("系统参数有误", 701)
        if not self.tokens.alive(form.get("appAuthToken", "")):
            raise RefusedError("appAuthToken无效或已过期", 4001)
        try:
            words = json.loads(form.get("biz", ""))
        except (ValueError, RecursionError):
            words = None
        if not isinstance(words, dict):
            raise RefusedError("biz应为JSON对象", 701)
        return words

    def _signed(self, given: str, expected: str, app_id: str | None) -> None:
        if app_id != APP_ID:
            raise RefusedError("app_id有误", 702)
        if given != expected:
            raise RefusedError("签名错误", 703)

    def _fresh(self, timestamp: str) -> None:
        if not timestamp.isdecimal() or abs(int(timestamp) - steady.time()) > CLOCK_WINDOW:
            raise RefusedError("timestamp超出允许范围", 705)

    def _no(self, error: RefusedError) -> web.Response:
        if not self.partner:
            return _json({"data": "ng", "error": {"code": error.code, "msg": str(error)}})
        names = {703: "OP_SIGN_ERROR", 4001: "OP_TOKEN_EXPIRED", 711: "OP_FLOW_LIMIT", 806: "OP_ORDER_NOT_EXIST"}
        code = names.get(error.code, f"OP_BIZ_{error.code}")
        return _json({"code": code, "msg": str(error), "data": None, "traceId": "0"})

    def _busy(self) -> web.Response:
        return self._no(_throttled())

    async def _beat(self, request: web.Request) -> web.Response:
        form = await _form(request)
        try:
            beat = json.loads(form.get("data", ""))
            complete = {"developerId", "ePoiId", "posId", "time"} <= beat.keys()
        except (ValueError, AttributeError):
            complete = False
        if not complete:
            return _json({"code": 1, "message": "参数有误"})
        self.beats.append((steady.time(), beat))
        return _json({"code": 0, "message": "成功"})

    async def _partner_tokens(self, request: web.Request) -> web.Response:
        form = await _form(request)
        try:
            self._signed(form.get("sign", ""), sign_partner(form, SECRET), form.get("developerId"))
            self._fresh(form.get("timestamp", ""))
            data = self.tokens.partner(form)
        except RefusedError as error:
            return self._no(error)
        return _json({"code": "OP_SUCCESS", "msg": "成功", "data": data, "traceId": "0"})

    async def _open_tokens(self, request: web.Request) -> web.Response:
        form = await _form(request)
        params = {**request.query, **form}
        try:
            self._signed(params.get("sig", ""), sign_open(self.address + request.path, params, SECRET), params.get("app_id"))
            self._fresh(params.get("timestamp", ""))
            return _json(self.tokens.open(params))
        except RefusedError as error:
            return self._no(error)

    def _push(self, order: Placed, kind: str, fields: Mapping[str, Any]) -> None:
        self.pushes.push(order.id, kind, fields)

    def _taken(self, order_id: str) -> None:
        order = self.shop.orders[order_id]
        order.heard_at = order.heard_at or steady.time()


class PartnerSimulator(MeituanSimulator):
    """The same shop behind the service providers' gateway."""

    variant = "partner"
    door = PARTNER


class IsvSimulator(MeituanSimulator):
    """The same shop behind waimaiopen, for an ISV's app with a token for each shop."""

    variant = "isv"
    door = ISV


def _throttled() -> RefusedError:
    return RefusedError("调用频率超过限制", 711)


async def _form(request: web.Request) -> dict[str, str]:
    return dict(parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True))


def _json(body: Any) -> web.Response:
    return web.Response(body=compact(body).encode("utf-8", "replace"), content_type="application/json", charset="utf-8")
