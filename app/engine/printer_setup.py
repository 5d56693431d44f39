"""Adding and changing printers: asked what they can do, tried on paper, stored, and their worker started anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection

from app.db import audit, printers, stations
from app.db.database import Database
from app.db.printers import Printer
from app.domain.routing import Station
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.devices import keep_settings, open_device, profile_of, settings_of
from app.engine.house import House
from app.engine.secrets import Vault
from app.engine.tickets import STATION
from app.engine.views import PrinterForm, PrinterTest
from app.printing import (
    PAPERS,
    Acknowledges,
    Capabilities,
    Outcome,
    OutcomeKind,
    Paper,
    UnreachableError,
    build,
    trial_ticket,
)
from app.printing.discovery import Method, Network, ScanPlan, own_networks, quiet_methods
from app.printing.kinds import KINDS, Device, PrinterKind
from app.printing.profile import Profile
from app.steady import now
from app.texts import N_, language, tr

_SAID = {
    OutcomeKind.CONFIRMED: N_("The printer confirms that the test ticket is on paper."),
    OutcomeKind.SENT: N_("The test ticket was sent; this printer cannot say whether it came out."),
    OutcomeKind.NOT_SENT: N_("Nothing was sent."),
    OutcomeKind.UNKNOWN: N_("Something was sent, but the printer did not say that it came out."),
}
_PRINTED = frozenset({OutcomeKind.CONFIRMED, OutcomeKind.SENT})


class PrinterSetup:
    """`restart` starts a printer's worker anew after its row changed."""

    def __init__(
        self, database: Database, house: House, bell: Bell, vault: Vault, restart: Callable[[int], Awaitable[None]]
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._restart = restart

    async def try_out(self, form: PrinterForm, printer_id: int | None = None) -> PrinterTest:
        """Ask the printer what it can do and print one settings page; nothing is stored."""
        printer = await self._meant(form, printer_id)
        device = open_device(self._vault, printer)
        try:
            profile = await asyncio.to_thread(device.examine)
            outcome = await asyncio.to_thread(self._print_page, device, printer, profile)
        except UnreachableError as error:
            return PrinterTest(str(error), printed=False)
        finally:
            device.stop()
        text = " ".join(filter(None, (tr(_SAID[outcome.kind]), outcome.reason)))
        return PrinterTest(text, outcome.kind in _PRINTED, asdict(profile))

    async def save(
        self, form: PrinterForm, profile: Mapping[str, Any], printer_id: int | None = None, station: str = ""
    ) -> int:
        """Store a printer with what is known of it, and start its worker. It may be switched off just now."""
        meant = replace(await self._meant(form, printer_id), profile=profile or None)
        stored = await self._database.write(_store, self._vault, meant, printer_id, station)
        await self._restart(stored)
        self._bell.changed("printers", stored)
        return stored

    async def amend(self, printer_id: int, name: str, paper: str, settings: Mapping[str, str], enabled: bool | None) -> None:
        """Change what is named of a stored printer; it is asked anew what it can do, since it may be another one."""
        try:
            stored = await self._database.write(printers.get, printer_id)
        except LookupError:
            raise RefusalError(tr("There is no printer {id}.", id=printer_id)) from None
        if name or paper or settings:
            known = {**stored.settings, **settings}
            form = PrinterForm(name or stored.name, stored.kind, known, stored.dialect, paper or stored.paper)
            await self.save(form, {}, printer_id)
        if enabled is not None:
            await self.switch(printer_id, enabled)

    async def switch(self, printer_id: int, enabled: bool) -> None:
        """Switch a printer on or off; its waiting tickets wait, or go to the backup."""
        await self._database.write(printers.change, printer_id, enabled=enabled)
        await self._restart(printer_id)
        self._bell.changed("printers", printer_id)

    def _print_page(self, device: Device, printer: Printer, profile: Profile) -> Outcome:
        ticket = trial_ticket(language(), self._house.zone, now(), _about(printer, profile))
        return device.print_ticket(build(ticket, None, printer.paper, profile, printer.dialect))

    async def _meant(self, form: PrinterForm, printer_id: int | None) -> Printer:
        """The printer that a form describes; blank secrets are those of the stored one. Raises RefusalError in words."""
        every = await self._database.write(printers.every)
        form = replace(form, name=form.name.strip())
        kind = _checked(form)
        if any(one.name == form.name and one.id != printer_id for one in every):
            raise RefusalError(tr("There is already a printer called {name}.", name=form.name))
        stored = next((one for one in every if one.id == printer_id), None)
        known = settings_of(self._vault, stored) if stored and stored.kind == form.kind else {}
        settings = {**known, **{name: value.strip() for name, value in form.settings.items() if value.strip()}}
        _require(kind, settings)
        _open_for_trial(kind, form, settings)
        return Printer(0, form.name, form.kind, form.dialect, settings, None, form.paper, None, True, "ok", "", None)


def _about(printer: Printer, profile: Profile) -> tuple[str, ...]:
    """What the settings page says of the printer itself."""
    address = KINDS[printer.kind].address(printer.settings)
    told = Capabilities(Acknowledges(profile.acknowledges or "none"), None).text
    model = " ".join(filter(None, (profile.maker, profile.model)))
    return tuple(filter(None, (printer.name, address, printer.paper, model, told)))


def methods_of(wanted: Mapping[str, object]) -> list[Method]:
    """Ways to look for printers: {"mdns": bool, "broadcast": bool, "scan": range or "", "interface": address or ""}.

    Without an interface every network of this computer is asked, but nothing is ever scanned. Raises SearchError.
    """
    interface = str(wanted.get("interface") or "")
    networks = (Network(interface),) if interface else own_networks()
    quiet = quiet_methods(networks, bool(wanted.get("mdns")), bool(wanted.get("broadcast")))
    span = str(wanted.get("scan") or "")
    return [*quiet, ScanPlan.of(span, interface)] if span else quiet


def _checked(form: PrinterForm) -> PrinterKind:
    if form.kind not in KINDS:
        raise RefusalError(tr("This program knows no printers of kind {kind}.", kind=form.kind))
    kind = KINDS[form.kind]
    if not form.name:
        raise RefusalError(tr("The printer needs a name."))
    if form.paper not in PAPERS:
        raise RefusalError(tr("There is no paper {paper}; known are {known}.", paper=form.paper, known=", ".join(PAPERS)))
    if form.dialect not in kind.dialects:
        known = ", ".join(kind.dialects)
        raise RefusalError(tr("Such a printer does not speak {dialect} but {known}.", dialect=form.dialect, known=known))
    if (form.dialect == "tspl") != (Paper.of(form.paper).height_mm is not None):
        raise RefusalError(tr("A label printer takes labels, any other a roll: {paper} does not fit.", paper=form.paper))
    return kind


def _require(kind: PrinterKind, settings: Mapping[str, str]) -> None:
    for one in kind.fields:
        if one.required and not settings.get(one.name, one.default):
            raise RefusalError(tr("Please fill in: {field}", field=tr(one.title)))


def _open_for_trial(kind: PrinterKind, form: PrinterForm, settings: Mapping[str, str]) -> None:
    """Nothing is connected: the transport says whether the settings make sense to it."""
    unknown = form.settings.keys() - {one.name for one in kind.fields}
    if unknown:
        known = ", ".join(one.name for one in kind.fields)
        raise RefusalError(tr("{name} is no field of this kind of printer; it has {known}.", name=min(unknown), known=known))
    try:
        kind.open(settings, form.dialect, Profile(), False).stop()
    except ValueError as error:
        raise RefusalError(str(error)) from error


def _store(connection: Connection, vault: Vault, meant: Printer, printer_id: int | None, station: str) -> int:
    columns = {"name": meant.name, "kind": meant.kind, "dialect": meant.dialect, "paper": meant.paper}
    profile = asdict(profile_of(meant.profile)) if meant.profile else None
    if printer_id is None:
        stored = printers.add(connection, **columns, profile=profile)
    else:
        stored = printer_id
        printers.change(connection, printer_id, **columns, profile=profile)
    keep_settings(connection, vault, KINDS[meant.kind], stored, meant.settings)
    audit.record(connection, now(), "counter", "printer_added" if printer_id is None else "printer_changed")
    if station or not stations.every(connection):  # the very first printer prints everything
        _give(connection, stored, station or STATION)
    return stored


def _give(connection: Connection, printer_id: int, name: str) -> None:
    """Let a station print here: the one of this name, or a new one; the first of all is the default."""
    every = stations.every(connection)
    known = next((one for one in every if one.name.casefold() == name.casefold()), None)
    if known is None:
        spoken = audit.preference(connection, "language", language())
        fresh = Station(0, name, language=spoken, printer_id=printer_id, default=not any(one.default for one in every))
        stations.save(connection, fresh)
    elif known.printer_id is None:
        stations.save(connection, replace(known, printer_id=printer_id))
    elif known.printer_id != printer_id and known.backup_id is None:
        stations.save(connection, replace(known, backup_id=printer_id))
