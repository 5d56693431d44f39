"""The one sentence that tells of new orders, whoever speaks it: the counter's loudspeaker or a speaker in the kitchen.

It names platforms, call numbers and how many items - nothing of the customer, for everybody in the room hears it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain import numerals
from app.domain.orders import OrderLine
from app.texts import N_, say

MOST_NAMED = 3  # more orders at once are counted instead of named

_ONE = N_("New order: {platform}, number {number}, {n} items")
_FEW = N_("{n} new orders: {orders}")
_NAMED = N_("{platform} number {number}")
_COUNTED = N_("{platform} {n}")
_COMMA = N_(", ")


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What may be said of an order: where it came from (in the language it is told in), its number, its items."""

    platform: str
    number: str
    items: int


def announcement(language: str, orders: Sequence[NewOrder]) -> str:
    """One sentence for any number of orders that came together; "" for none."""
    if not orders:
        return ""
    if len(orders) == 1:
        one = orders[0]
        values = {"platform": one.platform, "number": numbered(language, one.number), "n": counted(language, one.items)}
        return say(language, _ONE, **values)
    parts = (
        _names(language, orders) if len(orders) <= MOST_NAMED else per_platform(language, (one.platform for one in orders))
    )
    return say(language, _FEW, n=counted(language, len(orders)), orders=listed(language, parts))


def item_count(lines: Iterable[OrderLine]) -> int:
    """How many pieces; what is sold by weight is one piece."""
    return sum(int(line.quantity) if line.quantity == int(line.quantity) else 1 for line in lines)


def per_platform(language: str, platforms: Iterable[str]) -> list[str]:
    """ "Ele.me 2", most first."""
    counts = Counter(platforms).most_common()
    return [say(language, _COUNTED, platform=platform, n=counted(language, count)) for platform, count in counts]


def listed(language: str, parts: Iterable[str]) -> str:
    """The parts with the language's comma between them."""
    return say(language, _COMMA).join(parts)


def counted(language: str, number: int) -> int | str:
    """A number of things, in a form that the language's sentences take."""
    return numerals.counted(number) if language == "zh" else number


def numbered(language: str, number: str) -> str:
    """A call number as it is called out."""
    return numerals.label(number) if language == "zh" else number


def _names(language: str, orders: Iterable[NewOrder]) -> list[str]:
    return [say(language, _NAMED, platform=one.platform, number=numbered(language, one.number)) for one in orders]
