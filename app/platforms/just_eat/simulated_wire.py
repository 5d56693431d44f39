"""The pretend Just Eat's calls, strict: two keys, words about orders, the restaurant, dishes off sale."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from app.platforms.just_eat.simulated_orders import RESTAURANT, Placed
from app.platforms.just_eat.simulated_pushes import Pushes
from app.platforms.simulation import Simulator

FAILURES = frozenset(
    {
        "UNKNOWN",
        "INACTIVE",
        "INCORRECT_SETUP",
        "IN_USE",
        "TIMEOUT",
        "NOT_SUPPORTED",
        "MENU_ERROR",
        "MALFORMED_REQUEST",
        "AUTH_FAILED",
        "STORE_CLOSED",
        "TENDER_ERROR",
    }
)
Answer = Callable[[web.Request, dict[str, Any]], web.Response]


class WireError(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Wire:
    """What partners may call. `online_at`: local time at which the restaurant comes back, "" for an open end."""

    simulator: Simulator
    pushes: Pushes
    order_key: str
    menu_key: str
    orders: dict[str, Placed] = field(default_factory=dict)
    offline: bool = False
    online_at: str = ""
    off: dict[str, str] = field(default_factory=dict)
    callbacks: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add them."""
        router.add_post("/order/{id}/sent-to-pos-success", self._guarded(self._success, self.order_key))
        router.add_post("/order/{id}/sent-to-pos-failed", self._guarded(self._failed, self.order_key))
        router.add_get("/orders/{id}/modification", self._guarded(self._modification, self.order_key))
        router.add_post("/item-availability", self._guarded(self._availability, self.menu_key))
        router.add_put("/restaurants/{ref}/offline", self._guarded(self._close, self.menu_key))
        router.add_put("/restaurants/{ref}/online", self._guarded(self._open, self.menu_key))
        router.add_post("/callbacks/{id}", self._guarded(self._call_back, ""))

    def _guarded(self, act: Answer, key: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answered(request: web.Request) -> web.Response:
            simulator, faults = self.simulator, self.simulator.faults
            await asyncio.sleep(faults.latency)
            if simulator.chance(faults.break_call):
                simulator.record("faulted", fault="break_call")
                return web.json_response({"message": "Internal server error"}, status=simulator.random.choice((500, 503)))
            if simulator.chance(faults.throttle):
                simulator.record("faulted", fault="throttle")
                return web.json_response({"message": "Too many requests"}, status=429, headers={"Retry-After": "1"})
            try:
                _allowed(request, key)
                answer = act(request, await _body(request))
            except WireError as error:
                return web.json_response({"message": str(error)}, status=error.status)
            if simulator.chance(faults.lose_reply):
                simulator.record("faulted", fault="lose_reply")
                if request.transport:
                    request.transport.close()
            return answer

        return answered

    def _success(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        order = self._order(request)
        _transmission(body)
        if body.get("happenedAt") is not None:
            _moment(body["happenedAt"])
        return self._arrived(order, "success")

    def _failed(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        order = self._order(request)
        _transmission(body)
        _moment(body.get("happenedAt"))
        if body.get("errorCode") not in FAILURES or not isinstance(body.get("errorMessage"), str):
            raise WireError(400, "errorCode and errorMessage are required")
        return self._arrived(order, "failed")

    def _arrived(self, order: Placed, how: str) -> web.Response:
        """The same word twice is one; another one, or one after five minutes, is too late."""
        if order.arrived != how:
            if order.arrived not in ("", "later"):
                raise WireError(409, f"the order is {order.arrived} already")
            self._note(order, how)
        return web.Response(status=204)

    def _note(self, order: Placed, how: str) -> None:
        order.commands.append(f"sent-to-pos-{how}")
        self.simulator.record("commanded", order.id, command=order.commands[-1])
        if how == "failed":
            self.pushes.give_up(order, "MALFORMED_REQUEST")
        order.arrived = how

    def _call_back(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        order = self._order(request)
        if body.get("status") not in ("Success", "Failure") or not isinstance(body.get("data"), dict):
            raise WireError(400, "status and data are required")
        self.callbacks.append((order.id, body))
        return self._arrived(order, "success" if body["status"] == "Success" else "failed")

    def _modification(self, request: web.Request, _: dict[str, Any]) -> web.Response:
        return web.json_response({"orderID": self._order(request).id, "modifications": []})

    def _availability(self, _: web.Request, body: dict[str, Any]) -> web.Response:
        numbers = body.get("itemReferences")
        if body.get("event") not in ("AVAILABLE", "UNAVAILABLE") or not isinstance(numbers, list) or not numbers:
            raise WireError(400, "event and itemReferences are required")
        _ours(body.get("restaurant"))
        _moment(body.get("happenedAt"))
        until = body.get("nextAvailableAt")
        if until is not None:
            _moment(until)
        for number in numbers:
            self.off.pop(str(number), None)
            if body["event"] == "UNAVAILABLE":
                self.off[str(number)] = until or ""
        return web.json_response({}, status=202)

    def _close(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        _ours(request.match_info["ref"])
        self.online_at = ""
        if "onlineAt" in body:
            self.online_at = str(body["onlineAt"])
            if _parsed(self.online_at).tzinfo is not None:
                raise WireError(400, "onlineAt must be the restaurant's local time, without an offset")
        self.offline = True
        return web.Response(status=204)

    def _open(self, request: web.Request, _: dict[str, Any]) -> web.Response:
        _ours(request.match_info["ref"])
        self.offline, self.online_at = False, ""
        return web.Response(status=204)

    def _order(self, request: web.Request) -> Placed:
        order = self.orders.get(request.match_info["id"])
        if order is None:
            raise WireError(404, "Order not found")
        return order


def _allowed(request: web.Request, key: str) -> None:
    if key and request.headers.get("X-Flyt-Api-Key") != key:
        raise WireError(403, "Forbidden")


async def _body(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        return {}
    try:
        found = await request.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WireError(400, "a JSON object is required")
    return found


def _transmission(body: Mapping[str, Any]) -> None:
    if body.get("transmissionId") == "":
        raise WireError(400, "transmissionId must not be empty")


def _ours(reference: Any) -> None:
    if reference != RESTAURANT:
        raise WireError(404, "Restaurant not found")


def _moment(value: Any) -> None:
    if _parsed(value).tzinfo is None:
        raise WireError(400, "a time with an offset is required")


def _parsed(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise WireError(400, "not a time") from None
