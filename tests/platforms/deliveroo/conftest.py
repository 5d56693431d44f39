"""A pretend Deliveroo that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import texts
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.platforms.api import Message, Settings
from app.platforms.deliveroo.connector import DeliverooConnector
from app.platforms.deliveroo.mapping import Reading, event_version, read
from app.platforms.deliveroo.simulated_orders import Placed
from app.platforms.deliveroo.simulator import DeliverooSimulator

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Texts are compared in the language they are written in."""
    before = texts.language()
    texts.use("en")
    yield
    texts.use(before)


async def forget(_: Mapping[str, str]) -> None:
    """Saves nothing."""


@dataclass
class Line:
    """Both ends of the wire."""

    simulator: DeliverooSimulator
    client: httpx.AsyncClient

    def connect(self, clock: Any = None, **changed: str) -> DeliverooConnector:
        settings = Settings(1, {**self.simulator.credentials, **changed}, forget, self.simulator.address)
        return DeliverooConnector(settings, self.client, clock) if clock else DeliverooConnector(settings, self.client)

    def order(self, order_id: str) -> Placed:
        return self.simulator.site.orders[order_id]

    async def token(self) -> str:
        pair = (self.simulator.credentials["client_id"], self.simulator.credentials["client_secret"])
        form = {"grant_type": "client_credentials"}
        answer = await self.client.post(f"{self.simulator.address}/oauth2/token", data=form, auth=pair)
        return str(answer.json()["access_token"])

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self.token()}"}
        return await self.client.request(method, f"{self.simulator.address}{path}", headers=headers, **options)


async def poll_all(connector: DeliverooConnector, cursor: str = "") -> tuple[list[Message], str]:
    """Poll until there is no more, as the engine does, without acknowledging."""
    messages: list[Message] = []
    for _ in range(20):
        page = await connector.fetch_orders(cursor)
        messages += page.messages
        cursor = page.cursor
        if not page.more:
            return messages, cursor
    raise AssertionError("a poll without an end")


async def send(connector: DeliverooConnector, kind: CommandKind, order_id: str, **more: Any) -> OrderUpdate:
    """Send a command; the answer is always a report here."""
    update = await connector.send(Command(kind, order_id, key=f"{kind}-{order_id}", **more))
    assert update
    return update


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform of which a minute passes in half a second."""
    simulator = DeliverooSimulator(seed=5, speed=120.0)
    await simulator.start()
    # reading the certificates of the world for every test would be most of its time, and loopback needs none
    async with httpx.AsyncClient(verify=False) as client:
        yield Line(simulator, client)
    await simulator.stop()


@pytest.fixture
def payload() -> Callable[[str], Any]:
    """What a fixture holds, by the event's name."""
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def update(payload: Callable[[str], Any]) -> Callable[..., OrderUpdate]:
    """A fixture read as the event it is, with parts of its order changed."""

    def load(name: str, reading: Reading | None = None, **changed: Any) -> OrderUpdate:
        event = payload(name)
        if changed:
            event["body"]["order"] |= changed
        message = Message(name, "event", json.dumps(event).encode(), event_version(event))
        (found,) = read(message, reading or Reading())
        return found

    return load
