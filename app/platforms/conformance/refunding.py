"""One refund of the suite: asked of whatever connector is open, judged by what the platform itself says that it gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import pytest

from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.domain.money import Money
from app.domain.shop import RefundBy, RefundTerms
from app.platforms.abilities import RefundsOrders
from app.platforms.api import RejectedError
from app.platforms.conformance.bench import assert_no_repeats
from app.platforms.conformance.counter import Counter, patiently
from app.platforms.simulation import PretendLine, PretendOrder, Truth

PART = 100  # minor units: what a portion of DINNER costs, for where only portions are given back
DINNER = PretendOrder((PretendLine("米饭", PART, 5), PretendLine("鱼香肉丝", 2000)))
TOO_MUCH = 10**9


def ways(terms: RefundTerms, declared: bool) -> Iterator[tuple[bool, RefundBy]]:
    """Every way, declared or not, with whether it is of a completed order."""
    for completed, known in ((False, terms.under_way), (True, terms.completed)):
        yield from ((completed, way) for way in RefundBy if (way in known) is declared)


@dataclass
class Refund:
    """Of an order as it stands when this is made: an amount, these lines, or everything."""

    counter: Counter
    order_id: str
    amount: Money | None
    lines: Sequence[str]
    keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.before = self.truth
        self.back: list[int] = []  # minor units, after each time

    @property
    def truth(self) -> Truth:
        """The order at the platform."""
        return self.counter.truth(self.order_id)

    async def give(self, key: str) -> None:
        """Ask until it is answered."""
        self.keys.add(key)
        connector = cast(RefundsOrders, self.counter.connector)
        await patiently(partial(connector.refund, self.order_id, self.amount, self.lines, "cold", f"{key}{self.order_id}"))

    def check(self, terms: RefundTerms) -> None:
        """What was asked with all keys so far moved, and no more; a dish leaves the bill, or its money goes back."""
        now, total = self.truth, self.before.total_minor
        self.back.append(now.refunded_minor + total - now.total_minor)
        whole = self.amount is None and not self.lines
        was = Kitchen(self.before.kitchen)
        if was not in CLOSED:  # what a platform calls an order that was eaten, and given back then, concerns no kitchen
            assert (now.kitchen in DEAD) is (whole and terms.cancelling(was))
        if self.amount:
            assert self.back[-1] == PART * len(self.keys)
        elif self.lines:
            assert 0 < self.back[0] == self.back[-1] < total
        else:
            assert now.kitchen in DEAD or self.back[-1] == total
            assert_no_repeats(now)

    async def is_refused(self) -> None:
        """And nothing moves."""
        before = self.truth
        with pytest.raises(RejectedError, match=r"."):
            await self.give("refused")
        assert self.truth == before

    async def refuses_more(self) -> None:
        """The like of it that asks for what the order has not is refused."""
        if self.amount:
            await replace(self, amount=Money(TOO_MUCH, self.amount.currency)).is_refused()
        elif self.lines:
            await replace(self, lines=["no such line"]).is_refused()
