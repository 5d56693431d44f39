"""The pretend DoorDash's webhooks: a token and nothing signed; repeated, out of order, or lost and sent again."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.platforms.doordash.simulated_orders import Placed, drifted
from app.platforms.http import trust
from app.platforms.simulation import Simulator

TIMEOUT = 10.0
LIMITS = httpx.Limits(max_connections=8)
# Real seconds between tries, the last one repeated. No retry policy is published: that what nobody answered is sent again
# is our own guess; an answer, whatever it is, is final.
PAUSES = (0.02, 0.05, 0.1, 0.2)
TRIES = 1500


@dataclass(slots=True)
class Pushes:
    """`answered(order, status)` hears what a new order's push was answered with."""

    simulator: Simulator
    token: str
    answered: Callable[[Placed, int], None]
    waiting: set[int] = field(default_factory=set)  # numbers of pushes that nobody answered yet
    _count: int = 0
    _client: httpx.AsyncClient | None = None

    def push(self, order: Placed, content: dict[str, Any]) -> None:
        """Send an event; the order in it is frozen as it stands now."""
        content = copy.deepcopy(content)
        odd = self.simulator.chance(self.simulator.faults.odd)
        if odd and "order" in content:
            content["order"] = drifted(content["order"], self.simulator.random)
        if odd and "event" not in content:  # some clients expect cancellations with an envelope
            content = {"event": {"type": "OrderCancel", "status": "CANCELLED"}, "order": content}
        self._count += 1
        self.waiting.add(self._count)
        body = json.dumps(content, ensure_ascii=False).encode()
        event = content.get("event", {}).get("type", "OrderCancelled")
        self.simulator.spawn(self._deliver(order, event, body, self._count))
        if self.simulator.chance(self.simulator.faults.repeat_push):
            self.simulator.spawn(self._deliver(order, event, body, self._count))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _deliver(self, order: Placed, event: str, body: bytes, number: int) -> None:
        if self.simulator.chance(self.simulator.faults.reorder_push):
            await asyncio.sleep(self.simulator.random.uniform(0.05, 0.3))
        for attempt in range(TRIES):
            while not self.simulator.push_to:  # noqa: ASYNC110 - somebody sets the address some day, and there is no event
                await asyncio.sleep(PAUSES[0])
            if status := await self._try(order, event, body):
                self._settle(order, event, status)
                break
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        self.waiting.discard(number)

    async def _try(self, order: Placed, event: str, body: bytes) -> int:
        """The answer's status; 0 for none."""
        if self.simulator.chance(self.simulator.faults.lose_push):
            self.simulator.record("push_lost", order.id, event=event)
            return 0
        self.simulator.record("pushed", order.id, event=event)
        client = self._client = self._client or httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, verify=trust())
        scheme = "Bearer " if self.simulator.chance(self.simulator.faults.odd) else ""
        headers = {"Content-Type": "application/json", "Authorization": f"{scheme}{self.token}"}
        try:
            return (await client.post(self.simulator.push_to, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            self.simulator.record("push_failed", order.id, event=event)
            return 0

    def _settle(self, order: Placed, event: str, status: int) -> None:
        taken = status in (200, 202)
        self.simulator.record("push_acknowledged" if taken else "push_failed", order.id, event=event, status=status)
        if taken:
            order.heard_at = order.heard_at or self.simulator.records[-1].at
        if event == "OrderCreate":
            self.answered(order, status)
