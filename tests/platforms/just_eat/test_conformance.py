"""Just Eat keeps the promises every platform keeps, in both forms in which it pushes orders."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.domain.commands import CommandKind
from app.platforms.conformance import ConformanceSuite
from app.platforms.just_eat import platform
from app.platforms.just_eat.simulator import JustEatSimulator, OlderSimulator


class TestJustEat(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = JustEatSimulator
    crowd = 25  # there are no pages: it is about many pushes at once

    @pytest.mark.asyncio
    async def test_an_unknown_status_is_kept_and_not_guessed(self) -> None:
        """An order has no status here: what can be unknown is how far its driver is."""
        async with self.counter() as counter:
            order_id = await counter.place()
            kept = await counter.connector.fetch_order(order_id)
            driver = {"orderID": order_id, "driverStatus": {"code": "teleported"}, "happenedAt": "2026-01-01T12:00:00Z"}
            (update,) = counter.connector.read(replace(kept, body=json.dumps(driver).encode()))
            assert (update.unmapped, update.delivery, update.kitchen) == ("teleported", None, None)

    def test_nothing_is_asked_of_the_order_itself(self) -> None:
        """The suite skips its checks of commands for this reason."""
        assert not platform.commands & set(CommandKind)


class TestOlder(TestJustEat):
    """See the suite."""

    simulator = OlderSimulator
