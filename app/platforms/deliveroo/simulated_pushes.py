"""The pretend Deliveroo's webhooks: signed, tried again with growing pauses, repeated, out of order, or lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import httpx

from app.platforms.deliveroo.signing import LEGACY_SEPARATOR, SEPARATOR, signature
from app.platforms.deliveroo.simulated_orders import Placed, oddly
from app.platforms.deliveroo.simulated_site import event_of
from app.platforms.simulated_pushes import Bell, Push
from app.platforms.simulation import Simulator

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 120.0, 120.0)  # simulated seconds: six minutes in all, the steps are ours
LEGACY = {"accepted": "new_order", "canceled": "cancel_order"}


class Pushes(Bell[tuple[bytes, dict[str, str]]]):
    """Bodies with their headers. `legacy`: the site also has the deprecated POS webhook."""

    timeout = 10.0

    def __init__(self, simulator: Simulator, secret: str, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.secret, self.legacy = secret, False

    @property
    def pauses(self) -> Sequence[float]:
        """Nobody waits after the last try."""
        return [pause / self.simulator.speed for pause in (*PAUSES, 0.0)]

    async def acknowledged(self, client: httpx.AsyncClient, content: tuple[bytes, dict[str, str]]) -> bool:
        """Any 200 is an acknowledgement."""
        body, headers = content
        return (await client.post(self.simulator.push_to, content=body, headers=headers)).status_code == 200

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

    def _send(self, order: Placed, event: str, content: dict[str, Any], separator: bytes) -> None:
        if self.lost(order.id, event=event):
            return
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        guid = str(UUID(int=self.simulator.random.getrandbits(128), version=4))
        headers = {
            "Content-Type": "application/json",
            "X-Deliveroo-Payload-Type": f"event/{event}",
            "X-Deliveroo-Webhook-Version": "1",
            "X-Deliveroo-Sequence-Guid": guid,
            "X-Deliveroo-Hmac-Sha256": signature(self.secret, guid, body, separator),
        }
        self.ring(Push(order.id, (body, headers), {"event": event}))
