"""One open Deliveroo site: polls, events, commands, and what is owed to Deliveroo once an order is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx

from app.domain.changes import OrderUpdate
from app.domain.commands import Command
from app.domain.shop import CourierPlace, DayEntry, MenuItem, ShopState, ShopStatus
from app.platforms.api import (
    Message,
    Page,
    PlatformError,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    WebhookRequest,
)
from app.platforms.deliveroo import mapping, shop
from app.platforms.deliveroo.client import Client
from app.platforms.deliveroo.injection import Injection
from app.platforms.deliveroo.money import total_of
from app.platforms.deliveroo.polling import Cursor, order_message, poll
from app.platforms.deliveroo.riders import Riders
from app.platforms.deliveroo.spare import Spare
from app.platforms.deliveroo.steps import Step, steps_for
from app.platforms.deliveroo.webhook import received
from app.platforms.deliveroo.wire import Order
from app.platforms.http import Answer, sure_of
from app.platforms.shapes import UNREADABLE
from app.texts import N_, tr

NO_TABLET, TABLET = N_("this program decides"), N_("Deliveroo's tablet decides")
ON_ACCEPTANCE, NEVER = N_("when accepted"), N_("never")


class DeliverooConnector:
    """Implements `Connector`, `AcknowledgesMessages`, `TakesWebhooks`, `RecallsMessages`, `OpensShop`, `SellsItems`,
    `ListsDays` and `TracksCouriers`."""

    shop_states = shop.STATES

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        values = settings.values
        self._client = Client(settings, client, clock)
        self._secret = values.get("webhook_secret", "")
        self._tell_start = values.get("kitchen_start", ON_ACCEPTANCE) != NEVER
        self._reading = reading_of(values)
        self._injection = Injection(self._client, self._reading.has_tablet)
        self._riders = Riders()
        self._run = uuid4().hex[:8]
        self._spare = Spare()
        self._days = shop.Days(self._client, self._spare, settings.zone)

    async def verify(self) -> ShopInfo:
        """Ask for the brand of our site; the name is kept where Deliveroo gives one."""
        if not self._client.site:
            raise RejectedError(tr("the account has no site yet"))
        found = (await self._client.location()).body
        brand = found.get("brand_id")
        first = brand[0] if isinstance(brand, list) and brand else brand  # both forms are seen
        if not first or isinstance(first, dict | list):
            raise ProtocolError(tr("Deliveroo answered something else than its documentation says"))
        name = str(found.get("name") or self._reading.shop or self._client.site)
        return ShopInfo(name, {"brand_id": str(first), "site_name": name})

    async def fetch_orders(self, cursor: str) -> Page:
        """One round of polling (see `polling`)."""
        return await poll(self._client, Cursor.parse(cursor), self._run, self._spare)

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands."""
        answer = await self._client.order(order_id)
        return order_message(answer.body, answer.version, answer.raw)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Pure; see `mapping.read`."""
        return mapping.read(message, self._reading)

    async def acknowledge(self, messages: tuple[Message, ...]) -> None:
        """See `injection`: called when the messages are committed."""
        await self._injection.report(messages)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Look, decide, ask. A status may be changed once only, so what is there already is never asked for again."""
        seen = await self._client.order(command.order_id)
        order, at = _order(seen), datetime.fromtimestamp(seen.version / 1000, UTC)
        steps = steps_for(order, command, at, self._reading.has_tablet(order.is_tabletless), self._tell_start)
        update = mapping.order_update(order, seen.version, self._reading)
        for step in steps:
            if await self._carried_out(command.order_id, step):
                update = replace(update, kitchen=step.proves)
        return update

    def receive(self, request: WebhookRequest) -> Received:
        """See `webhook.received`; where a rider is stands in no answer, so it is remembered."""
        found = received(request, self._secret)
        self._riders.recall(found.messages)
        return found

    def recall(self, messages: Sequence[Message]) -> None:
        """See `api.RecallsMessages`."""
        self._riders.recall(messages)

    async def locate_courier(self, order_id: str) -> CourierPlace | None:
        """See `riders`: known where the console hears of riders, which takes a relay."""
        return self._riders.place(order_id)

    async def shop(self) -> ShopStatus:
        """See `shop.read_shop`."""
        return await shop.read_shop(self._client)

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """See `shop.change_shop`; `until` is nothing Deliveroo knows."""
        del until
        return await shop.change_shop(self._client, state)

    async def items(self) -> Sequence[MenuItem]:
        """See `shop.read_items`."""
        return await shop.read_items(self._client)

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """See `shop.change_items`."""
        await shop.change_items(self._client, item_ids, available, until)

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """See `shop.Days.read`."""
        return await self._days.read(day)

    async def aclose(self) -> None:
        """Nothing is held: the HTTP client belongs to the engine."""

    async def _carried_out(self, order_id: str, step: Step) -> bool:
        """Whether Deliveroo did it. Raises what it says to a step that is needed."""
        if not step.status:
            return await self._told(order_id, step)
        try:
            await sure_of(
                lambda: self._client.change_status(order_id, step.body), lambda: self._shows(order_id, step.status)
            )
        except RejectedError:  # 409 for a second time: then it stands there already
            if not await self._shows(order_id, step.status):
                raise
        return True

    async def _told(self, order_id: str, step: Step) -> bool:
        """A stage cannot be read back, and telling it again only updates it."""
        bearable = () if step.needed else (PlatformError,)
        with suppress(*bearable):
            await self._client.report_stage(order_id, step.body)
            return True
        return False

    async def _shows(self, order_id: str, status: str) -> bool:
        return status in _order(await self._client.order(order_id)).statuses


def reading_of(values: Mapping[str, str]) -> mapping.Reading:
    """How the account wants its orders read."""
    try:
        minutes = float(values.get("decision_minutes") or 0)
    except ValueError:
        minutes = 0.0
    window = timedelta(minutes=minutes) if 0 < minutes < 1440 else None
    return mapping.Reading(values.get("site_name", ""), window, values.get("decided_by", NO_TABLET) == TABLET)


def _order(answer: Answer) -> Order:
    try:
        order = mapping.order_of(answer.body)
        total_of(order)
    except UNREADABLE:
        raise ProtocolError(tr("Deliveroo answered something else than its documentation says")) from None
    return order
