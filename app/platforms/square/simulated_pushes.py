"""The pretend Square's webhooks: thin, signed for the registered URL, tried again, repeated, out of order, or lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from app.platforms.simulation import Simulator
from app.platforms.square.signing import signature
from app.platforms.square.simulated_orders import Placed, moment

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 120.0, 240.0)  # simulated seconds; the real ones (24 hours) are recalled
ANSWER_WITHIN = 10.0


@dataclass
class Pushes:
    """`url` is what the shop registered, wherever the requests really go; `events` are the kinds it subscribed to."""

    simulator: Simulator
    key: str
    url: str
    events: frozenset[str] = frozenset({"order.created", "order.fulfillment.updated"})
    _client: httpx.AsyncClient | None = None
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    def push(self, kind: str, order: Placed, changes: list[dict[str, str]]) -> None:
        """Send an event, unless there is no address or a fault loses it."""
        simulator = self.simulator
        if not simulator.push_to or kind not in self.events:
            return
        if simulator.chance(simulator.faults.lose_push):
            simulator.record("push_lost", order.id, event=kind)
            return
        body = json.dumps(self._event(kind, order, changes), ensure_ascii=False, separators=(",", ":")).encode()
        for _ in range(1 + simulator.chance(simulator.faults.repeat_push)):
            simulator.spawn(self._deliver(order, kind, body))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _event(self, kind: str, order: Placed, changes: list[dict[str, str]]) -> dict[str, Any]:
        name = kind.replace(".", "_")
        copied = ("version", "location_id", "state", "created_at", "updated_at")
        told = {"order_id": order.id, **{one: order.body[one] for one in copied if one in order.body}}
        return {
            "merchant_id": "MPRACTICE",
            "type": kind,
            "event_id": str(UUID(int=self.simulator.random.getrandbits(128), version=4)),
            "created_at": moment(datetime.now(UTC)),
            "data": {
                "type": name,
                "id": order.id,
                "object": {name: {**told, **({"fulfillment_update": changes} if changes else {})}},
            },
        }

    async def _deliver(self, order: Placed, kind: str, body: bytes) -> None:
        if self.simulator.chance(self.simulator.faults.reorder_push):
            await asyncio.sleep(self.simulator.random.uniform(0.05, 0.3))
            return await self._try(order, kind, body)
        async with self._turns.setdefault(order.id, asyncio.Lock()):
            return await self._try(order, kind, body)

    async def _try(self, order: Placed, kind: str, body: bytes) -> None:
        """Any 2xx is an acknowledgement."""
        for pause in (*PAUSES, 0.0):
            self.simulator.record("pushed", order.id, event=kind)
            if 200 <= await self._status(body) < 300:
                self.simulator.record("push_acknowledged", order.id, event=kind)
                order.heard_at = order.heard_at or self.simulator.records[-1].at
                return
            self.simulator.record("push_failed", order.id, event=kind)
            await asyncio.sleep(pause / self.simulator.speed)

    async def _status(self, body: bytes) -> int:
        client = self._client = self._client or httpx.AsyncClient(timeout=ANSWER_WITHIN)
        headers = {
            "Content-Type": "application/json",
            "x-square-hmacsha256-signature": signature(self.key, self.url, body),
            "square-environment": "Sandbox",
        }
        try:
            return (await client.post(self.simulator.push_to, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
