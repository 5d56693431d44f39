"""The blocks a template is made of: each says what it prints, how it looks, and puts itself on a sheet."""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from app.domain.notes import at_dishes
from app.domain.tickets import FULFILMENTS, Difference, Note, NoteKind, Restated, Ticket, TicketKind
from app.printing.characters import cells, printable
from app.printing.dishes import SIGNS, Form, Place, digits, dish_lines
from app.printing.lines import Span, Style
from app.printing.looks import LARGER, SIZES, SMALLER, Block, Look, Model, Placed, Size
from app.printing.sheet import LOUD, SHOUT, SMALL, STRONG, TALL, Sheet, fitted
from app.texts import N_, say, tr


class CallNumber(Look):
    """Platform mark and daily number, and which of several papers this is."""

    type: Literal["call_number"]
    size: Size = Field("huge", title=N_("Size"))
    bold: bool = Field(True, title=N_("Bold"))
    sheets: bool = Field(False, title=N_("Count of papers"), description=N_("1/3 at the right: bag or dish 1 of 3"))

    def write(self, sheet: Sheet) -> None:
        ticket = sheet.ticket
        call = printable(ticket.call_number)
        style = sheet.fitted(call, self.style)
        count = f"{ticket.sheet}/{ticket.sheets}" if self.sheets and ticket.sheets > 1 else ""
        beside = Style(min(2, style.width), style.height, bold=True)
        spare = sheet.width - cells(call) * style.width - cells(count) * beside.width
        if count and call and spare > 0:
            sheet.lines.append((Span(call, style), Span(" " * spare, SMALL), Span(count, beside)))
        else:
            sheet.write(call, style)
            sheet.write(count, beside, "right")


class Station(Placed):
    """Who cooks, and how the food leaves."""

    type: Literal["station"]
    size: Size = Field("tall", title=N_("Size"))
    bold: bool = Field(True, title=N_("Bold"))

    @property
    def facts(self) -> frozenset[str]:
        return frozenset({"fulfilment"})

    def write(self, sheet: Sheet) -> None:
        ticket = sheet.ticket
        self.say(sheet, "  ".join(filter(None, (ticket.station, sheet.both(FULFILMENTS[ticket.fulfilment])))))


class Due(Look):
    """When it must be ready; an order for later in reverse, with its day."""

    type: Literal["due"]
    size: Size = Field("big", title=N_("Size"))
    bold: bool = Field(True, title=N_("Bold"))

    @property
    def facts(self) -> frozenset[str]:
        return frozenset({"due_at"})

    def write(self, sheet: Sheet) -> None:
        ticket = sheet.ticket
        if ticket.due_at is None:
            return
        time = sheet.moment(ticket.due_at) if ticket.scheduled else sheet.clock(ticket.due_at)
        text = say(sheet.language, "DUE {time}", time=time)
        if any(fact.text == text for fact in ticket.restated):
            return  # what is new is said louder, and two times make a cook look for the difference
        style = sheet.fitted(text, self.style)
        sheet.write(text, style._replace(reverse=ticket.scheduled or self.reverse))


class Allergy(Model):
    """Allergies, large and in reverse: nothing about their look or place in time is a matter of taste."""

    type: Literal["allergy"]

    @property
    def facts(self) -> frozenset[str]:
        """The kind of note."""
        return frozenset({NoteKind.ALLERGY.value})

    def put(self, sheet: Sheet) -> None:
        """Twice as wide where three rows hold it: an allergy is never small, and never a screenful of banner."""
        wide = SHOUT if sheet.paper.height_mm is None else LOUD
        for note in allergies_of(sheet.ticket):
            self._warn(sheet, note.text, wide)

    def _warn(self, sheet: Sheet, text: str, wide: Style) -> None:
        headings = [sheet.both(N_("ALLERGY"))]
        if sheet.paper.height_mm is not None:  # on a label one language must do where two leave no room
            headings.append(say(sheet.language, "ALLERGY"))
        fitting = (whole for whole in (f"{heading} {text}" for heading in headings) if sheet.fits(whole, wide))
        whole = next(fitting, "")
        if whole:
            sheet.band(whole, wide)
        else:
            sheet.band(headings[0], wide)
            sheet.band(text, sheet.fitted(text, wide, rows=3 if sheet.paper.height_mm is None else 2))

    def smaller(self) -> Allergy:
        """Itself: see above."""
        return self


