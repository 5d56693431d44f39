"""Numbers in words: what is said is heard again as the same number, and reads as a Chinese speaker would say it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import numerals


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1010, "一千零一十"),
        (20_000, "二万"),
        (100_010_000, "一亿零一万"),
        (-3, "负三"),
    ],
)
def test_it_is_said_as_people_say_it(number: int, words: str) -> None:
    assert numerals.spoken(number) == words


@given(st.integers(0, numerals.LIMIT - 1))
def test_what_is_said_is_heard_as_the_same_number(number: int) -> None:
    words = numerals.spoken(number)
    assert numerals.heard(words) == number
    assert "零零" not in words
    assert not words.endswith("零") or number == 0


@given(st.integers(0, 999_999))
def test_digits_in_a_row_are_heard_one_by_one(number: int) -> None:
    one_by_one = "".join(numerals.spoken(int(digit)) for digit in str(number))
    assert numerals.heard(one_by_one) == number
    assert numerals.heard(str(number)) == number


@pytest.mark.parametrize("number", [numerals.LIMIT, -numerals.LIMIT])
def test_what_nobody_can_say_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="too large"):
        numerals.spoken(number)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("十二号", 12),
        ("第两单", 2),
        ("一百五", 150),
        ("幺零八", 108),
        ("１２号", 12),
        ("#7", 7),
        ("两百零二", 202),
        ("三千五", 3500),
    ],
)
def test_staff_are_understood(words: str, number: int) -> None:
    assert numerals.heard(words) == number


@pytest.mark.parametrize("words", ["", "号", "宫保鸡丁", "A12", "12a", "1.5", "九" * 31, "9" * 16])
def test_what_is_no_number_is_none(words: str) -> None:
    assert numerals.heard(words) is None


@given(st.text(max_size=40))
def test_nothing_said_breaks_it(words: str) -> None:
    assert numerals.heard(words) is None or isinstance(numerals.heard(words), int)


def test_two_things_are_liang_and_number_two_is_er() -> None:
    assert (numerals.counted(2), numerals.counted(12), numerals.label("2")) == ("两", "十二", "二")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("128.50", "一百二十八点五"),
        ("12.00", "十二"),
        ("0.05", "零点零五"),
        ("-3.20", "负三点二"),
        ("0.00", "零"),
        ("-0.50", "负零点五"),
    ],
)
def test_an_amount_is_said_without_empty_digits(amount: str, words: str) -> None:
    assert numerals.spoken_decimal(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("text", "words"), [("27", "二十七"), ("1042", "一零四二"), ("07", "零七"), ("A12", "A12"), ("", ""), ("²", "²")]
)
def test_a_call_number_is_called_out(text: str, words: str) -> None:
    assert numerals.label(text) == words
