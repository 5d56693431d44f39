"""A pretend Koubei that listens, a door for its notifications, and connectors signed in there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from app.platforms.koubei.connector import KoubeiConnector
from app.platforms.koubei.simulator import KoubeiSimulator
from tests.platforms.lines import Line, opened

Connect = Callable[..., KoubeiConnector]


@pytest.fixture
async def line() -> AsyncIterator[Line[KoubeiSimulator, KoubeiConnector]]:
    """A perfect platform of which an hour passes in a minute."""
    async with opened(Line(KoubeiSimulator(seed=11, speed=60.0), KoubeiConnector)) as line:
        yield line


@pytest.fixture
def koubei(line: Line[KoubeiSimulator, KoubeiConnector]) -> KoubeiSimulator:
    """The platform's end of the line."""
    return line.simulator
