"""Four days of a platform's statement: sums, payouts, a difference, an order nobody knows, and hostile words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.reports.statements import OurOrder, Statement, by_order

SALE, COMMISSION, DELIVERY, REFUND, PROMOTION, ADJUSTMENT, TAX, PAYOUT = SettlementKind


def statement(first: date, last: date, *lines: SettlementLine, unread: int = 0, **ours: OurOrder) -> Statement:
    """As `Facade.statement` answers; the last `unread` days were never asked for."""
    some = tuple(line for line in lines if first <= line.day <= last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1 - unread)]
    read = {day: datetime(day.year, day.month, day.day, 20, tzinfo=UTC) + timedelta(days=2) for day in days}
    return Statement(first, last, some, tuple(by_order(some, ours)), read)


def line(kind: SettlementKind, yuan: str, day: date, ref: str = "", text: str = "", currency: str = "CNY") -> SettlementLine:
    return SettlementLine(f"{kind}{yuan}{day}{ref}{text}", kind, Money.parse(yuan, currency), day, ref, text)


def order(number: int, total: str, back: str = "0") -> OurOrder:
    return OurOrder(number, str(number), Money.parse(total, "CNY"), Money.parse(back, "CNY"))
