"""One WooCommerce shop behind the contract: polls, optional webhooks, commands, refunds, items that run out, days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from app.domain.changes import OrderUpdate
from app.domain.commands import Command, Portions
from app.domain.money import Money
from app.domain.shop import DayEntry, MenuItem
from app.platforms.api import (
    AuthError,
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
from app.platforms.http import Answer, sure_of
from app.platforms.refusals import words_of
from app.platforms.shapes import UNREADABLE, short
from app.platforms.woocommerce import catalogue, clean, mapping, refunding, steps, webhook
from app.platforms.woocommerce.answers import NO_INTERFACE
from app.platforms.woocommerce.client import Client
from app.platforms.woocommerce.cursor import Cursor
from app.platforms.woocommerce.polling import NEWEST, Poll, order_message
from app.platforms.woocommerce.statuses import StatusMap, concerns_the_counter
from app.platforms.woocommerce.wanted import Keys, zone_of
from app.platforms.woocommerce.wire import Order, Refund, RefundedLine, Wire
from app.texts import N_, tr

T = TypeVar("T", bound=Wire)

NAMESPACE = "wc/v3"
TELL_CUSTOMER, NOTE_ONLY = N_("tell the customer"), N_("note for the shop")


class WooCommerceConnector:
    """Implements `Connector`, `TakesWebhooks`, `SellsItems`, `RefundsOrders` and `ListsDays` for one account."""

    refunds = refunding.TERMS

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        values = settings.values
        address = settings.address or values.get("shop_address", "")
        key, secret = (values.get(name, "").strip() for name in ("consumer_key", "consumer_secret"))
        self._client = Client(client, address, key, secret)
        self._secret = values.get("webhook_secret", "")
        self._statuses = StatusMap.of(values)
        self._tell = values.get("refusal_note", TELL_CUSTOMER) != NOTE_ONLY
        self._reading = mapping.Reading(values.get("shop_name", ""), self._statuses, Keys.of(values))
        self._run = uuid4().hex[:8]

    async def verify(self) -> ShopInfo:
        """From the outside in: a site, WooCommerce in it, its orders and statuses, a read that needs the key, and a write
        that changes nothing."""
        index = await self._site()
        self._require_new_enough(await self._arguments())
        await self._client.orders(NEWEST)
        await self._require_write()
        name = clean.line(str(index.get("name") or "")) or self._client.address
        zone = str(index.get("timezone_string") or index.get("gmt_offset", ""))
        kept = {"shop_name": name, "shop_address": self._client.address}
        return ShopInfo(name, {**kept, "time_zone": zone} if zone_of(zone) else kept)

    async def fetch_orders(self, cursor: str) -> Page:
        """One round of polling (see `polling`)."""
        return await Poll(self._client, self._statuses, bool(self._secret)).run(Cursor.parse(cursor, self._run))

    async def fetch_order(self, order_id: str) -> Message:
        """The order as it stands."""
        answer = await self._client.order(order_id)
        return order_message(answer.body, answer.version, _order(answer.body))

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """Pure; see `mapping.read`."""
        return mapping.read(message, self._reading)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Read, decide, change, compare. The shop guards no order of steps, so the present state is always read first."""
        seen = await self._client.order(command.order_id)
        change = steps.change_for(_order(seen.body), command, self._statuses)
        answer = seen if change is None else await self._change(command.order_id, change)
        if steps.refused_by_us(_order(answer.body)):
            await self._note_refusal(command)
        return self._update(answer)

    def receive(self, request: WebhookRequest) -> Received:
        """See `webhook.receive`."""
        return webhook.receive(request, self._secret)

    async def items(self) -> Sequence[MenuItem]:
        """Every published product and variation."""
        return await catalogue.items(self._client)

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """Take items off sale or put them back; the shop knows no end, so `until` is the caller's to keep."""
        for item_id in item_ids:
            await catalogue.set_available(self._client, item_id, available)

    async def refund(self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str) -> Money:
        """Give back `amount`, these portions, or all that is left; the same `key` never twice."""
        order = _order((await self._client.order(order_id)).body)
        if done := refunding.done(order, key):
            return done
        back = await self._returned(order) if lines else ()
        asked = refunding.refund_for(order, amount, lines, reason, key, back)
        await sure_of(lambda: self._client.refund(order_id, asked), lambda: self._refunded(order_id, key))
        return Money.parse(asked["amount"], order.currency)

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """The orders placed on a local day of the shop that concern the counter: not those nobody paid for or finished.

        Without the flag for UTC the shop compares its own local time (observed), and local time is what a day is.
        """
        query = {
            "status": "any",
            "orderby": "id",
            "order": "asc",
            "after": f"{day - timedelta(days=1)}T23:00:00",
            "before": f"{day + timedelta(days=1)}T01:00:00",
        }
        orders = [_order(row) for row in await self._client.all_rows("/orders", query)]
        return [
            DayEntry(str(order.id))
            for order in orders
            if order.date_created and order.date_created.date() == day and concerns_the_counter(order, self._statuses)
        ]

    async def aclose(self) -> None:
        """Nothing is held: the HTTP client belongs to the engine."""

    async def _site(self) -> Mapping[str, Any]:
        """What the site says of itself to everybody; nothing where a security plug-in keeps that for signed-in people."""
        try:
            index: Mapping[str, Any] = (await self._client.index()).body
        except AuthError:
            return {}
        if NAMESPACE not in (index.get("namespaces") or ()):
            raise RejectedError(tr(NO_INTERFACE), "rest_no_route")
        return index

    async def _arguments(self) -> Mapping[str, Any]:
        """What the list of orders takes; nothing where the host answers such questions itself. The poll finds out then."""
        try:
            return _arguments((await self._client.options()).body)
        except PlatformError:  # whatever matters the next call meets too
            return {}

    async def _require_write(self) -> None:
        try:
            await self._client.write_nothing()
        except AuthError:
            raise AuthError(
                tr(
                    "This key may read orders but not change them. Make one with read/write rights, for a user who manages "
                    "the shop (WooCommerce, Settings, Advanced, REST API)."
                )
            ) from None

    def _require_new_enough(self, arguments: Mapping[str, Any]) -> None:
        """An old shop would ignore the filter and answer its whole history, a mistyped status would never be met."""
        if arguments and "modified_after" not in arguments:
            raise RejectedError(tr("The shop ignores what it is asked for: WooCommerce 5.8 or newer is needed"), "old")
        status = arguments.get("status")
        items = status.get("items") if isinstance(status, Mapping) else None
        known = set(items.get("enum") or ()) if isinstance(items, Mapping) else set[str]()
        unknown = sorted(self._statuses.named() - known) if known else []
        if unknown:
            have = ", ".join(sorted(map(str, known)))
            text = tr("The shop has no status {unknown}; it has: {known}", unknown=", ".join(unknown), known=have)
            raise RejectedError(text, "status")

    async def _change(self, order_id: str, change: Mapping[str, Any]) -> Answer:
        try:
            return await self._put(order_id, change)
        except RejectedError as error:
            simpler = steps.without_status(change)
            if error.code != "rest_invalid_param" or simpler is None:
                raise
            return await self._put(order_id, simpler)

    async def _put(self, order_id: str, change: Mapping[str, Any]) -> Answer:
        answer = await sure_of(
            lambda: self._client.change_order(order_id, change),
            lambda: self._shows(order_id, change),
        )
        answer = answer or await self._client.order(order_id)
        if not steps.shows(_order(answer.body), change):
            raise RejectedError(tr("The shop keeps this order as {status}", status=_order(answer.body).status), "kept")
        return answer

    async def _shows(self, order_id: str, change: Mapping[str, Any]) -> bool:
        return steps.shows(_order((await self._client.order(order_id)).body), change)

    async def _note_refusal(self, command: Command) -> None:
        """Once, whatever happened to the answer of an earlier try: notes have no key, so they are read first."""
        text = words_of(command)
        if not await self._noted(command.order_id, text):
            await sure_of(
                lambda: self._client.add_note(command.order_id, text, self._tell),
                lambda: self._noted(command.order_id, text),
            )

    async def _noted(self, order_id: str, text: str) -> bool:
        notes = (await self._client.notes(order_id)).body
        return any(clean.line(str(note.get("note"))) == clean.line(text) for note in notes if isinstance(note, dict))

    async def _returned(self, order: Order) -> list[RefundedLine]:
        """What went back of each line: an order tells of its refunds, but not of what."""
        if not order.refunds:
            return []
        rows = (await self._client.refunds(str(order.id))).body
        return [line for row in rows for line in _shaped(Refund, row).line_items]

    async def _refunded(self, order_id: str, key: str) -> bool:
        return refunding.done(_order((await self._client.order(order_id)).body), key) is not None

    def _update(self, answer: Answer) -> OrderUpdate:
        return self.read(order_message(answer.body, answer.version, _order(answer.body)))[0]


def _order(body: Any) -> Order:
    return _shaped(Order, body)


def _shaped(shape: type[T], body: Any) -> T:
    try:
        return shape.model_validate(body)
    except UNREADABLE as error:
        text = tr("Not an order in WooCommerce's form: {what}", what=short(error))
        raise ProtocolError(text) from error


def _arguments(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of GET among those of every method."""
    for endpoint in options.get("endpoints") or ():
        if isinstance(endpoint, Mapping) and "GET" in (endpoint.get("methods") or ()):
            found = endpoint.get("args")
            return found if isinstance(found, Mapping) else {}
    return {}
