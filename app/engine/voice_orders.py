"""What the store answers to staff who ask aloud, and what it queues for them. Nothing of a customer is ever said.

Spoken are platforms, call numbers, numbers of items and the names of dishes - no customer's name, phone or address, no note
and no option: in options and notes customers write what they like.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Connection

from app.db import accounts, audit, inbox, orders
from app.db.inbox import NewMessage
from app.db.orders import StoredOrder
from app.domain import numerals
from app.domain.announcement import counted, item_count, listed, numbered, per_platform
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.engine import desk, overview
from app.engine.announcer import new_order
from app.engine.cards import lane_of, own_step
from app.engine.desk import RefusalError, Wish
from app.engine.house import House
from app.engine.views import Lane
from app.platforms.voice import Heard, Said, Slot, Wants
from app.reports import sales
from app.steady import now
from app.texts import N_, language, say, tr

Slots = Mapping[Slot, str]

_CURRENCIES = {
    "CNY": N_("{amount} yuan"),
    "GBP": N_("{amount} pounds"),
    "EUR": N_("{amount} euros"),
    "USD": N_("{amount} dollars"),
    "HKD": N_("{amount} Hong Kong dollars"),
}
_LATE = datetime.max.replace(tzinfo=UTC)
_CHANGED = N_("This order was changed meanwhile: ask again.")
_MOST_DISHES = 8  # more than that nobody keeps in mind


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of a question: the answer, the orders it changed, and the order it spoke of (for "accept it")."""

    said: Said
    changed: tuple[int, ...] = ()
    about: StoredOrder | None = None


def new_orders(connection: Connection, house: House) -> str:
    """How many wait to be accepted, and how many are cooked."""
    found = orders.queue(connection)
    waiting = [order for order in found if order.state.kitchen is Kitchen.NEW]
    cooking = [order for order in found if lane_of(house, order, now()) is Lane.COOKING]
    if waiting:
        parts = per_platform(language(), (new_order(house, order).platform for order in waiting))
        text = tr("{n} new orders: {orders}", n=_count(len(waiting)), orders=listed(language(), parts))
    else:
        text = tr("No new orders")
    return joined(text, tr("{n} orders are being cooked", n=_count(len(cooking))) if cooking else "")


def next_order(connection: Connection, house: House) -> Turn:
    """Read the one that must be decided first."""
    waiting = _waiting(connection)
    if not waiting:
        return Turn(Said(new_orders(connection, house)))
    order = waiting[0]
    noted = order.facts.note or any(line.note or line.options for line in order.facts.lines)
    parts = (
        _described(house, order),
        _dishes(order),
        tr("There are wishes or a note: read them on the screen") if noted else "",
        tr("{n} more are waiting", n=_count(len(waiting) - 1)) if waiting[1:] else "",
        tr("To accept it, say: accept"),
    )
    return Turn(Said(joined(*parts)), about=order)


def ready(connection: Connection, house: House, account_id: int, heard: Heard, slots: Slots) -> Turn:
    """Report food ready, once for one request. Raises RefusalError in words."""
    if stored := remembered(connection, account_id, heard.request_id):
        return Turn(stored)
    if not slots.get(Slot.NUMBER):
        return Turn(Said(tr("Which number is ready?"), Wants.SLOT, Slot.NUMBER))
    found = _named(house, orders.queue(connection), slots)
    cooked = [
        order for order in found if order.state.kitchen is not Kitchen.NEW and not order.ready_at and not order.closed_at
    ]
    order = _one_of(house, cooked or found, slots)
    if isinstance(order, Said):
        return Turn(order)
    desk.request(connection, house, Wish(order.id, CommandKind.READY))
    text = (
        N_("{order} is marked ready here; the platform has no such step")
        if own_step(house, order, CommandKind.READY)
        else N_("{order}: asked {platform} to note it as ready, not confirmed yet")
    )
    return _queued(connection, house, account_id, heard, order, CommandKind.READY, text)


