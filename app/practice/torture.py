"""`order-console torture`: the engine is killed without warning, over and over, and then must have kept every promise.

Simulators and a virtual printer with faults run here and write down the truth; the engine lives in another process
(`victim`). After the last kill it gets a quiet life to finish, and only the other sides' records are judged.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.bootstrap import open_engine
from app.config import DataFolder
from app.db import orders as store
from app.db.database import Database
from app.domain.lifecycle import DEAD, Kitchen
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.registry import platforms, simulators
from app.platforms.simulation import Faults, Simulator, Truth
from app.practice.evidence import Sheet, sheet_of
from app.practice.printer import VirtualPrinter
from app.practice.victim import Life

T = TypeVar("T")

SPEED = 10.0  # simulated seconds per real second
ORDER_EVERY = 0.12  # seconds between two orders while the killing goes on
LIFE_SECONDS = (0.05, 0.6)  # a life ends somewhere in here, often before it is well up
QUIET_LIMIT = 180.0
# Steps in the order in which every order must take them, by the platforms' own names.
STEPS = {
    "received": 0,
    "accepted": 1,
    "eleme.order.confirmOrderLite": 1,
    "awaiting_collection": 2,
    "awaiting_shipment": 2,
    "eleme.order.setOrderPrepared": 2,
    "in_delivery": 3,
    "completed": 4,
}
ACCEPTED, READY = 1, 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. All but the first five must be zero.

    lost_after_ack       the platform counts them as delivered to the console, which does not have them
    never_stored         alive at the platform and not in the store after the quiet life
    tickets_missing      accepted, alive, and no whole ticket on paper
    duplicates_unmarked  whole tickets beyond the first of one ticket id that do not say that they may be copies
    steps_out_of_order   orders whose platform saw a step before an earlier one
    steps_lost           orders that the platform never heard to be accepted or ready, although the hands pressed it
    """

    kills: int
    orders: int
    tickets: int
    marked: int
    seconds: float
    lost_after_ack: int
    never_stored: int
    tickets_missing: int
    duplicates_unmarked: int
    steps_out_of_order: int
    steps_lost: int
    unfinished: int

    @property
    def kept(self) -> bool:
        """Every promise held."""
        broken = (self.lost_after_ack, self.never_stored, self.tickets_missing, self.duplicates_unmarked)
        return not any(broken) and not any((self.steps_out_of_order, self.steps_lost, self.unfinished))


def run(arguments: Namespace) -> int:
    """Torture, print the verdict, exit 0 only if every promise was kept."""
    verdict = torture(arguments.kills, arguments.seed, progress=_show_progress)
    text = json.dumps({**asdict(verdict), "kept": verdict.kept}, indent=2)
    print(text)
    if arguments.report:
        arguments.report.write_text(text, "utf-8")
    return 0 if verdict.kept else 1


def torture(
    kills: int, seed: int = 1, sabotage: str = "", names: Sequence[str] = (), progress: Any = lambda *_: None
) -> Verdict:
    """Kill the engine `kills` times; `sabotage` breaks it on purpose (see `victim.Life`)."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="order-console-torture-"))
    street = Street(seed, names)
    try:
        key = secrets.token_bytes(32)
        _open_shop(folder, key, street)
        finished = _kill_often(Life(str(folder), key.hex(), sabotage=sabotage), kills, seed, street, progress)
        stored = _stored(folder, key)
        return judge(kills, street, stored, finished, time.monotonic() - started)
    finally:
        street.close()
        shutil.rmtree(folder)


class Street:
    """Simulators and a printer in a loop of their own thread."""

    def __init__(self, seed: int, names: Sequence[str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="torture-street")
        self._thread.start()
        known = simulators()
        self.simulators = {name: known[name](seed, Faults.level(2), SPEED) for name in names or known}
        self.printer = VirtualPrinter(seed)
        self.printer.drop_replies = 0.03
        self.call(self._start())

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine over there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def place(self, name: str) -> None:
        """A customer orders."""
        self.simulators[name].place()

    async def calm(self) -> None:
        """No more faults, for the quiet life."""
        for simulator in self.simulators.values():
            simulator.faults = Faults()
        self.printer.drop_replies = 0.0

    async def truth(self) -> dict[str, list[Truth]]:
        """Every order of every platform."""
        return {name: simulator.truth() for name, simulator in self.simulators.items()}

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


def judge(kills: int, street: Street, stored: frozenset[tuple[str, str]], finished: bool, seconds: float) -> Verdict:
    """Compare the other sides' records with the store."""
    orders = [(name, truth) for name, truths in street.call(street.truth()).items() for truth in truths]
    alive = [(name, truth) for name, truth in orders if truth.kitchen not in DEAD]
    sheets = _sheets(street)
    printed = {sheet.call_number for sheet in sheets}
    unmarked = Counter(sheet.ticket_id for sheet in sheets if not sheet.marked)
    marks = _marks(street.simulators)
    return Verdict(
        kills=kills,
        orders=len(orders),
        tickets=len(sheets),
        marked=sum(sheet.marked for sheet in sheets),
        seconds=round(seconds, 1),
        lost_after_ack=sum(
            truth.delivered_to_console_at is not None and (name, truth.order_id) not in stored for name, truth in orders
        ),
        never_stored=sum((name, truth.order_id) not in stored for name, truth in alive),
        tickets_missing=sum(
            truth.kitchen != Kitchen.NEW and f"{marks[name]}#{truth.number}" not in printed for name, truth in alive
        ),
        duplicates_unmarked=sum(number - 1 for number in unmarked.values()),
        steps_out_of_order=sum(_disordered(truth.commands) for _, truth in orders),
        steps_lost=sum(not {ACCEPTED, READY} <= _steps(truth.commands) for _, truth in alive),
        unfinished=int(not finished),
    )


