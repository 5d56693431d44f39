"""The pretend Uber's webhooks: thin signed events, up to seven sends each, in no promised order."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence

import httpx

from app import steady
from app.platforms.simulated_pushes import Bell, Push
from app.platforms.simulation import Simulator
from app.platforms.uber_eats.webhook import sign

# Seconds between two sends of one event. Uber's pages contradict each other, so a test may choose.
EVENT_PAGES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
GUIDE = (10.0, 30.0, 60.0, 120.0, 240.0, 480.0)
BRINGS = ("orders.notification", "orders.scheduled.notification")
ENVIRONMENT = "production"


class Pushes(Bell[bytes]):
    """`schedule` is one of the two above, in simulated seconds."""

    def __init__(self, simulator: Simulator, secret: str, store_id: str, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.secret, self.store_id = secret, store_id
        self.schedule: tuple[float, ...] = EVENT_PAGES

    @property
    def pauses(self) -> Sequence[float]:
        """Nobody waits after the last send."""
        return [pause / self.simulator.speed for pause in (*self.schedule, 0.0)]

    def push(self, kind: str, order_id: str, path: str, status: str = "pos") -> None:
        """Send one event, unless there is no address to send it to, or a fault loses it."""
        if not self.lost(order_id, type=kind):
            self.ring(Push(order_id, self._envelope(kind, order_id, path, status), {"type": kind}, kind in BRINGS))

    async def acknowledged(self, client: httpx.AsyncClient, content: bytes) -> bool:
        """Only 200 with an empty body counts."""
        headers = {"X-Uber-Signature": sign(self.secret, content), "X-Environment": ENVIRONMENT}
        headers |= {"Content-Type": "application/json"}
        answer = await client.post(self.simulator.push_to, content=content, headers=headers)
        return (answer.status_code, answer.content) == (200, b"")

    def _envelope(self, kind: str, order_id: str, path: str, status: str) -> bytes:
        now = steady.time()
        event = {
            "event_type": kind,
            "event_id": str(uuid.UUID(int=self.simulator.random.getrandbits(128), version=4)),
            "event_time": int(now * 1000) if self.simulator.chance(self.simulator.faults.odd) else int(now),
            "meta": {"user_id": self.store_id, "resource_id": order_id, "status": status},
            "resource_href": f"https://api.uber.com{path}",
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
