"""A pretend Uber of either generation that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import texts
from app.platforms.api import Message, Settings
from app.platforms.http import TIMEOUT
from app.platforms.uber_eats.connector import UberEatsConnector, connect
from app.platforms.uber_eats.simulator import PreviousUberEatsSimulator, UberEatsSimulator

FIXTURES = Path(__file__).parent / "fixtures"
NOW = 1_767_265_205_000
TLS = ssl.create_default_context()  # once: every new client reads all certificates anew


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Texts are compared in the language they are written in."""
    before = texts.language()
    texts.use("en")
    yield
    texts.use(before)


@pytest.fixture
def message() -> Callable[[str], Message]:
    """A stored message made of a fixture, named by its event."""

    def load(name: str) -> Message:
        kind = "order" if name.startswith(("current_order", "previous_order")) else "event"
        return Message(name, kind, (FIXTURES / f"{name}.json").read_bytes(), NOW)

    return load


@dataclass
class Line:
    """Both ends of the wire, and what connectors have saved."""

    simulator: UberEatsSimulator
    client: httpx.AsyncClient
    saved: dict[str, str] = field(default_factory=dict)

    def settings(self, **changed: str) -> Settings:
        async def save(values: Mapping[str, str]) -> None:
            self.saved.update(values)

        return Settings(1, {**self.simulator.credentials, **self.saved, **changed}, save, self.simulator.address)

    def connect(self, **changed: str) -> UberEatsConnector:
        return connect(self.settings(**changed), self.client)

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A raw call with a good token."""
        await self.connect().verify()
        headers = {"Authorization": f"Bearer {self.saved['access_token']}"}
        return await self.client.request(method, f"{self.simulator.address}{path}", headers=headers, **options)


async def opened(simulator: UberEatsSimulator) -> AsyncIterator[Line]:
    await simulator.start()
    async with httpx.AsyncClient(timeout=TIMEOUT, verify=TLS) as client:
        yield Line(simulator, client)
    await simulator.stop()


@pytest.fixture
async def current() -> AsyncIterator[Line]:
    """A store on the Order Fulfillment suite, of which an hour passes in a minute."""
    async for line in opened(UberEatsSimulator(seed=11, speed=60.0)):
        yield line


@pytest.fixture
async def previous() -> AsyncIterator[Line]:
    """A store on the previous generation, as fast."""
    async for line in opened(PreviousUberEatsSimulator(seed=11, speed=60.0)):
        yield line


@pytest.fixture(params=["current", "previous"])
def line(request: pytest.FixtureRequest) -> Line:
    """Either."""
    found: Line = request.getfixturevalue(request.param)
    return found
