"""Ele.me behind the contract: polls, pushes, and commands that end in the wanted state whatever happens on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import httpx

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind, Portions
from app.domain.money import Money
from app.domain.shop import DayEntry, MenuItem, Review, SettlementLine, ShopState, ShopStatus
from app.platforms import http
from app.platforms.api import (
    Message,
    Page,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.eleme import carrying, finance, menu, refunding, reviews, shop
from app.platforms.eleme.client import Client, Clock, Result
from app.platforms.eleme.commands import call_of, proved, reached
from app.platforms.eleme.events import FAILED_PUSH, PUSH, Reading, read
from app.platforms.eleme.mapping import BY_SHOP, DECISION_WINDOW
from app.platforms.eleme.polling import Cursor, Poll, add_refunds, list_day, order_message, push_message
from app.platforms.eleme.webhook import verified
from app.texts import tr

STEPS = frozenset({CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE})
OK = WebhookReply(body=b'{"message":"ok"}')


class ElemeConnector:
    """One signed-in shop (see `api.Connector`); takes webhooks and acknowledges messages fetched from the failed list.

    Of `abilities` it has all but one: Ele.me hands out a courier's route points, whose form no source tells.
    """

    shop_states = shop.STATES
    refunds = refunding.TERMS

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._values = settings.values
        self._client = Client(settings, client, clock)
        self._clock = clock
        self._courier_phone = settings.values.get("courier_phone", "").strip()
        shop_id = settings.values.get("shop_id", "").strip()
        self._reading = Reading(shop_id, _window(settings.values), delivers=bool(self._courier_phone))

    async def verify(self) -> ShopInfo:
        """Ask who we are; keeps the shop's id when the sign-in covers exactly one."""
        user = (await self._client.call("eleme.user.getUser")).value
        if not isinstance(user, dict):
            raise ProtocolError(tr("Ele.me did not say who is signed in"))
        shops = {str(shop.get("id")): str(shop.get("name", "")) for shop in user.get("authorizedShops") or ()}
        wanted = self._reading.shop_id or (next(iter(shops)) if len(shops) == 1 else "")
        if wanted not in shops:
            names = "; ".join(f"{shop_id} {name}" for shop_id, name in shops.items()) or "-"
            raise RejectedError(tr("choose one of the shops of this sign-in: {shops}", shops=names))
        return ShopInfo(shops[wanted] or wanted, {"shop_id": wanted})

    async def fetch_orders(self, cursor: str) -> Page:
        """One round of polling (see `polling`)."""
        app_id = self._values.get("app_id", "")
        return await Poll(self._client, self._shop(), app_id, Cursor.load(cursor), self._clock).run()

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands, its refund included."""
        result = await self._order(order_id)
        await add_refunds(self._client, [result.value])
        return order_message(result.value, result.version, again=True)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """See `events.read`."""
        return (read(message.kind, message.body, message.version, self._reading),)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Carry out `command`; see the contract for what the answer means."""
        if kept := await self._kept_here(command):
            return kept
        action, params = call_of(command, self._courier_phone)
        try:
            result = await http.sure_of(lambda: self._client.call(action, params), lambda: self._done(command))
        except RejectedError:
            if not await self._done(command):
                raise
            result = None
        if result is None:  # done earlier, when nobody heard the yes; a step of the kitchen no order of Ele.me tells
            return proved(command, 0) if command.kind in STEPS else None
        return proved(command, result.version)

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """See `abilities.ListsDays`; Ele.me's days are those of China."""
        return await list_day(self._client, self._shop(), day)

    async def shop(self) -> ShopStatus:
        """Open or resting (see `abilities.OpensShop`)."""
        return await shop.read_shop(self._client, self._shop())

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """Open or close; Ele.me knows no end of a pause, so `until` is the counter's to keep."""
        del until
        return await shop.change_shop(self._client, self._shop(), state)

    async def items(self) -> Sequence[MenuItem]:
        """See `abilities.SellsItems`; the sizes of a dish are one item."""
        return await menu.read_items(self._client, self._shop())

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """See `menu.change_items`."""
        await menu.change_items(self._client, self._shop(), item_ids, available, until, self._now())

    async def refund(self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str) -> None:
        """See `abilities.RefundsOrders`. No key is needed: a whole order goes back once, and then says so."""
        del key
        if lines:
            raise refunding.part_refused()
        order = await self._read(order_id)
        if refunding.given_back(order):
            return
        refunding.refuse_parts(order, amount)
        params = refunding.call_for(order_id, reason)
        try:
            await http.sure_of(lambda: self._client.call(refunding.APPLY, params), lambda: self._is_back(order_id))
        except RejectedError:
            if not await self._is_back(order_id):
                raise

    async def reviews(self, since: date) -> Sequence[Review]:
        """See `abilities.HearsReviews`."""
        return await reviews.reviews_since(self._client, self._shop(), since, self._now())

    async def reply_review(self, review_id: str, text: str) -> None:
        """See `abilities.HearsReviews`."""
        await reviews.reply_review(self._client, self._shop(), review_id, text, self._now())

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        """See `abilities.Settles`; Ele.me books by China's days."""
        return await finance.settlement(self._client, self._shop(), day)

    async def acknowledge(self, messages: tuple[Message, ...]) -> None:
        """Tell Ele.me which failed pushes are stored now, so that it drops them."""
        ids = [message.key for message in messages if message.kind == FAILED_PUSH]
        if ids:
            await self._client.call("eleme.msgNew.confirmPullMsg", {"msgConfirmRequest": {"requestIds": ids}}, app_wide=True)

    def receive(self, request: WebhookRequest) -> Received:
        """A probe (GET) is answered at once; a push is verified before anything in it is used."""
        if request.method == "GET":
            return Received((), OK)
        if request.method != "POST":
            raise ProtocolError(tr("Ele.me pushes with POST"))
        envelope = verified(request.body, self._values["secret"])
        return Received((push_message(envelope, request.body, PUSH),), OK)

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine; a token being renewed is let come to its end."""
        await self._client.aclose()

    def _shop(self) -> int:
        if not self._reading.shop_id.isdigit():
            raise RejectedError(tr("the account has no shop number yet: test it first"))
        return int(self._reading.shop_id)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    async def _read(self, order_id: str) -> OrderUpdate:
        (update,) = self.read(await self.fetch_order(order_id))
        return update

    async def _is_back(self, order_id: str) -> bool:
        return refunding.given_back(await self._read(order_id))

    async def _order(self, order_id: str) -> Result:
        result = await self._client.call("eleme.order.getOrder", {"orderId": order_id})
        if not isinstance(result.value, dict):
            raise RejectedError(tr("Ele.me does not know order {id}", id=order_id))
        return result

    async def _done(self, command: Command) -> bool:
        """Whether the platform already stands where `command` wants it."""
        match command.kind:
            case CommandKind.REPLY_URGE:
                open_ones = await self._client.call("eleme.order.getUnreplyReminders", {"shopId": self._shop()})
                return command.urge_key not in {str(reminder.get("reminderId")) for reminder in open_ones.value or ()}
            case CommandKind.READY if await self._prepared(command.order_id):
                return True
            case CommandKind.HAND_OVER | CommandKind.COMPLETE:
                states = await carrying.states_of(self._client, command.order_id)
                if carrying.REACHED[command.kind].intersection(states):
                    return True
        order = (await self._order(command.order_id)).value
        return reached(command.kind, order)

    async def _kept_here(self, command: Command) -> OrderUpdate | None:
        """A step that Ele.me is not told, which only its waybill says: who does not deliver has nothing to tell of it, and
        who delivers is not asked for "ready". None when it is to be told. RejectedError when the order is dead."""
        if command.kind not in BY_SHOP and not (command.kind is CommandKind.READY and self._courier_phone):
            return None
        if (await self._order(command.order_id)).value.get("status") == "invalid":
            raise RejectedError(tr("Ele.me shows this order as cancelled"))
        by_shop = carrying.SELF in await carrying.states_of(self._client, command.order_id)
        return None if by_shop == (command.kind in BY_SHOP) else proved(command, 0)

    async def _prepared(self, order_id: str) -> bool:
        times = await self._client.call("eleme.order.getPreparedTimesByOrderIds", {"orderIds": [order_id]})
        return isinstance(times.value, dict) and bool(times.value.get(order_id))


def _window(values: Mapping[str, str]) -> timedelta:
    try:
        minutes = float(values.get("decision_minutes") or 0)
    except ValueError:
        return DECISION_WINDOW
    return timedelta(minutes=minutes) if minutes > 0 else DECISION_WINDOW