def allergies_of(ticket: Ticket) -> tuple[Note, ...]:
    """What the customer is allergic to, by the order's note and at the dishes of this paper; nothing where none is made.

    On a label the dish stands beside it.
    """
    if ticket.kind is TicketKind.VOID:
        return ()
    made = [line for line in ticket.lines if line.difference is not Difference.REMOVED]
    wishes = [(line.note, *(SIGNS[one.kind] + one.text for one in line.options)) for line in made]
    names = ["" if ticket.kind is TicketKind.LABEL else line.name for line in made]
    said = tuple(note for note in ticket.notes if note.kind is NoteKind.ALLERGY)
    return said + at_dishes(zip(names, wishes, strict=True))


class Notes(Look):
    """What the customer wrote, by kind."""

    type: Literal["notes"]
    kinds: tuple[Literal["change", "courtesy"], ...] = Field(
        ("change", "courtesy"), title=N_("Kinds"), description=N_("Changes to the food, courtesies, or both")
    )

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(self.kinds)

    def write(self, sheet: Sheet) -> None:
        lead = f" {say(sheet.language, 'NOTE')} "
        for note in sheet.ticket.notes:
            if note.kind.value in self.kinds:
                loud = Style(1, self.style.height, bold=True, reverse=note.kind is NoteKind.CHANGE)
                sheet.hang(Span(lead, loud), note.text, self.style)


class Dishes(Look):
    """The dishes, each with its quantity, its options and its notes."""

    type: Literal["dishes"]
    size: Size = Field("tall", title=N_("Size"))
    bold: bool = Field(True, title=N_("Bold"))
    options: bool = Field(True, title=N_("Options"))
    original: bool = Field(False, title=N_("The customer's name of the dish"))
    prices: bool = Field(False, title=N_("Prices"))
    ticks: bool = Field(False, title=N_("Tick boxes"))
    numbered: bool = Field(False, title=N_("Numbers"))
    loud: bool = Field(True, title=N_("Loud quantities"), description=N_("Everything but a plain one white on black"))
    inline: bool = Field(False, title=N_("Options side by side"))

    @cached_property
    def form(self) -> Form:
        """What of this decides how one dish looks."""
        below = Style(*SIZES[SMALLER[self.size]], bold=True)
        return Form(self.style, below, self.options, self.original, self.prices, self.ticks, self.loud, self.inline)

    def write(self, sheet: Sheet) -> None:
        void = sheet.ticket.kind is TicketKind.VOID
        if sheet.ticket.kind is TicketKind.CHANGED and not sheet.ticket.lines:
            sheet.write(sheet.both(N_("Dishes as before")), self.style)
        place = Place(sheet.width, sheet.language, void, digits(sheet.ticket.lines))
        for number, line in enumerate(sheet.ticket.lines, 1):
            sheet.lines += dish_lines(line, self.form, place, number if self.numbered else 0)


class Totals(Placed):
    """How many dishes here and in the whole order, who else cooks, and cutlery."""

    type: Literal["totals"]
    size: Size = Field("tall", title=N_("Size"))
    items: bool = Field(True, title=N_("Number of dishes"))
    also_at: bool = Field(True, title=N_("Other stations"))
    cutlery: bool = Field(True, title=N_("Cutlery"))

    @property
    def facts(self) -> frozenset[str]:
        return frozenset({"tableware"} if self.cutlery else ())

    def write(self, sheet: Sheet) -> None:
        row = ""
        for part in filter(None, (self._items(sheet), self._also(sheet), self._cutlery(sheet))):
            wider = f"{row}   {part}" if row else part
            if row and not sheet.fits(wider, self.style):
                self.say(sheet, row)
                wider = part
            row = wider
        self.say(sheet, row)

    def _items(self, sheet: Sheet) -> str:
        ticket = sheet.ticket
        if not self.items or not ticket.items_total:
            return ""
        if ticket.station_total:
            return say(sheet.language, "Here {n} / all {total}", n=ticket.station_total, total=ticket.items_total)
        return say(sheet.language, "Items {total}", total=ticket.items_total)

    def _also(self, sheet: Sheet) -> str:
        stations = sheet.ticket.also_at if self.also_at else ()
        return say(sheet.language, "Also at: {stations}", stations=sheet.listed(stations)) if stations else ""

    def _cutlery(self, sheet: Sheet) -> str:
        n = sheet.ticket.tableware if self.cutlery else None
        if n is None:
            return ""
        return say(sheet.language, "Cutlery {n}", n=n) if n else say(sheet.language, "NO CUTLERY")


