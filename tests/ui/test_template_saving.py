"""Saving templates: the shop's own, copies and the shipped ones, refusals, and leaving with something unsaved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app import texts
from app.printing import read_template
from tests.ui.templates_desk import KITCHEN, Desk, Shop, opened


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    yield from opened(qtbot, Shop())


@pytest.fixture
def own_desk(qtbot: QtBot) -> Iterator[Desk]:
    """With a template of the shop's own beside the usual one, and one that an accident made unreadable."""
    yield from opened(qtbot, Shop(cold=KITCHEN.replace('"name": "kitchen"', '"name": "cold"'), broken="{"))


def test_a_template_is_saved_and_comes_back(desk: Desk) -> None:
    desk.pick("Call number")
    desk.choose("block-size", "big")
    desk.press("template-save")
    assert read_template(desk.shop.stored["kitchen"]).blocks[0].model_dump()["size"] == "big"
    assert desk.papers[0] == "Kitchen ticket: changed by you"
    assert not desk.part("template-save").isEnabled()
    desk.open("dish")
    desk.open("kitchen")
    assert desk.rows[1] == "Call number, big, bold"


def test_back_to_the_shipped_one_is_a_step_that_is_stored_as_nothing(desk: Desk) -> None:
    desk.pick("Call number")
    desk.choose("block-size", "big")
    desk.press("template-save")
    desk.press("template-shipped")
    assert desk.rows[1] == "Call number, huge, bold"
    desk.press("template-undo")
    assert desk.rows[1] == "Call number, big, bold"
    desk.press("template-redo")
    desk.press("template-save")
    assert desk.shop.stored == {}
    assert desk.papers[0] == "Kitchen ticket: as shipped"
    assert not desk.part("template-shipped").isEnabled()


def test_a_refusal_is_told_and_nothing_is_lost(desk: Desk) -> None:
    desk.pick("Call number")
    desk.choose("block-size", "big")
    desk.shop.refuse_with = "no room"
    desk.press("template-save")
    assert desk.says("template-bar-words") == "no room"
    assert desk.page.draft.changed
    desk.press("template-save")
    assert "kitchen" in desk.shop.stored


def test_a_copy_gets_a_name_of_its_own(desk: Desk) -> None:
    desk.press("template-copy")
    line = desk.part("template-bar-line")
    assert line.text() == "Kitchen ticket 2"
    line.setText("dish")
    desk.press("template-bar-copy")
    assert "There is one" in desk.says("template-bar-words")
    line.setText("cold")
    desk.press("template-bar-copy")
    assert desk.papers[1] == "\u3000cold: \u3000not saved"
    assert desk.shop.stored == {}
    desk.press("template-save")
    assert read_template(desk.shop.stored["cold"]).name == "cold"
    assert desk.papers[:2] == ["Kitchen ticket: as shipped", "\u3000cold: \u3000your own"]


def test_an_own_one_is_deleted_and_brought_back(own_desk: Desk) -> None:
    desk = own_desk
    desk.open("cold")
    assert not desk.part("template-shipped").isVisible()
    text = desk.shop.stored["cold"]
    desk.press("template-delete")
    assert "cold" not in desk.shop.stored
    assert "was deleted" in desk.says("template-bar-words")
    desk.press("template-bar-undo")
    assert desk.shop.stored["cold"] == text
    assert desk.page.draft.name == "cold"


def test_a_stored_one_that_cannot_be_read_is_shown_as_that(own_desk: Desk) -> None:
    desk = own_desk
    assert desk.papers[-1] == "\u3000broken: \u3000cannot be read"
    desk.open("broken")
    assert desk.part("template-text").toPlainText() == "{"
    assert desk.rows == []
    assert not desk.page.draft.changed


def test_leaving_asks_in_the_page_and_loses_nothing_unasked(desk: Desk) -> None:
    left: list[str] = []
    assert desk.page.may_leave(lambda: left.append("unasked"))
    desk.pick("Call number")
    desk.choose("block-size", "big")
    desk.open("dish")
    assert desk.page.draft.name == "kitchen"
    assert desk.part("template-papers").currentRow() == 0
    desk.press("template-bar-stay")
    assert desk.page.draft.changed
    assert not desk.page.may_leave(lambda: left.append("saved"))
    assert left == []
    desk.press("template-bar-save")
    assert left == ["saved"]
    assert "kitchen" in desk.shop.stored
    desk.choose("block-size", "small")
    desk.open("dish")
    desk.press("template-bar-discard")
    assert desk.page.draft.name == "dish"
    assert read_template(desk.shop.stored["kitchen"]).blocks[0].model_dump()["size"] == "big"


def test_the_page_speaks_chinese(qtbot: QtBot, chinese: None) -> None:
    texts.use("zh")
    for desk in opened(qtbot, Shop()):
        assert desk.papers[6].endswith("出厂样式")
        assert "去不掉" in desk.says("template-fixed")
