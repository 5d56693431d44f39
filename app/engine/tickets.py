"""Makes the papers' content from an order: what each station must read, and nothing that it must not."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.differences import MASK, differences, plain, restated
from app.domain.notes import for_courier, names_allergy, triage, without_phones
from app.domain.orders import OrderFacts, OrderLine
from app.domain.routing import Destination, Station
from app.domain.tickets import Mark, Note, Sum, Ticket, TicketKind, TicketLine, TicketOption
from app.engine.house import House
from app.texts import N_, say

STATION = N_("kitchen")  # what a station is called until the shop names it
MOST_LABELS = 50  # of one dish: a mistyped quantity must not empty the roll
_WITH_CUSTOMER = frozenset({TicketKind.PACKING, TicketKind.COURIER})
_WITH_MONEY = frozenset({TicketKind.RECEIPT})


def key_of(order: StoredOrder, station: Station, kind: TicketKind, sheet: int = 1) -> str:
    """Unique for ever: one ticket per order revision, station, kind and sheet, whichever printer prints it."""
    return f"{order.id}:{order.revision}:s{station.id}:{kind.value}:{sheet}"


def papers(
    house: House, order: StoredOrder, destination: Destination, also_at: Iterable[str], now: datetime
) -> tuple[Ticket, ...]:
    """Every paper of one station for an order: one, or one a dish, or one a cup; and as many copies as it wants."""
    station = destination.station
    lines = _lines(order.facts, destination)
    base = _paper(house, order, station, lines, tuple(also_at), now)
    each = _split(station.kind, lines)
    if station.kind in _WITH_CUSTOMER:  # two copies are not two bags
        bags = order.bags or 1 if station.kind is TicketKind.PACKING else 1
        sheets = [replace(base, sheet=n, sheets=bags) for n in range(1, bags + 1)] * station.copies
    elif each:  # a copy of dish 2 of 3 is dish 2 of 3 again
        sheets = [replace(base, lines=(line,), sheet=n, sheets=len(each)) for n, line in enumerate(each, 1)] * station.copies
    else:
        sheets = [replace(base, sheet=n, sheets=station.copies) for n in range(1, station.copies + 1)]
    return tuple(
        replace(ticket, ticket_id=ticket_id(key_of(order, station, station.kind, number)))
        for number, ticket in enumerate(sheets, 1)
    )


def changed_slip(
    on_paper: Sequence[PrintJob], fresh: Ticket | None, now: datetime, shown: Collection[str], patience: timedelta
) -> Ticket | None:
    """What changed since the papers in the cook's hand; None when nothing did. `fresh`: what the station would print now.

    `shown` and `patience` as in `restated`. The customer's notes stand on it whether they changed or not: an allergy
    concerns a dish that is added as well.
    """
    newest = on_paper[-1].ticket
    wanted = fresh or replace(_bare(newest), lines=(), notes=(), items_total="", station_total="", tableware=None)
    found = differences(lines_of(on_paper), wanted.lines, wanted.language)
    facts = restated(newest, fresh, shown, patience) if fresh else ()
    if not found and not facts:
        return None
    return replace(
        wanted,
        kind=TicketKind.CHANGED,
        template="",
        lines=found,
        whole=wanted.lines,
        marks=(Mark.CHANGED, *_practice(newest)),
        restated=facts,
        copy=1,
        sheet=1,
        sheets=1,
        created_at=now,
        original_id=newest.ticket_id,
        was_printed_at=_printed_at(on_paper[-1]),
    )


def void_slip(on_paper: Sequence[PrintJob], certain: bool, reason: str, now: datetime) -> Ticket | None:
    """Takes a station's papers of an order back, naming the last of them; None where they leave nothing to cook.

    Not `certain`: the last of them may never have come out, so what it took off may still be cooked.
    """
    newest = on_paper[-1]
    lines = lines_of(on_paper) or (() if certain else lines_of([one for one in on_paper if one.revision < newest.revision]))
    if not lines:
        return None
    return replace(
        _bare(newest.ticket),
        kind=TicketKind.VOID,
        template="",
        marks=(Mark.VOID, *_practice(newest.ticket)),
        restated=(),
        lines=lines,
        whole=(),
        reason=reason,
        copy=1,
        sheet=1,
        sheets=1,
        created_at=now,
        was_printed_at=_printed_at(newest),
        original_id=newest.ticket.ticket_id,
        ticket_id=ticket_id(f"{newest.key}:void"),
    )


def urge_slip(on_paper: Sequence[PrintJob], text: str, now: datetime) -> Ticket | None:
    """The customer asks where the food is: what a station has of the order, and the customer's words; None if nothing."""
    job, lines = on_paper[-1], lines_of(on_paper)
    if not lines:
        return None
    return replace(
        job.ticket,
        kind=TicketKind.URGE,
        template="",
        marks=_practice(job.ticket),
        restated=(),
        lines=lines,
        whole=(),
        reason=without_phones(text),
        copy=1,
        sheet=1,
        sheets=1,
        created_at=now,
        was_printed_at=_printed_at(job),
        original_id=job.ticket.ticket_id,
        ticket_id=ticket_id(f"{job.key}:urge:{now.isoformat()}"),
    )


