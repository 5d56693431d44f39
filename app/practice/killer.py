"""The torture's street and its killer: platforms, customers and a printer that go on while the engine dies and is born."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.config import DataFolder
from app.db import inbox, orders
from app.db.database import Database
from app.engine.secrets import Vault
from app.platforms.registry import simulators
from app.platforms.simulation import Faults, Truth
from app.practice.evidence import OrderKey
from app.practice.nursery import Nursery
from app.practice.printer import VirtualPrinter
from app.practice.victim import Life

T = TypeVar("T")

SPEED = 10.0  # simulated seconds per real second
SPEEDS = {"hubrise": 600.0}  # at ten, its 10,000 calls a day would end a long torture before the orders do
ORDER_EVERY = 0.12  # seconds between two orders while the killing goes on
LINES_PER_SECOND = 80.0  # so slow that lives end in the middle of a ticket
LIFE_SECONDS = (0.02, 0.6)  # a life ends somewhere in here, counted from its birth or from when the engine is up
GROWN_UP = 0.8  # share of the lives that are killed at work and not while they start
QUIET_LIMIT = 180.0


class Street:
    """Simulators and a printer in a loop of their own thread."""

    def __init__(self, seed: int, names: Sequence[str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="torture-street")
        self._thread.start()
        known = simulators()
        self.simulators = {name: known[name](seed, Faults(), SPEEDS.get(name, SPEED)) for name in names}
        self.printer = VirtualPrinter(seed)
        self.call(self._start())

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine over there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def place(self, name: str) -> None:
        """A customer orders."""
        self.simulators[name].place()

    async def roughen(self) -> None:
        """Faults begin: the shop was opened on a good day."""
        for simulator in self.simulators.values():
            simulator.faults = Faults.level(2)
        self.printer.change(drop_replies=0.03, lines_per_second=LINES_PER_SECOND)

    async def calm(self) -> None:
        """No more faults, for the quiet life."""
        for simulator in self.simulators.values():
            simulator.faults = Faults()
        self.printer.drop_replies = 0.0
        self.printer.lines_per_second = 0.0

    async def truth(self) -> dict[str, list[Truth]]:
        """Every order of every platform."""
        return {name: simulator.truth() for name, simulator in self.simulators.items()}

    async def acknowledged(self) -> set[OrderKey]:
        """Every order that the console ever said to have."""
        told = ("push_acknowledged", "acknowledged")
        return {
            (name, record.order_id)
            for name, simulator in self.simulators.items()
            for record in simulator.records
            if record.what in told and record.order_id
        }

    async def carried_out(self, steps: Mapping[str, int]) -> dict[tuple[str, str, int], float]:
        """When (Unix seconds) each platform first carried out a step of an order, by (platform, order id, step)."""
        found: dict[tuple[str, str, int], float] = {}
        for name, simulator in self.simulators.items():
            for record in simulator.records:
                word = str(record.detail.get("action") or record.detail.get("command") or "")
                if record.what == "commanded" and word in steps:
                    found.setdefault((name, record.order_id, steps[word]), record.at)
        return found

    def close(self) -> None:
        """Stop everything and end the thread."""
        self.call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        await self.printer.start()
        for simulator in self.simulators.values():
            await simulator.start()

    async def _stop(self) -> None:
        for simulator in self.simulators.values():
            await simulator.stop()
        await self.printer.stop()


class Killer:
    """Ends lives, and looks after each death whether what was acknowledged is on disk."""

    def __init__(self, life: Life, street: Street) -> None:
        self.lost: set[OrderKey] = set()
        self._life = life
        self._street = street
        self._nursery = Nursery("app.practice.victim")

    def kill_often(self, kills: int, chance: random.Random, progress: Any) -> bool:
        """Answers whether the quiet life at the end came to its own end."""
        customers = _Customers(self._street, chance.random())
        try:
            for number in range(kills):
                self._live_and_die(chance)
                progress(number + 1, kills)
            customers.stop()
            self._street.call(self._street.calm())
            return self._nursery.lives_to_the_end(replace(self._life, until_done=True).as_line(), QUIET_LIMIT)
        finally:
            customers.stop()
            self._nursery.close()

    def _live_and_die(self, chance: random.Random) -> None:
        self._nursery.born(self._life.as_line())
        if chance.random() < GROWN_UP:
            self._nursery.grows_up()
        time.sleep(chance.uniform(*LIFE_SECONDS))
        self._nursery.kill()
        acknowledged = self._street.call(self._street.acknowledged())
        self.lost |= acknowledged - known(Path(self._life.folder), bytes.fromhex(self._life.key), _on_disk)


class _Customers:
    """Order at an even pace until told to stop."""

    def __init__(self, street: Street, seed: float) -> None:
        self._street = street
        self._chance = random.Random(seed)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._order, name="torture-customers")
        self._thread.start()

    def stop(self) -> None:
        """Idempotent."""
        self._stopped.set()
        self._thread.join()

    def _order(self) -> None:
        while not self._stopped.wait(ORDER_EVERY):
            self._street.call(self._street.place(self._chance.choice(list(self._street.simulators))))


def known(folder: Path, key: bytes, read: Callable[[Connection], T]) -> T:
    """What `read` finds in the store of a dead engine."""
    with Database.open(DataFolder(folder).database, Vault(key, "torture").database_key) as database:
        return database.read(read)


def _on_disk(connection: Connection) -> frozenset[OrderKey]:
    return orders.names(connection) | inbox.names(connection)
