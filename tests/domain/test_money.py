"""Money is exact: parsed by rounding half up, never mixed, printed with its currency's digits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.money import CurrencyMismatchError, Money, exponent

AMOUNTS = some.integers(-(10**12), 10**12)
CURRENCIES = some.sampled_from(["CNY", "GBP", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("8.90", "CNY", 890),
        ("0.005", "CNY", 1),
        ("0.0049999", "CNY", 0),
        ("-0.005", "CNY", -1),
        ("2.675", "GBP", 268),  # a float would say 267
        (8, "CNY", 800),
        (Decimal("1.2345"), "KWD", 1235),
        ("120", "JPY", 120),
        ("120.5", "JPY", 121),
        ("1e2", "CNY", 10000),
        ("99999999999.99", "CNY", 9999999999999),
    ],
)
def test_an_amount_is_read_half_up(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize("text", ["", "abc", "1,50", "NaN", "Infinity", "-Infinity", "1.2.3", "¥8"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text, "CNY")


@given(AMOUNTS, CURRENCIES)
def test_an_amount_survives_being_written_down(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(money.major, currency) == money
    assert Money.parse(str(money).removesuffix(f" {currency}"), currency) == money
    assert -money.major.as_tuple().exponent == exponent(currency)  # type: ignore[operator]  # finite, so an int


@given(some.lists(AMOUNTS), CURRENCIES)
def test_a_total_is_the_sum(minors: list[int], currency: str) -> None:
    assert Money.total((Money(one, currency) for one in minors), currency) == Money(sum(minors), currency)


@given(AMOUNTS, AMOUNTS)
def test_minus_undoes_plus(one: int, other: int) -> None:
    assert Money(one, "CNY") + Money(other, "CNY") - Money(other, "CNY") == Money(one, "CNY")
    assert Money(one, "CNY") - Money(other, "CNY") == -(Money(other, "CNY") - Money(one, "CNY"))


def test_currencies_never_mix() -> None:
    for act in (Money.__add__, Money.__sub__, Money.__lt__):
        with pytest.raises(CurrencyMismatchError):
            act(Money(100, "CNY"), Money(100, "GBP"))
    with pytest.raises(CurrencyMismatchError):
        Money.total([Money(1, "GBP")], "CNY")
    assert Money(100, "CNY") != Money(100, "GBP")


def test_only_nothing_is_false() -> None:
    assert not Money.zero("CNY")
    assert Money(-1, "CNY")
    assert str(Money(-1250, "CNY")) == "-12.50 CNY"