FACTS: dict[str, tuple[str, Callable[[Ticket], str]]] = {
    "pickup_code": (N_("Pickup code {value}"), lambda ticket: ticket.pickup_code),
    "customer": (N_("Customer {value}"), lambda ticket: " ".join(filter(None, (ticket.customer, ticket.phone)))),
    "address": (N_("Address {value}"), lambda ticket: ticket.address),
    "courier": (N_("Courier {value}"), lambda ticket: ticket.courier),
    "payment": (N_("Payment {value}"), lambda ticket: ticket.payment),
    "reference": (N_("Order {value}"), lambda ticket: ticket.reference),
}


class Fact(Placed):
    """One thing known of the order, with its name before it."""

    type: Literal["pickup_code", "customer", "address", "courier", "payment", "reference"]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset({self.type, "phone"} if self.type == "customer" else {self.type})

    def write(self, sheet: Sheet) -> None:
        text, value = FACTS[self.type]
        known = value(sheet.ticket)
        if known:
            self.say(sheet, say(sheet.language, text, value=known))


class Sums(Look):
    """The rows of figures under the dishes, amounts at the right."""

    type: Literal["sums"]

    def write(self, sheet: Sheet) -> None:
        for row in sheet.ticket.sums:
            style = TALL._replace(bold=True) if row.strong else self.style
            sheet.pair(row.text, row.amount, style)


class Origin(Placed):
    """Why this paper exists, where it is not the first: what is new, why, the earlier ticket, when that was printed."""

    type: Literal["origin"]
    size: Size = Field("tall", title=N_("Size"))
    bold: bool = Field(True, title=N_("Bold"))

    def write(self, sheet: Sheet) -> None:
        ticket = sheet.ticket
        for fact in ticket.restated:
            self._restate(sheet, fact)
        if ticket.reason:
            self.say(sheet, say(sheet.language, "Reason: {reason}", reason=ticket.reason))
        if ticket.original_id:
            sheet.write(say(sheet.language, "Original ticket {ticket}", ticket=ticket.original_id), STRONG)
        if ticket.was_printed_at:
            sheet.write(say(sheet.language, "Was printed {time}", time=sheet.clock(ticket.was_printed_at)), STRONG)

    def _restate(self, sheet: Sheet, fact: Restated) -> None:
        """A size above what stands around it, and what it replaces small, so that nobody reads the old one."""
        text = printable(fact.text)
        style = fitted(text, Style(*SIZES[LARGER[self.size]], bold=True), sheet.width - 5, rows=2)
        sheet.hang(Span(" ! ", style._replace(width=1, reverse=True)), text, style)
        if fact.was:
            sheet.hang(Span("    "), say(sheet.language, "(was {value})", value=fact.was), STRONG)


PLACES: dict[str, Callable[[Sheet], str]] = {
    "call_number": lambda sheet: sheet.ticket.call_number,
    "platform": lambda sheet: sheet.ticket.platform,
    "ticket_id": lambda sheet: sheet.ticket.ticket_id,
    "station": lambda sheet: sheet.ticket.station,
    "also_at": lambda sheet: sheet.listed(sheet.ticket.also_at),
    "fulfilment": lambda sheet: say(sheet.language, FULFILMENTS[sheet.ticket.fulfilment]),
    "date": lambda sheet: sheet.day(sheet.ticket.created_at),
    "time": lambda sheet: sheet.clock(sheet.ticket.created_at),
    "due": lambda sheet: sheet.clock(sheet.ticket.due_at),
    "pickup_code": lambda sheet: sheet.ticket.pickup_code,
    "items_total": lambda sheet: sheet.ticket.items_total,
    "station_total": lambda sheet: sheet.ticket.station_total,
    "sheet": lambda sheet: str(sheet.ticket.sheet),
    "sheets": lambda sheet: str(sheet.ticket.sheets),
    "bags": lambda sheet: str(sheet.ticket.bags or ""),
    "shop": lambda sheet: sheet.ticket.shop,
    "reference": lambda sheet: sheet.ticket.reference,
    "customer": lambda sheet: sheet.ticket.customer,
    "phone": lambda sheet: sheet.ticket.phone,
    "address": lambda sheet: sheet.ticket.address,
    "courier": lambda sheet: sheet.ticket.courier,
    "payment": lambda sheet: sheet.ticket.payment,
    "reason": lambda sheet: sheet.ticket.reason,
    "original_id": lambda sheet: sheet.ticket.original_id,
    "was_printed": lambda sheet: sheet.clock(sheet.ticket.was_printed_at),
}


