"""Looks at a relay before anybody relies on it: the NATS server as this shop sees it, and the front as platforms see it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import aiohttp
from nats.aio.client import Client
from nats.errors import AuthorizationError, NoRespondersError
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError, ServiceUnavailableError

from app.relay.connection import CONNECT_SECONDS, Line, RelayError, Server, connect
from app.relay.credentials import Credentials, CredentialsError, read_credentials
from app.relay.envelope import TRIAL, mailbox

HTTP_SECONDS = 10
STREAM_NOT_FOUND = 10059  # JetStream's own code; 10014, "consumer not found", is a counter that never came before
# What a server says (nats-server, in English) that does not want us: at the door, or at the shop's own subjects.
_REFUSED = ("authorization violation", "authentication", "permissions violation", "user", "expired", "revoked")


class Finding(StrEnum):
    """What came of a look at the relay; each but the last wants another remedy."""

    WRONG = "wrong"  # it cannot even be tried: an address without TLS, a credentials file that is none
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # the server does not know these credentials, or does not let them read this shop's orders
    NO_STREAM = "no_stream"
    NO_FRONT = "no_front"  # nothing answers at the public address, or something that is no front
    IDLE_FRONT = "idle_front"  # the front is there and cannot store
    UNPROVED = "unproved"  # works; nobody could check that the server flushes before it acknowledges
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Checked:
    """`text`: the server's own words, "" when there is nothing to add."""

    finding: Finding
    text: str = ""


async def check(server: Server, shop: str, public: str) -> Checked:
    """Connect as the counter would, changing nothing, then ask the front at `public` ("": skipped) how it stands."""
    try:
        known = read_credentials(server.credentials) if server.credentials else Credentials()
    except (OSError, CredentialsError) as error:
        return Checked(Finding.WRONG, str(error))
    found = await _look(server, known, shop)
    return found if found.finding is not Finding.OK or not public else await check_front(public)


async def _look(server: Server, known: Credentials, shop: str) -> Checked:
    line = Line(Client())
    try:
        async with asyncio.timeout(2 * CONNECT_SECONDS):
            await connect(line, server, known)
            await line.client.jetstream(timeout=3).consumer_info(mailbox(shop), shop)
    except NotFoundError as error:
        return Checked(Finding.NO_STREAM) if error.err_code == STREAM_NOT_FOUND else Checked(Finding.OK)
    except (NoRespondersError, ServiceUnavailableError):
        return Checked(Finding.NO_STREAM)
    except (NatsError, OSError, TimeoutError, ValueError) as error:
        words = line.complaint or str(error).removeprefix("nats: ") or type(error).__name__
        unwanted = isinstance(error, AuthorizationError) or any(one in words.lower() for one in _REFUSED)
        return Checked(Finding.REFUSED if unwanted else Finding.UNREACHABLE, words)
    finally:
        with suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(2):
                await line.client.close()
    return Checked(Finding.OK)


async def check_front(public: str) -> Checked:
    """Ask a front's `/health`: whether it is one, whether it can store, and whether what it stores is flushed."""
    try:
        async with _session() as session, session.get(f"{public.rstrip('/')}/health", allow_redirects=False) as answer:
            told = await answer.content.read(1000)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Checked(Finding.NO_FRONT, str(error) or type(error).__name__)
    if answer.status == 503:
        return Checked(Finding.IDLE_FRONT)
    if answer.status != 200:
        return Checked(Finding.NO_FRONT, f"HTTP {answer.status}")
    return Checked(Finding.OK if told.strip() == b"flushes" else Finding.UNPROVED)


async def push(address: str, number: int) -> int:
    """Send a test push to this account's own public address, as a platform would; answers the HTTP status. RelayError."""
    try:
        async with (
            _session() as session,
            session.post(f"{address}/{TRIAL}/{number}", data=b"{}", allow_redirects=False) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise RelayError(str(error) or type(error).__name__) from error


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HTTP_SECONDS))
