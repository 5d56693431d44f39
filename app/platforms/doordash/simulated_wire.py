"""DoorDash's HTTP wire: tokens checked as the vendor does, orders, the store, and the bad days a `Faults` asks for."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from app import steady
from app.platforms.doordash.simulated_orders import STORE, Placed
from app.platforms.doordash.simulated_store import Store, WireError
from app.platforms.simulation import Simulator

Handler = Callable[[web.Request], Awaitable[web.Response]]
Act = Callable[[Placed, Mapping[str, Any]], str]

LONGEST_LIFE = 1800
SLACK = 60  # seconds that a caller's clock may be ahead; not published
MINUTE = 60.0


class Wire:
    """Every route below the Marketplace's base."""

    def __init__(self, simulator: Simulator, store: Store, ids: tuple[str, str], secret: str) -> None:
        self._simulator, self._store = simulator, store
        self._ids, self._secret = ids, secret

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the whole wire."""
        order, store = "/api/v1/orders/{id}", f"/api/v1/stores/{STORE}"
        for method, path, handler in (
            ("PATCH", order, self._acts(self._store.confirm)),
            ("PATCH", f"{order}/events/order_ready_for_pickup", self._acts(self._store.ready)),
            ("PATCH", f"{order}/cancellation", self._acts(self._store.cancellation)),
            ("PATCH", f"{order}/adjustment", self._acts(self._store.adjustment)),
            ("GET", f"{store}/store_details", self._details),
            ("GET", f"{store}/store_menu", self._menu),
            ("PUT", f"{store}/status", self._status),
            ("PUT", f"{store}/{{what:items|item_options}}/status", self._items),
        ):
            router.add_route(method, path, self._guarded(handler))

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.Response:
            await asyncio.sleep(self._simulator.faults.latency)
            try:
                self._known(request)
                self._break(request)
                response = await handler(request)
            except WireError as error:
                return self.refused(error)
            return self._simulator.answered(request, response, lambda _: None)  # no answer here carries an order

        return guarded

    def _known(self, request: web.Request) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = claims_of(token, self._secret)
        except ValueError as error:
            raise WireError(401, str(error), "authentication_error") from None
        if kind != "Bearer" or (claims.get("iss"), claims.get("kid")) != self._ids or claims.get("aud") != "doordash":
            raise WireError(401, "unknown key", "authentication_error")
        agent = request.headers.get("User-Agent", "")
        if request.headers.get("auth-version") != "v2" or not re.fullmatch(r"([A-Z][a-z0-9]*)+/1\.0", agent):
            raise WireError(403, "auth-version or User-Agent is wrong", "authorization_error")

    def _break(self, request: web.Request) -> None:
        busy = WireError(429, "Too many requests", "request_rate_limited")
        broken = WireError(500, "Internal service failure", "service_fault")
        refused = WireError(400, "The order cannot be changed today", "validation_error")
        self._simulator.stumble(request, "PATCH", busy, broken, refused)

    def refused(self, error: WireError) -> web.Response:
        """An error in DoorDash's form, with its wait where it is about too many calls."""
        wait = {"Retry-After": str(math.ceil(MINUTE / self._simulator.speed))} if error.status == 429 else {}
        return web.json_response({"code": error.code, "message": str(error)}, status=error.status, headers=wait)

    # -- routes

    def _acts(self, act: Act) -> Handler:
        async def acting(request: web.Request) -> web.Response:
            order = self._store.orders.get(request.match_info["id"])
            if order is None:
                raise WireError(404, "Order with provided ID does not exist", "unknown_order")
            body = await _body(request)
            if not isinstance(body, dict):
                raise WireError(400, "not an object", "validation_error")
            try:
                done = act(order, body)
            except WireError as no:
                self._simulator.record("refused", order.id, words=str(no))
                raise
            if not done:
                return web.json_response({}, status=202)
            order.commands.append(done if done != "adjustment" else f"adjustment {json.dumps(body, sort_keys=True)}")
            self._simulator.record("commanded", order.id, command=done)
            return web.json_response({}, status=202)

        return acting

    async def _details(self, _: web.Request) -> web.Response:
        return web.json_response(self._store.details())

    async def _menu(self, _: web.Request) -> web.Response:
        return web.json_response(self._store.menu)

    async def _status(self, request: web.Request) -> web.Response:
        self._store.set_status(await _body(request))
        return web.json_response({})

    async def _items(self, request: web.Request) -> web.Response:
        self._store.set_active(request.match_info["what"], await _body(request))
        return web.json_response({})


def claims_of(token: str, secret: str, now: float | None = None) -> dict[str, Any]:
    """What a token says, once it is genuine and alive. Claims in any order, times as numbers or text. ValueError."""
    try:
        head, _, signature = token.rpartition(".")
        header, claims = (json.loads(_opened(part)) for part in head.split("."))
        given, begins, ends = _opened(signature), int(claims["iat"]), int(claims["exp"])
    except (ValueError, KeyError, TypeError):
        raise ValueError("malformed token") from None
    if header != {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}:
        raise ValueError("wrong header")
    if not hmac.compare_digest(hmac.digest(_opened(secret), head.encode(), hashlib.sha256), given):
        raise ValueError("wrong signature")
    at = steady.time() if now is None else now
    if ends - begins > LONGEST_LIFE or begins > at + SLACK:
        raise ValueError("lives too long or begins in the future")
    if ends <= at:
        raise ValueError("The [exp] is in the past; the JWT is expired")
    return dict(claims)


def _opened(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def _body(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise WireError(400, "not JSON", "validation_error")
    try:
        return await request.json()
    except ValueError:
        raise WireError(400, "not JSON", "validation_error") from None
