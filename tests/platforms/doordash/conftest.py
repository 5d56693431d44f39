"""A pretend DoorDash that listens, connectors signed in there, and pushes as a relay would hand them over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import steady
from app.domain.changes import OrderUpdate
from app.platforms.api import Settings, WebhookRequest
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.simulated_orders import Placed
from app.platforms.doordash.simulator import HOOK_TOKEN, DoorDashSimulator
from tests.platforms import lines

FIXTURES = Path(__file__).parent / "fixtures"
AT = 1_767_290_400.0  # 2026-01-01 18:00 UTC


def push(content: Any, token: str = HOOK_TOKEN, method: str = "POST") -> WebhookRequest:
    """A push as it arrives."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WebhookRequest(method, "/hooks/doordash/t", {}, {"authorization": token} if token else {}, body)


@dataclass
class Line(lines.Line[DoorDashSimulator, DoorDashConnector]):
    """Both ends of the wire."""

    clock: Callable[[], float] = steady.time  # of the latest connector, and so of what reaches it

    def connect(self, clock: Any = None, **changed: str) -> DoorDashConnector:
        self.clock = clock or steady.time
        return super().connect(clock, **changed)

    def order(self, order_id: str) -> Placed:
        return self.simulator.store.orders[order_id]

    def hear(self, connector: DoorDashConnector, order_id: str) -> None:
        """The push of a new order reaches the connector."""
        assert connector.receive(self.new_order(order_id)).reply.status == 202

    def new_order(self, order_id: str) -> WebhookRequest:
        """The push of a new order."""
        body = {"event": {"type": "OrderCreate", "status": "NEW"}, "order": self.order(order_id).body}
        return replace(push(body), received=datetime.fromtimestamp(self.clock(), UTC))

    def placed(self, connector: DoorDashConnector, **more: Any) -> str:
        """A new order that the connector has heard of."""
        order_id = self.simulator.place(**more)
        self.hear(connector, order_id)
        return order_id


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform of which a minute passes in ten seconds."""
    async with lines.opened(Line(DoorDashSimulator(seed=5, speed=6.0), DoorDashConnector)) as opened:
        yield opened


@pytest.fixture
def deaf() -> DoorDashConnector:
    """A connector at 2026-01-01 18:00 UTC whose calls go nowhere."""
    values = {**DoorDashSimulator().credentials, "decision_minutes": ""}
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    return DoorDashConnector(Settings(1, values, lines.forget), httpx.AsyncClient(transport=transport), lambda: AT)


@pytest.fixture
def update(payload: Callable[[str], Any], deaf: DoorDashConnector) -> Callable[..., OrderUpdate]:
    """A fixture received and read, with parts of its order changed."""

    def load(name: str, **changed: Any) -> OrderUpdate:
        content = payload(name)
        if changed:
            content["order"] |= changed
        arrived = replace(push(content), received=datetime.fromtimestamp(AT, UTC))
        (message,) = deaf.receive(arrived).messages
        (found,) = deaf.read(message)
        return found

    return load
