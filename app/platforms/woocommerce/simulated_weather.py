"""A WordPress host on a bad day: pages instead of figures, lost answers, what other plug-ins print (all observed)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from app.platforms.simulation import Simulator
from app.platforms.woocommerce.simulated_keys import WireError
from app.platforms.woocommerce.simulated_requests import picked

Handler = Callable[[web.Request], Awaitable[web.Response]]

UPDATING = "<!DOCTYPE html><html><title>Maintenance</title><p>Briefly unavailable for scheduled maintenance.</p></html>"
FATAL = "<!DOCTYPE html><html><body id='error-page'><p>There has been a critical error on this website.</p></body></html>"
GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
WARNING = (
    b"<br />\n<b>Warning</b>:  Undefined array key 1 in <b>/srv/wp-content/plugins/slots/a.php</b> on line <b>12</b><br />\n"
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAINTENANCE = 30.0  # simulated seconds; a real one says 600


class Weather:
    """Stands before every route. `plain_permalinks` makes the whole interface a web page."""

    def __init__(self, simulator: Simulator, heard: Callable[[str], None]) -> None:
        self.plain_permalinks = False
        self._simulator, self._heard = simulator, heard

    def over(self, handler: Handler) -> Handler:
        """The same route on today's weather."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(self._simulator.faults.latency)
            broken = self._home_page(request) or self._broken(request)
            if broken:
                return broken
            try:
                response = _fields(request, await handler(request))
            except WireError as error:
                response = error.response()
            except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
                # A schema would have refused it, whichever parameter it is: never as Python's own 500.
                response = WireError(400, "rest_invalid_param", "Invalid parameter(s).", params={}, details={}).response()
            return self._simulator.answered(request, self._odd(response), self._heard)

        return guarded  # type: ignore[return-value]  # a lost answer is a closed line, not a Response

    def _home_page(self, request: web.Request) -> web.Response | None:
        """GET is sent on, and a write is answered with 200 and the front page: nothing was done."""
        if not self.plain_permalinks or request.path == "/":
            return None
        page = web.Response(text="<!DOCTYPE html><title>Shop</title>", content_type="text/html")
        if request.method == "GET":
            page.set_status(301)
            page.headers["Location"] = self._simulator.address + "/"
        return page

    def _broken(self, request: web.Request) -> web.Response | None:
        """Faults that come before anything is done."""
        simulator = self._simulator
        if simulator.faulty("throttle", request):
            wait = {"Retry-After": str(max(1, round(MAINTENANCE / simulator.speed)))}
            return web.Response(text=UPDATING, status=503, content_type="text/html", headers=wait)
        if simulator.faulty("break_call", request):
            return simulator.random.choice((_fatal, _gateway, _handler_died))()
        if request.method in ("PUT", "POST", "PATCH") and simulator.chance(simulator.faults.refuse):
            simulator.record("refused", request.match_info.get("id", ""))
            return WireError(400, "woocommerce_rest_plugin_says_no", "A plug-in refuses this change.").response()
        return None

    def _odd(self, response: web.Response) -> web.Response:
        """A plug-in prints a warning before the JSON, or one of its files begins with a byte-order mark."""
        if response.status < 300 and isinstance(response.body, bytes) and self._simulator.chance(self._simulator.faults.odd):
            response.body = self._simulator.random.choice((WARNING, BYTE_ORDER_MARK)) + response.body
        return response


def _fields(request: web.Request, response: web.Response) -> web.Response:
    """Only what was asked for, of any answer that is no error."""
    if "_fields" in request.query and response.status < 300 and isinstance(response.body, bytes):
        response.body = json.dumps(picked(json.loads(response.body), request.query["_fields"])).encode()
    return response


def _fatal() -> web.Response:
    return web.Response(text=FATAL, status=500, content_type="text/html")


def _gateway() -> web.Response:
    return web.Response(text=GATEWAY, status=502, content_type="text/html")


def _handler_died() -> web.Response:
    """PHP died inside the route: JSON, with HTML in its message."""
    return WireError(500, "internal_server_error", "<p>There has been a critical error on this website.</p>").response()
