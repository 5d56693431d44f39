"""Deliveroo's HTTP wire: tokens, the Order, Site and Menu APIs of one site, and the bad days a `Faults` asks for."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from app import steady
from app.platforms.deliveroo.simulated_orders import BRAND, SITE, Placed, oddly, shown
from app.platforms.deliveroo.simulated_site import STAGES, Site, WireError
from app.platforms.simulation import CARRIES, Simulator

Handler = Callable[[web.Request], Awaitable[web.Response]]

PAGE = 100
MINUTE = 60.0
LISTS, CHANGES, REPORTS = (5, MINUTE), (5, MINUTE), (1, 10.0)  # calls in so many simulated seconds
PAST, FUTURE = 3600.0, 300.0  # how far `occurred_at` may be off, in real seconds
REJECT_REASONS = {"closing_early", "busy", "ingredient_unavailable", "other"}
SYNC_REASONS = {
    "price_mismatched",
    "pos_item_id_mismatched",
    "pos_item_id_not_found",
    "items_out_of_stock",
    "location_offline",
    "location_not_supported",
    "unsupported_order_type",
    "other",
}


class Wire:
    """Every route. `token_life` is in real seconds: a token's age is the client's business, not the kitchen's."""

    def __init__(self, simulator: Simulator, site: Site, client_id: str, client_secret: str) -> None:
        self._simulator, self.site = simulator, site
        self._pair = f"{client_id}:{client_secret}"
        self.token_life = 300.0
        self.tokens: dict[str, float] = {}
        self._calls: dict[tuple[str, str], list[float]] = {}

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the whole wire."""
        router.add_post("/oauth2/token", self._simulator.granting(self._token, lambda: refused(_busy())))
        site, menu = f"/site/v1/brands/{BRAND}/sites/{SITE}", f"/menu/v2/brands/{BRAND}/sites/{SITE}/menu"
        for method, path, handler in (
            ("GET", f"/order/v2/brand/{BRAND}/restaurant/{SITE}/orders", self._orders),
            ("GET", "/order/v2/orders/{id}", self._order),
            ("PATCH", "/order/v1/orders/{id}", self._change),
            ("POST", "/order/v1/orders/{id}/sync_status", self._sync_status),
            ("POST", "/order/v1/orders/{id}/prep_stage", self._prep_stage),
            ("GET", "/site/v1/restaurant_locations/{site}", self._location),
            ("GET", f"{site}/status", self._status),
            ("PUT", f"{site}/status", self._set_status),
            ("GET", f"{site}/workload/mode", self._workload),
            ("PUT", f"{site}/workload/mode", self._set_workload),
            ("GET", menu, self._menu),
            ("GET", f"{menu}/item_unavailabilities", self._unavailabilities),
            ("POST", f"{menu}/item_unavailabilities", self._set_unavailabilities),
        ):
            router.add_route(method, path, self._guarded(handler))

    def forget_calls(self) -> None:
        """As if a minute had passed: no limit is used up."""
        self._calls.clear()

    # -- what every call goes through

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.Response:
            await asyncio.sleep(self._simulator.faults.latency)
            try:
                self._known(request.headers.get("Authorization", ""))
                self._break(request)
                response = await handler(request)
            except WireError as error:
                return refused(error)
            return self._simulator.answered(request, response, _heard)

        return guarded

    def _known(self, authorization: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind != "Bearer" or self.tokens.get(token, 0.0) <= steady.time():
            raise WireError(401, "unauthorized", "Invalid or expired access token")

    def _break(self, request: web.Request) -> None:
        broken = WireError(502, "bad_gateway", "Bad gateway")
        refused = WireError(400, "bad_request", "The order cannot be changed today")
        self._simulator.stumble(request, "PATCH", _busy(), broken, refused)

    def _count(self, kind: str, what: str, limit: tuple[int, float]) -> None:
        """A sliding window; a refused call does not count."""
        calls, now = self._calls.setdefault((kind, what), []), steady.time()
        calls[:] = [at for at in calls if (now - at) * self._simulator.speed < limit[1]]
        if len(calls) >= limit[0]:
            raise _busy()
        calls.append(now)

    # -- tokens

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl(await request.text()))
        if _basic(request.headers.get("Authorization", "")) != self._pair:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form != {"grant_type": "client_credentials"}:
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        token = f"{self._simulator.random.getrandbits(128):032x}"
        self.tokens[token] = steady.time() + self.token_life
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": int(self.token_life)})

    # -- orders

    async def _orders(self, request: web.Request) -> web.Response:
        """Oldest first; the cursor holds the times and the last order before, so that a changing list skips nothing."""
        self._count("orders", SITE, LISTS)
        query = dict(request.query)
        if set(query) - {"start_date", "end_date", "cursor", "live_orders"}:
            raise WireError(400, "bad_request", "unknown parameter")
        query |= _opened(query.pop("cursor", ""))
        after = query.get("min_order_id", "")
        if after and after not in self.site.orders:
            raise WireError(400, "bad_request", "cursor is invalid")
        rest = list(self.site.orders.values())[list(self.site.orders).index(after) + 1 if after else 0 :]
        if query.get("live_orders") == "true":
            rest = [order for order in rest if order.live]
        times = {name: value for name, value in query.items() if name in ("start_date", "end_date")}
        start, end = (_time(times[name]).timestamp() if name in times else None for name in ("start_date", "end_date"))
        rest = [one for one in rest if (start or 0.0) <= one.placed_at <= (end or one.placed_at)]
        return self._page(rest, times)

    def _page(self, rest: list[Placed], times: dict[str, str]) -> web.Response:
        page = rest[:PAGE]
        for order in page:
            self._simulator.record("listed", order.id)
        following = _sealed({**times, "min_order_id": page[-1].id}) if len(rest) > PAGE else ""
        response = web.json_response({"orders": [self._shown(order) for order in page], "next": following})
        response[CARRIES] = page
        return response

    async def _order(self, request: web.Request) -> web.Response:
        order = self._found(request)
        self._simulator.record("fetched", order.id)
        return web.json_response(self._shown(order))

    def _shown(self, order: Placed) -> dict[str, Any]:
        body = shown(order)
        return oddly(body, self._simulator.random) if self._simulator.chance(self._simulator.faults.odd) else body

    async def _change(self, request: web.Request) -> web.Response:
        order, body = self._found(request), await _body(request)
        self._count("change", order.id, CHANGES)
        _only(body, "status", "reject_reason", "notes")
        status = body.get("status")
        if status not in ("accepted", "rejected", "confirmed"):
            raise WireError(400, "bad_request", "status is invalid")
        if (status == "rejected") != (body.get("reject_reason") in REJECT_REASONS):
            raise WireError(400, "bad_request", "reject_reason is invalid")
        self._carry_out(order, status, lambda: self.site.change(order, status))
        return web.Response(status=204)

    async def _sync_status(self, request: web.Request) -> web.Response:
        order, body = self._found(request), await _body(request)
        self._count("sync", order.id, REPORTS)
        _only(body, "status", "occurred_at", "reason", "notes")
        _recent(body.get("occurred_at"))
        status, reason = body.get("status"), body.get("reason")
        if status not in ("succeeded", "failed") or (status == "failed") != (reason in SYNC_REASONS):
            raise WireError(400, "bad_request", "status or reason is invalid")
        self._carry_out(order, f"sync_{status}", lambda: self.site.inject(order, status))
        return web.json_response({})

    async def _prep_stage(self, request: web.Request) -> web.Response:
        order, body = self._found(request), await _body(request)
        _only(body, "stage", "occurred_at", "delay")
        _recent(body.get("occurred_at"))
        stage = body.get("stage")
        if stage not in STAGES[1:]:
            raise WireError(400, "bad_request", "stage is invalid")
        if "delay" in body and (stage != "in_kitchen" or body["delay"] not in (0, 2, 4, 6, 8, 10)):
            raise WireError(400, "bad_request", "delay is invalid")
        self._carry_out(order, stage, lambda: self.site.prepare(order, stage))
        return web.json_response({})

    def _carry_out(self, order: Placed, command: str, change: Callable[[], None]) -> None:
        try:
            change()
        except WireError:
            self._simulator.record("refused", order.id, command=command)
            raise
        self._simulator.record("commanded", order.id, command=command)

    def _found(self, request: web.Request) -> Placed:
        order = self.site.orders.get(request.match_info["id"])
        if order is None:
            raise WireError(404, "not_found", "Order not found")
        return order

    # -- site and menu

    async def _location(self, request: web.Request) -> web.Response:
        if request.match_info["site"] != SITE:
            raise WireError(404, "not_found", "Site not found")
        return web.json_response({"brand_id": BRAND})

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response({"status": self.site.status})

    async def _set_status(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if set(body) != {"status"} or body["status"] not in ("OPEN", "CLOSED", "READY_TO_OPEN"):
            raise WireError(400, "bad_request", "status is invalid")
        self.site.set_status(body["status"])
        return web.json_response(body)

    async def _workload(self, _: web.Request) -> web.Response:
        return web.json_response({"mode": self.site.workload})

    async def _set_workload(self, request: web.Request) -> web.Response:
        body = await _body(request)
        if set(body) != {"mode"} or body["mode"] not in ("QUIET", "MODERATE", "BUSY"):
            raise WireError(400, "bad_request", "mode is invalid")
        self.site.workload = body["mode"]
        return web.json_response(body)

    async def _menu(self, _: web.Request) -> web.Response:
        items = [{"id": item_id, "name": {"en": name}, "type": "ITEM"} for item_id, name in self.site.menu.items()]
        return web.json_response({"name": "Practice", "menu": {"items": items, "categories": [], "modifiers": []}})

    async def _unavailabilities(self, _: web.Request) -> web.Response:
        kinds = ("unavailable", "hidden")
        return web.json_response(
            {f"{kind}_ids": [one for one, status in self.site.off.items() if status == kind] for kind in kinds}
        )

    async def _set_unavailabilities(self, request: web.Request) -> web.Response:
        entries = (await _body(request)).get("item_unavailabilities")
        if not isinstance(entries, list) or not all(_is_change(entry) for entry in entries):
            raise WireError(400, "bad_request", "item_unavailabilities is invalid")
        self.site.set_availability({entry["item_id"]: entry["status"] for entry in entries})
        return web.json_response({})


def _is_change(entry: Any) -> bool:
    known = isinstance(entry, dict) and set(entry) == {"item_id", "status"} and isinstance(entry["item_id"], str)
    return known and entry["status"] in ("available", "unavailable", "hidden")


def _heard(order: Placed) -> None:
    order.heard_at = order.heard_at or steady.time()


def _busy() -> WireError:
    return WireError(429, "too_many_requests", "Too many requests")


def refused(error: WireError) -> web.Response:
    """An error in the form of the Site API."""
    headers = {"Retry-After": "1"} if error.status == 429 else {}
    body = {"error": {"code": error.code, "message": str(error)}}
    return web.json_response(body, status=error.status, headers=headers)


def _basic(authorization: str) -> str:
    kind, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).decode() if kind == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError:
        body = None
    if not isinstance(body, dict) or request.content_type != "application/json":
        raise WireError(400, "bad_request", "a JSON object is expected")
    return body


def _only(body: dict[str, Any], *names: str) -> None:
    if unknown := sorted(set(body) - set(names)):
        raise WireError(400, "bad_request", f"{unknown[0]} is unknown")


def _time(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise WireError(400, "bad_request", "not a time") from None
    if found.tzinfo is None:
        raise WireError(400, "bad_request", "not a time with an offset")
    return found


def _recent(text: Any) -> None:
    age = (steady.now() - _time(text)).total_seconds()
    if not -FUTURE <= age <= PAST:
        raise WireError(400, "bad_request", "occurred_at is too far from now")


def _sealed(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _opened(cursor: str) -> dict[str, str]:
    if not cursor:
        return {}
    try:
        return dict(json.loads(base64.urlsafe_b64decode(cursor)))
    except (ValueError, TypeError):  # bad base64 and bad JSON alike
        raise WireError(400, "bad_request", "cursor is invalid") from None
