"""What customers said and what platforms paid: kept for ever, each review and each line once per account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from app.db import audit
from app.db.tables import reviews, settlement_lines
from app.domain.money import Money
from app.domain.shop import Review, SettlementKind, SettlementLine

DAYS_KEPT = 400  # of what was read when
_DAYS_READ = "statement_days_"


def keep_reviews(connection: Connection, account_id: int, told: Iterable[Review]) -> None:
    """Store reviews; one told again replaces itself, because customers and shops add to them.

    An answer given here stays where the platform does not show it yet: nobody should answer twice.
    """
    known = select(reviews.c.review_id, reviews.c.reply).where(reviews.c.account_id == account_id, reviews.c.reply != "")
    replies = {row.review_id: row.reply for row in connection.execute(known)}
    rows = {
        one.review_id: {
            "account_id": account_id,
            "review_id": one.review_id,
            "at": one.at,
            "score": one.score,
            "text": one.text,
            "order_ref": one.order_id,
            "customer": one.customer,
            "reply": one.reply or replies.get(one.review_id, ""),
        }
        for one in told
    }
    _replace(connection, reviews, "review_id", account_id, rows)


def answered(connection: Connection, account_id: int, review_id: str, reply: str) -> None:
    """The platform took our answer."""
    mine = (reviews.c.account_id == account_id, reviews.c.review_id == review_id)
    connection.execute(update(reviews).where(*mine).values(reply=reply))


def stored_reviews(connection: Connection, account_id: int, since: datetime) -> list[Review]:
    """Reviews of an account since a moment, oldest first."""
    mine = (reviews.c.account_id == account_id, reviews.c.at >= since)
    rows = connection.execute(select(reviews).where(*mine).order_by(reviews.c.at, reviews.c.review_id))
    return [Review(row.review_id, row.at, row.score, row.text, row.order_ref, row.customer, row.reply) for row in rows]


def keep_lines(connection: Connection, account_id: int, told: Iterable[SettlementLine]) -> None:
    """Store lines of a statement; one told again replaces itself."""
    rows = {
        one.line_id: {
            "account_id": account_id,
            "line_id": one.line_id,
            "kind": one.kind.value,
            "amount_minor": one.amount.minor,
            "currency": one.amount.currency,
            "day": one.day,
            "order_ref": one.order_id,
            "text": one.text,
        }
        for one in told
    }
    _replace(connection, settlement_lines, "line_id", account_id, rows)


def stored_lines(connection: Connection, account_id: int, first: date, last: date) -> list[SettlementLine]:
    """Lines of an account booked from `first` to `last`, both included, by day."""
    table = settlement_lines
    mine = (table.c.account_id == account_id, table.c.day >= first, table.c.day <= last)
    return [_line(row) for row in connection.execute(select(table).where(*mine).order_by(table.c.day, table.c.line_id))]


def day_read(connection: Connection, account_id: int, day: date, at: datetime) -> None:
    """The statement of this day was read at a moment; it was whole if the day was over."""
    known = {**_days_read(connection, account_id), day.isoformat(): at.isoformat()}
    kept = dict(sorted(known.items())[-DAYS_KEPT:])
    audit.set_preference(connection, f"{_DAYS_READ}{account_id}", kept)


def days_read(connection: Connection, account_id: int) -> Mapping[date, datetime]:
    """When the statement of each day was last read: a day without a line was asked for, or was not."""
    known = _days_read(connection, account_id)
    return {date.fromisoformat(day): datetime.fromisoformat(at) for day, at in known.items()}


def _days_read(connection: Connection, account_id: int) -> dict[str, str]:
    return dict(audit.preference(connection, f"{_DAYS_READ}{account_id}", {}))


def _line(row: Row[Any]) -> SettlementLine:
    amount = Money(row.amount_minor, row.currency)
    return SettlementLine(row.line_id, SettlementKind(row.kind), amount, row.day, row.order_ref, row.text)


def _replace(connection: Connection, table: Table, key: str, account_id: int, rows: dict[str, dict[str, Any]]) -> None:
    if rows:
        connection.execute(delete(table).where(table.c.account_id == account_id, table.c[key].in_(list(rows))))
        connection.execute(insert(table), list(rows.values()))
