"""What pretend printer clouds share: a server on 127.0.0.1, its bad days, jobs that wait for a printer, and the paper."""

from __future__ import annotations

import asyncio
import email.utils
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from app import steady
from app.platforms.listening import Listener
from app.practice.cloud_paper import Slip

TROUBLES = (
    "error",  # HTTP 500, nothing was done
    "gateway",  # HTTP 502, done all the same
    "html",  # an HTML page with HTTP 200; done
    "garbage",  # broken JSON; done
    "shape",  # JSON, but not the vendor's; done
    "lost",  # done, then the connection breaks
    "mute",  # done, and no answer ever
    "busy",  # HTTP 429, nothing was done
)


@dataclass(slots=True)
class Job:
    """One job that the vendor took. `state`: waiting, printed, dropped (too old) or cancelled. Times are the vendor's."""

    number: str
    content: str
    taken_at: float
    expires_at: float | None = None
    origin_id: str = ""
    state: str = "waiting"
    printed_at: float = 0.0


class CloudSimulator(ABC):
    """A vendor's side of its own wire with one account and one printer. Settings may be changed from any thread.

    A job prints once the printer is `online`, has paper, is not `held` back, and `print_after` seconds have passed.
    `fail(call, trouble)` spoils the next call of that name. `ahead` moves the vendor's clock, in seconds.
    """

    clock_tolerance = 600.0  # seconds a request's time may be off; neither vendor says how much: recalled

    def __init__(self) -> None:
        self.online = True
        self.paper_out = False
        self.held = False
        self.print_after = 0.0
        self.ahead = 0.0
        self.latency = 0.0
        self.address = ""
        self.calls: list[tuple[str, dict[str, str]]] = []  # every call by name, with its fields, also refused ones
        self.jobs: list[Job] = []
        self._slips: list[Slip] = []
        self._troubles: dict[str, deque[str]] = {}
        self._lock = threading.RLock()
        self._listener: Listener | None = None
        self._closing = asyncio.Event()

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """Values for the printer's form that make it print here."""

    @abstractmethod
    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the vendor's own wire; every handler goes through `serve`."""

    @abstractmethod
    def printed(self, content: str) -> Slip:
        """The paper that `content` makes."""

    @property
    def paper(self) -> list[Slip]:
        """Everything printed so far, in order."""
        with self._lock:
            self.work()
            return list(self._slips)

    def fail(self, call: str, trouble: str, times: int = 1) -> None:
        """Spoil the next `times` calls named `call` (the vendor's own name of it) with one of TROUBLES."""
        if trouble not in TROUBLES:
            raise ValueError(f"no such trouble: {trouble}")
        with self._lock:
            self._troubles.setdefault(call, deque()).extend([trouble] * times)

    def called(self, name: str) -> list[dict[str, str]]:
        """Fields of every call named `name`."""
        with self._lock:
            return [fields for call, fields in self.calls if call == name]

    def now(self) -> float:
        """The vendor's clock, Unix seconds."""
        return steady.time() + self.ahead

    def fresh(self, stamp: str) -> bool:
        """Whether a request's time is near the vendor's."""
        return stamp.isdigit() and abs(int(stamp) - self.now()) <= self.clock_tolerance

    def take(self, number: str, content: str, expires_at: float | None = None, origin_id: str = "") -> Job:
        """A new job; printed at once if nothing stands against it."""
        job = Job(number, content, self.now(), expires_at, origin_id)
        self.jobs.append(job)
        self.work()
        return job

    def work(self) -> None:
        """Print or drop what waits."""
        with self._lock:
            for job in self.jobs:
                ready = self.online and not (self.paper_out or self.held)
                if job.state != "waiting" or not ready or self.now() < job.taken_at + self.print_after:
                    continue
                if job.expires_at is not None and self.now() >= job.expires_at:
                    job.state = "dropped"
                    continue
                job.state, job.printed_at = "printed", self.now()
                self._slips.append(self.printed(job.content))

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1; answers the base address."""
        application = web.Application()
        self.routes(application.router)
        self._listener = Listener(application)
        self.address = await self._listener.open(port)
        return self.address

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        self._closing.set()
        if self._listener:
            await self._listener.close()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Run in a loop of its own for code that blocks; stopped at the end."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="cloud-simulator")
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result()
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def serve(
        self, request: web.Request, name: str, fields: dict[str, str], answer: Callable[[dict[str, str]], dict[str, Any]]
    ) -> web.StreamResponse:
        """Answer one call, or spoil it as `fail` asked."""
        with self._lock:
            self.calls.append((name, fields))
            waiting = self._troubles.get(name)
            trouble = waiting.popleft() if waiting else ""
            self.work()
            body = {} if trouble in ("error", "busy") else answer(fields)
        if trouble == "mute":
            await self._closing.wait()
        await asyncio.sleep(self.latency)
        if trouble in ("lost", "mute") and request.transport:
            request.transport.close()
        response = _spoilt(trouble) if trouble else web.json_response(body)
        response.headers["Date"] = email.utils.formatdate(self.now(), usegmt=True)
        return response


def _spoilt(trouble: str) -> web.Response:
    page = "<html><body>502 Bad Gateway</body></html>"
    if trouble in ("error", "gateway", "busy"):
        status = {"error": 500, "gateway": 502, "busy": 429}[trouble]
        return web.Response(status=status, text=page, content_type="text/html")
    if trouble == "html":
        return web.Response(text=page, content_type="text/html")
    return web.Response(text="[1, 2]" if trouble == "shape" else '{"ret": 0, "da', content_type="application/json")
