"""The pretend Deliveroo's webhooks: signed, tried again with growing pauses, repeated, out of order, or lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from app.platforms.deliveroo.signing import LEGACY_SEPARATOR, SEPARATOR, signature
from app.platforms.deliveroo.simulated_orders import Placed, oddly
from app.platforms.deliveroo.simulated_site import event_of
from app.platforms.http import trust
from app.platforms.simulation import Simulator

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 120.0, 120.0)  # simulated seconds: six minutes in all, the steps are ours
ANSWER_WITHIN = 10.0
LEGACY = {"accepted": "new_order", "canceled": "cancel_order"}


@dataclass
class Pushes:
    """`legacy`: the site also has the deprecated POS webhook."""

    simulator: Simulator
    secret: str
    legacy: bool = False
    _client: httpx.AsyncClient | None = None
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    def push(self, event: str, order: Placed) -> None:
        """Send an event, unless there is no address or a fault loses it."""
        if not self.simulator.push_to:
            return
        content = event_of(event, order)
        if event != "rider.status_update" and self.simulator.chance(self.simulator.faults.odd):
            content["body"]["order"] = oddly(content["body"]["order"], self.simulator.random)
        self._send(order, event, content, SEPARATOR)
        if self.legacy and event == "order.status_update" and order.status in LEGACY:
            kind = LEGACY[order.status]
            at = order.body["status_log"][-1]["at"]
            old = {"event": kind, "location_id": order.body.get("location_id"), "accepted_at": at, "order": {"id": order.id}}
            self._send(order, kind, old, LEGACY_SEPARATOR)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _send(self, order: Placed, event: str, content: dict[str, Any], separator: bytes) -> None:
        simulator = self.simulator
        if simulator.chance(simulator.faults.lose_push):
            simulator.record("push_lost", order.id, event=event)
            return
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        guid = str(UUID(int=simulator.random.getrandbits(128), version=4))
        headers = {
            "Content-Type": "application/json",
            "X-Deliveroo-Payload-Type": f"event/{event}",
            "X-Deliveroo-Webhook-Version": "1",
            "X-Deliveroo-Sequence-Guid": guid,
            "X-Deliveroo-Hmac-Sha256": signature(self.secret, guid, body, separator),
        }
        for _ in range(1 + simulator.chance(simulator.faults.repeat_push)):
            simulator.spawn(self._deliver(order, event, body, headers))

    async def _deliver(self, order: Placed, event: str, body: bytes, headers: dict[str, str]) -> None:
        if self.simulator.chance(self.simulator.faults.reorder_push):
            await asyncio.sleep(self.simulator.random.uniform(0.05, 0.3))
            return await self._try(order, event, body, headers)
        async with self._turns.setdefault(order.id, asyncio.Lock()):
            return await self._try(order, event, body, headers)

    async def _try(self, order: Placed, event: str, body: bytes, headers: dict[str, str]) -> None:
        """Any 200 is an acknowledgement."""
        for pause in (*PAUSES, 0.0):
            self.simulator.record("pushed", order.id, event=event)
            if await self._status(body, headers) == 200:
                self.simulator.record("push_acknowledged", order.id, event=event)
                order.heard_at = order.heard_at or self.simulator.records[-1].at
                return
            self.simulator.record("push_failed", order.id, event=event)
            await asyncio.sleep(pause / self.simulator.speed)

    async def _status(self, body: bytes, headers: dict[str, str]) -> int:
        client = self._client = self._client or httpx.AsyncClient(timeout=ANSWER_WITHIN, verify=trust())
        try:
            return (await client.post(self.simulator.push_to, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
