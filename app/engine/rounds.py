"""Asks the platforms by itself for what nobody waits for: reviews once an hour, the last days' statements once a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import structlog

from app.db import accounts, statements
from app.db.database import Database
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.inquiries import Inquiries
from app.platforms.abilities import Ability, abilities_of
from app.platforms.api import Connector, PlatformError
from app.steady import now

log = structlog.get_logger(__name__)

PAUSE = 3600.0  # seconds between two rounds
FIRST_ROUND = 60.0  # orders come first
REVIEW_DAYS = 7  # customers and shops add to a review for so long
STATEMENT_DAYS = 7  # a platform books late lines for so long; of a longer absence, no more days are caught up with


class Rounds:
    """One per engine. One account after the other and one call at a time: this must never be felt elsewhere."""

    def __init__(
        self, database: Database, house: House, inquiries: Inquiries, connector: Callable[[int], Connector | None]
    ) -> None:
        self._database = database
        self._house = house
        self._inquiries = inquiries
        self._connector = connector

    async def run(self) -> None:
        """Go round for ever; cancelled by the engine. Practice goes round as much more often as it polls."""
        await asyncio.sleep(FIRST_ROUND * self._house.pace)
        while True:
            try:
                await self.go()
            except Exception:  # the store failed, not a platform
                log.exception("round_not_gone")
            await asyncio.sleep(PAUSE * self._house.pace)

    async def go(self) -> None:
        """Ask every open account once."""
        today = now().astimezone(self._house.calendar.zone).date()
        for account in await self._database.write(accounts.every):
            able = abilities_of(self._connector(account.id))
            if Ability.HEARS_REVIEWS in able:
                since = today - timedelta(days=REVIEW_DAYS)
                await self._ask(account.id, "reviews", self._inquiries.reviews(account.id, since))
            if Ability.SETTLES in able:
                await self._catch_up(account.id, today)

    async def _catch_up(self, account_id: int, today: date) -> None:
        """The days that were over and not read yet, oldest first, then each of the others once a day, for what was booked
        late; before the first there is only yesterday."""
        told = await self._database.write(statements.days_read, account_id)
        read = {day: at.astimezone(self._house.calendar.zone).date() for day, at in told.items()}
        whole = {day for day, on in read.items() if on > day}
        first = max(min(whole, default=today - timedelta(days=1)), today - timedelta(days=STATEMENT_DAYS))
        past = [first + timedelta(days=number) for number in range((today - first).days)]
        unread, again = (
            [day for day in past if (day in whole) is known and read.get(day) != today] for known in (False, True)
        )
        for day in (*unread, *again):
            if not await self._ask(account_id, "statement", self._inquiries.settlement(account_id, day)):
                return

    @staticmethod
    async def _ask(account_id: int, what: str, question: Awaitable[object]) -> bool:
        """Whether it was answered; a platform that fails is asked again in the next round."""
        try:
            await question
        except (PlatformError, RefusalError) as error:
            log.info("not_answered", account=account_id, what=what, reason=str(error))
        except Exception:
            log.exception("not_answered", account=account_id, what=what)
        else:
            return True
        return False
