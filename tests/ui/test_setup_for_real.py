"""The forms against a real engine and a printer on loopback: what they ask is what the engine takes, end to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.config import DataFolder
from app.db.database import Database
from app.domain.tickets import TicketKind
from app.engine.facade import Facade
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.practice.printer import VirtualPrinter
from app.ui.bridge import Bridge
from app.ui.dialogs.printer import PrinterDialog
from app.ui.dialogs.route import RouteDialog
from app.ui.dialogs.station import StationDialog
from app.ui.pages.stations import StationsPage
from app.ui.theme import Theme
from tests.engine.shop import house
from tests.ui.settings_desk import Desk, Shop

SECONDS = 20_000  # milliseconds: the printer's own slowness and a busy machine


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter().in_thread() as opened:
        yield opened


@pytest.fixture
def facade(tmp_path: Path, printer: VirtualPrinter) -> Iterator[Facade]:
    """Closes before its printer does, which it would miss."""
    folder, vault = DataFolder(tmp_path / "shop"), Vault(b"m" * 32, "a test")
    engine = Engine(folder, Database.open(folder.create().database, vault.database_key), vault, house(), 0)
    engine.start()
    yield engine.facade
    engine.stop()


@contextmanager
def opened(bot: QtBot, facade: Facade, kind: type[QWidget]) -> Iterator[Desk]:
    bridge = Bridge(facade)
    window = kind(facade, bridge, Theme.load("light"))  # type: ignore[call-arg, arg-type] # both kinds take the same
    if isinstance(window, QDialog):
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    window.show()
    bot.addWidget(window)
    try:
        yield Desk(window, Shop(), bridge, bot)
    finally:
        bridge.close()


def add_printer(bot: QtBot, facade: Facade, port: int) -> None:
    with opened(bot, facade, PrinterDialog) as form:
        form.press("printer-kind-lan")
        form.type("printer-field-host", "127.0.0.1")
        form.type("printer-field-port", str(port))
        form.press("printer-next")
        form.type("printer-name", "Hot")
        form.press("printer-next")
        form.press("printer-try")
        bot.waitUntil(form.part("printer-rom-no").isVisible, timeout=SECONDS)
        assert "confirms every ticket" in form.words("printer-abilities")
        form.press("printer-rom-no")
        form.press("printer-cuts-yes")
        form.press("printer-save")
        bot.waitUntil(lambda: not form.window.isVisible(), timeout=SECONDS)


def test_a_shop_is_set_up_from_nothing(qtbot: QtBot, facade: Facade, printer: VirtualPrinter) -> None:
    add_printer(qtbot, facade, printer.port)
    assert len(printer.paper) == 1
    (stored,) = facade.printers()
    assert (stored.name, stored.profile["rom"], stored.profile["acknowledges"]) == ("Hot", "none", "process_id")
    (kitchen,) = facade.stations()
    assert (kitchen.name, kitchen.printer_id, kitchen.default) == ("Kitchen", stored.id, True)

    with opened(qtbot, facade, StationsPage) as page:
        page.press("stations-add")
        form = page.dialog(StationDialog)
        form.type("station-name", "Bar")
        form.choose("station-kind", "label")
        form.press("station-save")
        qtbot.waitUntil(lambda: len(facade.stations()) == 2, timeout=SECONDS)
        bar = facade.stations()[1]
        assert (bar.kind, bar.default) == (TicketKind.LABEL, False)
        qtbot.waitUntil(lambda: page.window.findChild(QWidget, f"station-{bar.id}-rule") is not None, timeout=SECONDS)

        page.press(f"station-{bar.id}-rule")
        rule = page.dialog(RouteDialog)
        rule.type("route-categories-line", "Drinks*")
        QTest.keyClick(rule.window, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: len(facade.routes()) == 1, timeout=SECONDS)

        page.choose("tester-order", "")
        page.type("sample-dish-0", "Cola")
        page.type("sample-category-0", "drinks, cold")
        page.press("tester-show")
        page.settle()
        assert page.words(f"tester-what-{bar.id}") == "Cup label: Cola"
        assert page.words(f"tester-where-{kitchen.id}") == "Kitchen → Hot"  # it has no rule, so it takes everything


def test_a_name_that_the_engine_refuses_is_told_in_its_words(qtbot: QtBot, facade: Facade, printer: VirtualPrinter) -> None:
    add_printer(qtbot, facade, printer.port)
    with opened(qtbot, facade, StationDialog) as form:
        form.type("station-name", "kitchen")
        form.press("station-save")
        qtbot.waitUntil(lambda: bool(form.words("station-dialog-result")), timeout=SECONDS)
        assert form.words("station-dialog-result") == "Not saved: There is already a station of this name."
