"""Builds what the screens show from stored orders: lane, buttons, the platform's tick, the ticket's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.db import orders, outbox, print_jobs, printers, stations
from app.db.orders import StoredOrder
from app.db.outbox import Entry
from app.db.print_jobs import PrintJob
from app.domain.changes import RequestKind, RequestState
from app.domain.commands import CommandKind
from app.domain.lifecycle import CLOSED, DEAD, Delivery, Kitchen
from app.domain.notes import at_dishes, triage, without_phones
from app.domain.orders import Option, OptionKind, OrderFacts, OrderLine
from app.domain.portions import gone_by_line
from app.domain.tickets import Note, NoteKind
from app.engine.house import House
from app.engine.proof import ANSWERS
from app.engine.tickets import call_number
from app.engine.views import (
    Card,
    CommandState,
    CommandView,
    HistoryEntry,
    Lane,
    OrderDetail,
    PrintState,
    TicketAction,
    TicketView,
)
from app.texts import language, tr

# Of several tickets of one order the card shows the worst.
_WORST = ("unknown", "failed", "held", "pending", "sending", "sent", "confirmed")
# Steps a shop may keep for itself where the platform has no word for them.
_OWN_STEPS = frozenset({CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE})
_UNSETTLED = frozenset({"pending", "in_flight"})


def cards(connection: Connection, house: House, now: datetime, ids: Iterable[int] | None = None) -> list[Card]:
    """Cards of the queue, or of those among `ids` that belong there."""
    return build(connection, house, now, orders.queue(connection, ids))


def build(connection: Connection, house: House, now: datetime, stored: list[StoredOrder]) -> list[Card]:
    """Cards of these orders, in one read each of commands and tickets."""
    ids = [order.id for order in stored]
    commands = outbox.of_orders(connection, ids)
    printed = print_jobs.states(connection, ids)
    return [_card(house, now, order, commands.get(order.id, []), printed.get(order.id, [])) for order in stored]


def detail(connection: Connection, house: House, now: datetime, order_id: int) -> OrderDetail:
    """Everything about one order. Raises LookupError."""
    order = orders.get(connection, order_id)
    entries = outbox.of_order(connection, order_id)
    jobs = print_jobs.of_order(connection, order_id)
    return OrderDetail(
        card=_card(house, now, order, entries, [job.state for job in jobs if not job.answer]),
        facts=order.facts,
        history=tuple(HistoryEntry(*row) for row in orders.timeline(connection, order_id)),
        commands=tuple(_command(entry) for entry in entries),
        tickets=tuple(ticket_views(connection, jobs)),
        account_id=order.account_id,
    )


def ticket_views(connection: Connection, jobs: Iterable[PrintJob]) -> list[TicketView]:
    """Rows of the print ledger, in the order of the jobs."""
    devices = {printer.id: printer.name for printer in printers.every(connection)}
    places = {station.id: tr(station.name) for station in stations.ever(connection)}
    return [_ticket(job, devices[job.printer_id], places.get(job.station_id or 0, job.ticket.station)) for job in jobs]


def _ticket(job: PrintJob, printer: str, station: str) -> TicketView:
    return TicketView(
        id=job.id,
        order_id=job.order_id,
        call_number=job.ticket.call_number,
        printer=printer,
        station=station,
        state=PrintState(job.state),
        ticket=job.ticket,
        created_at=job.created_at,
        settled_at=job.settled_at,
        attempts=job.attempts,
        marked=job.marked,
        reason=job.reason or tr(ANSWERS.get(job.answer, "")),
        printer_id=job.printer_id,
        station_id=job.station_id,
        answer=tr(ANSWERS.get(job.answer, "")),
        actions=_ticket_actions(job),
    )


def _ticket_actions(job: PrintJob) -> tuple[TicketAction, ...]:
    if job.state in ("pending", "sending"):
        return (TicketAction.SKIP,) if job.state == "pending" else ()
    doubtful = job.state == "unknown" and not job.answer
    skippable = job.state in ("held", "failed")
    wanted = {TicketAction.PRINT: True, TicketAction.CAME_OUT: doubtful, TicketAction.SKIP: skippable}
    return tuple(action for action, applies in wanted.items() if applies)


def lane_of(house: House, order: StoredOrder, now: datetime) -> Lane:
    """Where the order stands: by what must be done next."""
    kitchen, facts = order.state.kitchen, order.facts
    if kitchen in DEAD:
        return _lane_of_dead(order)
    if kitchen is Kitchen.NEW:
        return Lane.NEW
    if order.handed_over_at or kitchen in CLOSED or order.state.delivery is Delivery.DELIVERED:
        return Lane.ON_THE_WAY
    if order.ready_at:
        return Lane.READY
    if facts.scheduled and facts.due_at and facts.due_at - house.lead > now:
        return Lane.SCHEDULED
    return Lane.COOKING


def next_step(house: House, order: StoredOrder) -> CommandKind | None:
    """The one button of the order's card."""
    if order.closed_at or order.state.kitchen in CLOSED:
        return None
    accepts = house.offers(order.platform, order.facts, CommandKind.ACCEPT)
    if order.state.kitchen is Kitchen.NEW:
        return CommandKind.ACCEPT if accepts else None
    gone = order.handed_over_at is not None
    if not order.ready_at and not (gone and own_step(house, order, CommandKind.READY)):
        return CommandKind.READY
    if not gone:
        return CommandKind.HAND_OVER
    # One that hands its orders over accepted may never say more.
    tells_end = accepts and house.tells_end(order.platform)
    finishing = house.offers(order.platform, order.facts, CommandKind.COMPLETE) or not tells_end
    return CommandKind.COMPLETE if finishing else None


