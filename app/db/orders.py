"""Orders as stored: one row an order, its facts as JSON, its three regions as columns, plus refunds and history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, String, and_, bindparam, cast, func, or_, select

from app.db.rows import add_row, change_row, pack, unpack
from app.db.tables import history, refunds
from app.db.tables import orders as table
from app.domain.changes import CustomerRequest, Urge
from app.domain.lifecycle import Delivery, Kitchen, OrderState, Payment
from app.domain.money import Money
from app.domain.orders import Courier, OrderFacts


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """A row of `orders` as domain values. `id` 0 means not stored yet."""

    account_id: int
    platform: str
    platform_order_id: str
    facts: OrderFacts
    facts_version: int
    stored_at: datetime
    business_day: date
    hour: int
    id: int = 0
    state: OrderState = field(default_factory=OrderState)
    revision: int = 1
    refunded_minor: int = 0
    courier: Courier | None = None
    courier_version: int = 0
    request: CustomerRequest | None = None
    request_version: int = 0
    urges: tuple[Urge, ...] = ()
    unmapped: str = ""
    reason: str = ""
    accepted_at: datetime | None = None
    ready_at: datetime | None = None
    handed_over_at: datetime | None = None
    closed_at: datetime | None = None
    seen_at: datetime | None = None
    closed_seen_at: datetime | None = None
    attention: bool = False
    bags: int | None = None  # as said at the counter

    @property
    def refunded(self) -> Money:
        """Everything refunded so far."""
        return Money(self.refunded_minor, self.facts.currency)


def find(connection: Connection, account_id: int, platform_order_id: str) -> StoredOrder | None:
    """The order with the platform's id, if it is stored."""
    row = connection.execute(_BY_NAME, {"account": account_id, "name": platform_order_id}).first()
    return _order(row) if row else None


def get(connection: Connection, order_id: int) -> StoredOrder:
    """One order by our id. Raises LookupError."""
    row = connection.execute(_BY_ID, {"id": order_id}).first()
    if row is None:
        raise LookupError(f"no order {order_id}")
    return _order(row)


def save(connection: Connection, order: StoredOrder) -> StoredOrder:
    """Insert (id 0) or update; answers the order with its id."""
    if order.id:
        change_row(connection, table, order.id, _columns(order))
        return order
    return replace(order, id=add_row(connection, table, _columns(order)))


def queue(connection: Connection, ids: Iterable[int] | None = None) -> list[StoredOrder]:
    """Orders that belong on the queue: open ones, and closed ones a person must still look at."""
    wanted = or_(table.c.closed_at.is_(None), table.c.attention)
    if ids is not None:
        wanted = and_(wanted, table.c.id.in_(list(ids)))
    return [_order(row) for row in connection.execute(select(table).where(wanted).order_by(table.c.id))]


def search(connection: Connection, text: str, limit: int) -> list[StoredOrder]:
    """Orders whose number, platform id or facts contain `text`, newest first."""
    pattern = "%" + text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    columns = (table.c.number, table.c.platform_order_id, cast(table.c.facts, String))
    match = or_(*(column.ilike(pattern, escape="\\") for column in columns))
    query = select(table).where(match).order_by(table.c.placed_at.desc()).limit(limit)
    return [_order(row) for row in connection.execute(query)]


def counts_on(connection: Connection, day: date) -> dict[int, int]:
    """How many orders a business day has, by account; one without any is not in it."""
    query = select(table.c.account_id, func.count()).where(table.c.business_day == day).group_by(table.c.account_id)
    return {account_id: int(count) for account_id, count in connection.execute(query)}


def any_since(connection: Connection, moment: datetime) -> bool:
    """Whether any order was stored since then."""
    newest = select(table.c.stored_at).order_by(table.c.id.desc()).limit(1)
    last = connection.execute(newest).scalar()
    return last is not None and last >= moment


def accepted_on(connection: Connection, day: date) -> list[StoredOrder]:
    """The orders of a business day that the shop took, oldest first."""
    query = select(table).where(table.c.business_day == day, table.c.accepted_at.is_not(None)).order_by(table.c.id)
    return [_order(row) for row in connection.execute(query)]


def recent(connection: Connection, limit: int) -> list[StoredOrder]:
    """The newest orders, newest first."""
    return [_order(row) for row in connection.execute(select(table).order_by(table.c.id.desc()).limit(limit))]


def newest_id(connection: Connection) -> int:
    """Our id of the newest order; 0 while there is none."""
    return int(connection.execute(select(func.max(table.c.id))).scalar() or 0)


