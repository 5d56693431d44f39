"""A shop that remembers what the settings forms ask, and a hand on their controls: for the tests of the Settings page."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.domain.orders import OrderFacts
from app.domain.routing import Moment, Route, Routing, Station, route
from app.domain.tickets import TicketKind
from app.engine.facade import RefusalError
from app.engine.views import AccountView, Menu, PrinterForm, PrinterTest, PrinterView, StationUse
from app.platforms.api import Arrival, FieldKind, Platform, SettingField, ShopInfo
from app.printing.discovery import Found
from app.printing.kinds import Device, PrinterKind
from app.printing.kinds import Field as PrinterField
from app.ui.bridge import Bridge
from app.ui.pictures import settle
from app.ui.theme import Theme
from tests.ui.fakes import ELEME, HUBRISE, FakeFacade

CAFE = replace(
    HUBRISE,
    name="cafe",
    title="Café Net",
    default_address="https://api.example",
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=("Refunds: use the back office",),
    fields=(
        SettingField("client", "Client ID", "In the back office"),
        SettingField("secret", "Client secret", kind=FieldKind.SECRET),
        SettingField("size", "Size", kind=FieldKind.CHOICE, default="big", choices=("small", "big")),
        SettingField("code", "Code", kind=FieldKind.CODE),
        SettingField("token", "Access token", kind=FieldKind.SECRET, required=False),
        SettingField("minutes", "Minutes to decide", kind=FieldKind.NUMBER, required=False, default="5"),
    ),
)


def _never(*_: object) -> Device:
    raise NotImplementedError


LAN_KIND = PrinterKind(
    "lan",
    "Network printer",
    (
        PrinterField("host", "Network address", "On the self-test page"),
        PrinterField("port", "Port", default="9100"),
        PrinterField("speed", "Speed", default="9600", choices=(("9600", "slow"), ("115200", "fast"))),
    ),
    ("escpos", "tspl"),
    _never,
    lambda settings: f"{settings['host']}:{settings['port']}",
)
CLOUD_KIND = PrinterKind(
    "cloud",
    "Cloud printer",
    (PrinterField("sn", "Number"), PrinterField("ukey", "UKEY", secret=True), PrinterField("key", "KEY", required=False)),
    ("cloud",),
    _never,
    lambda settings: settings["sn"],
    note="Needs the internet",
)
HOT = Station(1, "热菜", printer_id=1, default=True)
DRINKS = Station(2, "Drinks", TicketKind.LABEL, language="en", printer_id=2, names={"冰美式": "Iced americano"})
PASS = Station(3, "Pass", TicketKind.EXPEDITER, moment=Moment.READY, enabled=False)


@dataclass
class Attempt:
    """One sign-in that was tried, and the answer the test will give it."""

    platform: str
    values: dict[str, str]
    address: str
    answer: Future[ShopInfo]
    account_id: int | None = None


@dataclass
class Search:
    """One search for printers: the test plays the network."""

    wanted: dict[str, object]
    on_found: Callable[[Found], None]
    on_progress: Callable[[int, int], None]
    answer: Future[list[Found]]


class Shop(FakeFacade):
    """Remembers what the forms ask, and answers when the test says so."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tested: list[Attempt] = []
        self.calls: list[tuple[Any, ...]] = []
        self.account_list = super().accounts()
        self.printer_list = super().printers()
        self.page = "https://sign.in/here?client=1"
        self.trials: list[Future[PrinterTest]] = []
        self.searches: list[Search] = []
        self.station_list: list[Station] = [HOT, DRINKS, PASS]
        self.removed: list[Station] = []
        self.station_refusal = ""
        self.route_list: list[Route] = []
        self.form_texts: dict[str, str] = {}

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

    def set_printer(self, printer_id: int, enabled: bool) -> Future[None]:
        return self._done("set_printer", printer_id, enabled)

    # printers

    def printer_kinds(self) -> Mapping[str, PrinterKind]:
        return {"cloud": CLOUD_KIND, "lan": LAN_KIND}

    def find_printers(
        self,
        wanted: Mapping[str, object],
        on_found: Callable[[Found], None],
        on_progress: Callable[[int, int], None],
    ) -> Future[list[Found]]:
        self.searches.append(Search(dict(wanted), on_found, on_progress, Future()))
        return self.searches[-1].answer

    def try_printer(self, form: PrinterForm, printer_id: int | None = None) -> Future[PrinterTest]:
        self.calls.append(("try_printer", form, printer_id))
        self.trials.append(Future())
        return self.trials[-1]

    def save_printer(
        self, form: PrinterForm, profile: Mapping[str, object], printer_id: int | None = None, station: str = ""
    ) -> Future[int]:
        return self._done("save_printer", form, dict(profile), printer_id, station, result=printer_id or 9)

    # stations

    def stations(self) -> list[Station]:
        return list(self.station_list)

    def removed_stations(self) -> list[Station]:
        return list(self.removed)

    def save_station(self, station: Station) -> Future[int]:
        if not self.refuse_with:
            number = station.id or max((one.id for one in self.station_list), default=0) + 1
            known = {one.id: one for one in self.station_list}
            self.station_list = list({**known, number: replace(station, id=number)}.values())
        return self._done("save_station", station, result=station.id or len(self.station_list))

    def station_use(self, station_id: int) -> StationUse:
        found = [one for one in self.station_list if one.id == station_id]
        if not found:
            raise RefusalError("This station does not exist any more.")
        mine = tuple(one for one in self.route_list if one.station_id == station_id)
        return StationUse(found[0], mine, 0, self.station_refusal)

    def remove_station(self, station_id: int) -> Future[None]:
        if not self.refuse_with:
            self.removed += [one for one in self.station_list if one.id == station_id]
            self.station_list = [one for one in self.station_list if one.id != station_id]
        return self._done("remove_station", station_id)

    def restore_station(self, station_id: int) -> Future[None]:
        back = [one for one in self.removed if one.id == station_id]
        self.removed = [one for one in self.removed if one.id != station_id]
        self.station_list = sorted([*self.station_list, *back], key=lambda one: one.id)
        return self._done("restore_station", station_id)

    def routes(self) -> list[Route]:
        return list(self.route_list)

    def save_routes(self, routes: tuple[Route, ...]) -> Future[None]:
        if not self.refuse_with:  # the store gives every rule a new id
            self.route_list = [replace(one, id=100 + len(self.calls) * 10 + place) for place, one in enumerate(routes)]
        return self._done("save_routes", routes)

    def try_order(self, order_id: int) -> Routing:
        card = self.known[order_id]
        return route(self.station_list, self.route_list, card.platform, self.order(order_id).facts, time(12, 15))

    def try_sample(self, platform: str, facts: OrderFacts, at: time | None = None) -> Routing:
        return route(self.station_list, self.route_list, platform, facts, at or time(12, 15))

    def menu(self) -> Menu:
        return Menu(("Drinks", "热菜"), ("冰美式", "宫保鸡丁"), ("加冰",))

    def forms(self) -> Mapping[str, str]:
        return self.form_texts

    def _done(self, *call: Any, result: Any = None) -> Future[Any]:
        self.calls.append(call)
        answer: Future[Any] = self._answer()
        if result is None or answer.exception():
            return answer
        future: Future[Any] = Future()
        future.set_result(result)
        return future


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

    def choose(self, name: str, value: str) -> None:
        box = self.part(name)
        place = box.findData(value)
        assert place >= 0, value
        box.setCurrentIndex(place)

    def dialog(self, kind: builtins.type[QDialog]) -> Desk:
        """The dialog of this kind that was opened from here, as a desk of its own."""
        found = [one for one in self.window.findChildren(kind) if one.isVisible()]
        assert len(found) == 1
        return Desk(found[0], self.shop, self.bridge, self.bot)

    def settle(self) -> None:
        settle()

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

    try:
        yield make
    finally:
        for bridge in bridges:
            bridge.close()
