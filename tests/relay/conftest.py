"""A real NATS server for the tests of the relay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.relay import publisher
from tests.relay.server import NatsServer


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may flush slowly; a platform would not wait for it, a test does."""
    monkeypatch.setattr(publisher, "STORED_SECONDS", 30.0)


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    folder = tmp_path / "nats"
    folder.mkdir()
    server = NatsServer(folder).start()
    yield server
    server.kill()
