"""What a cook must do differently: the dishes on the paper in the hand against the dishes wanted now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from app.domain.tickets import Difference, TicketLine
from app.texts import N_, say

_NOW = N_("{n} in all")


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