def after(connection: Connection, order_id: int) -> list[StoredOrder]:
    """Orders that are open and were stored after this one, oldest first."""
    query = select(table).where(table.c.id > order_id, table.c.closed_at.is_(None)).order_by(table.c.id)
    return [_order(row) for row in connection.execute(query)]


def names(connection: Connection) -> frozenset[tuple[str, str]]:
    """(platform, platform's order id) of every order: what a count against the platform needs."""
    rows = connection.execute(select(table.c.platform, table.c.platform_order_id))
    return frozenset((row[0], row[1]) for row in rows)


def doubtful(connection: Connection, account_id: int, now: datetime, limit: int = 100) -> list[str]:
    """Platform ids to ask for again, newest first: provisional money, or a deadline that passed without a word."""
    silent = and_(table.c.kitchen == Kitchen.NEW.value, table.c.decide_by <= now)
    match = and_(table.c.account_id == account_id, or_(table.c.provisional, silent))
    query = select(table.c.platform_order_id).where(match)
    return list(connection.execute(query.order_by(table.c.id.desc()).limit(limit)).scalars())


def add_refund(connection: Connection, order_id: int, amount: Money, at: datetime, day: date, hour: int) -> None:
    """One refund step, on its own business day."""
    row = {"order_id": order_id, "amount_minor": amount.minor, "currency": amount.currency}
    add_row(connection, refunds, {**row, "at": at, "business_day": day, "hour": hour})


def add_history(connection: Connection, order_id: int, at: datetime, who: str, kind: str, text: str = "") -> None:
    """One line of an order's timeline."""
    add_row(connection, history, {"order_id": order_id, "at": at, "who": who, "kind": kind, "text": text})


def timeline(connection: Connection, order_id: int) -> list[tuple[datetime, str, str, str]]:
    """(at, who, kind, text), oldest first."""
    columns = (history.c.at, history.c.who, history.c.kind, history.c.text)
    query = select(*columns).where(history.c.order_id == order_id).order_by(history.c.at, history.c.id)
    return [tuple(row) for row in connection.execute(query)]


_BY_ID = select(table).where(table.c.id == bindparam("id"))
_BY_NAME = select(table).where(table.c.account_id == bindparam("account"), table.c.platform_order_id == bindparam("name"))


def _columns(order: StoredOrder) -> dict[str, Any]:
    facts, state = order.facts, order.state
    return {
        "account_id": order.account_id,
        "platform": order.platform,
        "platform_order_id": order.platform_order_id,
        "number": facts.number,
        "business_day": order.business_day,
        "hour": order.hour,
        "placed_at": facts.placed_at,
        "due_at": facts.due_at,
        "decide_by": facts.decide_by,
        "scheduled": facts.scheduled,
        "kitchen": state.kitchen.value,
        "kitchen_version": state.kitchen_version,
        "delivery": state.delivery.value,
        "delivery_version": state.delivery_version,
        "payment": state.payment.value,
        "payment_version": state.payment_version,
        "facts": pack(facts),
        "facts_version": order.facts_version,
        "revision": order.revision,
        "currency": facts.currency,
        "total_minor": facts.total.minor,
        "refunded_minor": order.refunded_minor,
        "provisional": facts.provisional,
        "courier": pack(order.courier),
        "courier_version": order.courier_version,
        "request": pack(order.request),
        "request_version": order.request_version,
        "urges": [pack(urge) for urge in order.urges],
        "unmapped": order.unmapped,
        "reason": order.reason,
        "stored_at": order.stored_at,
        "accepted_at": order.accepted_at,
        "ready_at": order.ready_at,
        "handed_over_at": order.handed_over_at,
        "closed_at": order.closed_at,
        "seen_at": order.seen_at,
        "closed_seen_at": order.closed_seen_at,
        "attention": order.attention,
        "bags": order.bags,
    }


_READ_ELSEWHERE = {"facts", "state", "courier", "request", "urges"}
_SAME = [field.name for field in fields(StoredOrder) if field.name not in _READ_ELSEWHERE]


def _order(row: Row[Any]) -> StoredOrder:
    return StoredOrder(
        facts=unpack(OrderFacts, row.facts),
        state=OrderState(
            Kitchen(row.kitchen),
            row.kitchen_version,
            Delivery(row.delivery),
            row.delivery_version,
            Payment(row.payment),
            row.payment_version,
        ),
        courier=unpack(Courier, row.courier) if row.courier else None,
        request=unpack(CustomerRequest, row.request) if row.request else None,
        urges=tuple(unpack(Urge, urge) for urge in row.urges),
        **{name: getattr(row, name) for name in _SAME},
    )
