"""The test ticket: everything a new printer must get right, on one short paper."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.orders import Fulfilment, OptionKind
from app.domain.tickets import Note, NoteKind, Ticket, TicketKind, TicketLine, TicketOption
from app.texts import N_, say

SAMPLES = (N_("Chinese: 宫保鸡丁 过敏 少盐"), N_("Drawn as dots: 㐂 𠮷 é ½"), N_("Latin: AaBb 0123456789 #%&"))


def trial_ticket(language: str = "zh", zone: str = "Asia/Shanghai", at: datetime | None = None) -> Ticket:
    """A ticket of kind TEST in `language`, made `at` (now by default): sizes, hanzi, rare hanzi, reverse type, cut."""
    moment = at or datetime.now(UTC)
    return Ticket(
        kind=TicketKind.TEST,
        call_number="测#88",
        platform="",
        ticket_id="T-TEST",
        created_at=moment,
        zone=zone,
        language=language,
        fulfilment=Fulfilment.PICKUP,
        due_at=moment,
        lines=(
            TicketLine("1", say(language, SAMPLES[0])),
            TicketLine("2", say(language, SAMPLES[1]), (TicketOption(say(language, "an addition"), OptionKind.ADD),)),
            TicketLine("1", say(language, SAMPLES[2]), (TicketOption(say(language, "left out"), OptionKind.REMOVE),)),
        ),
        notes=(Note(NoteKind.ALLERGY, say(language, "this bar must be black")),),
        items_total="3",
    )