def acceptable(connection: Connection, house: House, slots: Slots, about: StoredOrder | None) -> StoredOrder | Said:
    """The order that "accept" means: the one named, the one just read, or the only one.

    RefusalError when it may not be accepted, or is no more what was read aloud.
    """
    waiting = _waiting(connection)
    if not waiting:
        return Said(new_orders(connection, house))
    if slots.get(Slot.NUMBER):
        found = _named(house, waiting, slots)
        if not found and _named(house, orders.queue(connection), slots):
            raise RefusalError(tr(desk.NOT_NEW))
        order = _one_of(house, found, slots)
    else:
        chosen = [one for one in waiting if about and one.id == about.id] or (waiting if len(waiting) == 1 else [])
        order = chosen[0] if chosen else Said(tr("Which number shall be accepted?"), Wants.SLOT, Slot.NUMBER)
    if isinstance(order, StoredOrder):
        if not house.supports(order.platform, CommandKind.ACCEPT):
            raise RefusalError(tr("{platform} has no accepting from here", platform=new_order(house, order).platform))
        if about and about.id == order.id:
            _require_same(about, order)
    return order


def accepting(house: House, order: StoredOrder) -> str:
    """The question before an order is accepted."""
    return joined(_described(house, order), tr("Accept it?"))


def accept(connection: Connection, house: House, account_id: int, heard: Heard, asked: StoredOrder) -> Turn:
    """Queue the acceptance of an order that stands as it did when we asked. Raises RefusalError in words."""
    order = orders.get(connection, asked.id)
    _require_same(asked, order)
    desk.request(connection, house, Wish(order.id, CommandKind.ACCEPT))
    text = N_("{order}: asked {platform} to accept it, not confirmed yet")
    return _queued(connection, house, account_id, heard, order, CommandKind.ACCEPT, text)


def takings(connection: Connection, house: House) -> str:
    """What was sold today, currency by currency, and whether an order of the day is known to be missing here."""
    at = now()
    totals = sales.totals(connection, house.calendar.day(at))
    parts = [_total(one) for one in totals] or [tr("Nothing was sold today yet")]
    holes = [one for one in overview.overview(connection, house, at).accounts if one.missing]
    text = N_("Not complete: {n} orders of {platform} are missing here")
    parts += [tr(text, n=_count(one.missing), platform=one.title) for one in holes]
    return joined(*parts)


def heard_now(connection: Connection, account_id: int, request_id: str) -> Said | None:
    """Note that somebody asked; answers as `remembered` does."""
    accounts.change(connection, account_id, last_contact=now())
    return remembered(connection, account_id, request_id)


def remembered(connection: Connection, account_id: int, request_id: str) -> Said | None:
    """What a request that changed something was answered, however long ago."""
    body = inbox.body_of(connection, account_id, _key(request_id)) if request_id else None
    return Said(body.decode()) if body is not None else None


def remember(
    connection: Connection, account_id: int, request_id: str, said: Said, what: str, order_id: int | None = None
) -> None:
    """Note who asked for `what`, and keep the answer beside what the request changed, in its transaction."""
    audit.record(connection, now(), "voice", what, order_id)
    if not request_id:
        return
    row = NewMessage(_key(request_id), "voice", said.text.encode(), 0)
    for message_id in inbox.add(connection, account_id, [row], "voice", now()):
        inbox.settle(connection, message_id, "done")


def is_meant(said: str, *names: str) -> bool:
    """Whether what staff call a platform is one of its names, or a part of one (美团 for 美团外卖)."""
    wanted = folded(said)
    return any(wanted and name and (folded(name) in wanted or wanted in folded(name)) for name in names)


def platform_names(house: House, platform: str) -> tuple[str, ...]:
    """What staff may call a platform."""
    found = house.platforms.get(platform)
    return (platform, *(say(each, found.title) for each in ("zh", "en"))) if found else (platform,)