def _lane_of_dead(order: StoredOrder) -> Lane:
    if order.handed_over_at:
        return Lane.ON_THE_WAY
    if order.ready_at:
        return Lane.READY
    return Lane.COOKING if order.accepted_at else Lane.NEW


def _card(house: House, now: datetime, order: StoredOrder, entries: list[Entry], printed: list[str]) -> Card:
    facts, state = order.facts, order.state
    platform = house.platforms.get(order.platform)
    primary = next_step(house, order)
    actions = _actions(house, order, primary)
    return Card(
        id=order.id,
        platform=order.platform,
        mark=house.mark(order.platform),
        color=platform.color if platform else "#555555",
        call_number=call_number(house, order),
        source=facts.source,
        lane=lane_of(house, order, now),
        kitchen=state.kitchen,
        delivery=state.delivery,
        payment=state.payment,
        fulfilment=facts.fulfilment,
        placed_at=facts.placed_at,
        total=facts.total,
        items=tuple(_item(line) for line in facts.lines),
        due_at=facts.due_at,
        scheduled=facts.scheduled,
        decide_by=facts.decide_by,
        stored_at=order.stored_at,
        accepted_at=order.accepted_at,
        ready_at=order.ready_at,
        paid=facts.paid,
        provisional=facts.provisional,
        notes=_notes(facts),
        courier=order.courier,
        pickup_code=facts.pickup_code,
        request=order.request if order.request and order.request.state is RequestState.OPEN else None,
        urges=tuple(urge for urge in order.urges if not urge.replied),
        primary=primary,
        actions=actions,
        local_only=frozenset(
            one for one in (primary, *actions) if one and not house.offers(order.platform, order.facts, one)
        ),
        elsewhere=_elsewhere(house, order),
        command=_newest(entries),
        print_state=_worst(printed),
        rung=order.seen_at is None and order.closed_at is None,
        closed_attention=state.kitchen in DEAD and order.attention,
        reason=order.reason,
        problems=_problems(order),
        refunded=order.refunded if order.refunded_minor else None,
        given_back=_given_back(order, entries),
    )


def _notes(facts: OrderFacts) -> tuple[Note, ...]:
    """The order's note as a cook reads it, and the allergies written at its dishes; without phone numbers."""
    notes = triage(without_phones(facts.note))
    said = tuple(note for note in notes if note.kind is NoteKind.ALLERGY)
    return (*said, *at_dishes((line.name, _wishes(line)) for line in facts.lines), *notes[len(said) :])


