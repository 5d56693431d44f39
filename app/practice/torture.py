"""`order-console torture`: the engine is killed without warning, over and over, and then must have kept every promise.

Simulators and a virtual printer with faults run here and write down the truth; the engine lives in another process
(`victim`). After the last kill it gets a quiet life to finish, and only the other sides' records are judged.
"""

from __future__ import annotations

import json
import math
import random
import secrets
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from app.bootstrap import open_engine
from app.config import DataFolder
from app.db import orders, outbox
from app.domain.commands import CommandKind
from app.domain.lifecycle import DEAD, Kitchen
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import PrinterForm
from app.platforms.registry import platforms
from app.platforms.simulation import Simulator
from app.practice.evidence import OrderKey, Sheet, sheet_of
from app.practice.killer import Killer, Street, known
from app.practice.victim import Life

T = TypeVar("T")

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
PLATFORMS = ("eleme", "hubrise")  # the two whose steps are above: one pushes, one keeps a queue
KILLS = 60
STEP = 0.02  # seconds that the clocks of two programs may differ by: each holds still what it told before a step back


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. All but the first five must be zero.

    lost_after_ack       acknowledged to the platform, and not on disk when the engine was killed a moment later
    never_stored         alive at the platform and not in the store after the quiet life
    tickets_missing      accepted, alive, and no whole ticket on paper
    duplicates_unmarked  whole tickets beyond the first of one ticket id that do not say that they may be copies
    steps_out_of_order   orders whose platform saw a step before an earlier one
    steps_lost           orders that the platform never heard to be accepted or ready, although the hands pressed it
    claims_unknown       commands of which we said that the platform confirmed them before it carried them out
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
    claims_unknown: int
    unfinished: int

    @property
    def kept(self) -> bool:
        """Every promise held."""
        kept = {"kills", "orders", "tickets", "marked", "seconds"}
        return not any(number for name, number in asdict(self).items() if name not in kept)


def run(arguments: Namespace) -> int:
    """Torture, print the verdict, exit 0 only if every promise was kept."""
    verdict = torture(arguments.kills or KILLS, arguments.seed, progress=show_progress)
    text = json.dumps({**asdict(verdict), "kept": verdict.kept}, indent=2)
    print(text)
    if arguments.report:
        arguments.report.write_text(text, "utf-8")
    return 0 if verdict.kept else 1


def torture(
    kills: int, seed: int = 1, sabotage: str = "", names: Sequence[str] = PLATFORMS, progress: Any = lambda *_: None
) -> Verdict:
    """Kill the engine `kills` times; `sabotage` breaks it on purpose (see `victim.Life`)."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="order-console-torture-"))
    street = Street(seed, names)
    try:
        key = secrets.token_bytes(32)
        _open_shop(folder, key, street)
        street.call(street.roughen())
        killer = Killer(Life(str(folder), key.hex(), sabotage=sabotage), street)
        finished = killer.kill_often(kills, random.Random(seed), progress)
        books = _Books(known(folder, key, orders.names), known(folder, key, outbox.confirmed), killer.lost)
        return judge(kills, street, books, finished, time.monotonic() - started)
    finally:
        street.close()
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True)
class _Books:
    """The console's side: orders in its store, commands it calls confirmed, orders found lost after a death."""

    stored: frozenset[OrderKey]
    confirmed: dict[tuple[str, str, str], datetime]
    lost: set[OrderKey]


def judge(kills: int, street: Street, books: _Books, finished: bool, seconds: float) -> Verdict:
    """Compare the other sides' records with the store."""
    every = [(name, truth) for name, truths in street.call(street.truth()).items() for truth in truths]
    alive = [(name, truth) for name, truth in every if truth.kitchen not in DEAD]
    sheets = _sheets(street)
    printed = {sheet.call_number for sheet in sheets}
    unmarked = Counter(sheet.ticket_id for sheet in sheets if not sheet.marked)
    marks = _marks(street.simulators)
    return Verdict(
        kills=kills,
        orders=len(every),
        tickets=len(sheets),
        marked=sum(sheet.marked for sheet in sheets),
        seconds=round(seconds, 1),
        lost_after_ack=len(books.lost),
        never_stored=sum((name, truth.order_id) not in books.stored for name, truth in alive),
        tickets_missing=sum(
            truth.kitchen != Kitchen.NEW and f"{marks[name]}#{truth.number}" not in printed for name, truth in alive
        ),
        duplicates_unmarked=sum(number - 1 for number in unmarked.values()),
        steps_out_of_order=sum(_disordered(truth.commands) for _, truth in every),
        steps_lost=sum(not {ACCEPTED, READY} <= _steps(truth.commands) for _, truth in alive),
        claims_unknown=_false_claims(street, books),
        unfinished=int(not finished),
    )


def _open_shop(folder: Path, key: bytes, street: Street) -> None:
    engine = open_engine(DataFolder(folder), Vault(key, "torture"), practice=True)
    engine.start()
    try:
        where = {"host": street.printer.host, "port": str(street.printer.port)}
        engine.facade.save_printer(PrinterForm("kitchen", settings=where), {}).result()
        for name, simulator in street.simulators.items():
            simulator.push_to = _add_account(engine, name, simulator)
    finally:
        engine.stop()


def _add_account(engine: Engine, name: str, simulator: Simulator) -> str:
    info = engine.facade.test_account(name, simulator.credentials, simulator.address).result()
    account_id = engine.facade.add_account(name, name, info.values, simulator.address).result()
    return engine.hook_url(account_id)


def _sheets(street: Street) -> list[Sheet]:
    marks = _marks(street.simulators).values()
    found = (sheet_of(piece, "kitchen", marks) for piece in street.printer.paper)
    return [sheet for sheet in found if sheet and sheet.complete]


def _marks(names: Iterable[str]) -> Mapping[str, str]:
    return {name: platforms()[name].mark for name in names}


def _steps(commands: Iterable[str]) -> set[int]:
    return {STEPS[name] for name in commands if name in STEPS}


def _false_claims(street: Street, books: _Books) -> int:
    done = street.call(street.carried_out(STEPS))
    wanted = {CommandKind.ACCEPT.value: ACCEPTED, CommandKind.READY.value: READY}
    claims = {(name, order, wanted[kind]): at for (name, order, kind), at in books.confirmed.items() if kind in wanted}
    return sum(at.timestamp() < done.get(step, math.inf) - STEP for step, at in claims.items())


def _disordered(commands: Iterable[str]) -> bool:
    steps = [STEPS[name] for name in commands if name in STEPS]
    return steps != sorted(steps)


def show_progress(done: int, kills: int) -> None:
    """One line on a terminal, one every fifty kills in a log."""
    end = "\n" if done == kills or not sys.stderr.isatty() else ""
    if sys.stderr.isatty() or done % 50 == 0 or done == kills:
        print(f"\r{done} of {kills} kills", end=end, file=sys.stderr, flush=True)
