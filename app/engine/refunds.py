"""Money that the shop gives back by itself: checked against the order as it stands, then queued for the platform."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db import accounts, audit, orders, outbox
from app.db.orders import StoredOrder
from app.db.outbox import Entry
from app.domain.commands import Command, CommandKind, Portions
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.money import Money
from app.domain.portions import Dish, dishes_of, total_worth
from app.domain.shop import RefundBy, RefundTerms
from app.engine.consequences import command
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.outbox import PATIENCE
from app.engine.tickets import call_number
from app.engine.views import ShopNotice
from app.steady import now
from app.texts import N_, tr

_NOT_ACCEPTED = N_("This order has not been accepted yet.")
_DEAD = N_("This order was cancelled: its platform gives the money back.")
_UNPAID = N_("This order has not been paid through the platform.")
_ALREADY = N_("A refund of this order is already on its way.")
_NOTHING = N_("There is nothing left to give back.")
_TOO_MUCH = N_("Only {amount} can still be given back.")
_NO_LINE = N_("The order has no such dish.")
_LINE_GONE = N_("This dish has already been given back.")
_TOO_MANY = N_("Of {dish} only {n} can still be given back.")
_NO_AMOUNT = N_("The amount to give back must be more than nothing.")
_NO_COUNT = N_("At least one portion must go back.")
_CURRENCY = N_("This order was paid in {currency}.")
_UNSURE = N_("The platform never said whether an earlier refund was made: ask for the same one again, or look there first.")
_ONLY = N_("Of this order only this can be given back from here: {ways}.")
_WAYS = {
    RefundBy.WHOLE: N_("everything"),
    RefundBy.DISHES: N_("whole dishes"),
    RefundBy.PORTIONS: N_("single portions"),
    RefundBy.AMOUNT: N_("an amount"),
}
_NOT_YET = N_("This platform gives money back only when the order is completed: until then it can be cancelled.")
_OVER = N_("This platform gives no money back from here once the order is completed.")
_CANCELS = N_("That is everything, which cancels the order there: give everything back, or cancel it.")
_PARTS_ONLY = N_("That is everything: this platform gives back only a part of this order.")

_REFUSED = N_("{number}: the money was not given back: {why}")
_UNKNOWN = N_("{number}: nobody knows whether the money was given back: {why}")
_TOLD = timedelta(hours=12)  # the customer has called by then

_AGREED = frozenset({"confirmed"})
_PERHAPS = _AGREED | {"dead"}  # given up without an answer: the money may have moved


@dataclass(frozen=True, slots=True)
class RefundWish:
    """`amount`, or these portions (only line and count matter), or everything that is left when neither is named."""

    order_id: int
    amount: Money | None = None
    lines: tuple[Portions, ...] = ()
    reason: str = ""


def refundable(connection: Connection, order_id: int) -> Money | None:
    """What may still be given back of an order; None where nothing may."""
    return _left(orders.get(connection, order_id), outbox.of_order(connection, order_id))


def dishes_left(connection: Connection, order_id: int) -> tuple[Dish, ...]:
    """The dishes of an order with what went back of each so far, as far as it was given back from here."""
    return tuple(_dishes(orders.get(connection, order_id), outbox.of_order(connection, order_id), _AGREED).values())


def request_refund(connection: Connection, wish: RefundWish, terms: RefundTerms) -> int:
    """Check the wish, then queue it; answers the command's id. The platform's terms are the caller's to know.

    What was given up without an answer goes out again under its own key: another key could pay twice. Raises RefusalError.
    """
    at = now()
    order, entries = orders.get(connection, wish.order_id), outbox.of_order(connection, wish.order_id)
    dishes = _dishes(order, entries, _AGREED)
    wish = replace(wish, lines=_counted(wish.lines, dishes))
    again = _given_up(order, entries, wish)
    _check(order, [one for one in entries if one is not again], wish)
    _check_way(order, wish, terms, entries)
    orders.save(connection, replace(order, seen_at=order.seen_at or at))
    detail = str(wish.amount) if wish.amount else ", ".join(_noted(one, dishes[one.line]) for one in wish.lines)
    audit.record(connection, at, "counter", CommandKind.REFUND.value, order.id, detail)
    words = " ".join(filter(None, (detail, wish.reason)))
    orders.add_history(connection, order.id, at, "counter", CommandKind.REFUND.value, words)
    if again:
        outbox.retry(connection, again.id, at, at + PATIENCE)
        return again.id
    fields = {"amount": wish.amount, "lines": wish.lines, "text": wish.reason}
    return command(connection, accounts.get(connection, order.account_id), order, CommandKind.REFUND, at, **fields)


def not_given_back(connection: Connection, house: House, now: datetime) -> list[ShopNotice]:
    """Refunds that came to nothing: most orders are closed by then, and no card would tell of it."""
    return [
        ShopNotice(one.account_id, _told(house, orders.get(connection, one.order_id), one), urgent=False)
        for one in outbox.without_a_yes(connection, CommandKind.REFUND, now - _TOLD)
    ]


def _told(house: House, order: StoredOrder, entry: Entry) -> str:
    return tr(_REFUSED if entry.state == "refused" else _UNKNOWN, number=call_number(house, order), why=entry.text)


def _noted(part: Portions, dish: Dish) -> str:
    return dish.name if part.count is None else f"{part.count} × {dish.name}"


def _counted(asked: Iterable[Portions], dishes: Mapping[str, Dish]) -> tuple[Portions, ...]:
    """One entry a line, measured by what is left of it; a line asked for whole is whole whatever else is said of it."""
    counts: dict[str, int | None] = {}
    for one in asked:
        before = counts.get(one.line, 0)
        counts[one.line] = None if before is None or one.count is None else before + one.count
    return tuple(dishes[key].part(count) if key in dishes else Portions(key, count) for key, count in counts.items())


def _given_up(order: StoredOrder, entries: Iterable[Entry], wish: RefundWish) -> Entry | None:
    """The same wish, once sent and never answered, while the order does not tell either that the money moved. Portions of
    the dish that went back meanwhile make it no other wish."""
    if not order.refunded < _given_back(order, entries, _PERHAPS):
        return None
    dead = [one for one in entries if one.command.kind is CommandKind.REFUND and one.state == "dead"]
    return next((one for one in reversed(dead) if _same(one.command, wish)), None)


def _same(one: Command | RefundWish, other: Command | RefundWish) -> bool:
    first, second = (({replace(part, gone=0) for part in each.lines}, each.amount) for each in (one, other))
    return first == second


def _check(order: StoredOrder, entries: list[Entry], wish: RefundWish) -> None:
    left, dishes = _left(order, entries), _dishes(order, entries, _AGREED)
    refusals = {
        _NOT_ACCEPTED: order.state.kitchen is Kitchen.NEW,
        _DEAD: order.state.kitchen in DEAD,
        _UNPAID: not order.facts.paid,
        _ALREADY: any(one.command.kind is CommandKind.REFUND and one.state in outbox.UNSETTLED for one in entries),
        _NOTHING: left is None,
        _NO_LINE: not {one.line for one in wish.lines} <= set(dishes),
        _NO_AMOUNT: wish.amount is not None and wish.amount.minor <= 0,
    }
    for text, applies in refusals.items():
        if applies:
            raise RefusalError(tr(text))
    _check_counts(wish, dishes, _dishes(order, entries, _PERHAPS))
    if wish.amount is not None and wish.amount.currency != order.facts.currency:
        raise RefusalError(tr(_CURRENCY, currency=order.facts.currency))
    if left is None or order.facts.provisional:
        return
    worth = _worth(wish, dishes, left)
    if left < worth:
        raise RefusalError(tr(_TOO_MUCH, amount=str(left)))
    if order.facts.total < worth + max(order.refunded, _given_back(order, entries, _PERHAPS)):
        raise RefusalError(tr(_UNSURE))


def _check_counts(wish: RefundWish, dishes: Mapping[str, Dish], perhaps: Mapping[str, Dish]) -> None:
    for one in wish.lines:
        dish, count = dishes[one.line], dishes[one.line].of if one.count is None else one.count
        if not dish.left:
            raise RefusalError(tr(_LINE_GONE))
        if count < 1:
            raise RefusalError(tr(_NO_COUNT))
        if dish.left < count:
            raise RefusalError(tr(_TOO_MANY, dish=dish.name, n=dish.left))
        if perhaps[one.line].left < count:
            raise RefusalError(tr(_UNSURE))


def _check_way(order: StoredOrder, wish: RefundWish, terms: RefundTerms, entries: Iterable[Entry]) -> None:
    kitchen = order.state.kitchen
    ways = terms.ways(kitchen)
    if not ways:
        raise RefusalError(tr(_OVER if kitchen in CLOSED else _NOT_YET))
    if not _ways_of(wish) <= ways:
        raise RefusalError(tr(_ONLY, ways=tr(", ").join(tr(text) for way, text in _WAYS.items() if way in ways)))
    if RefundBy.WHOLE not in _ways_of(wish) and _is_everything(order, wish, terms, list(entries)):
        if RefundBy.WHOLE not in ways:
            raise RefusalError(tr(_PARTS_ONLY))
        if terms.cancelling(kitchen):
            raise RefusalError(tr(_CANCELS))


def _ways_of(wish: RefundWish) -> set[RefundBy]:
    """What the wish needs of a platform."""
    if wish.amount is not None:
        return {RefundBy.AMOUNT}
    kinds = {RefundBy.DISHES if one.count is None else RefundBy.PORTIONS for one in wish.lines}
    return kinds or {RefundBy.WHOLE}


def _is_everything(order: StoredOrder, wish: RefundWish, terms: RefundTerms, entries: list[Entry]) -> bool:
    dishes = _dishes(order, entries, _AGREED)
    asked = {one.line: one.count for one in wish.lines}
    every_dish = wish.amount is None and all(
        asked.get(key, 0) in (None, dish.left) for key, dish in dishes.items() if dish.left
    )
    worth = _worth(wish, dishes, order.facts.total)
    exact = worth == _left(order, entries) and not order.facts.provisional
    return terms.is_everything(order.state.kitchen, exact, every_dish)


def _left(order: StoredOrder, entries: Iterable[Entry]) -> Money | None:
    if order.state.kitchen in DEAD | {Kitchen.NEW} or not order.facts.paid:
        return None
    left = order.facts.total - max(order.refunded, _given_back(order, entries, _AGREED))
    return left if left.minor > 0 else None


def _given_back(order: StoredOrder, entries: Iterable[Entry], states: Collection[str]) -> Money:
    """What refunds in these states come to: the platform's word where it gave one, for the order may tell of it later."""
    made = _refunds(entries, states)
    stated = [one.given or one.amount or order.facts.total for one in made if one.given or not one.lines]
    silent = [part for one in made if one.lines and not one.given for part in one.lines]
    dishes = dishes_of(order.facts, silent).values()
    return Money.total([*stated, *(one.given_back for one in dishes)], order.facts.currency)


def _dishes(order: StoredOrder, entries: Iterable[Entry], states: Collection[str]) -> dict[str, Dish]:
    return dishes_of(order.facts, (part for one in _refunds(entries, states) for part in one.lines))


def _refunds(entries: Iterable[Entry], states: Collection[str]) -> list[Command]:
    return [one.command for one in entries if one.command.kind is CommandKind.REFUND and one.state in states]


def _worth(wish: RefundWish, dishes: Mapping[str, Dish], otherwise: Money) -> Money:
    if wish.amount is not None:
        return wish.amount
    return total_worth(dishes, wish.lines, otherwise.currency) if wish.lines else otherwise
