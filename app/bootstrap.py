"""The composition root: the one place that builds a store, a vault, the rules of the house and the engine on them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from app.config import DataFolder
from app.db import audit
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.engine import shop_zone
from app.engine.house import LEAD, House, Limits
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.registry import platforms

LIMITS = Limits()


def open_engine(
    folder: DataFolder,
    vault: Vault,
    *,
    practice: bool = False,
    receiver_port: int = 0,
    poll_seconds: float | None = None,
    limits: Limits = LIMITS,
    lead: timedelta = LEAD,
) -> Engine:
    """An engine on the shop's folder, not yet started. Raises `StoreError` when the store cannot be opened."""
    database = open_store(folder, vault)
    house = house_of(database, practice, poll_seconds, limits, lead)
    return Engine(folder, database, vault, house, receiver_port)


def open_store(folder: DataFolder, vault: Vault) -> Database:
    """The shop's store for its one writer, made at the first start and with its time zone settled. Raises `StoreError`."""
    database = Database.open(folder.create().database, vault.database_key)
    database.write_now(shop_zone.settle)
    return database


def house_of(
    database: Database,
    practice: bool = False,
    poll_seconds: float | None = None,
    limits: Limits = LIMITS,
    lead: timedelta = LEAD,
) -> House:
    """The rules of the shop whose store this is."""
    return House(database.read(_calendar), platforms(), practice, poll_seconds, limits, lead)


def _calendar(connection: Connection) -> BusinessCalendar:
    return BusinessCalendar.of(shop_zone.zone_of(connection), int(audit.preference(connection, "cutoff_hour", 4)))
