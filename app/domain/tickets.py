"""What a kitchen ticket says, before any printer: made from the order once, stored with the print job, laid out later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.orders import Fulfilment, OptionKind
from app.texts import N_


class TicketKind(StrEnum):
    """Which paper this is."""

    KITCHEN = "kitchen"  # what one station cooks of an order
    DISH = "dish"  # one slip a dish
    EXPEDITER = "expediter"  # the whole order, for whoever puts it together
    PACKING = "packing"  # goes on the bag
    COURIER = "courier"
    RECEIPT = "receipt"  # the only paper with prices
    LABEL = "label"  # one sticker a cup
    CHANGED = "changed"
    VOID = "void"
    URGE = "urge"
    TOTALS = "totals"  # what was sold on a day
    TEST = "test"


# Papers whose dishes are cooked from them: a dish that reaches none of these would never be made.
COOKED_FROM = frozenset({TicketKind.KITCHEN, TicketKind.DISH, TicketKind.LABEL})

MOST_BAGS = 20  # of one order: a mistyped number must not empty the roll

FULFILMENTS = {
    Fulfilment.DELIVERY: N_("DELIVERY"),
    Fulfilment.PICKUP: N_("PICKUP"),
    Fulfilment.DINE_IN: N_("DINE-IN"),
}


class Mark(StrEnum):
    """A warning printed in reverse type at the top and the bottom."""

    VOID = "void"
    CHANGED = "changed"
    REPRINT = "reprint"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    PRACTICE = "practice"
    SCHEDULED = "scheduled"
    BACKUP = "backup"


class Difference(StrEnum):
    """On a change: what became of a line since the paper in the cook's hand."""

    ADDED = "added"
    REMOVED = "removed"


class NoteKind(StrEnum):
    """How loudly a customer's note must be printed."""

    ALLERGY = "allergy"
    CHANGE = "change"
    COURTESY = "courtesy"


@dataclass(frozen=True, slots=True)
class TicketOption:
    """An option under a dish."""

    text: str
    kind: OptionKind = OptionKind.CHOICE
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A dish on paper; `quantity` is already text ("2", "0.5").

    `original` is the customer's name of the dish where the kitchen has another; `amount` stands on receipts only.
    """

    quantity: str
    name: str
    options: tuple[TicketOption, ...] = ()
    note: str = ""
    original: str = ""
    amount: str = ""
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One part of the customer's note, triaged."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Restated:
    """On a change: what else is new beside the dishes, and what the paper in the hand says of it ("" for nothing)."""

    text: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """One row of figures under the dishes of a receipt or of a day's totals."""

    text: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """One paper. No price, phone or address stands on what the kitchen reads: those fields stay empty there.

    `call_number` is platform mark + daily number ("饿#27"). `ticket_id` is short and unique ("T-8F21"). Times are aware;
    `zone` (IANA name) is the shop's. `language` is "zh" or "en" and decides the fixed words only. `template` is the name of
    the form it is printed in, "" for the usual one of its kind. `customer` and `phone` are masked.
    """

    kind: TicketKind
    call_number: str
    platform: str
    ticket_id: str
    created_at: datetime
    zone: str
    lines: tuple[TicketLine, ...]
    fulfilment: Fulfilment = Fulfilment.DELIVERY
    language: str = "zh"
    template: str = ""
    station: str = ""
    also_at: tuple[str, ...] = ()  # the other stations that cook for this order
    due_at: datetime | None = None
    scheduled: bool = False
    notes: tuple[Note, ...] = ()
    tableware: int | None = None
    pickup_code: str = ""
    items_total: str = ""
    station_total: str = ""  # of these, on this paper
    marks: tuple[Mark, ...] = ()
    copy: int = 1  # counts reprints
    sheet: int = 1  # of `sheets` papers of the same kind: bag 1 of 2, dish 3 of 5
    sheets: int = 1
    reason: str = ""  # why it was voided or what the customer urges, in the platform's own words
    was_printed_at: datetime | None = None
    original_id: str = ""  # the ticket that a void, a change or a reprint refers to
    from_printer: str = ""  # the printer whose work a backup took over
    shop: str = ""
    reference: str = ""  # the platform's long order number
    customer: str = ""
    phone: str = ""
    address: str = ""
    courier: str = ""
    payment: str = ""
    sums: tuple[Sum, ...] = ()
    scan: str = ""  # what the QR code says
    restated: tuple[Restated, ...] = ()
    bags: int = 0  # of the whole order, as said at the counter; 0 while nobody said
    whole: tuple[TicketLine, ...] = ()  # after a change: everything that is to be cooked now; not printed
