"""A stored printer as the device that prints: its settings with the secrets opened, its profile, its torn paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from app.db import printers
from app.db.printers import Printer
from app.engine.secrets import Vault
from app.printing.kinds import KINDS, Device, PrinterKind
from app.printing.profile import Profile

_PROFILE = TypeAdapter(Profile)


def open_device(vault: Vault, printer: Printer, torn: bool = False) -> Device:
    """The device of a printer; nothing is connected yet. Raises LookupError for a kind that this program does not know."""
    settings = settings_of(vault, printer)
    return KINDS[printer.kind].open(settings, printer.dialect, profile_of(printer.profile), torn)


def profile_of(stored: Mapping[str, Any] | None) -> Profile:
    """A stored profile; what an older or newer program wrote and this one cannot read counts as never examined."""
    try:
        return _PROFILE.validate_python(stored or {})
    except ValidationError:
        return Profile()


def packed(profile: Profile) -> dict[str, Any]:
    """A profile as its column keeps it."""
    return asdict(profile)


def settings_of(vault: Vault, printer: Printer) -> dict[str, str]:
    """Every setting of the printer, secrets opened."""
    if printer.sealed is None:
        return dict(printer.settings)
    secrets: dict[str, str] = json.loads(vault.open_sealed(printer.sealed, _context(printer.id)))
    return {**printer.settings, **secrets}


def keep_settings(
    connection: Connection, vault: Vault, kind: PrinterKind, printer_id: int, values: Mapping[str, str]
) -> None:
    """Store settings: open fields of the form in the open, secrets and whatever the form does not know sealed."""
    shown = {one.name for one in kind.fields if not one.secret}
    plain = {name: value for name, value in values.items() if name in shown}
    hidden = {name: value for name, value in values.items() if name not in shown and value}
    sealed = vault.seal(json.dumps(hidden).encode(), _context(printer_id)) if hidden else None
    printers.change(connection, printer_id, settings=plain, sealed=sealed)


def keep_learned(connection: Connection, vault: Vault, printer_id: int, learned: Mapping[str, str]) -> None:
    """Keep what a device learned by itself (a token) beside its settings, sealed."""
    printer = printers.get(connection, printer_id)
    keep_settings(connection, vault, KINDS[printer.kind], printer_id, {**settings_of(vault, printer), **learned})


def _context(printer_id: int) -> str:
    return f"printers.sealed:{printer_id}"
