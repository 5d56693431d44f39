"""Nothing is silent: shops left closed, and dishes and shops that could not be put back, as sentences for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection

from app.db import orders, shops
from app.db.accounts import Account
from app.db.shops import SHOP, PutBack, Seen
from app.domain.shop import TAKES_ORDERS, ShopState
from app.engine.house import House
from app.engine.limits import limits
from app.engine.views import ShopNotice
from app.texts import N_, language, tr

GRACE = timedelta(minutes=3)  # after an end, for the platform or our own put-back
WORKING = timedelta(hours=2)  # an order since then says that the kitchen works; nobody here knows the opening hours
SHOWN = 4  # dishes named in one sentence

_OVERDUE = {
    ShopState.BUSY: N_("{shop} is still shown as busy; that should have ended at {time}."),
    ShopState.PAUSED: N_("{shop} is still paused; it should have opened at {time}. No orders arrive."),
    ShopState.CLOSED: N_("{shop} is still closed; it should have opened at {time}. No orders arrive."),
}
_UNSEEN = N_("{shop} should have opened at {time}, and nobody could see whether it did: {why}")
_LONG = {
    ShopState.PAUSED: N_("{shop} is paused since {time}. No orders arrive."),
    ShopState.CLOSED: N_("{shop} is shown as closed since {time}, while the kitchen works. No orders arrive."),
}
_NOT_OPENED = N_("{shop} could not be opened again: {why}")
_NOT_SOLD = N_("{shop}: could not be put back on sale: {dishes}. {why}")


def left_closed(connection: Connection, house: House, every: Iterable[Account], now: datetime) -> list[ShopNotice]:
    """What a person should see about the shops of these accounts now; those switched off are nobody's worry."""
    watched = {account.id: account for account in every if account.enabled}
    promises = [one for one in shops.promises(connection) if one.account_id in watched]
    found = list(_not_put_back(house, watched, [one for one in promises if one.error]))
    told = {one.account_id for one in promises if one.error and one.item_id == SHOP}
    ends = {one.account_id: one.until for one in promises if one.item_id == SHOP}
    seen = {number: one for number, one in shops.seen(connection).items() if number in watched}
    for number, one in seen.items():
        if number in told or one.status is None or one.status.state is ShopState.OPEN:
            continue
        others = any(other.status.state in TAKES_ORDERS for other in seen.values() if other.status and other is not one)
        works = others or orders.any_since(connection, now - WORKING)
        patience = limits(connection, house).pause
        found += _shut(house, watched[number], one, one.status.until or ends.get(number), now, patience, works)
    return found


def _shut(
    house: House, account: Account, seen: Seen, end: datetime | None, now: datetime, patience: timedelta, works: bool
) -> Iterator[ShopNotice]:
    """With an end it is left alone until then; without one for so long. A closed shop may just be outside its hours."""
    state = seen.status.state if seen.status else ShopState.OPEN
    shop = _name(house, account)
    if end is not None:
        unseen = seen.error and state not in TAKES_ORDERS and seen.checked_at and seen.checked_at < end
        words = _UNSEEN if unseen else _OVERDUE[state]
        if now > end + GRACE:
            text = tr(words, shop=shop, time=_clock(house, end), why=seen.error)
            yield ShopNotice(account.id, text, state not in TAKES_ORDERS)
        return
    since = seen.since or now
    if state in _LONG and now - since > patience and (works or state is ShopState.PAUSED):
        yield ShopNotice(account.id, tr(_LONG[state], shop=shop, time=_clock(house, since)), works)


def _not_put_back(house: House, watched: Mapping[int, Account], failed: Iterable[PutBack]) -> Iterator[ShopNotice]:
    for number, some in groupby(sorted(failed, key=lambda one: one.account_id), key=lambda one: one.account_id):
        mine, shop = list(some), _name(house, watched[number])
        for one in mine:
            if one.item_id == SHOP:
                yield ShopNotice(number, tr(_NOT_OPENED, shop=shop, why=one.error))
        dishes = [one for one in mine if one.item_id != SHOP]
        if dishes:
            names = tr(", ").join(one.name for one in dishes[:SHOWN]) + (" …" if len(dishes) > SHOWN else "")
            yield ShopNotice(number, tr(_NOT_SOLD, shop=shop, dishes=names, why=dishes[0].error), urgent=False)


def _name(house: House, account: Account) -> str:
    title = house.title(account.platform, language())
    return title if account.name in ("", title) else f"{title} ({account.name})"


def _clock(house: House, at: datetime) -> str:
    return at.astimezone(house.calendar.zone).strftime("%H:%M")
