"""Uber Eats behind the contract: one store on one of the two generations of the order API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import httpx

from app import steady
from app.domain.changes import OrderUpdate
from app.domain.commands import Command
from app.domain.lifecycle import Kitchen
from app.domain.shop import CourierPlace, DayEntry, MenuItem, ShopState, ShopStatus
from app.platforms import http
from app.platforms.api import (
    AuthError,
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
from app.platforms.shapes import UNREADABLE
from app.platforms.uber_eats import current_wire, mapping
from app.platforms.uber_eats.client import PRODUCTION, SANDBOX, Client, Clock
from app.platforms.uber_eats.commands import REACHED, call_of, reached
from app.platforms.uber_eats.generation import CURRENT, PREVIOUS, Generation, named
from app.platforms.uber_eats.mapping import DECISION_WINDOW, Reading
from app.platforms.uber_eats.polling import CurrentPoll, Cursor, PreviousPoll, next_page, order_message, orders_page
from app.platforms.uber_eats.shop import Storefront
from app.platforms.uber_eats.webhook import verified
from app.texts import tr

SECRETS = ("client_secret", "signing_key", "signing_key_next")
MAX_PAGES = 60


class UberEatsConnector:
    """Implements `Connector`, `TakesWebhooks`, `OpensShop` and `SellsItems` for both generations."""

    generation: Generation
    shop_states: frozenset[ShopState]

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._values = settings.values
        self._store_id = settings.values.get("store_id", "").strip()
        self._client = Client(settings, client, clock)
        self._clock = clock
        self._reading = Reading(self._store_id, _window(settings.values))
        self._met: set[str] = set()
        self._front = Storefront(self._client, self.generation, self._store_id, settings)

    async def verify(self) -> ShopInfo:
        """Read the store with the app's own token."""
        path = self.generation.path(self.generation.store, store_id=self._shop())
        body = (await self._client.get(path)).body
        zone = str(body.get("timezone") or "")
        return ShopInfo(str(body.get("name") or self._store_id), {"timezone": zone} if zone else {})

    async def fetch_orders(self, cursor: str) -> Page:
        """One round of polling (see `polling`)."""
        at = Cursor.load(cursor)
        if self.generation is CURRENT:
            return await CurrentPoll(self._client, self._shop(), at, self._clock).run()
        return await PreviousPoll(self._client, self._shop(), at, self._clock, met=self._met).run()

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands."""
        path = self.generation.path(self.generation.order, order_id)
        answer = await self._client.get(path, self.generation.expand)
        self._met.add(order_id)
        try:
            return order_message(answer.body, answer.version, answer.raw)
        except UNREADABLE:
            raise ProtocolError(tr("Uber answered something else than its documentation says")) from None

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Pure; see `mapping.read`."""
        return mapping.read(message, self._reading)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Carry out `command`. Where Uber refuses, the order is read: what stands already where it should is success.

        A 409 is Uber's "already accepted", a 404 also its word for an order that has ended.
        """
        call = call_of(self.generation, command)
        if call is None:
            return await self._kept_here(command)
        path, body = call
        try:
            answer = await http.sure_of(lambda: self._client.post(path, body), lambda: self._stands(command))
        except RejectedError:
            if not await self._stands(command):
                raise
            answer = None
        if answer is None:
            return await self._present(command.order_id)
        return OrderUpdate(command.order_id, answer.version, kitchen=REACHED[command.kind])

    def receive(self, request: WebhookRequest) -> Received:
        """Uber wants 200 with an empty body for every genuine event, also for kinds nobody here uses."""
        if request.method != "POST":
            raise ProtocolError(tr("Uber pushes with POST"))
        secrets = [self._values.get(name, "").strip() for name in SECRETS]
        message = verified(request.body, request.headers.get("x-uber-signature", ""), secrets)
        if self._is_elsewhere(request.headers.get("x-environment", "")):
            return Received((), WebhookReply())
        return Received((message,), WebhookReply())

    async def shop(self) -> ShopStatus:
        """How Uber shows the store."""
        return await self._front.status()

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """Open, pause until a moment, or (current generation) busy, whose end Uber does not know."""
        return await self._front.change(state, until)

    async def items(self) -> Sequence[MenuItem]:
        """The store's delivery menu."""
        return await self._front.items()

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """Take items off sale until a moment, or put them back."""
        await self._front.set_available(item_ids, available, until)

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine; a token being renewed is let come to its end."""
        await self._client.aclose()

    def _shop(self) -> str:
        if not self._store_id:
            raise AuthError(tr("The account has no store number yet"))
        return self._store_id

    async def _present(self, order_id: str) -> OrderUpdate:
        return self.read(await self.fetch_order(order_id))[0]

    async def _stands(self, command: Command) -> bool:
        return reached(command.kind, (await self._present(command.order_id)).kitchen)

    async def _kept_here(self, command: Command) -> OrderUpdate:
        """Food that is ready, in the previous generation: Uber has no word for it, but the order must be one that cooks."""
        seen = await self._present(command.order_id)
        if not reached(command.kind, seen.kitchen) and seen.kitchen is not Kitchen.ACCEPTED:
            raise RejectedError(tr("Uber shows this order as {status}", status=seen.kitchen or seen.unmapped), "state")
        return (
            seen if reached(command.kind, seen.kitchen) else OrderUpdate(seen.order_id, seen.version, kitchen=Kitchen.READY)
        )

    def _is_elsewhere(self, environment: str) -> bool:
        """One address may serve both environments: a pretend order must not be cooked, nor a real one ignored."""
        ours = self._values.get("environment") or PRODUCTION
        return environment.lower() in (PRODUCTION, SANDBOX) and environment.lower() != ours


class PreviousConnector(UberEatsConnector):
    """A store on the previous generation: no list of days, no busy, no word for food that is ready."""

    generation = PREVIOUS
    shop_states = frozenset({ShopState.OPEN, ShopState.PAUSED})


class CurrentConnector(UberEatsConnector):
    """A store on the Order Fulfillment suite; adds `ListsDays` and `TracksCouriers`."""

    generation = CURRENT
    shop_states = frozenset({ShopState.OPEN, ShopState.BUSY, ShopState.PAUSED})

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """Every order placed on this day of the shop, ended ones too; Uber keeps 60 days."""
        begin = datetime.combine(day, clock_time(), _zone(self._values))
        since, until = (
            moment.astimezone(UTC).isoformat(timespec="seconds") for moment in (begin, begin + timedelta(days=1))
        )
        entries: dict[str, DayEntry] = {}
        token = ""
        for _ in range(MAX_PAGES):
            answer = await orders_page(self._client, self._shop(), since, "", token, until)
            rows = answer.body.get("data")
            inner = [mapping.unwrapped(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            entries |= {str(one["id"]): DayEntry(str(one["id"]), str(one.get("display_id") or "")) for one in inner}
            token = next_page(answer.body)
            if not token:
                break
        return list(entries.values())

    async def locate_courier(self, order_id: str) -> CourierPlace | None:
        """Stands on the order while a courier is on the way."""
        message = await self.fetch_order(order_id)
        try:
            order = mapping.order_of(json.loads(message.body))
        except UNREADABLE:
            return None
        trips = order.deliveries if isinstance(order, current_wire.Order) else []
        spots = [trip.delivery_partner.current_location for trip in trips if trip.delivery_partner]
        spot = next((one for one in reversed(spots) if one), None)
        return (
            CourierPlace(spot.latitude, spot.longitude, datetime.fromtimestamp(message.version / 1000, UTC))
            if spot
            else None
        )


def connect(settings: Settings, client: httpx.AsyncClient) -> UberEatsConnector:
    """The connector for the generation the account chose."""
    chosen = named(settings.values.get("generation", ""))
    return PreviousConnector(settings, client) if chosen is PREVIOUS else CurrentConnector(settings, client)


def _zone(values: Mapping[str, str]) -> ZoneInfo:
    """The store's own time zone, learnt by `verify`."""
    try:
        return ZoneInfo(values.get("timezone", ""))
    except (ValueError, OSError, KeyError):  # an unknown name is a KeyError, "" a ValueError, a folder's an OSError
        raise RejectedError(tr("The store's time zone is not known yet: test the account first"), "timezone") from None


def _window(values: Mapping[str, str]) -> timedelta:
    try:
        minutes = float(values.get("decision_minutes") or 0)
    except ValueError:
        return DECISION_WINDOW
    return timedelta(minutes=minutes) if 0 < minutes < 1e5 else DECISION_WINDOW
