"""From the start of the process to a painted window on a store with 300 open orders, beside a bare window on the same store.

The bare window imports PySide6 and the driver alone, opens the database with the key and counts the orders. Both run in
turns, in processes of their own, off screen. Resident memory of the console, idle and with 300 cards, is printed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app.bootstrap import house_of
from app.config import DataFolder
from app.db import accounts
from app.db.database import Database
from app.engine.apply import apply
from app.engine.house import House, now
from app.engine.secrets import Vault
from app.platforms.eleme.events import Reading, read
from app.platforms.eleme.polling import order_message
from app.platforms.eleme.simulator import ElemeSimulator
from tests.benchmarks.conftest import Say

ORDERS, ROUNDS, BOUND = 300, 5, 2.5


@pytest.mark.timeout(300)
async def test_window_is_painted_soon(tmp_path: Path, say: Say) -> None:
    master = os.urandom(32)
    vault = Vault(master, "benchmark")
    full, idle = tmp_path / "full", tmp_path / "idle"
    _shop(idle, vault, [])
    _shop(full, vault, await _bodies())

    console, bare = [], []
    for _ in range(ROUNDS):
        console.append(_opened("console", full, master))
        bare.append(_opened("bare", full, vault.database_key))
    assert [one["orders"] for one in console + bare] == [ORDERS] * 2 * ROUNDS
    seconds, floor = (statistics.median(one["seconds"] for one in each) for each in (console, bare))
    best, best_floor = (min(one["seconds"] for one in each) for each in (console, bare))
    say(
        f"window painted after {seconds:.2f} s with {ORDERS} orders, floor a bare window on the same store {floor:.2f} s, "
        f"ratio {seconds / floor:.2f} (<= {BOUND}); best {best:.2f} and {best_floor:.2f} s, ratio {best / best_floor:.2f}"
    )
    empty = _opened("console", idle, master)
    say(
        f"memory: console idle {empty['resident']:.0f} MiB, with {ORDERS} cards {console[-1]['resident']:.0f} MiB, "
        f"floor bare window {bare[-1]['resident']:.0f} MiB"
    )
    assert seconds / floor <= BOUND


def _opened(kind: str, folder: Path, key: bytes) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.windows", kind, str(folder), key.hex()]
    started = time.time()
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "seconds": found["painted"] - started}


async def _bodies() -> list[dict[str, Any]]:
    simulator = ElemeSimulator(1)
    for _ in range(ORDERS):
        simulator.place()
    bodies = [order.body for order in simulator.shop.orders.values()]
    await simulator.stop()
    return bodies


def _shop(folder: Path, vault: Vault, bodies: list[dict[str, Any]]) -> None:
    data = DataFolder(folder).create()
    with Database.open(data.database, vault.database_key) as database:
        database.write_now(_fill, house_of(database), bodies)


def _fill(connection: Connection, house: House, bodies: list[dict[str, Any]]) -> None:
    """Open orders of an account that is switched off, so that nothing is asked of any platform."""
    account_id = accounts.add(
        connection, now(), platform="eleme", name="", address="", settings={}, hook_token="t" * 32, auto_accept=False
    )
    accounts.change(connection, account_id, enabled=False)
    account = accounts.get(connection, account_id)
    for body in bodies:
        message = order_message(body, int(time.time() * 1000))
        apply(connection, house, account, read(message.kind, message.body, message.version, Reading()), now())
