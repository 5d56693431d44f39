"""The bell of a pretend platform: pushes that are lost, repeated, disordered and tried again as the day's faults want.

A platform's own `simulated_pushes` says what a message looks like, what acknowledges it, and how often it is tried.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import httpx

from app.platforms.http import trust
from app.platforms.simulation import Simulator

T = TypeVar("T")

OUT_OF_TURN = (0.05, 0.4)  # seconds that a disordered push is late
LISTEN_AGAIN = 0.02  # seconds until a bell that is heard in the end looks again whether somebody listens


class RefusedError(Exception):
    """An answer that is no acknowledgement, and after which nobody tries again."""


@dataclass(frozen=True, slots=True)
class Push(Generic[T]):
    """One message. `content` is in the platform's form, `detail` stands in its records; one that `brings` its order tells
    the counter of it once it is acknowledged. `pauses`: its own, where the platform tries its kinds differently often."""

    order_id: str
    content: T
    detail: Mapping[str, Any]
    brings: bool = True
    pauses: Sequence[float] = ()


class Bell(ABC, Generic[T]):
    """Sends to `simulator.push_to`; `heard(order_id)` is told of every order that reached somebody. `under_way` counts what
    is not acknowledged, nor given up."""

    timeout: ClassVar[float] = 3.0  # seconds that the receiver has for its answer

    def __init__(self, simulator: Simulator, heard: Callable[[str], None]) -> None:
        self.simulator = simulator
        self._heard = heard
        self.under_way = 0
        self._turns: dict[str, asyncio.Lock] = {}
        self._client: httpx.AsyncClient | None = None

    @property
    @abstractmethod
    def pauses(self) -> Sequence[float]:
        """Real seconds after each try that failed, the last one included: as many as there are tries."""

    @abstractmethod
    async def acknowledged(self, client: httpx.AsyncClient, content: T) -> bool:
        """Try once; whether the answer is an acknowledgement. An httpx error is none. RefusedError ends the tries."""

    def given_up(self, content: T) -> None:
        """No try is left, or none is wanted."""

    def lost(self, order_id: str, **detail: Any) -> bool:
        """Whether a message is not to be sent at all: nobody listens, or a fault loses it."""
        if not self.simulator.push_to:
            return True
        if not self.simulator.chance(self.simulator.faults.lose_push):
            return False
        self.simulator.record("push_lost", order_id, **detail)
        return True

    def ring(self, push: Push[T]) -> None:
        """Send it, on a bad day twice."""
        for _ in range(1 + self.simulator.chance(self.simulator.faults.repeat_push)):
            self.under_way += 1
            self.simulator.spawn(self._in_turn(push))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _in_turn(self, push: Push[T]) -> None:
        """The messages of an order keep their order, but for the faults."""
        try:
            if self.simulator.chance(self.simulator.faults.reorder_push):
                await asyncio.sleep(self.simulator.random.uniform(*OUT_OF_TURN))
                return await self._deliver(push)
            async with self._turns.setdefault(push.order_id, asyncio.Lock()):
                return await self._deliver(push)
        finally:
            self.under_way -= 1

    async def _deliver(self, push: Push[T]) -> None:
        for attempt, pause in enumerate(push.pauses or self.pauses, 1):
            self.simulator.record("pushed", push.order_id, **push.detail, attempt=attempt)
            taken = await self._try(push.content)
            what = "push_acknowledged" if taken else "push_failed"
            self.simulator.record(what, push.order_id, **push.detail, attempt=attempt)
            if taken:
                return self._heard(push.order_id) if push.brings else None
            if taken is None:
                break
            await asyncio.sleep(pause)
        return self.given_up(push.content)

    async def _try(self, content: T) -> bool | None:
        """None: no, and for good."""
        client = self._client = self._client or httpx.AsyncClient(timeout=self.timeout, verify=trust())
        try:
            return await self.acknowledged(client, content)
        except RefusedError:
            return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return False


class LastingBell(Bell[T]):
    """Of a platform that cannot be asked: a message waits until somebody listens; a fault loses it once, not for ever."""

    async def _deliver(self, push: Push[T]) -> None:
        if self.lost(push.order_id, **push.detail):
            await asyncio.sleep(LISTEN_AGAIN)
        while not self.simulator.push_to:  # noqa: ASYNC110 - somebody sets the address some day, and there is no event
            await asyncio.sleep(LISTEN_AGAIN)
        await super()._deliver(push)
