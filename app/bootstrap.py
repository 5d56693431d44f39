"""The composition root: the one place that builds a store, a vault, the rules of the house and the engine on them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from app.config import DataFolder
from app.db import audit
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.engine.house import LEAD, House, Limits
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.registry import platforms

ZONE = "Asia/Shanghai"
LIMITS = Limits()


def open_engine(
    data: DataFolder,
    vault: Vault,
    *,
    practice: bool = False,
    receiver_port: int = 0,
    poll_seconds: float | None = None,
    limits: Limits = LIMITS,
    lead: timedelta = LEAD,
) -> Engine:
    """An engine on the shop's folder, not yet started. Raises `StoreError` when the store cannot be opened."""
    database = Database.open(data.create().database, vault.database_key)
    house = house_of(database, practice, poll_seconds, limits, lead)
    return Engine(data, database, vault, house, receiver_port)


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
    zone = str(audit.preference(connection, "zone", ZONE))
    return BusinessCalendar.of(zone, int(audit.preference(connection, "cutoff_hour", 4)))
