"""What the folders' shapes share: null, times, masked numbers, and errors that name nobody."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from app.platforms.shapes import Many, Text, guarded, instant, masked, short


class Meal(BaseModel):
    name: Text = ""
    dishes: Many[int] = Field(default_factory=list)


def test_null_is_nothing() -> None:
    assert Meal.model_validate({"name": None, "dishes": None}) == Meal(name="", dishes=[])
    assert Meal.model_validate({"name": "Lunch", "dishes": [1, 2]}) == Meal(name="Lunch", dishes=[1, 2])


@pytest.mark.parametrize("text", ["2026-01-01T06:00:00-0500", "2026-01-01T12:00:00+01:00", "2026-01-01T11:00:00Z"])
def test_a_time_says_where_it_is_meant(text: str) -> None:
    assert instant(text) == datetime(2026, 1, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2026-01-01T12:00:00", "noon", "", None, 1_767_265_200])
def test_a_time_of_nowhere_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        instant(value)


@pytest.mark.parametrize(("phone", "shown"), [("+33612345678", "+336****5678"), ("12345678", "****"), ("", ""), ("-", "")])
def test_a_number_is_recognised_and_not_called(phone: str, shown: str) -> None:
    assert masked(phone) == shown


@pytest.mark.parametrize("between", [" ", "  ", "\n", " or ", " / ", ".", " (wife) "])
def test_two_numbers_in_one_field_hide_each_other(between: str) -> None:
    for hidden in (masked(f"13812345678{between}13987654321"), guarded(f"13812345678{between}13987654321")):
        assert hidden.endswith("****4321")
        assert "13812345" not in hidden


@given(st.text(alphabet="+0123456789 -()", max_size=20))
def test_a_masked_number_hides_what_it_must(phone: str) -> None:
    digits, hidden = [letter for letter in phone if letter.isdigit()], masked(phone)
    assert ("****" in hidden) == bool(digits)
    assert sum(letter.isdigit() for letter in hidden) <= max(0, len(digits) - 4)


@pytest.mark.parametrize(
    "phone", ["138****5678", "****5678", "17012345678,6021", "13812345678_123456", "+1 855 973 1040 #12", ""]
)
def test_a_stand_in_for_the_customers_number_is_left_as_it_is(phone: str) -> None:
    assert guarded(phone) == phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("13812345678,13912345678", "138****5678,139****5678"),
        ("13812345678*", "138****5678"),
        ("62281234*", "****"),
        ("*6228 1234", "****"),
        ("13812345678,", "138****5678,"),
        ("+15551234567", "+155****4567"),
    ],
)
def test_a_customers_own_number_is_masked(phone: str, shown: str) -> None:
    assert guarded(phone) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "*", ",", ",13900000000", "_"]))
def test_no_own_number_slips_through(phone: str, tail: str) -> None:
    assert phone not in re.sub(r"[^\d,]", "", guarded(phone + tail))


def test_an_error_names_the_place_and_not_the_person() -> None:
    with pytest.raises(ValidationError) as caught:
        Meal.model_validate({"name": ["1 rue du Test"], "dishes": ["Lina"]})
    assert short(caught.value) == "name: Input should be a valid string; dishes.0: " + (
        "Input should be a valid integer, unable to parse string as an integer"
    )
    assert short(RecursionError("1 rue du Test")) == "RecursionError"
