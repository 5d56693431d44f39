"""Adding and changing accounts and printers: tested before saved, stored with their secrets sealed, started at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Connection

from app.db import accounts, audit, print_jobs
from app.db.database import Database
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.house import House, now
from app.engine.secrets import Vault
from app.engine.vaulted import keep_secrets
from app.platforms.api import FieldKind, Platform, Settings, ShopInfo
from app.platforms.http import new_client
from app.printing import LanPrinter, OutcomeKind, build, trial_ticket
from app.texts import N_, language, tr

_SAID = {
    OutcomeKind.CONFIRMED: N_("The printer confirms that the test ticket is on paper."),
    OutcomeKind.SENT: N_("The test ticket was sent; this printer cannot say whether it came out."),
    OutcomeKind.NOT_SENT: N_("Nothing was sent."),
    OutcomeKind.UNKNOWN: N_("Something was sent, but the printer did not say that it came out."),
}


class Setup:
    """`restart` opens an account's loop anew after its row changed; `restart_printer` does so for a printer's worker."""

    def __init__(
        self,
        database: Database,
        house: House,
        bell: Bell,
        vault: Vault,
        restart: Callable[[int], Awaitable[None]],
        restart_printer: Callable[[int], Awaitable[None]],
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._restart = restart
        self._restart_printer = restart_printer

    async def test_account(self, name: str, values: Mapping[str, str], address: str) -> ShopInfo:
        """Sign in without saving. The answer's values are complete: what was typed, exchanged and learned."""
        platform = self._platform(name)
        known = _checked(platform, values)
        async with new_client() as client:
            if platform.sign_in and _has_code(platform, known):
                known |= dict(await platform.sign_in.exchange(known, address, client))
                known = _without_codes(platform, known)
            learned: dict[str, str] = {}

            async def keep(changed: Mapping[str, str]) -> None:
                learned.update(changed)

            connector = platform.connect(Settings(0, known, keep, address), client)
            try:
                info = await connector.verify()
            finally:
                await connector.aclose()
        return ShopInfo(info.title, {**known, **learned, **info.values})

    async def add_account(self, name: str, title: str, values: Mapping[str, str], address: str, auto_accept: bool) -> int:
        """Store an account whose values were tested, and start it."""
        platform = self._platform(name)
        known = _without_codes(platform, dict(values))
        account_id = await self._database.write(
            _store_account, self._vault, platform, title or platform.title, known, address, auto_accept
        )
        await self._restart(account_id)
        self._bell.changed("accounts", account_id)
        return account_id

    async def set_account(self, account_id: int, enabled: bool | None, auto_accept: bool | None) -> None:
        """Switch an account, or its auto-accept."""
        wanted = {"enabled": enabled, "auto_accept": auto_accept}
        columns = {column: value for column, value in wanted.items() if value is not None}
        if columns:
            await self._database.write(accounts.change, account_id, **columns)
        if enabled is not None:  # auto-accept is read with every order; a restart would disturb what is in flight
            await self._restart(account_id)
        self._bell.changed("accounts", account_id)

    async def add_printer(self, name: str, host: str, port: int, station: str, width: int) -> int:
        """Store a LAN printer, ask what it can acknowledge, start its worker. It may be switched off just now."""
        taken = await self._database.write(print_jobs.every_printer)
        if name in {printer.name for printer in taken}:
            raise RefusalError(tr("There is already a printer called {name}.", name=name))
        printer_id = await self._database.write(print_jobs.add_printer, name, host, port, station, width)
        await self._restart_printer(printer_id)
        self._bell.changed("printers", printer_id)
        return printer_id

    async def set_printer(self, printer_id: int, enabled: bool) -> None:
        """Switch a printer on or off."""
        await self._database.write(print_jobs.change_printer, printer_id, enabled=enabled)
        await self._restart_printer(printer_id)
        self._bell.changed("printers", printer_id)

    async def test_printer(self, host: str, port: int, width: int) -> str:
        """Print a test ticket; answers in words what the printer said."""
        payload = await asyncio.to_thread(build, trial_ticket(language(), self._house.zone, now()), width)
        outcome = await asyncio.to_thread(LanPrinter(host, port).print_ticket, payload)
        return " ".join(filter(None, (tr(_SAID[outcome.kind]), outcome.reason)))

    def _platform(self, name: str) -> Platform:
        if name not in self._house.platforms:
            raise RefusalError(tr("No platform is called {name}.", name=name))
        return self._house.platforms[name]


def _checked(platform: Platform, values: Mapping[str, str]) -> dict[str, str]:
    """The form's values with their defaults; a missing one is named."""
    known = {one.name: str(values.get(one.name) or one.default).strip() for one in platform.fields}
    known |= {name: value for name, value in values.items() if name not in known}
    missing = [tr(one.label) for one in platform.fields if one.required and not known[one.name]]
    if missing and not _signed_in(platform, known):
        raise RefusalError(tr("Please fill in: {fields}", fields=", ".join(missing)))
    return known


def _signed_in(platform: Platform, known: Mapping[str, str]) -> bool:
    """A code is used up once; afterwards the values it was exchanged for stand in its place."""
    needed = [one.name for one in platform.fields if one.required and one.kind is not FieldKind.CODE]
    return all(known.get(name) for name in needed) and len(known) > len(platform.fields)


def _has_code(platform: Platform, known: Mapping[str, str]) -> bool:
    return any(known.get(one.name) for one in platform.fields if one.kind is FieldKind.CODE)


def _without_codes(platform: Platform, known: Mapping[str, str]) -> dict[str, str]:
    codes = {one.name for one in platform.fields if one.kind is FieldKind.CODE}
    return {name: value for name, value in known.items() if name not in codes}


def _store_account(
    connection: Connection,
    vault: Vault,
    platform: Platform,
    title: str,
    values: Mapping[str, str],
    address: str,
    auto_accept: bool,
) -> int:
    at = now()
    account_id = accounts.add(
        connection,
        at,
        platform=platform.name,
        name=title,
        address=address,
        settings={},
        hook_token=secrets.token_urlsafe(24),
        auto_accept=auto_accept,
    )
    keep_secrets(connection, vault, platform, account_id, values)
    audit.record(connection, at, "counter", "account_added", detail=platform.name)
    return account_id
