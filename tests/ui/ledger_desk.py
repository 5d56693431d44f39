"""An open ledger page, and a hand on it: for the tests of the ledger."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.engine.views import TicketAction
from app.ui.models.ledger import COLUMNS, Column
from app.ui.pages.ledger import LedgerPage
from app.ui.pictures import settle
from app.ui.widgets.ticket_cells import targets
from tests.ui.conftest import Console
from tests.ui.fakes import FakeFacade


class Desk:
    """An open ledger, and a hand on it."""

    def __init__(self, console: Console, qtbot: QtBot) -> None:
        self.console, self.facade, self._qtbot = console, console.facade, qtbot
        console.window.open_page("ledger")
        page = console.window._pages["ledger"]
        assert isinstance(page, LedgerPage)
        self.page = page
        console.window.activateWindow()
        self.rest()

    def until(self, happened: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(happened, timeout=60_000)

    def rest(self) -> None:
        """Until everything that was asked for is on screen."""
        page = self.page
        settle()
        self.until(lambda: page.found is not None and page.found.wanted == page._wanted)
        self.until(lambda: not page._reading and not page._stale)
        self.page.table.viewport().repaint()
        settle()
        self.until(lambda: not page.model._loading and not page.model._wanted and not page.model._stale)
        settle()

    def numbers(self) -> list[str]:
        return [self.facade.rows[id_].call_number for id_ in self.page.model.ids]

    def choose(self, *ids: int) -> None:
        """Tick these with a finger."""
        for id_ in ids:
            self._click(id_, Column.TICK)
        self.rest()

    def open(self, id_: int) -> None:
        self._click(id_, Column.NUMBER)
        self.until(lambda: bool(self.page.side.shown and self.page.side.shown.ticket.id == id_))
        settle()

    def touch(self, id_: int, action: TicketAction) -> None:
        """Press a painted button."""
        table, model = self.page.table, self.page.model
        table.moved_at = 0.0  # the rows stand still
        row = model.row_of(id_)
        assert row is not None
        area = table.visualRect(model.index(row, COLUMNS.index(Column.ACTIONS)))
        shown = model.ticket(row)
        assert shown is not None
        box = next(one.box for one in targets(shown, area, table.compact) if one.action is action)
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        settle()

    def press(self, name: str) -> None:
        button = self.console.window.findChild(QPushButton, name)
        assert button is not None, name
        assert button.isVisible(), name
        button.click()
        self.rest()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.page.table, key, modifier)
        self.rest()

    def said(self, name: str) -> str:
        found = self.console.window.findChild(QWidget, name)
        assert found is not None, name
        return found.text() if isinstance(found, QLabel) else found.accessibleName()

    def _click(self, id_: int, column: Column) -> None:
        row = self.page.model.row_of(id_)
        assert row is not None
        index = self.page.model.index(row, COLUMNS.index(column))
        self.page.table.scrollTo(index)
        place: QPoint = self.page.table.visualRect(index).center()
        QTest.mouseClick(self.page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        settle()


Desks = Callable[[FakeFacade], Desk]
