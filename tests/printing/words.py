"""What of a ticket must be readable on a paper of a template: worked out from the template, without the layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from app.domain.tickets import COOKED_FROM, NoteKind, Ticket
from app.printing import Template
from app.printing.blocks import CallNumber, Dishes, Fact, Notes, Origin, Qr, Station, Sums, Text, Totals
from app.printing.characters import printable
from app.printing.lines import Code, Line
from app.printing.looks import Block, present

OBEYED_AT_ONCE = re.compile(b"\x10[\x04\x05\x14]")
PLACE = re.compile(r"{(\w+)}")
FACT_FIELDS = {"customer": ("customer", "phone")}


def squashed(text: str) -> str:
    """`text` without any space."""
    return "".join(text.split())


def readable(lines: Iterable[Line]) -> str:
    """All text of `lines`, and what their codes say, without any space."""
    return squashed("".join(map(_read, lines)))


def _read(line: Line) -> str:
    if isinstance(line, Code):
        return line.text
    boxed = len(line) == 3 and line[0].text == "| "
    return line[1].text if boxed else "".join(span.text for span in line)


def lost(ticket: Ticket, template: Template, lines: Iterable[Line]) -> list[str]:
    """Words that `template` shows of `ticket` and that nobody can read in `lines`."""
    paper = readable(lines)
    return [word for word in expected(ticket, template) if squashed(printable(word)) not in paper]


def expected(ticket: Ticket, template: Template) -> Iterator[str]:
    """Every word of `ticket` that a paper of `template` must carry."""
    yield from (ticket.platform, ticket.ticket_id)
    yield from (word for fact in ticket.restated for word in (fact.text, fact.was))
    if ticket.kind in COOKED_FROM:
        yield from (note.text for note in ticket.notes if note.kind is NoteKind.ALLERGY)
    for block in template.blocks:
        if not isinstance(block, Block) or block.only_if is None or present(ticket, block.only_if):
            yield from _words(ticket, block)


def _words(ticket: Ticket, block: object) -> Iterator[str]:
    yield from FIXED[type(block)](ticket) if type(block) in FIXED else ()
    match block:
        case Notes():
            yield from (note.text for note in ticket.notes if note.kind.value in block.kinds)
        case Dishes():
            yield from _dishes(ticket, block)
        case Totals() if block.also_at:
            yield from ticket.also_at
        case Fact():
            yield from (getattr(ticket, name) for name in FACT_FIELDS.get(block.type, (block.type,)))
        case Qr():
            yield getattr(ticket, block.what)
        case Text():
            yield from (str(getattr(ticket, name)) for name in PLACE.findall(_written(block, ticket)) if name in TEXT_FIELDS)


FIXED: dict[type, Callable[[Ticket], Iterable[str]]] = {
    CallNumber: lambda ticket: (ticket.call_number,),
    Station: lambda ticket: (ticket.station,),
    Origin: lambda ticket: (ticket.reason, ticket.original_id),
    Sums: lambda ticket: [word for row in ticket.sums for word in (row.text, row.amount)],
}
TEXT_FIELDS = frozenset({"shop", "reference", "customer", "phone", "address", "courier", "payment", "reason"})


def _dishes(ticket: Ticket, block: Dishes) -> Iterator[str]:
    for line in ticket.lines:
        if line.quantity:
            yield f"{line.quantity}x{line.name}"  # never parted
        yield from (line.name, line.note)
        yield from (option.text for option in line.options if block.options)
        yield line.amount if block.prices else ""
        yield line.original if block.original else ""


def _written(block: Text, ticket: Ticket) -> str:
    """The shop's words in the ticket's language; doubled braces are no places."""
    return (block.zh if ticket.language == "zh" else block.en).replace("{{", "").replace("}}", "")