def _kill_often(life: Life, kills: int, seed: int, street: Street, progress: Any) -> bool:
    chance = random.Random(seed)
    nursery = _Nursery()
    customers = _Customers(street, chance.random())
    try:
        for number in range(kills):
            nursery.born(life)
            time.sleep(chance.uniform(*LIFE_SECONDS))
            nursery.kill()
            progress(number + 1, kills)
        customers.stop()
        street.call(street.calm())
        return nursery.lives_to_the_end(Life(life.data, life.key, True, life.sabotage))
    finally:
        customers.stop()
        nursery.close()


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


class _Nursery:
    """The process that gives birth to the engine's lives."""

    def __init__(self) -> None:
        self._mother = self._new_mother()
        self._child = 0

    def born(self, life: Life) -> None:
        """Start a life; returns as soon as it has a pid."""
        assert self._mother.stdin
        self._mother.stdin.write(life.as_line())
        self._mother.stdin.flush()
        self._child = int(self._heard())

    def kill(self) -> None:
        """No signal handler, no clean-up, no last word."""
        os.kill(self._child, getattr(signal, "SIGKILL", signal.SIGTERM))
        if not hasattr(os, "fork"):
            self.close()
            self._mother = self._new_mother()

    def lives_to_the_end(self, life: Life) -> bool:
        """A life that may finish; False when it does not within `QUIET_LIMIT`."""
        self.born(life)
        limit = threading.Timer(QUIET_LIMIT, self.kill)
        limit.start()
        try:
            return "done" in iter(self._heard, "")
        finally:
            limit.cancel()
            limit.join()

    def close(self) -> None:
        """End the mother; idempotent."""
        assert self._mother.stdin
        assert self._mother.stdout
        self._mother.stdin.close()
        self._mother.wait()
        self._mother.stdout.close()

    def _heard(self) -> str:
        assert self._mother.stdout
        while (line := self._mother.stdout.readline()) == "ready\n":
            pass
        return line.strip()

    def _new_mother(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "app.practice.victim"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves


def _open_shop(folder: Path, key: bytes, street: Street) -> None:
    engine = open_engine(DataFolder(folder), Vault(key, "torture"), practice=True)
    engine.start()
    try:
        engine.facade.add_printer("kitchen", street.printer.host, street.printer.port, "kitchen", 80).result()
        for name, simulator in street.simulators.items():
            simulator.push_to = _add_account(engine, name, simulator)
    finally:
        engine.stop()


def _add_account(engine: Engine, name: str, simulator: Simulator) -> str:
    faults, simulator.faults = simulator.faults, Faults()
    info = engine.facade.test_account(name, simulator.credentials, simulator.address).result()
    account_id = engine.facade.add_account(name, name, info.values, simulator.address).result()
    simulator.faults = faults
    return engine.hook_url(account_id)


def _stored(folder: Path, key: bytes) -> frozenset[tuple[str, str]]:
    data = DataFolder(folder)
    with Database.open(data.database, Vault(key, "torture").database_key) as database:
        return database.read(store.names)


def _sheets(street: Street) -> list[Sheet]:
    marks = _marks(street.simulators).values()
    found = (sheet_of(piece, "kitchen", marks) for piece in street.printer.paper)
    return [sheet for sheet in found if sheet and sheet.complete]


def _marks(names: Iterable[str]) -> Mapping[str, str]:
    return {name: platforms()[name].mark for name in names}


def _steps(commands: Iterable[str]) -> set[int]:
    return {STEPS[name] for name in commands if name in STEPS}


def _disordered(commands: Iterable[str]) -> bool:
    steps = [STEPS[name] for name in commands if name in STEPS]
    return steps != sorted(steps)


def _show_progress(done: int, kills: int) -> None:
    end = "\n" if done == kills or not sys.stderr.isatty() else ""
    if sys.stderr.isatty() or done % 50 == 0 or done == kills:
        print(f"\r{done} of {kills} kills", end=end, file=sys.stderr, flush=True)
