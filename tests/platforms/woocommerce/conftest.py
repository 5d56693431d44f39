"""A WooCommerce simulator and a connector signed in to it."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.platforms.api import Message, Page, Settings
from app.platforms.woocommerce.connector import WooCommerceConnector
from app.platforms.woocommerce.signing import oauth_query
from app.platforms.woocommerce.simulator import WooCommerceSimulator
from app.texts import language, use

FIXTURES = Path(__file__).parent / "fixtures"
API = "/wp-json/wc/v3"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """The texts compared here are the code's own."""
    before = language()
    use("en")
    yield
    use(before)


# Building the default trust costs more than most of these tests; nothing here speaks TLS.
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def offline(**values: str) -> WooCommerceConnector:
    """A connector that reads and never calls."""
    return WooCommerceConnector(Settings(1, values, forget), httpx.AsyncClient(verify=TRUST))


async def forget(_: Mapping[str, str]) -> None:
    """Saves nothing."""


@dataclass
class Line:
    """Both ends of the wire."""

    simulator: WooCommerceSimulator
    client: httpx.AsyncClient
    calls: int = 0

    def connect(self, **changed: str) -> WooCommerceConnector:
        values = {**self.simulator.credentials, **changed}
        return WooCommerceConnector(Settings(1, values, forget), self.client)

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
    simulator = WooCommerceSimulator(seed=3, speed=600.0)
    await simulator.start()
    async with httpx.AsyncClient(verify=TRUST) as client:
        yield Line(simulator, client)
    await simulator.stop()


@pytest.fixture
def payload() -> Callable[[str], Any]:
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def message() -> Callable[..., Message]:
    """A stored message made of a fixture, named by its event, with fields exchanged."""

    def load(name: str, kind: str = "order", **changed: Any) -> Message:
        body = {**json.loads((FIXTURES / f"{name}.json").read_text("utf-8")), **changed}
        return Message(name, kind, json.dumps(body).encode(), 1, str(body.get("id", "")))

    return load


async def polled(connector: WooCommerceConnector, cursor: str = "") -> tuple[list[Message], str]:
    """Poll until the shop has no more."""
    found: list[Message] = []
    for _ in range(50):
        page: Page = await connector.fetch_orders(cursor)
        found, cursor = [*found, *page.messages], page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("a poll without an end")
