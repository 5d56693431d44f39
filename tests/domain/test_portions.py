"""However a line is divided into portions and refunds, all of them together are the line: no cent is lost, none invented."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands import Command, CommandKind, Portions
from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Fulfilment, OrderFacts, OrderLine, Party
from app.domain.portions import countable, dishes_of, gone_by_line, total_worth, worth

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def line(key: str, quantity: str, minor: int) -> OrderLine:
    return OrderLine(key, f"dish {key}", Decimal(quantity), cny(minor), cny(minor))


def order(*lines: OrderLine, charges: tuple[Charge, ...] = ()) -> OrderFacts:
    total = Money.total((*(one.total for one in lines), *(one.amount for one in charges)), "CNY")
    return OrderFacts("7", "7", Fulfilment.PICKUP, NOON, total, lines, charges=charges)


def off(minor: int, kind: ChargeKind = ChargeKind.DISCOUNT) -> Charge:
    return Charge(kind, "", cny(minor), Party.SHOP)


@given(st.integers(0, 10**7), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_all_portions_together_are_the_line(minor: int, counts: list[int]) -> None:
    of, gone, back = sum(counts), 0, []
    for count in counts:
        back.append(worth(cny(minor), of, gone, count))
        gone += count
    assert Money.total(back, "CNY") == cny(minor)
    assert all(one.minor >= 0 for one in back)


@given(st.integers(0, 10**6), st.integers(1, 99), st.integers(0, 98))
def test_two_portions_of_a_line_differ_by_a_cent_at_most(minor: int, of: int, gone: int) -> None:
    one, other = worth(cny(minor), of, gone % of, 1), worth(cny(minor), of, 0, 1)
    assert abs(one.minor - other.minor) <= 1


LINES = st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 6)), min_size=1, max_size=5)


@given(LINES, st.integers(0, 30_000), st.integers(0, 3000), st.integers(0, 900))
def test_discounts_and_taxes_are_shared_out_without_a_rest(
    given_lines: list[tuple[int, int]], discount: int, tax: int, fee: int
) -> None:
    lines = [line(str(at), str(quantity), minor) for at, (minor, quantity) in enumerate(given_lines)]
    charges = (off(-discount), off(tax, ChargeKind.TAX), off(fee, ChargeKind.DELIVERY))
    dishes = dishes_of(order(*lines, charges=charges))
    gross = sum(one.total.minor for one in lines)
    paid = sum(dish.paid.minor for dish in dishes.values())
    assert paid == (max(0, gross - discount + tax) if gross else 0)
    assert all(dish.paid.minor >= 0 for dish in dishes.values())


def test_a_discount_lowers_what_a_portion_is_worth() -> None:
    dishes = dishes_of(order(line("a", "3", 3000), line("b", "1", 1000), charges=(off(-400), off(600, ChargeKind.DELIVERY))))
    assert [dishes[key].paid for key in "ab"] == [cny(2700), cny(900)]
    assert dishes["a"].worth(dishes["a"].part(1)) == cny(900)


def test_what_went_back_is_counted_over_several_refunds() -> None:
    facts = order(line("a", "3", 1000))
    first = dishes_of(facts)["a"].part(1)
    second = dishes_of(facts, [first])["a"].part(1)
    last = dishes_of(facts, [first, second])["a"].part(None)
    assert [first, second, last] == [Portions("a", 1, gone, 3) for gone in range(3)]
    assert [dishes_of(facts)["a"].worth(one).minor for one in (first, second, last)] == [333, 334, 333]
    assert dishes_of(facts, [first, second, last])["a"].left == 0
    assert dishes_of(facts, [first, second])["a"].given_back == cny(667)


def test_a_whole_line_is_asked_for_as_such_only_while_all_of_it_is_there() -> None:
    facts = order(line("a", "2", 1000))
    assert dishes_of(facts)["a"].part(None) == dishes_of(facts)["a"].part(2) == Portions("a")
    assert dishes_of(facts, [Portions("a")])["a"].left == 0


@pytest.mark.parametrize(
    ("quantity", "back", "left"),
    [
        ("3", [Portions("a", 1, 0, 3)], 2),  # not taken off yet
        ("2", [Portions("a", 1, 0, 3)], 2),
        ("2", [Portions("a", 1, 0, 3), Portions("a", 1, 1, 3)], 1),  # the second still on its way
        ("2", [Portions("a", 1, 0, 3), Portions("a", 1, 0, 2)], 1),
        ("1", [Portions("a", 1, 0, 3), Portions("a", 1, 0, 2)], 1),
        ("4", [Portions("a", 1, 0, 3)], 3),  # the customer added one
    ],
)
def test_a_platform_that_takes_portions_off_the_bill_is_not_counted_twice(
    quantity: str, back: list[Portions], left: int
) -> None:
    assert dishes_of(order(line("a", quantity, 1000)), back)["a"].left == left


@pytest.mark.parametrize(("quantity", "of"), [("3", 3), ("3.0", 3), ("1", 1), ("0.5", 1), ("2.25", 1), ("0", 1), ("-1", 1)])
def test_what_is_weighed_is_one_portion(quantity: str, of: int) -> None:
    assert countable(Decimal(quantity)) == of


def test_a_key_that_a_platform_repeats_is_one_dish() -> None:
    (dish,) = dishes_of(order(line("a", "2", 1000), line("a", "1", 700))).values()
    assert (dish.of, dish.paid) == (3, cny(1700))


def test_what_left_the_order_is_worth_nothing_more() -> None:
    dishes = dishes_of(order(line("a", "1", 1000)))
    assert total_worth(dishes, [Portions("gone"), Portions("a")], "CNY") == cny(1000)


def back(*parts: Portions, amount: Money | None = None) -> Command:
    return Command(CommandKind.REFUND, "7", lines=parts, amount=amount)


@pytest.mark.parametrize(
    ("refunds", "gone"),
    [
        ([], (0, 0)),
        ([back(Portions("a", 1, 0, 3))], (1, 0)),
        ([back(Portions("a", 1, 0, 3)), back(Portions("a", 2, 1, 3), Portions("b"))], (3, 1)),
        ([back(amount=cny(100))], (0, 0)),
        ([back(amount=cny(100)), back()], (3, 1)),
    ],
)
def test_what_went_back_is_told_line_by_line_and_all_that_was_left_is_every_dish(
    refunds: list[Command], gone: tuple[int, ...]
) -> None:
    assert gone_by_line(order(line("a", "3", 900), line("b", "0.5", 500)), refunds) == gone


def test_portions_of_a_key_that_comes_twice_are_told_of_once() -> None:
    facts = order(line("a", "2", 600), line("a", "2", 600))
    assert gone_by_line(facts, [back(Portions("a", 3, 0, 4))]) == (2, 1)
