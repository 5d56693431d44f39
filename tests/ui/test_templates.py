"""The Templates page: every change shows on the paper at once, nothing is lost, and nothing wrong can be saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app import texts
from app.domain.tickets import Mark, TicketKind
from app.printing import read_template, standard_templates
from app.ui.bridge import Bridge
from app.ui.pages.templates import TemplatesPage
from app.ui.pictures import settle
from app.ui.theme import Theme
from app.ui.widgets.preview import Preview
from app.ui.widgets.template_draft import Draft, Problem
from app.ui.widgets.template_sample import draw
from app.ui.widgets.template_words import block_kinds, block_words, fresh_block, in_words
from tests.ui.fakes import HOSTILE, FakeFacade

KITCHEN = standard_templates()["kitchen"].to_json()


class Shop(FakeFacade):
    """Keeps templates in memory."""

    def __init__(self, **stored: str) -> None:
        super().__init__()
        self.stored = dict(stored)

    def forms(self) -> Mapping[str, str]:
        return dict(self.stored)

    def save_form(self, name: str, body: str) -> Future[None]:
        if not self.refuse_with:
            self.stored.pop(name, None)
            self.stored |= {name: body} if body else {}
        return self._answer()


@dataclass
class Desk:
    """The page on a shop; `part` finds a control by its stable name."""

    page: TemplatesPage
    shop: Shop
    bot: QtBot

    def part(self, name: str) -> Any:
        found = self.page.findChild(QWidget, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> None:
        button = self.part(name)
        assert button.isVisible(), name
        assert button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        settle(1)

    def choose(self, name: str, value: str) -> None:
        box = self.part(name)
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())

    def pick(self, words: str) -> None:
        """The first block whose row begins so."""
        rows = self.rows
        self.part("template-blocks").setCurrentRow(next(n for n, row in enumerate(rows) if row.startswith(words)))
        settle(1)  # the form of the block before goes

    def open(self, name: str) -> None:
        papers = self.part("template-papers")
        papers.setCurrentRow([papers.item(n).data(Qt.ItemDataRole.UserRole) for n in range(papers.count())].index(name))
        settle(1)

    def add(self, kind: str) -> None:
        action = self.page.findChild(QAction, f"add-{kind}")
        assert action is not None
        action.trigger()
        settle(1)

    def type(self, name: str, text: str) -> None:
        line = self.part(name)
        line.selectAll()
        if text.isascii():
            QTest.keyClicks(line, text)
        else:  # keyClicks knows no hanzi: an input method brings them
            line.setText(text)
            line.textEdited.emit(text)

    @property
    def rows(self) -> list[str]:
        blocks = self.part("template-blocks")
        return [blocks.item(n).text() for n in range(blocks.count())]

    @property
    def papers(self) -> list[str]:
        papers = self.part("template-papers")
        return [papers.item(n).text().replace("\n", ": ") for n in range(papers.count())]

    @property
    def picture(self) -> bytes:
        """What the preview shows once it is up to date."""
        preview = self.page.findChild(Preview, "template-preview")
        assert preview is not None
        self.bot.waitUntil(lambda: preview.settled, timeout=10_000)
        return preview.paper.png

    def says(self, name: str) -> str:
        label = self.part(name)
        assert isinstance(label, QLabel)
        assert label.textFormat() is Qt.TextFormat.PlainText
        return label.text() if label.isVisible() else ""


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    yield from opened(qtbot, Shop())


@pytest.fixture
def own_desk(qtbot: QtBot) -> Iterator[Desk]:
    """With a template of the shop's own beside the usual one, and one that an accident made unreadable."""
    yield from opened(qtbot, Shop(cold=KITCHEN.replace('"name": "kitchen"', '"name": "cold"'), broken="{"))


