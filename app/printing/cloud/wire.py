"""Form posts to a printer vendor's cloud: blocking, bounded in time and size, failures told by what they mean."""

from __future__ import annotations

import email.utils
import functools
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from app import steady
from app.texts import tr

LARGEST = 1 << 20  # bytes of an answer; the vendors' are below 10 kB


class CloudError(Exception):
    """The vendor's cloud did not do what was asked; the message is for staff."""


class UnreachedError(CloudError):
    """Nothing was asked: the vendor was not reached."""


class RefusedError(CloudError):
    """The vendor said no, in its own words; `code` is its error number as text."""

    def __init__(self, words: str, code: str) -> None:
        super().__init__(words)
        self.code = code


class LostError(CloudError):
    """Asked, but no usable answer came: it may have been done, or not."""


@dataclass(frozen=True, slots=True)
class CloudPatience:
    """Seconds to wait for things.

    `first` and `most`: between two questions about a job, rising from the one to the other. `longest`: the end of
    waiting for paper, and how long a job lives at a vendor that can forget it. `tries`: of a send that may be repeated.
    """

    connect: float = 5.0
    answer: float = 15.0
    first: float = 0.5
    most: float = 5.0
    longest: float = 120.0
    tries: int = 3


@dataclass(slots=True)
class Clock:
    """The vendor's clock as its last Date header told it; a shop's computer may be wrong by minutes. `ahead`: seconds."""

    ahead: float = 0.0

    def now(self) -> float:
        """Unix seconds there."""
        return steady.time() + self.ahead

    def learn(self, date: str) -> None:
        """Set it by a Date header, which counts whole seconds."""
        try:
            ahead = email.utils.parsedate_to_datetime(date).timestamp() - steady.time()
        except (ValueError, TypeError, OverflowError):
            return
        self.ahead = ahead if abs(ahead) > 2.0 else 0.0


class Wire:
    """Calls to one vendor over one connection; to be used in a `with`. `hang_up` may be called from any thread."""

    def __init__(self, vendor: str, base: str, patience: CloudPatience, clock: Clock, stopped: threading.Event) -> None:
        self.vendor = vendor
        self.base = base
        self.patience = patience
        self.clock = clock
        self._stopped = stopped
        self._socket: socket.socket | None = None
        self._client = _client(base, patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """POST a form; answers the JSON object that came back. Raises CloudError (RefusedError for HTTP 3xx and 4xx)."""
        if self._stopped.is_set():
            raise UnreachedError(tr("The console is closing"))
        try:
            status, body = self._exchange(path, fields)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            raise UnreachedError(tr("No connection to {vendor}: {error}", vendor=self.vendor, error=error)) from error
        except httpx.TimeoutException as error:
            raise LostError(tr("{vendor} did not answer in time", vendor=self.vendor)) from error
        except (httpx.HTTPError, OSError) as error:
            words = str(error) or type(error).__name__
            raise LostError(tr("The connection to {vendor} broke: {error}", vendor=self.vendor, error=words)) from error
        return self._understood(status, body)

    def pause(self, seconds: float) -> bool:
        """Wait; False when the console is closing."""
        return not self._stopped.wait(seconds)

    def hang_up(self) -> None:
        """End a call under way. `stopped` must be set before."""
        if connection := self._socket:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # already gone, which is what was wanted
                return

    def _exchange(self, path: str, fields: Mapping[str, str]) -> tuple[int, bytes]:
        until = time.monotonic() + self.patience.answer
        extensions = {"trace": self._connected}
        with self._client.stream("POST", self.base + path, data=fields, extensions=extensions) as response:
            self.clock.learn(response.headers.get("date", ""))
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST or time.monotonic() > until:
                    raise httpx.ReadTimeout("the answer never ended")
            return response.status_code, bytes(body)

    def _understood(self, status: int, body: bytes) -> dict[str, Any]:
        """Vendors answer 200 to everything; other codes come from whatever stands in between."""
        if 300 <= status < 500:
            raise RefusedError(tr("{vendor} refused: {words}", vendor=self.vendor, words=f"HTTP {status}"), str(status))
        try:
            answer = json.loads(body) if status < 300 else None
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise LostError(
                tr("{vendor} gave an answer that makes no sense (HTTP {status})", vendor=self.vendor, status=status)
            )
        return answer

    def _connected(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's trace hook: keeps the socket, so that `hang_up` can wake a blocking read."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._stopped.is_set():
                self.hang_up()


def checked(address: str, own: str) -> str:
    """The base address to call, without a slash at its end: `address`, or the vendor's `own` when it is empty.

    Raises ValueError, in words for staff, unless it is https, or http on this very machine: a key must not cross a
    network readable.
    """
    chosen = address.strip().rstrip("/") or own
    try:
        parts = urlsplit(chosen)
        safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        safe = usable = False
    if not (safe and usable):
        raise ValueError(tr("The address {address} is not a safe one: it must start with https://", address=chosen))
    return chosen


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _client(base: str, patience: CloudPatience) -> httpx.Client:
    """No redirects: a captive portal must not answer for a vendor. No proxy on the way to this machine."""
    timeout = httpx.Timeout(patience.answer, connect=patience.connect)
    outside = base.startswith("https:")
    return httpx.Client(timeout=timeout, follow_redirects=False, verify=_trust(), trust_env=outside)


@functools.cache
def _trust() -> ssl.SSLContext:
    """Read the certificate store once: it takes longer than a call."""
    return httpx.create_ssl_context()
