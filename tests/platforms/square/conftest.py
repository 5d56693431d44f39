"""A pretend Square that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import texts
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.platforms.api import Message, Settings
from app.platforms.square.connector import SquareConnector
from app.platforms.square.mapping import Reading, read
from app.platforms.square.simulated_orders import Placed
from app.platforms.square.simulator import TOKEN, SquareSimulator

FIXTURES = Path(__file__).parent / "fixtures"
VERSION = 1_767_290_400_000  # 2026-01-01T18:00:00Z


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Texts are compared in the language they are written in."""
    before = texts.language()
    texts.use("en")
    yield
    texts.use(before)


@dataclass
class Line:
    """Both ends of the wire. `saved` is what the account keeps."""

    simulator: SquareSimulator
    client: httpx.AsyncClient
    saved: dict[str, str] = field(default_factory=dict)

    async def keep(self, values: Mapping[str, str]) -> None:
        self.saved.update(values)

    def settings(self, **changed: str) -> Settings:
        values = {**self.simulator.credentials, "timezone": "America/New_York", **self.saved, **changed}
        return Settings(1, values, self.keep, self.simulator.address)

    def connect(self, **changed: str) -> SquareConnector:
        return SquareConnector(self.settings(**changed), self.client)

    def order(self, order_id: str) -> Placed:
        return self.simulator.shop.orders[order_id]

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", **options.pop("headers", {})}
        return await self.client.request(method, f"{self.simulator.address}{path}", headers=headers, **options)


async def poll_all(connector: SquareConnector, cursor: str = "") -> tuple[list[Message], str]:
    """One whole pass, as the engine does it, without storing."""
    messages: list[Message] = []
    for _ in range(20):
        page = await connector.fetch_orders(cursor)
        messages += page.messages
        cursor = page.cursor
        if not page.more:
            return messages, cursor
    raise AssertionError("a poll without an end")


async def send(connector: SquareConnector, kind: CommandKind, order_id: str, **more: Any) -> OrderUpdate:
    """Send a command; the answer is always a report here."""
    update = await connector.send(Command(kind, order_id, key=f"{kind}-{order_id}", **more))
    assert update
    return update


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform, fast."""
    simulator = SquareSimulator(seed=5, speed=120.0)
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
    """A fixture read as the order it is, with parts of it changed."""

    def load(name: str, reading: Reading | None = None, **changed: Any) -> OrderUpdate:
        body = json.dumps({**payload(name), **changed}).encode()
        (found,) = read(Message(name, "order", body, VERSION), reading or Reading())
        return found

    return load
