"""Koubei's order object to the standard order. Pure.

The object has no status of its own: how far the kitchen is stands in the dishes (`make_status`), and a dead order is one all
of whose dishes were taken back. That reading is derived, not documented; what the shop did itself is known from its own
commands, and what befell the order from notifications.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from app.domain.changes import OrderUpdate, Urge
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Customer, Fulfilment, Option, OptionKind, OrderFacts, OrderLine, Party
from app.platforms.koubei.money import (
    CURRENCY,
    charges_of,
    checks_of,
    is_paid,
    line_total,
    part_total,
    total_of,
    unit_price,
    yuan,
)
from app.platforms.koubei.payloads import Dish, Order
from app.platforms.shapes import guarded

INIT, MADE, SERVED, TAKEN_BACK = "INIT", "MAKE", "SERVE", "REFUND"
STATUSES = frozenset({INIT, MADE, SERVED, TAKEN_BACK})
TABLES = frozenset({"TABLE", "TABLE_BOOK"})
BOOKED = frozenset({"NO_BOOK", "TABLE_BOOK"})
MOST_URGES = 9
LONGEST_NUMBER = 10  # take_no may hold another platform's order number, which nobody calls out

# Why the shop took an order back; anything else is the customer's or the platform's doing.
SHOP_REASONS = frozenset(
    {"BUSY", "DUPLICATE_ORDER", "SHOP_CLOSE", "SELL_OUT", "OTHER_REASON", "TABLE_NOT_EXIST", "DISH_REASON"}
)
TOO_LATE = "RECEIVE_TIMEOUT"

_LEAVE_OUT = re.compile(r"^(?:不要|不加|不放|免|走)(?=.)")
_SEPARATOR = re.compile(r"[,，;；]")


def order_update(order: Order, version: int) -> OrderUpdate:
    """One order as the platform sees it."""
    refunded = _refunded(order)
    dead = is_dead(order)
    return OrderUpdate(
        order.order_id,
        version,
        facts=order_facts(order),
        kitchen=kitchen_of(order),
        payment=_payment(order, refunded),
        refunded=refunded,
        refunded_at=moment(version) if refunded else None,
        reason=_reason(order) if dead else "",
        unmapped=" ".join(sorted({f"make_status={dish.make_status}" for dish in order.mains()} - _KNOWN)),
    )


def urge_updates(order: Order, version: int) -> Iterator[OrderUpdate]:
    """催菜: each dish counts how often it was asked for. When is not told, so the first sight dates it; there is no answer
    but the dish, so an urge is answered once the dish is made."""
    for dish in order.dish_details:
        for count in range(1, min(dish.remind_time, MOST_URGES) + 1):
            key = f"{order.order_id}:{dish.out_detail_no or dish.dish_id}:{count}"
            urge = Urge(key, moment(version), dish.dish_name, replied=dish.make_status != INIT)
            yield OrderUpdate(order.order_id, version, urge=urge)


def order_facts(order: Order) -> OrderFacts:
    """Everything but how far the order has come. Dishes taken back leave the kitchen's list; their price stays visible."""
    lines, returned = tuple(_lines(order)), tuple(_returned(order))
    charges = (*charges_of(order), *returned)
    due = (order.time("reserveTime") or order.table_time) if order.take_style in BOOKED else None
    scheduled = due is not None and due > order.order_time
    at_table = order.take_style in TABLES
    return OrderFacts(
        number=number_of(order),
        reference=order.order_id,
        fulfilment=Fulfilment.DINE_IN if order.dinner_type == "FOR_HERE" or at_table else Fulfilment.PICKUP,
        placed_at=order.order_time,
        total=total_of(order),
        lines=lines,
        due_at=due if scheduled else None,
        scheduled=scheduled,
        decide_by=order.time("receiptTimeout"),
        charges=charges,
        income=yuan(order.receipt_amount) if order.receipt_amount is not None and is_paid(order) else None,
        paid=is_paid(order),
        customer=Customer(phone=guarded(order.user_mobile)),
        note=order.memo,
        tableware=order.people_num or None,
        pickup_code="" if at_table else order.take_no,
        checks=checks_of(order, lines, charges),
    )


def number_of(order: Order) -> str:
    """What is called out: the table, the pick-up number, or the end of the order's own number."""
    if not order.take_no or len(order.take_no) > LONGEST_NUMBER:
        return order.order_id[-4:]
    return f"桌{order.take_no}" if order.take_style in TABLES else order.take_no


