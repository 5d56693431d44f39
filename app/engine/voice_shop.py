"""Sold out, paused and open again by voice: what was found is named, a yes asks the platforms, their answers are told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from app.domain.announcement import counted, listed
from app.domain.shop import TAKES_ORDERS, MenuItem, ShopState
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.storefronts import Storefronts
from app.engine.views import Storefront
from app.engine.voice_orders import Slots, folded, is_meant, joined, platform_names
from app.platforms.abilities import Ability
from app.platforms.api import Arrival, PlatformError
from app.platforms.voice import Said, Slot, Wants
from app.steady import now
from app.texts import N_, language, tr

log = structlog.get_logger(__name__)

MENU_SECONDS = 1.6  # of the about 3 that a speaker waits
CHANGE_SECONDS = 1.6
MENU_KEPT = 600.0  # seconds: dishes come and go by the day, not by the minute
MOST_NAMED = 4
LONGEST_REASON = 60  # characters of a platform's own words

_ASK = {
    ShopState.PAUSED: N_("Pause the shop on {platforms}?"),
    ShopState.OPEN: N_("Open the shop on {platforms}?"),
}
_DONE = {
    ShopState.PAUSED: N_("{platforms} confirmed: the shop is paused"),
    ShopState.OPEN: N_("{platforms} confirmed: the shop is open"),
}

Change = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A question to be answered by yes or no, and what a yes does; its answer is for the speaker."""

    said: Said
    change: Change | None = None