def opened(bot: QtBot, shop: Shop) -> Iterator[Desk]:
    bridge = Bridge(shop)
    page = TemplatesPage(shop, bridge, Theme.load("light"))  # not the bot's: it would close it before the last look
    page.resize(1294, 712)
    page.show()
    desk = Desk(page, shop, bot)
    assert desk.picture
    yield desk
    assert desk.picture  # a drawing under way ends before its bridge does
    bridge.close()
    page.close()
    page.deleteLater()
    settle(1)


# the blocks


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


# the preview


def test_paper_language_and_marks_are_shown(desk: Desk) -> None:
    seen = {desk.picture}
    for box, value in (
        ("template-paper", "58"),
        ("template-language", "zh"),
        *(("template-mark", mark) for mark in (Mark.REPRINT, Mark.POSSIBLE_DUPLICATE, Mark.VOID, Mark.BACKUP)),
    ):
        desk.choose(box, value)
        assert desk.picture not in seen, value
        seen.add(desk.picture)


def test_labels_offer_label_sizes(desk: Desk) -> None:
    desk.open("label")
    paper = desk.part("template-paper")
    offered = [paper.itemData(n) for n in range(paper.count())]
    assert offered[0] == "40x30"
    assert {"80", "58"} < set(offered)
    assert desk.picture == draw(standard_templates()["label"], "40x30", "en", "Asia/Shanghai", "")


def test_an_older_picture_never_takes_a_newer_ones_place(qtbot: QtBot) -> None:
    shop = Shop()
    bridge = Bridge(shop)
    preview = Preview(Theme.load("light"), bridge, "preview")
    qtbot.addWidget(preview)
    old, new = draw_of("kitchen"), draw_of("receipt")
    slow, asked = Event(), []

    def slowly() -> bytes:
        asked.append("old")
        assert slow.wait(60)
        return old

    def between() -> bytes:
        asked.append("between")
        return old

    def quickly() -> bytes:
        asked.append("new")
        return new

    preview.ask(slowly)
    qtbot.waitUntil(lambda: asked == ["old"])
    preview.ask(between)
    preview.ask(quickly)
    slow.set()
    qtbot.waitUntil(lambda: preview.settled)
    assert preview.paper.png == new
    assert asked == ["old", "new"]
    bridge.close()


def test_no_size_sets_length_and_scroll_bar_on_each_other(desk: Desk) -> None:
    """A bar that came and went would change the width, that the length, and that the bar, until the stack is gone."""
    preview = desk.part("template-preview")
    for height in range(500, 1500, 40):
        desk.page.resize(1294, height)
        settle(1)
    assert preview.paper.height() > preview.paper.width() / 2 > 50


def test_a_picture_that_cannot_be_drawn_says_why(qtbot: QtBot) -> None:
    bridge = Bridge(Shop())
    preview = Preview(Theme.load("light"), bridge, "preview")
    qtbot.addWidget(preview)
    preview.show()

    def fails() -> bytes:
        raise ValueError("no font")

    preview.ask(fails)
    qtbot.waitUntil(lambda: preview.settled)
    label = preview.findChild(QLabel, "preview-note")
    assert label is not None
    assert "no font" in label.text()
    bridge.close()


def test_a_failed_picture_is_forgotten_by_the_next_choice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> bytes:
        raise ValueError("no font")

    before = desk.picture
    with monkeypatch.context() as broken:
        broken.setattr("app.ui.widgets.template_sample.render_png", fails)
        desk.choose("template-paper", "58")
        assert desk.picture == before
        assert "no font" in desk.says("template-preview-note")
    desk.choose("template-language", "zh")
    assert desk.picture != before
    assert desk.says("template-preview-note") == ""


def test_the_last_good_version_can_be_looked_at_while_the_text_is_broken(desk: Desk) -> None:
    before = desk.picture
    desk.part("template-text").setPlainText("{")
    desk.choose("template-paper", "58")
    assert desk.picture not in (before, b"")
    assert desk.says("template-preview-note")


def draw_of(kind: str) -> bytes:
    return draw(standard_templates()[kind], "58", "en", "Asia/Shanghai", "")


# the text


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


# saving


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
