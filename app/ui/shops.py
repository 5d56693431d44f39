"""How the shop stands on each platform, and which dishes are sold where, in words for staff."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from app import steady
from app.domain.business_day import BusinessCalendar
from app.domain.shop import MenuItem, ShopState
from app.engine.facade import Facade
from app.engine.views import Ability, Storefront
from app.platforms.api import Arrival, Platform
from app.texts import N_, tr
from app.ui.widgets.badge import Sign
from app.ui.words import ago, moment, plain

_TO_SAY = {  # what a platform's sentence of limits speaks of, in the English of the code
    Ability.OPENS_SHOP: ("opening hours", "and opening:", "be paused", "pausing", "be opened", "be closed"),
    Ability.SELLS_ITEMS: ("sold-out dishes", "dishes cannot", "off sale"),
    Ability.REFUNDS_ORDERS: ("refunds", "money back", "given back"),
    Ability.HEARS_REVIEWS: ("review",),
    Ability.SETTLES: ("statement",),
}
_GENERAL = {
    Ability.OPENS_SHOP: N_("Cannot be opened or paused from here: do it in the platform's own program."),
    Ability.SELLS_ITEMS: N_("Dishes cannot be taken off sale from here: do it in the platform's own program."),
    Ability.REFUNDS_ORDERS: N_("Money cannot be given back from here: do it in the platform's own program."),
    Ability.HEARS_REVIEWS: N_("Its reviews cannot be read here: look in the platform's own program."),
    Ability.SETTLES: N_("Its statements cannot be read here: look in the platform's own program."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a shop stands: `text` says all, with an icon and a token beside it."""

    text: str
    glyph: str
    tone: str


def standing(front: Storefront, now: datetime) -> Standing:
    """The shop's state as last seen, with its end."""
    if not front.enabled:
        return Standing(tr("Switched off here: no orders are taken"), "cloud-off", "muted")
    if front.status is None:
        return Standing(tr("Not known yet"), "question", "muted")
    state, until = front.status.state, front.status.until
    when = moment(until, now) if until else ""
    if state is ShopState.OPEN:
        return Standing(tr("Open for orders"), "check", "ready")
    if state is ShopState.BUSY:
        text = tr("Busy until {time}: customers wait longer", time=when) if when else tr("Busy: customers wait longer")
        return Standing(text, "clock", "soon")
    if state is ShopState.PAUSED:
        text = tr("PAUSED until {time}: no orders", time=when) if when else tr("PAUSED until you open it: no orders")
        return Standing(text, "pause", "soon" if when else "late")
    text = tr("Closed until {time}", time=when) if when else tr("Closed: outside its hours, or by the platform")
    return Standing(text, "cross", "muted")


def seen(front: Storefront, now: datetime) -> str:
    """How old this knowledge is, and the platform's own words to it."""
    when = ago(front.checked_at, now) if front.checked_at else ""
    words = plain(front.status.text) if front.status else ""
    parts = (tr("seen {ago}", ago=when) if when else "", words)
    return " · ".join(part for part in parts if part)


def shop_sign(fronts: Iterable[Storefront], now: datetime) -> Sign | None:
    """For the top bar: what is not simply open, for as long as it is not; red when nothing ends it."""
    shut = [one for one in fronts if _is(one, ShopState.PAUSED)]
    busy = [one for one in fronts if _is(one, ShopState.BUSY)]
    for some, text, glyph in (
        (shut, N_("PAUSED: {n} platforms"), "pause"),
        (busy, N_("Busy: {n} platforms"), "clock"),
    ):
        if some:
            tone = "late" if some is shut and any(one.status and one.status.until is None for one in shut) else "soon"
            said = tr(text, n=len(some)) if len(some) > 1 else _brief(some[0], now)
            return Sign(said, glyph, tone, loud=True)
    return None


def _is(front: Storefront, state: ShopState) -> bool:
    return front.enabled and front.status is not None and front.status.state is state


def _brief(front: Storefront, now: datetime) -> str:
    name, until = front.title, front.status.until if front.status else None
    when = moment(until, now) if until else ""
    if _is(front, ShopState.PAUSED):
        return tr("PAUSED: {name} until {time}", name=name, time=when) if when else tr("PAUSED: {name}", name=name)
    return tr("Busy: {name} until {time}", name=name, time=when) if when else tr("Busy: {name}", name=name)


def shops(facade: Facade) -> list[Storefront]:
    """Every storefront there is; a voice for the staff sells nothing."""
    voices = {platform.name for platform in facade.platforms() if platform.arrival is Arrival.NONE}
    return [front for front in facade.storefronts() if front.platform not in voices]


def where_instead(platform: Platform | None, ability: Ability) -> str:
    """The platform's own sentence on what cannot be done from here, and where it is done; ours if it has none."""
    for sentence in platform.cannot if platform else ():
        if any(words in sentence.lower() for words in _TO_SAY[ability]):
            return tr(sentence)
    return tr(_GENERAL[ability])


def calendar(facade: Facade) -> BusinessCalendar:
    """The shop's own, whatever was stored."""
    zone, hour = facade.preference("zone", "Asia/Shanghai"), facade.preference("cutoff_hour", "4")
    try:
        return BusinessCalendar.of(zone, int(hour))
    except (ValueError, ZoneInfoNotFoundError):
        return BusinessCalendar.of("Asia/Shanghai")


def day_end(facade: Facade) -> datetime:
    """When the shop's business day ends."""
    days = calendar(facade)
    return days.bounds(days.day(steady.now()))[1]


def after(minutes: int) -> datetime:
    """The moment in so many minutes."""
    return steady.now() + timedelta(minutes=minutes)


# dishes


@dataclass
class Dish:
    """One line of the list: the same name on however many accounts. `items` by account; a menu may list a dish twice."""

    name: str
    category: str = ""
    items: dict[int, list[MenuItem]] = field(default_factory=dict)

    def sold(self, account_id: int) -> bool:
        """Whether any of its items is on sale there."""
        return any(item.available for item in self.items[account_id])

    def ids(self, available: bool) -> dict[int, list[str]]:
        """Item ids by account of those that are not yet as wanted."""
        found = {
            number: [one.item_id for one in some if one.available is not available] for number, some in self.items.items()
        }
        return {number: ids for number, ids in found.items() if ids}

    def ends(self) -> dict[int, datetime | None]:
        """When it comes back by itself, by account."""
        known = {number: [one.until for one in some if one.until] for number, some in self.items.items()}
        return {number: max(some, default=None) for number, some in known.items()}

    @property
    def on_sale(self) -> bool:
        """Somewhere."""
        return any(self.sold(number) for number in self.items)

    @property
    def sold_out(self) -> bool:
        """Somewhere."""
        return any(not item.available for some in self.items.values() for item in some)


def merged(menus: Mapping[int, Collection[MenuItem]]) -> list[Dish]:
    """Every menu as one list, by category and name: what is taken off sale stays where the finger is."""
    dishes: dict[str, Dish] = {}
    for account_id, items in menus.items():
        for item in items:
            name = plain(item.name)
            dish = dishes.setdefault(name.casefold(), Dish(name, plain(item.category)))
            dish.items.setdefault(account_id, []).append(item)
    return sorted(dishes.values(), key=lambda dish: (dish.category, dish.name))
