"""One refund of the suite: asked of whatever connector is open, judged by what the platform itself says that it gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest

from app.domain.commands import Portions
from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.money import Money
from app.domain.portions import Dish, dishes_of
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.abilities import RefundsOrders
from app.platforms.api import RejectedError
from app.platforms.conformance.bench import assert_no_repeats
from app.platforms.conformance.counter import Counter, patiently
from app.platforms.simulation import PretendLine, PretendOrder, Truth

PART = 100  # minor units: what a portion of DINNER costs, for where only portions are given back
DINNER = PretendOrder((PretendLine("米饭", PART, 5), PretendLine("鱼香肉丝", 2000)))
TOO_MUCH = 10**9
REPEATABLE = (RefundBy.AMOUNT, RefundBy.PORTIONS)  # ways that an order can be given back in more than once


def ways(terms: RefundTerms, declared: bool) -> Iterator[tuple[bool, RefundBy]]:
    """Every way, declared or not, with whether it is of a completed order."""
    for completed, known in ((False, terms.under_way), (True, terms.completed)):
        yield from ((completed, way) for way in RefundBy if (way in known) is declared)


@dataclass
class Refund:
    """Of an order as it stands when this is made, in one way: with each key an amount, a line, a portion or everything."""

    counter: Counter
    order_id: str
    way: RefundBy
    asked: dict[str, tuple[Money | None, list[Portions]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = self.truth
        self.back: list[int] = []  # minor units, after each time

    @property
    def truth(self) -> Truth:
        """The order at the platform."""
        return self.counter.truth(self.order_id)

    async def give(self, key: str) -> None:
        """Ask until it is answered: under one key always for the same."""
        if key not in self.asked:
            self.asked[key] = await self._wish()
        await self._ask(*self.asked[key], key)

    def check(self, terms: RefundTerms) -> None:
        """What was asked with all keys so far moved, and no more; a dish leaves the bill, or its money goes back."""
        now, total = self.truth, self.before.total_minor
        self.back.append(now.refunded_minor + total - now.total_minor)
        whole, times = self.way is RefundBy.WHOLE, len(self.asked)
        was = Kitchen(self.before.kitchen)
        if was not in CLOSED:  # what a platform calls an order that was eaten, and given back then, concerns no kitchen
            assert (now.kitchen in DEAD) is (whole and terms.cancelling(was))
        if self.way is RefundBy.AMOUNT:
            assert self.back[-1] == PART * times
        elif self.way is RefundBy.PORTIONS:  # with its tax, where the platform takes one
            assert PART <= self.back[0] < 2 * PART
            assert abs(self.back[-1] - self.back[0] * times) < times
        elif not whole:
            assert 0 < self.back[0] == self.back[-1] < total
        else:
            assert now.kitchen in DEAD or self.back[-1] == total
            assert_no_repeats(now)

    async def is_refused(self) -> None:
        """And nothing moves."""
        await self._refuses(*await self._wish())

    async def refuses_more(self) -> None:
        """The like of it that asks for what the order has not is refused."""
        if self.way is RefundBy.AMOUNT:
            await self._refuses(Money(TOO_MUCH, self.truth.currency), [])
        elif self.way is RefundBy.DISHES:
            await self._refuses(None, [Portions("no such line")])
        elif self.way is RefundBy.PORTIONS:
            dish = await self._dish()
            await self._refuses(None, [Portions(dish.key, dish.left + 1, dish.gone, dish.of)])

    async def _refuses(self, amount: Money | None, lines: list[Portions]) -> None:
        before = self.truth
        with pytest.raises(RejectedError, match=r"."):
            await self._ask(amount, lines, "refused")
        assert self.truth == before

    async def _ask(self, amount: Money | None, lines: list[Portions], key: str) -> None:
        connector = cast(RefundsOrders, self.counter.connector)
        await patiently(partial(connector.refund, self.order_id, amount, lines, "cold", f"{key}{self.order_id}"))

    async def _wish(self) -> tuple[Money | None, list[Portions]]:
        match self.way:
            case RefundBy.AMOUNT:
                return Money(PART, self.truth.currency), []
            case RefundBy.DISHES:
                return None, [(await self._dish()).part(None)]
            case RefundBy.PORTIONS:
                return None, [(await self._dish()).part(1)]
        return None, []

    async def _dish(self) -> Dish:
        """The first of the order, counted as the counter does: by what the platform shows and what went back before."""
        facts = await self.counter.facts(self.order_id)
        return dishes_of(facts, (part for _, lines in self.asked.values() for part in lines))[facts.lines[0].key]
