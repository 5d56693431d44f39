"""The paper beside a template: drawn in its turn, in every width, language and mark, and it says why where it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.domain.tickets import Mark
from app.printing import standard_templates
from app.ui.bridge import Bridge
from app.ui.pictures import settle
from app.ui.theme import Theme
from app.ui.widgets.preview import Preview
from app.ui.widgets.template_sample import draw
from tests.ui.templates_desk import Desk, Shop, opened


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    yield from opened(qtbot, Shop())


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
