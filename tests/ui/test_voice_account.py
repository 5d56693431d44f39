"""A voice among the accounts: no switch, no tick and no sentence speaks of orders that it never brings."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.engine.views import AccountView, HealthState
from app.platforms.api import Platform, ShopInfo
from app.platforms.tmall_genie import platform as genie
from app.ui.dialogs.account import AccountDialog
from app.ui.pages.settings import SettingsPage
from tests.ui.settings_desk import CAFE, Opener, Shop

VOICE = AccountView(8, "tmall_genie", genie.title, "Wall", "猫", "#0ea5e9", True, False, HealthState.OK)


class Talking(Shop):
    """A shop that may add a voice, and has one."""

    def platforms(self) -> list[Platform]:
        return [CAFE, genie]

    def accounts(self) -> list[AccountView]:
        return [*super().accounts(), VOICE]


def test_the_form_asks_nothing_about_orders(open_window: Opener) -> None:
    form = open_window(AccountDialog, Talking())
    assert form.part("account-auto-accept").isVisible()
    form.choose("account-platform", "tmall_genie")
    assert not form.part("account-auto-accept").isVisible()
    form.type("account-field-skill_id", "50001")
    form.press("account-test")
    form.answer(ShopInfo("skill 50001", {"skill_id": "50001"}))
    assert form.words("account-dialog-result") == "Ready: skill 50001. Save to let it be asked."
    form.choose("account-platform", "cafe")
    assert form.part("account-auto-accept").isVisible()


def test_its_row_has_one_switch(open_window: Opener) -> None:
    desk = open_window(SettingsPage, Talking())
    desk.settle()
    assert desk.window.findChild(QWidget, "account-8-auto-accept") is None
    desk.press("account-8-enabled")
    desk.settle()
    assert desk.shop.calls == [("set_account", 8, False, None)]
    assert desk.window.findChild(QWidget, "account-1-auto-accept") is not None
