"""The sweep's bookmark: nothing between two sweeps is left out, whatever happened in between."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.hubrise.cursor import FIRST_LOOK, SWEEP_EVERY, Cursor

NOW = 1_767_265_205.0


def after(query: dict[str, str]) -> float:
    return datetime.fromisoformat(query["after"]).timestamp()


def test_the_first_look_takes_what_nobody_has_stored() -> None:
    query = Cursor().query(NOW)
    assert query["status"] == "new"
    assert after(query) == NOW - FIRST_LOOK


def test_later_sweeps_take_every_status() -> None:
    later = Cursor().advanced("a", NOW, "").query(NOW + SWEEP_EVERY)
    assert "status" not in later
    assert after(later) == NOW


def test_a_sweep_is_due_at_first_then_after_a_while_and_after_every_restart() -> None:
    first = Cursor()
    assert first.due("a", NOW)
    done = first.advanced("a", NOW, "")
    assert not done.due("a", NOW + 1)
    assert done.due("a", NOW + SWEEP_EVERY)
    assert done.due("b", NOW + 1)


def test_a_sweep_of_several_pages_keeps_its_question() -> None:
    begun = Cursor().advanced("a", NOW, "page-2")
    assert begun.due("a", NOW + 1)
    assert begun.query(NOW + 100) == {**Cursor().query(NOW), "cursor": "page-2"}
    done = begun.advanced("a", NOW + 100, "")
    assert (done.swept, done.page) == (NOW, "")  # what changed while paging belongs to the next sweep


@given(pauses=st.lists(st.floats(0, 10 * 86400), max_size=20))
def test_sweeps_overlap(pauses: list[float]) -> None:
    cursor, now = Cursor().advanced("a", NOW, ""), NOW
    for pause in pauses:
        before, now = now, now + pause
        assert after(cursor.query(now)) <= before
        cursor = cursor.advanced("a", now, "")


@pytest.mark.parametrize("text", ["", "12345", "null", "[]", '{"other": 1}', "{"])
def test_whatever_else_was_stored_begins_anew(text: str) -> None:
    assert Cursor.parse(text) == Cursor()


def test_the_text_form_is_read_back() -> None:
    cursor = Cursor().advanced("a", NOW, "page-2")
    assert Cursor.parse(str(cursor)) == cursor
