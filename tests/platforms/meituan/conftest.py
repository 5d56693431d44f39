"""A pretend Meituan that listens behind either door, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from app.domain.commands import Command, CommandKind
from app.platforms.http import new_client
from app.platforms.meituan.connector import MeituanConnector, OpenConnector
from app.platforms.meituan.simulator import MeituanSimulator, PartnerSimulator
from tests.platforms.lines import Line

Connect = Callable[..., MeituanConnector]
Start = Callable[..., Any]
DOORS = pytest.mark.parametrize("kind", [MeituanSimulator, PartnerSimulator])


@pytest.fixture
def fixture() -> Callable[[str], dict[str, Any]]:
    """The content of a message, by the event's name."""
    folder = Path(__file__).parent / "fixtures"
    return lambda name: json.loads((folder / f"{name}.json").read_text("utf-8"))


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
def connect(wire: httpx.AsyncClient, saved: dict[str, str]) -> Connect:
    """Open a connector with a simulator's credentials, what was saved, and `changed`."""

    def opened(simulator: MeituanSimulator, clock: Any = None, **changed: str) -> MeituanConnector:
        make = MeituanConnector if simulator.partner else OpenConnector
        return Line(simulator, make, wire, saved).connect(clock, **changed)

    return opened


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a simulator: an hour passes in a minute there."""
    running: list[MeituanSimulator] = []

    async def started(kind: type[MeituanSimulator] = MeituanSimulator, speed: float = 60.0) -> MeituanSimulator:
        simulator = kind(11, speed=speed)
        await simulator.start()
        running.append(simulator)
        return simulator

    yield started
    for simulator in running:
        await simulator.stop()


def form(content: Mapping[str, Any]) -> bytes:
    """A content as the body of a form; what is no text goes as JSON."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in content.items()}
    return urlencode(texts).encode()


def do(kind: CommandKind, order_id: str, **more: Any) -> Command:
    """A command under a key of its own, the same at every try."""
    return Command(kind, order_id, key=f"{kind}-{order_id}", **more)


async def drained(connector: MeituanConnector, cursor: str = "") -> tuple[list[str], str]:
    """Order ids of every message until the platform has no more, and the cursor."""
    ids: list[str] = []
    for _ in range(20):
        page = await connector.fetch_orders(cursor)
        ids, cursor = ids + [message.order_id for message in page.messages], page.cursor
        if not page.more:
            return ids, cursor
    raise AssertionError("a poll without an end")


async def told(connector: MeituanConnector, order_id: str) -> Any:
    """What Meituan says of an order now."""
    (update,) = connector.read(await connector.fetch_order(order_id))
    return update
