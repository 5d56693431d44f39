"""A HubRise simulator and a connector signed in to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.platforms.api import Message, Settings
from app.platforms.http import new_client
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.hubrise.simulator import HubRiseSimulator
from app.texts import language, use

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """The texts compared here are the code's own."""
    before = language()
    use("en")
    yield
    use(before)


async def forget(_: Mapping[str, str]) -> None:
    """Saves nothing."""


@dataclass
class Line:
    """Both ends of the wire."""

    simulator: HubRiseSimulator
    client: httpx.AsyncClient

    def connect(self, **changed: str) -> HubRiseConnector:
        values = {**self.simulator.credentials, **changed}
        return HubRiseConnector(Settings(1, values, forget, self.simulator.address), self.client)

    async def call(self, method: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        headers = {"X-Access-Token": self.simulator.credentials["access_token"] if token is None else token}
        return await self.client.request(method, f"{self.simulator.address}/v1{path}", headers=headers, **options)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    simulator = HubRiseSimulator(seed=3, speed=600.0)
    await simulator.start()
    async with new_client() as client:
        yield Line(simulator, client)
    await simulator.stop()


@pytest.fixture
def payload() -> Callable[[str], Any]:
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def message() -> Callable[[str], Message]:
    """A stored message made of a fixture, named by its event."""

    def load(name: str) -> Message:
        body = (FIXTURES / f"{name}.json").read_bytes()
        kind = "order" if name.startswith("order_fetched") else "event"
        return Message(name, kind, body, 1_767_265_205_000)

    return load
