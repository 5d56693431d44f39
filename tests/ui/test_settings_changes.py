"""Changing what is set up: secrets stay unseen and unchanged, only what matters is tested, a dead sign-in has its button."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from app.engine.views import AccountView, HealthState
from app.platforms.api import ShopInfo
from app.ui.dialogs.account import AccountDialog
from app.ui.dialogs.printer import PrinterDialog
from app.ui.pages.settings import SettingsPage
from tests.ui.settings_desk import CAFE, Desk, Opener, Shop

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
    stored.answer(ShopInfo("Shop", {"secret": "new", "refresh": "r2"}))
    assert stored.typed("account-name") == "Old name"
    stored.press("account-save")
    stored.settle()
    saved = ("change_account", 7, "Old name", {"secret": "new", "refresh": "r2"}, "https://sandbox.example")
    assert stored.shop.calls == [saved]


def test_a_test_that_changed_nothing_may_be_saved(stored: Desk) -> None:
    stored.press("account-test")
    stored.answer(ShopInfo("Shop"))
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
    desk.answer(ShopInfo("Shop", {"token": "t1"}))
    desk.press("account-save")
    desk.settle()
    assert desk.shop.calls == [("change_account", 7, "Old name", {"token": "t1"}, "https://sandbox.example")]


def test_the_webhook_address_can_be_copied(stored: Desk, open_window: Opener) -> None:
    assert stored.part("account-hook").isVisible()
    stored.press("account-hook-copy")
    assert QGuiApplication.clipboard().text() == STORED.hook
    form = open_window(AccountDialog)
    assert form.window.findChild(QWidget, "account-hook") is None, "a new account has none yet"


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
