"""HubRise's pretend location: whether it takes orders, the catalogue it sells, and what is left of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from app import steady
from app.platforms.hubrise.simulated_connections import Connection, WireError, body_of
from app.platforms.hubrise.simulated_events import LOCATION, Herald
from app.platforms.hubrise.simulated_orders import MENU, InvalidError, aware_time, ref_of
from app.platforms.simulation import Simulator

Handler = Callable[[web.Request, Connection], Awaitable[web.Response]]

CATALOG = "cat1"
STOCK = re.compile(r"\d+(\.\d{1,3})?")
CHANGEABLE = {"cutoff_time", "opening_hours", "preparation_time", "order_acceptance", "custom_fields"}
# Documentation "locations": what an order acceptance must and may say, by its mode.
TEMPLATES: dict[Any, tuple[set[str], set[str]]] = {
    "online": ({"mode"}, set()),
    "busy": ({"mode", "extra_preparation_time"}, {"resume_at"}),
    "paused": ({"mode"}, {"resume_at", "reason"}),
}


class Site:
    """One location with one catalogue."""

    def __init__(self, simulator: Simulator, herald: Herald) -> None:
        self._simulator, self._herald = simulator, herald
        self.location: dict[str, Any] = {
            "id": LOCATION,
            "name": "Comptoir Ramen & Pizza (exercice)",
            "country": "FR",
            "preparation_time": 20,
            "order_acceptance": {"mode": "online"},
        }
        self.catalog = catalog()
        self.inventory: dict[tuple[str, str], dict[str, Any]] = {}

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each."""
        yield "GET", "/location", self._location
        yield "PATCH", "/location", self._change_location
        yield "GET", "/catalogs/{catalog}", self._catalog
        stock = "/catalogs/{catalog}/location/inventory"
        yield "GET", stock, self._stock
        yield "PUT", stock, self._replace_stock
        yield "PATCH", stock, self._change_stock

    # -- the location

    async def _location(self, _: web.Request, __: Connection) -> web.Response:
        return web.json_response(self.location)

    async def _change_location(self, request: web.Request, connection: Connection) -> web.Response:
        body = await body_of(request)
        if unknown := sorted(set(body) - CHANGEABLE):
            raise InvalidError(unknown[0], "cannot be changed")
        acceptance = body.get("order_acceptance", {"mode": "online"})
        _valid_acceptance(acceptance)
        self.location.update(body)
        self._tell_location(connection)
        self._at(acceptance.get("resume_at"), partial(self._resume, acceptance))
        return web.json_response(self.location)

    def _resume(self, acceptance: dict[str, Any]) -> None:
        if self.location["order_acceptance"] is acceptance:
            self.location["order_acceptance"] = {"mode": "online"}
            self._tell_location(None)

    def _tell_location(self, maker: Connection | None) -> None:
        self._herald.announce("location", "update", maker, {"new_state": self.location})

    # -- what it sells

    async def _catalog(self, request: web.Request, connection: Connection) -> web.Response:
        connection.need("catalog.read")
        _known_catalog(request)
        return web.json_response({"id": CATALOG, "location_id": LOCATION, "name": "Carte", "data": self.catalog})

    async def _stock(self, request: web.Request, connection: Connection) -> web.Response:
        connection.need("inventory.read")
        _known_catalog(request)
        return web.json_response(list(self.inventory.values()))

    async def _replace_stock(self, request: web.Request, connection: Connection) -> web.Response:
        """What is not named is unlimited from now on; `null` is ignored."""
        entries = await self._entries(request, connection)
        self.inventory.clear()
        self._keep([entry for entry in entries if entry["stock"] is not None])
        self._herald.announce("inventory", "update", connection, {"new_state": list(self.inventory.values())})
        return web.json_response(list(self.inventory.values()))

    async def _change_stock(self, request: web.Request, connection: Connection) -> web.Response:
        """`null` means unlimited; answers what was changed only."""
        entries = await self._entries(request, connection)
        self._keep(entries)
        self._herald.announce("inventory", "patch", connection, {"state_change": entries})
        return web.json_response(entries)

    async def _entries(self, request: web.Request, connection: Connection) -> list[dict[str, Any]]:
        connection.need("inventory.write")
        _known_catalog(request)
        body = await request.json()
        if not isinstance(body, list):
            raise InvalidError("inventory", "is not a list")
        return [{"stock": None, "expires_at": None} | self._valid_entry(entry) for entry in body]

    def _valid_entry(self, entry: Any) -> dict[str, Any]:
        """Text for decimals, a ref of this catalogue, and an end only for what is sold out."""
        if not isinstance(entry, dict) or len({"sku_ref", "option_ref"} & set(entry)) != 1:
            raise InvalidError("sku_ref", "or an option_ref is needed")
        if _key(entry) not in _refs(self.catalog) or set(entry) - {"sku_ref", "option_ref", "stock", "expires_at"}:
            raise InvalidError("ref", "is not in the catalog")
        stock, ends = entry.get("stock"), entry.get("expires_at")
        if stock is not None and not (isinstance(stock, str) and STOCK.fullmatch(stock)):
            raise InvalidError("stock", "is not a decimal in a string")
        if ends is not None:
            aware_time("expires_at", ends)
            if stock is None or float(stock):
                raise InvalidError("expires_at", "is only for a stock of 0")
        return entry

    def _keep(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            self.inventory.pop(_key(entry), None)
            if entry["stock"] is not None:
                self.inventory[_key(entry)] = entry
                self._at(entry["expires_at"], partial(self._expire, entry))

    def _expire(self, entry: dict[str, Any]) -> None:
        if self.inventory.get(_key(entry)) is entry:
            del self.inventory[_key(entry)]
            ended = {**entry, "stock": None, "expires_at": None}
            self._herald.announce("inventory", "patch", None, {"state_change": [ended]})

    def _at(self, moment: str | None, do: Callable[[], None]) -> None:
        """At a moment of the clock on the wall: whoever named it reads the same clock, however fast the day is played."""
        if moment is None:
            return
        wait = datetime.fromisoformat(moment).timestamp() - steady.time()

        async def sleep() -> None:
            await asyncio.sleep(max(0.0, wait))
            do()

        self._simulator.spawn(sleep())


def catalog() -> dict[str, Any]:
    """The menu in the form that is read, with a dish in two sizes and one that somebody forgot to give a ref."""
    product = {"category_id": "c1", "description": None}
    dishes = [
        {"id": f"p{at}", "name": line.name, **product, "skus": [_sku(ref_of(line.name))]} for at, line in enumerate(MENU)
    ]
    sizes = [_sku("LIM-33", "33 cl"), _sku("LIM-50", "50 cl")]
    options = {ref_of(option.name): option.name for line in MENU for option in line.options}
    listed = [{"id": f"o{ref}", "name": name, "ref": ref, "price": "0.00 EUR"} for ref, name in options.items()]
    return {
        "variants": [],
        "categories": [{"id": "c1", "ref": None, "parent_id": None, "name": "Carte"}],
        "products": [
            *dishes,
            {"id": "p90", "name": "Limonade", **product, "skus": sizes},
            {"id": "p91", "name": "Plat du jour", **product, "skus": [_sku(None)]},
        ],
        "option_lists": [{"id": "l1", "ref": "OPT", "name": "Options", "options": listed}],
        "deals": [],
    }


def _sku(ref: str | None, name: str | None = None) -> dict[str, Any]:
    return {"id": f"s{ref}", "ref": ref, "name": name, "price": "5.00 EUR", "option_list_ids": ["l1"]}


def _refs(shown: dict[str, Any]) -> set[tuple[str, str]]:
    skus = {("sku_ref", sku["ref"]) for product in shown["products"] for sku in product["skus"] if sku["ref"]}
    return skus | {("option_ref", option["ref"]) for options in shown["option_lists"] for option in options["options"]}


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    return next((kind, str(entry[kind])) for kind in ("sku_ref", "option_ref") if kind in entry)


def _known_catalog(request: web.Request) -> None:
    if request.match_info["catalog"] != CATALOG:
        raise WireError(404, "not_found", "Catalog not found")


def _valid_acceptance(acceptance: Any) -> None:
    if not isinstance(acceptance, dict) or acceptance.get("mode") not in TEMPLATES:
        raise InvalidError("order_acceptance.mode", "is not included in the list")
    must, may = TEMPLATES[acceptance["mode"]]
    if not must <= set(acceptance) <= must | may:
        raise InvalidError("order_acceptance", "matches no template")
    if type(acceptance.get("extra_preparation_time", 0)) is not int:
        raise InvalidError("order_acceptance.extra_preparation_time", "is not an integer")
    if acceptance.get("resume_at") is not None:
        aware_time("order_acceptance.resume_at", acceptance["resume_at"])
