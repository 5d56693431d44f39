"""DoorDash keeps the promises every platform keeps."""

from __future__ import annotations

import json

import pytest

from app.domain.commands import CommandKind
from app.platforms.api import RejectedError
from app.platforms.conformance import ConformanceSuite, Counter
from app.platforms.doordash import platform
from app.platforms.doordash.simulator import DoorDashSimulator


class TestDoorDash(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = DoorDashSimulator
    speed = 2.0  # nothing here waits, and the time to decide must outlast a slow machine
    crowd = 25  # there are no pages: it is about many pushes at once
    signed = False
    asked_in_cursor = True

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "event": {"type": "OrderCreate", "status": "TELEPORTED"}}).encode()

    async def before_cancellation(self, counter: Counter, order_id: str) -> None:
        """Before the shop has accepted, DoorDash tells nobody (see the connector's tests)."""
        await counter.send(CommandKind.ACCEPT, order_id)

    @pytest.mark.asyncio
    async def test_what_was_told_outlives_a_restart_by_the_cursor(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await counter.restart()
            with pytest.raises(RejectedError):
                await counter.connector.fetch_order(order_id)
            await counter.poll()
            assert (await counter.connector.fetch_order(order_id)).order_id == order_id
