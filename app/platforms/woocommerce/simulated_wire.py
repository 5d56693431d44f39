"""WooCommerce's HTTP wire for one pretend shop: orders, notes, refunds, and the doors that are open to everybody."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from aiohttp import web

from app.platforms.simulation import CARRIES, Simulator
from app.platforms.woocommerce.simulated_books import Books, Order
from app.platforms.woocommerce.simulated_doors import PATH, Doors
from app.platforms.woocommerce.simulated_hooks import Hooks
from app.platforms.woocommerce.simulated_keys import Keys, WireError
from app.platforms.woocommerce.simulated_lists import Found, listed, page_of
from app.platforms.woocommerce.simulated_orders import OrderMaker
from app.platforms.woocommerce.simulated_products import Products
from app.platforms.woocommerce.simulated_requests import body_of, form_of, invalid, missing
from app.platforms.woocommerce.simulated_weather import Handler, Weather
from app.platforms.woocommerce.simulated_webhooks import Webhooks
from app.platforms.woocommerce.statuses import MARK

SLASH = "{slash:/?}"  # WordPress takes one at the end of any route; the signature is over what was called (observed)
SETTABLE = (
    "customer_note",
    "transaction_id",
    "payment_method",
    "payment_method_title",
)  # what is unknown is ignored (observed)
NO_MONEY_BACK = frozenset({"cod", "bacs", "cheque"})


class Wire:
    """Every route of the simulator."""

    def __init__(
        self, simulator: Simulator, books: Books, maker: OrderMaker, keys: Keys, weather: Weather, hooks: Hooks
    ) -> None:
        self._simulator, self._books, self._maker = simulator, books, maker
        self._keys, self._weather = keys, weather
        self.products, self._webhooks = Products(books), Webhooks(hooks, books)
        self.commands: dict[str, list[str]] = {}
        self.doors = Doors(books, keys)

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the whole wire; what is not there answers `rest_no_route`."""
        for method, path, handler in self.doors.routes():
            router.add_route(method, path, self._weather.over(handler))
        order = f"{PATH}/orders/{{id:\\d+}}"
        for method, path, handler in (
            ("GET", f"{PATH}/orders", self._list),
            ("POST", f"{PATH}/orders", self._create),
            ("POST", f"{PATH}/orders/batch", self._batch),
            ("GET", order, self._order),
            ("PUT", order, self._change),
            ("POST", order, self._change),
            ("PATCH", order, self._change),
            ("DELETE", order, self._delete),
            ("GET", f"{order}/notes", self._notes),
            ("POST", f"{order}/notes", self._add_note),
            ("GET", f"{order}/refunds", self._refunds),
            ("POST", f"{order}/refunds", self._refund),
            ("GET", f"{PATH}/refunds", self._all_refunds),
            *self.products.routes(PATH),
            *self._webhooks.routes(PATH),
        ):
            router.add_route(method, path + SLASH, self._weather.over(self._keyed(handler)))
        router.add_route("*", "/wp-json/{rest:.*}", self._weather.over(self._no_route))

    def _keyed(self, handler: Handler) -> Handler:
        async def keyed(request: web.Request) -> web.Response:
            self._keys.check(request, await form_of(request))
            return await handler(request)

        return keyed

    async def _no_route(self, _: web.Request) -> web.Response:
        raise WireError(404, "rest_no_route", "No route was found matching the URL and request method.")

    # -- orders

    async def _list(self, request: web.Request) -> web.Response:
        found = page_of(self._books, request.query)
        shown = Found([self._books.shown(order) for order in found.rows], found.total, found.pages)
        response = listed(request, shown, self._keys.home())
        for order in found.rows:
            self._simulator.record("listed", str(order["id"]))
        response[CARRIES] = [str(order["id"]) for order in found.rows if self._books.matters(order)]
        return response

    async def _order(self, request: web.Request) -> web.Response:
        order = self._found(request)
        self._simulator.record("fetched", str(order["id"]))
        return self._shown(order)

    async def _create(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        lines = [self.products.line(line, self._maker) for line in body.get("line_items") or []]
        self._check_order(body)
        given = {name: body[name] for name in (*SETTABLE, "billing", "shipping") if name in body}
        paid = {"date_paid_gmt": self._books.now()} if body.get("set_paid") else {}
        status = body.get("status", "processing" if paid else "pending")
        made = self._maker.completed({**given, **paid, "status": status, "line_items": lines, "created_via": "rest-api"})
        self._books.set_meta(made, body.get("meta_data") or [])
        self._books.add(made)
        return self._shown(made, 201)

    async def _change(self, request: web.Request) -> web.Response:
        """Nothing guards the order of steps, an empty change is one too, and one of a trashed order revives it."""
        order, body = self._found(request, 400), await body_of(request)
        self._check_order(body)
        return self._shown(self._changed(order, body))

    def _changed(self, order: Order, body: dict[str, Any]) -> Order:
        self._note_command(order, body)
        order.update({name: body[name] for name in SETTABLE if name in body})
        self._books.set_meta(order, body.get("meta_data") or [])
        if order["status"] == "trash":
            order["status"] = body.get("status", "pending")
            order["date_modified_gmt"] = self._books.now()  # and no webhook tells of it
            return order
        self._books.set_status(order, str(body.get("status", order["status"])))
        self._books.touch(order)
        return order

    def _note_command(self, order: Order, body: dict[str, Any]) -> None:
        marks = [str(one.get("value")) for one in body.get("meta_data") or [] if one.get("key") == MARK]
        name = marks[0] if marks else body.get("status")
        if name:
            self.carried_out(order, name)

    def carried_out(self, order: Order, command: str) -> None:
        """Write down what the console had done."""
        self.commands.setdefault(str(order["id"]), []).append(command)
        self._simulator.record("commanded", str(order["id"]), command=command)

    async def _delete(self, request: web.Request) -> web.Response:
        order = self._found(request)
        response = self._shown(order)  # as it was before (observed)
        if request.query.get("force") not in ("true", "1") and order["status"] == "trash":
            raise WireError(410, "woocommerce_rest_already_trashed", "The shop_order has already been deleted.")
        if request.query.get("force") in ("true", "1"):
            del self._books.orders[order["id"]]
        else:
            self._books.trash(order)
        return response

    async def _batch(self, request: web.Request) -> web.Response:
        """No checks: an unknown status becomes "pending", errors hide in a yes, and nothing is a yes too (observed; the
        last by the source)."""
        body = await body_of(request)
        updates = body.get("update") or []
        if len(updates) > 100:
            raise WireError(413, "woocommerce_rest_request_entity_too_large", "Unable to accept more than 100 items.")
        done = []
        for one in updates:
            order = self._books.orders.get(one["id"]) if isinstance(one.get("id"), int) else None
            if order is None:
                code = "woocommerce_rest_shop_order_invalid_id"
                error = {"code": code, "message": "Invalid ID.", "data": {"status": 400}}
                done.append({"id": one.get("id"), "error": error})
                continue
            status = str(one.get("status", order["status"])).removeprefix("wc-")
            known = status if status in self._books.statuses() else "pending"
            done.append(self._books.shown(self._changed(order, {**one, "status": known})))
        return web.json_response({"update": done} if done else [])

    # -- notes and refunds

    async def _notes(self, request: web.Request) -> web.Response:
        return web.json_response(self._books.notes[self._found(request)["id"]])

    async def _add_note(self, request: web.Request) -> web.Response:
        order, body = self._found(request), await body_of(request)
        if not isinstance(body.get("note"), str) or not body["note"]:
            raise missing("note")
        self._simulator.record("commanded", str(order["id"]), command="note")
        return web.json_response(self._books.note(order, body["note"], bool(body.get("customer_note"))), status=201)

    async def _refunds(self, request: web.Request) -> web.Response:
        return web.json_response(self._books.returns[self._found(request)["id"]])

    async def _all_refunds(self, _: web.Request) -> web.Response:
        return web.json_response([row for rows in self._books.returns.values() for row in rows])

    async def _refund(self, request: web.Request) -> web.Response:
        """What business refuses comes as HTTP 500 with a bare number for data (observed)."""
        order, body = self._found(request), await body_of(request)
        if not isinstance(body.get("amount"), str):
            raise invalid("amount")
        amount = _amount(body["amount"])
        lines = body.get("line_items") or []
        lines_fit = all(self._fits(order, line) for line in lines)
        gateway_fits = body.get("api_refund", True) is False or order["payment_method"] not in NO_MONEY_BACK
        if not 0 <= amount <= self._books.left(order) or not lines_fit or not gateway_fits:
            raise WireError(500, "woocommerce_rest_cannot_create_order_refund", "Cannot create order refund.", bare=True)
        refund = self._books.give_back(order, amount, str(body.get("reason") or ""), lines)
        self._books.touch(order)
        self.carried_out(order, f"refund {amount}")
        return web.json_response({**refund, "amount": f"{amount:.2f}"}, status=201)

    def _fits(self, order: Order, asked: dict[str, Any]) -> bool:
        """Whether the line has so many portions left. Whether a shop looks at that was not observed: this one does."""
        quantities = {line["id"]: line["quantity"] for line in order["line_items"]}
        left = quantities.get(asked.get("id"), 0) - self._books.returned(order, asked.get("id", 0))
        return asked.get("id") in quantities and 0 <= int(asked.get("quantity", 0)) <= left

    # -- finding and checking

    def _shown(self, order: Order, status: int = 200) -> web.Response:
        response = web.json_response(self._books.shown(order), status=status)
        response[CARRIES] = [str(order["id"])] if self._books.matters(order) else []
        return response

    def _found(self, request: web.Request, status: int = 404) -> Order:
        order = self._books.orders.get(int(request.match_info["id"]))
        if order is None:
            raise WireError(status, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return order

    def _check_order(self, body: dict[str, Any]) -> None:
        if not isinstance(body.get("customer_note", ""), str):  # beside a note it is a yes or no
            raise invalid("customer_note")
        if "status" in body and body["status"] not in self._books.statuses():
            raise invalid("status")


def _amount(text: str) -> Decimal:
    """Words for money are as much too much: PHP compares them as text (WooCommerce's source), so the books refuse."""
    try:
        amount = Decimal(text)
        return amount if amount.is_finite() else Decimal(-1)
    except InvalidOperation:
        return Decimal(-1)
