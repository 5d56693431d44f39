"""Just Eat behind the contract: orders arrive accepted, by push; word is given of each, and the restaurant can be paused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
from pydantic import ValidationError

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command
from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.platforms.api import (
    Message,
    Page,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    UnknownMessageError,
    WebhookRequest,
)
from app.platforms.just_eat import mapping, shop, webhook
from app.platforms.just_eat.client import Client
from app.platforms.just_eat.known import Known
from app.platforms.just_eat.mapping import ORDER
from app.platforms.just_eat.orders import Reading
from app.platforms.just_eat.receipts import Receipt, Receipts
from app.platforms.just_eat.wire import Offline
from app.texts import tr

MOST = 500  # orders whose last push is remembered


class JustEatConnector:
    """Implements `Connector`, `AcknowledgesMessages`, `TakesWebhooks`, `OpensShop` and `SellsItems`.

    No call reads an order, so the last push of each stands for it, until the program ends.
    """

    shop_states = shop.STATES

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Callable[[], float] = steady.time) -> None:
        values = settings.values
        self._save = settings.save
        self._clock = clock
        self._client = Client(settings, client)
        self._secrets = webhook.Secrets.of(values)
        self._reading = Reading(
            values.get("restaurant", "").strip(), values.get("shop_name", ""), values.get("currency") or "GBP"
        )
        self._place = shop.Place(self._reading.restaurant, ZoneInfo(values.get("timezone") or "Europe/London"), values)
        self._receipts = Receipts(self._client, self._stamp)
        self._known = Known.of(values)
        self._orders: dict[str, Message] = {}

    async def verify(self) -> ShopInfo:
        """One call that only reads. No call tells the restaurant's name: it is the form's."""
        if not self._reading.restaurant:
            raise RejectedError(tr("the account has no restaurant yet"))
        await self._client.probe()
        return ShopInfo(self._reading.shop or self._reading.restaurant)

    async def fetch_orders(self, cursor: str) -> Page:
        """There is nothing to ask: what Just Eat waits for word of is handed over once more, to be acknowledged."""
        self._known.expire(self._clock())
        await self._known.save(self._save)
        return Page(self._receipts.waiting(), cursor)

    async def fetch_order(self, order_id: str) -> Message:
        """The last push of it. RejectedError for one that was not pushed since the program began."""
        if order_id not in self._orders:
            raise RejectedError(tr("Just Eat cannot be asked for an order: it pushes each once"))
        return self._orders[order_id]

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Pure; see `mapping.read`."""
        return mapping.read(message, self._reading)

    async def acknowledge(self, messages: tuple[Message, ...]) -> None:
        """See `Receipts.settle`: called when the messages are committed."""
        await self._receipts.settle(messages)

    async def send(self, command: Command) -> OrderUpdate | None:
        """There is no command: the restaurant's own device accepts, refuses and reports."""
        raise RejectedError(tr("Just Eat takes this on its own device only"), command.kind.value)

    def receive(self, request: WebhookRequest) -> Received:
        """See `webhook.received`; what is pushed is remembered, since nothing can be asked for later."""
        received = webhook.received(request, self._secrets)
        for message in received.messages:
            self._remember(message, webhook.callback_of(request))
        return received

    async def shop(self) -> ShopStatus:
        """As last set from here or heard in a push: Just Eat cannot be asked."""
        return shop.status(self._known, self._clock())

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """See `shop.change`."""
        await shop.change(self._client, self._place, self._known, state, until, self._clock())
        await self._known.save(self._save)
        return await self.shop()

    async def items(self) -> Sequence[MenuItem]:
        """What orders have shown so far: Just Eat takes a menu, and does not give it back."""
        return shop.items(self._known, self._clock())

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """See `shop.change_items`."""
        await shop.change_items(self._client, self._place, self._known, item_ids, available, until, self._stamp())
        await self._known.save(self._save)

    async def aclose(self) -> None:
        """Nothing is held: the HTTP client belongs to the engine."""

    def _remember(self, message: Message, callback: str) -> None:
        if message.kind != ORDER:
            self._hear(message)
            return
        try:
            updates, failure = self.read(message), ""
        except UnknownMessageError:  # another restaurant's: whoever it belongs to gives word
            return
        except ProtocolError as error:
            updates, failure = (), str(error)
        self._orders[message.order_id] = message
        while len(self._orders) > MOST:
            del self._orders[next(iter(self._orders))]
        for update in updates:
            self._known.see((line.sku, line.name) for line in (update.facts.lines if update.facts else ()))
        if callback or not mapping.is_prepare(json.loads(message.body)):
            self._receipts.owe(Receipt(message, webhook.transmission_of(message.body), callback, failure))

    def _hear(self, message: Message) -> None:
        """Somebody opened or closed the restaurant elsewhere."""
        try:
            told = Offline.of(json.loads(message.body))
        except (ValidationError, ValueError, TypeError):
            return
        if told.restaurant in ("", self._reading.restaurant):
            self._known.paused_until = 0.0 if told.is_offline else None

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