def reprint(job: PrintJob, mark: Mark, copy: int, now: datetime) -> Ticket:
    """The same ticket again, saying that it may be a copy."""
    others = tuple(one for one in job.ticket.marks if one not in (Mark.REPRINT, Mark.POSSIBLE_DUPLICATE))
    return replace(
        job.ticket,
        marks=(mark, *others),
        copy=copy,
        created_at=now,
        was_printed_at=_printed_at(job),
        original_id=job.ticket.original_id or job.ticket.ticket_id,
    )


def moved(ticket: Ticket, from_printer: str) -> Ticket:
    """The same ticket at another printer, saying whose work it is; "" when it came home."""
    others = tuple(one for one in ticket.marks if one is not Mark.BACKUP)
    marks = (*others, Mark.BACKUP) if from_printer else others
    return replace(ticket, from_printer=from_printer, marks=marks)


def lines_of(on_paper: Sequence[PrintJob]) -> tuple[TicketLine, ...]:
    """Everything that these papers together tell a cook to make: the newest change counts, before it each sheet."""
    if not on_paper:
        return ()
    newest, latest = on_paper[-1].ticket, [one for one in on_paper if one.revision == on_paper[-1].revision]
    if slips := [one.ticket for one in latest if one.ticket.kind is TicketKind.CHANGED]:
        return slips[-1].whole  # copies of all dishes may have come since: of several papers perhaps not every one
    copies = {job.ticket.sheet: job.ticket for job in latest}
    if newest.kind in (TicketKind.DISH, TicketKind.LABEL):
        return tuple(line for _, ticket in sorted(copies.items()) for line in ticket.lines)
    return newest.lines


def call_number(house: House, order: StoredOrder) -> str:
    """Platform mark and daily number: what people shout."""
    return f"{house.mark(order.platform)}#{order.facts.number}"


def ticket_id(key: str) -> str:
    """Short name of a ticket on paper, from its key: the same job always carries the same one."""
    return f"T-{zlib.crc32(key.encode()):08X}"


def _paper(
    house: House,
    order: StoredOrder,
    station: Station,
    lines: tuple[TicketLine, ...],
    also_at: tuple[str, ...],
    now: datetime,
) -> Ticket:
    facts = order.facts
    ticket = Ticket(
        kind=station.kind,
        call_number=call_number(house, order),
        platform=facts.source or house.title(order.platform, station.language),
        ticket_id="",
        created_at=now,
        zone=house.zone,
        lines=lines,
        fulfilment=facts.fulfilment,
        language=station.language,
        template=station.template,
        station=say(station.language, station.name),  # the shop's own name, or ours in the kitchen's language
        also_at=tuple(say(station.language, name) for name in also_at),
        due_at=facts.due_at,
        scheduled=facts.scheduled,
        notes=_notes(facts.note, station),
        tableware=facts.tableware,
        pickup_code=facts.pickup_code,
        items_total=plain(sum((line.quantity for line in facts.lines), Decimal(0))),
        station_total=plain(sum((Decimal(line.quantity) for line in lines), Decimal(0))),
        marks=_marks(house, order),
        bags=order.bags or 0,
        shop=facts.shop,
        reference=facts.reference,
        scan=order.platform_order_id or facts.reference,
    )
    return _with_money(_with_customer(ticket, order, station), facts, station)