def _wishes(line: OrderLine) -> tuple[str, ...]:
    return tuple(map(without_phones, (line.note, *map(_choice, line.options))))


def _choice(option: Option) -> str:
    """With a minus where it is left out: "nuts" alone would be an order for nuts."""
    return f"−{option.name}" if option.kind is OptionKind.REMOVE else option.name


def _elsewhere(house: House, order: StoredOrder) -> str:
    """Where to look for the buttons that the platform's interface does not offer; "" where they are here."""
    if house.offers(order.platform, order.facts, CommandKind.ACCEPT) or order.state.kitchen in CLOSED or order.closed_at:
        return ""
    platform = house.title(order.platform, language())
    if order.state.kitchen is Kitchen.NEW:
        return tr("Accept on {platform}'s own device", platform=platform)
    return tr("Accepted on {platform}'s own device; refuse or cancel it there", platform=platform)


def _actions(house: House, order: StoredOrder, primary: CommandKind | None) -> tuple[CommandKind, ...]:
    wanted = []
    if order.state.kitchen is Kitchen.NEW:
        wanted.append(CommandKind.REJECT)
    elif order.state.kitchen not in CLOSED:
        wanted.append(CommandKind.CANCEL)
    if order.request and order.request.state is RequestState.OPEN:
        wanted += [CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST]
    if any(not urge.replied for urge in order.urges) and order.state.kitchen not in DEAD:
        wanted.append(CommandKind.REPLY_URGE)
    return tuple(one for one in wanted if house.offers(order.platform, order.facts, one))


def _item(line: OrderLine) -> tuple[str, str]:
    choices = ", ".join(map(_choice, line.options))
    quantity = f"{line.quantity.normalize():f}"
    return quantity, f"{line.name} ({choices})" if choices else line.name


def _given_back(order: StoredOrder, entries: list[Entry]) -> tuple[int, ...]:
    agreed = [one.command for one in entries if one.command.kind is CommandKind.REFUND and one.state == "confirmed"]
    return gone_by_line(order.facts, agreed) if agreed else ()


def _newest(entries: list[Entry]) -> CommandView | None:
    told = [entry for entry in entries if entry.command.kind is not CommandKind.RECEIVED]
    open_ones = [entry for entry in told if entry.state in _UNSETTLED]
    chosen = open_ones[0] if open_ones else (told[-1] if told else None)
    return _command(chosen) if chosen else None


def _command(entry: Entry) -> CommandView:
    state = CommandState(entry.state)
    told = entry.command
    view = CommandView(entry.id, told.kind, state, entry.text, entry.attempts, entry.created_at)
    return replace(view, amount=told.amount, lines=told.lines, given=told.given)


def _worst(states: list[str]) -> PrintState | None:
    found = next((state for state in _WORST if state in states), None)
    return PrintState(found) if found else None


def _problems(order: StoredOrder) -> tuple[str, ...]:
    request, dead = order.request, order.state.kitchen in DEAD
    refund = request is not None and request.kind is RequestKind.REFUND and request.state is RequestState.OPEN
    wrong = {
        tr("Unknown status: {status}", status=order.unmapped): bool(order.unmapped),
        tr("A refund was asked for after the order was closed"): refund and order.closed_at is not None and not dead,
        tr("The food was made before it was cancelled: claim it from the platform"): dead and order.ready_at is not None,
        tr("More was refunded than was paid"): order.facts.total < order.refunded and not order.facts.provisional,
    }
    return (*order.facts.checks, *(text for text, applies in wrong.items() if applies))


def own_step(house: House, order: StoredOrder, kind: CommandKind) -> bool:
    """Whether the step is kept here only, because the order's platform has no word for it."""
    return kind in _OWN_STEPS and not house.offers(order.platform, order.facts, kind)


def search(connection: Connection, house: House, now: datetime, text: str, limit: int) -> list[Card]:
    """Cards of matching orders, closed ones too, newest first."""
    return build(connection, house, now, orders.search(connection, text, limit))
