"""The bell of the pretend platforms: tried again, refused for good, lost once, and silent once the platform has ended."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from aiohttp import web

from app.platforms import registry
from app.platforms.conformance import until
from app.platforms.simulated_pushes import Bell, LastingBell, Push, RefusedError
from app.platforms.simulation import Faults, Simulator

PUSHING = sorted(name for name, one in registry.simulators().items() if one.customers)
Moment = Callable[[Simulator], Awaitable[None]]
REFUSALS = {"/refused": 404, "/closed": 503}


class Quiet(Simulator):
    """A platform of nothing but pushes: its own wire is the address that takes or refuses them."""

    name, currency, credentials = "quiet", "EUR", {}

    def routes(self, router: web.UrlDispatcher) -> None:
        for path in ("/taken", *REFUSALS):
            router.add_post(path, self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        return web.Response(status=REFUSALS.get(request.path, 200))

    def place(self, order: Any = None, payload: Any = None) -> str:
        raise NotImplementedError

    def happen(self, order_id: str, happening: Any, **detail: Any) -> None:
        raise NotImplementedError

    def truth(self) -> list[Any]:
        return []

    def told(self) -> list[str]:
        return [record.what for record in self.records]


class Ringing(Bell[bytes]):
    """Three tries; 404 is final."""

    pauses = (0.0, 0.0, 0.0)

    def __init__(self, simulator: Simulator) -> None:
        self.heard: list[str] = []
        self.ended: list[bytes] = []
        super().__init__(simulator, self.heard.append)

    async def acknowledged(self, client: httpx.AsyncClient, content: bytes) -> bool:
        status = (await client.post(self.simulator.push_to, content=content)).status_code
        if status == 404:
            raise RefusedError
        return status == 200

    def given_up(self, content: bytes) -> None:
        self.ended.append(content)


class Lasting(Ringing, LastingBell[bytes]):
    """The same of a platform that cannot be asked."""


async def rung(bell: type[Ringing], path: str, faults: Faults | None = None, **more: Any) -> tuple[Ringing, list[str]]:
    """One message to an address; the bell, and what the platform wrote down."""
    simulator = Quiet(3, faults)
    await simulator.start()
    ringing = bell(simulator)
    simulator.push_to = f"{simulator.address}{path}" if path else ""
    ringing.ring(Push("one", b"{}", {"type": 1}, **more))
    assert ringing.under_way == 1 + (faults is not None and faults.repeat_push == 1.0)
    if not path:
        await asyncio.sleep(0)
        simulator.push_to = f"{simulator.address}/taken"
    await until(lambda: not ringing.under_way)
    await simulator.stop()
    await ringing.close()
    return ringing, simulator.told()


async def test_what_was_taken_is_heard_of_and_not_sent_again() -> None:
    bell, told = await rung(Ringing, "/taken")
    assert (bell.heard, bell.ended, told) == (["one"], [], ["pushed", "push_acknowledged"])
    assert (await rung(Ringing, "/taken", brings=False))[0].heard == []


async def test_what_failed_is_tried_as_often_as_there_are_pauses() -> None:
    bell, told = await rung(Ringing, "/closed")
    assert (bell.heard, bell.ended, told) == ([], [b"{}"], ["pushed", "push_failed"] * 3)
    assert (await rung(Ringing, "/closed", pauses=(0.0,)))[1] == ["pushed", "push_failed"]


async def test_a_refusal_is_final() -> None:
    bell, told = await rung(Ringing, "/refused")
    assert (bell.heard, bell.ended, told) == ([], [b"{}"], ["pushed", "push_failed"])


async def test_a_repeat_comes_although_it_was_taken() -> None:
    bell, told = await rung(Ringing, "/taken", Faults(repeat_push=1.0))
    assert (bell.heard, told) == (["one"] * 2, ["pushed", "push_acknowledged"] * 2)


async def test_who_cannot_be_asked_waits_for_somebody_and_loses_a_message_once() -> None:
    assert (await rung(Lasting, ""))[1] == ["pushed", "push_acknowledged"]
    assert (await rung(Lasting, "/taken", Faults(lose_push=1.0)))[1] == ["push_lost", "pushed", "push_acknowledged"]


# -- the end


async def at_once(_: Simulator) -> None:
    """Nothing of what was spawned has begun."""


async def when_it_was_refused(simulator: Simulator) -> None:
    """What the platform does about it was spawned in this very turn of the loop. Some push nothing."""
    async with asyncio.timeout(10.0):
        while "push_failed" not in (record.what for record in simulator.records):
            if not simulator.tasks:
                return
            await asyncio.sleep(0)


async def left_open(simulator: Simulator, when: Moment, place: Callable[[], Any]) -> list[str]:
    """What Python says of work that nobody began, once a platform has ended in the middle of its pushes."""
    await simulator.start()
    simulator.push_to = f"{simulator.address}/nobody"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        place()
        await when(simulator)
        await simulator.stop()
        gc.collect()
    assert not simulator.tasks
    return [str(one.message) for one in said if "never awaited" in str(one.message)]


@pytest.mark.parametrize("when", [at_once, when_it_was_refused])
@pytest.mark.parametrize("name", PUSHING)
async def test_a_platform_may_end_in_the_middle_of_its_pushes(name: str, when: Moment) -> None:
    simulator = registry.simulators()[name](7, speed=600.0)
    assert await left_open(simulator, when, simulator.place) == []


async def test_work_that_is_opened_before_its_task_begins_is_caught() -> None:
    simulator = Quiet()

    async def work() -> None:
        """Never begun."""

    async def within(job: Awaitable[None]) -> None:
        await job

    said = await left_open(simulator, at_once, lambda: simulator.spawn(within(work())))
    assert len(said) == 1
