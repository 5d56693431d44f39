"""Every folder's fixtures by the event's name, and the parts of the folder's own `line`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.platforms.lines import Line


@pytest.fixture
def fixture(request: pytest.FixtureRequest) -> Callable[[str], bytes]:
    """The bytes of a fixture of the folder, by the event's name."""
    return lambda name: (request.path.parent / "fixtures" / f"{name}.json").read_bytes()


@pytest.fixture
def payload(fixture: Callable[[str], bytes]) -> Callable[[str], Any]:
    """What a fixture holds, by the event's name."""
    return lambda name: json.loads(fixture(name))


@pytest.fixture
def wire(line: Line[Any, Any]) -> httpx.AsyncClient:
    """The HTTP client of the tests."""
    found: httpx.AsyncClient = line.client
    return found


@pytest.fixture
def saved(line: Line[Any, Any]) -> dict[str, str]:
    """What connectors of this test have saved."""
    return line.saved


@pytest.fixture
def connect(line: Line[Any, Any]) -> Callable[..., Any]:
    """Open a connector at the end of the line."""
    return line.connect
