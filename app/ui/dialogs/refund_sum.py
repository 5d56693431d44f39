"""What a refund that is being filled in comes to, whether that is everything, and whether it ends the order. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.portions import total_worth
from app.domain.shop import RefundBy
from app.engine.views import OrderDetail
from app.texts import N_, tr
from app.ui.dialogs.refund_amount import AmountError
from app.ui.words import money


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """What a person confirmed, as `Facade.refund` takes it."""

    order_id: int
    amount: Money | None
    lines: tuple[Portions, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the question: a way, and what was counted (`every_dish`: nothing of any dish stays) or typed for it."""

    way: RefundBy
    parts: tuple[Portions, ...] = ()
    every_dish: bool = False
    amount: Money | None = None


class RefundSum:
    """Of one order on `platform` (its title), by what the engine says can still be given back."""

    def __init__(self, detail: OrderDetail, platform: str) -> None:
        self._detail, self._platform = detail, platform
        self._dishes = {dish.key: dish for dish in detail.dishes}
        self.left = detail.refundable or Money.zero(detail.facts.currency)

    def asked(self, filled: Filled, reason: str) -> RefundAsked:
        """What would be asked. AmountError says why it cannot be, or nothing while it is not filled in."""
        worth, way = self.worth(filled), self.way(filled)
        if way is RefundBy.WHOLE and way not in self._detail.refund_ways:
            text = N_("That is everything: {platform} gives back only a part of this order.")
            raise AmountError(tr(text, platform=self._platform))
        if self.left < worth and not self._detail.facts.provisional:
            raise AmountError(self._too_much(filled.way, worth))
        amount = worth if way is RefundBy.AMOUNT else None
        return RefundAsked(self._detail.card.id, amount, filled.parts if way is RefundBy.DISHES else (), reason)

    def worth(self, filled: Filled) -> Money:
        """What goes back; AmountError while there is nothing."""
        return self.left if self.way(filled) is RefundBy.WHOLE else self._named(filled)

    def way(self, filled: Filled) -> RefundBy:
        """What comes to everything is asked as everything: as a part it would be refused, or cancel the order unsaid."""
        return RefundBy.WHOLE if filled.way is RefundBy.WHOLE or self._is_everything(filled) else filled.way

    def cancels(self, filled: Filled) -> bool:
        """Whether it cancels the order. AmountError as `worth`."""
        terms = self._detail.refunds
        return terms is not None and self.way(filled) is RefundBy.WHOLE and terms.cancelling(self._detail.card.kitchen)

    def outcome(self, filled: Filled) -> str:
        """What the customer gets, in words. AmountError as `worth`."""
        worth = money(self.worth(filled))
        if self.way(filled) is RefundBy.DISHES:
            text = N_("The customer gets about {amount} back; {platform} works out discounts and taxes.")
            return tr(text, amount=worth, platform=self._platform)
        return tr("The customer gets {amount} back.", amount=worth)

    def _named(self, filled: Filled) -> Money:
        if filled.way is RefundBy.DISHES and filled.parts:
            return total_worth(self._dishes, filled.parts, self.left.currency)
        if filled.amount is None:
            raise AmountError("")
        return filled.amount

    def _is_everything(self, filled: Filled) -> bool:
        terms, exact = self._detail.refunds, self._named(filled) == self.left and not self._detail.facts.provisional
        every_dish = filled.way is RefundBy.DISHES and filled.every_dish
        return terms is not None and terms.is_everything(self._detail.card.kitchen, exact, every_dish)

    def _too_much(self, way: RefundBy, worth: Money) -> str:
        if way is not RefundBy.DISHES:
            return tr("Only {left} can still be given back.", left=money(self.left))
        text = N_("These dishes cost {amount}, only {left} can still be given back.")
        if RefundBy.AMOUNT in self._detail.refund_ways:
            text = N_("These dishes cost {amount}, only {left} can still be given back. Give an amount instead.")
        return tr(text, amount=money(worth), left=money(self.left))


def shown_ways(detail: OrderDetail) -> Sequence[RefundBy]:
    """The ways to switch between, in order; single portions are counted among the dishes."""
    return [way for way in (RefundBy.DISHES, RefundBy.AMOUNT, RefundBy.WHOLE) if way in detail.refund_ways]
