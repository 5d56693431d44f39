"""Amounts, times and the charges that a total contains."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.money import Money, exponent
from app.domain.orders import Charge, OrderLine
from app.platforms.uber_eats import money, wire

FEW = settings(max_examples=40)
AMOUNTS = st.integers(-(10**9), 10**9)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLP"])


@FEW
@given(AMOUNTS, CURRENCIES, st.booleans())
def test_both_kinds_of_money_are_exact_in_every_currency(minor: int, currency: str, as_text: bool) -> None:
    kind = str if as_text else int
    e5 = {"amount_e5": kind(minor * 10 ** (5 - exponent(currency))), "currency_code": currency}
    assert wire.minor_money({"amount": kind(minor), "currency_code": currency}) == Money(minor, currency)
    assert wire.e5_money(e5) == wire.taxed_money({"gross": e5}) == Money(minor, currency)


def test_yen_have_no_hundredths() -> None:
    assert str(wire.e5_money({"amount_e5": 145000000, "currency_code": "JPY"})) == "1450 JPY"
    assert str(wire.minor_money({"amount": 1450, "currency_code": "JPY"})) == "1450 JPY"


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "14.50",
        {"amount": 14.5, "currency_code": "EUR"},
        {"amount": True, "currency_code": "EUR"},
        {"amount": "1e3", "currency_code": "EUR"},
        {"amount": 10**16, "currency_code": "EUR"},
        {"amount": 1450},
        {"amount": 1450, "currency_code": "eur"},
    ],
)
def test_whatever_is_not_money_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="not a"):
        wire.minor_money(value)


def test_a_net_amount_stands_in_for_a_missing_gross() -> None:
    assert wire.taxed_money({"net": {"amount_e5": 100000, "currency_code": "EUR"}}) == Money(100, "EUR")


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [(1767225600, 1767225600000), (1767225600123, 1767225600123), ("1767225600", 1767225600000), (None, 0)],
)
def test_an_events_time_is_seconds_or_milliseconds(given_time: Any, expected: int) -> None:
    assert wire.milliseconds(given_time) == expected


def line(total: int) -> OrderLine:
    return OrderLine("1", "Ramen", Decimal(1), Money(total, "EUR"), Money(total, "EUR"))


def charge(amount: int) -> Charge:
    return money.tax(Money(amount, "EUR"))


@FEW
@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**5), max_size=3), st.data())
def test_a_total_that_can_be_explained_is(goods: int, extras: list[int], data: st.DataObject) -> None:
    inside = data.draw(st.sets(st.sampled_from(range(len(extras)))) if extras else st.just(set()))
    total = Money(goods + sum(extras[one] for one in inside), "EUR")
    found = money.explained(total, [line(goods)], [], [charge(amount) for amount in extras])
    assert not list(money.checks(total, [line(goods)], found))
    assert len(found) <= len(inside)  # never more than it takes


@FEW
@given(st.integers(1, 1000), st.integers(1001, 2000))
def test_nothing_is_invented_where_nothing_fits(tax: int, missing: int) -> None:
    total = Money(5000 + missing, "EUR")
    assert money.explained(total, [line(5000)], [], [charge(tax)]) == []
    assert list(money.checks(total, [line(5000)], []))
