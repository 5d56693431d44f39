"""The pretend Uber's webhooks: thin signed events, up to seven sends each, in no promised order."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.platforms.http import trust
from app.platforms.simulation import Faults
from app.platforms.uber_eats.webhook import sign

# Seconds between two sends of one event. Uber's pages contradict each other, so a test may choose.
EVENT_PAGES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
GUIDE = (10.0, 30.0, 60.0, 120.0, 240.0, 480.0)
TIMEOUT = 3.0
ENVIRONMENT = "production"


@dataclass(slots=True)
class Pushes:
    """`note(what, order_id, detail)` writes records; `spawn` runs a coroutine; `taken(order_id)` hears of a stored order.

    `schedule` is one of the two above, in simulated seconds.
    """

    secret: str
    store_id: str
    chance: random.Random
    speed: float
    faults: Callable[[], Faults]
    target: Callable[[], str]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[..., None]
    taken: Callable[[str], None]
    schedule: tuple[float, ...] = EVENT_PAGES
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _client: httpx.AsyncClient | None = None

    def push(self, kind: str, order_id: str, path: str, status: str = "pos") -> None:
        """Send one event, unless there is no address to send it to, or a fault loses it."""
        if not self.target():
            return
        if self._chance(self.faults().lose_push):
            self.note("push_lost", order_id, type=kind)
            return
        body = self._envelope(kind, order_id, path, status)
        self.spawn(self._deliver(order_id, kind, body))
        if self._chance(self.faults().repeat_push):
            self.spawn(self._deliver(order_id, kind, body))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _envelope(self, kind: str, order_id: str, path: str, status: str) -> bytes:
        now = time.time()
        event = {
            "event_type": kind,
            "event_id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "event_time": int(now * 1000) if self._chance(self.faults().odd) else int(now),
            "meta": {"user_id": self.store_id, "resource_id": order_id, "status": status},
            "resource_href": f"https://api.uber.com{path}",
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

    async def _deliver(self, order_id: str, kind: str, body: bytes) -> None:
        if self._chance(self.faults().reorder_push):
            await asyncio.sleep(self.chance.uniform(0.05, 0.4))
            return await self._try(order_id, kind, body)
        async with self._turns.setdefault(order_id, asyncio.Lock()):
            return await self._try(order_id, kind, body)

    async def _try(self, order_id: str, kind: str, body: bytes) -> None:
        for attempt, pause in enumerate((*self.schedule, 0.0), 1):
            detail = {"type": kind, "attempt": attempt}
            self.note("pushed", order_id, **detail)
            if await self._acknowledged(body):
                self.note("push_acknowledged", order_id, **detail)
                if kind in ("orders.notification", "orders.scheduled.notification"):
                    self.taken(order_id)
                return
            self.note("push_failed", order_id, **detail)
            await asyncio.sleep(pause / self.speed)

    async def _acknowledged(self, body: bytes) -> bool:
        """Only 200 with an empty body counts."""
        client = self._client = self._client or httpx.AsyncClient(timeout=TIMEOUT, verify=trust())
        headers = {"X-Uber-Signature": sign(self.secret, body), "X-Environment": ENVIRONMENT}
        try:
            answer = await client.post(self.target(), content=body, headers={**headers, "Content-Type": "application/json"})
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return (answer.status_code, answer.content) == (200, b"")

    def _chance(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share
