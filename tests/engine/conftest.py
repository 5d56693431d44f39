"""What engine tests stand on: the fake wire wiped clean, a real encrypted store, and a shop in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import stations
from app.db.database import Database
from app.domain.routing import Route
from app.engine.secrets import Vault
from tests.engine import shop as fakes
from tests.engine.kitchen import BAR, HOT
from tests.engine.shop import FakeWire, Shop, open_printer, open_station

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


@pytest.fixture
def street() -> Iterator[Shop]:
    """A hot kitchen at printer 1 (backup 2) that is the default, and a bar at printer 2 that makes what is called tea."""
    with fakes.shop(kitchens=0) as opened:
        for name in ("hot", "bar", "bags"):
            open_printer(opened.connection, name)
        open_station(opened.connection, "hot", 1, backup_id=2)
        open_station(opened.connection, "bar", 2)
        stations.save_rules(opened.connection, [Route(0, HOT, items=("beef", "rice")), Route(0, BAR, items=("*tea",))])
        yield opened
