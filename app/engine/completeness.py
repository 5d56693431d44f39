"""Proves that nothing is missing: the platform's own list of the day against the store; a hole is fetched, then alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta, timezone

import structlog

from app.db import accounts, audit, day_counts
from app.db.accounts import Account
from app.db.database import Database
from app.domain.shop import DayEntry
from app.engine.asking import in_time
from app.engine.bell import FAULT_PAUSE, Bell
from app.engine.house import House
from app.platforms.abilities import ListsDays
from app.platforms.api import Connector, PlatformError, TemporaryError
from app.steady import now

log = structlog.get_logger(__name__)

LOOK_SECONDS = 300.0
HURRY_SECONDS = 20.0  # after a look that found a hole
HURRIES = 6  # in a row: a list may be many heavy calls, and a hole that stays is told by then
LIST_SECONDS = 120.0  # a long day may take a call for each number
TURNS = 4  # waits for a list that polls have to share their calls with
LONGEST_TURN = 100.0  # seconds; the other accounts wait as long for their next look
FIRST_LOOK = 30.0  # the first poll of the day comes before the first count
HOURS_KEPT = timedelta(hours=6)  # yesterday is looked at again for so long after its end
WEST, EAST = (timezone(timedelta(hours=hours)) for hours in (-8, 9))  # of everywhere that practice's platforms stand


class Completeness:
    """Looks at every account that is open and can list its days. `refetch(account, order id)` asks for one order."""

    def __init__(
        self,
        database: Database,
        house: House,
        bell: Bell,
        connector: Callable[[int], Connector | None],
        refetch: Callable[[int, str], None],
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._connector = connector
        self._refetch = refetch
        self._pace = house.pace
        self._hurries: dict[int, int] = {}  # looks in a row that found a hole, by account
        self._noted: dict[int, str] = {}  # why its day could not be counted last time, by account

    async def run(self) -> None:
        """Look for ever; cancelled by the engine. Practice looks as much more often as it polls."""
        await asyncio.sleep(FIRST_LOOK * self._pace)
        while True:
            try:
                holes = await self.look_at_all()
            except Exception:  # the store failed, not a platform
                log.exception("days_not_counted")
                await asyncio.sleep(FAULT_PAUSE)
                continue
            await asyncio.sleep(self.pause(holes) * self._pace)

    async def look_at_all(self) -> set[int]:
        """Look at the accounts side by side; answers those where something is missing."""
        every = await self._database.write(accounts.every)
        holes = await asyncio.gather(*[self.look(account) for account in every])
        return {account.id for account, hole in zip(every, holes, strict=True) if hole}

    def pause(self, holes: Collection[int]) -> float:
        """Seconds until the next look, after one that found holes at these accounts."""
        self._hurries = {one: self._hurries.get(one, 0) + 1 for one in holes}
        return HURRY_SECONDS if any(times <= HURRIES for times in self._hurries.values()) else LOOK_SECONDS

    async def look(self, account: Account) -> bool:
        """Count one account's day, and ask for what is missing; whether anything is."""
        connector = self._connector(account.id)
        if not isinstance(connector, ListsDays):
            return False
        holes = False
        for day in reversed(days_anywhere(self._house, now())):  # what staff are told of is today
            try:
                missing = await self._count(account, connector, day)
            except PlatformError as error:
                log.info("day_not_counted", account=account.id, day=str(day), reason=str(error))
                await self._note(account, str(error))
                return holes
            except Exception as error:
                log.exception("day_not_counted", account=account.id, day=str(day))
                await self._note(account, f"{type(error).__name__}: {error}")
                return holes
            holes |= bool(missing)
        await self._note(account, "")
        return holes

    async def _listed(self, connector: ListsDays, day: date) -> Sequence[DayEntry]:
        """The platform's list; one that says when it can be asked for is asked for again then, a few times."""
        for _ in range(TURNS):
            try:
                return await in_time(connector.list_day(day), LIST_SECONDS)
            except TemporaryError as error:
                if not error.retry_after or error.retry_after > LONGEST_TURN:
                    raise
                await asyncio.sleep(error.retry_after * self._pace)
        return await in_time(connector.list_day(day), LIST_SECONDS)

    async def _note(self, account: Account, why: str) -> None:
        if self._noted.get(account.id) != why:
            await self._database.write(audit.set_preference, not_counted(account.id), why)
            self._noted[account.id] = why
            self._bell.changed("accounts", account.id)

    async def _count(self, account: Account, connector: ListsDays, day: date) -> tuple[str, ...]:
        listed = [entry.order_id for entry in await self._listed(connector, day)]
        missing: tuple[str, ...] = await self._database.write(day_counts.record, account.id, day, listed, now())
        for order_id in missing:
            log.info("order_missing", account=account.id, order=order_id, day=str(day))
            self._refetch(account.id, order_id)
        self._bell.changed("accounts", account.id)
        return missing


def not_counted(account_id: int) -> str:
    """The preference that says why an account's list could not be read last time; "" in it once it was read again."""
    return f"day_not_counted_{account_id}"


def days(house: House, at: datetime) -> list[date]:
    """The platform's days worth counting now: today, and yesterday while its last orders may still come in."""
    today = at.astimezone(house.calendar.zone).date()
    yesterday = (at - HOURS_KEPT).astimezone(house.calendar.zone).date()
    return [yesterday, today] if yesterday != today else [today]


def days_anywhere(house: House, at: datetime) -> list[date]:
    """The days to ask for: practice's street has platforms of several zones, of which a real shop stands in one."""
    if not house.practice:
        return days(house, at)
    return sorted({*days(house, at), at.astimezone(WEST).date(), at.astimezone(EAST).date()})
