"""DoorDash behind the contract: orders are pushed once, decided within minutes, and never told of again on request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import httpx

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind, Portions
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.platforms.api import (
    ForgedWebhookError,
    Message,
    Page,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    WebhookRequest,
)
from app.platforms.doordash import mapping, shop
from app.platforms.doordash.client import Client
from app.platforms.doordash.events import Kind, Push, push_of, reply_of
from app.platforms.doordash.mapping import LONGEST, SHORTEST, Reading
from app.platforms.doordash.signing import is_ours
from app.platforms.doordash.steps import (
    CALLS,
    PROVES,
    REFUNDS,
    Change,
    adjustment,
    body_of,
    changes_of,
    check_lines,
    dead_of,
    made_before,
)
from app.platforms.doordash.told import Told
from app.platforms.http import Answer
from app.texts import tr

ASKED = "asked"  # the setting that keeps what we asked for: no push and no call would tell it
REFUSED = "400"  # already decided, too late, or wrong: one status for all of them


class DoorDashConnector:
    """Implements `Connector`, `TakesWebhooks`, `RecallsMessages`, `OpensShop`, `SellsItems` and `RefundsOrders`.

    `receive` stamps orders with the moment they arrive, because nothing on this wire says when one was made.
    """

    shop_states = shop.STATES
    refunds = REFUNDS

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Callable[[], float] = steady.time) -> None:
        values = settings.values
        self._client = Client(settings, client, clock)
        self._hook_token = values.get("hook_token", "")
        self._reading = reading_of(values)
        self._save = settings.save
        self._told = Told(clock, values.get(ASKED, ""))

    async def verify(self) -> ShopInfo:
        """Ask for the store. DoorDash tells its provider and not its name: that is the form's."""
        await self._client.details()
        return ShopInfo(self._reading.shop or self._reading.store_id)

    async def fetch_orders(self, cursor: str) -> Page:
        """There is no list of orders: one harmless call shows that the sign-in lives."""
        del cursor
        self._told.forget()
        await self._client.details()
        return Page((), "")

    def recall(self, messages: Sequence[Message]) -> None:
        """See `api.RecallsMessages`."""
        self._told.recall(messages)

    async def fetch_order(self, order_id: str) -> Message:
        """The last thing DoorDash told of an order: it cannot be asked."""
        longest = self._reading.decision * (LONGEST / SHORTEST)
        message = self._told.latest(order_id, longest.total_seconds())
        if message is None:
            raise RejectedError(tr("DoorDash cannot be asked about an order, and has pushed none of this number"))
        return message

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """See `api.Connector.read`."""
        return mapping.read(message, self._reading)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Ask once; what was agreed to before is not asked again, and a refusal is weighed with what we know."""
        body = body_of(command)
        calls = {"confirm": self._client.confirm, "ready": self._client.ready, "cancel": self._client.cancel}
        call = calls[CALLS[command.kind]]
        try:
            version = await self._once(command.order_id, command.kind, lambda: call(command.order_id, body))
        except RejectedError as no:
            if ended := dead_of(command.kind, str(no)):
                await self._ended(command.order_id, ended, str(no))
            raise
        return OrderUpdate(command.order_id, version, kitchen=PROVES[command.kind])

    def receive(self, request: WebhookRequest) -> Received:
        """Only the Authorization header vouches for a push: DoorDash signs nothing."""
        if not is_ours(self._hook_token, request.headers.get("authorization", "")):
            raise ForgedWebhookError(tr("The token is missing or wrong"))
        reply = reply_of(request)
        return Received((self._stored(push_of(request.body), request),), reply)

    async def adjust(self, order_id: str, changes: Sequence[Change], key: str) -> None:
        """Change an accepted order's lines; the same `key` never asks twice."""
        body = adjustment(list(changes))
        await self._once(order_id, f"adjust:{key}", lambda: self._client.adjust(order_id, body), money=True)

    async def refund(self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str) -> None:
        """Portions are taken off the bill; all of them, or none named, cancel it: DoorDash ignores an order of nothing."""
        if amount is not None:
            raise RejectedError(tr("DoorDash takes dishes off the bill, not amounts"))
        known = self._known(order_id)  # empty for an order from before our memory: then DoorDash judges the lines
        changes, asked = changes_of(lines), self._told.step(order_id, f"adjust:{key}")
        done = bool(changes and known) and all(known.get(one.line, 0) == one.quantity for one in changes)
        if asked or (asked is not None and done):
            return  # these portions left the order then, whether or not we heard the yes
        if known:
            check_lines(changes, known)
        if lines and {one.line for one in changes if not one.quantity} != set(known):
            await self.adjust(order_id, changes, key)
            return
        body = {"cancel_reason": "OTHER", "cancel_details": reason}
        await self._once(order_id, CommandKind.CANCEL, lambda: self._client.cancel(order_id, body), money=True)
        await self._ended(order_id, Kitchen.CANCELLED, reason)

    async def shop(self) -> ShopStatus:
        """See `abilities.OpensShop`."""
        return await shop.read_shop(self._client)

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """See `abilities.OpensShop`."""
        return await shop.change_shop(self._client, state, until)

    async def items(self) -> Sequence[MenuItem]:
        """See `abilities.SellsItems`; options are listed too."""
        return await shop.read_items(self._client)

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """See `abilities.SellsItems`; `until` has no place on this wire."""
        del until
        await shop.change_items(self._client, item_ids, available)

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine: nothing of our own to close."""

    async def _once(self, order_id: str, name: str, ask: Callable[[], object], money: bool = False) -> int:
        """The version (ms) of DoorDash's yes. Whoever asks again after no answer cannot look first, only judge a refusal.

        ProtocolError where `money` may have gone back unheard, and no words tell: a person looks.
        """
        before = self._told.step(order_id, name)
        if before:
            return before
        await self._noted(order_id, name, 0)
        try:
            answer: Answer = await ask()  # type: ignore[misc]  # a coroutine of Answer
        except RejectedError as no:
            if not self._stands(order_id, name, no, before == 0):
                if before == 0 and money:
                    raise ProtocolError(str(no)) from no
                self._told.refused(order_id, name)
                await self._remember()
                raise
            version = self._told.stamp()
        else:
            version = answer.version
        await self._noted(order_id, name, version)
        return version

    def _stands(self, order_id: str, name: str, no: RejectedError, asked: bool) -> bool:
        """Whether the order is already where it was wanted, though DoorDash refuses. No words prove an adjustment."""
        if no.code != REFUSED or name not in CALLS:
            return False
        told = name == CommandKind.CANCEL and self._told.is_cancelled(order_id)
        return told or made_before(name, str(no), asked)

    async def _noted(self, order_id: str, name: str, version: int) -> None:
        self._told.note(order_id, name, version)
        await self._remember()

    async def _ended(self, order_id: str, kitchen: Kitchen, words: str) -> None:
        self._told.end(order_id, kitchen, words)
        await self._remember()

    async def _remember(self) -> None:
        await self._save({ASKED: self._told.asked()})

    def _stored(self, push: Push, request: WebhookRequest) -> Message:
        body, heard = request.body, self._told.heard(push.order_id, request.received)
        if push.kind is Kind.ORDER and push.order_id:
            return self._told.hear(Message(f"order:{push.order_id}", Kind.ORDER, body, heard, push.order_id))
        digest = hashlib.sha256(body).hexdigest()[:32]
        version = mapping.event_version(push, heard)
        message = Message(f"{push.kind}:{digest}", self._kind(push), body, version, push.order_id)
        self._told.follow(push, message)
        return message

    def _kind(self, push: Push) -> str:
        """An adjusted order carries its first arrival along, so that it is not placed anew."""
        known = self._told.order(push.order_id)
        return f"{push.kind}@{known.first}" if push.kind is Kind.ADJUSTED and known else push.kind

    def _known(self, order_id: str) -> dict[str, int]:
        """Portions by line, as DoorDash last told of them."""
        updates = mapping.read(known, self._reading) if (known := self._told.latest(order_id, float("inf"))) else ()
        return {line.key: int(line.quantity) for update in updates if update.facts for line in update.facts.lines}


def reading_of(values: Mapping[str, str]) -> Reading:
    """What the account form says of the wire's gaps; nonsense counts as empty."""
    try:
        minutes = float(values.get("decision_minutes") or 0)
    except ValueError:
        minutes = 0.0
    decision = timedelta(minutes=minutes) if 0 < minutes < 60 else SHORTEST
    currency = values.get("currency", "")
    currency = currency if currency in mapping.CURRENCIES else mapping.CURRENCIES[0]
    return Reading(currency, values.get("shop_name", ""), values.get("store_id", "").strip(), decision)
