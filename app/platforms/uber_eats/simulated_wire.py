"""The pretend Uber's HTTP: bearer and scope before anything else, exact bodies, the store's own generation only."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.simulation import CARRIES, ImpossibleError, Simulator
from app.platforms.uber_eats import generation as api
from app.platforms.uber_eats import simulated_checks as check
from app.platforms.uber_eats.simulated_bodies import STORE_ID, STORE_NAME
from app.platforms.uber_eats.simulated_checks import BodyError
from app.platforms.uber_eats.simulated_orders import CURRENT_STATES, MENU, Placed, drifted, iso
from app.platforms.uber_eats.simulated_shop import Shop
from app.platforms.uber_eats.simulated_tokens import Tokens, busy

Handler = Callable[[web.Request], Awaitable[web.Response]]
EXPANDED = {"carts": "carts", "deliveries": "deliveries", "payment": "payment"}
STATES = frozenset(("OFFERED", "ACCEPTED", "HANDED_OFF", "SUCCEEDED", "FAILED", "UNKNOWN"))
MAX_PAGE, DAYS_BACK, CANCELLED_FOR = 50, 60, 7200.0
ZONE = "Europe/Paris"


class WireError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def response(self) -> web.Response:
        """`{"code": ..., "message": ...}` (recalled)."""
        headers = {"Retry-After": "1"} if self.status == 429 else {}
        return web.json_response({"code": self.code, "message": str(self)}, status=self.status, headers=headers)


class Wire:
    """Every path of both generations; those of the one the store is not on answer 403."""

    def __init__(self, simulator: Simulator, shop: Shop, tokens: Tokens, heard: Callable[[str], None]) -> None:
        self._simulator, self._shop, self._tokens, self._heard = simulator, shop, tokens, heard

    def routes(self, router: web.UrlDispatcher) -> None:
        """Reads, changes, store and menu."""
        router.add_post("/oauth/v2/token", self._simulator.granting(self._tokens.token, busy))
        for one in (api.CURRENT, api.PREVIOUS):
            self._add(router, "GET", one.order, "eats.order", self._order, one)
            self._add(router, "GET", one.store, "eats.store", self._store, one)
            self._add(router, "GET", one.status, "eats.store", self._status, one)
            self._add(router, "POST", one.set_status, "eats.store.status.write", self._set_status, one)
        for path, command in self._commands().items():
            generation = api.CURRENT if path.startswith("/v1/delivery") else api.PREVIOUS
            self._add(router, "POST", path, "eats.order", command, generation)
        self._add(router, "GET", api.LIST, "eats.store.orders.read", self._list, api.CURRENT)
        self._add(router, "GET", api.CREATED, "eats.store.orders.read", self._created, api.PREVIOUS)
        self._add(router, "GET", api.CANCELLED, "eats.store.orders.read", self._cancelled, api.PREVIOUS)
        self._add(router, "POST", api.PREP_TIME, "eats.store", self._set_prep, api.CURRENT)
        self._add(router, "GET", api.MENU, "eats.store", self._menu, None)
        self._add(router, "POST", api.ITEM, "eats.store", self._suspend, None)

    def _commands(self) -> dict[str, Handler]:
        shop = self._shop
        return {
            api.CURRENT.accept: self._do("accept", check.current_accept, shop.accept),
            api.CURRENT.deny: self._do("deny", check.current_deny, lambda order, _: shop.deny(order)),
            api.CURRENT.cancel: self._do("cancel", check.current_cancel, lambda order, _: shop.cancel_by_shop(order)),
            api.READY: self._do("ready", check.nothing, lambda order, _: shop.ready(order)),
            api.PREVIOUS.accept: self._do("accept_pos_order", check.previous_accept, shop.accept),
            api.PREVIOUS.deny: self._do("deny_pos_order", check.previous_deny, lambda order, _: shop.deny(order)),
            api.PREVIOUS.cancel: self._do("cancel", check.previous_cancel, lambda order, _: shop.cancel_by_shop(order)),
        }

    # -- what every call goes through

    def _add(
        self,
        router: web.UrlDispatcher,
        method: str,
        path: str,
        scope: str,
        handler: Handler,
        generation: api.Generation | None,
    ) -> None:
        async def guarded(request: web.Request) -> web.Response:
            await asyncio.sleep(self._simulator.faults.latency)
            try:
                self._gate(request, scope, generation)
                response = await handler(request)
            except WireError as error:
                return error.response()
            except BodyError as error:
                return WireError(400, "bad_request", str(error)).response()
            return self._simulator.answered(request, response, self._heard)

        router.add_route(method, path, guarded)

    def _gate(self, request: web.Request, scope: str, generation: api.Generation | None) -> None:
        scopes = self._tokens.scopes(request.headers.get("Authorization", ""))
        if scopes is None:
            raise WireError(401, "unauthorized", "Invalid OAuth 2.0 credentials provided.")
        if scope not in scopes:
            raise WireError(403, "forbidden", f"Scope {scope} is missing")
        if generation not in (None, self._shop.generation) or request.match_info.get("store", STORE_ID) != STORE_ID:
            raise WireError(403, "forbidden", "This app does not manage this store with this version")
        if self._simulator.faulty("throttle", request):
            raise WireError(429, "rate_limited", "Too many requests")
        if self._simulator.faulty("break_call", request):
            raise WireError(503, "unavailable", "Try again later")

    # -- orders

    async def _order(self, request: web.Request) -> web.Response:
        order = self._found(request)
        self._simulator.record("fetched", order.id)
        return _carrying(self._expanded(request, order), [order.id])

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        size = int(query.get("page_size", MAX_PAGE)) if query.get("page_size", "1").isdigit() else 0
        wanted = set(filter(None, query.get("state", "").split(",")))
        if not 0 < size <= MAX_PAGE or wanted - STATES:
            raise BodyError("page_size or state is not valid")
        rest = self._between(query, wanted)[_position(query.get("next_page_token", ""), list(self._shop.orders)) :]
        found = [order for order in rest if order]
        page, more = found[:size], len(found) > size
        for order in page:
            self._simulator.record("listed", order.id)
        token = base64.urlsafe_b64encode(page[-1].id.encode()).decode() if more else ""
        body = {"data": [self._expanded(request, order) for order in page], "pagination_data": {"next_page_token": token}}
        return _carrying(body, [order.id for order in page] if "carts" in query.get("expand", "") else [])

    def _between(self, query: Mapping[str, str], wanted: set[str]) -> list[Placed | None]:
        """Every order in the sequence placed; None for those that the query leaves out, so that places stay the same."""
        since = check.moment(query["start_time"], "start_time") if "start_time" in query else steady.time() - 86_400
        until = check.moment(query["end_time"], "end_time") if "end_time" in query else float("inf")
        if since < steady.time() - DAYS_BACK * 86_400:
            raise BodyError("start_time is too long ago")
        fits = (
            order if since <= order.placed_at < until and (not wanted or CURRENT_STATES[order.kitchen] in wanted) else None
            for order in self._shop.orders.values()
        )
        return list(fits)

    async def _created(self, request: web.Request) -> web.Response:
        return self._ids(request, [order for order in self._shop.orders.values() if order.kitchen is Kitchen.NEW])

    async def _cancelled(self, request: web.Request) -> web.Response:
        """The last two hours', youngest first."""
        recent = steady.time() - CANCELLED_FOR
        dead = [one for one in self._shop.orders.values() if one.kitchen is Kitchen.CANCELLED and one.placed_at > recent]
        return self._ids(request, dead[::-1])

    def _ids(self, request: web.Request, orders: Iterable[Placed]) -> web.Response:
        rows = [{"id": one.id, "current_state": one.state(False), "placed_at": iso(one.placed_at)} for one in orders]
        limit = request.query.get("limit", str(len(rows)))
        for row in rows:
            self._simulator.record("listed", row["id"])
        return web.json_response({"orders": rows[: int(limit)] if limit.isdigit() else rows})

    def _expanded(self, request: web.Request, order: Placed) -> dict[str, Any]:
        """The current generation leaves out whatever is not asked for."""
        shown = order.shown(self._shop.current)
        if self._shop.current:
            left_out = set(EXPANDED) - set(request.query.get("expand", "").split(","))
            shown = {"order": {name: value for name, value in shown["order"].items() if name not in left_out}}
        return drifted(shown) if self._simulator.chance(self._simulator.faults.odd) else shown

    def _do(
        self, name: str, valid: Callable[[Mapping[str, Any]], Any], rule: Callable[[Placed, Any], None]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def command(request: web.Request) -> web.Response:
            order, given = self._found(request), valid(await _body(request))
            try:
                if self._simulator.chance(self._simulator.faults.refuse):
                    raise ImpossibleError("refused today")  # noqa: TRY301 - goes the way of every other refusal
                rule(order, given)
            except ImpossibleError as refusal:
                self._simulator.record("refused", order.id, command=name, words=str(refusal))
                ended = order.kitchen in (Kitchen.CANCELLED, Kitchen.COMPLETED) and name == "cancel"
                raise WireError(404 if ended else 409, "not_found" if ended else "conflict", str(refusal)) from None
            order.commands.append(name)
            self._simulator.record("commanded", order.id, command=name)
            return web.json_response({}) if self._shop.current else web.Response(status=204)

        return command

    def _found(self, request: web.Request) -> Placed:
        order = self._shop.orders.get(request.match_info["id"])
        if order is None:
            raise WireError(404, "not_found", "Order not found")
        return order

    # -- store and menu

    async def _store(self, _: web.Request) -> web.Response:
        identity = {"id" if self._shop.current else "store_id": STORE_ID, "name": STORE_NAME, "timezone": ZONE}
        more = {"prep_times": {"default_value": self._shop.prep_seconds}} if self._shop.current else {"status": "active"}
        return web.json_response(identity | more)

    async def _status(self, _: web.Request) -> web.Response:
        shop = self._shop
        if shop.is_online():
            return web.json_response({"status": "ONLINE"})
        if shop.current:
            body = {
                "status": "OFFLINE",
                "offline_reason": "PAUSED_BY_RESTAURANT",
                "is_offline_until": iso(shop.paused_until),
            }
            return web.json_response(body)
        return web.json_response({"status": "OFFLINE", "offlineReason": "PAUSED_BY_RESTAURANT"})

    async def _set_status(self, request: web.Request) -> web.Response:
        valid = check.current_status if self._shop.current else check.previous_status
        self._shop.online, self._shop.paused_until = valid(await _body(request))
        return web.json_response({}) if self._shop.current else web.Response(status=204)

    async def _set_prep(self, request: web.Request) -> web.Response:
        self._shop.prep_seconds = check.prep_time(await _body(request))
        return web.json_response({})

    async def _menu(self, _: web.Request) -> web.Response:
        items = [self._menu_item(f"ITEM-{number}", line.name) for number, line in enumerate(MENU, 1)]
        entities = [{"id": item["id"], "type": "ITEM"} for item in items]
        category = {"id": "CAT-1", "title": _translated("Plats"), "entities": entities}
        return web.json_response({"menus": [], "categories": [category], "items": items, "modifier_groups": []})

    def _menu_item(self, item_id: str, name: str) -> dict[str, Any]:
        until = self._shop.suspended.get(item_id, 0)
        info = {"suspension": {"suspend_until": int(until), "reason": "Sold out"}} if until else {}
        return {"id": item_id, "title": _translated(name), "price_info": {"price": 1000}, "suspension_info": info}

    async def _suspend(self, request: web.Request) -> web.Response:
        item_id = request.match_info["id"]
        if item_id not in {f"ITEM-{number}" for number in range(1, len(MENU) + 1)}:
            raise WireError(404, "not_found", "Item not found")
        self._shop.suspended[item_id] = check.suspension(await _body(request))
        return web.Response(status=204)


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise WireError(415, "unsupported_media_type", "Content-Type must be application/json")
    try:
        body = await request.json()
    except ValueError:
        raise BodyError("not JSON") from None
    if not isinstance(body, dict):
        raise BodyError("not an object")
    return body


def _carrying(body: Any, order_ids: list[str]) -> web.Response:
    response = web.json_response(body)
    response[CARRIES] = order_ids
    return response


def _position(token: str, sequence: list[str]) -> int:
    """The token names the last order of the page before, so a list that changes meanwhile skips nothing."""
    if not token:
        return 0
    try:
        return sequence.index(base64.urlsafe_b64decode(token).decode()) + 1
    except ValueError:
        raise BodyError("next_page_token is not valid") from None


def _translated(text: str) -> dict[str, Any]:
    return {"translations": {"fr_fr": text}}
