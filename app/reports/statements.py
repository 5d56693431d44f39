"""A platform's statement over some days: its lines added up by kind, and order by order beside our own figures.

Amounts are the platform's own: positive goes to the shop. Payouts move what was earned and are never added to it.
Currencies are never added together. An order is compared in two figures only: the customer's total with the lines of kind
"sale", and what was given back with those of kind "refund"; a figure without a line in these days is left alone, for it may
stand in another statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection, select

from app.db import statements
from app.db.statements import Change as Change  # of a line: for the screen too
from app.db.statements import LineChange as LineChange
from app.db.tables import orders
from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine

_CHUNK = 400  # names in one question to the store


@dataclass(frozen=True, slots=True)
class KindSum:
    """All lines of one kind in one currency."""

    kind: SettlementKind
    lines: int
    amount: Money


@dataclass(frozen=True, slots=True)
class OurOrder:
    """The order as it stands here: what the customer paid, and what was given back (zero or more)."""

    order_id: int
    number: str
    total: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class OrderLines:
    """What a statement says of one order in one currency; `sold` and `back` are None without such a line in these days.

    `rest` is everything but those two (fees and so on); `ours` is None where the order is not stored here.
    """

    order_ref: str
    day: date
    sold: Money | None
    back: Money | None
    rest: Money
    ours: OurOrder | None = None

    @property
    def kept(self) -> Money:
        """What the order leaves the shop by these lines."""
        return Money.total((one for one in (self.sold, self.back) if one), self.rest.currency) + self.rest

    @property
    def sold_apart(self) -> Money | None:
        """How much more the platform books than the order's total; None when they agree or cannot be compared."""
        return _apart(self.sold, self.ours.total if self.ours else None)

    @property
    def back_apart(self) -> Money | None:
        """How much more was given back by the statement than here (zero or more each); None as above."""
        return _apart(-self.back if self.back else None, self.ours.refunded if self.ours else None)

    @property
    def differs(self) -> bool:
        """Whether somebody should look at it."""
        return self.ours is None or self.sold_apart is not None or self.back_apart is not None or self._foreign

    @property
    def _foreign(self) -> bool:
        return self.ours is not None and self.ours.total.currency != self.rest.currency


@dataclass(frozen=True, slots=True)
class Statement:
    """An account's lines from `first` to `last`. `read`: when each day was last asked for.

    `changes`: what became of lines after their day was first read, by line. `gone`: lines that the platform tells no longer;
    they are counted nowhere.
    """

    first: date
    last: date
    lines: tuple[SettlementLine, ...]
    orders: tuple[OrderLines, ...]
    read: Mapping[date, datetime]
    changes: Mapping[str, LineChange] = field(default_factory=dict)
    gone: tuple[SettlementLine, ...] = ()

    @property
    def sums(self) -> dict[str, list[KindSum]]:
        """By currency, kinds in the order of their enumeration."""
        found: dict[str, list[KindSum]] = defaultdict(list)
        for currency in sorted({line.amount.currency for line in self.lines}):
            for kind in SettlementKind:
                some = [one.amount for one in self.lines if one.kind is kind and one.amount.currency == currency]
                if some:
                    found[currency].append(KindSum(kind, len(some), Money.total(some, currency)))
        return dict(found)


def statement(connection: Connection, account_id: int, first: date, last: date) -> Statement:
    """What was read so far of these days, both included."""
    stored = statements.stored_lines(connection, account_id, first, last)
    known, ids = statements.changes(connection, account_id), {line.line_id for line in stored}
    changes = {line_id: change for line_id, change in known.items() if line_id in ids}
    gone = {line_id for line_id, change in changes.items() if change.what is Change.GONE}
    lines = [line for line in stored if line.line_id not in gone]
    ours = our_orders(connection, account_id, (line.order_id for line in lines if line.order_id))
    read = {day: at for day, at in statements.days_read(connection, account_id).items() if first <= day <= last}
    left = tuple(line for line in stored if line.line_id in gone)
    return Statement(first, last, tuple(lines), tuple(by_order(lines, ours)), read, changes, left)


def by_order(lines: Iterable[SettlementLine], ours: Mapping[str, OurOrder]) -> list[OrderLines]:
    """The lines that name an order, one row an order and currency, newest day first; those that differ come first."""
    found: dict[tuple[str, str], list[SettlementLine]] = defaultdict(list)
    for line in lines:
        if line.order_id:
            found[line.order_id, line.amount.currency].append(line)
    rows = [_order(ref, currency, some, ours.get(ref)) for (ref, currency), some in found.items()]
    rows.sort(key=lambda row: (row.day, row.order_ref), reverse=True)
    return sorted(rows, key=lambda row: not row.differs)


def _order(ref: str, currency: str, lines: list[SettlementLine], ours: OurOrder | None) -> OrderLines:
    total = partial(_sum, lines, currency)
    rest = frozenset(SettlementKind) - {SettlementKind.SALE, SettlementKind.REFUND, SettlementKind.PAYOUT}
    return OrderLines(
        ref,
        max(line.day for line in lines),
        total(frozenset({SettlementKind.SALE})),
        total(frozenset({SettlementKind.REFUND})),
        total(rest) or Money.zero(currency),
        ours,
    )


def _sum(lines: Iterable[SettlementLine], currency: str, kinds: frozenset[SettlementKind]) -> Money | None:
    some = [line.amount for line in lines if line.kind in kinds]
    return Money.total(some, currency) if some else None


def _apart(theirs: Money | None, ours: Money | None) -> Money | None:
    if theirs is None or ours is None or theirs.currency != ours.currency:
        return None
    return (theirs - ours) or None


def our_orders(connection: Connection, account_id: int, names: Iterable[str]) -> dict[str, OurOrder]:
    """Of the orders with these names of the platform, those that are stored here."""
    table, wanted, found = orders, sorted(set(names)), dict[str, OurOrder]()
    columns = (table.c.platform_order_id, table.c.id, table.c.number, table.c.currency, table.c.total_minor)
    for start in range(0, len(wanted), _CHUNK):
        mine = (table.c.account_id == account_id, table.c.platform_order_id.in_(wanted[start : start + _CHUNK]))
        for row in connection.execute(select(*columns, table.c.refunded_minor).where(*mine)):
            total, back = Money(row.total_minor, row.currency), Money(row.refunded_minor, row.currency)
            found[row.platform_order_id] = OurOrder(row.id, row.number, total, back)
    return found