def folded(text: str) -> str:
    """Without case, width and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _queued(
    connection: Connection, house: House, account_id: int, heard: Heard, order: StoredOrder, kind: CommandKind, text: str
) -> Turn:
    said = Said(tr(text, order=_called(house, order), platform=new_order(house, order).platform))
    remember(connection, account_id, heard.request_id, said, kind.value, order.id)
    return Turn(said, (order.id,))


def _require_same(told: StoredOrder, order: StoredOrder) -> None:
    if order.revision != told.revision:
        raise RefusalError(tr(_CHANGED))


def _waiting(connection: Connection) -> list[StoredOrder]:
    """Orders nobody accepted, the most urgent first."""
    found = [order for order in orders.queue(connection) if order.state.kitchen is Kitchen.NEW and not order.closed_at]
    return sorted(found, key=lambda order: (order.facts.decide_by or _LATE, order.facts.placed_at))


def _named(house: House, found: Iterable[StoredOrder], slots: Slots) -> list[StoredOrder]:
    """Those with the number that was said, at the platform that was said, if one was."""
    said, meant = slots[Slot.NUMBER], slots.get(Slot.PLATFORM, "")
    number = numerals.heard(said)
    return [
        order
        for order in found
        if folded(order.facts.number) == folded(said)
        or (number is not None and numerals.heard(order.facts.number) == number)
        if not meant or is_meant(meant, *_names(house, order))
    ]


def _one_of(house: House, found: list[StoredOrder], slots: Slots) -> StoredOrder | Said:
    """The one order meant, or the question which: numbers collide between platforms."""
    if not found:
        raise RefusalError(tr("There is no such order with number {number}", number=_called_out(slots[Slot.NUMBER])))
    platforms = list(dict.fromkeys(new_order(house, order).platform for order in found))
    if len(found) == 1:
        return found[0]
    if len(platforms) == 1:
        raise RefusalError(tr("There are several such orders: choose on the screen"))
    text = tr("{platforms} each have that number. Which platform?", platforms=listed(language(), platforms))
    return Said(text, Wants.SLOT, Slot.PLATFORM)


def _names(house: House, order: StoredOrder) -> tuple[str, ...]:
    return (order.facts.source, *platform_names(house, order.platform))


def _called(house: House, order: StoredOrder) -> str:
    one = new_order(house, order)
    return tr("{platform} number {number}", platform=one.platform, number=numbered(language(), one.number))


def _called_out(said: str) -> str:
    number = numerals.heard(said)
    return numbered(language(), str(number)) if number is not None else said


def _described(house: House, order: StoredOrder) -> str:
    items = item_count(order.facts.lines)
    return tr("{order}, {n} items", order=_called(house, order), n=_count(items))


def _dishes(order: StoredOrder) -> str:
    lines = order.facts.lines
    named = [tr("{dish} times {n}", dish=line.name, n=_quantity(line.quantity)) for line in lines[:_MOST_DISHES]]
    more = [tr("and more")] if len(lines) > _MOST_DISHES else []
    return listed(language(), [*named, *more])


def _quantity(quantity: Decimal) -> int | str:
    if quantity == int(quantity):
        return _count(int(quantity))
    return numerals.spoken_decimal(quantity) if language() == "zh" else f"{quantity.normalize():f}"


def _total(total: sales.Totals) -> str:
    sold = tr("{n} orders today, {amount}", n=_count(total.orders), amount=_money(total.sales))
    return joined(sold, tr("given back {amount}", amount=_money(-total.refunds)) if total.refunds else "")


def _money(amount: Money) -> str:
    known = _CURRENCIES.get(amount.currency)
    digits = numerals.spoken_decimal(amount.major) if language() == "zh" else f"{amount.major:,}"
    return tr(known, amount=digits) if known else f"{digits} {amount.currency}"


def _count(number: int) -> int | str:
    return counted(language(), number)


def joined(*parts: str) -> str:
    """Sentences in a row."""
    end = "。" if language() == "zh" else ". "
    return end.join(filter(None, parts))


def _key(request_id: str) -> str:
    return f"voice:{hashlib.sha256(request_id.encode()).hexdigest()}"
