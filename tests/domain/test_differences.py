"""Differences: what a cook holds, plus the slip, is what is wanted now - and what was asked of a dish stays beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.differences import differences, plain
from app.domain.orders import OptionKind
from app.domain.tickets import Difference, TicketLine, TicketOption

NO_NUTS = TicketOption("nuts", OptionKind.REMOVE)


def signs(lines: Iterable[TicketLine]) -> list[tuple[Difference | None, str, str]]:
    return [(one.difference, one.quantity, one.name) for one in lines]


def test_what_went_comes_before_what_came() -> None:
    found = differences(
        [TicketLine("1", "tea"), TicketLine("2", "beef")], [TicketLine("2", "beef"), TicketLine("1", "pie")], "en"
    )

    assert signs(found) == [(Difference.REMOVED, "1", "tea"), (Difference.ADDED, "1", "pie")]


def test_another_number_is_told_as_more_or_less_and_as_what_it_is_in_all() -> None:
    (more,) = differences([TicketLine("1", "tea")], [TicketLine("3", "tea")], "en")
    (less,) = differences([TicketLine("3", "tea")], [TicketLine("0.5", "tea")], "en")

    assert (more.difference, more.quantity, more.note) == (Difference.ADDED, "2", "3 in all")
    assert (less.difference, less.quantity, less.note) == (Difference.REMOVED, "2.5", "0.5 in all")


def test_one_more_without_nuts_is_without_nuts_too() -> None:
    before = TicketLine("1", "pie", (NO_NUTS,), note="allergic to nuts")
    (found,) = differences([before], [replace(before, quantity="2")], "en")

    assert found.options == (NO_NUTS,)
    assert found.note == "allergic to nuts · 2 in all"


def test_another_option_or_note_is_another_dish() -> None:
    plain_pie, without = TicketLine("1", "pie"), TicketLine("1", "pie", (NO_NUTS,))
    found = differences([plain_pie], [without], "en")

    assert [(one.difference, one.options) for one in found] == [(Difference.REMOVED, ()), (Difference.ADDED, (NO_NUTS,))]
    assert len(differences([plain_pie], [replace(plain_pie, note="hot")], "en")) == 2


def test_price_and_sequence_matter_to_nobody_who_cooks() -> None:
    one, two = TicketLine("1", "tea", amount="3.00"), TicketLine("1", "pie")

    assert differences([one, two], [two, replace(one, amount="4.00")], "en") == ()


def test_numbers_are_written_as_people_write_them() -> None:
    assert [plain(Decimal(text)) for text in ("2.0", "2E+1", "0.50", "10")] == ["2", "20", "0.5", "10"]


LINES = st.lists(
    st.builds(
        TicketLine,
        quantity=st.sampled_from(["1", "2", "0.5", "3"]),
        name=st.sampled_from(["tea", "pie"]),
        options=st.sampled_from([(), (NO_NUTS,)]),
        note=st.sampled_from(["", "hot"]),
    ),
    max_size=5,
)


def number(lines: Iterable[TicketLine]) -> Counter[tuple[str, bool, bool]]:
    found: Counter[tuple[str, bool, bool]] = Counter()
    for one in lines:
        sign = -1 if one.difference is Difference.REMOVED else 1
        dish = (one.name, bool(one.options), one.note.startswith("hot"))
        found[dish] += sign * Decimal(one.quantity)  # type: ignore[assignment]  # a Counter adds decimals too
    return found


@given(LINES, LINES)
def test_paper_and_slip_together_are_what_is_wanted(before: list[TicketLine], after: list[TicketLine]) -> None:
    slip = differences(before, after, "en")
    held = number(before)
    held.update(number(slip))

    assert {dish: count for dish, count in held.items() if count} == dict(number(after))
    assert all(Decimal(one.quantity) > 0 and one.difference for one in slip)


@given(LINES)
def test_nothing_changed_is_nothing_to_tell(lines: list[TicketLine]) -> None:
    assert differences(lines, reversed(lines), "zh") == ()
