"""Sharing the width among lanes: New never folds, nothing overflows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.engine.views import Lane
from app.ui.theme import styled
from app.ui.widgets.board import NARROWEST, ORDER, widths
from app.ui.widgets.lane import FOLDED, GAP
from app.ui.widgets.pen import wrap

KEEP = (Lane.NEW, Lane.COOKING, Lane.READY, Lane.ON_THE_WAY, Lane.SCHEDULED)


@given(st.integers(0, 4000), st.sets(st.sampled_from(KEEP)))
def test_lanes_fit_and_new_is_always_open(room: int, folded: set[Lane]) -> None:
    wide = widths(room, KEEP, frozenset(folded - {Lane.NEW}))
    assert wide[Lane.NEW] >= NARROWEST
    assert all(width == FOLDED or width >= NARROWEST for width in wide.values())
    least = NARROWEST + 4 * FOLDED + 4 * GAP
    assert sum(wide.values()) + 4 * GAP <= max(room, least)


def test_a_wide_screen_shows_four_lanes_in_the_wanted_shares() -> None:
    wide = widths(1832, KEEP, frozenset({Lane.SCHEDULED}))
    assert wide[Lane.SCHEDULED] == FOLDED
    assert wide[Lane.COOKING] > wide[Lane.NEW] > wide[Lane.READY] > wide[Lane.ON_THE_WAY]


def test_the_detail_panel_leaves_new_and_cooking_open_on_a_small_screen() -> None:
    wide = widths(1366 - 72 - 420 - 24, KEEP, frozenset({Lane.SCHEDULED}))
    assert {lane for lane in ORDER if wide[lane] > FOLDED} == {Lane.NEW, Lane.COOKING}


@given(st.text("ab c：，。宫保鸡丁", min_size=1, max_size=60), st.integers(20, 300), st.integers(1, 4))
def test_wrapping_keeps_the_words_in_order_and_to_the_lines_allowed(qapp: object, text: str, width: int, lines: int) -> None:
    del qapp
    broken = wrap(text, styled(15), width, lines)
    assert 1 <= len(broken) <= lines
    assert text.replace(" ", "").startswith("".join(broken[:-1]).replace(" ", ""))
    assert wrap(text, styled(15), 10000, lines) == [text]


def test_latin_words_stay_whole(qapp: object) -> None:
    del qapp
    broken = wrap("Customer wants to cancel：点错了，想换一家", styled(15, bold=True), 190, 3)
    assert all(not line.startswith(("：", "，")) for line in broken)
    assert sum("cancel" in line for line in broken) == 1
