"""From the start of the process to a painted window on a store with 300 open orders, beside a bare window on the same store.

Two floors, in turns with the console, each in a process of its own, off screen. One opens the database as the console must:
through the same store, every page checked, the orders read. The other knows PySide6 and the driver alone and counts; its
ratio is printed only, because before the console's first line Python has spent several such starts on importing SQLAlchemy,
aiohttp, httpx and pydantic. The best of each kind counts: neighbours can only add. Issue 2 wants 2.5; a little more is let
pass before the benchmark fails. Resident memory of the console, idle and with 300 cards, is printed too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app import steady
from app.bootstrap import house_of
from app.config import DataFolder
from app.db import accounts
from app.db.database import Database
from app.engine.apply import apply
from app.engine.house import House
from app.engine.secrets import Vault
from app.platforms.eleme.events import Reading, read
from app.platforms.eleme.polling import order_message
from app.platforms.eleme.simulator import ElemeSimulator
from app.steady import now
from tests.benchmarks.conftest import Say

ORDERS, ROUNDS, GOAL, BOUND = 300, 5, 2.5, 3.5


@pytest.mark.timeout(300)
async def test_window_is_painted_soon(tmp_path: Path, say: Say) -> None:
    master = os.urandom(32)
    vault = Vault(master, "benchmark")
    full, idle = tmp_path / "full", tmp_path / "idle"
    _shop(idle, vault, [])
    _shop(full, vault, await _bodies())

    keys = {"console": master, "stored": master, "bare": vault.database_key}
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in keys}
    for _ in range(ROUNDS):
        for kind, key in keys.items():
            found[kind].append(_opened(kind, full, key))
    empty = _opened("console", idle, master)
    assert {one["orders"] for each in found.values() for one in each} == {ORDERS}

    seconds = {kind: min(one["seconds"] for one in each) for kind, each in found.items()}
    resident = {kind: each[-1]["resident"] for kind, each in found.items()}
    ratio = seconds["console"] / seconds["stored"]
    say(
        f"window with {ORDERS} orders painted after {seconds['console']:.2f} s, floor a bare window on the same store "
        f"{seconds['stored']:.2f} s, ratio {ratio:.2f} (goal {GOAL}, <= {BOUND})"
    )
    say(f"  driver alone {seconds['bare']:.2f} s, ratio {seconds['console'] / seconds['bare']:.2f}")
    say(
        f"memory: console idle {empty['resident']:.0f} MiB, with {ORDERS} cards {resident['console']:.0f} MiB, "
        f"floors {resident['stored']:.0f} and {resident['bare']:.0f} MiB"
    )
    assert ratio <= BOUND


def _opened(kind: str, folder: Path, key: bytes) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.windows", kind, str(folder), key.hex()]
    started = steady.time()
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
    shop = DataFolder(folder).create()
    with Database.open(shop.database, vault.database_key) as database:
        database.write_now(_fill, house_of(database), bodies)


def _fill(connection: Connection, house: House, bodies: list[dict[str, Any]]) -> None:
    """Open orders of an account that is switched off, so that nothing is asked of any platform."""
    account_id = accounts.add(
        connection, now(), platform="eleme", name="", address="", settings={}, hook_token="t" * 32, auto_accept=False
    )
    accounts.change(connection, account_id, enabled=False)
    account = accounts.get(connection, account_id)
    for body in bodies:
        message = order_message(body, int(steady.time() * 1000))
        apply(connection, house, account, read(message.kind, message.body, message.version, Reading()), now())
