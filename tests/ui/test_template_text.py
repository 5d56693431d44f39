"""A template as text and as steps: nothing typed is lost, nothing wrong can be saved, every step can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.printing import standard_templates
from app.ui.widgets.template_draft import Draft, Problem
from app.ui.widgets.template_words import block_kinds, block_words, fresh_block, in_words
from tests.ui.templates_desk import KITCHEN, Desk, Shop, opened


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    yield from opened(qtbot, Shop())


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (lambda text: text.replace(",", "", 1), 3, "comma"),
        (lambda text: text.replace('"blocks": [', '"blocks": [{"type": "tune"},'), 8, "tune"),
        (lambda text: text.replace('"type": "rule"', '"type": "rule",\n"mark": "?"', 1), None, "mark"),
        (lambda text: text[:-3], None, "comma"),
        (lambda text: text.replace('"kitchen"', '"pantry"', 1), 2, "copy"),
        (lambda text: text.replace('"dishes"', '"allergy"'), 1, "dishes"),
        (lambda text: "", 1, "value"),
        (lambda text: "[" * 100_000, 1, ""),
        (lambda text: '"\\ud800"', 1, ""),
    ],
)
def test_what_is_no_template_is_kept_and_cannot_be_saved(desk: Desk, change: Any, line: int | None, words: str) -> None:
    wrong = change(KITCHEN)
    assert wrong != KITCHEN
    before = desk.picture
    desk.press("template-tab-text")
    desk.part("template-text").setPlainText(wrong)
    assert desk.part("template-text").toPlainText() == wrong
    assert words in desk.says("template-text-problem")
    if line is not None:
        assert desk.says("template-text-problem").startswith(f"Line {line}:")
    assert not desk.part("template-save").isEnabled()
    QTest.keyClick(desk.part("template-text"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert desk.shop.stored == {}
    assert desk.picture == before
    assert desk.says("template-preview-note")
    desk.press("template-undo")
    assert desk.part("template-text").toPlainText() == KITCHEN
    assert desk.says("template-text-problem") == ""


def test_text_and_blocks_are_one(desk: Desk) -> None:
    desk.press("template-tab-text")
    tones = [desk.part(f"template-tab-{name}")._tone for name in ("blocks", "text")]
    assert tones == ["button", "new"], "the open one is filled, as every chosen one is"
    editor = desk.part("template-text")
    editor.setPlainText(KITCHEN.replace('"type": "call_number"', '"type": "call_number",\n"size": "small"'))
    assert desk.rows[1] == "Call number, small, bold"
    desk.press("template-tab-blocks")
    desk.pick("Call number")
    desk.choose("block-size", "tall")
    assert '"size": "tall"' in editor.toPlainText()
    assert desk.picture


@given(st.text(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["blocks", "type", "name", "kind"]), inner),
).map(json.dumps))  # fmt: skip
def test_no_text_is_too_strange_for_the_draft(text: str) -> None:
    draft = Draft("kitchen", "kitchen", KITCHEN)
    draft.write(text)
    assert draft.now.text == text
    problem = draft.template
    assert isinstance(problem, Problem)
    assert 1 <= problem.line <= text.count("\n") + 1
    assert all(in_words(block) for block in draft.blocks if block.get("type"))
    draft.undo()
    assert draft.template == standard_templates()["kitchen"]


@given(st.data())
def test_any_steps_by_blocks_can_be_taken_back_one_by_one(data: st.DataObject) -> None:
    draft = Draft("kitchen", "kitchen", KITCHEN)
    seen = [draft.now.text]
    for _ in range(data.draw(st.integers(1, 12))):
        count = len(draft.blocks)
        number = data.draw(st.integers(0, count - 1))
        match data.draw(st.sampled_from(["insert", "remove", "move", "set"])):
            case "insert":
                draft.insert(number, fresh_block(data.draw(st.sampled_from(block_kinds()))))
            case "remove" if count > 1:
                draft.remove(number)
            case "move":
                draft.move(number, data.draw(st.integers(0, count - 1)))
            case _:
                draft.set_values(number, {"only_if": "scan"})
        if draft.now.text != seen[-1]:
            seen.append(draft.now.text)
    for text in reversed(seen):
        assert draft.now.text == text
        draft.undo()
    assert not draft.may_undo
    for text in seen:
        assert draft.now.text == text
        draft.redo()


@pytest.mark.parametrize("kind", block_kinds())
def test_every_new_block_is_a_template_and_has_words(kind: str) -> None:
    draft = Draft("kitchen", "kitchen", KITCHEN)
    draft.insert(0, fresh_block(kind))
    assert not isinstance(draft.template, Problem)
    assert block_words(kind) != kind.replace("_", " ") or kind == kind.capitalize()
