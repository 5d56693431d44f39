"""What the shop sold: by hour, by business day and platform, and in total, from the store's own columns.

**What is a sale.** An order is a sale of its own business day (`orders.business_day`, the day it was placed) from the moment
the platform confirmed that it is accepted: kitchen accepted, preparing, ready, handed over or completed. New, rejected,
expired and cancelled orders are none: their money never was the shop's.

**Cancelled late.** An order that the platform cancels *after the food has left* keeps its sale, provided that the platform
told us the money it took back (a row in `refunds`): yesterday's closed figures must not change today. Without such a row
nobody knows a date or an amount, so the cancelled order is no sale, and the net is right either way.

**Refunds.** Each step stands on its own business day (`refunds.business_day`), as an amount of zero or less, and counts
only when its order is a sale: money given back for an order that was never counted would be subtracted twice.

**Sums.** Hours of a day add up to the day, days to the total, sales + refunds = net. Amounts of different currencies are
never added: every function answers one row per currency. Business days and hours are the stored columns, cut off by
the shop's calendar when the order arrived, so a change of cut-off does not rewrite the past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, literal, or_, select, union_all

from app.db.tables import orders, refunds
from app.domain.lifecycle import DEAD, Delivery, Kitchen
from app.domain.money import Money

SOLD = frozenset(Kitchen) - DEAD - {Kitchen.NEW}
_SOLD = sorted(state.value for state in SOLD)
_GONE = (Delivery.PICKED_UP.value, Delivery.DELIVERED.value)


@dataclass(frozen=True, slots=True)
class HourSales:
    """Sales of one local hour of a business day, in one currency."""

    hour: int
    orders: int
    sales: Money


@dataclass(frozen=True, slots=True)
class DaySales:
    """One business day of one platform in one currency. `refunds` (negative or zero) stand on the day they were made."""

    day: date
    platform: str
    orders: int
    sales: Money
    refunds: Money

    @property
    def net(self) -> Money:
        """What is left of the day: sales plus (negative) refunds."""
        return self.sales + self.refunds


@dataclass(frozen=True, slots=True)
class Totals:
    """The big figures of a period in one currency; `refunds` is negative or zero."""

    orders: int
    sales: Money
    refunds: Money

    @property
    def net(self) -> Money:
        """What is left: sales plus (negative) refunds."""
        return self.sales + self.refunds

    @property
    def average(self) -> Money:
        """Average sale before refunds, rounded half up to the minor unit; zero when nothing was sold."""
        doubled = 2 * self.sales.minor + self.orders
        return Money(doubled // (2 * self.orders) if self.orders else 0, self.sales.currency)


def is_sale() -> ColumnElement[bool]:
    """The rule of the module docstring as a condition on `orders`."""
    left = or_(orders.c.handed_over_at.is_not(None), orders.c.delivery.in_(_GONE))
    step = refunds.alias("step")
    dated = select(step.c.id).where(step.c.order_id == orders.c.id).exists()
    return or_(orders.c.kitchen.in_(_SOLD), and_(orders.c.kitchen == Kitchen.CANCELLED.value, left, dated))


def sales_by_hour(connection: Connection, day: date) -> list[HourSales]:
    """Sales of one business day, one row per local hour (0 to 23) and currency that had any, by hour then currency."""
    hour, currency = orders.c.hour, orders.c.currency
    found = connection.execute(
        select(hour, currency, func.count(), func.sum(orders.c.total_minor))
        .where(orders.c.business_day == day, is_sale())
        .group_by(hour, currency)
        .order_by(hour, currency)
    )
    return [HourSales(at, count, Money(int(minor), code)) for at, code, count, minor in found]


def sales_by_day(connection: Connection, last_day: date, days: int) -> list[DaySales]:
    """The `days` business days that end with `last_day`: one row per day, platform and currency that moved, oldest first."""
    first_day = last_day - timedelta(days=days - 1)
    nothing = literal(0, BigInteger)
    sold = select(
        orders.c.business_day.label("day"),
        orders.c.platform.label("platform"),
        orders.c.currency.label("currency"),
        literal(1, BigInteger).label("orders"),
        orders.c.total_minor.label("sales"),
        nothing.label("refunds"),
    ).where(orders.c.business_day.between(first_day, last_day), is_sale())
    returned = (
        select(refunds.c.business_day, orders.c.platform, refunds.c.currency, nothing, nothing, -refunds.c.amount_minor)
        .join(orders, orders.c.id == refunds.c.order_id)
        .where(refunds.c.business_day.between(first_day, last_day), is_sale())
    )
    moves = union_all(sold, returned).subquery("moves")
    key = (moves.c.day, moves.c.platform, moves.c.currency)
    sums = (func.sum(moves.c.orders), func.sum(moves.c.sales), func.sum(moves.c.refunds))
    found = connection.execute(select(*key, *sums).group_by(*key).order_by(*key))
    # PostgreSQL answers a sum of big integers as a decimal.
    return [
        DaySales(day, platform, int(count), Money(int(sales), code), Money(int(back), code))
        for day, platform, code, count, sales, back in found
    ]


def totals(connection: Connection, day: date) -> list[Totals]:
    """The big figures of one business day, one row per currency, in the currencies' alphabetical order."""
    return add_up(sales_by_day(connection, day, 1))


def add_up(rows: Iterable[DaySales]) -> list[Totals]:
    """Totals of any rows of `sales_by_day`, one per currency, in the currencies' alphabetical order."""
    by_currency: dict[str, list[DaySales]] = defaultdict(list)
    for row in rows:
        by_currency[row.sales.currency].append(row)
    return [
        Totals(
            sum(row.orders for row in group),
            Money.total((row.sales for row in group), currency),
            Money.total((row.refunds for row in group), currency),
        )
        for currency, group in sorted(by_currency.items())
    ]
