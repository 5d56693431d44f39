"""What is new to whoever holds a paper: its dishes and facts against those wanted now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain.note_words import NO_ALLERGY, folded
from app.domain.notes import at_dishes
from app.domain.tickets import FULFILMENTS, Difference, NoteKind, Restated, Ticket, TicketLine
from app.texts import N_, say

_NOW = N_("{n} in all")
_SEE_NOTE = N_("Time changed - see the note")
MASK = "****"  # before the last digits of a phone, for whoever packs a bag
_STARS = re.compile(r"[*＊]")
_LENT = re.compile(r"[*＊,，_#;；转]|ext|x\d", re.IGNORECASE)


def differences(before: Iterable[TicketLine], after: Iterable[TicketLine], language: str) -> tuple[TicketLine, ...]:
    """Dishes taken away, then dishes added. A dish with another option or note is taken away and added.

    Where only the number changed, the difference is what stands there, and the note says how many there are in all.
    """
    old, new = _numbers(before), _numbers(after)
    removed = [_less(line, number, new.get(line), language) for line, number in old.items()]
    added = [_more(line, number, old.get(line), language) for line, number in new.items()]
    return tuple(line for line in (*removed, *added) if line)


def plain(number: Decimal) -> str:
    """ "2", "0.5"; never "2.0" or "2E+1"."""
    return f"{number.normalize():f}"


def _numbers(lines: Iterable[TicketLine]) -> dict[TicketLine, Decimal]:
    """How many of each dish, by the dish without its number; prices do not matter to a cook."""
    found: dict[TicketLine, Decimal] = {}
    for line in lines:
        dish = replace(line, quantity="", amount="", difference=None)
        found[dish] = found.get(dish, Decimal(0)) + Decimal(line.quantity)
    return found


def _less(dish: TicketLine, before: Decimal, after: Decimal | None, language: str) -> TicketLine | None:
    if after is not None and after >= before:
        return None
    note = dish.note if after is None else _in_all(dish, after, language)
    return replace(dish, quantity=plain(before - (after or 0)), note=note, difference=Difference.REMOVED)


def _more(dish: TicketLine, after: Decimal, before: Decimal | None, language: str) -> TicketLine | None:
    if before is not None and before >= after:
        return None
    note = dish.note if before is None else _in_all(dish, after, language)
    return replace(dish, quantity=plain(after - (before or 0)), note=note, difference=Difference.ADDED)


def _in_all(dish: TicketLine, number: Decimal, language: str) -> str:
    """Beside what the customer asks of the dish, which holds for one more of it too."""
    return " · ".join(filter(None, (dish.note, say(language, _NOW, n=plain(number)))))


def restated(before: Ticket, now: Ticket, shown: Collection[str], patience: timedelta) -> tuple[Restated, ...]:
    """What else is new to whoever holds `before`: when it is due, how and where it leaves, and what was asked for.

    Only what is `shown` on that paper (names of the ticket's fields, kinds of notes), and nothing that nobody acts on: a due
    time that moved by less than `patience`, a phone or a pickup code that arrives, a masked phone or address.
    """
    found = {
        "due_at": _due(before, now, patience),
        "fulfilment": _way_out(before, now),
        "address": _address(before, now),
        "phone": _phone(before, now),
        "pickup_code": _pickup_code(before, now),
        "tableware": _cutlery(before, now),
    }
    told = tuple(one for name, one in found.items() if name in shown and one)
    allergies = _allergies(before, now) if NoteKind.ALLERGY in shown else ()
    return allergies + told + _asked(before, now, {*shown} - {NoteKind.ALLERGY})


def _due(before: Ticket, now: Ticket, patience: timedelta) -> Restated | None:
    old, new = before.due_at, now.due_at
    if old and new and abs(new - old) < patience:
        return None
    if not ((old and new) or before.scheduled or now.scheduled) or (old is new and before.scheduled is now.scheduled):
        return None  # an order for at once gets a time once a courier is found; only one for later is cooked by its time
    zone = ZoneInfo(now.zone)
    day = now.scheduled or len({one.astimezone(zone).date() for one in (old, new) if one}) > 1
    text = say(now.language, "DUE {time}", time=_clock(new, zone, day, now.language)) if new else _timeless(now)
    return Restated(text, _clock(old, zone, day, now.language))


def _timeless(now: Ticket) -> str:
    """Wanted later, at a time that nobody could read: its words stand in the note, and "at once" would be a lie."""
    return say(now.language, _SEE_NOTE if now.scheduled else "As soon as possible")


def _clock(moment: datetime | None, zone: ZoneInfo, day: bool, language: str) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    date = say(language, "{month}-{day}", month=f"{local.month:02}", day=f"{local.day:02}")
    return f"{date} {local:%H:%M}" if day else f"{local:%H:%M}"


def _way_out(before: Ticket, now: Ticket) -> Restated | None:
    if now.fulfilment is before.fulfilment:
        return None
    return Restated(say(now.language, FULFILMENTS[now.fulfilment]), say(now.language, FULFILMENTS[before.fulfilment]))


def _address(before: Ticket, now: Ticket) -> Restated | None:
    """Platforms take addresses away again, whole or in part, once they think they are not needed: that is no change."""
    if not now.address or _STARS.search(now.address) or _bones(now.address) == _bones(before.address):
        return None
    return Restated(say(now.language, "Address {value}", value=now.address), before.address)


def _phone(before: Ticket, now: Ticket) -> Restated | None:
    """A number that the platform lent is given anew at will, and still works; our own mask says nothing of that."""
    if not (now.phone and before.phone) or _bones(now.phone) == _bones(before.phone):
        return None
    if is_masked(before.phone.removeprefix(MASK)):
        return None
    return Restated(say(now.language, "Phone {value}", value=now.phone), before.phone)


def _pickup_code(before: Ticket, now: Ticket) -> Restated | None:
    if not (now.pickup_code and before.pickup_code) or now.pickup_code == before.pickup_code:
        return None
    return Restated(say(now.language, "Pickup code {value}", value=now.pickup_code), before.pickup_code)


def _cutlery(before: Ticket, now: Ticket) -> Restated | None:
    n = now.tableware
    if n is None or n == before.tableware:
        return None
    return Restated(say(now.language, "Cutlery {n}", n=n) if n else say(now.language, "NO CUTLERY"))


def _allergies(before: Ticket, now: Ticket) -> tuple[Restated, ...]:
    """What holds now, whole: "no longer nuts" above "nuts and eggs" reads as if the nuts were called off.

    Those written at dishes are no news by themselves, since their dishes are.
    """
    old, new = ([one.text for one in ticket.notes if one.kind is NoteKind.ALLERGY] for ticket in (before, now))
    if {*old} == {*new}:
        return ()
    dishes = ((line.name, (line.note, *(one.text for one in line.options))) for line in now.lines)
    holds = [*new, *(one.text for one in at_dishes(dishes))]
    if holds:
        return (Restated(say(now.language, "ALLERGY now: {note}", note=" · ".join(holds))),)
    return (Restated(say(now.language, "The customer took it back: NO allergy now"), " · ".join(old)),)


def _asked(before: Ticket, now: Ticket, shown: Collection[str]) -> tuple[Restated, ...]:
    """Notes by their words: one between others, or one that is gone, would not be seen.

    "No allergies" is not called off: that would say the contrary, and who has one now is told above.
    """
    old, new = ([one.text for one in ticket.notes if one.kind in shown] for ticket in (before, now))
    gone = [
        say(now.language, "No longer asked: {note}", note=one)
        for one in old
        if one not in new and not NO_ALLERGY.search(folded(one))
    ]
    come = [say(now.language, "New: {note}", note=one) for one in new if one not in old]
    return tuple(Restated(text) for text in (*gone, *come))


def is_masked(phone: str) -> bool:
    """Whether a number is starred, or one with an extension that the platform lends for the order and gives anew at will."""
    return bool(_LENT.search(phone))


def _bones(text: str) -> str:
    """Letters and digits only: another way of writing it is no change."""
    return "".join(filter(str.isalnum, text.casefold()))
