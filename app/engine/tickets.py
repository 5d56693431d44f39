"""Makes the paper's content from an order: what a kitchen must read, and nothing that it must not."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.db.orders import StoredOrder
from app.db.print_jobs import Printer, PrintJob
from app.domain.notes import triage
from app.domain.orders import OrderLine
from app.domain.tickets import Mark, Ticket, TicketKind, TicketLine, TicketOption
from app.engine.house import House
from app.texts import N_, say

STATION = N_("kitchen")  # what a printer's station is called until the shop names it


def key_of(order: StoredOrder, printer: Printer, kind: TicketKind) -> str:
    """Unique for ever: one ticket per order revision, station, printer and kind."""
    return f"{order.id}:{order.revision}:{printer.station}:{printer.id}:{kind.value}:1"


def kitchen_ticket(house: House, order: StoredOrder, printer: Printer, now: datetime, kind: TicketKind) -> Ticket:
    """The ticket of an order for one printer; never a price, a phone or an address."""
    facts = order.facts
    return Ticket(
        kind=kind,
        call_number=call_number(house, order),
        platform=facts.source or house.title(order.platform, printer.language),
        ticket_id=ticket_id(key_of(order, printer, kind)),
        created_at=now,
        zone=house.zone,
        lines=tuple(_line(line) for line in facts.lines),
        fulfilment=facts.fulfilment,
        language=printer.language,
        station=say(printer.language, printer.station),  # the shop's own name, or ours in the kitchen's language
        due_at=facts.due_at,
        scheduled=facts.scheduled,
        notes=triage(facts.note),
        tableware=facts.tableware,
        pickup_code=facts.pickup_code,
        items_total=_plain(sum((line.quantity for line in facts.lines), Decimal(0))),
        marks=_marks(house, order, kind),
    )


def naming(ticket: Ticket, replaced: PrintJob | None) -> Ticket:
    """A changed order's ticket, saying which paper it replaces."""
    if replaced is None:
        return ticket
    return replace(ticket, original_id=replaced.ticket.ticket_id, was_printed_at=replaced.settled_at or replaced.sending_at)


def void_slip(job: PrintJob, reason: str, now: datetime) -> Ticket:
    """Takes a printed ticket back, at the same printer, naming it."""
    marks = (Mark.VOID, *(mark for mark in job.ticket.marks if mark is Mark.PRACTICE))
    return replace(
        job.ticket,
        kind=TicketKind.VOID,
        marks=marks,
        reason=reason,
        created_at=now,
        was_printed_at=job.settled_at or job.sending_at,
        original_id=job.ticket.ticket_id,
        ticket_id=ticket_id(f"{job.key}:void"),
    )


def reprint(job: PrintJob, mark: Mark, copy: int, now: datetime) -> Ticket:
    """The same ticket again, saying that it may be a copy."""
    others = tuple(one for one in job.ticket.marks if one not in (Mark.REPRINT, Mark.POSSIBLE_DUPLICATE))
    return replace(
        job.ticket,
        marks=(mark, *others),
        copy=copy,
        created_at=now,
        was_printed_at=job.settled_at or job.sending_at,
        original_id=job.ticket.original_id or job.ticket.ticket_id,
    )


def call_number(house: House, order: StoredOrder) -> str:
    """Platform mark and daily number: what people shout."""
    return f"{house.mark(order.platform)}#{order.facts.number}"


def ticket_id(key: str) -> str:
    """Short name of a ticket on paper, from its key: the same job always carries the same one."""
    return f"T-{zlib.crc32(key.encode()):08X}"


def _marks(house: House, order: StoredOrder, kind: TicketKind) -> tuple[Mark, ...]:
    wanted = {
        Mark.CHANGED: kind is TicketKind.CHANGED,
        Mark.SCHEDULED: order.facts.scheduled,
        Mark.PRACTICE: house.practice,
    }
    return tuple(mark for mark, shown in wanted.items() if shown)


def _line(line: OrderLine) -> TicketLine:
    options = tuple(TicketOption(option.name, option.kind, option.quantity) for option in line.options)
    return TicketLine(_plain(line.quantity), line.name, options, line.note)


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
