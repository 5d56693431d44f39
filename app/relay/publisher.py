"""The front's end of the mailboxes: publishes, and says yes only when JetStream has said it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from app.relay.connection import RelayError, Server, keep
from app.relay.envelope import mailbox
from app.relay.stream import ensure_mailbox, require_flushes

log = structlog.get_logger(__name__)

STORED_SECONDS = 2.5  # platforms wait from three seconds up
STORE_FAILED = 10077  # JetStream's own code; with "maximum ... exceeded" it is a limit of the stream, else the disk


class NotStoredError(Exception):
    """JetStream did not acknowledge: nothing may be claimed, and the platform must send it again."""


class MailboxFullError(NotStoredError):
    """The shop's mailbox takes no more until its counter has taken some out; other shops' are their own."""


class Publisher:
    """Keeps the connection up while `run` runs.

    `monitor` is the server's monitoring address, "" when there is none. The mailboxes of `shops` are made and checked on
    every connection, any other with the first push to it.
    """

    def __init__(self, server: Server, monitor: str = "", shops: Iterable[str] = ()) -> None:
        self._server = server
        self._monitor = monitor
        self._shops = tuple(shops)
        self._stream: JetStreamContext | None = None
        self._checked: set[str] = set()  # shops whose mailbox was looked at on this connection
        self._trouble = ""
        self._connected = asyncio.Event()
        self.flushes = False  # proved by the server's monitor; where it is not, `receive` warns

    @property
    def ready(self) -> bool:
        """Connected, and the mailboxes are as they must be."""
        return self._stream is not None

    async def until_ready(self) -> None:
        """Returns once it was ready for the first time."""
        await self._connected.wait()

    async def run(self) -> None:
        """Until cancelled. Raises RelayError when server or mailbox would lose what they acknowledge."""
        await keep(self._server, self._serve, self._lost)

    async def publish(self, subject: str, message: bytes, message_id: str) -> None:
        """Returns once JetStream has acknowledged, be it as a repeat. Raises NotStoredError."""
        if self._stream is None:
            raise NotStoredError("not connected")
        shop = subject.split(".")[1]
        try:
            async with asyncio.timeout(STORED_SECONDS):
                await self._check(self._stream, shop)
                headers = {"Nats-Msg-Id": message_id}
                await self._stream.publish(subject, message, STORED_SECONDS, mailbox(shop), headers)
        except NoStreamResponseError as error:  # its keeper took it away: the next push makes it anew
            self._checked.discard(shop)
            raise NotStoredError(str(error)) from error
        except APIError as error:
            full = error.err_code == STORE_FAILED and "maximum" in (error.description or "")
            raise (MailboxFullError if full else NotStoredError)(error.description or str(error)) from error
        except (RelayError, NatsError, OSError, TimeoutError, ValueError) as error:
            raise NotStoredError(str(error) or type(error).__name__) from error

    async def _serve(self, client: Client) -> None:
        js = client.jetstream(timeout=5)
        doubt = await require_flushes(self._monitor)
        self.flushes = not doubt
        if doubt:
            log.warning("relay_check", finding=doubt)
        self._checked.clear()
        for shop in self._shops:
            await self._prepare(js, shop)
        self._stream, self._trouble = js, ""
        self._connected.set()
        log.info("relay_connected", url=self._server.url)
        try:
            await asyncio.get_running_loop().create_future()  # until the connection ends
        finally:
            self._stream = None

    async def _prepare(self, js: JetStreamContext, shop: str) -> None:
        """A mailbox that the server has no room for is tried again with each push, and is no reason to stop the others."""
        try:
            await self._check(js, shop)
        except APIError as error:
            log.warning("relay_no_mailbox", shop=shop, reason=error.description)

    async def _check(self, js: JetStreamContext, shop: str) -> None:
        if shop in self._checked:
            return
        for finding in await ensure_mailbox(js, shop):
            log.warning("relay_check", shop=shop, finding=finding)
        self._checked.add(shop)

    async def _lost(self, reason: str) -> None:
        if reason != self._trouble:  # logged once, however often it is tried again
            log.warning("relay_lost", reason=reason)
        self._trouble = reason
