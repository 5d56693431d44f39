"""A pretend DoorDash that listens, connectors signed in there, and pushes as a relay would hand them over."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import texts
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.platforms.api import Settings, WebhookRequest
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.simulated_orders import Placed
from app.platforms.doordash.simulator import HOOK_TOKEN, DoorDashSimulator

FIXTURES = Path(__file__).parent / "fixtures"
AT = 1_767_290_400.0  # 2026-01-01 18:00 UTC


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Texts are compared in the language they are written in."""
    before = texts.language()
    texts.use("en")
    yield
    texts.use(before)


async def forget(_: Mapping[str, str]) -> None:
    """Saves nothing."""


def push(content: Any, token: str = HOOK_TOKEN, method: str = "POST") -> WebhookRequest:
    """A push as it arrives."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WebhookRequest(method, "/hooks/doordash/t", {}, {"authorization": token} if token else {}, body)


@dataclass
class Line:
    """Both ends of the wire."""

    simulator: DoorDashSimulator
    client: httpx.AsyncClient
    clock: Callable[[], float] = time.time  # of the latest connector, and so of what reaches it

    def connect(self, clock: Any = time.time, **changed: str) -> DoorDashConnector:
        self.clock = clock
        settings = Settings(1, {**self.simulator.credentials, **changed}, forget, self.simulator.address)
        return DoorDashConnector(settings, self.client, clock)

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


async def send(connector: DoorDashConnector, kind: CommandKind, order_id: str, **more: Any) -> OrderUpdate:
    """Send a command; the answer is always a report here."""
    update = await connector.send(Command(kind, order_id, key=f"{kind}-{order_id}", **more))
    assert update
    return update


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform of which a minute passes in ten seconds."""
    simulator = DoorDashSimulator(seed=5, speed=6.0)
    await simulator.start()
    # reading the certificates of the world for every test would be most of its time, and loopback needs none
    async with httpx.AsyncClient(verify=False) as client:
        yield Line(simulator, client)
    await simulator.stop()


@pytest.fixture
def deaf() -> DoorDashConnector:
    """A connector at 2026-01-01 18:00 UTC whose calls go nowhere."""
    values = {**DoorDashSimulator().credentials, "decision_minutes": ""}
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    return DoorDashConnector(Settings(1, values, forget), httpx.AsyncClient(transport=transport), lambda: AT)


@pytest.fixture
def payload() -> Callable[[str], Any]:
    """What a fixture holds, by the event's name."""
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


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
