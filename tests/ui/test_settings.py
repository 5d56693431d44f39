"""The Settings page and its two forms: health in the platform's words, nothing saved untested, errors where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.engine.facade import RefusalError
from app.engine.views import AccountView, HealthState, PrinterView
from app.platforms.api import AuthError, FieldKind, Platform, SettingField, ShopInfo
from app.ui.bridge import Bridge
from app.ui.dialogs.account import AccountDialog
from app.ui.dialogs.printer import PrinterDialog
from app.ui.pages.settings import SettingsPage, versions
from app.ui.theme import Theme
from tests.ui.fakes import ELEME, HOSTILE, HUBRISE, FakeFacade

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


Opener = Callable[..., Desk]


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Opener]:
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
        qtbot.addWidget(window)
        return Desk(window, shop, bridge, qtbot)

    yield make
    for bridge in bridges:
        bridge.close()


@pytest.fixture
def form(open_window: Opener) -> Desk:
    """The account form of a platform with every kind of field, filled in."""
    desk = open_window(AccountDialog)
    desk.part("account-platform").setCurrentIndex(1)
    desk.type("account-field-client", "me")
    desk.type("account-field-secret", "hush")
    desk.type("account-field-code", "1234")
    return desk


def answer(desk: Desk, result: ShopInfo | Exception, which: int = -1) -> None:
    future = desk.shop.tested[which].answer
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    desk.settle()


# the page


def test_accounts_tell_their_health_in_the_platforms_own_words(open_window: Opener) -> None:
    shop = Shop()
    shop.account_list[0] = replace(shop.account_list[0], state=HealthState.SIGNED_OUT, text="授权已过期", name=HOSTILE)
    desk = open_window(SettingsPage, shop)
    assert "授权已过期" in desk.words("account-1-health")
    assert desk.words("account-1-health").startswith("signed out")
    assert desk.words("account-1-title").startswith("<b>Robert</b>")
    assert desk.words("account-2-health").startswith("connected")


def test_printers_tell_what_waits_and_what_a_person_must_look_for(open_window: Opener) -> None:
    desk = open_window(SettingsPage, Shop(broken=True))
    words = desk.words("printer-1-health")
    assert "paper out" in words
    assert "4" in words
    assert "confirms every ticket" in desk.words("printer-1-detail")


def test_switches_ask_the_engine(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.press("account-1-enabled")
    desk.press("account-1-auto-accept")
    desk.press("printer-2-enabled")
    assert desk.shop.calls == [("set_account", 1, False, None), ("set_account", 1, None, True), ("set_printer", 2, False)]


def test_a_refused_switch_goes_back_and_says_why(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.shop.refuse_with = "the platform is closing the shop"
    desk.press("account-1-enabled")
    desk.settle()
    assert desk.part("account-1-enabled").isChecked()
    assert desk.words("account-1-answer") == "the platform is closing the shop"


def test_rows_come_and_go_with_what_the_engine_has(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    assert desk.part("settings-accounts-empty").isHidden()
    desk.shop.account_list, desk.shop.printer_list = [], []
    desk.shop.tell("accounts", 1)
    desk.shop.tell("printers", 1)
    desk.settle()
    assert not desk.part("settings-accounts-empty").isHidden()
    assert not desk.part("settings-printers-empty").isHidden()
    assert desk.window._accounts == {}  # type: ignore[attr-defined] # the page


def test_a_printers_row_prints_a_test_ticket_and_says_what_came_back(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.press("printer-1-test")
    desk.settle()
    assert desk.shop.calls == [("test_printer", "192.0.2.31", 9100, 80)]
    assert desk.words("printer-1-answer") == "The printer says: on paper"


def test_language_look_and_business_day_are_preferences(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    heard: list[tuple[str, str]] = []
    desk.bridge.look_changed.connect(lambda name, value: heard.append((name, value)))
    for name, value in (("language", "en"), ("theme", "dark"), ("cutoff_hour", "6"), ("zone", "Asia/Urumqi")):
        box: QComboBox = desk.part(f"settings-{name}")
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    assert desk.shop.preferences == {"language": "en", "theme": "dark", "cutoff_hour": "6", "zone": "Asia/Urumqi"}
    assert heard == [("language", "en"), ("theme", "dark")]


def test_versions_can_be_copied_for_a_helper(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.press("settings-copy-versions")
    assert QGuiApplication.clipboard().text() == versions()
    assert "sqlcipher3" in versions()


@pytest.mark.parametrize("kind", [SettingsPage, AccountDialog, PrinterDialog])
def test_everything_that_can_be_used_has_a_name_and_room_for_a_finger(open_window: Opener, kind: type[QWidget]) -> None:
    desk = open_window(kind)
    desk.settle()
    controls = [
        control
        for type_ in (QPushButton, QCheckBox, QComboBox)
        for control in desk.window.findChildren(type_)
        if control.isVisible()
    ]
    assert controls
    for control in controls:
        assert control.objectName()
        assert control.height() >= 44
    names = [control.objectName() for control in controls]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("button", ["settings-add-account", "settings-add-printer"])
def test_the_forms_open_in_front_without_a_nested_loop(open_window: Opener, button: str) -> None:
    desk = open_window(SettingsPage)
    desk.press(button)
    dialog = desk.window.findChild(QDialog)
    assert dialog is not None
    assert dialog.isModal()
    dialog.close()


# adding an account


def test_save_waits_for_a_successful_test_of_exactly_these_settings(form: Desk) -> None:
    save = form.part("account-save")
    assert not save.isEnabled()
    form.press("account-test")
    answer(form, ShopInfo("川味小馆", {"client": "me", "secret": "hush", "refresh": "r1"}))
    assert save.isEnabled()
    assert "川味小馆" in form.words("account-dialog-result")
    form.type("account-field-client", "someone else")
    assert not save.isEnabled()


def test_what_is_saved_is_what_the_platform_gave_back(form: Desk) -> None:
    form.press("account-advanced")
    form.type("account-address", "http://127.0.0.1:8000")
    form.press("account-test")
    answer(form, ShopInfo("川味小馆", {"client": "me", "refresh": "r1"}))
    form.part("account-auto-accept").setChecked(True)
    form.press("account-save")
    form.settle()
    saved = ("add_account", "cafe", "川味小馆", {"client": "me", "refresh": "r1"}, "http://127.0.0.1:8000", True)
    assert form.shop.calls == [saved]
    assert not form.window.isVisible()


def test_a_refusal_is_shown_in_the_platforms_own_words(form: Desk) -> None:
    form.press("account-test")
    answer(form, AuthError(f"invalid_grant {HOSTILE}"))
    assert form.words("account-dialog-result").startswith("Café Net says: invalid_grant <b>Robert")
    assert not form.part("account-save").isEnabled()
    assert form.part("account-test").isEnabled()


def test_an_answer_about_settings_changed_meanwhile_counts_for_nothing(form: Desk) -> None:
    form.press("account-test")
    form.type("account-field-secret", "other")
    answer(form, ShopInfo("old", {"client": "me"}))
    assert not form.part("account-save").isEnabled()
    assert "old" not in form.words("account-dialog-result")


def test_missing_and_wrong_answers_are_told_beside_their_fields(form: Desk) -> None:
    form.type("account-field-client", "  ")
    form.type("account-field-minutes", "five")
    form.press("account-test")
    assert form.shop.tested == []
    assert form.words("account-field-client-error") == "Please fill this in."
    assert form.words("account-field-minutes-error") == "Only digits belong here."
    assert form.part("account-field-minutes").isVisible()  # it was folded away
    assert form.part("account-field-secret-error").isHidden()
    form.type("account-field-client", "me")
    assert form.part("account-field-client-error").isHidden()


def test_a_used_code_is_not_asked_for_again(form: Desk) -> None:
    form.press("account-test")
    assert form.shop.tested[0].values["code"] == "1234"
    answer(form, ShopInfo("Shop", {"client": "me", "secret": "hush", "token": "t0", "refresh": "r0"}))
    assert form.typed("account-field-code") == ""
    assert form.typed("account-field-token") == "t0"
    form.type("account-field-minutes", "7")
    form.press("account-test")
    second = form.shop.tested[1].values
    assert (second["code"], second["token"], second["refresh"], second["minutes"]) == ("", "t0", "r0", "7")


def test_secrets_are_masked_until_someone_asks(form: Desk) -> None:
    line = form.part("account-field-secret").findChild(QLineEdit)
    assert line.echoMode() is QLineEdit.EchoMode.Password
    form.press("account-field-secret-reveal")
    assert line.echoMode() is QLineEdit.EchoMode.Normal
    form.press("account-field-secret-reveal")
    assert line.echoMode() is QLineEdit.EchoMode.Password


def test_the_sign_in_page_opens_and_its_address_can_be_copied(form: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString()))
    form.type("account-field-code", "")
    form.press("account-sign-in")
    form.press("account-copy-link")
    assert opened == [form.shop.page]
    assert form.typed("account-link") == QGuiApplication.clipboard().text() == form.shop.page


@pytest.mark.parametrize("page", ["", "file:///etc/passwd", "javascript:alert(1)"])
def test_only_a_web_page_is_opened(form: Desk, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString()))
    form.shop.page = page
    form.press("account-sign-in")
    assert opened == []
    assert form.words("account-dialog-result") == "This platform has no sign-in page."


def test_the_sign_in_page_needs_what_it_is_made_of(form: Desk) -> None:
    form.type("account-field-client", "")
    form.press("account-sign-in")
    assert form.typed("account-link") == ""
    assert form.words("account-field-client-error")


def test_another_platform_is_another_form(form: Desk) -> None:
    form.part("account-platform").setCurrentIndex(0)
    form.settle()
    assert form.part("account-field-app_secret").isVisible()
    visible = [part.objectName() for part in form.window.findChildren(QLineEdit) if part.isVisible()]
    assert "account-field-client" not in visible
    form.type("account-field-app_key", "k")
    form.type("account-field-app_secret", "s")
    form.press("account-test")
    assert form.shop.tested[0].values == {"app_key": "k", "app_secret": "s"}


def test_an_account_that_cannot_be_saved_says_why_and_stays(form: Desk) -> None:
    form.press("account-test")
    answer(form, ShopInfo("Shop", {"client": "me"}))
    form.shop.refuse_with = "the disk is full"
    form.press("account-save")
    form.settle()
    assert form.words("account-dialog-result") == "Not saved: the disk is full"
    assert form.window.isVisible()
    assert form.part("account-save").isEnabled()


# adding a printer


@pytest.fixture
def printer(open_window: Opener) -> Desk:
    desk = open_window(PrinterDialog)
    desk.type("printer-name", "Hot")
    desk.type("printer-host", "192.0.2.9")
    return desk


def test_a_printer_is_saved_as_it_was_typed(printer: Desk) -> None:
    printer.type("printer-station", "hot")
    printer.part("printer-width").setCurrentIndex(1)
    printer.press("printer-save")
    printer.settle()
    assert printer.shop.calls == [("add_printer", "Hot", "192.0.2.9", 9100, "hot", 58)]
    assert not printer.window.isVisible()


def test_after_a_test_ticket_only_a_person_can_say_that_it_came_out(printer: Desk) -> None:
    printer.press("printer-test")
    printer.settle()
    assert printer.shop.calls == [("test_printer", "192.0.2.9", 9100, 80)]
    assert printer.words("printer-dialog-result") == "The printer says: on paper"
    printer.press("printer-came-out-no")
    assert printer.words("printer-dialog-result").startswith("Check paper")
    printer.press("printer-test")
    printer.settle()
    printer.press("printer-came-out-yes")
    assert printer.words("printer-dialog-result").startswith("Good.")


def test_a_printer_that_does_not_answer_is_told_in_words_and_may_be_tried_again(printer: Desk) -> None:
    printer.shop.printer_says = RefusalError("no route to 192.0.2.9")
    printer.press("printer-test")
    printer.settle()
    assert printer.words("printer-dialog-result") == "no route to 192.0.2.9"
    assert printer.part("printer-test").isEnabled()
    assert not printer.part("printer-came-out-yes").isVisible()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("station", " "),
        ("host", ""),
        ("host", "192.0.2.9:9100"),
        ("host", "http://192.0.2.9"),
        ("host", "a b"),
        ("port", ""),
        ("port", "0"),
        ("port", "65536"),
    ],
)
def test_wrong_printer_settings_are_told_beside_their_field(printer: Desk, field: str, text: str) -> None:
    printer.type(f"printer-{field}", text)
    printer.press("printer-save")
    assert printer.words(f"printer-{field}-error")
    assert printer.shop.calls == []


@pytest.mark.parametrize("host", ["192.168.1.50", "printer-2.local", "fe80::1"])
def test_addresses_that_printers_have_are_taken(printer: Desk, host: str) -> None:
    printer.type("printer-host", host)
    printer.press("printer-test")
    assert printer.shop.calls[0][1] == host


def test_a_name_that_is_taken_is_told(printer: Desk) -> None:
    printer.shop.refuse_with = "There is already a printer called Hot."
    printer.press("printer-save")
    printer.settle()
    assert printer.words("printer-dialog-result").endswith("called Hot.")
    assert printer.window.isVisible()


# changing what is there


STORED = AccountView(
    7,
    "cafe",
    "Café Net",
    "Old name",
    "C",
    "#123456",
    True,
    False,
    HealthState.OK,
    settings={"client": "me", "size": "small", "minutes": "9"},
    address="https://sandbox.example",
    hook="http://127.0.0.1:8123/hooks/cafe/abc",
)


@pytest.fixture
def stored(open_window: Opener) -> Desk:
    """The form of an account that works."""
    return open_window(AccountDialog, account=STORED)


def test_a_stored_account_shows_everything_but_its_secrets(stored: Desk) -> None:
    shown = {name: stored.typed(f"account-field-{name}") for name in ("client", "minutes", "secret", "token", "code")}
    assert shown == {"client": "me", "minutes": "9", "secret": "", "token": "", "code": ""}
    assert stored.part("account-field-size").currentData() == "small"
    assert stored.part("account-field-secret").findChild(QLineEdit).placeholderText() == "unchanged"
    assert (stored.typed("account-name"), stored.typed("account-address")) == ("Old name", "https://sandbox.example")
    assert not stored.part("account-platform").isVisible()
    assert not stored.part("account-auto-accept").isVisible()
    assert stored.window.windowTitle() == "Change account Café Net Old name"


def test_a_name_is_changed_without_asking_the_platform(stored: Desk) -> None:
    stored.type("account-name", "New name")
    stored.press("account-save")
    stored.settle()
    assert stored.shop.calls == [("change_account", 7, "New name", {}, "https://sandbox.example")]
    assert stored.shop.tested == []
    assert not stored.window.isVisible()


@pytest.mark.parametrize("field", ["account-field-client", "account-field-secret", "account-address"])
def test_anything_the_platform_cares_for_must_be_tested(stored: Desk, field: str) -> None:
    stored.type(field, "other")
    assert not stored.part("account-save").isEnabled()


def test_only_what_was_typed_is_tested_and_only_what_changed_is_saved(stored: Desk) -> None:
    stored.type("account-field-secret", "new")
    stored.press("account-test")
    attempt = stored.shop.tested[0]
    assert (attempt.account_id, attempt.platform, attempt.address) == (7, "cafe", "https://sandbox.example")
    assert (attempt.values["secret"], attempt.values["token"], attempt.values["client"]) == ("new", "", "me")
    answer(stored, ShopInfo("Shop", {"secret": "new", "refresh": "r2"}))
    assert stored.typed("account-name") == "Old name"
    stored.press("account-save")
    stored.settle()
    saved = ("change_account", 7, "Old name", {"secret": "new", "refresh": "r2"}, "https://sandbox.example")
    assert stored.shop.calls == [saved]


def test_a_test_that_changed_nothing_may_be_saved(stored: Desk) -> None:
    stored.press("account-test")
    answer(stored, ShopInfo("Shop"))
    assert stored.part("account-save").isEnabled()
    assert stored.typed("account-field-secret") == ""


def test_a_dead_sign_in_is_not_saved_untested_and_says_why(open_window: Opener) -> None:
    dead = replace(STORED, state=HealthState.SIGNED_OUT, text="授权已过期")
    desk = open_window(AccountDialog, account=dead)
    assert desk.window.windowTitle() == "Sign in again: Café Net Old name"
    assert desk.words("account-dialog-result") == "Café Net says: 授权已过期"
    assert not desk.part("account-save").isEnabled()
    desk.type("account-field-code", "77")
    desk.press("account-test")
    answer(desk, ShopInfo("Shop", {"token": "t1"}))
    desk.press("account-save")
    desk.settle()
    assert desk.shop.calls == [("change_account", 7, "Old name", {"token": "t1"}, "https://sandbox.example")]


def test_the_webhook_address_can_be_copied(stored: Desk, form: Desk) -> None:
    stored.press("account-advanced")
    assert stored.part("account-hook").isVisible()
    stored.press("account-hook-copy")
    assert QGuiApplication.clipboard().text() == STORED.hook
    form.press("account-advanced")
    assert not form.part("account-hook").isVisible()  # a new account has none yet


def test_a_signed_out_account_offers_to_sign_in_again(open_window: Opener) -> None:
    shop = Shop()
    shop.account_list = [STORED, replace(STORED, id=8, state=HealthState.SIGNED_OUT)]
    desk = open_window(SettingsPage, shop)
    assert not desk.part("account-7-sign-in").isVisible()
    desk.press("account-8-sign-in")
    dialog = desk.window.findChild(AccountDialog)
    assert dialog is not None
    assert dialog.windowTitle().startswith("Sign in again")
    dialog.close()


def test_an_account_without_its_platform_is_shown_but_not_edited(open_window: Opener) -> None:
    shop = Shop()
    shop.account_list = [replace(STORED, platform="gone", state=HealthState.SIGNED_OUT)]
    desk = open_window(SettingsPage, shop)
    assert not desk.part("account-7-edit").isVisible()
    assert not desk.part("account-7-sign-in").isVisible()


def test_a_row_tells_how_orders_arrive(open_window: Opener) -> None:
    shop = Shop()
    shop.account_list = [STORED]
    page = replace(CAFE, how_orders_arrive="The console asks every minute")
    shop.platforms = lambda: [page]  # type: ignore[method-assign] # one more platform for this test
    assert open_window(SettingsPage, shop).words("account-7-detail") == "Café Net · The console asks every minute"


def test_edit_opens_the_account_or_printer_as_it_is_now(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.shop.account_list = [replace(STORED, id=1, name="Renamed")]
    desk.press("account-1-edit")
    account = desk.window.findChild(AccountDialog)
    assert account is not None
    assert account.windowTitle().endswith("Renamed")
    account.close()

    desk.shop.printer_list = [replace(desk.shop.printer_list[0], name="Moved", address="192.0.2.99:9101")]
    desk.press("printer-1-edit")
    printer = desk.window.findChild(PrinterDialog)
    assert printer is not None
    assert printer.windowTitle() == "Change printer Moved"
    printer.close()
    desk.press("printer-1-test")
    assert desk.shop.calls == [("test_printer", "192.0.2.99", 9101, 80)]


def test_a_printer_is_changed_in_place(open_window: Opener) -> None:
    known = replace(Shop().printer_list[1], width=58, address="fe80::1:9101")
    desk = open_window(PrinterDialog, printer=known)
    desk.type("printer-name", "Cold")
    desk.press("printer-save")
    desk.settle()
    assert desk.shop.calls == [("change_printer", 2, "Cold", "fe80::1", 9101, "pack", 58)]
    assert not desk.window.isVisible()
