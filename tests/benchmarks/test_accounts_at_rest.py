"""Ten accounts on one console while nobody orders, at each platform's own pace, beside a console without any account.

Asked are less than 5 % of one core and no more than 20 MB over the console without an account (issue 4). Both consoles run
at the same time, each in a process of its own; the ten simulators stand here.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import open_engine
from app.config import DataFolder
from app.engine.secrets import Vault
from app.platforms.api import Arrival
from app.platforms.registry import platforms, simulators
from app.platforms.simulation import Simulator
from tests.benchmarks.conftest import Say
from tests.benchmarks.resting import MEMORY

ACCOUNTS, SECONDS = 10, 60.0
UNASKED = (Arrival.RELAYED, Arrival.NONE)
ASKED_SHARE, ASKED_MB = 0.05, 20.0

pytestmark = pytest.mark.skipif(not MEMORY.exists(), reason="measured where the system tells a process its memory")


@asynccontextmanager
async def ten_simulators() -> AsyncIterator[list[Simulator]]:
    """Of the platforms that are polled, in turns; an account each."""
    polled = [name for name in sorted(simulators()) if platforms()[name].arrival not in UNASKED]
    opened = [simulators()[name](number) for number, name in enumerate(islice(cycle(polled), ACCOUNTS))]
    for simulator in opened:
        await simulator.start()
    try:
        yield opened
    finally:
        for simulator in opened:
            await simulator.stop()


@pytest.mark.timeout(300)
async def test_ten_accounts_at_rest(tmp_path: Path, say: Say) -> None:
    key = os.urandom(32)
    async with ten_simulators() as opened:
        await asyncio.to_thread(_sign_in, tmp_path / "ten", key, opened)
        await asyncio.to_thread(_sign_in, tmp_path / "none", key, [])
        ten, none = await asyncio.gather(_rest(tmp_path / "ten", key), _rest(tmp_path / "none", key))

    assert ten["states"] == ["ok"] * ACCOUNTS
    assert none["states"] == []
    share, floor = ten["cpu"] / SECONDS, none["cpu"] / SECONDS
    more = (ten["bytes"] - none["bytes"]) / 1e6
    say(f"ten accounts at rest: {share:.2%} of a core (asked < {ASKED_SHARE:.0%}), floor without an account {floor:.2%}")
    say(f"ten accounts at rest: {more:.1f} MB more (asked <= {ASKED_MB:g}) than the floor's {none['bytes'] / 1e6:.0f} MB")
    assert share < ASKED_SHARE
    assert more <= ASKED_MB


def _sign_in(folder: Path, key: bytes, opened: list[Simulator]) -> None:
    engine = open_engine(DataFolder(folder), Vault(key, "a benchmark"))
    engine.start()
    try:
        for number, simulator in enumerate(opened):
            info = engine.facade.test_account(simulator.name, simulator.credentials, simulator.address).result(30)
            engine.facade.add_account(simulator.name, f"{number}", info.values, simulator.address).result(30)
    finally:
        engine.stop()


async def _rest(folder: Path, key: bytes) -> dict[str, Any]:
    command = ("-m", "tests.benchmarks.resting", str(folder), key.hex(), str(SECONDS))
    console = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    out, _ = await console.communicate()
    told: dict[str, Any] = json.loads(out)
    return told
