"""The console's side of a torture run: a real engine that is killed again and again, with hands that press its buttons.

Run as a process of `nursery`: one life a line of standard input (a Life as JSON).
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from concurrent.futures import CancelledError
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from app.bootstrap import open_engine
from app.config import DataFolder
from app.domain.commands import CommandKind
from app.engine.desk import RefusalError
from app.engine.house import Limits
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import Card, CommandState, LedgerFilter, PrintState
from app.practice.nursery import give_birth, say

LIMITS = Limits(unknown=timedelta(seconds=1), backup=timedelta(seconds=0.5))
ON_PAPER = frozenset({PrintState.CONFIRMED, PrintState.SENT})
LOOK = 0.02  # seconds between two looks of the hands
QUIET_SECONDS = 1.5  # nothing to do for so long means that everything is done


@dataclass(frozen=True, slots=True)
class Life:
    """What one life is told. `sabotage` ("module:function") breaks the engine on purpose, for the negative controls."""

    folder: str
    key: str  # hex
    until_done: bool = False
    sabotage: str = ""

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self)) + "\n"


def live(life: Life) -> None:
    """Run the engine and press buttons until killed, or until nothing is left to do."""
    if life.sabotage:
        module, _, function = life.sabotage.partition(":")
        getattr(importlib.import_module(module), function)()
    vault = Vault(bytes.fromhex(life.key), "torture")
    engine = open_engine(DataFolder(Path(life.folder)), vault, practice=True, poll_seconds=0.25, limits=LIMITS)
    engine.start()
    say("ready")
    _work(engine, life.until_done)
    engine.stop()
    say("done")


def _work(engine: Engine, until_done: bool) -> None:
    busy = time.monotonic()
    while not until_done or time.monotonic() - busy < QUIET_SECONDS:
        pressed = sum(_press(engine, card) for card in engine.facade.cards()) + _print_held(engine)
        if pressed or not engine.idle():
            busy = time.monotonic()
        time.sleep(LOOK)


def _press(engine: Engine, card: Card) -> bool:
    if card.closed_attention:
        engine.facade.acknowledge(frozenset([card.id])).result()
        return True
    waits = card.command is not None and card.command.state in (CommandState.PENDING, CommandState.IN_FLIGHT)
    if card.primary is None or waits:
        return waits
    if card.primary is CommandKind.READY and card.print_state not in ON_PAPER:
        return True  # nobody cooks what the kitchen has not read
    try:
        engine.facade.request(card.id, card.primary).result()
    except (RefusalError, CancelledError):  # the order moved on between the look and the press
        return False
    return True


def _print_held(engine: Engine) -> int:
    """Somebody wants every ticket that waited too long, even where the order has left: the count must come out even."""
    held = engine.facade.ledger(LedgerFilter(states=frozenset({"held"})))
    for ticket in held:
        try:
            engine.facade.print_again(frozenset([ticket])).result()
        except (RefusalError, CancelledError):  # its order died meanwhile
            engine.facade.skip(frozenset([ticket])).result()
    return len(held)


if __name__ == "__main__":
    sys.exit(give_birth(lambda line: live(Life(**json.loads(line)))))
