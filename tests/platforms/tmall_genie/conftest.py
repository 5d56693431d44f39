"""A pretend Tmall Genie that listens, a door for its questions, and connectors with its credentials."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.platforms.api import Settings, WebhookRequest
from app.platforms.http import new_client
from app.platforms.tmall_genie.connector import TmallGenieConnector, connect
from app.platforms.tmall_genie.simulator import TmallGenieSimulator

Connect = Callable[..., TmallGenieConnector]
Fixture = Callable[[str], bytes]
FOLDER = Path(__file__).parent / "fixtures"


@pytest.fixture
async def genie() -> AsyncIterator[TmallGenieSimulator]:
    """A perfect speaker."""
    simulator = TmallGenieSimulator(seed=5)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP client of the connectors."""
    async with new_client() as opened:
        yield opened


@pytest.fixture
def opened(client: httpx.AsyncClient) -> Connect:
    """Open a connector with these values of the form; `address` for a simulator."""

    async def save(values: Mapping[str, str]) -> None:
        raise AssertionError(f"nothing is ever learned here: {values}")

    def make(address: str = "", **values: str) -> TmallGenieConnector:
        known = {"skill_id": "50001", "users": "uo-abc", "link_token": "linked-account-token"}
        return connect(Settings(1, {**known, **values}, save, address), client)

    return make


def asked(body: bytes | Mapping[str, Any], method: str = "POST", path: str = "/hooks/tmall_genie/token") -> WebhookRequest:
    """A webhook request with this body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest(method, path, {}, {"content-type": "application/json"}, raw)
