"""HubRise's HTTP wire: sign-in pages, the API of one location, and the bad days a `Faults` asks for."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from app.platforms.hubrise.simulated_connections import Connection, Door, WireError, body_of, valid_callback
from app.platforms.hubrise.simulated_events import LOCATION, Herald
from app.platforms.hubrise.simulated_location import CATALOG, Handler, Site
from app.platforms.hubrise.simulated_orders import STATUSES, InvalidError, OrderMaker, aware_time
from app.platforms.simulation import CARRIES, Simulator

PAGE = 100
DELIVERY_STATUSES = (
    "pending",
    "pickup_enroute",
    "pickup_approaching",
    "pickup_waiting",
    "dropoff_enroute",
    "dropoff_approaching",
    "dropoff_waiting",
    "delivered",
    "cancelled",
)
PLACES = {
    "pickup": {"driver_latitude": "48.860294", "driver_longitude": "2.3376"},
    "dropoff": {"driver_latitude": "48.862", "driver_longitude": "2.35222"},
}
SIGN_IN_PAGE = "<!doctype html><title>HubRise (practice)</title><p>Your code: <code>{code}</code></p>"


class Wire:
    """Every route of the simulator; the orders themselves are `orders`, in the sequence they were placed."""

    def __init__(self, simulator: Simulator, door: Door, maker: OrderMaker, herald: Herald) -> None:
        self._simulator, self._door, self._maker, self._herald = simulator, door, maker, herald
        self.orders: dict[str, dict[str, Any]] = {}
        self.commands: dict[str, list[str]] = {}
        self.site = Site(simulator, herald)

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the whole wire."""
        router.add_get("/oauth2/v1/authorize", self._authorize)
        router.add_post("/oauth2/v1/token", self._token)
        router.add_post("/oauth2/v1/revoke", self._revoke)
        for method, path, handler in (
            *self.site.routes(),
            ("GET", "/callback", self._callback),
            ("POST", "/callback", self._set_callback),
            ("DELETE", "/callback", self._delete_callback),
            ("GET", "/callback/events", self._events),
            ("GET", "/callback/events/{id}", self._event),
            ("DELETE", "/callback/events/{id}", self._acknowledge),
            ("GET", "/location/orders", self._orders),
            ("POST", "/location/orders", self._create),
            ("GET", "/location/orders/{id}", self._order),
            ("PATCH", "/location/orders/{id}", self._change),
            ("GET", "/location/orders/{id}/delivery", self._delivery),
            ("POST", "/location/orders/{id}/delivery", self._book_delivery),
            ("PATCH", "/location/orders/{id}/delivery", self._change_delivery),
        ):
            router.add_route(method, f"/v1{path}", self._guarded(handler))

    def update(self, order: dict[str, Any], maker: Connection | None, **changes: Any) -> None:
        """Change an order's fields and tell everyone but the `maker` of the change."""
        before = json.loads(json.dumps(order))
        order.update(changes)
        self.tell("order", "update", order, maker, previous_state=before)

    def tell(self, resource: str, kind: str, order: dict[str, Any], maker: Connection | None, **more: Any) -> None:
        """Announce an order or its delivery as it stands now."""
        state = order if resource == "order" else order["delivery"]
        self._herald.announce(resource, kind, maker, {"order_id": order["id"], "new_state": state, **more})

    # -- what every call goes through

    def _guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            faults = self._simulator.faults
            await asyncio.sleep(faults.latency)
            try:
                connection = self._door.open(request.headers.get("X-Access-Token", ""))
                connection.count(heavy=request.method == "GET" and is_heavy(request.path))
                self._break(request)
                response = await handler(request, connection)
            except WireError as error:
                return error.response()
            except InvalidError as error:
                return WireError(422, "unprocessable_entity", "Validation failed", error.field, error.text).response()
            return self._simulator.answered(request, response, self._herald.heard)

        return guarded

    def _break(self, request: web.Request) -> None:
        busy = WireError(429, "too_many_requests", "Too many requests")
        broken = WireError(500, "internal_error", "Internal error")
        refused = WireError(422, "unprocessable_entity", "Validation failed", "status", "is refused today")
        self._simulator.stumble(request, "PATCH", busy, broken, refused)

    # -- sign-in

    async def _authorize(self, request: web.Request) -> web.Response:
        try:
            page = SIGN_IN_PAGE.format(code=self._door.authorize(request.query))
        except WireError as error:
            return error.response()
        return web.Response(text=page, content_type="text/html")

    async def _token(self, request: web.Request) -> web.Response:
        code = str((await request.post()).get("code", ""))
        try:
            connection = self._door.exchange(request.headers.get("Authorization", ""), code)
        except WireError as error:
            return error.response()
        names = {"account_name": "Practice", "location_name": self.site.location["name"]}
        ids = {"account_id": "3r4s3", "location_id": LOCATION, "catalog_id": CATALOG, "customer_list_id": "cl1"}
        return web.json_response({"access_token": connection.token, "token_type": "Bearer", **ids, **names})

    async def _revoke(self, request: web.Request) -> web.Response:
        try:
            self._door.check_client(request.headers.get("Authorization", ""))
        except WireError as error:
            return error.response()
        self._door.revoke(str((await request.post()).get("token", "")))
        return web.json_response({})

    # -- callback and its queue

    async def _callback(self, _: web.Request, connection: Connection) -> web.Response:
        if connection.callback is None:
            raise WireError(404, "not_found", "No callback")
        return web.json_response(connection.callback)

    async def _set_callback(self, request: web.Request, connection: Connection) -> web.Response:
        connection.callback = valid_callback(await body_of(request))
        return web.json_response(connection.callback)

    async def _delete_callback(self, _: web.Request, connection: Connection) -> web.Response:
        connection.callback = None
        connection.queue.clear()
        return web.json_response({})

    async def _events(self, _: web.Request, connection: Connection) -> web.Response:
        bare = [
            {key: value for key, value in event.items() if not key.endswith("_state")}
            for event in list(connection.queue.values())[:PAGE]
        ]
        if self._simulator.chance(self._simulator.faults.odd):  # the documents promise no order
            self._simulator.random.shuffle(bare)
        return web.json_response(bare)

    async def _event(self, request: web.Request, connection: Connection) -> web.Response:
        event = connection.queue.get(request.match_info["id"])
        if event is None:
            raise WireError(404, "not_found", "Event not found")
        self._simulator.record("fetched", event.get("order_id", ""), event_id=event["id"])
        return web.json_response(event)

    async def _acknowledge(self, request: web.Request, connection: Connection) -> web.Response:
        try:
            self._herald.acknowledge(connection, request.match_info["id"])
        except KeyError:
            raise WireError(404, "not_found", "Event not found") from None
        return web.json_response({})

    # -- orders

    async def _orders(self, request: web.Request, connection: Connection) -> web.Response:
        connection.need("orders.read")
        query, found = request.query, list(self.orders.values())
        if query.get("status", "new") not in STATUSES:
            raise InvalidError("status", "is not included in the list")
        for field in ("status", "created_by", "private_ref"):
            found = [order for order in found if field not in query or order.get(field) == query[field]]
        if "after" in query:
            after = aware_time("after", query["after"])
            found = [order for order in found if _created(order) >= after]
        if "before" in query:
            before = aware_time("before", query["before"])
            found = [order for order in found if _created(order) < before]
        return self._page(request, found)

    def _page(self, request: web.Request, found: list[dict[str, Any]]) -> web.Response:
        """The cursor names the last order of the page before, so a list that changes meanwhile skips nothing."""
        sequence = list(self.orders)
        start = _position(request.query.get("cursor", ""), sequence)
        count = _count(request.query.get("count", str(PAGE)))
        rest = [order for order in found if sequence.index(order["id"]) >= start]
        page = rest[:count]
        for order in page:
            self._simulator.record("listed", order["id"])
        headers = {"X-Cursor-Next": _token(page[-1]["id"])} if len(rest) > count else {}
        response = web.json_response(page, headers=headers)
        response[CARRIES] = [order["id"] for order in page]
        return response

    async def _create(self, request: web.Request, connection: Connection) -> web.Response:
        connection.need("orders.write")
        order = self._maker.created(await body_of(request))
        self.add(order, connection)
        return web.json_response(order)

    def add(self, order: dict[str, Any], maker: Connection | None) -> None:
        """Take an order in."""
        order["location_id"] = LOCATION
        self.orders[order["id"]] = order
        self._simulator.record("placed", order["id"])
        self.tell("order", "create", order, maker)

    async def _order(self, request: web.Request, connection: Connection) -> web.Response:
        connection.need("orders.read")
        order = self._found(request)
        self._simulator.record("fetched", order["id"])
        return web.json_response(order)

    async def _change(self, request: web.Request, connection: Connection) -> web.Response:
        """Any status may follow any other: HubRise does not guard the order of steps."""
        connection.need("orders.write")
        order, body = self._found(request), await body_of(request)
        before = json.loads(json.dumps(order))
        self._maker.change(order, body)
        if "status" in body:
            self.commands.setdefault(order["id"], []).append(body["status"])
            self._simulator.record("commanded", order["id"], command=body["status"])
        self.tell("order", "update", order, connection, previous_state=before)
        return web.json_response(order)

    # -- delivery

    async def _delivery(self, request: web.Request, _: Connection) -> web.Response:
        """With the driver's place, which an order's own copy of its delivery does not have."""
        delivery = self._found_delivery(request)
        stage = delivery["status"].partition("_")[0]
        return web.json_response(delivery | (PLACES.get(stage, {}) if delivery.get("driver_name") else {}))

    async def _book_delivery(self, request: web.Request, connection: Connection) -> web.Response:
        order = self._found(request)
        if order["service_type"] != "delivery" or order["delivery"]:
            raise InvalidError("delivery", "is not possible for this order")
        order["delivery"] = {"status": "pending", **_valid_delivery(await body_of(request))}
        self.tell("delivery", "create", order, connection)
        return web.json_response(order["delivery"])

    async def _change_delivery(self, request: web.Request, connection: Connection) -> web.Response:
        delivery = self._found_delivery(request)
        delivery.update(_valid_delivery(await body_of(request)))
        self.tell("delivery", "update", self._found(request), connection)
        return web.json_response(delivery)

    # -- finding

    def _found(self, request: web.Request) -> dict[str, Any]:
        if request.match_info["id"] not in self.orders:
            raise WireError(404, "not_found", "Order not found")
        return self.orders[request.match_info["id"]]

    def _found_delivery(self, request: web.Request) -> dict[str, Any]:
        delivery = self._found(request)["delivery"]
        if not delivery:
            raise WireError(404, "not_found", "No delivery")
        found: dict[str, Any] = delivery
        return found


def is_heavy(path: str) -> bool:
    """Documentation "general concepts": order lists and catalogues."""
    return path == "/v1/location/orders" or path == f"/v1/catalogs/{CATALOG}"


def _created(order: dict[str, Any]) -> Any:
    return aware_time("created_at", order["created_at"])


def _count(text: str) -> int:
    """Documented: 1 to 100."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= PAGE):
        raise InvalidError("count", f"must be between 1 and {PAGE}")
    return int(text)


def _token(order_id: str) -> str:
    return base64.urlsafe_b64encode(order_id.encode()).decode()


def _position(cursor: str, sequence: list[str]) -> int:
    if not cursor:
        return 0
    try:
        return sequence.index(base64.urlsafe_b64decode(cursor).decode()) + 1
    except ValueError:  # bad base64, bad text and an unknown id alike
        raise InvalidError("cursor", "is invalid") from None


def _valid_delivery(body: dict[str, Any]) -> dict[str, Any]:
    if body.get("status", "pending") not in DELIVERY_STATUSES:
        raise InvalidError("status", "is not included in the list")
    return body
