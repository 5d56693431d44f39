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

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "event": {"type": "OrderCreate", "status": "TELEPORTED"}}).encode()

    def with_plain_phones(self, body: bytes) -> bytes:
        """No number here is a customer's own: DoorDash gives its support's or a relay's."""
        return body

    async def before_cancellation(self, counter: Counter, order_id: str) -> None:
        """Before the shop has accepted, DoorDash tells nobody (see the connector's tests)."""
        await counter.send(CommandKind.ACCEPT, order_id)

    @pytest.mark.asyncio
    async def test_what_was_told_outlives_a_crash_by_the_inbox(self) -> None:
        async with self.counter() as counter:
            order_id = await counter.place()
            told = await counter.connector.fetch_order(order_id)
            stored, counter.stored = counter.stored, {}
            await counter.restart()
            with pytest.raises(RejectedError):  # the control: an engine that recalls nothing
                await counter.connector.fetch_order(order_id)
            counter.stored = stored
            await counter.restart()
            assert await counter.connector.fetch_order(order_id) == told
