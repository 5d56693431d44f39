"""Order lines as money goes back for them: portion by portion, so that all portions together are worth the line exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.commands import Command, Portions
from app.domain.money import Money
from app.domain.orders import ChargeKind, OrderFacts, OrderLine

# They belong to the dishes and are shared out over them; fees stay apart.
_OF_THE_DISHES = frozenset({ChargeKind.DISCOUNT, ChargeKind.TAX})


@dataclass(frozen=True, slots=True)
class Dish:
    """An order line of `of` portions (1 for what is weighed: it goes back whole), `gone` of which went back.

    `paid` is what the customer paid for all of them, a share of the order's discounts and taxes included: our estimate, for
    what goes back the platform says.
    """

    key: str
    name: str
    of: int
    paid: Money
    gone: int = 0
    quantity: Decimal = Decimal(1)  # as it was ordered

    @property
    def left(self) -> int:
        """Portions that can still go back."""
        return self.of - self.gone

    @property
    def given_back(self) -> Money:
        """What the portions that went back come to."""
        return worth(self.paid, self.of, 0, self.gone)

    def part(self, count: int | None) -> Portions:
        """`count` portions of it, or all that are left, as they are asked for."""
        wanted = self.left if count is None else count
        if wanted == self.of:
            return Portions(self.key)
        return Portions(self.key, wanted, self.gone, self.of)

    def worth(self, part: Portions) -> Money:
        """What these portions come to."""
        return self.paid if part.count is None else worth(self.paid, self.of, part.gone, part.count)


def worth(whole: Money, of: int, gone: int, count: int) -> Money:
    """`count` of the `of` portions that cost `whole`, after `gone` of them: however they are divided, the sum is `whole`."""
    return _first(whole, gone + count, of) - _first(whole, gone, of)


def countable(quantity: Decimal) -> int:
    """The portions of a line; 1 where they cannot be told apart, as with 0.5 kg."""
    return int(quantity) if quantity >= 1 and quantity == int(quantity) else 1


def dishes_of(facts: OrderFacts, back: Iterable[Portions] = ()) -> dict[str, Dish]:
    """Every line by its key, after these went back. A platform that repeats a key cannot be asked for one of the two."""
    back, found = tuple(back), dict[str, Dish]()
    for line, paid in zip(facts.lines, _paid(facts), strict=True):
        one = Dish(line.key, line.name, countable(line.quantity), paid, quantity=line.quantity)
        if known := found.get(line.key):
            both = known.quantity + line.quantity
            one = replace(known, of=known.of + one.of, paid=known.paid + paid, quantity=both)
        found[line.key] = one
    return {key: replace(one, gone=_gone(key, one.of, back)) for key, one in found.items()}


def gone_by_line(facts: OrderFacts, refunds: Iterable[Command]) -> tuple[int, ...]:
    """Portions of each line that these refunds gave back; one that names neither dishes nor an amount gave back all."""
    made = tuple(refunds)
    if any(not one.lines and one.amount is None for one in made):
        return tuple(countable(line.quantity) for line in facts.lines)
    left = {key: dish.gone for key, dish in dishes_of(facts, (part for one in made for part in one.lines)).items()}
    return tuple(_taken(left, line) for line in facts.lines)


def total_worth(dishes: Mapping[str, Dish], parts: Iterable[Portions], currency: str) -> Money:
    """What these come to; what is no longer in the order comes to nothing."""
    return Money.total((dishes[one.line].worth(one) for one in parts if one.line in dishes), currency)


def _taken(left: dict[str, int], line: OrderLine) -> int:
    """This line's part of what went back under its key, which is taken off `left`."""
    taken = min(left[line.key], countable(line.quantity))
    left[line.key] -= taken
    return taken


def _gone(key: str, of: int, back: Iterable[Portions]) -> int:
    """Portions that went back and are still among the `of` of the line: some platforms take them off the bill, later."""
    parts = [one for one in back if one.line == key]
    if any(one.count is None for one in parts):
        return of
    off_the_bill = max((one.of for one in parts), default=of) - of
    return min(of, max(0, sum(one.count or 0 for one in parts) - max(0, off_the_bill)))


def _paid(facts: OrderFacts) -> list[Money]:
    """What was paid for each line, its share of discounts and taxes included: together exactly what all lines cost."""
    gross = Money.total((line.total for line in facts.lines), facts.currency)
    shared = (charge.amount for charge in facts.charges if charge.kind in _OF_THE_DISHES)
    net = max(Money.total(shared, facts.currency) + gross, Money.zero(facts.currency))
    return _spread(net, facts.lines, gross.minor) if gross.minor > 0 else [line.total for line in facts.lines]


def _spread(net: Money, lines: Iterable[OrderLine], gross: int) -> list[Money]:
    paid, before = [], 0
    for line in lines:
        paid.append(worth(net, gross, before, line.total.minor))
        before += line.total.minor
    return paid


def _first(whole: Money, part: int, parts: int) -> Money:
    """`whole` times part / parts, half up to a minor unit."""
    return Money((2 * whole.minor * part + parts) // (2 * parts), whole.currency)
