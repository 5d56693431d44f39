"""The pretend Just Eat's pushes: signed orders of which it wants to hear within five minutes, and plain events.

Only 500 is documented to bring an order again, five times. How often an event comes again is not: here until it is taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from app import steady
from app.platforms.just_eat.signing import hash_header
from app.platforms.just_eat.simulated_orders import Placed, failed, oddly, older
from app.platforms.simulated_pushes import LastingBell, Push, RefusedError
from app.platforms.simulation import Simulator

TRIES, PAUSE = 6, 20.0  # of an order, in simulated seconds
WITHIN = 300.0  # simulated seconds after "later"
UNTIL_TAKEN = tuple(min(0.02 * attempt, 1.0) for attempt in range(2, 2000))  # real seconds between two tries of an event


@dataclass(frozen=True, slots=True)
class Sent:
    """What is posted; `order` is the one that it brings."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    order: Placed | None = None


class Pushes(LastingBell[Sent]):
    """`older_api`: orders come in the older API's form, asynchronously."""

    timeout = 10.0
    pauses = UNTIL_TAKEN

    def __init__(self, simulator: Simulator, key: str, secret: str, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.key, self.secret, self.older_api = key, secret, False

    def order(self, order: Placed) -> None:
        """Push an accepted order."""
        body, query = self._written(order)
        headers = {"X-JET-Connect-Hash": hash_header(self.secret, body, int(steady.time() * 1000))}
        pauses = (PAUSE / self.simulator.speed,) * TRIES
        self.ring(Push(order.id, Sent(body, headers, query, order), {"event": "order"}, pauses=pauses))

    def event(self, order_id: str, what: str, body: dict[str, Any]) -> None:
        """Push anything else, until somebody takes it."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.ring(Push(order_id, Sent(content), {"event": what}, brings=False))

    def give_up(self, order: Placed, why: str) -> None:
        """The device asks for the order."""
        if order.arrived not in ("success", "failed", "tablet"):
            order.arrived = "tablet"
            self.event(order.id, "failed_order", failed(order, why))

    async def acknowledged(self, client: httpx.AsyncClient, content: Sent) -> bool:
        """200, and for an order also "later"."""
        headers = {"Authorization": self.key, "Content-Type": "application/json", **content.headers}
        address = self.simulator.push_to + content.query
        status = (await client.post(address, content=content.body, headers=headers)).status_code
        if content.order is None:
            return status == 200
        if status not in (200, 202, 500):
            raise RefusedError
        if status != 500:
            self._taken(content.order, status)
        return status != 500

    def given_up(self, content: Sent) -> None:
        """A repeat of what was taken is not missed."""
        if content.order and not content.order.arrived:
            self.give_up(content.order, "TIMEOUT")

    def _taken(self, order: Placed, status: int) -> None:
        if order.arrived:
            return
        order.arrived = "success" if status == 200 and not self.older_api else "later"
        if order.arrived == "later":
            self.simulator.later(WITHIN, lambda: self.give_up(order, "TIMEOUT"))

    def _written(self, order: Placed) -> tuple[bytes, str]:
        simulator = self.simulator
        if self.older_api:
            query = urlencode({"callback": f"{simulator.address}/callbacks/{order.id}"})
            return json.dumps(older(order, simulator.currency), ensure_ascii=False).encode(), f"?{query}"
        shown = oddly(order.body, simulator.random) if simulator.chance(simulator.faults.odd) else order.body
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode(), ""
