"""The public front: takes the platforms' webhooks, publishes each raw, and answers only what JetStream has acknowledged.

It verifies nothing and knows no secret of any platform: the counter does that. What it can check is who may be written to.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import structlog
from aiohttp import web

from app.engine.guard import BodyTooLargeError, GuardedServer, Limits, Rate, nested_deeper, read_body
from app.platforms.api import Arrival, Platform, ProtocolError, WebhookReply, WebhookRequest
from app.relay.connection import RelayError
from app.relay.envelope import MOST_BYTES, address, is_shop, message_id, pack, subject, trial_number
from app.relay.publisher import MailboxFullError, NotStoredError
from app.texts import tr

log = structlog.get_logger(__name__)

# A balancer's own address is the only one seen here, so addresses say nothing; `rate` is per shop.
LIMITS = Limits(connections=512, per_address=512, rate=100)
DEFAULT_REPLY = WebhookReply(200, b"{}")
FULL_SECONDS = 60  # Retry-After of a full mailbox: a counter has to come and empty it
MOST_TOLD = 10_000  # addresses whose refusal is remembered; without --shops strangers make up names

Shops = Mapping[str, Mapping[str, frozenset[str]]]


class Publishes(Protocol):
    """What the front needs of a `Publisher`."""

    @property
    def ready(self) -> bool:
        """Whether a publish has a chance."""

    @property
    def flushes(self) -> bool:
        """Whether it is proved that what is acknowledged is on disk."""

    async def publish(self, subject: str, message: bytes, message_id: str) -> None:
        """Returns once the message is durable. Raises NotStoredError."""


class PublicServer(GuardedServer):
    """The same guard on any address: TLS ends at the proxy or balancer before it."""

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Start, and answer the base URL."""
        return await self._bind(host, port)


class Front:
    """`answer` serves `/hooks/<shop>/<platform>/<token>[/anything]` with any method, and `/health` for a balancer.

    `shops` names who may be written to, with the SHA-256 of each token; None lets every well-formed name through.

        the platform's own reply   JetStream has the message, or there was nothing in the request
        400  not the documented form    404  no such path, shop, platform or token    413  too large
        503  not stored, the shop's mailbox is full, or over the rate: the platform sends it again          cut  too slow
    """

    def __init__(
        self, publisher: Publishes, platforms: Mapping[str, Platform], shops: Shops | None = None, limits: Limits = LIMITS
    ) -> None:
        self._publisher = publisher
        self._platforms = {name: one for name, one in platforms.items() if one.arrival is not Arrival.NONE}
        self._shops = shops
        self._limits = limits
        self._rate = Rate(limits.rate)
        self._refusing: dict[str, str] = {}  # why, by subject, so that a flood is one line of the log

    def server(self) -> PublicServer:
        """A server that answers with this front."""
        return PublicServer(self.answer, self._limits)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """One request from beginning to end."""
        if request.path == "/health":
            return self._health()
        door = self._door(request.path)
        if door is None:
            return web.Response(status=404)
        shop, platform = door
        if not self._rate.allows(shop, asyncio.get_running_loop().time()):
            return _later(1)
        try:
            wanted = await self._read(request)
            reply = self._reply(platform, wanted)
        except BodyTooLargeError:
            return web.Response(status=413)
        except TimeoutError:  # unheard: the connection is cut
            return web.Response(status=408)
        except (web.RequestPayloadError, ProtocolError, RecursionError, UnicodeError):
            return web.Response(status=400)
        return await self._stored(subject(shop, platform.name), wanted, reply)

    def _health(self) -> web.Response:
        """For a balancer the status; for a counter's check also the word `flushes`, where that is proved."""
        if not self._publisher.ready:
            return web.Response(status=503)
        return web.Response(text="flushes" if self._publisher.flushes else "")

    async def _stored(self, where: str, wanted: WebhookRequest, reply: WebhookReply) -> web.Response:
        if wanted.query or wanted.body or wanted.method not in ("GET", "HEAD"):  # else a probe: nothing to keep
            message = pack(wanted)
            if len(message) > MOST_BYTES:
                return web.Response(status=413)
            try:
                await self._publisher.publish(where, message, message_id(wanted))
            except NotStoredError as error:
                return self._not_stored(where, error)
            if self._refusing.pop(where, None):
                log.info("relay_stores_again", subject=where)
        return web.Response(status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type})

    def _not_stored(self, where: str, error: NotStoredError) -> web.Response:
        """Told once until it changes, however often the platform tries."""
        full, reason = isinstance(error, MailboxFullError), str(error)
        if self._refusing.get(where) != reason:
            log.warning("relay_mailbox_full" if full else "relay_not_stored", subject=where, reason=reason)
        if len(self._refusing) >= MOST_TOLD:
            self._refusing.clear()
        self._refusing[where] = reason
        return _later(FULL_SECONDS if full else 5)

    async def _read(self, request: web.BaseRequest) -> WebhookRequest:
        body = await read_body(request, self._limits)
        if nested_deeper(body, self._limits.json_depth):
            raise ProtocolError("nested too deep")
        headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
        return WebhookRequest(request.method, request.path, dict(request.query), headers, body)

    def _reply(self, platform: Platform, wanted: WebhookRequest) -> WebhookReply:
        if platform.relay_reply is None or trial_number(wanted.path) is not None:
            return DEFAULT_REPLY
        return platform.relay_reply(wanted)

    def _door(self, path: str) -> tuple[str, Platform] | None:
        """Shop and platform of a path that may be written to. Hashes are compared, so time tells nothing of a token."""
        found = address(path)
        if found is None or found[1] not in self._platforms:
            return None
        shop, name, token = found
        if self._shops is not None:
            known = self._shops.get(shop, {}).get(name, frozenset())
            if hashlib.sha256(token.encode()).hexdigest() not in known:
                return None
        return shop, self._platforms[name]


def read_shops(path: Path) -> Shops:
    """The file of `--shops`: {"lee": {"eleme": ["<SHA-256 of the token, hex>", ...]}}. Raises RelayError, OSError."""
    try:
        told = json.loads(path.read_text("utf-8"))
        shops = {shop: {name: frozenset(hashes) for name, hashes in one.items()} for shop, one in told.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise RelayError(tr("{path} is not a list of shops: {error}", path=path, error=error)) from error
    if wrong := [shop for shop in shops if not is_shop(shop)]:
        raise RelayError(tr("These cannot be names of shops: {names}", names=", ".join(wrong)))
    return shops


def _later(seconds: int) -> web.Response:
    return web.Response(status=503, headers={"Retry-After": str(seconds)})
