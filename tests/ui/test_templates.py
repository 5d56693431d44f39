"""The Templates page: every block is told in words and changed by hand, and every change shows on the paper at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.tickets import TicketKind
from app.ui.widgets.template_draft import Problem
from app.ui.widgets.template_words import in_words
from tests.ui.fakes import HOSTILE
from tests.ui.templates_desk import Desk, Shop, opened


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    yield from opened(qtbot, Shop())


def test_every_paper_is_there_and_draws_itself(desk: Desk) -> None:
    assert desk.papers[0] == "Kitchen ticket: as shipped"
    assert len(desk.papers) == len(TicketKind)
    pictures = set()
    for kind in TicketKind:
        desk.open(kind.value)
        pictures.add(desk.picture)
    assert len(pictures) == len(TicketKind)


def test_a_block_is_told_in_plain_words(desk: Desk) -> None:
    assert desk.rows[:2] == ["Title and beeps", "Call number, huge, bold"]
    assert in_words({"type": "text", "zh": "", "en": "Thank\nyou", "align": "center", "only_if": "scan"}) == (
        "Text, “Thank you”, small, in the middle, only with: Code to scan at hand-over"
    )
    assert in_words({"type": "no_such_block"}) == "no such block"


@pytest.mark.parametrize(
    ("block", "change"),
    [
        ("Call number", lambda desk: desk.choose("block-size", "big")),
        ("Station", lambda desk: desk.part("block-bold").click()),
        ("Station", lambda desk: desk.part("block-reverse").click()),
        ("Station", lambda desk: desk.choose("block-align", "right")),
        ("Station", lambda desk: desk.part("block-boxed").click()),
        ("Dishes", lambda desk: desk.part("block-options").click()),
        ("Customer's notes, tall", lambda desk: desk.part("block-kinds-change").click()),
        ("Due", lambda desk: desk.choose("block-only_if", "scheduled")),
        ("Line across", lambda desk: desk.choose("block-mark", "=")),
    ],
)
def test_each_setting_shows_on_paper_and_can_be_taken_back(desk: Desk, block: str, change: Any) -> None:
    before, text = desk.picture, desk.page.draft.now.text
    desk.pick(block)
    change(desk)
    after = desk.picture
    assert after != before
    desk.press("template-undo")
    assert desk.page.draft.now.text == text
    assert desk.picture == before
    desk.press("template-redo")
    assert desk.picture == after


def test_a_setting_back_to_usual_is_no_change(desk: Desk) -> None:
    desk.pick("Call number")
    desk.choose("block-size", "big")
    assert desk.papers[0] == "Kitchen ticket: not saved"
    desk.choose("block-size", "huge")
    assert not desk.page.draft.changed
    assert desk.papers[0] == "Kitchen ticket: as shipped"


def test_blocks_are_added_moved_and_removed(desk: Desk) -> None:
    before = desk.picture
    desk.pick("Call number")
    desk.add("text")
    desk.type("block-zh", "{shop}欢迎您")
    desk.type("block-en", "Thank you")
    added = desk.picture
    assert desk.rows[2].startswith("Text, “Thank you”")
    assert added != before
    desk.press("template-up")
    assert desk.rows[1].startswith("Text")
    moved = desk.picture
    assert moved not in (before, added)
    desk.press("template-down")
    assert desk.picture == added
    desk.press("template-remove")
    assert desk.picture == before


def test_a_row_is_dragged_where_it_is_dropped_and_nothing_above_the_head(desk: Desk) -> None:
    blocks = desk.part("template-blocks")
    last = blocks.count() - 1
    blocks.setCurrentRow(last)
    words = desk.rows[last]
    for target, expected in ((2, 2), (0, 1)):
        drop(blocks, blocks.visualItemRect(blocks.item(target)).topLeft() + QPoint(5, 3))
        assert desk.rows[expected] == words
    before = desk.rows
    drop(blocks, QPoint(5, blocks.height() + 500))
    assert desk.rows[-1] == words
    assert sorted(desk.rows) == sorted(before)


def drop(blocks: Any, place: QPoint) -> None:
    """What Qt does when the finger is lifted."""
    mime = QMimeData()
    none = Qt.KeyboardModifier.NoModifier
    blocks.dropEvent(QDropEvent(QPointF(place), Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton, none))


def test_typing_is_taken_back_by_the_run_and_by_the_pages_own_keys(desk: Desk) -> None:
    desk.add("text")
    desk.type("block-en", "abc")
    line = desk.part("block-en")
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == ""
    QTest.keyClick(line, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert desk.part("block-en").text() == "abc"


def test_a_place_is_inserted_and_a_wrong_one_is_refused_in_words(desk: Desk) -> None:
    desk.add("text")
    action = desk.part("block-en-insert").menu().findChild(QAction, "place-call_number")
    action.trigger()
    assert desk.part("block-en").text() == "{call_number}"
    assert desk.says("template-problem") == ""
    desk.type("block-en", "{wage}")
    assert "wage" in desk.says("template-problem")
    assert not desk.part("template-save").isEnabled()
    assert desk.part("block-en").text() == "{wage}"  # not lost


def test_hostile_words_stay_words(desk: Desk) -> None:
    desk.add("text")
    line = desk.part("block-en")
    line.setText(HOSTILE)
    line.textEdited.emit(line.text())
    row = next(row for row in desk.rows if "Robert" in row)
    assert "<b>Robert</b>" in row
    assert "\n" not in row
    assert desk.picture
    assert desk.page.draft.blocks[1]["en"].startswith("<b>")


def test_the_head_is_edited_like_a_block(desk: Desk) -> None:
    desk.open("packing")
    desk.pick("Title")
    before = desk.picture
    desk.type("block-en", "BAG")
    desk.choose("block-beeps", "2")
    template = desk.page.draft.template
    assert not isinstance(template, Problem)
    assert (template.title.en, template.beeps) == ("BAG", 2)
    assert desk.picture is not None
    assert before


def test_an_allergy_is_no_matter_of_taste(desk: Desk) -> None:
    desk.pick("Allergies")
    assert desk.page.findChild(QWidget, "block-size") is None
    assert "allergy band" in desk.says("template-fixed")
    with_block = desk.picture
    desk.press("template-remove")
    assert desk.page.draft.changed
    assert_band(desk.picture, with_block)


def assert_band(without: bytes, with_block: bytes) -> None:
    """Taking the block out moves the band to the top and loses nothing: as many dark rows as before."""
    from PySide6.QtGui import QImage

    def dark(png: bytes) -> int:
        image = QImage.fromData(png)
        return sum(image.pixelColor(3, y).lightness() < 128 for y in range(image.height()))

    assert dark(without) >= dark(with_block) > 20
