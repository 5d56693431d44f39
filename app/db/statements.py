"""What customers said and what platforms paid: kept for ever, each review and each line once per account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from app.db import audit
from app.db.tables import reviews, settlement_lines
from app.domain.money import Money
from app.domain.shop import Review, SettlementKind, SettlementLine

DAYS_KEPT = 400  # of what was read when
CHANGES_KEPT = 2000  # lines
_DAYS_READ = "statement_days_"
_CHANGES = "statement_changes_"


class Change(StrEnum):
    """What became of a line after its day was over and read."""

    LATE = "late"  # it was not there then
    CHANGED = "changed"
    GONE = "gone"  # the platform tells it no longer; here it is kept


@dataclass(frozen=True, slots=True)
class LineChange:
    """The last change of one line, found at a moment. `was`: the amount before, of a changed line."""

    what: Change
    day: date
    at: datetime
    was: Money | None = None


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


def keep_day(
    connection: Connection, account_id: int, day: date, told: Iterable[SettlementLine], at: datetime, *, whole: bool
) -> None:
    """Store everything that a platform told at a moment of one day, and what is new about it.

    Nothing is thrown away: a line that is not told any more is kept and noted as gone. What was added or changed is noted
    once the day had been read `whole`, which is after its end.
    """
    lines = {one.line_id: one for one in told}
    known = {one.line_id: one for one in stored_lines(connection, account_id, day, day)}
    noted = dict(changes(connection, account_id))
    for line_id, line in lines.items():
        if change := _change(known.get(line_id), line, at) if whole else None:
            noted[line_id] = change
        elif line_id in noted and noted[line_id].what is Change.GONE:
            del noted[line_id]
    for line_id in known.keys() - lines.keys():
        if line_id not in noted or noted[line_id].what is not Change.GONE:
            noted[line_id] = LineChange(Change.GONE, day, at)
    keep_lines(connection, account_id, lines.values())
    _note(connection, account_id, noted)
    day_read(connection, account_id, day, at)


def changes(connection: Connection, account_id: int) -> Mapping[str, LineChange]:
    """What became of lines after their day was read, by the line's id."""
    stored = audit.preference(connection, f"{_CHANGES}{account_id}", {})
    return {line_id: _noted(*told) for line_id, told in stored.items()}


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


def _change(known: SettlementLine | None, line: SettlementLine, at: datetime) -> LineChange | None:
    if known is None:
        return LineChange(Change.LATE, line.day, at)
    same = (known.kind, known.amount) == (line.kind, line.amount)
    return None if same else LineChange(Change.CHANGED, line.day, at, known.amount)


def _note(connection: Connection, account_id: int, noted: Mapping[str, LineChange]) -> None:
    """What is gone is forgotten last: from then on it would be counted."""
    latest = sorted(noted.items(), key=lambda each: (each[1].what is Change.GONE, each[1].at))
    told = {
        line_id: [one.what, one.day.isoformat(), one.at.isoformat(), *((one.was.minor, one.was.currency) if one.was else ())]
        for line_id, one in latest[-CHANGES_KEPT:]
    }
    audit.set_preference(connection, f"{_CHANGES}{account_id}", told)


def _noted(what: str, day: str, at: str, minor: int | None = None, currency: str = "") -> LineChange:
    was = None if minor is None else Money(minor, currency)
    return LineChange(Change(what), date.fromisoformat(day), datetime.fromisoformat(at), was)


def _line(row: Row[Any]) -> SettlementLine:
    amount = Money(row.amount_minor, row.currency)
    return SettlementLine(row.line_id, SettlementKind(row.kind), amount, row.day, row.order_ref, row.text)


def _replace(connection: Connection, table: Table, key: str, account_id: int, rows: dict[str, dict[str, Any]]) -> None:
    if rows:
        connection.execute(delete(table).where(table.c.account_id == account_id, table.c[key].in_(list(rows))))
        connection.execute(insert(table), list(rows.values()))
