"""Koubei's side of the wire on 127.0.0.1, as strict as the gateway: practice mode, tests and `order-console simulate`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from aiohttp import web

from app import steady
from app.domain.vouchers import VoucherState
from app.platforms.koubei.payloads import Order
from app.platforms.koubei.simulated_gateway import (
    APP_ID,
    TOKEN_METHOD,
    GatewayError,
    Tokens,
    answer,
    content_of,
    practice_keys,
    refusal,
)
from app.platforms.koubei.simulated_notices import Notices
from app.platforms.koubei.simulated_orders import SHOP_ID, SHOP_NAME, Placed, drifted, local, order_body, random_order
from app.platforms.koubei.simulated_shop import CANCELLED, FINISHED, REFUND_ASKED, Shop, StepError
from app.platforms.koubei.simulated_vouchers import VoucherBook
from app.platforms.simulation import MALFORMED, Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth

STEP_METHOD = "koubei.catering.order.info.sync"


class KoubeiSimulator(Simulator):
    """One shop with its own app."""

    name = "koubei"
    cuisine = "sichuan"
    currency = "CNY"
    # Not URGE, which happens here too: nobody can answer one, so practice's staff would wait for a button for ever.
    exact_reply = True
    happenings = frozenset({Happening.CANCEL, Happening.ASK_CANCEL, Happening.CHANGE, Happening.COMPLETE})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.keys = practice_keys()
        self.tokens = Tokens(self.random)
        self.vouchers = VoucherBook(self.random)
        self.shop = Shop(self._notify, self.later)
        self.notices = Notices(self, self.keys.gateway, self._taken)
        self._methods: dict[str, tuple[frozenset[str], Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
            TOKEN_METHOD: (frozenset(), self.tokens.grant),
            "koubei.catering.order.info.query": (frozenset({"order_id"}), self._query),
            STEP_METHOD: (frozenset({"order_id", "action", "action_info"}), self._step),
            "koubei.trade.ticket.ticketcode.query": (frozenset({"shop_id", "ticket_code"}), self.vouchers.look_up),
            "koubei.trade.ticket.ticketcode.use": (
                frozenset({"request_id", "shop_id", "ticket_code", "quantity"}),
                self.vouchers.use,
            ),
            "koubei.trade.ticket.ticketcode.cancel": (
                frozenset({"request_id", "request_biz_no", "ticket_code", "quantity"}),
                self.vouchers.take_back,
            ),
        }

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form, this simulator's own names of messages among them."""
        return {
            "app_id": APP_ID,
            "private_key": self.keys.app_text,
            "alipay_public_key": self.keys.gateway_text,
            "shop_id": SHOP_ID,
            "shop_name": SHOP_NAME,
            "cancelled_message": CANCELLED,
            "refund_asked_message": REFUND_ASKED,
            "finished_message": FINISHED,
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """The platform's own wire: one address for everything."""
        router.add_post("/gateway.do", self._gateway)

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """See `Simulator.place`; a payload is an order object. ValueError for one that is not."""
        now, number = steady.time(), len(self.shop.orders) + 1
        order_id = f"{local(now)[:10].replace('-', '')}{self.random.randrange(10**7, 10**8)}{number:04d}"
        body = order_body(order or random_order(self.random), order_id, number, now, self.speed)
        if payload is not None:
            body = {**body, **payload, **{name: body[name] for name in ("order_id", "shop_id", "order_time", "ext_info")}}
            Order.model_validate(body)
        placed = Placed(body, now)
        self.record("placed", order_id, number=number, total_minor=placed.total)
        self.shop.take(placed)
        return order_id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """See `Simulator.happen`."""
        order, reason = self.shop.orders[order_id], str(detail.get("reason", "顾客计划有变"))
        match happening:
            case Happening.CANCEL:
                self.shop.cancel(order, reason)
            case Happening.ASK_CANCEL | Happening.ASK_REFUND:
                self.shop.ask_refund(order, reason)
            case Happening.CHANGE:
                self.shop.take_back(order)
            case Happening.URGE:
                self.shop.urge(order)
            case Happening.COMPLETE:
                self.shop.complete(order)
            case _:
                raise ImpossibleError("Koubei has no couriers, and tells of no amounts")
        self.record("happened", order_id, happening=happening.value, **detail)

    def sell_voucher(self, uses: int = 1, state: VoucherState = VoucherState.GOOD) -> str:
        """See `Simulator.sell_voucher`."""
        if uses > 1:
            return self.vouchers.sell(f"早餐{uses}次卡", 1500, uses, state)
        return self.vouchers.sell(state=state)

    def voucher_uses(self, code: str) -> int:
        """See `Simulator.voucher_uses`."""
        one = self.vouchers.sold[code]
        return one.total - one.left

    def undelivered(self) -> bool:
        """Every notification that nobody took yet."""
        return bool(self.notices.under_way)

    def expire_tokens(self) -> bool:
        """An app of the shop's own needs none."""
        had = bool(self.tokens.alive)
        self.tokens.alive.clear()
        return had

    def truth(self) -> list[Truth]:
        """Every order as the platform sees it now."""
        return [
            Truth(
                order.id,
                order.number,
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

    async def stop(self) -> None:
        """See `Simulator.stop`; notifications under way end too."""
        await super().stop()
        await self.notices.close()

    # the wire

    async def _gateway(self, request: web.Request) -> web.Response:
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        params = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
        method = params.get("method", "")
        said = {"method": method, "token": method == TOKEN_METHOD}
        if self.faulty("break_call", request, **said):
            return web.Response(status=self.random.choice((500, 502, 503)))
        try:
            content = content_of(params, self.keys, self.tokens)
            self._throttle(request, said)
            told = self._answered(method, content)
        except GatewayError as error:
            return refusal(method, error, self.keys, self.random)
        if self.faulty("lose_reply", request, **said):
            if request.transport:
                request.transport.close()
        elif "order_time" in told:
            self._taken(str(told["order_id"]))
        return answer(method, {"code": "10000", "msg": "Success"} | told, self.keys, self.random)

    def _throttle(self, request: web.Request, said: Mapping[str, Any]) -> None:
        if self.faulty("throttle", request, **said):
            raise GatewayError("40005", "isv.app-call-limited-by-qps", "调用频率超过限制")

    def _answered(self, method: str, content: Mapping[str, Any]) -> dict[str, Any]:
        if method not in self._methods:
            raise GatewayError("40002", "isv.invalid-method", "不存在的方法名")
        fields, act = self._methods[method]
        if fields and (set(content) != fields or not all(isinstance(value, str) for value in content.values())):
            raise GatewayError("40002", "isv.invalid-parameter", "参数无效")
        try:
            return act(content)
        except StepError as no:
            raise GatewayError("40004", no.sub_code, str(no)) from None
        except MALFORMED:
            raise GatewayError("40002", "isv.invalid-parameter", "参数无效") from None

    def _query(self, content: Mapping[str, Any]) -> dict[str, Any]:
        order = self.shop.order(content["order_id"])
        self.record("fetched", order.id)
        return drifted(order.body, self.random) if self.chance(self.faults.odd) else dict(order.body)

    def _step(self, content: Mapping[str, Any]) -> dict[str, Any]:
        order_id, action, info = content["order_id"], content["action"], json.loads(content["action_info"])
        try:
            told = self._whim(order_id) if self.chance(self.faults.refuse) else self._made(order_id, action, info)
        except StepError as no:
            self.record("refused", order_id, action=action, words=str(no))
            raise
        return told

    def _made(self, order_id: str, action: str, info: Mapping[str, str]) -> dict[str, Any]:
        if order_id in self.shop.orders and self.chance(self.faults.odd):
            return {"retry": "true"}  # nothing was done: the platform asks to be asked again
        told = self.shop.step(order_id, action, info)
        if told is not None:
            self.record("commanded", order_id, action=action)
            self.shop.orders[order_id].commands.append(action)
        return {"retry": "false", "ext_info": json.dumps(told or {})}

    def _whim(self, _: str) -> NoReturn:
        raise StepError("MERCHANT_LIMITED", "商户操作受限，请稍后在商家版处理")

    def _notify(self, order: Placed, name: str, content: dict[str, Any]) -> None:
        self.notices.send(order.id, name, {"shop_id": SHOP_ID} | content)

    def _taken(self, order_id: str) -> None:
        order = self.shop.orders[order_id]
        order.heard_at = order.heard_at or steady.time()


class ProviderSimulator(KoubeiSimulator):
    """A service provider's app that acts for the shop, whose owner consented."""

    variant = "provider"

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.tokens.required = True
        pair = self.tokens.grant({"grant_type": "authorization_code", "code": self.tokens.code()})
        self._consent = {name: str(pair[name]) for name in ("app_auth_token", "app_refresh_token")}

    @property
    def credentials(self) -> Mapping[str, str]:
        """With what the consent page gave."""
        return {**super().credentials, **self._consent}
