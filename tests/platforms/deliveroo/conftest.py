"""A pretend Deliveroo that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from app.domain.changes import OrderUpdate
from app.platforms.api import Message
from app.platforms.deliveroo.connector import DeliverooConnector
from app.platforms.deliveroo.mapping import Reading, event_version, read
from app.platforms.deliveroo.simulated_orders import Placed
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.simulation import Faults
from tests.platforms import lines


class Line(lines.Line[DeliverooSimulator, DeliverooConnector]):
    def order(self, order_id: str) -> Placed:
        return self.simulator.site.orders[order_id]

    async def token(self) -> str:
        """A token, as if it had been asked for on a better day."""
        faults, self.simulator.faults = self.simulator.faults, Faults()
        pair = (self.simulator.credentials["client_id"], self.simulator.credentials["client_secret"])
        form = {"grant_type": "client_credentials"}
        answer = await self.client.post(f"{self.simulator.address}/oauth2/token", data=form, auth=pair)
        self.simulator.faults = faults
        return str(answer.json()["access_token"])

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self.token()}"}
        return await self.client.request(method, f"{self.simulator.address}{path}", headers=headers, **options)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform of which a minute passes in half a second."""
    async with lines.opened(Line(DeliverooSimulator(seed=5, speed=120.0), DeliverooConnector)) as opened:
        yield opened


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
