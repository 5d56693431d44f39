"""The sentence about new orders: one order by its number, a rush in one breath."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.announcement import MOST_NAMED, NewOrder, announcement, item_count
from app.domain.money import Money
from app.domain.orders import OrderLine

SEVEN = NewOrder("饿了么", "7", 3)
EIGHT = NewOrder("饿了么", "8", 2)
OTHER = NewOrder("美团外卖", "27", 1)


def line(quantity: str) -> OrderLine:
    return OrderLine("1", "面", Decimal(quantity), Money(100, "CNY"), Money(100, "CNY"))


@pytest.mark.parametrize(
    ("orders", "chinese"),
    [
        ([SEVEN], "饿了么新订单，七号，共三份"),
        ([EIGHT], "饿了么新订单，八号，共两份"),
        ([SEVEN, OTHER], "两个新订单：饿了么七号、美团外卖二十七号"),
        ([SEVEN, EIGHT, OTHER, EIGHT], "四个新订单：饿了么三个、美团外卖一个"),
        ([], ""),
    ],
)
def test_what_is_said_in_chinese(orders: list[NewOrder], chinese: str) -> None:
    assert announcement("zh", orders) == chinese


def test_what_is_said_in_english() -> None:
    assert announcement("en", [NewOrder("Ele.me", "7", 1)]) == "New order: Ele.me, number 7, 1 item"
    assert announcement("en", [NewOrder("Ele.me", "7", 3)]) == "New order: Ele.me, number 7, 3 items"
    assert announcement("en", [SEVEN] * 4) == "4 new orders: 饿了么 4"


@given(
    st.lists(st.builds(NewOrder, st.sampled_from(["Ele.me", "Meituan", "HubRise"]), st.just("7"), st.just(1)), min_size=1)
)
def test_a_rush_is_one_sentence_that_counts_everybody(orders: list[NewOrder]) -> None:
    words = announcement("en", orders)
    assert len(words) < 120
    if len(orders) > MOST_NAMED:
        counts = [int(part.rsplit(" ", 1)[1]) for part in words.partition(": ")[2].split(", ")]
        assert sum(counts) == len(orders)


def test_what_is_weighed_counts_as_one() -> None:
    assert item_count([line("2"), line("0.5"), line("3.0")]) == 6
