"""A pretend Uber of either generation that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from app.platforms.api import Message
from app.platforms.uber_eats.connector import UberEatsConnector, connect
from app.platforms.uber_eats.simulator import PreviousUberEatsSimulator, UberEatsSimulator
from tests.platforms import lines

NOW = 1_767_265_205_000


@pytest.fixture
def message(fixture: Callable[[str], bytes]) -> Callable[[str], Message]:
    """A stored message made of a fixture, named by its event."""

    def load(name: str) -> Message:
        kind = "order" if name.startswith(("current_order", "previous_order")) else "event"
        return Message(name, kind, fixture(name), NOW)

    return load


class Line(lines.Line[UberEatsSimulator, UberEatsConnector]):
    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A raw call with a good token."""
        await self.connect().verify()
        headers = {"Authorization": f"Bearer {self.saved['access_token']}"}
        return await self.client.request(method, f"{self.simulator.address}{path}", headers=headers, **options)


@pytest.fixture
async def current() -> AsyncIterator[Line]:
    """A store on the Order Fulfillment suite, of which an hour passes in a minute."""
    async with lines.opened(Line(UberEatsSimulator(seed=11, speed=60.0), connect)) as opened:
        yield opened


@pytest.fixture
async def previous() -> AsyncIterator[Line]:
    """A store on the previous generation, as fast."""
    async with lines.opened(Line(PreviousUberEatsSimulator(seed=11, speed=60.0), connect)) as opened:
        yield opened


@pytest.fixture(params=["current", "previous"])
def line(request: pytest.FixtureRequest) -> Line:
    """Either."""
    found: Line = request.getfixturevalue(request.param)
    return found
