"""Where the suite's checks are made: one platform, its simulator listening, and a counter signed in there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.domain.commands import CommandKind
from app.domain.lifecycle import DEAD, Kitchen, OrderState
from app.platforms.api import Arrival, Connector, FieldKind, Platform, Settings, TakesWebhooks
from app.platforms.conformance.counter import Counter, Door
from app.platforms.http import new_client
from app.platforms.simulation import Faults, Simulator, Truth

KITCHEN = list(Kitchen)
# What the platform must show at least, once it has said yes to a command.
REACHED = {
    CommandKind.RECEIVED: Kitchen.NEW,
    CommandKind.ACCEPT: Kitchen.ACCEPTED,
    CommandKind.READY: Kitchen.READY,
    CommandKind.HAND_OVER: Kitchen.HANDED_OVER,
    CommandKind.COMPLETE: Kitchen.COMPLETED,
}
NO_SUCH_ORDER = "1234567890123456789"
# An inner property runs inside an async test: its speed is the machine's business, not the platform's.
FREELY = hypothesis_settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))


class Bench:
    """What a platform's class of the suite may say about itself, and what every check stands on."""

    platform: ClassVar[Platform]
    simulator: ClassVar[type[Simulator]]
    speed: ClassVar[float] = 20.0  # of the simulator: high enough for its waits, low enough for its deadlines
    crowd: ClassVar[int] = 130  # orders that certainly need several pages
    path: ClassVar[tuple[CommandKind, ...]] = tuple(REACHED)  # the way of a good order; unsupported steps are left out
    signed: ClassVar[bool] = True  # whether a push is signed, body and all; otherwise a header alone proves its sender

    def with_unknown_status(self, body: bytes) -> bytes:
        """The body of a message about a new order, changed to a status no document names."""
        raise NotImplementedError

    async def between_commands(self, counter: Counter) -> None:
        """Wait for whatever the platform wants between two commands (an earliest moment for "ready")."""

    async def before_cancellation(self, counter: Counter, order_id: str) -> None:
        """Bring a new order to where its cancellation would be told, for a platform that tells some only."""

    async def before_refund(self, counter: Counter, order_id: str) -> None:
        """Bring a new order to where the shop may give money back: accepted, where there is such a step."""
        if CommandKind.ACCEPT in self.platform.commands:
            await counter.send(CommandKind.ACCEPT, order_id)

    @property
    def pushed_only(self) -> bool:
        """A platform that lists no orders: its counter always stands behind an open door."""
        return self.platform.arrival is Arrival.RELAYED

    @asynccontextmanager
    async def counter(self, faults: Faults | None = None) -> AsyncIterator[Counter]:
        """A simulator that listens and a connector signed in there."""
        simulator = self.simulator(7, faults, self.speed)
        await simulator.start()
        try:
            async with new_client() as client, AsyncExitStack() as doors:
                counter = self._counter(simulator, client)
                if self.pushed_only:
                    await doors.enter_async_context(Door(counter).opened())
                yield counter
                await counter.connector.aclose()
            assert not [record for record in simulator.records if record.what == "malformed"], "nobody could read this"
        finally:
            await simulator.stop()

    @asynccontextmanager
    async def pushed(self, **door: Any) -> AsyncIterator[tuple[Counter, Door]]:
        """A counter behind a door. Skips what does not push."""
        async with self.counter() as counter:
            if not isinstance(counter.connector, TakesWebhooks):
                pytest.skip("this platform does not push")
            async with Door(counter, **door).opened() as opened:
                yield counter, opened

    def wrong_secrets(self, counter: Counter) -> Connector:
        """A connector whose secrets each have a letter too many."""
        secret = {entry.name for entry in self.platform.fields if entry.kind is FieldKind.SECRET}
        given = counter.simulator.credentials.items()
        return counter.connect({name: value + "x" for name, value in given if name in secret})

    def steps(self) -> list[CommandKind]:
        """The way of a good order here."""
        return [kind for kind in self.path if kind in self.platform.commands]

    def first_step(self) -> CommandKind:
        """The first thing that the shop does to an order. Skips a platform where it does nothing."""
        deeds = [kind for kind in self.steps() if kind is not CommandKind.RECEIVED]
        if not deeds:
            pytest.skip("the shop changes nothing at this platform")
        return deeds[0]

    def _counter(self, simulator: Simulator, client: httpx.AsyncClient) -> Counter:
        saved = dict(simulator.credentials)

        async def save(values: Mapping[str, str]) -> None:
            saved.update(values)

        def connect(changed: Mapping[str, str]) -> Connector:
            return self.platform.connect(Settings(1, {**saved, **changed}, save, simulator.address), client)

        return Counter(simulator, connect({}), connect, pushed_only=self.pushed_only)


def assert_reached(kind: CommandKind, state: OrderState) -> None:
    """The platform shows at least what it agreed to."""
    assert KITCHEN.index(state.kitchen) >= KITCHEN.index(REACHED[kind])
    assert state.kitchen not in DEAD


def assert_no_repeats(truth: Truth) -> None:
    """The platform carried out each command once."""
    assert len(truth.commands) == len(set(truth.commands))
