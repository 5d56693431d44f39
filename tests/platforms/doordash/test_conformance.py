"""DoorDash keeps the promises every platform keeps; what it cannot be asked for is heard at an open door."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest
from aiohttp import web

from app.domain.commands import CommandKind
from app.domain.lifecycle import DEAD, Kitchen, OrderState, merge_all
from app.platforms.api import Connector, ForgedWebhookError, RejectedError, TakesWebhooks, WebhookRequest
from app.platforms.conformance import ConformanceSuite, Counter, Door, patiently, until
from app.platforms.doordash import platform
from app.platforms.doordash.simulator import DoorDashSimulator
from app.platforms.simulation import Faults, Happening, Simulator


@dataclass
class PushedCounter(Counter):
    """A poll of a platform that only pushes is: wait until nothing is on its way."""

    async def poll(self, pages: int = 100, deaths: int = 0) -> None:
        await self.settled()
        await super().poll(pages, deaths)

    async def state(self, order_id: str) -> OrderState:
        await self.settled()
        return await super().state(order_id)

    async def settled(self) -> None:
        """Everything that was pushed has arrived."""
        simulator = self.simulator
        assert isinstance(simulator, DoorDashSimulator)
        await until(lambda: not simulator.pushes.waiting)


@dataclass
class AbsentDoor(Door):
    """Hangs up on the first few without a word, as a counter does that dies; any answer would fail the order for good."""

    hung_up: int = 0
    bodies: list[bytes] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        if self.hung_up:
            self.hung_up -= 1
            assert request.transport
            request.transport.close()
            return web.Response()
        return await super().take(request)


class TestDoorDash(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = DoorDashSimulator
    speed = 2.0  # nothing here waits, and the time to decide must outlast a slow machine
    crowd = 25  # there are no pages: it is about many pushes at once

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "event": {"type": "OrderCreate", "status": "TELEPORTED"}}).encode()

    @asynccontextmanager
    async def counter(self, faults: Faults | None = None) -> AsyncIterator[Counter]:
        async with super().counter(faults) as counter, Door(counter).opened():
            yield counter

    def _counter(self, simulator: Simulator, client: httpx.AsyncClient) -> Counter:
        plain = super()._counter(simulator, client)
        return PushedCounter(plain.simulator, plain.connector, plain.connect)

    def _forge(self, connector: Connector, genuine: WebhookRequest) -> None:
        """Nothing on this wire signs a body: what is refused is any other token, and none."""
        assert isinstance(connector, TakesWebhooks)
        token = genuine.headers["authorization"]
        for wrong in ("", token[:-1], f"{token}x", f"Basic {token}", "Bearer wrong"):
            with pytest.raises(ForgedWebhookError):
                connector.receive(replace(genuine, headers={**genuine.headers, "authorization": wrong}))
        without = {name: value for name, value in genuine.headers.items() if name != "authorization"}
        with pytest.raises(ForgedWebhookError):
            connector.receive(replace(genuine, headers=without))

    @pytest.mark.asyncio
    async def test_an_order_is_polled_again_until_it_is_stored(self) -> None:
        """What is asked again here is the push nobody answered (a guess of the simulator: no policy is published)."""
        async with super().counter() as counter, AbsentDoor(counter, hung_up=2).opened() as door:
            order_id = counter.simulator.place()
            await counter.restart()
            await counter.poll()
            assert counter.order_ids() == {order_id}
            assert isinstance(door, AbsentDoor)
            assert len(door.bodies) == 3
            assert len(set(door.bodies)) == 1

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_restarts(self) -> None:
        """A restart loses what was only in memory; the pushes are in the inbox."""
        async with self.counter() as counter:
            placed = set()
            for _ in range(4):
                placed |= {counter.simulator.place() for _ in range(3)}
                await counter.poll()
                await counter.restart()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_a_cancellation_is_heard(self) -> None:
        """Once the shop has accepted: before that DoorDash tells nobody (see the connector's tests)."""
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await counter.send(CommandKind.ACCEPT, order_id)
            counter.simulator.happen(order_id, Happening.CANCEL)
            await counter.poll()
            heard = merge_all(update.state for update in counter.everything() if update.order_id == order_id)
            assert heard.kitchen in DEAD

    @pytest.mark.asyncio
    async def test_an_unknown_status_is_kept_and_not_guessed(self) -> None:
        """The suite's own, once the push has arrived: there is nothing else to fetch."""
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            message = await counter.connector.fetch_order(order_id)
            (update,) = counter.connector.read(replace(message, body=self.with_unknown_status(message.body)))
            assert update.unmapped == "TELEPORTED"
            assert update.kitchen is None

    @pytest.mark.asyncio
    async def test_what_was_told_outlives_a_restart_by_the_cursor(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await counter.restart()
            with pytest.raises(RejectedError):
                await counter.connector.fetch_order(order_id)
            await counter.poll()
            assert (await patiently(lambda: counter.connector.fetch_order(order_id))).order_id == order_id
            assert (await counter.state(order_id)).kitchen is Kitchen.NEW

    def test_the_door_is_needed(self) -> None:
        """A negative control of this class: the platform says itself that it cannot be polled."""
        assert platform.arrival == "relayed"
        assert platform.cannot
