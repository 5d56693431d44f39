"""What follows from a change of an order, as rows of the same transaction: tickets, commands, refunds, history."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from app.db import orders, outbox
from app.db.accounts import Account
from app.db.orders import StoredOrder
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.money import Money
from app.domain.routing import Moment
from app.engine.change_slips import print_change
from app.engine.clock import ahead
from app.engine.house import House, instant
from app.engine.paperwork import hold_back, print_papers, print_urge, take_back
from app.texts import tr

# Within which an order is accepted where its platform sets no limit: who does not take it so long has another way of work.
_USUAL_WINDOW = timedelta(minutes=15)
_COOKING = frozenset({Kitchen.ACCEPTED, Kitchen.PREPARING})
# A customer still waits for these after the food was delivered.
_ANSWERS = frozenset({CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST, CommandKind.REPLY_URGE, CommandKind.REFUND})


def follow(
    connection: Connection,
    house: House,
    account: Account,
    before: StoredOrder | None,
    after: StoredOrder,
    update: OrderUpdate,
    now: datetime,
) -> None:
    """Leave every row that the step from `before` to `after` calls for."""
    _remember(connection, before, after, update, now)
    _refund(connection, house, before, after, update, now)
    if before is None:
        _greet(connection, house, account, after, now)
    _papers(connection, house, before, after, now)
    if update.urge and not (before and any(one.key == update.urge.key for one in before.urges)):
        print_urge(connection, house, after, update.urge.key, update.urge.text, now)
    if _closed(before, after):
        dead = after.state.kitchen in DEAD
        outbox.supersede(connection, after.id, now, tr("the order is closed"), () if dead else _ANSWERS)


def _papers(connection: Connection, house: House, before: StoredOrder | None, after: StoredOrder, now: datetime) -> None:
    if _died(before, after):
        take_back(connection, after, now)
        return
    begins = _starts_cooking(before, after)
    if begins:
        print_papers(connection, house, after, now, since=_due_since(connection, house, before, after, now))
    elif before and after.facts != before.facts and after.state.kitchen in _COOKING | {Kitchen.READY}:
        anew = after.revision > before.revision or after.facts.fulfilment is not before.facts.fulfilment
        print_change(connection, house, after, now, anew=anew)
    if before and after.ready_at and not before.ready_at:
        print_papers(connection, house, after, now, Moment.READY, after.ready_at)
    if after.handed_over_at and (begins or not (before and before.handed_over_at)):
        hold_back(connection, after, now)


def _due_since(
    connection: Connection, house: House, before: StoredOrder | None, after: StoredOrder, now: datetime
) -> datetime:
    """When the kitchen should have had its papers: at the acceptance, or when an order for later is due, if that is later.

    An acceptance that the console did not send may be reported hours late, dated by when we asked. It was over, though,
    when the platform would have cancelled the order, unless that was told to be new after that. All of these are by the
    platform's clock, and the answer is by ours.
    """
    accepted, facts, apart = after.accepted_at or now, after.facts, ahead(connection, after.account_id)
    pressed = [one for one in outbox.of_order(connection, after.id) if one.command.kind is CommandKind.ACCEPT]
    if not any(one.state in ("in_flight", "confirmed") for one in pressed):
        known = house.platforms.get(after.platform)
        window = (known and known.decision_window) or _USUAL_WINDOW
        still_new = instant(before.state.kitchen_version, facts.placed_at) if before else facts.placed_at
        accepted = min(accepted, max(facts.decide_by or facts.placed_at + window, still_new))
    due = [facts.due_at + apart] if facts.scheduled and facts.due_at else []
    return max([min(accepted + apart, now), *(one.created_at for one in pressed), *due])


def command(
    connection: Connection, account: Account, order: StoredOrder, kind: CommandKind, now: datetime, **fields: object
) -> int:
    """Queue a command for the order's platform under a key that no retry changes.

    The key is drawn by chance and kept with the row: a store restored from a backup counts anew, and a platform would take
    another refund under a number that it knows for the one made before.
    Any later step says that the order was received: a RECEIVED still waiting must not hold it up.
    """
    outbox.supersede(
        connection, order.id, now, tr("a later step says it too"), frozenset(CommandKind) - {CommandKind.RECEIVED}
    )
    wanted = Command(kind, order.platform_order_id, f"{kind.value}_{uuid4().hex}", **fields)  # type: ignore[arg-type]  # checked by Command's users
    deadline = order.facts.decide_by if kind in (CommandKind.ACCEPT, CommandKind.REJECT) else None
    return outbox.add(connection, order.id, account.id, wanted, now, deadline)


def _greet(connection: Connection, house: House, account: Account, order: StoredOrder, now: datetime) -> None:
    if order.state.kitchen is not Kitchen.NEW:
        return
    if account.auto_accept and house.offers(order.platform, order.facts, CommandKind.ACCEPT):
        command(connection, account, order, CommandKind.ACCEPT, now)
    elif house.offers(order.platform, order.facts, CommandKind.RECEIVED):
        command(connection, account, order, CommandKind.RECEIVED, now)


def _died(before: StoredOrder | None, after: StoredOrder) -> bool:
    return after.state.kitchen in DEAD and before is not None and before.state.kitchen not in DEAD


def _closed(before: StoredOrder | None, after: StoredOrder) -> bool:
    return _died(before, after) or (after.state.kitchen in CLOSED and not (before and before.state.kitchen in CLOSED))


def _starts_cooking(before: StoredOrder | None, after: StoredOrder) -> bool:
    if before is None:  # an order first seen when it is ready was cooked without us
        return after.state.kitchen in _COOKING
    return before.state.kitchen is Kitchen.NEW and after.state.kitchen in _COOKING | {Kitchen.READY}


def _refund(
    connection: Connection,
    house: House,
    before: StoredOrder | None,
    after: StoredOrder,
    update: OrderUpdate,
    now: datetime,
) -> None:
    step = after.refunded_minor - (before.refunded_minor if before else 0)
    if step <= 0:
        return
    at = update.refunded_at or instant(update.version, now)
    amount = Money(step, after.facts.currency)
    orders.add_refund(connection, after.id, amount, at, house.calendar.day(at), house.calendar.hour(at))
    orders.add_history(connection, after.id, at, "platform", "refunded", str(amount))


def _remember(
    connection: Connection, before: StoredOrder | None, after: StoredOrder, update: OrderUpdate, now: datetime
) -> None:
    at = max(instant(update.version, now), after.facts.placed_at)
    if before is None:
        orders.add_history(connection, after.id, after.facts.placed_at, "platform", "placed")
        orders.add_history(connection, after.id, now, "console", "stored")
    for kind, text in _news(before, after, update):
        orders.add_history(connection, after.id, at, "platform", kind, text)


def _news(before: StoredOrder | None, after: StoredOrder, update: OrderUpdate) -> list[tuple[str, str]]:
    old, new = before.state if before else None, after.state
    found = []
    if (old is None and new.kitchen is not Kitchen.NEW) or (old and old.kitchen is not new.kitchen):
        found.append((new.kitchen.value, update.reason))
    if old and old.delivery is not new.delivery:
        found.append((f"courier_{new.delivery.value}", after.courier.name if after.courier else ""))
    if update.request and (before is None or before.request != update.request):
        found.append((f"{update.request.kind.value}_request_{update.request.state.value}", update.request.reason))
    if update.urge and not (before and update.urge in before.urges):
        found.append(("urge", update.urge.text))
    if before and after.revision > before.revision:
        found.append(("changed", tr("version {n}", n=after.revision)))
    if update.unmapped and not (before and before.unmapped == update.unmapped):
        found.append(("unmapped", update.unmapped))
    return found
