"""Koubei behind the contract: orders arrive by notification, are read by number, and looked at again while they live."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import httpx

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind, Portions
from app.domain.money import Money
from app.domain.portions import dishes_of, total_worth
from app.domain.shop import RefundBy, RefundTerms
from app.domain.vouchers import Redeemed, Voucher
from app.platforms import http
from app.platforms.api import (
    Message,
    Page,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    TemporaryError,
    UnknownMessageError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.koubei import notices
from app.platforms.koubei.client import Client, Clock, Result, error_of
from app.platforms.koubei.commands import STEP_METHOD, proved, reached, step, step_of, told_by_refusal
from app.platforms.koubei.live import Live
from app.platforms.koubei.mapping import is_dead, order_facts, order_update, urge_updates
from app.platforms.koubei.payloads import Order, order_in, shape
from app.platforms.koubei.vouchers import CANCEL_VOUCHER, QUERY_VOUCHER, USE_VOUCHER, redeemed_of, typed, voucher_of
from app.platforms.refunding import too_many
from app.texts import tr

QUERY_METHOD = "koubei.catering.order.info.query"
NO_ORDER = "0"  # asked for by `verify`: that Koubei does not know it proves key, token and permission
UNKNOWN = "40004"  # a business failure: the gateway let the call through
SUCCESS = WebhookReply(body=b"success", content_type="text/plain")
ORDER = "order"


class KoubeiConnector:
    """One shop (see `api.Connector`); takes webhooks, refunds orders and redeems vouchers."""

    refunds = RefundTerms(under_way=frozenset(RefundBy), completed=frozenset(RefundBy), cancels=True)

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._alipay_key = settings.values.get("alipay_public_key", "")
        self._reading = notices.Reading.of(settings.values)
        self._client = Client(settings, client, clock)
        self._live = Live(clock)
        self._title = settings.values.get("shop_name") or self._reading.shop_id or self._reading.app_id

    async def verify(self) -> ShopInfo:
        """One signed call about an order that cannot exist. No interface tells the shop's name: it is the form's."""
        outcome = await self._client.ask(QUERY_METHOD, {"order_id": NO_ORDER})
        if outcome.code not in ("10000", UNKNOWN):
            raise error_of(outcome)
        return ShopInfo(self._title)

    async def fetch_orders(self, cursor: str) -> Page:
        """Koubei has no list of orders: a few of those that are known to live are read again, in turn."""
        self._live.load(cursor)
        messages: list[Message] = []
        for order_id in self._live.turn():
            try:
                messages += [await self.fetch_order(order_id)]
            except RejectedError:
                self._live.forget(order_id)
            except TemporaryError:
                if not messages:
                    raise
                break
        return Page(tuple(messages), self._live.dump())

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands, as the exact characters that Alipay signed."""
        result, order = await self._order(order_id)
        self._live.seen(order_id, over=is_dead(order) or self._is_foreign(order))
        digest = hashlib.sha256(json.dumps(result.value, sort_keys=True).encode()).hexdigest()
        return Message(f"order:{order_id}:{digest}", ORDER, result.raw.encode(), result.version, order_id)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """A notification, or an order (whatever else the kind says)."""
        if message.kind == notices.NOTICE:
            return (notices.read(message.body, message.version, self._reading),)
        order = order_in(message.body)
        if self._is_foreign(order):
            raise UnknownMessageError(tr("an order of another shop: {shop}", shop=order.shop_id))
        return (order_update(order, message.version), *urge_updates(order, message.version))

    async def send(self, command: Command) -> OrderUpdate | None:
        """Look at the order first, then ask for what it lacks; see the contract for what the answer means."""
        _, order = await self._order(command.order_id)
        if reached(command.kind, order):
            return None
        content = step_of(command, order)
        try:
            result = await http.sure_of(lambda: self._step(content), lambda: self._is_done(command))
        except RejectedError as no:
            result, order = await self._order(command.order_id)
            if reached(command.kind, order):
                return None
            if not told_by_refusal(command.kind, no.code, order):
                raise
        return proved(command, result.answered) if result else None

    async def refund(
        self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str
    ) -> Money | None:
        """See `abilities.RefundsOrders`. Parts are safe to repeat by their number; a whole refund by a look at the order."""
        _, order = await self._order(order_id)
        if amount is None and not lines:
            await self._refund_all(order, reason)
            return None
        wanted = amount if amount is not None else _price(order, lines)
        info = {"out_refund_no": key, "refund_amount": str(wanted.major), "reason": "OTHER_REASON", "memo": reason}
        await self._step(step(order_id, "PARTIAL_REFUND", info))
        return wanted

    async def look_up_voucher(self, code: str) -> Voucher:
        """See `abilities.RedeemsVouchers`."""
        content = {"shop_id": self._shop(), "ticket_code": typed(code)}
        return voucher_of(await self._client.call(QUERY_VOUCHER, content))

    async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
        """See `abilities.RedeemsVouchers`."""
        content = {"request_id": key, "shop_id": self._shop(), "ticket_code": typed(code), "quantity": str(uses)}
        return redeemed_of(await self._client.call(USE_VOUCHER, content))

    async def take_back_voucher(self, code: str, uses: int, key: str) -> None:
        """See `abilities.RedeemsVouchers`. `request_id` names the redemption; `request_biz_no` is usually the same."""
        content = {"request_id": key, "request_biz_no": key, "ticket_code": typed(code), "quantity": str(uses)}
        await self._client.call(CANCEL_VOUCHER, content)

    def receive(self, request: WebhookRequest) -> Received:
        """A probe (GET) is answered at once; a notification is verified before anything in it is used."""
        if request.method == "GET":
            return Received((), SUCCESS)
        if request.method != "POST":
            raise ProtocolError(tr("Alipay notifies with POST"))
        return Received((notices.verified(request.body, self._alipay_key, self._reading.app_id),), SUCCESS)

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine; a token being renewed is let come to its end."""
        await self._client.aclose()

    def _is_foreign(self, order: Order) -> bool:
        """One app may serve many shops, and be told of all their orders."""
        return bool(self._reading.shop_id and order.shop_id) and order.shop_id != self._reading.shop_id

    def _shop(self) -> str:
        if not self._reading.shop_id:
            raise RejectedError(tr("Vouchers need Koubei's number of the shop: fill it in in the account"))
        return self._reading.shop_id

    async def _order(self, order_id: str) -> tuple[Result, Order]:
        result = await self._client.call(QUERY_METHOD, {"order_id": order_id})
        return result, shape(Order, result.value)

    async def _step(self, content: dict[str, str]) -> Result:
        result = await self._client.call(STEP_METHOD, content)
        if str(result.value.get("retry", "")).lower() == "true":  # a yes that asks to be asked again is none
            raise TemporaryError(tr("Koubei asks to send it once more"))
        return result

    async def _is_done(self, command: Command) -> bool:
        return reached(command.kind, (await self._order(command.order_id))[1])

    async def _refund_all(self, order: Order, reason: str) -> None:
        if is_dead(order):
            return
        content = step(order.order_id, "REFUND", {"reason": "OTHER_REASON", "memo": reason})
        done = Command(CommandKind.CANCEL, order.order_id)
        await http.sure_of(lambda: self._step(content), lambda: self._is_done(done))


def _price(order: Order, parts: Sequence[Portions]) -> Money:
    """What these portions cost, discounts shared out: Koubei takes an amount and counts none. RejectedError for what the
    order has not, or not so often."""
    facts = order_facts(order)
    dishes = dishes_of(facts)
    for one in parts:
        if one.line not in dishes:
            raise RejectedError(tr("the order has no such line"))
        if one.gone + (one.count or 0) > dishes[one.line].of:
            raise too_many(dishes[one.line].name, dishes[one.line].of - one.gone)
    return total_worth(dishes, parts, facts.currency)
