"""Connectors with one broken promise each: what the suite is there to catch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, Portions
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.money import Money
from app.domain.orders import Customer, OrderFacts
from app.domain.shop import CourierPlace, DayEntry, RefundBy, SettlementKind, SettlementLine, ShopState, ShopStatus
from app.domain.vouchers import Redeemed, Voucher, VoucherState
from app.platforms.api import (
    AuthError,
    Message,
    Page,
    ProtocolError,
    Received,
    RejectedError,
    ShopInfo,
    TemporaryError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.http import Answer
from app.platforms.hubrise import platform as hubrise
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.hubrise.steps import change_for
from app.platforms.koubei.connector import KoubeiConnector
from app.platforms.meituan.connector import OpenConnector
from app.platforms.uber_eats.connector import CurrentConnector
from app.platforms.woocommerce.connector import WooCommerceConnector

# receiving


class SkipsTheLast(HubRiseConnector):
    async def fetch_orders(self, cursor: str) -> Page:
        page = await super().fetch_orders(cursor)
        return replace(page, messages=page.messages[:-1]) if len(page.messages) > 1 else page


class SkipsAPageAfterARestart(CurrentConnector):
    """Knows where it was only while it lives."""

    _awake = False

    async def fetch_orders(self, cursor: str) -> Page:
        page = await super().fetch_orders(cursor)
        if cursor and not self._awake and page.more:
            page = await super().fetch_orders(page.cursor)
        self._awake = True
        return page


class AcknowledgesFirst(HubRiseConnector):
    """And has no sweep, which would find the orders again."""

    async def fetch_orders(self, cursor: str) -> Page:
        await self._register()
        messages, more = await self._read_events(await self._client.events())
        await super().acknowledge(tuple(messages))
        return Page(tuple(messages), cursor, more)


class ForgetsWhatItCouldNotRead(HubRiseConnector):
    """A fault of one call, and the event behind it is gone."""

    async def fetch_orders(self, cursor: str) -> Page:
        await self._register()
        messages = []
        for entry in (await self._client.events()).body:
            with suppress(TemporaryError):
                messages.append(await self._read_event(str(entry["id"]), 0))
            with suppress(TemporaryError):
                await self._client.acknowledge(str(entry["id"]))
        return Page(tuple(messages), cursor)


class IgnoresCancellations(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        said = super().read(message)
        return tuple(replace(update, kitchen=None if update.kitchen in DEAD else update.kitchen) for update in said)


class KnowsEverything(HubRiseConnector):
    async def fetch_order(self, order_id: str) -> Message:
        try:
            return await super().fetch_order(order_id)
        except RejectedError:
            return Message(f"order:{order_id}", "order", b"{}", 0, order_id)


# reading


class Retells(HubRiseConnector):
    """Has the last word on what an order is."""

    def facts(self, facts: OrderFacts, message: Message) -> OrderFacts:
        raise NotImplementedError

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        said = super().read(message)
        return tuple(replace(update, facts=self.facts(update.facts, message)) if update.facts else update for update in said)


class Rounds(Retells):
    def facts(self, facts: OrderFacts, message: Message) -> OrderFacts:
        return replace(facts, total=facts.total + Money(1, facts.currency))


class HidesWhatDoesNotAddUp(Retells):
    def facts(self, facts: OrderFacts, message: Message) -> OrderFacts:
        return replace(facts, charges=(), lines=facts.lines[:1], checks=())


class ShowsPhones(Retells):
    def facts(self, facts: OrderFacts, message: Message) -> OrderFacts:
        body = json.loads(message.body)
        phone = (body.get("customer") or body["new_state"]["customer"])["phone"]
        return replace(facts, customer=Customer(phone=phone))


class TrustsTheWire(OpenConnector):
    """Shows the number that Meituan sends; its simulator sends virtual ones only."""

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        (said,) = super().read(message)
        phone = str(json.loads(message.body).get("recipient_phone", ""))
        return (replace(said, facts=replace(said.facts, customer=Customer(phone=phone))) if said.facts else said,)


class SaysMoreInAPush(Retells):
    def facts(self, facts: OrderFacts, message: Message) -> OrderFacts:
        return replace(facts, note="pushed") if message.kind == "event" else facts


class ReadsWithTheClock(Retells):
    def facts(self, facts: OrderFacts, message: Message) -> OrderFacts:
        return replace(facts, note=str(uuid4()))


class RemembersWhatItFetched(HubRiseConnector):
    """The facts are not in the message that is kept."""

    _known: tuple[OrderUpdate, ...] = ()

    async def fetch_order(self, order_id: str) -> Message:
        message = await super().fetch_order(order_id)
        self._known = super().read(message)
        return replace(message, body=b"{}")

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return self._known if message.body == b"{}" else super().read(message)


class Guesses(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return tuple(replace(update, kitchen=update.kitchen or Kitchen.NEW) for update in super().read(message))


class LosesUnknownStatuses(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return tuple(replace(update, unmapped="") for update in super().read(message))


class WantsNothingNew(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        if b"order_console_unknown" in message.body:
            raise ProtocolError("what is this?")
        return super().read(message)


class Stumbles(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        if len(json.loads(message.body)["items"]) > 100:
            return ()
        return super().read(message)


# pushes


class TellsTwoOrders(HubRiseConnector):
    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        mark = "-pushed" if message.kind == "event" else ""
        return tuple(replace(update, order_id=update.order_id + mark) for update in super().read(message))


class BelievesAnything(HubRiseConnector):
    def receive(self, request: WebhookRequest) -> Received:
        event = json.loads(request.body)
        message = Message(event["id"], "event", request.body, 0, event["order_id"])
        return Received((message,), WebhookReply(401))


class AnswersWrongly(HubRiseConnector):
    def receive(self, request: WebhookRequest) -> Received:
        return replace(super().receive(request), reply=WebhookReply(503))


class OnlyListens(WooCommerceConnector):
    """A shop that never repeats a webhook, and nobody who polls."""

    async def fetch_orders(self, cursor: str) -> Page:
        return Page((), cursor)


# signing in


class Nameless(HubRiseConnector):
    async def verify(self) -> ShopInfo:
        return ShopInfo("")


class HidesTheSecret(HubRiseConnector):
    async def verify(self) -> Any:
        return replace(hubrise, title="signed in, it says")


class SignsOutOnABadDay(CurrentConnector):
    """Whatever stands in the way of a token is a person's business, it thinks."""

    async def verify(self) -> ShopInfo:
        try:
            return await super().verify()
        except TemporaryError as error:
            raise AuthError(str(error)) from error


