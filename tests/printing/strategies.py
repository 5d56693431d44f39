"""Hostile tickets: any mix of ASCII, GBK, rare hanzi, emoji, controls and bidirectional marks in every field."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from app.domain.orders import Fulfilment, OptionKind
from app.domain.tickets import Difference, Mark, Note, NoteKind, Restated, Sum, Ticket, TicketKind, TicketLine, TicketOption

AT = datetime(2026, 11, 22, 4, 3, 10, tzinfo=UTC)

HOSTILE = "ab 饭菜é，（）·¥㐂𠮷😀½\u200d\u202e\x1bp\x00\x10\x04\x14\x1d\x1c.\n\t\u00a0\ud800-+*!~\N{HANGUL SYLLABLE GA}"
WORDS = st.text(HOSTILE, max_size=70) | st.text(max_size=30)
QUANTITIES = st.sampled_from(("1", "2", "0.5", "12", "-1", "", "9" * 40))
MOMENTS = st.none() | st.just(AT)

OPTIONS = st.builds(TicketOption, WORDS, st.sampled_from(OptionKind), st.integers(1, 12))
DISHES = st.builds(
    TicketLine,
    quantity=QUANTITIES,
    name=WORDS,
    options=st.lists(OPTIONS, max_size=3).map(tuple),
    note=WORDS,
    original=WORDS,
    amount=st.sampled_from(("", "38.00", "￥1234567.00")) | WORDS,
    difference=st.none() | st.sampled_from(Difference),
)
NOTES = st.lists(st.builds(Note, st.sampled_from(NoteKind), WORDS), max_size=3).map(tuple)


def tickets(kinds: st.SearchStrategy[TicketKind]) -> st.SearchStrategy[Ticket]:
    """Tickets of `kinds` with anything in every field."""
    return st.builds(
        Ticket,
        kind=kinds,
        call_number=WORDS,
        platform=WORDS,
        ticket_id=st.just("T-8F21"),
        created_at=st.just(AT),
        zone=st.sampled_from(("Asia/Shanghai", "Europe/London")),
        lines=st.lists(DISHES, max_size=3).map(tuple),
        fulfilment=st.sampled_from(Fulfilment),
        language=st.sampled_from(("zh", "en")),
        station=WORDS,
        also_at=st.lists(WORDS, max_size=2).map(tuple),
        due_at=MOMENTS,
        scheduled=st.booleans(),
        notes=NOTES,
        tableware=st.none() | st.integers(0, 9),
        pickup_code=WORDS,
        items_total=WORDS,
        station_total=WORDS,
        marks=st.lists(st.sampled_from(Mark), unique=True).map(tuple),
        copy=st.integers(1, 4),
        sheet=st.integers(1, 3),
        sheets=st.integers(1, 3),
        reason=WORDS,
        was_printed_at=MOMENTS,
        original_id=st.sampled_from(("", "T-1")),
        from_printer=WORDS,
        shop=WORDS,
        reference=WORDS,
        customer=WORDS,
        phone=WORDS,
        address=WORDS,
        courier=WORDS,
        payment=WORDS,
        sums=st.lists(st.builds(Sum, WORDS, WORDS, st.booleans()), max_size=2).map(tuple),
        scan=st.text(HOSTILE, max_size=12),
        restated=st.lists(st.builds(Restated, WORDS, WORDS), max_size=2).map(tuple),
    )
