"""The front's end of the stream: publishes, and says yes only when JetStream has said it."""

from __future__ import annotations

import asyncio

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from app.relay.connection import Server, keep
from app.relay.envelope import STREAM
from app.relay.stream import ensure_stream, require_flushes

log = structlog.get_logger(__name__)

STORED_SECONDS = 2.5  # platforms wait from three seconds up


class NotStoredError(Exception):
    """JetStream did not acknowledge: nothing may be claimed, and the platform must send it again."""


class Publisher:
    """Keeps the connection up while `run` runs. `monitor` is the server's monitoring address, "" when there is none."""

    def __init__(self, server: Server, monitor: str = "") -> None:
        self._server = server
        self._monitor = monitor
        self._stream: JetStreamContext | None = None
        self._trouble = ""
        self._connected = asyncio.Event()
        self.flushes = False  # proved by the server's monitor; where it is not, `receive` warns

    @property
    def ready(self) -> bool:
        """Connected, and the stream is as it must be."""
        return self._stream is not None

    async def until_ready(self) -> None:
        """Returns once it was ready for the first time."""
        await self._connected.wait()

    async def run(self) -> None:
        """Until cancelled. Raises RelayError when server or stream would lose what they acknowledge."""
        await keep(self._server, self._serve, self._lost)

    async def publish(self, subject: str, message: bytes, message_id: str) -> None:
        """Returns once JetStream has acknowledged, be it as a repeat. Raises NotStoredError."""
        if self._stream is None:
            raise NotStoredError("not connected")
        headers = {"Nats-Msg-Id": message_id}
        try:
            await self._stream.publish(subject, message, STORED_SECONDS, STREAM, headers)
        except (NatsError, OSError, TimeoutError, ValueError) as error:
            raise NotStoredError(str(error)) from error

    async def _serve(self, client: Client) -> None:
        js = client.jetstream(timeout=5)
        doubt = await require_flushes(self._monitor)
        self.flushes = not doubt
        for warning in [doubt, *await ensure_stream(js)]:
            if warning:
                log.warning("relay_check", finding=warning)
        self._stream, self._trouble = js, ""
        self._connected.set()
        log.info("relay_connected", url=self._server.url)
        try:
            await asyncio.get_running_loop().create_future()  # until the connection ends
        finally:
            self._stream = None

    async def _lost(self, reason: str) -> None:
        if reason != self._trouble:  # logged once, however often it is tried again
            log.warning("relay_lost", reason=reason)
        self._trouble = reason
