"""The pretend Square's webhooks: thin, signed for the registered URL, tried again, repeated, out of order, or lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import httpx

from app import steady
from app.platforms.simulated_pushes import Bell, Push
from app.platforms.simulation import Simulator
from app.platforms.square.signing import signature
from app.platforms.square.simulated_orders import Placed, moment

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 120.0, 240.0)  # simulated seconds; the real ones (24 hours) are recalled


class Pushes(Bell[bytes]):
    """`url` is what the shop registered, wherever the requests really go; `events` are the kinds it subscribed to."""

    timeout = 10.0

    def __init__(self, simulator: Simulator, key: str, url: str, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.key, self.url = key, url
        self.events = frozenset({"order.created", "order.fulfillment.updated"})

    @property
    def pauses(self) -> Sequence[float]:
        """Nobody waits after the last try."""
        return [pause / self.simulator.speed for pause in (*PAUSES, 0.0)]

    def push(self, kind: str, order: Placed, changes: list[dict[str, str]]) -> None:
        """Send an event, unless there is no address or a fault loses it."""
        if kind in self.events and not self.lost(order.id, event=kind):
            body = json.dumps(self._event(kind, order, changes), ensure_ascii=False, separators=(",", ":")).encode()
            self.ring(Push(order.id, body, {"event": kind}))

    async def acknowledged(self, client: httpx.AsyncClient, content: bytes) -> bool:
        """Any 2xx is an acknowledgement."""
        headers = {
            "Content-Type": "application/json",
            "x-square-hmacsha256-signature": signature(self.key, self.url, content),
            "square-environment": "Sandbox",
        }
        return (await client.post(self.simulator.push_to, content=content, headers=headers)).is_success

    def _event(self, kind: str, order: Placed, changes: list[dict[str, str]]) -> dict[str, Any]:
        name = kind.replace(".", "_")
        copied = ("version", "location_id", "state", "created_at", "updated_at")
        told = {"order_id": order.id, **{one: order.body[one] for one in copied if one in order.body}}
        return {
            "merchant_id": "MPRACTICE",
            "type": kind,
            "event_id": str(UUID(int=self.simulator.random.getrandbits(128), version=4)),
            "created_at": moment(steady.now()),
            "data": {
                "type": name,
                "id": order.id,
                "object": {name: {**told, **({"fulfillment_update": changes} if changes else {})}},
            },
        }
