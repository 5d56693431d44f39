"""The pretend shop's doors that are open to everybody: its front page, the interface's index, its statuses (observed)."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from app.platforms.woocommerce.simulated_books import Books
from app.platforms.woocommerce.simulated_keys import Keys, nobody
from app.platforms.woocommerce.simulated_lists import arguments
from app.platforms.woocommerce.simulated_weather import Handler

PATH = "/wp-json/wc/v3"
ROUTES = ("/wc/v3", "/wc/v3/orders", "/wc/v3/products", "/wc/v3/refunds", "/wc/v3/webhooks")


class Doors:
    """What needs no key. `site` is what the index answers."""

    def __init__(self, books: Books, keys: Keys) -> None:
        self._books, self._keys = books, keys
        self.title = "Comptoir Ramen &amp; Pizza (exercice)"
        self.site: Handler = self._site
        self._open: dict[str, Handler] = {
            "": self._index,
            "/wc/v3": self._namespace,
            "/wc/v3/orders/statuses": self._statuses,
        }

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path and handler of each, with and without a slash at the end."""
        paths = [("GET", f"/wp-json{path}", handler) for path, handler in self._open.items()]
        paths.append(("OPTIONS", f"{PATH}/orders", self._options))
        slashed = [(method, path + end, handler) for method, path, handler in paths for end in ("", "/")]
        return [("*", "/", self._front), *slashed]

    async def _front(self, request: web.Request) -> web.Response:
        """The shop's front page, and the interface's other door: no key is honoured there (observed)."""
        if "rest_route" not in request.query:
            return web.Response(text="<!DOCTYPE html><title>Shop</title>", content_type="text/html")
        route = request.query["rest_route"].rstrip("/")
        if route not in self._open:
            raise nobody()
        return await self._open[route](request)

    async def _index(self, request: web.Request) -> web.Response:
        return await self.site(request)

    async def _site(self, _: web.Request) -> web.Response:
        home = self._keys.home()
        site = {
            "name": self.title,
            "url": home,
            "home": home,
            "gmt_offset": f"{self._books.offset().total_seconds() / 3600:g}",
            "timezone_string": self._books.zone.key,
        }
        return web.json_response({**site, "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2"]})

    async def _namespace(self, _: web.Request) -> web.Response:
        return web.json_response({"namespace": "wc/v3", "routes": {one: {"namespace": "wc/v3"} for one in ROUTES}})

    async def _statuses(self, _: web.Request) -> web.Response:
        counted = Counter(order["status"] for order in self._books.orders.values())
        names = {name: name.replace("-", " ").capitalize() for name in self._books.statuses()}
        return web.json_response([{"slug": name, "name": said, "total": counted[name]} for name, said in names.items()])

    async def _options(self, _: web.Request) -> web.Response:
        return web.json_response(arguments(self._books))
