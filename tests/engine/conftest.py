"""What engine tests stand on: the fake wire wiped clean, a real encrypted store, and a shop in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.database import Database
from app.engine.secrets import Vault
from tests.engine import shop as fakes
from tests.engine.shop import FakeWire, Shop

MASTER = b"m" * 32


@pytest.fixture
def wire() -> Iterator[FakeWire]:
    fakes.wire = FakeWire()
    yield fakes.wire
    fakes.wire = FakeWire()


@pytest.fixture
def vault() -> Vault:
    return Vault(MASTER, "a test")


@pytest.fixture
def store(tmp_path: Path, vault: Vault) -> Iterator[Database]:
    with Database.open(tmp_path / "orders.db", vault.database_key) as opened:
        yield opened


@pytest.fixture
def counter() -> Iterator[Shop]:
    """One account, one printer, a platform without words for handing over and completing."""
    with fakes.shop() as opened:
        yield opened
