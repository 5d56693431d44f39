"""`order-console doctor`: everything the console needs, with a verdict each; exit 1 if anything blocks."""

from __future__ import annotations

import platform
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version

from sqlcipher3 import dbapi2

from app import __version__
from app.cli.accounts import way_in
from app.cli.shop import KNOWN_ERRORS, folder_of
from app.config import DataFolder
from app.db import printers, sqlite
from app.db.database import Database
from app.db.printers import Printer
from app.engine import overview, stations
from app.engine.devices import open_device
from app.engine.secrets import Vault, read_key_file, safe_keyring
from app.engine.shop_zone import other_clock
from app.engine.views import HealthState, RelayView
from app.platforms.registry import platforms
from app.printing import FontMissingError, chinese_font
from app.steady import now
from app.texts import N_, tr
from app.ui.words import HEALTH, headed


class Verdict(StrEnum):
    """How bad a finding is."""

    GOOD = N_("ok")
    WARNING = N_("warning")
    BLOCKS = N_("blocks")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    subject: str
    verdict: Verdict
    text: str


Check = Callable[[Namespace], Iterator[Finding]]


def run(arguments: Namespace) -> int:
    """Print every finding; 1 if any blocks."""
    worst = 0
    for check in (_versions, _store, _keyring, _fonts, _sound, _platforms, _shop):
        for finding in check(arguments):
            print(headed(f"{tr(finding.verdict.value):8} {finding.subject}", finding.text))
            worst |= finding.verdict is Verdict.BLOCKS
    return int(worst)


def _versions(_: Namespace) -> Iterator[Finding]:
    names = ("PySide6-Essentials", "SQLAlchemy", "httpx", "aiohttp", "python-escpos")
    yield Finding("Order Console", Verdict.GOOD, __version__)
    yield Finding("Python", Verdict.GOOD, f"{sys.version.split()[0]} {platform.system()}")
    yield Finding(tr("libraries"), Verdict.GOOD, ", ".join(f"{name} {version(name)}" for name in names))


def _store(_: Namespace) -> Iterator[Finding]:
    text = f"SQLite {dbapi2.sqlite_version}"
    try:
        sqlite.check_driver()
    except KNOWN_ERRORS as error:
        yield Finding(tr("store"), Verdict.BLOCKS, f"{text}: {error}")
    else:
        yield Finding(tr("store"), Verdict.GOOD, text)


def _keyring(arguments: Namespace) -> Iterator[Finding]:
    try:
        yield Finding(tr("key"), Verdict.GOOD, _key_place(arguments))
    except KNOWN_ERRORS as error:
        yield Finding(tr("key"), Verdict.BLOCKS, str(error))


def _key_place(arguments: Namespace) -> str:
    """Where the key is kept. A key file that is not there yet is made on the first start, as long as there is no shop."""
    file = arguments.key_file
    if file is None:
        return type(safe_keyring()).__module__
    if file.exists():
        read_key_file(file)
    return tr("key file {path}", path=file)


def _fonts(_: Namespace) -> Iterator[Finding]:
    try:
        yield Finding(tr("font"), Verdict.GOOD, chinese_font().getname()[0] or "?")
    except FontMissingError as error:
        yield Finding(tr("font"), Verdict.BLOCKS, str(error))


def _sound(_: Namespace) -> Iterator[Finding]:
    from app.ui.sounds import device_name  # needs Qt's sound library, which may be what is missing

    name = device_name()
    if name:
        yield Finding(tr("sound"), Verdict.GOOD, name)
    else:
        yield Finding(tr("sound"), Verdict.WARNING, tr("no sound device: new orders will only be seen, not heard"))


def _platforms(_: Namespace) -> Iterator[Finding]:
    found = platforms()
    verdict = Verdict.GOOD if found else Verdict.BLOCKS
    yield Finding(tr("platforms"), verdict, ", ".join(found) or tr("none found: the program is not installed properly"))


def _shop(arguments: Namespace) -> Iterator[Finding]:
    folder = folder_of(arguments)
    if not folder.database.exists():
        yield Finding(tr("shop"), Verdict.GOOD, tr("no shop at {folder} yet", folder=folder.root))
        return
    try:
        yield from _accounts_and_printers(folder, arguments)
    except KNOWN_ERRORS as error:
        yield Finding(tr("shop"), Verdict.BLOCKS, str(error))


def _accounts_and_printers(folder: DataFolder, arguments: Namespace) -> Iterator[Finding]:
    from app.bootstrap import house_of

    vault = Vault.open(folder, arguments.key_file)
    with Database.attach(folder.database, vault.database_key) as database:
        house = house_of(database)
        shown = database.read(overview.overview, house, now())
        every = shown.accounts
        ways = [way_in(database, house, account) for account in every]
        known = database.read(printers.every)
        nowhere = database.read(stations.default_trouble)
    yield _clock(house.zone)
    for account, (text, tone) in zip(every, ways, strict=True):
        well = account.state is HealthState.OK and tone != "late"
        words = account.text or text or tr(HEALTH[account.state])
        yield Finding(tr("account {name}", name=account.name), Verdict.GOOD if well else Verdict.WARNING, words)
    if shown.relay.url:
        yield _relay(shown.relay)
    if nowhere:
        yield Finding(tr("default station"), Verdict.WARNING, nowhere)
    for printer in known:
        yield _printer(vault, printer)


def _clock(zone: str) -> Finding:
    odd = other_clock(zone, now())
    return Finding(tr("time zone"), Verdict.WARNING if odd else Verdict.GOOD, odd or zone)


def _relay(relay: RelayView) -> Finding:
    """How the engine last found the relay; a text of one that works is a mailbox that fills."""
    well = relay.state is HealthState.OK and not relay.text
    return Finding(tr("relay"), Verdict.GOOD if well else Verdict.WARNING, relay.text or tr(HEALTH[relay.state]))


def _printer(vault: Vault, printer: Printer) -> Finding:
    name = tr("printer {name}", name=printer.name)
    if not printer.enabled:
        return Finding(name, Verdict.GOOD, tr("switched off"))
    try:
        status = open_device(vault, printer).query_status()
    except (LookupError, OSError) as error:
        return Finding(name, Verdict.WARNING, str(error))
    if status is None:
        return Finding(name, Verdict.GOOD, tr("reachable, but answers no question"))
    return Finding(name, Verdict.GOOD if status.ready else Verdict.WARNING, status.text or tr("ready to print"))
