"""Amounts as people type them: read in every currency, explained where they are none, typed again as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.ui.dialogs.refund_amount import AmountError, read_amount


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [("5", "CNY", 500), ("5,5", "EUR", 550), ("５．５０", "CNY", 550), ("5。5", "CNY", 550), ("¥ 5.5", "CNY", 550),
     ("500", "JPY", 500), (".5", "CNY", 50), ("1.234", "KWD", 1234)],
)  # fmt: skip
def test_amounts_as_people_type_them(typed: str, currency: str, minor: int) -> None:
    assert read_amount(typed, currency) == Money(minor, currency)


@given(st.text(max_size=12), st.sampled_from(("CNY", "JPY", "KWD")))
def test_any_text_is_an_amount_or_is_explained(typed: str, currency: str) -> None:
    minor, why = 1, ""
    try:
        minor = read_amount(typed, currency).minor
    except AmountError as error:
        minor, why = 0, str(error)
    assert bool(why) is (minor == 0)
    assert 0 <= minor < 10**16


@given(st.integers(1, 10**9), st.sampled_from(("CNY", "JPY", "KWD")))
def test_what_is_shown_can_be_typed(minor: int, currency: str) -> None:
    assert read_amount(str(Money(minor, currency).major), currency) == Money(minor, currency)
