"""A shop that remembers what the settings forms ask, and a hand on their controls: for the tests of the Settings page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.engine.views import AccountView, PrinterView
from app.platforms.api import FieldKind, Platform, SettingField, ShopInfo
from app.ui.bridge import Bridge
from app.ui.theme import Theme
from tests.ui.fakes import ELEME, HUBRISE, FakeFacade

CAFE = replace(
    HUBRISE,
    name="cafe",
    title="Café Net",
    default_address="https://api.example",
    fields=(
        SettingField("client", "Client ID", "In the back office"),
        SettingField("secret", "Client secret", kind=FieldKind.SECRET),
        SettingField("size", "Size", kind=FieldKind.CHOICE, default="big", choices=("small", "big")),
        SettingField("code", "Code", kind=FieldKind.CODE),
        SettingField("token", "Access token", kind=FieldKind.SECRET, required=False),
        SettingField("minutes", "Minutes to decide", kind=FieldKind.NUMBER, required=False, default="5"),
    ),
)


@dataclass
class Attempt:
    """One sign-in that was tried, and the answer the test will give it."""

    platform: str
    values: dict[str, str]
    address: str
    answer: Future[ShopInfo]
    account_id: int | None = None


class Shop(FakeFacade):
    """Remembers what the forms ask, and answers when the test says so."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tested: list[Attempt] = []
        self.calls: list[tuple[Any, ...]] = []
        self.account_list = super().accounts()
        self.printer_list = super().printers()
        self.page = "https://sign.in/here?client=1"
        self.printer_says: str | Exception = "on paper"

    def platforms(self) -> list[Platform]:
        return [ELEME, CAFE]

    def accounts(self) -> list[AccountView]:
        return self.account_list

    def printers(self) -> list[PrinterView]:
        return self.printer_list

    def sign_in_page(self, platform: str, values: Mapping[str, str], address: str = "") -> str:
        return self.page

    def test_account(
        self, platform: str, values: Mapping[str, str], address: str = "", account_id: int | None = None
    ) -> Future[ShopInfo]:
        self.tested.append(Attempt(platform, dict(values), address, Future(), account_id))
        return self.tested[-1].answer

    def add_account(
        self, platform: str, name: str, values: Mapping[str, str], address: str = "", auto_accept: bool = False
    ) -> Future[int]:
        return self._done("add_account", platform, name, dict(values), address, auto_accept)

    def set_account(self, account_id: int, enabled: bool | None = None, auto_accept: bool | None = None) -> Future[None]:
        return self._done("set_account", account_id, enabled, auto_accept)

    def change_account(self, account_id: int, name: str, values: Mapping[str, str], address: str = "") -> Future[None]:
        return self._done("change_account", account_id, name, dict(values), address)

    def change_printer(self, printer_id: int, name: str, host: str, port: int, station: str, width: int) -> Future[None]:
        return self._done("change_printer", printer_id, name, host, port, station, width)

    def add_printer(self, name: str, host: str, port: int, station: str, width: int) -> Future[int]:
        return self._done("add_printer", name, host, port, station, width)

    def set_printer(self, printer_id: int, enabled: bool) -> Future[None]:
        return self._done("set_printer", printer_id, enabled)

    def test_printer(self, host: str, port: int, width: int) -> Future[str]:
        self.calls.append(("test_printer", host, port, width))
        future: Future[str] = Future()
        if isinstance(self.printer_says, Exception):
            future.set_exception(self.printer_says)
        else:
            future.set_result(self.printer_says)
        return future

    def _done(self, *call: Any) -> Future[Any]:
        self.calls.append(call)
        return self._answer()


@dataclass
class Desk:
    """A window with its shop; `part` finds a control by its stable name."""

    window: QWidget
    shop: Shop
    bridge: Bridge
    bot: QtBot

    def part(self, name: str) -> Any:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> None:
        QTest.mouseClick(self.part(name), Qt.MouseButton.LeftButton)

    def type(self, name: str, text: str) -> None:
        part = self.part(name)
        line = part if isinstance(part, QLineEdit) else part.findChild(QLineEdit)
        line.setText(text)

    def typed(self, name: str) -> str:
        part = self.part(name)
        line = part if isinstance(part, QLineEdit) else part.findChild(QLineEdit)
        return str(line.text())

    def words(self, name: str) -> str:
        label = self.part(name)
        assert isinstance(label, QLabel)
        assert label.textFormat() is Qt.TextFormat.PlainText
        return label.text()

    def settle(self) -> None:
        for _ in range(5):
            QApplication.processEvents()

    def answer(self, result: ShopInfo | Exception, which: int = -1) -> None:
        future = self.shop.tested[which].answer
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
        self.settle()


Opener = Callable[..., Desk]


@contextmanager
def opening(bot: QtBot) -> Iterator[Opener]:
    """Opens windows of the three kinds; their bridges are closed at the end."""
    bridges: list[Bridge] = []

    def make(kind: type[QWidget], shop: Shop | None = None, **named: Any) -> Desk:
        shop = shop or Shop()
        bridge = Bridge(shop)
        bridges.append(bridge)
        window = kind(shop, bridge, Theme.load("light"), **named)  # type: ignore[call-arg, arg-type] # the three kinds take the same
        if isinstance(window, QDialog):
            window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test looks at it afterwards
            window.open()
        else:
            window.resize(1294, 712)
            window.show()
        bot.addWidget(window)
        return Desk(window, shop, bridge, bot)

    yield make
    for bridge in bridges:
        bridge.close()
