"""Meituan behind the contract: polls, pushes, and commands that end in the wanted state whatever happens on the way."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind, Portions
from app.domain.money import Money
from app.domain.shop import CourierPlace, DayEntry, MenuItem, Review, SettlementLine, ShopState, ShopStatus
from app.platforms import http
from app.platforms.api import (
    AuthError,
    Message,
    Page,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    TemporaryError,
    WebhookRequest,
)
from app.platforms.meituan.bills import read_bill
from app.platforms.meituan.client import Clock, Result, client_of
from app.platforms.meituan.commands import (
    READY_AFTER,
    STEPS,
    TOO_EARLY,
    call_of,
    kept_here,
    proved,
    reached,
    says_already,
    too_early,
)
from app.platforms.meituan.couriers import locate
from app.platforms.meituan.dishes import change_items, read_items
from app.platforms.meituan.doors import door_of
from app.platforms.meituan.events import PRIVACY, Reading, order_id_of, read
from app.platforms.meituan.mapping import DECISION_WINDOW
from app.platforms.meituan.payloads import CHINA, Order, shape
from app.platforms.meituan.polling import Cursor, Poll, complete, order_message
from app.platforms.meituan.refunding import PARTNER_TERMS, TERMS, give_back
from app.platforms.meituan.routes import Ask
from app.platforms.meituan.shop import reviews_since, shop_of
from app.platforms.meituan.tokens import PARTNER
from app.platforms.meituan.webhook import receive_open, receive_partner
from app.texts import tr

ANSWERED = re.compile(r"已(?:经)?回复")
MISSES = 3  # numbers in a row that are not there: the end of a day


class MeituanConnector:
    """One shop behind either door (see `api.Connector`); implements `TakesWebhooks`, and what both doors have of
    `abilities`: `ListsDays`, `OpensShop`, `SellsItems`, `RefundsOrders` and `TracksCouriers`.
    """

    shop_states = frozenset({ShopState.OPEN, ShopState.PAUSED})
    refunds = TERMS

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._values = settings.values
        self._partner = settings.values.get("door") == PARTNER
        if self._partner:
            self.refunds = PARTNER_TERMS
        self._clock = clock
        shop_id = settings.values.get("shop_id", "").strip()
        self._door = door_of(client_of(settings, client, clock), shop_id)
        self._reading = Reading(
            shop_id, timedelta(minutes=_number(settings.values, "decision_minutes", DECISION_WINDOW.total_seconds() / 60))
        )
        self._ready_after = _number(settings.values, "ready_seconds", READY_AFTER)
        self._phones: dict[str, str] = {}  # real numbers by order id, while the virtual ones do not work
        self._phones_wanted = False
        self._numbered: dict[tuple[date, int], str] = {}  # order ids by number: a number never changes hands

    async def verify(self) -> ShopInfo:
        """Ask for the shop; the account's shop number must be one that Meituan knows."""
        shops = await self._door.shops()
        named = {shop_id: name for shop_id, name, _ in shops}
        if self._reading.shop_id not in named:
            raise RejectedError(tr("Meituan does not know shop {shop}", shop=self._reading.shop_id))
        return ShopInfo(named[self._reading.shop_id] or self._reading.shop_id)

    async def fetch_orders(self, cursor: str) -> Page:
        """One round of polling (see `polling`); first the phone numbers, if Meituan said that it hides them no more."""
        known = Cursor.load(cursor)
        if self._phones_wanted:
            await self._pull_phones()
            due = tuple(order_id for order_id in (*known.waiting, *known.live) if order_id in self._phones)
            known = replace(known, again=due + known.again)
        return await Poll(self._door, known, self._phones, self._clock).run()

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands, its refunds included."""
        result = await self._order(order_id)
        return order_message(result.value, result.version, again=True)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """See `events.read`."""
        return (read(message.kind, message.body, message.version, self._reading),)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Carry out `command`; see the contract for what the answer means."""
        if command.kind is CommandKind.RECEIVED and self._partner:
            return proved(command, 0)  # the gateway has no such call: there, what is stored is known to us only
        if command.kind in STEPS and (kept := await self._step_kept_here(command)):
            return kept
        ask, words = call_of(command, self._courier())
        try:
            result = await http.sure_of(lambda: self._door.step(ask, command.order_id, **words), lambda: self._done(command))
        except RejectedError as refusal:
            return await self._refused(command, refusal)
        return proved(command, result.version) if result else None

    def receive(self, request: WebhookRequest) -> Received:
        """A probe is answered at once; a push is verified before anything in it is used."""
        if self._partner:
            received = receive_partner(request, self._values["secret"])
        else:
            received = receive_open(request, self._values["secret"], self._values.get("callback_url", "").strip())
        self._phones_wanted |= any(message.kind == PRIVACY for message in received.messages)
        return received

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """The run of the day's numbers, each asked for once (see `abilities.ListsDays`)."""
        today = datetime.fromtimestamp(self._clock(), CHINA).date()
        newest = await self._door.last_number() if day == today else None
        entries: list[DayEntry] = []
        number, missed = 1, 0
        while number <= newest if newest is not None else missed < MISSES:
            order_id = await self._id_of(day, number)
            missed = 0 if order_id else missed + 1
            entries += [DayEntry(order_id, str(number))] if order_id else []
            number += 1
        return entries

    async def shop(self) -> ShopStatus:
        """Open or resting (see `abilities.OpensShop`)."""
        return await shop_of(self._door)

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """Open or close; Meituan knows no end of a pause, so `until` is the counter's to keep."""
        if state not in self.shop_states:
            raise RejectedError(tr("Meituan knows no such state of a shop"))
        await self._door.client.call(Ask.OPEN if state is ShopState.OPEN else Ask.CLOSE, **self._door.named)
        return await self.shop()

    async def items(self) -> Sequence[MenuItem]:
        """See `abilities.SellsItems`."""
        return await read_items(self._door)

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """Off the shelf, or back on it; Meituan knows no end, so `until` is the counter's to keep."""
        await change_items(self._door, item_ids, available)

    async def refund(
        self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str
    ) -> Money | None:
        """See `abilities.RefundsOrders`. Everything is a cancellation: Meituan takes none of a completed order."""
        if amount is None and not lines:
            await self.send(Command(CommandKind.CANCEL, order_id, key, text=reason))
            return None
        return await give_back(self._door, order_id, amount, lines, reason, key)

    async def locate_courier(self, order_id: str) -> CourierPlace | None:
        """See `abilities.TracksCouriers`."""
        return await locate(self._door, order_id)

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine; a token being renewed is let come to its end."""
        await self._door.client.aclose()

    async def _pull_phones(self) -> None:
        """An account without this right goes on without real numbers."""
        with suppress(RejectedError, AuthError):
            self._phones = await self._door.phones()
        self._phones_wanted = False

    async def _id_of(self, day: date, number: int) -> str:
        if (day, number) not in self._numbered:
            result = await self._door.numbered(day, number)
            if result is None:
                return ""
            self._numbered[day, number] = order_id_of(result.value)
        return self._numbered[day, number]

    async def _order(self, order_id: str) -> Result:
        result = await self._door.order(order_id)
        await complete(self._door, [result.value], self._phones)
        return result

    async def _step_kept_here(self, command: Command) -> OrderUpdate | None:
        """Kitchen steps depend on who carries the food, which only the order tells. TemporaryError when it is too early."""
        result = await self._door.order(command.order_id)
        order = shape(Order, result.value)
        if kept := kept_here(command.kind, order):
            return kept
        self._not_too_early(command, order, result.version)
        return None

    def _not_too_early(self, command: Command, order: Order, version: int) -> None:
        if wait := too_early(command.kind, order, version, self._ready_after):
            raise TemporaryError(tr(TOO_EARLY, seconds=math.ceil(wait)), max(wait, 0.1))

    async def _refused(self, command: Command, refusal: RejectedError) -> OrderUpdate | None:
        """What stands behind a refusal: done before (success), too early (later), or a no."""
        result = await self._order(command.order_id)
        order = shape(Order, result.value)
        if reached(command.kind, order) or says_already(command.kind, refusal):
            # neither food that is ready nor an answered urge shows in an order
            return proved(command, 0) if command.kind in (CommandKind.READY, CommandKind.REPLY_URGE) else None
        self._not_too_early(command, order, result.version)
        raise refusal

    async def _done(self, command: Command) -> bool:
        """Whether the platform already stands where `command` wants it. Of an urge nothing tells: it is answered again."""
        return reached(command.kind, shape(Order, (await self._order(command.order_id)).value))

    def _courier(self) -> Mapping[str, str]:
        names = ("courier_name", "courier_phone")
        return {name: self._values[name].strip() for name in names if self._values.get(name, "").strip()}


class OpenConnector(MeituanConnector):
    """Behind waimaiopen there are reviews and bills too (`HearsReviews`, `Settles`): how the gateway is asked for reviews is
    not documented, and of bills it has pushes only, whose figures are not.
    """

    async def reviews(self, since: date) -> Sequence[Review]:
        """See `abilities.HearsReviews`."""
        today = datetime.fromtimestamp(self._clock(), CHINA).date()
        return await reviews_since(self._door.client, self._door.shop_id, since, today)

    async def reply_review(self, review_id: str, text: str) -> None:
        """Answer one."""
        words = {"app_poi_code": self._door.shop_id, "comment_id": review_id, "reply": text}
        try:
            await self._door.client.call(Ask.REPLY_REVIEW, **words)
        except RejectedError as refusal:
            if not ANSWERED.search(str(refusal)):  # answered already is success
                raise

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        """See `abilities.Settles`."""
        return await read_bill(self._door.client, self._door.shop_id, day, datetime.fromtimestamp(self._clock(), UTC))


def connect(settings: Settings, client: httpx.AsyncClient) -> MeituanConnector:
    """The connector of the door that the account's form chose."""
    kind = MeituanConnector if settings.values.get("door") == PARTNER else OpenConnector
    return kind(settings, client)


def _number(values: Mapping[str, str], name: str, otherwise: float) -> float:
    try:
        number = float(values.get(name) or 0)
    except ValueError:
        return otherwise
    return number if math.isfinite(number) and number > 0 else otherwise
