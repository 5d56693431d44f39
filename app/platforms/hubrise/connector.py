"""One open HubRise location: the queue of events, the sweep behind it, webhooks if a relay brings them, and commands."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app.domain.changes import OrderUpdate
from app.domain.commands import Command
from app.domain.shop import CourierPlace, DayEntry, MenuItem, ShopState, ShopStatus
from app.platforms.api import (
    ForgedWebhookError,
    Message,
    Page,
    PlatformError,
    ProtocolError,
    Received,
    RejectedError,
    Settings,
    ShopInfo,
    TemporaryError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.http import Answer, sure_of
from app.platforms.hubrise import days, mapping, shop
from app.platforms.hubrise.budget import LIMITS, Budget
from app.platforms.hubrise.client import EVENTS, Client
from app.platforms.hubrise.cursor import Cursor
from app.platforms.hubrise.steps import change_for
from app.platforms.hubrise.wire import Event
from app.platforms.shapes import UNREADABLE
from app.texts import tr

EVENTS_PER_POLL = 50  # each costs one call to read and one to acknowledge
GIVE_UP_AFTER = 3  # failed reads in one poll: then it is not one bad event, it is the line


class HubRiseConnector:
    """Implements `Connector`, `AcknowledgesMessages`, `TakesWebhooks` and four abilities for one account."""

    shop_states = shop.STATES

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        values = settings.values
        speed = _number(values.get("calls_per_minute", ""), LIMITS[0][1]) / LIMITS[0][1]
        self._client = Client(client, settings.address, values.get("access_token", ""), Budget(speed))
        self._secret = values.get("client_secret", "").encode()
        self._callback_url = values.get("callback_url", "") or None
        self._catalog_id = values.get("catalog_id", "")
        self._busy_minutes = int(_number(values.get("busy_minutes", ""), shop.BUSY_MINUTES))
        self._reading = reading_of(settings)
        self._run = uuid4().hex[:8]
        self._registered = False

    async def verify(self) -> ShopInfo:
        """Ask which location the token opens."""
        found = (await self._client.location()).body
        name = str(found.get("name") or found.get("id") or "HubRise")
        return ShopInfo(name, {"location_id": str(found.get("id", "")), "location_name": name})

    async def fetch_orders(self, cursor: str) -> Page:
        """The queue's events, and when it is due a page of the order list.

        What could not be read stays in the queue and comes again; only acknowledging takes it off.
        """
        await self._register()
        at = Cursor.parse(cursor)
        listing = await self._client.events()
        events, more = await self._read_events(listing)
        now = listing.version / 1000
        if not at.due(self._run, now):
            return Page(tuple(events), cursor, more)
        try:
            found, at = await self._sweep(at, now)
        except TemporaryError:
            if not events:
                raise
            return Page(tuple(events), cursor, more)
        messages = sorted([*found, *events], key=lambda message: message.version)
        return Page(tuple(messages), str(at), more or bool(at.page))

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands."""
        answer = await self._client.order(order_id)
        return _order_message(answer.body, answer.version, answer.raw)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Pure; see `mapping.read`."""
        return mapping.read(message, self._reading)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Read, decide, change. HubRise guards no order of steps, so the present state is always read first.

        Our own changes bring no event, therefore the answer itself is the report.
        """
        seen = await self._client.order(command.order_id, urgent=True)
        change = change_for(seen.body, command)
        if change is None:
            return self._update(seen)
        changed = await sure_of(
            lambda: self._client.change_order(command.order_id, change),
            lambda: self._shows(command.order_id, change["status"]),
        )
        return self._update(changed or await self._client.order(command.order_id, urgent=True))

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """See `days.list_day`."""
        return await days.list_day(self._client, day)

    async def shop(self) -> ShopStatus:
        """See `shop.read_shop`."""
        return await shop.read_shop(self._client)

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """See `shop.change_shop`."""
        return await shop.change_shop(self._client, state, until, self._busy_minutes)

    async def items(self) -> Sequence[MenuItem]:
        """See `shop.read_items`."""
        return await shop.read_items(self._client, self._catalog())

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """See `shop.put_back` and `shop.sell_out`."""
        if available:
            await shop.put_back(self._client, self._catalog(), item_ids)
        else:
            await shop.sell_out(self._client, self._catalog(), item_ids, until)

    async def locate_courier(self, order_id: str) -> CourierPlace | None:
        """See `shop.locate_courier`."""
        return await shop.locate_courier(self._client, order_id)

    async def acknowledge(self, messages: tuple[Message, ...]) -> None:
        """Take stored events off the queue. One that is gone already was acknowledged by a push or an earlier try."""
        for message in messages:
            if message.kind == "event":
                try:
                    await self._client.acknowledge(message.key.removeprefix("event:"))
                except RejectedError:
                    continue

    def receive(self, request: WebhookRequest) -> Received:
        """Documentation "callbacks": lower-case hex HMAC-SHA256 of the raw body, keyed with the client secret."""
        expected = hmac.new(self._secret, request.body, hashlib.sha256).hexdigest()
        given = request.headers.get("x-hubrise-hmac-sha256", "")
        if not self._secret or not hmac.compare_digest(expected.encode(), given.encode()):
            raise ForgedWebhookError(tr("The signature is missing or wrong"))
        try:
            event = Event.model_validate(json.loads(request.body))
        except UNREADABLE:
            raise ProtocolError(tr("A signed callback that is no event")) from None
        return Received((_event_message(event, request.body),), WebhookReply())

    async def aclose(self) -> None:
        """Nothing is held: the HTTP client belongs to the engine."""

    def _catalog(self) -> str:
        if not self._catalog_id:
            raise RejectedError(tr("Sign in to HubRise again and choose the catalogue: this sign-in has none"), "catalog")
        return self._catalog_id

    async def _register(self) -> None:
        """Once per run make sure that events are queued for us. Replacing a right callback could drop its queue."""
        if self._registered:
            return
        try:
            current = (await self._client.callback()).body or {}
        except RejectedError:  # 404: none yet
            current = {}
        if not _same_callback(current, self._callback_url):
            await self._client.set_callback(self._callback_url)
        self._registered = True

    async def _read_events(self, listing: Answer) -> tuple[list[Message], bool]:
        """The oldest events with their content. One that cannot be read holds up no other."""
        entries = sorted(listing.body, key=lambda entry: str(entry.get("created_at")))
        messages: list[Message] = []
        failures: list[PlatformError] = []
        for entry in entries[:EVENTS_PER_POLL]:
            try:
                messages.append(await self._read_event(str(entry.get("id")), listing.version))
            except RejectedError:  # 404: acknowledged meanwhile, by a push
                continue
            except TemporaryError as error:
                failures.append(error)
                if len(failures) == GIVE_UP_AFTER:
                    break
        if failures and not messages:
            raise failures[0]
        return messages, bool(messages) and not failures and len(entries) > EVENTS_PER_POLL

    async def _read_event(self, event_id: str, version: int) -> Message:
        answer = await self._client.event(event_id)
        try:
            return _event_message(Event.model_validate(answer.body), answer.raw)
        except UNREADABLE:  # stored all the same: `read` says what is wrong with it, and a person sees it
            return Message(f"event:{event_id}", "event", answer.raw, version)

    async def _sweep(self, at: Cursor, now: float) -> tuple[list[Message], Cursor]:
        try:
            page = await self._client.orders(at.query(now))
        except RejectedError:
            if not at.page:
                raise
            at = Cursor(at.since, at.swept)  # the page's token died with time: begin again
            page = await self._client.orders(at.query(now))
        messages = [_order_message(order, page.version) for order in page.body]
        return messages, at.advanced(self._run, now, page.headers.get("x-cursor-next", ""))

    async def _shows(self, order_id: str, status: str) -> bool:
        return bool((await self._client.order(order_id, urgent=True)).body.get("status") == status)

    def _update(self, answer: Answer) -> OrderUpdate:
        return self.read(_order_message(answer.body, answer.version, answer.raw))[0]


