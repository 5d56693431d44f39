"""A pretend Ele.me that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import texts
from app.platforms.api import Settings
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.http import new_client

Connect = Callable[..., ElemeConnector]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Texts are compared in the language they are written in."""
    before = texts.language()
    texts.use("en")
    yield
    texts.use(before)


@pytest.fixture
def fixture() -> Callable[[str], bytes]:
    """The bytes of a message, by the event's name."""
    folder = Path(__file__).parent / "fixtures"
    return lambda name: (folder / f"{name}.json").read_bytes()


@pytest.fixture
async def eleme() -> AsyncIterator[ElemeSimulator]:
    """A perfect platform of which an hour passes in a minute."""
    simulator = ElemeSimulator(seed=11, speed=60.0)
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
def connect(eleme: ElemeSimulator, wire: httpx.AsyncClient, saved: dict[str, str]) -> Connect:
    """Open a connector with the simulator's credentials, what was saved, and `changed`."""

    async def save(values: Mapping[str, str]) -> None:
        saved.update(values)

    def opened(clock: Any = None, **changed: str) -> ElemeConnector:
        settings = Settings(1, {**eleme.credentials, **saved, **changed}, save, eleme.address)
        return ElemeConnector(settings, wire, clock) if clock else ElemeConnector(settings, wire)

    return opened
