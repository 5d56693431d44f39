"""Just Eat keeps the promises every platform keeps, in both forms in which it pushes orders."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import httpx
import pytest

from app.domain.commands import CommandKind
from app.platforms.abilities import SellsItems
from app.platforms.api import Connector, Message
from app.platforms.conformance import ConformanceSuite, Counter, until
from app.platforms.just_eat import platform
from app.platforms.just_eat.simulator import JustEatSimulator
from app.platforms.simulation import Faults, Simulator


@dataclass
class Patient(Counter):
    """No call reads an order: what a check wants to fetch must have been pushed first, so a fetch waits for that."""

    def __post_init__(self) -> None:
        self.connector = self._waiting(self.connector)

    def _waiting(self, connector: Connector) -> Connector:
        simulator, fetch = self.simulator, connector.fetch_order

        async def fetch_order(order_id: str) -> Message:
            await until(lambda: not simulator.undelivered())
            return await fetch(order_id)

        connector.fetch_order = fetch_order  # type: ignore[method-assign]  # for the length of one check
        return connector


class OlderSimulator(JustEatSimulator):
    """The same restaurant with the older API's pushes."""

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes.older_api = True


class TestJustEat(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = JustEatSimulator
    crowd = 25  # there are no pages: it is about many pushes at once

    def _counter(self, simulator: Simulator, client: httpx.AsyncClient) -> Counter:
        plain = super()._counter(simulator, client)
        return Patient(plain.simulator, plain.connector, plain.connect, pushed_only=plain.pushed_only)

    @pytest.mark.asyncio
    async def test_an_unknown_status_is_kept_and_not_guessed(self) -> None:
        """An order has no status here: what can be unknown is how far its driver is."""
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            kept = await counter.connector.fetch_order(order_id)
            driver = {"orderID": order_id, "driverStatus": {"code": "teleported"}, "happenedAt": "2026-01-01T12:00:00Z"}
            (update,) = counter.connector.read(replace(kept, body=json.dumps(driver).encode()))
            assert (update.unmapped, update.delivery, update.kitchen) == ("teleported", None, None)

    @pytest.mark.asyncio
    async def test_an_item_runs_out_and_comes_back(self) -> None:
        """Only what was ordered is known."""
        async with self.counter() as counter:
            counter.simulator.place()
            await counter.poll()
            connector = counter.connector
            assert isinstance(connector, SellsItems)
            items = await connector.items()
            chosen = items[0].item_id
            for available in (False, False, True, True):
                await connector.set_available([chosen], available, None)
                shown = {item.item_id: item.available for item in await connector.items()}
                assert shown == {item.item_id: True for item in items} | {chosen: available}

    def test_nothing_is_asked_of_the_order_itself(self) -> None:
        """The suite skips its checks of commands for this reason."""
        assert not platform.commands & set(CommandKind)


class TestOlder(TestJustEat):
    """See the suite."""

    simulator = OlderSimulator