def _with_customer(ticket: Ticket, order: StoredOrder, station: Station) -> Ticket:
    if station.kind not in _WITH_CUSTOMER:
        return ticket
    customer, courier = order.facts.customer, order.courier
    ticket = replace(ticket, customer=masked(customer.name), courier=courier.name if courier else "")
    if station.kind is TicketKind.PACKING:
        return replace(ticket, phone=customer.phone[-4:] and f"{MASK}{customer.phone[-4:]}")
    return replace(ticket, phone=customer.phone, address=customer.address)  # the courier must call and find them


def _with_money(ticket: Ticket, facts: OrderFacts, station: Station) -> Ticket:
    owed = say(station.language, "Paid online") if facts.paid else say(station.language, "To be paid {sum}", sum=facts.total)
    if station.kind is TicketKind.COURIER:
        return replace(ticket, payment=owed)
    if station.kind not in _WITH_MONEY:
        return ticket
    charges = tuple(Sum(charge.name, str(charge.amount.major)) for charge in facts.charges)
    total = Sum(say(station.language, "Total"), str(facts.total), strong=True)
    return replace(ticket, sums=(*charges, total), payment=owed)


def masked(name: str) -> str:
    """The first character of a name; whoever packs a bag needs no more."""
    return f"{name[:1]}**" if name else ""


def _lines(facts: OrderFacts, destination: Destination) -> tuple[TicketLine, ...]:
    return tuple(_line(facts.lines[number], destination.station) for number in destination.lines)


def _line(line: OrderLine, station: Station) -> TicketLine:
    options = tuple(
        TicketOption(without_phones(_renamed(option.name, station)), option.kind, option.quantity) for option in line.options
    )
    name = _renamed(line.name, station)
    amount = str(line.total.major) if station.kind in _WITH_MONEY else ""
    return TicketLine(
        plain(line.quantity), name, options, without_phones(line.note), line.name if name != line.name else "", amount
    )


def _notes(text: str, station: Station) -> tuple[Note, ...]:
    """A courier reads the way only, and may have to call; nobody else needs a number that stands in a note."""
    return for_courier(text) if station.kind is TicketKind.COURIER else triage(without_phones(text))


def _renamed(name: str, station: Station) -> str:
    """The kitchen's name of a dish or an option; where that hides an allergy, the customer's beside it."""
    own = station.names.get(name, name)
    hidden = own != name and names_allergy(name) and not names_allergy(own)
    return f"{own} ({name})" if hidden else own


def _split(kind: TicketKind, lines: tuple[TicketLine, ...]) -> list[TicketLine]:
    """The dishes that get a paper each; a label each portion where it can be counted."""
    if kind is TicketKind.DISH:
        return list(lines)
    if kind is not TicketKind.LABEL:
        return []
    return [one for line in lines for one in _portions(line)]


def _portions(line: TicketLine) -> list[TicketLine]:
    number = Decimal(line.quantity)
    if number != number.to_integral_value() or not 1 <= number <= MOST_LABELS:
        return [line]
    return [replace(line, quantity="1")] * int(number)


def _marks(house: House, order: StoredOrder) -> tuple[Mark, ...]:
    wanted = {Mark.SCHEDULED: order.facts.scheduled, Mark.PRACTICE: house.practice}
    return tuple(mark for mark, shown in wanted.items() if shown)


def _bare(ticket: Ticket) -> Ticket:
    """Without money and customer: a slip is read by more people than the paper it speaks of."""
    return replace(ticket, sums=(), payment="", customer="", phone="", address="")


def _practice(ticket: Ticket) -> tuple[Mark, ...]:
    return tuple(mark for mark in ticket.marks if mark is Mark.PRACTICE)


def _printed_at(job: PrintJob) -> datetime | None:
    """When it came out, if anybody knows that it did."""
    known = job.state in ("confirmed", "sent") or job.answer == "came_out"
    return (job.settled_at or job.sending_at) if known else None
