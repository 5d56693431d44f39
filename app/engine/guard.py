"""The connection guard: a small HTTP server that strangers may reach without holding up the shop.

No Python HTTP server tried has a usable deadline for slow clients, so this one stands on aiohttp's low-level server and
connection classes and adds four rules:

* one request per connection. No idle connections, no pipelining, no race between a relay's reuse and our time-out;
* a connection without a whole request head after `head_seconds` is cut, and so is a body that takes `body_seconds`;
* when the house is full the oldest connection that has not yet delivered its request is cut, not the newcomer: stuck
  sockets make room for an honest sender, who delivers within a round trip. A delivered request is never cut;
* whatever goes wrong, an outsider sees a status and an empty body.

Built on public names only (`web.Server.__call__`, `web.RequestHandler.connection_made`, `.connection_lost`,
`.handle_error`, `.peername`), but on the unwritten promise that aiohttp calls them as it does in 3.14: aiohttp is pinned
to the minor version, and the attack is a test (tests/engine/test_guard.py).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from app.platforms.listening import let_nobody_in, open_door

_log = logging.getLogger(__name__)

Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server puts up with; seconds, bytes and counts.

    `rate` is requests per second and source. A stranger on a LAN would get 20; but we listen on loopback, where everything
    comes from one relay's address and the source can only be told by the account, and a platform that catches up after an
    outage must not be turned away: hence 200 per address and account, still far from what hurts (about 8,000).
    """

    connections: int = 64
    per_address: int = 40
    head_seconds: float = 5.0
    body_seconds: float = 5.0
    body_bytes: int = 256 * 1024
    field_bytes: int = 8 * 1024
    fields: int = 64
    json_depth: int = 32
    rate: int = 200


class BodyTooLargeError(Exception):
    """The body is, or says that it is, over `Limits.body_bytes`."""