def reading_of(settings: Settings) -> mapping.Reading:
    """How the account wants its orders read."""
    values = settings.values
    minutes = _number(values.get("decision_minutes", ""), 0)
    return mapping.Reading(
        values.get("location_name", ""),
        timedelta(minutes=minutes) if minutes else None,
        timedelta(minutes=_number(values.get("scheduled_minutes", ""), 60)),
    )


def _same_callback(current: Any, url: str | None) -> bool:
    if not isinstance(current, dict) or "events" not in current:
        return False
    events = current["events"] if isinstance(current["events"], dict) else {}
    return current.get("url") == url and all(set(kinds) <= set(events.get(name, ())) for name, kinds in EVENTS.items())


def _event_message(event: Event, body: bytes) -> Message:
    return Message(f"event:{event.id}", "event", body, mapping.event_version(event), event.order_id)


def _order_message(order: Any, version: int, body: bytes | None = None) -> Message:
    """Keyed by content, so that the sweep stores an unchanged order once."""
    canonical = json.dumps(order, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    order_id = str(order.get("id", ""))
    digest = hashlib.sha256(canonical).hexdigest()[:32]
    return Message(f"order:{order_id}:{digest}", "order", body or canonical, version, order_id)


def _number(text: str, default: float) -> float:
    """A positive number a person typed; the default for anything else."""
    try:
        number = float(text)
    except ValueError:
        return default
    return number if 0 < number < 1e9 else default
