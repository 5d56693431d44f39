"""A HubRise simulator and a connector signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from app.platforms.api import Message
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.hubrise.simulator import HubRiseSimulator
from tests.platforms import lines


class Line(lines.Line[HubRiseSimulator, HubRiseConnector]):
    async def call(self, method: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        headers = {"X-Access-Token": self.simulator.credentials["access_token"] if token is None else token}
        return await self.client.request(method, f"{self.simulator.address}/v1{path}", headers=headers, **options)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with lines.opened(Line(HubRiseSimulator(seed=3, speed=600.0), HubRiseConnector)) as opened:
        yield opened


@pytest.fixture
def message(fixture: Callable[[str], bytes]) -> Callable[[str], Message]:
    """A stored message made of a fixture, named by its event."""

    def load(name: str) -> Message:
        kind = "order" if name.startswith("order_fetched") else "event"
        return Message(name, kind, fixture(name), 1_767_265_205_000)

    return load