class VoiceShop:
    """Works on `storefronts` as the screen does."""

    def __init__(self, house: House, storefronts: Storefronts) -> None:
        self._house = house
        self._storefronts = storefronts
        self._menus: dict[int, tuple[float, list[MenuItem]]] = {}
        self._changes: set[asyncio.Task[str]] = set()

    async def close(self) -> None:
        """End what nobody waits for any more."""
        for task in self._changes:
            task.cancel()
        await asyncio.gather(*self._changes, return_exceptions=True)

    async def sold_out(self, slots: Slots) -> Plan:
        """Find the dish on every menu and ask. Raises RefusalError in words."""
        if not slots.get(Slot.DISH):
            return Plan(Said(tr("Which dish is sold out?"), Wants.SLOT, Slot.DISH))
        sellers = self._able(Ability.SELLS_ITEMS, slots)
        if not sellers:
            raise RefusalError(tr("No platform lets dishes be taken off sale from here"))
        menus, silent = await self._menus_of(sellers)
        found = _named(menus, slots[Slot.DISH])
        unseen = tr("{platforms} did not show a menu in time", platforms=_titles(silent)) if silent else ""
        if not found:
            raise RefusalError(joined(tr("No dish on sale is called {dish}", dish=slots[Slot.DISH]), unseen))
        if len(found) > 1:
            return Plan(_which(list(found)))
        dish, wanted = next(iter(found.items()))
        places = [one for one in sellers if one.account_id in wanted]
        text = tr("{dish} on {platforms}: sold out until the end of today?", dish=dish, platforms=_titles(places))
        said = Said(joined(unseen, self._unable(sellers, slots), text), Wants.CONFIRMATION)
        return Plan(said, lambda: self._in_time(self._take_off(dish, wanted, places)))

    def shop(self, state: ShopState, slots: Slots) -> Plan:
        """Ask before the shop is paused or opened. Raises RefusalError in words."""
        able = self._able(Ability.OPENS_SHOP, slots)
        places = [one for one in able if state in one.states]
        if not places:
            raise RefusalError(tr("No platform lets the shop be paused or opened from here"))
        text = tr(_ASK[state], platforms=_titles(places))
        said = Said(joined(self._unable(places, slots), text), Wants.CONFIRMATION)
        return Plan(said, lambda: self._in_time(self._set_shop(state, places)))

    async def _take_off(self, dish: str, wanted: Mapping[int, list[str]], places: list[Storefront]) -> str:
        _, end = self._house.calendar.bounds(self._house.calendar.day(now()))
        refusals = await self._storefronts.set_available(wanted, False, end)
        self._menus.clear()
        done = [one for one in places if one.account_id not in refusals]
        text = tr("{platforms} confirmed: {dish} is off sale until the end of today", platforms=_titles(done), dish=dish)
        return joined(text if done else "", *_refused(places, refusals))

    async def _set_shop(self, state: ShopState, places: list[Storefront]) -> str:
        """A yes counts only where the platform then shows the shop so: outside its hours an open shop stays closed."""
        refusals = await self._storefronts.set_shop([one.account_id for one in places], state, None)
        shown = {one.account_id: one.status for one in self._storefronts.every()}
        done: list[Storefront] = []
        silent: list[Storefront] = []
        for one in places:
            status = shown.get(one.account_id)
            if one.account_id not in refusals:
                (done if status and (status.state in TAKES_ORDERS) == (state in TAKES_ORDERS) else silent).append(one)
        return joined(
            tr(_DONE[state], platforms=_titles(done)) if done else "",
            tr("{platforms} took it, but does not show it yet", platforms=_titles(silent)) if silent else "",
            *_refused(places, refusals),
        )

    async def _in_time(self, change: Awaitable[str]) -> str:
        """What came of it, or that nothing is confirmed yet; it goes on either way."""
        task = asyncio.ensure_future(change)
        self._changes.add(task)
        task.add_done_callback(self._settled)
        await asyncio.wait({task}, timeout=CHANGE_SECONDS)
        return task.result() if task.done() else tr("Asked; nothing is confirmed yet. The screen shows what comes of it")

    def _settled(self, task: asyncio.Task[str]) -> None:
        self._changes.discard(task)
        if not task.cancelled() and task.exception():
            log.error("voice_change_failed", exc_info=task.exception())

    async def _menus_of(self, sellers: list[Storefront]) -> tuple[dict[int, list[MenuItem]], list[Storefront]]:
        """Every menu that comes in time, and who did not show one."""
        asked = [asyncio.ensure_future(self._menu(one.account_id)) for one in sellers]
        if asked:
            await asyncio.wait(asked, timeout=MENU_SECONDS)
        for task in asked:
            task.cancel()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        menus: dict[int, list[MenuItem]] = {}
        silent = []
        for one, answer in zip(sellers, answers, strict=True):
            if isinstance(answer, list):
                menus[one.account_id] = answer
            else:
                silent.append(one)
                if not isinstance(answer, PlatformError | RefusalError | asyncio.CancelledError):
                    log.error("menu_not_read", account=one.account_id, exc_info=answer)
        return menus, silent

    async def _menu(self, account_id: int) -> list[MenuItem]:
        clock = asyncio.get_running_loop().time()
        if account_id in self._menus and clock - self._menus[account_id][0] < MENU_KEPT:
            return self._menus[account_id][1]
        items = await self._storefronts.items(account_id)
        self._menus[account_id] = clock, items
        return items

    def _able(self, ability: Ability, slots: Slots) -> list[Storefront]:
        """The storefronts that can do it, of the platform that was named if one was."""
        wanted = slots.get(Slot.PLATFORM, "")
        able = [one for one in self._sellers() if ability in one.abilities]
        return [one for one in able if not wanted or is_meant(wanted, one.name, *platform_names(self._house, one.platform))]

    def _unable(self, places: list[Storefront], slots: Slots) -> str:
        """Who has to be changed elsewhere, where no platform was named: silence would pass for "everywhere"."""
        left = [] if slots.get(Slot.PLATFORM) else [one for one in self._sellers() if one not in places]
        return tr("Not from here: {platforms}", platforms=_titles(left)) if left else ""

    def _sellers(self) -> list[Storefront]:
        """Every account that brings orders."""
        silent = {name for name, one in self._house.platforms.items() if one.arrival is Arrival.NONE}
        return [one for one in self._storefronts.every() if one.enabled and one.platform not in silent]


def _named(menus: Mapping[int, list[MenuItem]], dish: str) -> dict[str, dict[int, list[str]]]:
    """Item ids by account by name, of what is on sale: those of exactly this name, else those that contain it."""
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    wanted, names = folded(dish), dict[str, str]()
    for account_id, items in menus.items():
        for item in items:
            if item.available and wanted and wanted in folded(item.name):
                name = names.setdefault(folded(item.name), item.name)
                found[name][account_id].append(item.item_id)
    exact = names.get(wanted)
    return {exact: found[exact]} if exact else found


def _which(names: list[str]) -> Said:
    shown = listed(language(), names[:MOST_NAMED])
    text = tr("{n} dishes fit: {names}. Which one?", n=counted(language(), len(names)), names=shown)
    return Said(text, Wants.SLOT, Slot.DISH)


def _refused(places: list[Storefront], refusals: Mapping[int, str]) -> list[str]:
    """Each platform's own words."""
    return [
        tr("{platform} refused: {why}", platform=_titles([one]), why=refusals[one.account_id][:LONGEST_REASON])
        for one in places
        if one.account_id in refusals
    ]


def _titles(places: list[Storefront]) -> str:
    """Platforms; with the account's name where two of them are of one platform."""
    titles = [one.title for one in places]
    named = [one.title if titles.count(one.title) == 1 else f"{one.title} {one.name}" for one in places]
    return listed(language(), named)
