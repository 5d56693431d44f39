"""Square's HTTP wire: sign-in, locations, orders, refunds, payouts, catalogue, and the bad days a `Faults` asks for."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from app import steady
from app.platforms.simulation import CARRIES, Simulator
from app.platforms.square.simulated_books import Books, Catalogue, payments_of
from app.platforms.square.simulated_orders import LOCATION, Placed, oddly
from app.platforms.square.simulated_search import search
from app.platforms.square.simulated_shop import Shop, WireError, shown
from app.platforms.square.simulated_tokens import Tokens

Handler = Callable[[web.Request], Awaitable[web.Response]]

SIGN_IN_PAGE = "<!doctype html><title>Square (practice)</title><p>Paste this address: <code>{address}</code></p>"
INDEX_LAG = 0.2  # real seconds during which a change is not in the list yet, on an odd day
PLACE = {
    "id": LOCATION,
    "name": "Practice Noodles",
    "timezone": "America/New_York",
    "status": "ACTIVE",
    "currency": "USD",
    "merchant_id": "MPRACTICE",
}


class Wire:
    """Every route."""

    def __init__(self, simulator: Simulator, shop: Shop, tokens: Tokens) -> None:
        self._simulator, self.shop, self.tokens = simulator, shop, tokens
        self.catalogue, self.books = Catalogue(), Books()
        self.places = [PLACE]

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the whole wire."""
        router.add_get("/oauth2/authorize", self._authorize)
        router.add_post("/oauth2/token", self._simulator.granting(self._token, lambda: refused(_busy())))
        for method, path, handler in (
            ("GET", "/v2/locations", self._locations),
            ("GET", "/v2/locations/{id}", self._location),
            ("POST", "/v2/orders/search", self._search),
            ("GET", "/v2/orders/{id}", self._order),
            ("PUT", "/v2/orders/{id}", self._update),
            ("POST", "/v2/refunds", self._refund),
            ("GET", "/v2/payments", self._payments),
            ("GET", "/v2/payouts", self._payouts),
            ("GET", "/v2/payouts/{id}/payout-entries", self._entries),
            ("POST", "/v2/catalog/search", self._catalogue),
            ("POST", "/v2/inventory/counts/batch-retrieve", self._counts),
            ("POST", "/v2/inventory/changes/batch-create", self._count),
        ):
            router.add_route(method, path, self._guarded(handler))

    # -- what every call goes through

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.Response:
            await asyncio.sleep(self._simulator.faults.latency)
            try:
                self.tokens.check(request.headers.get("Authorization", ""))
                _require_version(request.headers.get("Square-Version", ""))
                self._break(request)
                response = await handler(request)
            except WireError as error:
                return refused(error)
            return self._simulator.answered(request, response, _heard)

        return guarded

    def _break(self, request: web.Request) -> None:
        broken = WireError("SERVICE_UNAVAILABLE", "Try again later", 503, "API_ERROR")
        refused = WireError("BAD_REQUEST", "The order cannot be changed today")
        self._simulator.stumble(request, "PUT", _busy(), broken, refused)

    # -- sign-in

    async def _authorize(self, request: web.Request) -> web.Response:
        try:
            address = self.tokens.authorize(request.query)
        except WireError as error:
            return refused(error)
        return web.Response(text=SIGN_IN_PAGE.format(address=address), content_type="text/html")

    async def _token(self, request: web.Request) -> web.Response:
        try:
            granted = self.tokens.grant(await _body(request))
        except WireError as error:
            return refused(error)
        return web.json_response(granted)

    # -- orders

    async def _locations(self, _: web.Request) -> web.Response:
        return web.json_response({"locations": self.places})

    async def _location(self, request: web.Request) -> web.Response:
        found = next((one for one in self.places if one["id"] == request.match_info["id"]), None)
        if found is None:
            raise WireError("NOT_FOUND", "Location not found.", 404)
        return web.json_response({"location": found})

    async def _search(self, request: web.Request) -> web.Response:
        """The index lags behind the orders (recalled), so that the newest change may be missing for a moment."""
        lags = self._simulator.chance(self._simulator.faults.odd)
        found = search(self.shop.orders.values(), await _body(request), lambda one: lags and _fresh(one))
        for order in found.orders:
            self._simulator.record("listed", order.id)
        answer = {"orders": [self._shown(one) for one in found.orders]} if found.orders else {}
        response = web.json_response({**answer, **({"cursor": found.cursor} if found.cursor else {})})
        response[CARRIES] = found.orders
        return response

    async def _order(self, request: web.Request) -> web.Response:
        order = self.shop.found(request.match_info["id"])
        self._simulator.record("fetched", order.id)
        response = web.json_response({"order": self._shown(order)})
        response[CARRIES] = [order]
        return response

    async def _update(self, request: web.Request) -> web.Response:
        order, asked = self.shop.found(request.match_info["id"]), await _body(request)
        try:
            states = self.shop.update(order, asked)
        except WireError as error:
            self._simulator.record("refused", order.id, code=error.code)
            raise
        for state in dict.fromkeys(states):
            order.commands.append(state)
            self._simulator.record("commanded", order.id, command=state)
        return web.json_response({"order": self._shown(order)})

    def _shown(self, order: Placed) -> dict[str, Any]:
        body = shown(order)
        return oddly(body, self._simulator.random) if self._simulator.chance(self._simulator.faults.odd) else body

    # -- money

    async def _refund(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        key, payment, money = asked.get("idempotency_key"), asked.get("payment_id"), asked.get("amount_money") or {}
        if not isinstance(key, str) or not 1 <= len(key) <= 45 or not payment or money.get("currency") != "USD":
            raise WireError("BAD_REQUEST", "idempotency_key, payment_id or amount_money is invalid")
        before, answer = self.books.refund_keys.get(key, (asked, {}))
        if before != asked:
            raise WireError("IDEMPOTENCY_KEY_REUSED", "The key was used for another request.")
        if not answer:
            order = next((one for one in self.shop.orders.values() if _holds(one, str(payment))), None)
            if order is None:
                raise WireError("NOT_FOUND", "The payment was not found.", 404)
            refund_id = f"{payment}_{len(order.body['refunds'])}"
            self.shop.refund(order, str(payment), int(money["amount"]), str(asked.get("reason", "")), refund_id)
            answer = {"refund": {"id": refund_id, "status": "PENDING", "amount_money": money, "payment_id": payment}}
            self.books.refund_keys[key] = (asked, answer)
        return web.json_response(answer)

    async def _payments(self, request: web.Request) -> web.Response:
        _require_place(request)
        return web.json_response({"payments": payments_of(self.shop.orders.values())})

    async def _payouts(self, request: web.Request) -> web.Response:
        _require_place(request)
        return web.json_response({"payouts": self.books.payouts} if self.books.payouts else {})

    async def _entries(self, request: web.Request) -> web.Response:
        """Two a page, so that whoever reads has to turn it."""
        entries = self.books.entries.get(request.match_info["id"])
        if entries is None:
            raise WireError("NOT_FOUND", "Payout not found.", 404)
        start = int(request.query.get("cursor", "0"))
        following = {"cursor": str(start + 2)} if len(entries) > start + 2 else {}
        return web.json_response({"payout_entries": entries[start : start + 2], **following})

    # -- catalogue

    async def _catalogue(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        if asked.get("object_types") != ["ITEM"]:
            raise WireError("BAD_REQUEST", "object_types is invalid")
        start, objects = int(asked.get("cursor") or 0), self.catalogue.objects()
        following = {"cursor": str(start + 3)} if len(objects) > start + 3 else {}
        related = {"related_objects": self.catalogue.related()} if asked.get("include_related_objects") else {}
        return web.json_response({"objects": objects[start : start + 3], **related, **following})

    async def _counts(self, request: web.Request) -> web.Response:
        return web.json_response({"counts": self.catalogue.counts(await _body(request))})

    async def _count(self, request: web.Request) -> web.Response:
        return web.json_response({"counts": self.catalogue.change(await _body(request))})


def _holds(order: Placed, payment: str) -> bool:
    return any(one["id"] == payment for one in order.body.get("tenders", []))


def _fresh(order: Placed) -> bool:
    return steady.time() - INDEX_LAG < order.placed_at


def _require_place(request: web.Request) -> None:
    if request.query.get("location_id") != LOCATION:
        raise WireError("BAD_REQUEST", "location_id is invalid")


def _require_version(text: str) -> None:
    """Without the header an application's own default counts."""
    if text and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise WireError("INVALID_SQUARE_VERSION_FORMAT", "Square-Version is invalid")


def _heard(order: Placed) -> None:
    order.heard_at = order.heard_at or steady.time()


def _busy() -> WireError:
    return WireError("RATE_LIMITED", "Too many requests", 429, "RATE_LIMIT_ERROR")


def refused(error: WireError) -> web.Response:
    """An error as Square words it."""
    headers = {"Retry-After": "1"} if error.status == 429 else {}
    body = {"errors": [{"category": error.category, "code": error.code, "detail": str(error)}]}
    return web.json_response(body, status=error.status, headers=headers)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError:
        body = None
    if not isinstance(body, dict) or request.content_type != "application/json":
        raise WireError("EXPECTED_JSON_BODY", "a JSON object is expected")
    return body
