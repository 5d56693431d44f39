"""Tells new orders to every voice that can speak unasked: each order once and never again, a rush in one breath.

An order is marked as told before it is told: a speaker that missed one is a nuisance, one that repeats the lunch after every
start is switched off. A failure is shown on the account and holds up nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.db import accounts, audit, orders
from app.db.database import Database
from app.db.orders import StoredOrder
from app.domain.announcement import NewOrder, announcement, item_count
from app.domain.lifecycle import DEAD
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.house import House
from app.platforms.api import Connector, PlatformError, TemporaryError
from app.platforms.voice import Announces
from app.steady import now
from app.texts import language, tr

log = structlog.get_logger(__name__)

GATHER = 1.5  # seconds in which orders that come together become one sentence
BREATH = 8.0  # seconds between two sentences: a speaker needs them
STALE = timedelta(minutes=10)  # an order that came longer ago is no news, whatever kept us
TRIES = 3


def new_order(house: House, order: StoredOrder) -> NewOrder:
    """What may be said of an order."""
    facts = order.facts
    return NewOrder(facts.source or house.title(order.platform, language()), facts.number, item_count(facts.lines))


def sentence(house: House, told: Iterable[StoredOrder]) -> str:
    """The announcement of these orders, in the console's language."""
    return announcement(language(), [new_order(house, order) for order in told])


def announcement_of(connection: Connection, house: House, order_ids: Iterable[int]) -> str:
    """The same for orders by id; what is not stored or already dead is not told."""
    found = orders.queue(connection, order_ids)
    return sentence(house, [order for order in found if order.state.kitchen not in DEAD])


class Announcer:
    """One per engine. `gather` and `breath` in seconds."""

    def __init__(
        self,
        database: Database,
        house: House,
        bell: Bell,
        connector: Callable[[int], Connector | None],
        gather: float = GATHER,
        breath: float = BREATH,
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._connector = connector
        self._gather = gather
        self._breath = breath
        self._waker = bell.waker()
        self._waiting: dict[int, list[int]] = {}  # ids of orders by voice
        self._tries: dict[int, int] = {}

    async def run(self) -> None:
        """Tell what is new for ever; cancelled by the engine."""
        while True:
            await rest(self._waker, self._breath)
            await asyncio.sleep(self._gather)
            try:
                if await self.look():
                    await asyncio.sleep(self._breath)
            except Exception:  # the store failed, not a speaker
                log.exception("announcer_failed")
                await asyncio.sleep(FAULT_PAUSE)

    async def look(self) -> bool:
        """Tell every voice what is new for it; whether anything was said, or tried."""
        voices = self._voices(await self._database.write(accounts.every))
        return any(await asyncio.gather(*(self._tell(account_id, voice) for account_id, voice in voices.items())))

    def _voices(self, known: Iterable[accounts.Account]) -> dict[int, Announces]:
        opened: dict[int, object] = {account.id: self._connector(account.id) for account in known}
        return {account_id: one for account_id, one in opened.items() if isinstance(one, Announces)}

    async def _tell(self, account_id: int, voice: Announces) -> bool:
        told: list[StoredOrder] = await self._database.write(take, account_id, now(), self._waiting.pop(account_id, []))
        if not told:
            return False
        try:
            await voice.announce(sentence(self._house, told))
        except TemporaryError as error:
            await self._later(account_id, told, error)
        except PlatformError as error:
            await self._failed(account_id, str(error))
        except Exception as error:
            log.exception("announcement_broken", account=account_id)
            await self._failed(account_id, f"{type(error).__name__}: {error}")
        else:
            self._tries.pop(account_id, None)
            await self._record(account_id, "ok", "")
        return True

    async def _later(self, account_id: int, told: list[StoredOrder], error: TemporaryError) -> None:
        """Together with whatever comes meanwhile, but not for ever."""
        self._tries[account_id] = self._tries.get(account_id, 0) + 1
        if self._tries[account_id] < TRIES:
            self._waiting[account_id] = [order.id for order in told]
        else:
            await self._failed(account_id, str(error))

    async def _failed(self, account_id: int, why: str) -> None:
        self._tries.pop(account_id, None)
        if await self._record(account_id, "degraded", tr("New orders are not announced there: {why}", why=why)):
            log.warning("announcement_failed", account=account_id, reason=why)  # once, until one gets through again

    async def _record(self, account_id: int, state: str, text: str) -> bool:
        changed = await self._database.write(accounts.set_state, account_id, now(), state, text)
        if changed:
            self._bell.changed("accounts", account_id)
        return bool(changed)


def take(connection: Connection, account_id: int, at: datetime, again: Iterable[int] = ()) -> list[StoredOrder]:
    """What this voice has to tell: orders by id that it failed to tell, as they stand now, and new ones, from now on told.

    A voice that is new begins with the next one.
    """
    last = audit.preference(connection, _mark(account_id))
    newest = orders.newest_id(connection)
    if newest != last:
        audit.set_preference(connection, _mark(account_id), newest)
    found = [*orders.queue(connection, again), *(orders.after(connection, last) if last not in (None, newest) else ())]
    return [one for one in found if one.state.kitchen not in DEAD and at - one.stored_at < STALE]


def _mark(account_id: int) -> str:
    """The preference that holds the id of the newest order this voice was given."""
    return f"announced_{account_id}"
