"""One Square location behind the contract: two passes of polling, webhooks if a relay brings them, commands, abilities."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from app.domain.changes import OrderUpdate
from app.domain.commands import Command, Portions
from app.domain.money import Money
from app.domain.shop import DayEntry, MenuItem, SettlementLine
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
    WebhookRequest,
)
from app.platforms.http import Answer, sure_of
from app.platforms.shapes import UNREADABLE, short
from app.platforms.square import catalogue, mapping, payouts, polling, refunding, webhook
from app.platforms.square.answers import VERSION_MISMATCH
from app.platforms.square.client import Client, objects, path_of
from app.platforms.square.cursor import Cursor
from app.platforms.square.steps import change_for
from app.platforms.square.wire import Order
from app.texts import tr

MOST_FOREIGN = 1000  # ids kept in memory; forgetting one costs a fetch


class SquareConnector:
    """Implements `Connector`, `TakesWebhooks`, `ListsDays`, `SellsItems`, `RefundsOrders` and `Settles` for one account."""

    refunds = refunding.TERMS

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        values = settings.values
        self._client = Client(settings, client)
        self._location = values.get("location_id", "").strip()
        self._zone_name = values.get("timezone", "")
        self._key = values.get("signature_key", "").strip()
        self._url = values.get("notification_url", "").strip()
        self._reading = mapping.Reading(values.get("shop_name", ""), self._location)
        self._foreign: set[str] = set()
        self._shelf = catalogue.Shelf(self._client, self._location, values, settings.save)

    async def verify(self) -> ShopInfo:
        """Find the location, and prove that its orders may be read."""
        found = await self._find_location()
        location, name = str(found.get("id") or ""), str(found.get("name") or found.get("business_name") or "Square")
        await self._client.post(polling.SEARCH, {"location_ids": [location], "limit": 1})
        return ShopInfo(name, {"location_id": location, "shop_name": name, "timezone": str(found.get("timezone") or "")})

    async def fetch_orders(self, cursor: str) -> Page:
        """A page of the pass under way (see `cursor`)."""
        return await polling.poll(self._client, self._here, Cursor.parse(cursor))

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands."""
        answer = await self._client.order(order_id)
        self._note(order_id, polling.row_of(answer))
        return polling.fetched(answer)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Pure; see `mapping.read`.

        But for one thing: a notice does not tell whether anybody waits for its order. One about an order that was fetched
        and is none of the counter's waits for nothing more.
        """
        if message.kind == mapping.EVENT and message.order_id in self._foreign:
            raise UnknownMessageError(tr("about an order that nobody waits for"))
        return mapping.read(message, self._reading)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Read, decide, change. When the order moved in between, Square says so: it is read and decided upon once more."""
        try:
            return await self._step(command)
        except RejectedError as error:
            if error.code != VERSION_MISMATCH:
                raise
        try:
            return await self._step(command)
        except RejectedError as error:
            if error.code != VERSION_MISMATCH:
                raise
            raise TemporaryError(tr("Square changes this order at the same time")) from error

    def receive(self, request: WebhookRequest) -> Received:
        """See `webhook.receive`."""
        return webhook.receive(request, self._key, self._url)

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """Every order placed on that day that somebody waited for. Square has no daily numbers."""
        return await polling.list_day(self._client, self._here, day, self._zone)

    async def items(self) -> Sequence[MenuItem]:
        """Every variation sold at this location."""
        return [one.item for one in await catalogue.menu(self._client, self._here)]

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """Set the count of counted items; Square takes no end from a program, so `until` is the caller's to keep."""
        await self._shelf.set_available(item_ids, available)

    async def refund(self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str) -> Money:
        """Give back `amount`, these portions, or all that is left; the same `key` never twice."""
        order = _order(await self._client.order(order_id))
        bodies = refunding.refunds_for(order, amount, lines, reason, key)
        for number, body in enumerate(bodies):
            try:
                await self._client.post("/v2/refunds", body)
            except RejectedError as no:
                if back := refunding.given(order, bodies[:number], key):  # the customer has that: no refusal of the whole
                    raise ProtocolError(tr("Only {amount} went back so far: {why}", amount=back, why=str(no))) from no
                raise
        return refunding.given(order, bodies, key)

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        """Every line of the payouts made on that day, the payout itself included."""
        return await payouts.settlement(self._client, self._here, day, self._zone)

    async def aclose(self) -> None:
        """The HTTP client belongs to the engine; a token being renewed is let come to its end."""
        await self._client.aclose()

    async def _step(self, command: Command) -> OrderUpdate | None:
        seen = await self._client.order(command.order_id)
        change = change_for(_order(seen), command, datetime.fromtimestamp(seen.version / 1000, UTC))
        if change is None:
            return self._update(seen)
        path = f"/v2/orders/{path_of(command.order_id)}"
        answer = await sure_of(lambda: self._client.put(path, change), lambda: self._done(command))
        return self._update(answer or await self._client.order(command.order_id))

    async def _done(self, command: Command) -> bool:
        seen = await self._client.order(command.order_id)
        return change_for(_order(seen), command, datetime.fromtimestamp(seen.version / 1000, UTC)) is None

    def _note(self, order_id: str, order: Order | None) -> None:
        if order is None or mapping.concerns_the_counter(order):
            self._foreign.discard(order_id)
            return
        if len(self._foreign) >= MOST_FOREIGN:
            self._foreign.clear()
        self._foreign.add(order_id)

    async def _find_location(self) -> dict[str, Any]:
        """The one of the account, or the only one there is."""
        if self._location:
            found = (await self._client.get(f"/v2/locations/{path_of(self._location)}")).body.get("location")
            return found if isinstance(found, dict) else {}
        open_ones = [
            one
            for one in objects((await self._client.get("/v2/locations")).body.get("locations"))
            if one.get("status", "ACTIVE") == "ACTIVE"
        ]
        if len(open_ones) != 1:
            shown = ", ".join(f"{one.get('name')}: {one.get('id')}" for one in open_ones)
            raise RejectedError(tr("Which location? Enter the id of one: {locations}", locations=shown), "location_id")
        return open_ones[0]

    @property
    def _here(self) -> str:
        if not self._location:
            raise RejectedError(tr("The location is not known yet: test the account first"), "location_id")
        return self._location

    @property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self._zone_name)
        except (ValueError, OSError, KeyError):  # an unknown name is a KeyError, "" a ValueError, a folder's an OSError
            raise RejectedError(tr("The shop's time zone is not known yet: test the account first"), "timezone") from None

    def _update(self, answer: Answer) -> OrderUpdate:
        return self.read(polling.fetched(answer))[0]


def _order(answer: Answer) -> Order:
    try:
        return mapping.order_of(json.loads(answer.raw))
    except UNREADABLE as error:
        text = tr("Not an order in Square's form: {what}", what=short(error))
        raise ProtocolError(text) from error