class CallsForHelp(CurrentConnector):
    """A token that died is a person's business, it thinks."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        ask = self._client._send

        async def asked(*call: Any) -> Answer:
            answer = await ask(*call)
            if answer.status == 401:
                raise AuthError("sign in again, please")
            return answer

        setattr(self._client, "_send", asked)  # noqa: B010 - a method that the type checker would protect


# commands


class RepeatsCommands(HubRiseConnector):
    async def send(self, command: Command) -> OrderUpdate | None:
        change = change_for({"status": "new", "service_type": "delivery"}, command)
        await self._client.change_order(command.order_id, change or {})
        return None


class RetriesRefusals(HubRiseConnector):
    async def send(self, command: Command) -> OrderUpdate | None:
        with suppress(RejectedError):
            return await super().send(command)
        return await super().send(command)


class SwallowsRefusals(HubRiseConnector):
    async def send(self, command: Command) -> OrderUpdate | None:
        with suppress(RejectedError):
            return await super().send(command)
        return None


class ClosesOnce(HubRiseConnector):
    _closed = False

    async def aclose(self) -> None:
        if self._closed:
            raise RuntimeError("closed already")
        self._closed = True


# abilities


class HidesAnOrder(CurrentConnector):
    async def list_day(self, day: date) -> Sequence[DayEntry]:
        return [entry for place, entry in enumerate(await super().list_day(day)) if place != 2]


class NeverOpens(CurrentConnector):
    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        return await (self.shop() if state is ShopState.OPEN else super().set_shop(state, until))


class MovesTheEnd(CurrentConnector):
    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        return await super().set_shop(state, until and until + timedelta(hours=1))


class NeverSellsAgain(CurrentConnector):
    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        if not available:
            await super().set_available(item_ids, available, until)


class RefundsTwice(WooCommerceConnector):
    async def refund(self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str) -> Money:
        return await super().refund(order_id, amount, lines, reason, uuid4().hex)


class CountsNoPortions(WooCommerceConnector):
    """Pays the whole dish to who missed one portion of it."""

    async def refund(self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str) -> Money:
        return await super().refund(order_id, amount, [Portions(one.line) for one in lines], reason, key)


class GivesWhatIsLeft(KoubeiConnector):
    """Takes a wish for more portions than are left for one of those that are."""

    async def refund(
        self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str
    ) -> Money | None:
        fitting = [replace(one, count=min(one.count or 0, one.of - one.gone)) if one.of else one for one in lines]
        return await super().refund(order_id, amount, fitting, reason, key)


class PromisesNoEnd(WooCommerceConnector):
    refunds = replace(WooCommerceConnector.refunds, cancels=False)


class HidesAWay(WooCommerceConnector):
    refunds = replace(WooCommerceConnector.refunds, completed=frozenset({RefundBy.WHOLE}))


class LooksBeyondTheEarth(CurrentConnector):
    async def locate_courier(self, order_id: str) -> CourierPlace | None:
        return CourierPlace(48.86, 235.0, steady.now())


class OnlyThanks(OpenConnector):
    """Says that it answered."""

    async def reply_review(self, review_id: str, text: str) -> None:
        return


class NumbersLinesAnew(HubRiseConnector):
    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        return [SettlementLine(uuid4().hex, SettlementKind.SALE, Money(1, "EUR"), day)]


class BooksALineTwice(HubRiseConnector):
    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        return [SettlementLine("1", SettlementKind.SALE, Money(1, "EUR"), day)]


class RedeemsByLooking(KoubeiConnector):
    async def look_up_voucher(self, code: str) -> Voucher:
        found = await super().look_up_voucher(code)
        await self.redeem_voucher(code, 1, uuid4().hex)
        return found


class MiscountsUses(KoubeiConnector):
    async def look_up_voucher(self, code: str) -> Voucher:
        return replace(await super().look_up_voucher(code), left=1)


class RedeemsTwice(KoubeiConnector):
    """Every try is a redemption of its own."""

    async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
        return await super().redeem_voucher(code, uses, uuid4().hex)


class TakesAnyVoucher(KoubeiConnector):
    async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
        with suppress(RejectedError):
            return await super().redeem_voucher(code, uses, key)
        return Redeemed()


class ShowsEveryVoucherAsGood(KoubeiConnector):
    async def look_up_voucher(self, code: str) -> Voucher:
        return replace(await super().look_up_voucher(code), state=VoucherState.GOOD)


class OnlySaysItTookBack(KoubeiConnector):
    async def take_back_voucher(self, code: str, uses: int, key: str) -> None:
        return


class TakesBackOnlyWhatItRemembers(KoubeiConnector):
    """A second request is refused, for it was done already."""

    _done: frozenset[str] = frozenset()

    async def take_back_voucher(self, code: str, uses: int, key: str) -> None:
        if key in self._done:
            raise RejectedError("taken back already")
        await super().take_back_voucher(code, uses, key)
        self._done |= {key}
