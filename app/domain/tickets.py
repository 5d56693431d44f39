"""What a kitchen ticket says, before any printer: made from the order once, stored with the print job, laid out later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.orders import Fulfilment, OptionKind


class TicketKind(StrEnum):
    """Which paper this is."""

    KITCHEN = "kitchen"
    CHANGED = "changed"
    VOID = "void"
    TEST = "test"


class Mark(StrEnum):
    """A warning printed in reverse type at the top and the bottom."""

    VOID = "void"
    CHANGED = "changed"
    REPRINT = "reprint"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    PRACTICE = "practice"
    SCHEDULED = "scheduled"


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
    """A dish on paper; `quantity` is already text ("2", "0.5")."""

    quantity: str
    name: str
    options: tuple[TicketOption, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One part of the customer's note, triaged."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A kitchen ticket. No price, phone or address ever stands here.

    `call_number` is platform mark + daily number ("饿#27"). `ticket_id` is short and unique ("T-8F21"). Times are aware;
    `zone` (IANA name) is the shop's. `language` is "zh" or "en" and decides the fixed words only.
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
    station: str = ""
    due_at: datetime | None = None
    scheduled: bool = False
    notes: tuple[Note, ...] = ()
    tableware: int | None = None
    pickup_code: str = ""
    items_total: str = ""
    marks: tuple[Mark, ...] = ()
    copy: int = 1
    reason: str = ""  # why it was voided, in the platform's own words
    was_printed_at: datetime | None = None
    original_id: str = ""  # the ticket that a void, a change or a reprint refers to
