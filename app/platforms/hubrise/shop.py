"""The location as customers see it: open, busy or paused with an end, what is sold out until when, where a courier is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.domain.shop import CourierPlace, MenuItem, ShopState, ShopStatus
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.hubrise.client import Client
from app.platforms.hubrise.wire import Catalog, Driver, Location, Stock, Wire
from app.platforms.shapes import UNREADABLE
from app.texts import tr

MODES = {"online": ShopState.OPEN, "busy": ShopState.BUSY, "paused": ShopState.PAUSED}
WORDS = {state: mode for mode, state in MODES.items()}
STATES = frozenset(WORDS)
SOLD_OUT = "0"
BUSY_MINUTES = 15  # where the account form says nothing else

W = TypeVar("W", bound=Wire)


async def read_shop(client: Client) -> ShopStatus:
    """Documentation "locations", order acceptance. Opening hours are another matter: those who sell keep to them."""
    shown = _parsed(Location, (await client.location()).body).order_acceptance
    if shown.mode not in MODES:
        raise ProtocolError(tr("HubRise answered something else than its documentation says"))
    return ShopStatus(MODES[shown.mode], shown.resume_at, shown.reason)


async def change_shop(client: Client, state: ShopState, until: datetime | None, busy_minutes: int) -> ShopStatus:
    """HubRise itself returns to "online" at `until`. `busy_minutes`: how much longer cooking takes while busy."""
    if state not in STATES:
        raise RejectedError(tr("HubRise has no such command"), "unsupported")
    acceptance: dict[str, Any] = {"mode": WORDS[state]}
    if state is ShopState.BUSY:
        acceptance["extra_preparation_time"] = busy_minutes
    if until and state is not ShopState.OPEN:
        acceptance["resume_at"] = _moment(until)
    await client.change_location({"order_acceptance": acceptance})
    return await read_shop(client)


async def read_items(client: Client, catalog_id: str) -> list[MenuItem]:
    """What the catalogue sells, options too. What has no ref there cannot be sold out, so it is left out."""
    catalog = _parsed(Catalog, (await client.catalog(catalog_id)).body.get("data"))
    gone = await _sold_out(client, catalog_id)
    named = {item_id: (name, category) for item_id, name, category in _sold(catalog)}
    return [MenuItem(key, name, key not in gone, gone.get(key), category) for key, (name, category) in named.items()]


async def sell_out(client: Client, catalog_id: str, item_ids: Sequence[str], until: datetime | None) -> None:
    """Sell out. HubRise itself puts back on sale at `until`."""
    ends = _moment(until) if until else None
    entries = [{**_ref(item_id), "stock": SOLD_OUT, "expires_at": ends} for item_id in item_ids]
    if entries:
        await client.change_inventory(catalog_id, entries)


async def put_back(client: Client, catalog_id: str, item_ids: Sequence[str]) -> None:
    """Only what is at none: no stock is the wire's word for unlimited, which would forget the count of all others."""
    gone = await _sold_out(client, catalog_id)
    entries = [{**_ref(item_id), "stock": None} for item_id in item_ids if item_id in gone]
    if entries:
        await client.change_inventory(catalog_id, entries)


async def locate_courier(client: Client, order_id: str) -> CourierPlace | None:
    """Documentation "deliveries". The wire gives the place no time: it is where the courier was when we asked."""
    try:
        answer = await client.delivery(order_id)
    except RejectedError as error:
        if error.code == "not_found":  # nobody was booked yet
            return None
        raise
    found = _parsed(Driver, answer.body)
    if found.driver_latitude is None or found.driver_longitude is None:
        return None
    at = datetime.fromtimestamp(answer.version / 1000, UTC)
    return CourierPlace(float(found.driver_latitude), float(found.driver_longitude), at)


async def _sold_out(client: Client, catalog_id: str) -> dict[str, datetime | None]:
    """Item id to the end that HubRise knows. What the inventory does not name is unlimited."""
    entries = [_parsed(Stock, entry) for entry in (await client.inventory(catalog_id)).body]
    return {_item_id(entry.sku_ref, entry.option_ref): entry.expires_at for entry in entries if entry.stock == 0}


def _sold(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    """Item id, name and category. Variants of a dish share its name and are told apart by their own, as on a ticket."""
    categories = {key: category.name for category in catalog.categories for key in (category.id, category.ref) if key}
    for product in catalog.products:
        category = categories.get(product.category_id or product.category_ref, "")
        for sku in product.skus:
            if sku.ref:
                yield _item_id(sku.ref, ""), f"{product.name} ({sku.name})" if sku.name else product.name, category
    for options in catalog.option_lists:
        for option in options.options:
            if option.ref:
                yield _item_id("", option.ref), option.name, options.name


def _item_id(sku_ref: str, option_ref: str) -> str:
    """A ref with its kind: a dish and an option may share one."""
    return f"option_ref:{option_ref}" if option_ref else f"sku_ref:{sku_ref}"


def _ref(item_id: str) -> dict[str, str]:
    kind, _, ref = item_id.partition(":")
    return {kind: ref}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _parsed(shape: type[W], body: Any) -> W:
    try:
        return shape.model_validate(body)
    except UNREADABLE:
        raise ProtocolError(tr("HubRise answered something else than its documentation says")) from None
