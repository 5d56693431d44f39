"""The zone of a shop: the computer's at its first start, then its own; an older store keeps what it has."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
import tzlocal
from sqlalchemy import Connection

from app.bootstrap import house_of, open_store
from app.config import DataFolder
from app.db import audit
from app.db.database import Database
from app.engine import shop_zone
from app.engine.overview import RECEIVER_PORT
from app.engine.secrets import Vault
from tests.engine.shop import memory, open_kitchen

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def computer_in(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: name)


@pytest.mark.parametrize(
    ("computers", "shops"),
    [
        ("Europe/London", "Europe/London"),
        ("Etc/UTC", "Etc/UTC"),
        (None, "Asia/Shanghai"),
        ("", "Asia/Shanghai"),
        ("Nowhere/At_All", "Asia/Shanghai"),
        ("../../etc/passwd", "Asia/Shanghai"),
    ],
)
def test_a_new_store_takes_the_computers_zone(monkeypatch: pytest.MonkeyPatch, computers: str | None, shops: str) -> None:
    computer_in(monkeypatch, computers)
    with memory() as connection:
        shop_zone.settle(connection)
        assert audit.preference(connection, "zone") == shop_zone.zone_of(connection) == shops


def test_settings_that_disagree_are_no_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    def torn() -> str:
        raise ZoneInfoNotFoundError("Multiple conflicting time zone configurations found")

    monkeypatch.setattr(tzlocal, "get_localzone_name", torn)
    assert shop_zone.default_zone() == "Asia/Shanghai"


def _started_before(connection: Connection) -> None:
    audit.set_preference(connection, RECEIVER_PORT, 40123)


def _set_up_before(connection: Connection) -> None:
    open_kitchen(connection)


@pytest.mark.parametrize("before", [_started_before, _set_up_before])
def test_a_store_in_use_keeps_the_zone_it_went_by(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[Connection], None]
) -> None:
    computer_in(monkeypatch, "Europe/London")
    with memory() as connection:
        before(connection)
        shop_zone.settle(connection)
        assert shop_zone.zone_of(connection) == "Asia/Shanghai"


def test_a_chosen_zone_is_never_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    computer_in(monkeypatch, "Europe/London")
    with memory() as connection:
        audit.set_preference(connection, "zone", "America/New_York")
        shop_zone.settle(connection)
        assert shop_zone.zone_of(connection) == "America/New_York"


def test_the_zone_of_the_first_start_outlives_a_change_of_the_computers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, vault = DataFolder(tmp_path), Vault(bytes(32), "a test")
    for computers in ("Europe/London", "America/New_York"):
        computer_in(monkeypatch, computers)
        with open_store(folder, vault) as database:
            assert house_of(database).zone == "Europe/London"


def test_a_store_that_was_never_settled_goes_by_shanghai(tmp_path: Path) -> None:
    with Database.open(tmp_path / "orders.db", bytes(32)) as database:
        assert house_of(database).zone == "Asia/Shanghai"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes its zone from the control panel alone")
@pytest.mark.parametrize(
    ("computers", "shops", "told"),
    [
        ("Etc/UTC", "Asia/Shanghai", ("Asia/Shanghai", "20:00", "12:00")),
        ("Asia/Shanghai", "Asia/Shanghai", ()),
        ("Asia/Shanghai", "Asia/Taipei", ()),  # another name, the same time
    ],
)
def test_a_computer_whose_clock_differs_is_told(
    monkeypatch: pytest.MonkeyPatch, computers: str, shops: str, told: tuple[str, ...]
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", computers)
        time.tzset()
        said = shop_zone.other_clock(shops, NOON)
    time.tzset()
    assert bool(said) is bool(told)
    assert [words for words in told if words not in said] == []
