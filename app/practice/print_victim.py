"""The console's side of the print torture: a real engine that dies where it is told to, with staff who handle its tickets.

Run as a process of `nursery`: one life a line of standard input (a Life as JSON).
"""

from __future__ import annotations

import importlib
import json
import random
import sys
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

from app.bootstrap import house_of
from app.config import DataFolder
from app.db.database import Database
from app.db.printers import Printer
from app.engine import devices, print_queue, spooler
from app.engine.desk import RefusalError
from app.engine.facade import Facade
from app.engine.house import Limits
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import LedgerFilter
from app.practice.nursery import give_birth, say
from app.practice.print_deaths import Death, put
from app.practice.print_orders import NAME, Story, platform
from app.printing.conversation import Patience
from app.printing.kinds import Device

# As a shop's, but a hundred times as hasty.
LIMITS = Limits(stale=timedelta(seconds=4), unknown=timedelta(seconds=0.8), backup=timedelta(seconds=0.3))
QUIET_LIMITS = Limits(stale=timedelta(hours=1), unknown=timedelta(seconds=0.3), backup=timedelta(hours=1))
PATIENCE = Patience(connect=0.5, answer=0.15, settle=0.3, line=0.02, poll=0.1, longest=1.5)
QUIET_PATIENCE = Patience(connect=2.0, answer=0.7, settle=1.0, line=0.1, poll=0.05, longest=20.0)
LOOK = 0.03  # seconds between two looks of the staff
QUIET_SECONDS = 0.6  # nothing to do for so long means that everything is done


@dataclass(frozen=True, slots=True)
class Life:
    """What one life is told.

    `events`: how far the story goes by now. `point` and `nth`: where it ends (see `print_deaths`). `came_out` and `again`:
    what a person who looked at the paper says of these tickets. `quiet`: finish everything and end by yourself; `asks`: but
    leave what is unknown to a person.
    `sabotage` ("module:function") breaks the engine on purpose.
    """

    folder: str
    key: str  # hex
    seed: int
    orders: int
    events: int = 0
    number: int = 0
    point: str = ""
    nth: int = 1
    came_out: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    quiet: bool = False
    asks: bool = False
    sabotage: str = ""

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self)) + "\n"


def live(life: Life) -> None:
    """Run the engine until it dies, or until nothing is left to do."""
    make_hasty(QUIET_PATIENCE if life.quiet else PATIENCE)
    if life.sabotage:
        module, _, function = life.sabotage.partition(":")
        getattr(importlib.import_module(module), function)()
    Death(life.point, life.nth, life.number).arm()
    engine = open_shop(life)
    engine.start()
    say("ready")
    _work(engine, life)
    engine.stop()
    say("done")


def open_shop(life: Life) -> Engine:
    """The engine of this life, not yet started."""
    folder, vault = DataFolder(Path(life.folder)), Vault(bytes.fromhex(life.key), "torture")
    database = Database.open(folder.create().database, vault.database_key)
    limits = QUIET_LIMITS if life.quiet else LIMITS
    limits = replace(limits, unknown=timedelta(hours=1)) if life.asks else limits
    house = house_of(database, practice=True, limits=limits)
    teller = platform(Story(life.seed, life.orders), life.events, 0.02)
    return Engine(folder, database, vault, replace(house, platforms={NAME: teller}))


def make_hasty(patience: Patience) -> None:
    """Let the engine's own waits take as long as the torture can afford."""

    def opened(vault: Vault, printer: Printer, torn: bool = False) -> Device:
        device = devices.open_device(vault, printer, torn)
        device.patience = patience  # type: ignore[attr-defined]  # every printer here has a wire
        return device

    put(spooler, "open_device", opened)
    put(spooler, "IDLE", 0.05)
    put(spooler, "LOOK_SECONDS", 0.5)
    put(print_queue, "BACK_OFF", (0.05, 0.1, 0.2, 0.4, 0.4))


def _work(engine: Engine, life: Life) -> None:
    """A quiet life ends when everything told is read and nothing waits; the others do not end by themselves."""
    chance = random.Random(life.number)
    _answer(engine.facade, life)
    busy = time.monotonic()
    while not life.quiet or time.monotonic() - busy < QUIET_SECONDS:
        pressed = _release_all(engine.facade) if life.quiet else _press(engine.facade, chance)
        if pressed or not engine.idle() or not (life.asks or _is_answered(engine.facade)):
            busy = time.monotonic()
        time.sleep(LOOK)


def _answer(facade: Facade, life: Life) -> None:
    for ticket in life.came_out:
        _done(facade.came_out(ticket))
    _print_again(facade, life.again)


def _release_all(facade: Facade) -> int:
    """Whatever waited too long is wanted after all; what the engine refuses to print is no longer right."""
    held = facade.ledger(LedgerFilter(states=frozenset({"held"})))
    for ticket in held:
        if not _done(facade.print_again(frozenset([ticket]))):
            _done(facade.skip(frozenset([ticket])))
    return len(held)


def _is_answered(facade: Facade) -> bool:
    unknown = facade.ledger(LedgerFilter(states=frozenset({"unknown"})))
    return all(one.answer for one in facade.tickets_of(unknown))


def _press(facade: Facade, chance: random.Random) -> int:
    """Staff in a hurry: held tickets are printed or skipped, others printed again or skipped without much thought."""
    for ticket in facade.ledger(LedgerFilter(states=frozenset({"held"}))):
        if chance.random() < 0.8:
            _print_again(facade, [ticket])
        else:
            _done(facade.skip(frozenset([ticket])))
    for state, share in (("unknown", 0.1), ("confirmed", 0.02), ("pending", 0.01), ("failed", 1.0)):
        found = facade.ledger(LedgerFilter(states=frozenset({state}))) if chance.random() < share else []
        if found:
            ticket = chance.choice(found)
            _done(facade.skip(frozenset([ticket]))) if state == "pending" else _print_again(facade, [ticket])
    return 0


def _print_again(facade: Facade, tickets: Iterable[int]) -> None:
    for ticket in tickets:
        _done(facade.print_again(frozenset([ticket])))


def _done(wish: Future[None]) -> bool:
    """False when the ticket had moved on between the look and the press."""
    try:
        wish.result()
    except (RefusalError, CancelledError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(give_birth(lambda line: live(Life(**json.loads(line)))))
