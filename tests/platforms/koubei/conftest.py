"""A pretend Koubei that listens, a door for its notifications, and connectors signed in there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.platforms.api import Settings
from app.platforms.http import new_client
from app.platforms.koubei.connector import KoubeiConnector
from app.platforms.koubei.simulator import KoubeiSimulator

Connect = Callable[..., KoubeiConnector]


@pytest.fixture
def fixture() -> Callable[[str], bytes]:
    """The bytes of an order, by the event's name."""
    folder = Path(__file__).parent / "fixtures"
    return lambda name: (folder / f"{name}.json").read_bytes()


@pytest.fixture
async def koubei() -> AsyncIterator[KoubeiSimulator]:
    """A perfect platform of which an hour passes in a minute."""
    simulator = KoubeiSimulator(seed=11, speed=60.0)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def wire() -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP client of the tests."""
    async with new_client() as client:
        yield client


@pytest.fixture
def saved() -> dict[str, str]:
    """What connectors of this test have saved."""
    return {}


@pytest.fixture
def connect(koubei: KoubeiSimulator, wire: httpx.AsyncClient, saved: dict[str, str]) -> Connect:
    """Open a connector with the simulator's credentials, what was saved, and `changed`."""

    async def save(values: Mapping[str, str]) -> None:
        saved.update(values)

    def opened(clock: Any = None, **changed: str) -> KoubeiConnector:
        settings = Settings(1, {**koubei.credentials, **saved, **changed}, save, koubei.address)
        return KoubeiConnector(settings, wire, clock) if clock else KoubeiConnector(settings, wire)

    return opened
