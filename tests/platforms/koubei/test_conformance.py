"""Koubei keeps the promises every platform keeps; since it lists no orders, its counter stands behind an open door."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from aiohttp import web

from app.platforms.conformance import ConformanceSuite, Counter, Door, until
from app.platforms.koubei import platform
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import Faults, Simulator


@dataclass
class NotifiedCounter(Counter):
    """A poll of a platform that only notifies is: wait until nothing is on its way, then look again at what is known."""

    async def poll(self, pages: int = 100) -> None:
        simulator = self.simulator
        assert isinstance(simulator, KoubeiSimulator)
        await until(lambda: not simulator.notices.waiting)
        await super().poll(pages)


@dataclass
class FailingDoor(Door):
    """Answers the first few with a fault of its own, as a counter does that dies before it commits."""

    failures: int = 0

    async def take(self, request: web.Request) -> web.Response:
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        return await super().take(request)


class TestKoubei(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = KoubeiSimulator
    crowd = 25  # there are no pages: it is about many notifications at once

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status of a dish that no document names: an order has none of its own."""
        content = json.loads(body)
        dishes = [{**dish, "make_status": "TELEPORTED"} for dish in content["dish_details"]]
        return json.dumps({**content, "dish_details": dishes}).encode()

    @asynccontextmanager
    async def counter(self, faults: Faults | None = None) -> AsyncIterator[Counter]:
        async with super().counter(faults) as counter, Door(counter).opened():
            yield counter

    def _counter(self, simulator: Simulator, client: httpx.AsyncClient) -> Counter:
        plain = super()._counter(simulator, client)
        return NotifiedCounter(plain.simulator, plain.connector, plain.connect)

    @pytest.mark.asyncio
    async def test_an_order_is_polled_again_until_it_is_stored(self) -> None:
        """What is asked again here is the notification: until it was stored, and by whoever stands at the door then."""
        async with super().counter() as counter, FailingDoor(counter, failures=2).opened():
            order_id = counter.simulator.place()
            await counter.restart()
            await counter.poll()
            assert counter.order_ids() == {order_id}
            tries = [record.detail["notify_id"] for record in counter.simulator.records if record.what == "pushed"]
            assert len(tries) == 3
            assert len(set(tries)) == 1

    def test_the_door_is_needed(self) -> None:
        """A negative control of this class: the platform says itself that it cannot be polled."""
        assert platform.arrival == "relayed"
        values: Mapping[str, str] = KoubeiSimulator().credentials
        assert values["app_id"]
