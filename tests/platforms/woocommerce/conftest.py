"""A WooCommerce simulator and a connector signed in to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.platforms.api import Message, Settings
from app.platforms.http import new_client
from app.platforms.woocommerce.connector import WooCommerceConnector
from app.platforms.woocommerce.signing import oauth_query
from app.platforms.woocommerce.simulator import WooCommerceSimulator
from tests.platforms import lines

FIXTURES = Path(__file__).parent / "fixtures"
API = "/wp-json/wc/v3"


def offline(**values: str) -> WooCommerceConnector:
    """A connector that reads and never calls."""
    return WooCommerceConnector(Settings(1, values, lines.forget), new_client())


@dataclass
class Line(lines.Line[WooCommerceSimulator, WooCommerceConnector]):
    """Both ends of the wire."""

    calls: int = 0

    async def call(self, method: str, path: str, query: Mapping[str, str] | None = None, **options: Any) -> httpx.Response:
        """A signed call to the simulator's own wire."""
        self.calls += 1
        url = f"{self.simulator.address}{API}{path}"
        stamp = int(self.simulator.keys.clock())
        key, secret = self.simulator.credentials["consumer_key"], self.simulator.credentials["consumer_secret"]
        params = oauth_query(method, url, query or {}, key, secret, f"{self.calls:032}", stamp)
        return await self.client.request(method, url, params=params, **options)

    def order(self, order_id: str) -> dict[str, Any]:
        """The order in the shop's books."""
        return self.simulator.books.orders[int(order_id)]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with lines.opened(Line(WooCommerceSimulator(seed=3, speed=600.0), WooCommerceConnector)) as opened:
        yield opened


@pytest.fixture
def message(payload: Callable[[str], Any]) -> Callable[..., Message]:
    """A stored message made of a fixture, named by its event, with fields exchanged."""

    def load(name: str, kind: str = "order", **changed: Any) -> Message:
        body = {**payload(name), **changed}
        return Message(name, kind, json.dumps(body).encode(), 1, str(body.get("id", "")))

    return load