class Text(Placed):
    """The shop's own words; {places} are filled from the ticket."""

    type: Literal["text"]
    zh: str = Field(title=N_("Chinese"), description=N_("May hold {call_number}, {shop}, {time} and other places"))
    en: str = Field(title=N_("English"))

    @field_validator("zh", "en")
    @classmethod
    def _places(cls, text: str) -> str:
        _parts(text)
        return text

    @property
    def facts(self) -> frozenset[str]:
        places = frozenset(place for parts in self.parts.values() for _, place in parts if place)
        return frozenset(places | {"due_at"} if "due" in places else places)

    @cached_property
    def parts(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """By language: (words, name of the place after them) pairs."""
        return {"zh": _parts(self.zh), "en": _parts(self.en)}

    def write(self, sheet: Sheet) -> None:
        """Nothing at all where every place is empty."""
        parts = self.parts.get(sheet.language, self.parts["en"])
        filled = [(words, PLACES[place](sheet) if place else "") for words, place in parts]
        if any(value for _, value in filled) or not any(place for _, place in parts):
            self.say(sheet, "".join(words + value for words, value in filled))


def _parts(text: str) -> tuple[tuple[str, str], ...]:
    found = [(words, name, spec, conversion) for words, name, spec, conversion in string.Formatter().parse(text)]
    for _, name, spec, conversion in found:
        if name is not None and (name not in PLACES or spec or conversion):
            raise ValueError(tr("{{{name}}} is not a place; known: {known}", name=name, known=", ".join(PLACES)))
    return tuple((words, name or "") for words, name, _, _ in found)


class Rule(Block):
    """A line across the paper."""

    type: Literal["rule"]
    mark: Literal["-", "=", "*"] = Field("-", title=N_("Mark"))

    def write(self, sheet: Sheet) -> None:
        sheet.rule(self.mark)


class Blank(Block):
    """Empty lines."""

    type: Literal["blank"]
    lines: Annotated[int, Field(ge=1, le=10)] = Field(1, title=N_("Lines"))

    def write(self, sheet: Sheet) -> None:
        sheet.lines += [()] * self.lines


class Qr(Block):
    """A QR code."""

    type: Literal["qr"]
    what: Literal["scan", "reference", "pickup_code", "call_number", "ticket_id"] = Field("scan", title=N_("Content"))
    module: Annotated[int, Field(ge=3, le=12)] = Field(6, title=N_("Size of a point"), description=N_("Dots of 1/8 mm"))

    def write(self, sheet: Sheet) -> None:
        sheet.code(getattr(sheet.ticket, self.what), self.module)


class Ruler(Block):
    """From edge to edge: a wrong width shows at once."""

    type: Literal["ruler"]

    def write(self, sheet: Sheet) -> None:
        tens = "".join(f"{ten:>10}" for ten in range(10, sheet.width + 1, 10)).ljust(sheet.width)
        ones = "".join(str(cell % 10) for cell in range(1, sheet.width + 1))
        sheet.write(say(sheet.language, "{n} letters from edge to edge", n=sheet.width))
        sheet.lines += [(Span("<" + "-" * (sheet.width - 2) + ">"),), (Span(tens),), (Span(ones),)]


AnyBlock = Annotated[
    CallNumber | Station | Due | Allergy | Notes | Dishes | Totals | Fact | Sums | Origin | Text | Rule | Blank | Qr | Ruler,
    Field(discriminator="type"),
]
