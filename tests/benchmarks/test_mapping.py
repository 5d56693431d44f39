"""One order of each installed platform, read and mapped, beside `json.loads` of the same bytes in turns.

Asked is less than a millisecond (issue 4). `json.loads` is the floor that no mapping can beat: validation, money, times and
texts of a nested order are what the rest pays for.
"""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from app.platforms.api import Arrival, Connector, Message, Platform
from app.platforms.conformance.bench import Bench
from app.platforms.registry import platforms, simulators
from app.platforms.simulation import Simulator
from tests.benchmarks.conftest import Say
from tests.benchmarks.turns import in_turns

ASKED_MS = 1.0
CUSTOMERS = sorted(name for name, simulator in simulators().items() if simulator.customers)


def test_every_platform_has_orders_to_map() -> None:
    assert {one.name for one in platforms().values() if one.arrival is not Arrival.NONE} == set(CUSTOMERS)


@pytest.mark.parametrize("name", CUSTOMERS)
async def test_mapping_of_one_order(name: str, say: Say) -> None:
    class Here(Bench):
        platform: ClassVar[Platform] = platforms()[name]
        simulator: ClassVar[type[Simulator]] = simulators()[name]

    async with Here().counter() as counter:
        message = await counter.connector.fetch_order(await counter.place())
        ours, floor = _figures(counter.connector, message)

    told = f"mapping {len(message.body)} bytes {ours:.3f} ms (asked < {ASKED_MS:g})"
    say(f"{name}: {told}, floor json.loads {floor:.3f} ms, ratio {ours / floor:.0f}")
    assert ours < ASKED_MS


def _figures(connector: Connector, message: Message) -> tuple[float, float]:
    (update,) = connector.read(message)
    assert update.facts
    assert update.facts.lines
    return in_turns(lambda: connector.read(message), lambda: json.loads(message.body))
