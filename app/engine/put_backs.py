"""Keeps promises: a pause and a sold-out dish end when they were said to, after a restart too, or a person is told why not.

Where the platform ends them by itself, there is nothing left to do at that moment; so each is looked at before it is
changed, and whatever somebody changed meanwhile stays.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from app.db import shops
from app.db.database import Database
from app.db.shops import SHOP, PutBack, Seen
from app.domain.shop import ShopState, ShopStatus
from app.engine.asking import CHANGE_SECONDS, able, in_time
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.platforms.abilities import Ability, OpensShop, SellsItems
from app.platforms.api import Connector, PlatformError, RejectedError, TemporaryError
from app.steady import now
from app.texts import tr

log = structlog.get_logger(__name__)

# Seconds before the next try, by tries made; the last one repeats until it worked or somebody decided otherwise.
BACK_OFF = (5.0, 15.0, 60.0, 120.0, 300.0)
LONGER = timedelta(minutes=1)  # a platform's own end so much later than ours was set by somebody else
OTHERS = 10.0  # seconds; a platform that takes longer goes on alone, and the ends of others are kept meanwhile


class Turns:
    """One change of an account's shop at a time. A look that began before a change tells old news: `count` says so."""

    def __init__(self) -> None:
        self.count: defaultdict[int, int] = defaultdict(int)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def of(self, account_id: int) -> AsyncIterator[None]:
        """The account's turn."""
        async with self._locks[account_id]:
            self.count[account_id] += 1
            try:
                yield
            finally:
                self.count[account_id] += 1


class PutBacks:
    """`connector` finds the open connector of an account; `turns` keeps people's changes and ours apart; `pace` shortens
    the pauses in practice.
    """

    def __init__(
        self,
        database: Database,
        bell: Bell,
        connector: Callable[[int], Connector | None],
        turns: Turns,
        pace: float = 1.0,
    ) -> None:
        self._database = database
        self._bell = bell
        self._connector = connector
        self._turns = turns
        self._pace = pace
        self._running: dict[int, asyncio.Task[None]] = {}  # by account

    async def keep(self, at: datetime) -> None:
        """Put back all that is due; accounts side by side, and none waits long for another."""
        due = {one.account_id for one in await self._database.write(shops.promises, at)}
        for account_id in due - set(self._running):
            self._running[account_id] = asyncio.create_task(self._keep_of(account_id, at))
        if self._running:
            done, _ = await asyncio.wait(self._running.values(), timeout=OTHERS)
            self._running = {number: task for number, task in self._running.items() if task not in done}
            await asyncio.gather(*done)  # raises what the store could not do

    async def stop(self) -> None:
        """Leave what is under way; it is due again at the next start."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _keep_of(self, account_id: int, at: datetime) -> None:
        """Read again in our turn: whoever had it before may have taken promises back."""
        async with self._turns.of(account_id):
            due = [one for one in await self._database.write(shops.promises, at) if one.account_id == account_id]
            shop = [one for one in due if one.item_id == SHOP]
            items = [one for one in due if one.item_id != SHOP]
            if shop:
                await self._tried(shop, self._open)
            if items:
                await self._tried(items, self._sell)

    async def _tried(self, due: Sequence[PutBack], work: Callable[[Sequence[PutBack]], Awaitable[None]]) -> None:
        """All at once; should the platform refuse that, each alone, so that one keeps no other off sale."""
        try:
            await in_time(work(due), CHANGE_SECONDS)
        except RejectedError as error:
            if len(due) > 1:
                for one in due:
                    await self._tried([one], work)
                return
            await self._failed(due, str(error))
        except (PlatformError, RefusalError) as error:
            patience = error.retry_after if isinstance(error, TemporaryError) else None
            await self._failed(due, str(error), patience or 0.0)
        except Exception as error:
            log.exception("put_back_failed", account=due[0].account_id)
            await self._failed(due, f"{type(error).__name__}: {error}")
        else:
            await self._database.write(shops.kept, [one.id for one in due])
        self._bell.changed("shops", due[0].account_id)
        self._bell.changed("accounts", due[0].account_id)

    async def _failed(self, due: Sequence[PutBack], text: str, patience: float = 0.0) -> None:
        for one in due:
            pause = max(BACK_OFF[min(one.tries, len(BACK_OFF) - 1)] * self._pace, patience)
            wait = min(timedelta(seconds=pause), shops.LONGEST_REST)
            await self._database.write(shops.postponed, one, text, now() + wait)
        if not due[0].tries:  # an outage is logged once
            log.warning("not_put_back", account=due[0].account_id, count=len(due), reason=text)

    async def _open(self, due: Sequence[PutBack]) -> None:
        (one,) = due
        account_id = one.account_id
        shop = able(self._connector(account_id), OpensShop, Ability.OPENS_SHOP)  # type: ignore[type-abstract]  # a protocol
        known = (await self._database.write(shops.seen)).get(account_id)
        status = await shop.shop()
        ours = status.state.value == one.name and not end_taken_away(known, status)
        if ours and not _prolonged(status.until, one):
            status = await shop.set_shop(ShopState.OPEN, None)
        await self._database.write(shops.saw, account_id, status, now())
        if ours and status.state.value == one.name and not _prolonged(status.until, one):
            raise RefusalError(tr("The platform says yes and still shows the shop as it was."))

    async def _sell(self, due: Sequence[PutBack]) -> None:
        seller = able(self._connector(due[0].account_id), SellsItems, Ability.SELLS_ITEMS)  # type: ignore[type-abstract]  # a protocol
        off = {item.item_id: item for item in await seller.items() if not item.available}
        wanted = [one.item_id for one in due if one.item_id in off and not _prolonged(off[one.item_id].until, one)]
        if wanted:
            await seller.set_available(wanted, True, None)


def end_taken_away(known: Seen | None, status: ShopStatus) -> bool:
    """The platform knew an end when it was last seen, and shows the same without one: somebody decided so elsewhere."""
    before = known.status if known else None
    return before is not None and before.state is status.state and before.until is not None and status.until is None


def _prolonged(until: datetime | None, one: PutBack) -> bool:
    return until is not None and until > one.until + LONGER
