"""One platform report into the store: merge it with what is known, save, and leave the rows that follow from it.

Everything here runs inside one write transaction. Reports may come late, twice and out of order: what is kept is decided
by the platform's versions and by `lifecycle.merge`, never by the order of arrival.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import inbox, orders
from app.db.accounts import Account
from app.db.orders import StoredOrder
from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState, Urge
from app.domain.lifecycle import CLOSED, DEAD, Delivery, Kitchen, merge
from app.domain.orders import OrderFacts, OrderLine
from app.engine.consequences import follow
from app.engine.house import House, instant
from app.texts import LANGUAGES, N_, say

_ACCEPTED = frozenset(Kitchen) - DEAD - {Kitchen.NEW}
_READY = _ACCEPTED - {Kitchen.ACCEPTED, Kitchen.PREPARING}
_GONE = _READY - {Kitchen.READY}
_CARRIED = frozenset({Delivery.PICKED_UP, Delivery.DELIVERED})
_REQUEST_RANK = {state: rank for rank, state in enumerate(RequestState)}


WAITS = N_("waits for its order")  # why a message about an order that we do not have yet is put off


class UnknownOrderError(LookupError):
    """A report about an order we do not have, and which does not tell its facts: it must be fetched first."""


def apply(connection: Connection, house: House, account: Account, update: OrderUpdate, now: datetime) -> int:
    """Apply one report; answers the order's id. Raises UnknownOrderError."""
    before = orders.find(connection, account.id, update.order_id)
    if before is None and update.facts is None:
        raise UnknownOrderError(update.order_id)
    base = before or _blank(house, account, update, now)
    after = orders.save(connection, refreshed(_merged(base, update, now)))
    follow(connection, house, account, before, after, update, now)
    if before is None:
        inbox.wake(connection, account.id, update.order_id, [say(one, WAITS) for one in LANGUAGES], now)
    return after.id


def refreshed(order: StoredOrder) -> StoredOrder:
    """The order with its `attention` flag worked out anew: who must still look at it after it was closed."""
    unseen_death = order.state.kitchen in DEAD and order.closed_seen_at is None
    request = order.request
    asked = request is not None and request.state is RequestState.OPEN
    moot = order.state.kitchen in DEAD and request is not None and request.kind is RequestKind.CANCEL
    return replace(order, attention=unseen_death or (asked and not moot))


def _blank(house: House, account: Account, update: OrderUpdate, now: datetime) -> StoredOrder:
    facts = update.facts
    if facts is None:
        raise UnknownOrderError(update.order_id)
    return StoredOrder(
        account_id=account.id,
        platform=account.platform,
        platform_order_id=update.order_id,
        facts=facts,
        facts_version=update.version,
        stored_at=now,
        business_day=house.calendar.day(facts.placed_at),
        hour=house.calendar.hour(facts.placed_at),
        seen_at=None if update.kitchen in (Kitchen.NEW, Kitchen.ACCEPTED, Kitchen.PREPARING, None) else now,
        closed_seen_at=now if update.kitchen in DEAD else None,  # it died before it ever reached the counter
    )


def _merged(base: StoredOrder, update: OrderUpdate, now: datetime) -> StoredOrder:
    order = replace(base, state=merge(base.state, update.state))
    for step in (_with_facts, _with_people, _with_request):
        order = step(order, update)
    return _with_times(order, max(instant(update.version, now), order.facts.placed_at))


def _with_facts(order: StoredOrder, update: OrderUpdate) -> StoredOrder:
    facts = update.facts
    refunded = max(order.refunded, update.refunded or order.refunded)  # another currency is an error, not a figure
    order = replace(order, refunded_minor=refunded.minor, unmapped=update.unmapped or order.unmapped)
    order = replace(order, reason=update.reason or order.reason)
    if facts is None or _weight(facts, update.version) < _weight(order.facts, order.facts_version):
        return order
    revision = order.revision + (_for_kitchen(facts) != _for_kitchen(order.facts))
    return replace(order, facts=facts, facts_version=update.version, revision=revision)


def _weight(facts: OrderFacts, version: int) -> tuple[bool, int]:
    """Final money beats provisional money of any version; otherwise the newer report wins."""
    return not facts.provisional, version


def _for_kitchen(facts: OrderFacts) -> tuple[object, ...]:
    """What the kitchen would do differently; prices, which a provisional order learns late, are not among it."""
    return tuple(_dish(line) for line in facts.lines), facts.note, facts.tableware


def _dish(line: OrderLine) -> tuple[object, ...]:
    options = tuple((option.name, option.kind, option.quantity) for option in line.options)
    return line.name, line.quantity, options, line.note


def _with_people(order: StoredOrder, update: OrderUpdate) -> StoredOrder:
    if update.courier and update.version >= order.courier_version:
        order = replace(order, courier=update.courier, courier_version=update.version)
    if update.urge:
        order = replace(order, urges=_urges(order.urges, update.urge))
    return order


def _urges(known: tuple[Urge, ...], urge: Urge) -> tuple[Urge, ...]:
    """The customer's own words are the earliest report; the proof of our reply carries the reply's words and time."""
    old = next((one for one in known if one.key == urge.key), urge)
    first = min(old, urge, key=lambda one: (one.at, one.text))
    merged = replace(first, replied=urge.replied or old.replied)
    others = [one for one in known if one.key != urge.key]
    return tuple(sorted([*others, merged], key=lambda one: (one.at, one.key)))


def _with_request(order: StoredOrder, update: OrderUpdate) -> StoredOrder:
    request = update.request
    if request is None or _request_weight(request, update.version) < _request_weight(order.request, order.request_version):
        return order
    return replace(order, request=request, request_version=update.version)


def _request_weight(request: CustomerRequest | None, version: int) -> tuple[int, int]:
    """Of two reports of the same moment the one that settles the request is the later one."""
    return version, _REQUEST_RANK[request.state] if request else -1


def _with_times(order: StoredOrder, at: datetime) -> StoredOrder:
    kitchen, delivery = order.state.kitchen, order.state.delivery
    return replace(
        order,
        accepted_at=order.accepted_at or (at if kitchen in _ACCEPTED else None),
        ready_at=order.ready_at or (at if kitchen in _READY else None),
        handed_over_at=order.handed_over_at or (at if kitchen in _GONE or delivery in _CARRIED else None),
        closed_at=order.closed_at or (at if kitchen in CLOSED or delivery is Delivery.DELIVERED else None),
    )
