"""Opens a shop's folder for a command: to read beside a running engine, or to change it when none is running."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from app.bootstrap import house_of, open_store
from app.config import DataFolder
from app.db.database import Database, StoreError
from app.domain.money import Money
from app.engine.bell import Bell
from app.engine.control import ControlError, NoEngineError, ask
from app.engine.controls import controls
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.instance import Instance
from app.engine.printer_setup import PrinterSetup
from app.engine.secrets import Vault, VaultError
from app.engine.setup import Setup
from app.platforms.api import PlatformError
from app.texts import tr
from app.ui import shop_clock

KNOWN_ERRORS = (StoreError, VaultError, ControlError, RefusalError, PlatformError, OSError)


def folder_of(arguments: Namespace) -> DataFolder:
    """The folder a command works on."""
    return DataFolder(arguments.data) if arguments.data else DataFolder.default()


@contextmanager
def reading(arguments: Namespace) -> Iterator[tuple[Database, House]]:
    """The store for reading, whether or not an engine is running on it."""
    folder = folder_of(arguments)
    database = Database.attach(folder.database, Vault.open(folder, arguments.key_file).database_key)
    try:
        house = house_of(database)
        shop_clock.use(house.zone)
        yield database, house
    finally:
        database.close()


def change(arguments: Namespace, command: str, **wish: Any) -> Any:
    """Have a change made by the running engine, or make it here when there is none: never two writers."""
    folder = folder_of(arguments).create()
    try:
        return ask(folder, command, **wish)
    except NoEngineError:
        return _change_here(folder, arguments, command, wish)


def asked(arguments: Namespace, command: str, **wish: Any) -> Any:
    """What only a running engine can do, because only it is signed in at the platforms. Raises RefusalError without one."""
    try:
        return ask(folder_of(arguments), command, **wish)
    except NoEngineError:
        raise RefusalError(
            tr("Open the console first (or start `order-console serve`): it talks to the platforms.")
        ) from None


def _change_here(folder: DataFolder, arguments: Namespace, command: str, wish: dict[str, Any]) -> Any:
    instance = Instance.take(folder)
    if instance is None:
        raise RefusalError(tr("An engine runs on this folder but does not answer. Close it, or try again."))
    vault = Vault.open(folder, arguments.key_file)
    try:
        with open_store(folder, vault) as database:
            return asyncio.run(_carried_out(database, vault, command, wish))
    finally:
        instance.release()


async def _carried_out(database: Database, vault: Vault, command: str, wish: dict[str, Any]) -> Any:
    async def nothing_runs(_: int) -> None:
        return

    house, bell = house_of(database), Bell()
    setup = Setup(database, house, bell, vault, nothing_runs)
    printers = PrinterSetup(database, house, bell, vault, nothing_runs)
    return await controls(setup, printers, show=lambda: None)[command](wish)


def settings(texts: Iterable[str]) -> dict[str, str]:
    """FIELD=VALUE texts as a mapping; FIELD=@FILE reads the value from a file. Raises RefusalError."""
    return dict(_setting(text) for text in texts)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise RefusalError(tr("Expected FIELD=VALUE, got {text}", text=text))
    if value.startswith("@"):
        value = Path(value[1:]).read_text("utf-8").strip()
    return name, value


def printed(value: Any) -> None:
    """Dataclasses of the domain as JSON on standard output."""
    json.dump(_plain(value), sys.stdout, ensure_ascii=False, indent=2)
    print()


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, Decimal) else value
