"""What the pretend shop sells: plain products, one with variations, one that counts its stock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from app.platforms.simulation import PretendLine
from app.platforms.woocommerce.simulated_books import Books
from app.platforms.woocommerce.simulated_keys import WireError
from app.platforms.woocommerce.simulated_lists import paged
from app.platforms.woocommerce.simulated_orders import OrderMaker
from app.platforms.woocommerce.simulated_requests import body_of, invalid

Route = tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]]


class Products:
    """Products and variations by id; `stock_status` follows the quantity wherever that is counted."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.known: dict[int, dict[str, Any]] = {
            93: product(93, "Ramen shoyu &amp; œuf", "12.75"),
            94: product(94, "Gyoza (6 pièces)", "6.90"),
            95: product(95, "Pizza Margherita", "9.90", type="variable", variations=[951, 952]),
            96: product(96, "Tarte du jour", "5.50", manage_stock=True, stock_quantity=8),
        }
        self.variations: dict[int, dict[str, Any]] = {
            951: product(951, "Petite", "9.90", attributes=[{"id": 1, "name": "Taille", "option": "Petite"}]),
            952: product(952, "Grande", "12.40", attributes=[{"id": 1, "name": "Taille", "option": "Grande"}]),
        }

    def routes(self, path: str) -> list[Route]:
        """The routes of products."""
        one = f"{path}/products/{{product:\\d+}}"
        return [
            ("GET", f"{path}/products", self._list),
            ("GET", one, self._one),
            ("PUT", one, self._change),
            ("GET", f"{one}/variations", self._variations),
            ("GET", f"{one}/variations/{{variation:\\d+}}", self._one),
            ("PUT", f"{one}/variations/{{variation:\\d+}}", self._change),
        ]

    def line(self, wish: dict[str, Any], maker: OrderMaker) -> dict[str, Any]:
        """A line that was asked for through the interface; the price is the shop's own."""
        found = self.known.get(wish.get("product_id", 0)) or self.variations.get(wish.get("variation_id", 0))
        quantity = wish.get("quantity", 1)
        if found is None:
            raise WireError(400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
        if not str(quantity).lstrip("-").isdigit():
            raise WireError(400, "rest_invalid_param", "Invalid parameter(s): line_items", params={"line_items": "quantity"})
        if not int(quantity):
            raise WireError(500, "internal_server_error", "<p>There has been a critical error on this website.</p>")
        price = round(float(found["price"]) * 100)
        return {**maker.line(PretendLine("-", price, int(quantity))), "name": found["name"], "product_id": found["id"]}

    async def _list(self, request: web.Request) -> web.Response:
        return paged(request, list(self.known.values()))

    async def _variations(self, request: web.Request) -> web.Response:
        parent = self.known.get(int(request.match_info["product"])) or {}  # an unknown product has none (the source)
        return paged(request, [self.variations[one] for one in parent.get("variations", ())])

    async def _one(self, request: web.Request) -> web.Response:
        return web.json_response(self._found(request))

    async def _change(self, request: web.Request) -> web.Response:
        found, body = self._found(request), await body_of(request)
        if not isinstance(body.get("stock_quantity", 0), int | None) or not isinstance(body.get("stock_status", ""), str):
            raise invalid("stock_quantity" if "stock_quantity" in body else "stock_status")
        allowed = {"stock_status", "stock_quantity", "manage_stock"}
        found.update({name: value for name, value in body.items() if name in allowed})
        facts = {one["key"]: one["value"] for one in (*found["meta_data"], *body.get("meta_data", ()))}
        found["meta_data"] = [{"id": at, "key": key, "value": value} for at, (key, value) in enumerate(facts.items())]
        if found["manage_stock"] is True:
            found["stock_status"] = "instock" if (found["stock_quantity"] or 0) > 0 else "outofstock"
        return web.json_response(found)

    def _found(self, request: web.Request) -> dict[str, Any]:
        chosen = request.match_info.get("variation")
        found = self.variations.get(int(chosen)) if chosen else self.known.get(int(request.match_info["product"]))
        if found is None:
            raise WireError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return found


def product(number: int, name: str, price: str, **more: Any) -> dict[str, Any]:
    """A product in WooCommerce's form."""
    stock = {"manage_stock": False, "stock_quantity": None, "stock_status": "instock", "backorders": "no"}
    about = {"id": number, "name": name, "type": "simple", "status": "publish", "sku": "", "price": price, "meta_data": []}
    return {**about, "categories": [{"id": 15, "name": "Plats", "slug": "plats"}], **stock, **more}
