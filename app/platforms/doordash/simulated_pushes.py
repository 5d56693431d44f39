"""The pretend DoorDash's webhooks: a token and nothing signed; repeated, out of order, or lost and sent again."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx

from app.platforms.doordash.simulated_orders import Placed, drifted
from app.platforms.simulated_pushes import LastingBell, Push, RefusedError
from app.platforms.simulation import Simulator

# Real seconds between tries. No retry policy is published: that what nobody answered is sent again is our own guess; an
# answer, whatever it is, is final.
PAUSES = (0.02, 0.05, 0.1) + (0.2,) * 1500


class Pushes(LastingBell[tuple[Placed | None, bytes]]):
    """Bodies, with the order that is new; `answered(order, status)` hears what its push was answered with."""

    timeout = 10.0
    pauses = PAUSES

    def __init__(
        self, simulator: Simulator, token: str, heard: Callable[[str], None], answered: Callable[[Placed, int], None]
    ) -> None:
        super().__init__(simulator, heard)
        self.token, self.answered = token, answered

    def push(self, order: Placed, content: dict[str, Any]) -> None:
        """Send an event; the order in it is frozen as it stands now."""
        content = copy.deepcopy(content)
        odd = self.simulator.chance(self.simulator.faults.odd)
        if odd and "order" in content:
            content["order"] = drifted(content["order"], self.simulator.random)
        if odd and "event" not in content:  # some clients expect cancellations with an envelope
            content = {"event": {"type": "OrderCancel", "status": "CANCELLED"}, "order": content}
        event = content.get("event", {}).get("type", "OrderCancelled")
        body = json.dumps(content, ensure_ascii=False).encode()
        self.ring(Push(order.id, (order if event == "OrderCreate" else None, body), {"event": event}))

    async def acknowledged(self, client: httpx.AsyncClient, content: tuple[Placed | None, bytes]) -> bool:
        """The answer to a new order also decides it."""
        order, body = content
        scheme = "Bearer " if self.simulator.chance(self.simulator.faults.odd) else ""
        headers = {"Content-Type": "application/json", "Authorization": f"{scheme}{self.token}"}
        status = (await client.post(self.simulator.push_to, content=body, headers=headers)).status_code
        if order:
            self.answered(order, status)
        if status not in (200, 202):
            raise RefusedError
        return True
