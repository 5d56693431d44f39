"""The shop on every platform: looked at every few minutes, opened, paused, its dishes taken off sale and put back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.db import accounts, orders, shops
from app.db.accounts import Account
from app.db.database import Database
from app.db.shops import SHOP, PutBack, Seen
from app.domain.shop import TAKES_ORDERS, MenuItem, RefundTerms, ShopState, ShopStatus
from app.engine.asking import CHANGE_SECONDS, LOOK_SECONDS, able, in_time, refusals
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.put_backs import PutBacks, Turns, end_taken_away
from app.engine.refunds import RefundWish, request_refund
from app.engine.views import Overview, Storefront
from app.platforms.abilities import Ability, ListsDays, OpensShop, RefundsOrders, SellsItems, abilities_of
from app.platforms.api import Connector, PlatformError, RejectedError
from app.platforms.voice import HearsStaff
from app.steady import now
from app.texts import language, tr

log = structlog.get_logger(__name__)

PAUSE = 180.0  # seconds between two looks at every shop
FIRST_LOOK = 10.0
LONGEST_REST = 30.0  # the clock of the computer may be set meanwhile
LAG = timedelta(minutes=1)  # so long a platform may still show what was before a change


class Storefronts:
    """One per engine; lives on the I/O loop, but `every` may be called from any thread."""

    def __init__(self, database: Database, house: House, bell: Bell, connector: Callable[[int], Connector | None]) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._connector = connector
        self._pace = house.pace
        self._turns = Turns()
        self._put_backs = PutBacks(database, bell, connector, self._turns, self._pace)
        self._waker = asyncio.Event()
        self._opened: dict[int, tuple[int, datetime]] = {}  # first seen open against our promise: after which turn, when
        self._menus: dict[int, dict[str, str]] = {}  # names of dishes, for what is said of them later

    async def run(self) -> None:
        """Look and keep promises for ever; cancelled by the engine."""
        await asyncio.gather(self._watch(), self._keep_promises())

    async def _watch(self) -> None:
        await asyncio.sleep(FIRST_LOOK * self._pace)
        while True:
            try:
                await self.look()
            except Exception:  # the store failed, not a platform
                log.exception("shops_not_looked_at")
                await asyncio.sleep(FAULT_PAUSE)
            await asyncio.sleep(PAUSE * self._pace)

    async def _keep_promises(self) -> None:
        try:
            await self._keep_each()
        finally:
            await self._put_backs.stop()

    async def _keep_each(self) -> None:
        while True:
            try:
                await self._put_backs.keep(now())
                due = await self._database.write(shops.next_promise)
            except Exception:  # the store failed, not a platform
                log.exception("nothing_put_back")
                await asyncio.sleep(FAULT_PAUSE)
                continue
            wait = (due - now()).total_seconds() if due else LONGEST_REST
            await rest(self._waker, min(max(wait, 0.0), LONGEST_REST))

    def every(self) -> list[Storefront]:
        """Every account's storefront as last seen; no I/O but the store."""
        return self._database.read(storefronts, self._house, self.abilities, self._states)

    def abilities(self, account_id: int) -> frozenset[Ability]:
        """What the account's open connector can do; nothing while it is switched off."""
        return abilities_of(self._connector(account_id))

    def refund_terms(self, account_id: int) -> RefundTerms | None:
        """How the account's platform gives money back; None where it does not, or while it is switched off."""
        connector: object = self._connector(account_id)
        return connector.refunds if isinstance(connector, RefundsOrders) else None

    async def look(self) -> None:
        """Ask every platform how the shop stands; side by side, and none waits for another."""
        ids = [account.id for account in await self._database.write(accounts.every)]
        await asyncio.gather(*[self._look(one) for one in ids if Ability.OPENS_SHOP in self.abilities(one)])

    async def set_shop(self, account_ids: Collection[int], state: ShopState, until: datetime | None) -> dict[int, str]:
        """Change it on these accounts; answers why not, in the platform's words, for those that did not change."""
        return await refusals({one: self._set_shop(one, state, until) for one in account_ids})

    async def refund(self, wish: RefundWish) -> int:
        """Queue money to give back, if the order's platform takes that from here; answers the command's id."""
        order = await self._database.write(orders.get, wish.order_id)
        giver = able(self._connector(order.account_id), RefundsOrders, Ability.REFUNDS_ORDERS)  # type: ignore[type-abstract]  # a protocol
        command_id: int = await self._database.write(request_refund, wish, giver.refunds)
        self._bell.changed("orders", wish.order_id)
        return command_id

    def proved(self, overview: Overview) -> Overview:
        """The overview with word on whose day can be proved: only an open connector tells."""
        views = [replace(one, provable=self._provable(one.id)) for one in overview.accounts]
        return replace(overview, accounts=tuple(views))

    async def items(self, account_id: int) -> list[MenuItem]:
        """The platform's menu. `until` is filled in from our own promise where the platform knows no end."""
        found = await in_time(self._seller(account_id).items(), LOOK_SECONDS)
        self._menus[account_id] = {item.item_id: item.name for item in found}
        promises = await self._database.write(shops.promises)
        ends = {one.item_id: one.until for one in promises if one.account_id == account_id}
        return [item if item.available else replace(item, until=item.until or ends.get(item.item_id)) for item in found]

    async def set_available(
        self, wanted: Mapping[int, Collection[str]], available: bool, until: datetime | None
    ) -> dict[int, str]:
        """Take dishes (item ids by account) off sale or put them back; answers as `set_shop` does."""
        return await refusals({one: self._set_available(one, list(ids), available, until) for one, ids in wanted.items()})

    async def _look(self, account_id: int) -> ShopStatus | None:
        """How the platform shows it; None when it does not tell, or when somebody changed it meanwhile."""
        before = self._turns.count[account_id]
        try:
            status = await in_time(self._opener(account_id).shop(), LOOK_SECONDS)
        except (PlatformError, RefusalError) as error:
            await self._could_not_see(account_id, str(error))
        except Exception as error:
            log.exception("shop_not_seen", account=account_id)
            await self._could_not_see(account_id, f"{type(error).__name__}: {error}")
        else:
            if before == self._turns.count[account_id]:
                await self._heed(account_id, before, status)
                await self._saw(account_id, status)
                return status
        return None

    async def _heed(self, account_id: int, turn: int, status: ShopStatus) -> None:
        """Whoever opened the shop elsewhere, or took its end away, decided anew: our promise would undo what they want."""
        mine = await self._promised(account_id)
        known = (await self._database.write(shops.seen)).get(account_id)
        if mine is None or turn != self._turns.count[account_id]:
            return
        opened = status.state in TAKES_ORDERS and status.state.value != mine.name
        if self._lasts(account_id, turn, opened) or end_taken_away(known, status):
            await self._database.write(shops.kept, [mine.id])

    def _lasts(self, account_id: int, turn: int, opened: bool) -> bool:
        """Whether it is so for longer than a platform may be slow to show a change of ours."""
        at, first = now(), self._opened.pop(account_id, None)
        if not opened:
            return False
        if first is None or first[0] != turn:
            first = turn, at
        self._opened[account_id] = first
        return at > first[1] + LAG

    async def _set_shop(self, account_id: int, state: ShopState, until: datetime | None) -> None:
        opener = self._opener(account_id)
        if state not in opener.shop_states:
            raise RefusalError(tr("This platform has no such state for a shop."))
        until = None if state is ShopState.OPEN else until
        async with self._turns.of(account_id):
            old = await self._promise(account_id, state, until)
            try:
                status = await in_time(opener.set_shop(state, until), CHANGE_SECONDS)
            except PlatformError as error:
                seen = await self._look(account_id)
                unchanged = seen and old and seen.state.value == old.name != state.value
                if unchanged or isinstance(error, RejectedError):
                    await self._restore(account_id, old)
                raise
            # A promise is kept only while the platform still shows what it showed then; one that lags shows open.
            shown = {SHOP: (state if status.state is ShopState.OPEN else status.state).value}
            await self._database.write(shops.promise, account_id, shown, until)
            await self._saw(account_id, status)
            self._waker.set()

    async def _promise(self, account_id: int, state: ShopState, until: datetime | None) -> PutBack | None:
        """On disk before the platform is asked: a pause that nobody ends is worse than an end without a pause.

        Nor must an earlier end undo what is to stay now, should the platform's answer be lost. Answers that earlier promise.
        """
        old = await self._promised(account_id)
        if until is not None or (old and old.name == state.value):
            await self._database.write(shops.promise, account_id, {SHOP: state.value}, until)
        return old

    async def _promised(self, account_id: int) -> PutBack | None:
        known = await self._database.write(shops.promises)
        return next((one for one in known if one.account_id == account_id and one.item_id == SHOP), None)

    async def _restore(self, account_id: int, old: PutBack | None) -> None:
        kept = {SHOP: old.name if old else ""}
        await self._database.write(shops.promise, account_id, kept, old.until if old else None)

    async def _set_available(self, account_id: int, ids: list[str], available: bool, until: datetime | None) -> None:
        seller = self._seller(account_id)
        names = self._menus.get(account_id, {})
        items = {one: names.get(one, one) for one in ids}
        until = None if available else until
        async with self._turns.of(account_id):
            if not available:  # kept even if the platform refuses some: what is on sale then is left alone
                await self._database.write(shops.promise, account_id, items, until)
            await in_time(seller.set_available(ids, available, until), CHANGE_SECONDS)
            if available:
                await self._database.write(shops.promise, account_id, items, None)
        self._waker.set()
        self._told(account_id)

    async def _saw(self, account_id: int, status: ShopStatus) -> None:
        if await self._database.write(shops.saw, account_id, status, now()):
            self._told(account_id)

    async def _could_not_see(self, account_id: int, text: str) -> None:
        if await self._database.write(shops.could_not_see, account_id, text):
            log.info("shop_not_seen", account=account_id, reason=text)
            self._told(account_id)

    def _told(self, account_id: int) -> None:
        self._bell.changed("shops", account_id)
        self._bell.changed("accounts", account_id)

    def _provable(self, account_id: int) -> bool | None:
        """None for a voice too: it has no orders that could be missing."""
        connector: object = self._connector(account_id)
        return None if connector is None or isinstance(connector, HearsStaff) else isinstance(connector, ListsDays)

    def _states(self, account_id: int) -> frozenset[ShopState]:
        connector: object = self._connector(account_id)
        return connector.shop_states if isinstance(connector, OpensShop) else frozenset()

    def _opener(self, account_id: int) -> OpensShop:
        return able(self._connector(account_id), OpensShop, Ability.OPENS_SHOP)  # type: ignore[type-abstract]  # a protocol

    def _seller(self, account_id: int) -> SellsItems:
        return able(self._connector(account_id), SellsItems, Ability.SELLS_ITEMS)  # type: ignore[type-abstract]  # a protocol


