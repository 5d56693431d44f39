"""Redemptions of vouchers: each a row before its platform is asked, under one key for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from app.db.rows import add_row, change_row, come_by, has_come
from app.db.tables import redemptions
from app.domain.money import Money
from app.domain.vouchers import UNANSWERED, Redeemed, RedemptionState, Voucher

LONGEST_REST = timedelta(minutes=2)  # nothing is asked again later than this

_WAITING = redemptions.c.state.in_([state.value for state in UNANSWERED])


@dataclass(frozen=True, slots=True)
class Redemption:
    """A row of `redemptions`. `worth` is what its uses come to, `text` what the platform last said. While there is no
    answer it is asked again at `due_at`; where that is None, only once a person wants it.
    """

    id: int
    account_id: int
    key: str
    code: str = field(repr=False)
    uses: int
    title: str
    worth: Money | None
    number: str
    state: RedemptionState
    text: str
    who: str
    asked_at: datetime
    settled_at: datetime | None
    back_by: str
    back_at: datetime | None
    due_at: datetime | None
    tries: int


def get(connection: Connection, redemption_id: int) -> Redemption:
    """Raises LookupError when there is none."""
    row = connection.execute(select(redemptions).where(redemptions.c.id == redemption_id)).first()
    if row is None:
        raise LookupError(f"no redemption {redemption_id}")
    return _redemption(row)


def add(
    connection: Connection, account_id: int, voucher: Voucher, uses: int, key: str, who: str, now: datetime, due: datetime
) -> Redemption:
    """Note that this is about to be asked."""
    worth = voucher.worth
    row = {
        "account_id": account_id,
        "key": key,
        "code": voucher.code,
        "uses": uses,
        "title": voucher.title,
        "worth_minor": worth.minor * uses if worth else None,
        "currency": worth.currency if worth else None,
        "state": RedemptionState.ASKED.value,
        "who": who,
        "asked_at": now,
        "due_at": due,
    }
    return get(connection, add_row(connection, redemptions, row))


def redeemed(connection: Connection, redemption_id: int, told: Redeemed, now: datetime) -> Redemption:
    """The platform's yes."""
    known = get(connection, redemption_id)
    worth = told.received or known.worth
    columns: dict[str, Any] = {"worth_minor": worth.minor, "currency": worth.currency} if worth else {}
    said = {"title": told.title or known.title, "number": told.number}
    return _to(connection, known, RedemptionState.REDEEMED, settled_at=now, **said, **columns)


def refused(connection: Connection, redemption_id: int, text: str, now: datetime) -> Redemption:
    """The platform's no: what was not redeemed stays so, and what was redeemed stays that."""
    known = get(connection, redemption_id)
    if known.state is RedemptionState.TAKING_BACK:
        return _to(connection, known, RedemptionState.REDEEMED, text)
    return _to(connection, known, RedemptionState.REFUSED, text, settled_at=now)


def taking_back(connection: Connection, redemption_id: int, who: str, now: datetime, due: datetime) -> Redemption:
    """Note that it is about to be asked to undo this."""
    known = get(connection, redemption_id)
    return _to(connection, known, RedemptionState.TAKING_BACK, back_by=who, back_at=now, due_at=due)


def taken_back(connection: Connection, redemption_id: int, now: datetime) -> Redemption:
    """The platform undid it."""
    return _to(connection, get(connection, redemption_id), RedemptionState.TAKEN_BACK, back_at=now)


def unanswered(connection: Connection, redemption_id: int, text: str, due: datetime | None) -> Redemption:
    """No answer this time, for the reason in `text`; asked again when it is due. What was answered meanwhile stays so."""
    known = get(connection, redemption_id)
    if known.state not in UNANSWERED:
        return known
    return _to(connection, known, known.state, text, due_at=due, tries=known.tries + 1)


def due(connection: Connection, now: datetime) -> list[Redemption]:
    """Whatever is to be asked again by now, the oldest first."""
    return _select(connection, _WAITING, has_come(redemptions.c.due_at, **come_by(now, LONGEST_REST)))


def revive(connection: Connection, now: datetime) -> None:
    """After a start nothing is under way: what was asked shortly before the end of the program is due at once."""
    connection.execute(update(redemptions).where(_WAITING, redemptions.c.due_at > now).values(due_at=now))


def of_code(connection: Connection, account_id: int, code: str) -> list[Redemption]:
    """Every redemption of a code, the oldest first."""
    return _select(connection, redemptions.c.account_id == account_id, redemptions.c.code == code)


def since(connection: Connection, moment: datetime) -> list[Redemption]:
    """Those asked for since a moment, and whatever is unanswered; the newest first."""
    return _select(connection, or_(redemptions.c.asked_at >= moment, _WAITING))[::-1]


def given_up(connection: Connection) -> list[Redemption]:
    """Those without an answer that nobody asks for any more."""
    return _select(connection, _WAITING, redemptions.c.due_at.is_(None))


def _select(connection: Connection, *where: Any) -> list[Redemption]:
    """Sorted here: for an order SQLite would walk through years of them instead of using the index of each condition."""
    found = (_redemption(row) for row in connection.execute(select(redemptions).where(*where)))
    return sorted(found, key=lambda one: (one.asked_at, one.id))


def _to(connection: Connection, known: Redemption, state: RedemptionState, text: str = "", **columns: Any) -> Redemption:
    """Settled unless `columns` say when it is due."""
    settled = {"due_at": None, "tries": 0}
    change_row(connection, redemptions, known.id, {**settled, "state": state.value, "text": text, **columns})
    return get(connection, known.id)


def _redemption(row: Row[Any]) -> Redemption:
    columns = row._asdict()
    minor, currency = columns.pop("worth_minor"), columns.pop("currency")
    worth = None if minor is None else Money(minor, currency)
    return Redemption(**{**columns, "state": RedemptionState(row.state), "worth": worth})
