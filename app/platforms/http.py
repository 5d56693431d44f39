"""The one place that builds an HTTP client, and the mapping from HTTP failures to the contract's errors.

Swapping httpx for its maintained continuation is a change of this file's imports.
"""

from __future__ import annotations

import email.utils
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from importlib.util import find_spec
from typing import Any, TypeVar

import httpx

from app import steady
from app.platforms.api import AuthError, Platform, PlatformError, ProtocolError, RejectedError, TemporaryError
from app.platforms.certificates import authority_of, private_trust
from app.texts import N_, tr

T = TypeVar("T")

if find_spec("sniffio") is None:
    # httpcore tries to import it on every call, and Python searches the disk anew for what it did not find.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # None is the documented "there is no such module"

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_WAIT = 86_400.0  # seconds that anybody is told to stay away: far beyond it no date can be counted


def new_client(authority: str = "") -> httpx.AsyncClient:
    """A client for one account: no redirects (a captive portal must not answer for a platform), few connections.

    `authority`: PEM of whom it trusts besides the public authorities. RejectedError when that is no certificate.
    """
    limits = httpx.Limits(max_connections=8, max_keepalive_connections=4)
    trusted = private_trust(authority) if authority else trust()
    return httpx.AsyncClient(timeout=TIMEOUT, limits=limits, follow_redirects=False, verify=trusted)


def account_client(platform: Platform, values: Mapping[str, str]) -> httpx.AsyncClient:
    """The client of a stored account. An authority that is none, saved without a test, is not trusted, and that is all."""
    try:
        return new_client(authority_of(platform, values))
    except RejectedError:
        return new_client()


@cache
def trust() -> ssl.SSLContext:
    """The certificates that every client trusts, read once: that takes 30 ms, and a megabyte for each account."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer and the platform's clock (ms) at a moment when its content was certainly true.

    The clock is the Date header minus the length of the call and the header's one-second resolution: whatever happened at
    the platform after that moment carries a higher version and must win.
    """

    body: Any
    status: int
    version: int
    headers: Mapping[str, str]
    raw: bytes


async def call(client: httpx.AsyncClient, method: str, url: str, **options: Any) -> Answer:
    """One HTTP call whose answer must be JSON. Network trouble becomes TemporaryError, anything else is for the caller.

    Error statuses are returned, not raised: every platform words its refusals differently (see `raise_for`).
    """
    started = time.monotonic()
    try:
        response = await client.request(method, url, **options)
    except httpx.TimeoutException:
        raise TemporaryError(tr("The platform did not answer in time")) from None
    except httpx.HTTPError as error:
        raise unreachable(error) from error
    version = _version(response, time.monotonic() - started)
    return Answer(_json(response), response.status_code, version, response.headers, response.content)


def unreachable(error: httpx.HTTPError) -> TemporaryError:
    """What a call becomes that got no answer, in words: only a rare trouble is told by its technical name."""
    if isinstance(error, httpx.ConnectError):
        return TemporaryError(tr("No connection to the platform: nothing answers at its address"))
    return TemporaryError(tr("No connection to the platform ({reason})", reason=type(error).__name__))


def raise_for(answer: Answer, text: str, code: str = "") -> None:
    """Turn an HTTP error status into the contract's error, with the platform's own `text`. 2xx passes."""
    if answer.status < 300:
        return
    raise error_for(answer, text, code)


def error_for(answer: Answer, text: str, code: str = "") -> PlatformError:
    """The contract's error for a status that is not 2xx."""
    words = text or f"HTTP {answer.status}"
    if answer.status in (401, 403):
        return AuthError(words)
    if answer.status in RETRY_STATUSES:
        return TemporaryError(words, retry_after(answer.headers))
    return RejectedError(words, code or str(answer.status))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header in its number form, a day at most; None when absent or a date."""
    text = headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT) if text.isascii() and text.isdigit() else None


def server_time(headers: Mapping[str, str]) -> float | None:
    """Unix seconds of the Date header; None where nobody can read one."""
    try:
        told = email.utils.parsedate_to_datetime(headers["date"])
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()  # "-0000" is UTC too
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


async def sure_of(ask: Callable[[], Awaitable[T]], done: Callable[[], Awaitable[bool]]) -> T | None:
    """Run `ask`; after a time-out look whether it is `done` before anyone repeats it. None: done although unanswered."""
    try:
        return await ask()
    except TemporaryError:
        if await done():
            return None
        raise


def _json(response: httpx.Response) -> Any:
    if not response.content:
        return None
    if "json" not in response.headers.get("content-type", "json"):
        if response.status_code in RETRY_STATUSES:
            return None
        kind = response.headers["content-type"]
        text = N_("The platform answered with {kind} instead of JSON (HTTP {status})")
        raise ProtocolError(tr(text, kind=kind, status=response.status_code))
    try:
        return response.json()
    except ValueError:
        text = N_("The platform answered with broken JSON (HTTP {status})")
        raise ProtocolError(tr(text, status=response.status_code)) from None


def _version(response: httpx.Response, elapsed: float) -> int:
    return int(((server_time(response.headers) or steady.time()) - elapsed - 1.0) * 1000)
