"""A pretend Just Eat that listens, an open door for its pushes, and connectors signed in there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from app.domain.changes import OrderUpdate
from app.platforms.api import Message, WebhookRequest
from app.platforms.conformance import Counter, Door
from app.platforms.just_eat.connector import JustEatConnector
from app.platforms.just_eat.mapping import read, version_of
from app.platforms.just_eat.orders import Reading
from app.platforms.just_eat.signing import hash_header
from app.platforms.just_eat.simulator import WEBHOOK_KEY, WEBHOOK_SECRET, JustEatSimulator
from tests.platforms import lines


class Line(lines.Line[JustEatSimulator, JustEatConnector]):
    def door(self, connector: JustEatConnector) -> Door:
        return Door(Counter(self.simulator, connector, lambda _: self.connect()))


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A perfect platform of which five minutes pass in half a second."""
    async with lines.opened(Line(JustEatSimulator(seed=5, speed=600.0), JustEatConnector)) as opened:
        yield opened


@pytest.fixture
def update(payload: Callable[[str], Any]) -> Callable[..., OrderUpdate]:
    """A fixture read, with parts of it changed."""

    def load(name: str, reading: Reading | None = None, **changed: Any) -> OrderUpdate:
        body = payload(name) | changed
        message = Message(name, "event", json.dumps(body).encode(), version_of(body))
        (found,) = read(message, reading or Reading())
        return found

    return load


def push(
    body: Any,
    query: Mapping[str, str] | None = None,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    **named: str,
) -> WebhookRequest:
    """A push as Just Eat sends it; headers are replaced by those given, and left out where "" is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = {"authorization": WEBHOOK_KEY, "x-jet-connect-hash": hash_header(WEBHOOK_SECRET, raw, 1_767_268_800_123)}
    given = {name.replace("_", "-"): value for name, value in {**(headers or {}), **named}.items()}
    sent = {name: value for name, value in {**known, **given}.items() if value}
    return WebhookRequest(method, "/hooks/just_eat/token", dict(query or {}), sent, raw)
