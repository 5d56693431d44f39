"""One budget for every list call: polls never wait, and the strict simulator's limit of 5 a minute is never reached."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from app import steady
from app.platforms.api import TemporaryError
from app.platforms.deliveroo import simulated_wire
from app.platforms.deliveroo.connector import DeliverooConnector
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.deliveroo.spare import APART, POLL_SECONDS, Spare
from app.platforms.simulation import Happening
from tests.platforms import lines

from .conftest import Line

POLL, FIRST_LOOK, LOOK, LONGEST_RUN = 20.0, 30.0, 300.0, 900.0  # seconds, as the engine does it
DAY = date(2026, 1, 2)


@dataclass
class Clock:
    """The simulator's time."""

    now: float = 1.8e9

    def time(self) -> float:
        return self.now


@dataclass
class Console:
    """Polls and counts two days as the engine does, over simulated time."""

    line: Line
    clock: Clock
    cursor: str = ""
    polled: int = 0
    counted: list[float] = field(default_factory=list)

    async def run(self, connector: DeliverooConnector, seconds: float) -> None:
        """One start until its end."""
        began = self.clock.now
        poll_at, look_at, left = began, began + FIRST_LOOK, [DAY, DAY - timedelta(days=1)]
        while (at := min(poll_at, look_at)) < began + seconds:
            self.clock.now = at
            if poll_at <= look_at:
                await self.poll(connector)
                poll_at = at + POLL
                continue
            if wait := await self.count(connector, left):
                look_at = at + wait
            else:
                look_at, left = at + LOOK, [DAY, DAY - timedelta(days=1)]
                self.counted.append(at - began)
        self.clock.now = began + seconds

    async def poll(self, connector: DeliverooConnector) -> None:
        """Until there is no more."""
        more, self.polled = True, self.polled + 1
        while more:
            page = await connector.fetch_orders(self.cursor)
            self.cursor, more = page.cursor, page.more

    async def count(self, connector: DeliverooConnector, left: list[date]) -> float:
        """Seconds to wait before what is left can be counted."""
        while left:
            try:
                await connector.list_day(left[0])
            except TemporaryError as error:
                if "new orders come first" not in str(error):  # the platform had to say no
                    raise
                return error.retry_after or 0.0
            left.pop(0)
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(simulated_wire, "steady", SimpleNamespace(time=clock.time, now=steady.now))
    return clock


async def runs(clock: Clock, seed: int, orders: int = 3) -> Console:
    """Ten starts of any length past a minute, each at once after the end before."""
    lengths = random.Random(seed)
    async with lines.opened(Line(DeliverooSimulator(seed=seed), DeliverooConnector)) as line:
        line.simulator.wire.token_life = 1e9
        for _ in range(orders):
            line.simulator.place()
        console = Console(line, clock)
        for _ in range(10):
            await console.run(line.connect(), lengths.uniform(61.0, LONGEST_RUN))
        return console


@pytest.mark.parametrize("seed", range(4))
async def test_ten_starts_with_their_polls_and_counts_are_never_throttled(clock: Clock, seed: int) -> None:
    console = await runs(clock, seed)
    assert console.counted
    assert min(console.counted) <= (3 * APART + 1) * POLL, "a look back, today, and yesterday"
    assert console.polled >= (clock.now - 1.8e9) // POLL, "no poll ever waits"


async def test_without_the_budget_the_platform_says_no(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Spare, "wait", lambda _: 0.0)
    with pytest.raises(TemporaryError, match="Too many requests"):
        await runs(clock, 1)


async def test_a_long_list_is_read_a_page_at_a_time_and_kept_between(clock: Clock) -> None:
    async with lines.opened(Line(DeliverooSimulator(seed=1), DeliverooConnector)) as line:
        line.simulator.wire.token_life = 1e9
        connector, today = line.connect(), datetime.fromtimestamp(clock.now, UTC).date()
        placed = [line.simulator.place() for _ in range(250)]
        for order_id in placed:
            line.simulator.happen(order_id, Happening.CANCEL)
            line.order(order_id).placed_at = clock.now
        console = Console(line, clock)
        listed, refused = None, 0
        await console.poll(connector)
        for _ in range(60):
            clock.now += POLL
            await console.poll(connector)
            try:
                listed = listed or await connector.list_day(today)
            except TemporaryError:
                refused += 1
        assert listed is not None
        assert ([one.order_id for one in listed], refused > APART) == (placed, True)


def test_a_spare_call_comes_back_after_four_polls() -> None:
    spare, taken = Spare(), []
    assert (spare.wait(), spare.contested) == (APART * POLL_SECONDS, False)
    for number in range(3 * APART):
        spare.polled()
        taken += [number] if spare.take() else []
    assert spare.contested
    assert [after - before for before, after in pairwise(taken)] == [APART, APART]
    assert not spare.take()
