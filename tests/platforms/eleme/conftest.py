"""A pretend Ele.me that listens, and connectors signed in there, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.simulator import ElemeSimulator
from tests.platforms.lines import Line, opened

Connect = Callable[..., ElemeConnector]


@pytest.fixture
async def line() -> AsyncIterator[Line[ElemeSimulator, ElemeConnector]]:
    """A perfect platform of which an hour passes in a minute."""
    async with opened(Line(ElemeSimulator(seed=11, speed=60.0), ElemeConnector)) as line:
        yield line


@pytest.fixture
def eleme(line: Line[ElemeSimulator, ElemeConnector]) -> ElemeSimulator:
    """The platform's end of the line."""
    return line.simulator