def kitchen_of(order: Order) -> Kitchen | None:
    """How far the dishes are; None when one of them has a status that no document names."""
    statuses = [dish.make_status for dish in order.mains()]
    left = [status for status in statuses if status != TAKEN_BACK]
    if not STATUSES.issuperset(statuses):
        return None
    if statuses and not left:
        return _death(order)
    if left and all(status == SERVED for status in left):
        return Kitchen.HANDED_OVER
    if left and INIT not in left:
        return Kitchen.READY
    return Kitchen.PREPARING if {MADE, SERVED} & set(left) else Kitchen.NEW


def is_dead(order: Order) -> bool:
    """Whether every dish was taken back."""
    statuses = {dish.make_status for dish in order.mains()}
    return statuses == {TAKEN_BACK}


def moment(version: int) -> datetime:
    """A version as an aware time."""
    return datetime.fromtimestamp(version / 1000, UTC)


def _death(order: Order) -> Kitchen:
    reason = _reason(order)
    if reason == TOO_LATE:
        return Kitchen.EXPIRED
    return Kitchen.REJECTED if reason in SHOP_REASONS else Kitchen.CANCELLED


def _reason(order: Order) -> str:
    return next((dish.refund_reason for dish in order.mains() if dish.refund_reason), "")


def _lines(order: Order) -> Iterator[OrderLine]:
    seen: dict[str, int] = {}
    for dish in _kept(order):
        key = dish.out_detail_no or f"{dish.sku_id or dish.dish_id}/{dish.spec_name}/{dish.practice_info}"
        seen[key] = seen.get(key, 0) + 1
        yield _line(order, dish, key if seen[key] == 1 else f"{key}#{seen[key]}")


def _line(order: Order, dish: Dish, key: str) -> OrderLine:
    waits = ("等叫起",) if dish.wake_status == "WAIT" else ()  # the table says when it wants the dish
    return OrderLine(
        key=key,
        name=dish.dish_name,
        quantity=dish.dish_num,
        unit_price=yuan(unit_price(order, dish)),
        total=line_total(order, dish),
        options=tuple(_options(order, dish)),
        note="；".join((*waits, *filter(None, (dish.memo,)))),
        sku=dish.outer_id or dish.sku_id,
    )


def _options(order: Order, dish: Dish) -> Iterator[Option]:
    for text in (dish.spec_name, *_SEPARATOR.split(dish.practice_info)):
        if wish := text.strip():
            left_out = _LEAVE_OUT.sub("", wish)
            yield Option(wish) if left_out == wish else Option(left_out, OptionKind.REMOVE)
    for part in order.parts_of(dish):
        if part.make_status != TAKEN_BACK or dish.make_status == TAKEN_BACK:
            kind = OptionKind.ADD if part.type == "SIDE" else OptionKind.CHOICE
            price = yuan(part.sell_price + part.practice_price) if part_total(part) else None
            yield Option(_named(part), kind, _each(part, dish), price)


def _each(part: Dish, dish: Dish) -> int:
    """How many of it go with one dish: the wire counts them for the whole line (derived)."""
    return max(
        1, int(part.dish_num / dish.dish_num if dish.dish_num and not part.dish_num % dish.dish_num else part.dish_num)
    )


def _named(part: Dish) -> str:
    chosen = "、".join(filter(None, (part.spec_name, part.practice_info)))
    return f"{part.dish_name}（{chosen}）" if chosen else part.dish_name


def _kept(order: Order) -> list[Dish]:
    """The dishes to cook; those of a dead order all stay, as the record of what was ordered."""
    mains = list(order.mains())
    return [dish for dish in mains if dish.make_status != TAKEN_BACK] or mains


def _returned(order: Order) -> Iterator[Charge]:
    """The price of each dish taken back: part of what was paid, and given back apart from it."""
    kept = _kept(order)
    for dish in order.mains():
        if not any(dish is one for one in kept):
            yield Charge(ChargeKind.OTHER, f"已退：{dish.dish_name}", line_total(order, dish), Party.CUSTOMER)


def _refunded(order: Order) -> Money | None:
    """What went back so far: all of a dead order, the price of single dishes taken back (discounts on them are not told)."""
    if not is_paid(order):
        return None
    total = total_of(order)
    if is_dead(order):
        return total
    returned = Money.total((charge.amount for charge in _returned(order)), CURRENCY)
    return min(returned, total) if returned else None


def _payment(order: Order, refunded: Money | None) -> Payment:
    if not is_paid(order):
        return Payment.UNPAID
    if refunded is None:
        return Payment.PAID
    return Payment.PART_REFUNDED if refunded < total_of(order) else Payment.REFUNDED


_KNOWN = {f"make_status={status}" for status in STATUSES}