class GuardedConnection(web.RequestHandler):
    """One connection, with a deadline for its request head."""

    def __init__(self, server: GuardedServer, settings: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, **settings)
        self._server = server
        self._deadline = loop.call_later(server.limits.head_seconds, self.abort)
        self.address = ""
        self.delivered = False  # the whole request is here: from now on only the answer is missing

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Enter the house; somebody may have to leave for it."""
        super().connection_made(transport)
        self.address = self.peername[0] if isinstance(self.peername, tuple) else ""
        self._server.enter(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Leave the house."""
        self._deadline.cancel()
        self._server.leave(self)
        super().connection_lost(exc)

    def head_arrived(self) -> None:
        """The request line and all headers are here."""
        self._deadline.cancel()

    def abort(self) -> None:
        """Cut the connection without an answer: no platform takes that for an acknowledgement."""
        self._server.leave(self)
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what is not HTTP: a status and nothing else, where aiohttp would explain itself and log every scan."""
        return _closing(web.Response(status=status))


class GuardedServer(web.Server):
    """An HTTP server on loopback that answers each request with `answer` and keeps `limits`.

    Exceptions of `answer` become 500 with an empty body, each distinct fault logged once.
    """

    def __init__(self, answer: Answer, limits: Limits) -> None:
        super().__init__(self._respond)
        self.limits = limits
        self._answer = answer
        self._door: socket.socket | None = None
        self._open: dict[GuardedConnection, None] = {}  # oldest first
        self._empty = asyncio.Event()
        self._empty.set()
        self._faults: set[tuple[str, int | None]] = set()
        self._runner = web.ServerRunner(self, shutdown_timeout=0.1)  # `close` has done the waiting by then

    def __call__(self) -> GuardedConnection:
        """Make the protocol of a new connection."""
        limits = self.limits
        return GuardedConnection(
            self,
            {
                "max_line_size": limits.field_bytes,
                "max_field_size": limits.field_bytes,
                "max_headers": limits.fields,
                "auto_decompress": False,  # signatures cover the raw bytes, and a small bomb must stay small
                "lingering_time": 1.0,  # time for a refused sender to read why before its unread bytes reset the line
                "access_log": None,  # paths carry tokens
            },
        )

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Start, and answer the base URL. ValueError for an address that other machines can reach.

        A public front, tunnel or relay on this machine brings the platforms' requests; listening on the LAN would need TLS
        and a list of who may come.
        """
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"only loopback addresses may be listened on, not {host}")
        return await self._bind(host, port)

    async def _bind(self, host: str, port: int) -> str:
        version_6 = ":" in host
        door = socket.create_server((host, port), family=socket.AF_INET6 if version_6 else socket.AF_INET)
        await open_door(self._runner, door)
        self._door = door
        return f"http://{f'[{host}]' if version_6 else host}:{door.getsockname()[1]}"

    async def close(self, seconds: float = 3.0) -> None:
        """Accept nobody new, cut what has not delivered its request, give the others `seconds` to be answered."""
        door, self._door = self._door, None
        if door:
            await let_nobody_in(door)
        for site in self._runner.sites:
            await site.stop()
        for connection in [each for each in self._open if not each.delivered]:
            connection.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        await self._runner.cleanup()

    def enter(self, newcomer: GuardedConnection) -> None:
        """Count `newcomer` in, and cut the oldest undelivered connection if that makes one too many."""
        self._open[newcomer] = None
        self._empty.clear()
        neighbours = [each for each in self._open if each.address == newcomer.address]
        if len(neighbours) > self.limits.per_address:
            _oldest_undelivered(neighbours).abort()
        if len(self._open) > self.limits.connections:
            _oldest_undelivered(list(self._open)).abort()

    def leave(self, connection: GuardedConnection) -> None:
        """Count `connection` out; idempotent."""
        self._open.pop(connection, None)
        if not self._open:
            self._empty.set()

    def report(self, what: str, error: Exception) -> None:
        """Log a fault, once for each place in the code that it comes from."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        if (place := (frame.filename, frame.lineno)) not in self._faults:
            self._faults.add(place)
            _log.error("%s; not logged again until the next start", what, exc_info=error)

    async def _respond(self, request: web.BaseRequest) -> web.Response:
        cast("GuardedConnection", request.protocol).head_arrived()
        try:
            return _closing(await self._answer(request))
        except ConnectionError:  # the sender is gone: nobody will read this
            return _closing(web.Response(status=400))
        except Exception as error:  # noqa: BLE001 - whatever it is, the outsider learns nothing and the server lives on
            self.report("a request failed", error)
            return _closing(web.Response(status=500))


def _oldest_undelivered(crowd: list[GuardedConnection]) -> GuardedConnection:
    return next(each for each in crowd if not each.delivered)  # the newcomer, at the end, always qualifies


def _closing(response: web.Response) -> web.Response:
    response.headers["Server"] = "order-console"  # instead of names and versions of our parts
    response.force_close()
    return response


async def read_body(request: web.BaseRequest, limits: Limits) -> bytes:
    """The raw body.

    Raises BodyTooLargeError before keeping more than the limit, TimeoutError (the connection is cut by then),
    web.RequestPayloadError for broken chunks, ConnectionError when the sender hung up.
    """
    connection = cast("GuardedConnection", request.protocol)
    if (request.content_length or 0) > limits.body_bytes:
        raise BodyTooLargeError
    if request.headers.get("Expect", "").lower() == "100-continue":  # old libcurl waits a second for this word
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise BodyTooLargeError
    except TimeoutError:
        connection.abort()
        raise
    except RuntimeError as error:  # aiohttp's word for a connection that ended between two chunks
        raise ConnectionResetError("the sender hung up") from error
    connection.delivered = True
    return bytes(body)


class Rate:
    """Counts requests per source in windows of one second, so memory is bounded by what one second can bring.

    Two windows may meet: twice `per_second` can pass around their border.
    """

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._window = 0
        self._counts: Counter[str] = Counter()

    def allows(self, source: str, now: float) -> bool:
        """Count one request of `source` at `now` (seconds of a clock that never goes back)."""
        if int(now) != self._window:
            self._window = int(now)
            self._counts.clear()
        self._counts[source] += 1
        return self._counts[source] <= self._per_second


# Possessive, with an optional last quote, so that an unclosed string costs one pass and not one per quote.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def nested_deeper(body: bytes, depth: int) -> bool:
    """Whether `body`, if it is JSON, nests arrays and objects deeper than `depth`; decided without parsing it.

    Guards the outer layer, which some platforms make us parse before its signature can be checked. Each round strikes the
    innermost level. Unbalanced brackets count as too deep: they are no JSON either.
    """
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    brackets = _STRING.sub(b"", body).translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(depth):
        if not brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
