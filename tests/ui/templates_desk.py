"""A shop that keeps templates, and a hand on the Templates page: for the tests of that page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.printing import standard_templates
from app.ui.bridge import Bridge
from app.ui.pages.templates import TemplatesPage
from app.ui.pictures import settle
from app.ui.theme import Theme
from app.ui.widgets.preview import Preview
from tests.ui.fakes import FakeFacade

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
