"""`order-console practice`: a lunch rush on a pretend high street, through the real engine and the real window."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from app import logs
from app.bootstrap import LIMITS, open_engine
from app.config import DataFolder
from app.engine.house import Limits
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.simulation import Faults
from app.practice.report import Report
from app.practice.rush import plan, streets
from app.practice.street import Street
from app.practice.terminal import verdict
from app.practice.world import World
from app.texts import tr

HEADLESS_SPEED, TRAINING_SPEED = 20.0, 2.0
PACE = 30.0  # lines a second of the printers, so that a person sees the paper come
POLL = 30.0  # simulated seconds between two polls, as a platform would ask for
LEAD = timedelta(minutes=15)  # simulated: how long before it is due a scheduled order starts to cook
KEY_FILE = "practice.key"


def run(arguments: Namespace) -> int:
    """Run until the rush is over (headless: exit 0 only if every promise held) or a person closes the window (exit 0)."""
    headless = arguments.headless or not has_display()
    if headless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    speed = arguments.speed or (HEADLESS_SPEED if headless else TRAINING_SPEED)
    try:
        platforms = chosen(arguments.platforms)
    except ValueError as error:
        print(f"order-console: {error}", file=sys.stderr)
        return 2
    faults = Faults.level(getattr(arguments, "faults", 0))
    rush = plan(arguments.orders, arguments.seed, platforms)
    with open_folder(arguments.data) as (folder, vault):
        world = World(rush, platforms, speed, faults=faults, endless=not headless, pace=0.0 if headless else PACE)
        world.start()
        try:
            report = _with_engine(folder, vault, world, arguments, headless)
        finally:
            world.stop()
    if arguments.report:
        _write(report, arguments.report)
    if not headless:
        return 0  # a person practised and went home; what they left on the counter proves nothing
    print(verdict(report))
    return report.exit_code


def chosen(names: str) -> list[str]:
    """Platforms to practise on, from "a,b" or "all". ValueError for one that cannot be practised on."""
    wanted = list(streets()) if names == "all" else [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in streets():
            raise ValueError(
                tr("There is no practice on {name}; there is on {others}.", name=name, others=", ".join(streets()))
            )
    return wanted


def has_display() -> bool:
    """Whether a window could be seen; Linux alone runs without a display server."""
    if os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal"):
        return False
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def open_folder(given: Path | None) -> Iterator[tuple[DataFolder, Vault]]:
    """A folder that vanishes afterwards, with a key nobody keeps; or a `given` one, which must not hold a store yet."""
    if given is None:
        with tempfile.TemporaryDirectory(prefix="order-console-practice-", ignore_cleanup_errors=True) as passing:
            yield DataFolder(Path(passing)), Vault(secrets.token_bytes(32), "practice")
        return
    folder = DataFolder(given)
    if folder.database.exists():
        raise FileExistsError(tr("{folder} holds a store already. Practice needs a folder of its own.", folder=given))
    folder.create()
    yield folder, Vault.open(folder, given / KEY_FILE)


def _with_engine(folder: DataFolder, vault: Vault, world: World, arguments: Namespace, headless: bool) -> Report:
    """Bring the engine up on the street, run the window on it, take everything down again."""
    _log_quietly(folder.logs)
    poll = POLL / world.speed
    limits = Limits(LIMITS.stale / world.speed, LIMITS.unknown / world.speed, LIMITS.backup / world.speed)
    engine = open_engine(folder, vault, practice=True, poll_seconds=poll, limits=limits, lead=LEAD / world.speed)
    engine.start()
    try:
        return _with_window(engine, Street(engine, world, folder.database, vault.database_key), world, arguments, headless)
    finally:
        engine.stop()
        logs.shut_down()


def _with_window(engine: Engine, street: Street, world: World, arguments: Namespace, headless: bool) -> Report:
    from app.practice.shift import Shift  # Qt is loaded only once the platform plug-in was chosen

    try:
        street.furnish()
        return Shift(engine.facade, street, world, arguments.pictures, headless).work()
    finally:
        street.close()


def _log_quietly(folder: Path) -> None:
    """Everything to the file, and to the terminal only what would be a fault of ours: bad days are part of practice."""
    logs.setup(folder)
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setLevel(logging.ERROR)


def _write(report: Report, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
