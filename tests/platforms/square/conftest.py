"""A pretend Square that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from app.domain.changes import OrderUpdate
from app.platforms.api import Message, Settings
from app.platforms.square.connector import SquareConnector
from app.platforms.square.mapping import Reading, read
from app.platforms.square.simulated_orders import Placed
from app.platforms.square.simulator import TOKEN, SquareSimulator
from tests.platforms import lines

VERSION = 1_767_290_400_000  # 2026-01-01T18:00:00Z


class Line(lines.Line[SquareSimulator, SquareConnector]):
    def settings(self, **changed: str) -> Settings:
        return super().settings(**{"timezone": "America/New_York", **self.saved, **changed})

    def order(self, order_id: str) -> Placed:
        return self.simulator.shop.orders[order_id]

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", **options.pop("headers", {})}
        return await self.client.request(method, f"{self.simulator.address}{path}", headers=headers, **options)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform, fast."""
    async with lines.opened(Line(SquareSimulator(seed=5, speed=120.0), SquareConnector)) as opened:
        yield opened


@pytest.fixture
def update(payload: Callable[[str], Any]) -> Callable[..., OrderUpdate]:
    """A fixture read as the order it is, with parts of it changed."""

    def load(name: str, reading: Reading | None = None, **changed: Any) -> OrderUpdate:
        body = json.dumps({**payload(name), **changed}).encode()
        (found,) = read(Message(name, "order", body, VERSION), reading or Reading())
        return found

    return load
