"""One connection to a NATS server, kept up: TLS or loopback only, with a pause after each loss."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error as NatsError

from app.relay.credentials import Credentials, CredentialsError, read_credentials
from app.texts import tr

CONNECT_SECONDS = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # a connection that lasted so long starts the pauses anew
PING_SECONDS = 15  # a line that died silently is noticed after three of these

Use = Callable[[Client], Awaitable[None]]


class RelayError(Exception):
    """The relay cannot be used as it is set up; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the NATS server is and who we are there.

    `inbox` begins the subjects of our answers: each user must have its own, or one shop could read another's answers.
    """

    url: str
    credentials: Path | None
    name: str
    inbox: str

    def __post_init__(self) -> None:
        """Refuse to send orders or passwords in the clear. Raises RelayError."""
        try:
            parts = urlsplit(self.url)
        except ValueError as error:
            raise RelayError(_words(error)) from None
        if parts.scheme not in ("tls", "nats") or not parts.hostname:
            raise RelayError(tr("A relay's address begins with tls://, not {url}", url=self.url))
        if parts.username is not None or parts.password is not None:
            raise RelayError(tr("Passwords belong in the credentials file, not in the relay's address"))
        if parts.scheme == "nats" and not _is_loopback(parts.hostname):
            raise RelayError(tr("Only tls:// may leave this computer, not {url}", url=self.url))


@dataclass
class Line:
    """One open connection. `complaint` is the last thing the server objected to, such as a missing permission."""

    client: Client
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    complaint: str = ""


async def keep(server: Server, use: Use, lost: Callable[[str], Awaitable[None]]) -> None:
    """Connect and run `use` on the connection, again and again until cancelled; `lost` is told why it ended.

    A RelayError of `use` ends it: what is set up wrongly does not heal by trying again.
    """
    pause = FIRST_PAUSE
    while True:
        began = time.monotonic()
        await lost(await _once(server, use))
        pause = FIRST_PAUSE if time.monotonic() - began > STEADY_SECONDS else pause
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the crowd after an outage, no secret
        pause = min(pause * 2, LONGEST_PAUSE)


async def _once(server: Server, use: Use) -> str:
    """One connection from beginning to end; answers why it ended."""
    try:
        known = read_credentials(server.credentials) if server.credentials else Credentials()
    except (OSError, CredentialsError) as error:
        return _words(error)
    line = Line(Client())
    try:
        await connect(line, server, known)
        await _until_closed(line, use)
    except (NatsError, OSError, TimeoutError, ValueError) as error:
        return line.complaint or _words(error)
    finally:
        with suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(2):  # a frozen server must not hold up our end
                await line.client.close()
    return line.complaint or tr("the connection to the relay was lost")


async def _until_closed(line: Line, use: Use) -> None:
    work: Any = use(line.client)
    tasks = asyncio.create_task(work), asyncio.create_task(line.closed.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done() and not tasks[0].cancelled():  # nats-py cancels whoever waits on a connection that ends
            await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def connect(line: Line, server: Server, known: Credentials) -> None:
    """Open `line` once, without trying again. Raises nats-py's errors, OSError, TimeoutError and ValueError."""

    async def on_error(error: Exception) -> None:
        line.complaint = _words(error)

    async def on_close() -> None:
        line.closed.set()

    await line.client.connect(
        server.url,
        name=server.name,
        inbox_prefix=server.inbox,
        allow_reconnect=False,  # `keep` does it, and checks the stream again each time
        max_reconnect_attempts=1,  # without this it would try for two minutes, reconnecting or not
        reconnect_time_wait=0,
        connect_timeout=CONNECT_SECONDS,
        ping_interval=PING_SECONDS,
        error_cb=on_error,
        closed_cb=on_close,
        disconnected_cb=on_close,
        **known.options(),
        **_tls(server.url),
    )


def _tls(url: str) -> dict[str, Any]:
    """TLS before the first byte: nats-py would take the server's word, said in the clear, that it wants no TLS."""
    if urlsplit(url).scheme != "tls":
        return {}
    return {"tls": ssl.create_default_context(), "tls_handshake_first": True}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _words(error: Exception) -> str:
    return str(error).removeprefix("nats: ") or type(error).__name__