def storefronts(
    connection: Connection,
    house: House,
    abilities: Callable[[int], frozenset[Ability]],
    states: Callable[[int], frozenset[ShopState]],
) -> list[Storefront]:
    """Every account's storefront as last seen."""
    seen, promises = shops.seen(connection), shops.promises(connection)
    ends = {one.account_id: one.until for one in promises if one.item_id == SHOP}
    return [
        _storefront(house, one, seen.get(one.id), ends.get(one.id), abilities(one.id), states(one.id))
        for one in accounts.every(connection)
    ]


def _storefront(
    house: House,
    account: Account,
    seen: Seen | None,
    end: datetime | None,
    abilities: frozenset[Ability],
    states: frozenset[ShopState],
) -> Storefront:
    status = seen.status if seen else None
    if status and status.until is None and end and status.state is not ShopState.OPEN:
        status = replace(status, until=end)  # the console's own promise, where the platform knows no end
    return Storefront(
        account_id=account.id,
        platform=account.platform,
        title=house.title(account.platform, language()),
        name=account.name,
        abilities=abilities,
        states=states,
        status=status,
        since=seen.since if seen else None,
        checked_at=seen.checked_at if seen else None,
        error=seen.error if seen else "",
        mark=house.mark(account.platform),
        enabled=account.enabled,
    )
