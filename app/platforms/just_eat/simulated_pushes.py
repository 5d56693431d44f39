"""The pretend Just Eat's pushes: signed orders of which it wants to hear within five minutes, and plain events.

Only 500 is documented to bring an order again, five times. How often an event comes again is not: here until it is taken.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx

from app.platforms.http import trust
from app.platforms.just_eat.signing import hash_header
from app.platforms.just_eat.simulated_orders import Placed, failed, oddly, older
from app.platforms.simulation import Simulator

TRIES = 6
WITHIN = 300.0  # simulated seconds after "later"
PAUSE, STEP = 20.0, 0.02  # simulated seconds between two tries of an order; real ones between two of anything else
ANSWER_WITHIN = 10.0


@dataclass
class Pushes:
    """`older_api`: orders come in the older API's form, asynchronously. `waiting` holds what nobody took yet."""

    simulator: Simulator
    key: str
    secret: str
    older_api: bool = False
    waiting: set[int] = field(default_factory=set)
    _sent: int = 0
    _client: httpx.AsyncClient | None = None

    def order(self, order: Placed) -> None:
        """Push an accepted order, and perhaps again although it was taken."""
        for again in range(1 + self.simulator.chance(self.simulator.faults.repeat_push)):
            self._spawn(partial(self._hand_over, order, again > 0))

    def event(self, order_id: str, what: str, body: dict[str, Any]) -> None:
        """Push anything else, until somebody takes it."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        for _ in range(1 + self.simulator.chance(self.simulator.faults.repeat_push)):
            self._spawn(partial(self._insist, order_id, what, content))

    def give_up(self, order: Placed, why: str) -> None:
        """The device asks for the order."""
        if order.arrived not in ("success", "failed", "tablet"):
            order.arrived = "tablet"
            self.event(order.id, "failed_order", failed(order, why))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _spawn(self, job: Callable[[], Awaitable[None]]) -> None:
        """The job begins within its task: one that is cancelled before has nothing left open."""
        self._sent += 1
        number = self._sent
        self.waiting.add(number)

        async def run() -> None:
            try:
                await job()
            finally:
                self.waiting.discard(number)

        self.simulator.spawn(run())

    async def _hand_over(self, order: Placed, again: bool) -> None:
        body, query = self._written(order)
        headers = {"X-JET-Connect-Hash": hash_header(self.secret, body, int(time.time() * 1000))}
        for attempt in range(1, TRIES + 1):
            await self._chance_to_be_lost(order.id, "order")
            status = await self._send(order.id, "order", body, headers, query, attempt)
            if status in (200, 202):
                self._taken(order, status)
                return
            if status not in (0, 500) or again:
                break
            await asyncio.sleep(PAUSE / self.simulator.speed)
        if not again:
            self.give_up(order, "TIMEOUT")

    def _taken(self, order: Placed, status: int) -> None:
        order.heard_at = order.heard_at or time.time()
        if order.arrived:
            return
        order.arrived = "success" if status == 200 and not self.older_api else "later"
        if order.arrived == "later":
            self.simulator.spawn(self._watch(order))

    async def _watch(self, order: Placed) -> None:
        await asyncio.sleep(WITHIN / self.simulator.speed)
        self.give_up(order, "TIMEOUT")

    def _written(self, order: Placed) -> tuple[bytes, str]:
        simulator = self.simulator
        if self.older_api:
            query = urlencode({"callback": f"{simulator.address}/callbacks/{order.id}"})
            return json.dumps(older(order, simulator.currency), ensure_ascii=False).encode(), f"?{query}"
        shown = oddly(order.body, simulator.random) if simulator.chance(simulator.faults.odd) else order.body
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode(), ""

    async def _insist(self, order_id: str, what: str, body: bytes) -> None:
        attempt = 1
        await self._chance_to_be_lost(order_id, what)
        while await self._send(order_id, what, body, {}, "", attempt) != 200:
            attempt += 1
            await asyncio.sleep(min(STEP * attempt, 1.0))

    async def _chance_to_be_lost(self, order_id: str, what: str) -> None:
        """Nothing can be asked for, so what is lost is lost once and not for ever; late and out of order it may be."""
        faults = self.simulator.faults
        if self.simulator.chance(faults.lose_push):
            self.simulator.record("push_lost", order_id, event=what)
            await asyncio.sleep(STEP)
        if self.simulator.chance(faults.reorder_push):
            await asyncio.sleep(self.simulator.random.uniform(0.05, 0.3))
        while not self.simulator.push_to:  # noqa: ASYNC110 - somebody sets the address some day, and there is no event
            await asyncio.sleep(STEP)

    async def _send(self, order_id: str, what: str, body: bytes, more: dict[str, str], query: str, attempt: int) -> int:
        """The status, 0 for no answer."""
        self.simulator.record("pushed", order_id, event=what, attempt=attempt)
        client = self._client = self._client or httpx.AsyncClient(timeout=ANSWER_WITHIN, verify=trust())
        headers = {"Authorization": self.key, "Content-Type": "application/json", **more}
        try:
            status = (await client.post(self.simulator.push_to + query, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            status = 0
        known = "push_acknowledged" if status in (200, 202) else "push_failed"
        self.simulator.record(known, order_id, event=what, attempt=attempt)
        return status
