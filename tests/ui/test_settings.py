"""The Settings page and its account form: health in the platform's words, nothing saved untested, errors in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLineEdit, QPushButton, QWidget

from app.engine.views import HealthState, MessageView, PrinterForm, PrinterTest
from app.platforms.api import AuthError, ShopInfo
from app.ui.dialogs.account import AccountDialog
from app.ui.dialogs.printer import PrinterDialog
from app.ui.dialogs.station import StationDialog
from app.ui.pages.settings import SettingsPage
from app.ui.pages.stations import StationsPage
from app.ui.pages.templates import TemplatesPage
from app.ui.widgets.about_panel import versions
from tests.ui.fake_ledger import NOON, Asked
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import Desk, Opener, Shop

LIMITS = {"print_stale_minutes": "30", "print_unknown_minutes": "5", "print_backup_seconds": "60"}


@pytest.fixture
def form(open_window: Opener) -> Desk:
    """The account form of a platform with every kind of field, filled in."""
    desk = open_window(AccountDialog)
    desk.part("account-platform").setCurrentIndex(1)
    desk.type("account-field-client", "me")
    desk.type("account-field-secret", "hush")
    desk.type("account-field-code", "1234")
    return desk


# the page


def test_accounts_tell_their_health_in_the_platforms_own_words(open_window: Opener) -> None:
    shop = Shop()
    shop.account_list[0] = replace(shop.account_list[0], state=HealthState.SIGNED_OUT, text="授权已过期", name=HOSTILE)
    desk = open_window(SettingsPage, shop)
    assert "授权已过期" in desk.words("account-1-health")
    assert desk.words("account-1-health").startswith("signed out")
    assert desk.words("account-1-title").startswith("<b>Robert</b>")
    assert desk.words("account-2-health").startswith("connected")


def test_messages_nobody_could_read_are_shown_until_somebody_looked(open_window: Opener) -> None:
    shop = Shop()
    shop.unread = [MessageView(7, "Ele.me", "10", "42", NOON, f"not an order {HOSTILE}")]
    desk = open_window(SettingsPage, shop)
    assert "Ele.me · 10 · 42 · not an order <b>Robert</b>" in desk.words("unread-7")
    shop.unread.append(MessageView(8, "HubRise", "refused", "", NOON, "forged"))  # came while somebody was reading
    desk.press("unread-put-away")
    desk.settle()
    assert shop.asked == [Asked("put_away", 7)]
    assert desk.words("unread-8").endswith("HubRise · refused · forged")


def test_without_unread_messages_their_panel_takes_no_room(open_window: Opener) -> None:
    assert open_window(SettingsPage, Shop()).part("settings-unread").isHidden()


def test_printers_tell_what_waits_and_what_a_person_must_look_for(open_window: Opener) -> None:
    desk = open_window(SettingsPage, Shop(broken=True))
    words = desk.words("printer-1-health")
    assert words.startswith("does not print · paper out"), "it was reached: it said so itself"
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
    assert not desk.part("settings-accounts").rows
    assert not desk.part("settings-printers").rows


def test_a_printers_row_prints_a_test_page_and_says_what_came_back(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.press("printer-1-test")
    assert desk.words("printer-1-answer") == "Printing…"
    desk.shop.trials[0].set_result(PrinterTest(f"on paper {HOSTILE}", printed=True))
    desk.settle()
    form = PrinterForm("热菜", "lan", {}, "escpos", "80")
    assert desk.shop.calls == [("try_printer", form, 1)]
    assert desk.words("printer-1-answer").startswith("The printer says: on paper <b>Robert")


def test_a_printers_row_says_what_it_can_whom_it_serves_and_since_when_it_fails(open_window: Opener) -> None:
    shop = Shop(broken=True)
    able = {"acknowledges": "process_id", "answers": [1, 4], "clears": True, "rom": "none", "buzzer": "none", "cuts": False}
    shop.printer_list = [
        replace(shop.printer_list[0], profile=able, since=NOON),
        replace(shop.printer_list[1], acknowledges="", station="", paper="40x30"),
    ]
    desk = open_window(SettingsPage, shop)
    assert desk.words("printer-1-detail") == (
        "192.0.2.31:9100 · 80 mm paper · prints for hot · confirms every ticket · tells when paper runs low or out"
        " · drops an unfinished ticket when told to · Chinese is drawn · no beeper · does not cut"
    )
    assert "since 12:15" in desk.words("printer-1-health")
    assert desk.words("printer-2-detail").endswith(
        "labels 40 x 30 mm · no station prints here · not examined yet: it will be, as soon as it can be reached"
    )


def test_the_limits_of_printing_are_stored_as_they_are_chosen(open_window: Opener) -> None:
    shop = Shop()
    shop.preferences["print_unknown_minutes"] = "7"  # set by hand: kept and shown until somebody chooses
    desk = open_window(SettingsPage, shop)
    shown = {name: desk.part(f"settings-{name}").currentData() for name in LIMITS}
    assert shown == {"print_stale_minutes": "10", "print_unknown_minutes": "7", "print_backup_seconds": "20"}
    for name, value in LIMITS.items():
        desk.choose(f"settings-{name}", value)
    desk.part("settings-print_urges").click()
    stored = {name: shop.preferences[name] for name in (*LIMITS, "print_urges")}
    assert stored == {**LIMITS, "print_urges": "no"}


def test_a_limit_that_cannot_be_stored_says_so(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.shop.refuse_with = "the disk is full"
    desk.choose("settings-print_stale_minutes", "30")
    desk.settle()
    assert desk.words("settings-print_stale_minutes-error") == "the disk is full"


def test_stations_and_forms_are_parts_of_the_page_made_when_wanted(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    assert desk.window.findChild(StationsPage) is None
    desk.press("settings-part-stations")
    assert desk.part("stations").isVisible()
    assert not desk.part("settings-accounts").isVisible()
    desk.press("settings-part-templates")
    assert desk.part("templates").isVisible()
    desk.press("settings-part-general")
    assert desk.part("settings-accounts").isVisible()


def test_a_form_that_is_not_saved_keeps_its_page(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_window(SettingsPage)
    waiting: list[Callable[[], None]] = []

    def may_leave(_page: TemplatesPage, go: Callable[[], None]) -> bool:
        waiting.append(go)
        return len(waiting) > 1

    monkeypatch.setattr(TemplatesPage, "may_leave", may_leave)
    desk.press("settings-part-templates")
    desk.press("settings-part-general")
    assert desk.part("templates").isVisible()
    assert desk.part("settings-part-templates").isChecked()
    assert not desk.part("settings-part-general").isChecked()
    waiting[0]()  # saved or given up
    assert desk.part("settings-accounts").isVisible()


def test_language_look_and_business_day_are_preferences(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    heard: list[tuple[str, str]] = []
    desk.bridge.look_changed.connect(lambda name, value: heard.append((name, value)))
    for name, value in (("language", "en"), ("theme", "dark"), ("cutoff_hour", "6"), ("zone", "Asia/Urumqi")):
        desk.choose(f"settings-{name}", value)
    assert desk.shop.preferences == {"language": "en", "theme": "dark", "cutoff_hour": "6", "zone": "Asia/Urumqi"}
    desk.settle()
    assert heard == [("language", "en"), ("theme", "dark")]


def test_versions_can_be_copied_for_a_helper(open_window: Opener) -> None:
    desk = open_window(SettingsPage)
    desk.press("settings-copy-versions")
    assert QGuiApplication.clipboard().text() == versions()
    assert "sqlcipher3" in versions()


@pytest.mark.parametrize("kind", [SettingsPage, AccountDialog, PrinterDialog, StationDialog, StationsPage])
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
    form.answer(ShopInfo("川味小馆", {"client": "me", "secret": "hush", "refresh": "r1"}))
    assert save.isEnabled()
    assert "川味小馆" in form.words("account-dialog-result")
    form.type("account-field-client", "someone else")
    assert not save.isEnabled()


def test_what_is_saved_is_what_the_platform_gave_back(form: Desk) -> None:
    form.press("account-advanced")
    form.type("account-address", "http://127.0.0.1:8000")
    form.press("account-test")
    form.answer(ShopInfo("川味小馆", {"client": "me", "refresh": "r1"}))
    form.part("account-auto-accept").setChecked(True)
    form.press("account-save")
    form.settle()
    saved = ("add_account", "cafe", "川味小馆", {"client": "me", "refresh": "r1"}, "http://127.0.0.1:8000", True)
    assert form.shop.calls == [saved]
    assert not form.window.isVisible()


def test_a_refusal_is_shown_in_the_platforms_own_words(form: Desk) -> None:
    form.press("account-test")
    form.answer(AuthError(f"invalid_grant {HOSTILE}"))
    assert form.words("account-dialog-result").startswith("Café Net says: invalid_grant <b>Robert")
    assert not form.part("account-save").isEnabled()
    assert form.part("account-test").isEnabled()


def test_an_answer_about_settings_changed_meanwhile_counts_for_nothing(form: Desk) -> None:
    form.press("account-test")
    form.type("account-field-secret", "other")
    form.answer(ShopInfo("old", {"client": "me"}))
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
    form.answer(ShopInfo("Shop", {"client": "me", "secret": "hush", "token": "t0", "refresh": "r0"}))
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
    QTest.keyClick(form.part("account-name"), Qt.Key.Key_Return)
    assert line.echoMode() is QLineEdit.EchoMode.Password, "the Enter key of another field shows nothing"


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
    form.answer(ShopInfo("Shop", {"client": "me"}))
    form.shop.refuse_with = "the disk is full"
    form.press("account-save")
    form.settle()
    assert form.words("account-dialog-result") == "Not saved: the disk is full"
    assert form.window.isVisible()
    assert form.part("account-save").isEnabled()
