"""The accounts on the Settings page: each with its health in the platform's own words, its switches and its form."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot

from app import steady
from app.engine.facade import Facade
from app.engine.views import AccountView, HealthState
from app.platforms.api import Arrival
from app.texts import tr
from app.ui.arrival import arriving
from app.ui.bridge import Bridge
from app.ui.dialogs.account import AccountDialog
from app.ui.theme import Theme
from app.ui.widgets.connection import ConnectionRow
from app.ui.widgets.connection_list import ConnectionList
from app.ui.words import HEALTH, clock_time


class AccountsPanel(ConnectionList):
    """Reads the accounts anew whenever they change."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        lesson = tr("No account yet. Add the account of a platform you sell on, and its orders will arrive here.")
        super().__init__(bridge, theme, tr("Accounts"), "settings-accounts", lesson)
        self._facade = facade
        self._platforms = {platform.name: platform for platform in facade.platforms()}
        self.add_action("settings-add-account", tr("Add account…"), self.add)
        bridge.accounts_changed.connect(self.read)

    @Slot()
    def add(self) -> None:
        """Open the account form."""
        self.open_form(AccountDialog(self._facade, self.bridge, self.theme, self))

    def change(self, account_id: int, *_: object) -> None:
        """Open the form of a stored account."""
        account = next(account for account in self._facade.accounts() if account.id == account_id)
        self.open_form(AccountDialog(self._facade, self.bridge, self.theme, self, account))

    @Slot()
    def read(self) -> None:
        """Show what the engine says, while anybody can see it."""
        if not self.isVisible():
            return
        accounts = self._facade.accounts()
        self.keep_only({account.id for account in accounts})
        for account in accounts:
            row = self.rows.get(account.id) or self._add_row(account)
            row.describe(account.name, self._detail(account))
            row.show_health(*self._health(account))
            row.set_switch("enabled", account.enabled)
            if self._sells(account):
                row.set_switch("auto-accept", account.auto_accept)
            row.show_button("edit", account.platform in self._platforms)
            row.show_button("sign-in", account.state is HealthState.SIGNED_OUT and account.platform in self._platforms)

    def _sells(self, account: AccountView) -> bool:
        """Whether the account brings orders: a voice brings none."""
        platform = self._platforms.get(account.platform)
        return platform is None or platform.arrival is not Arrival.NONE

    def _detail(self, account: AccountView) -> str:
        platform = self._platforms.get(account.platform)
        arrival = tr(platform.how_orders_arrive) if platform and platform.how_orders_arrive else ""
        return " · ".join(filter(None, (account.title, arrival)))

    def _health(self, account: AccountView) -> tuple[HealthState, str]:
        """The engine's word; but an account whose only way in is missing is not well, whatever the platform answers."""
        platform = self._platforms.get(account.platform)
        if account.state is HealthState.OK and platform and platform.arrival is Arrival.RELAYED:
            told, relay = self._facade.arrivals(account.id), self._facade.overview().relay
            words, tone = arriving(platform.arrival, told, relay, steady.now())
            if tone == "late":
                return HealthState.DEGRADED, words
        return account.state, _health(account)

    def _add_row(self, account: AccountView) -> ConnectionRow:
        row = self.add_row(account.id, ConnectionRow(self.theme, f"account-{account.id}"))
        row.badge(account.mark, account.color)
        sells = self._sells(account)
        purpose = tr("Take orders") if sells else tr("Answer and announce")
        row.add_switch("enabled", purpose, partial(self._switch, account.id, "enabled"))
        if sells:
            row.add_switch("auto-accept", tr("Accept by itself"), partial(self._switch, account.id, "auto_accept"))
        change = partial(self.change, account.id)
        row.add_button("sign-in", tr("Sign in again"), change, "late", "hand")
        row.add_button("edit", tr("Edit"), change)
        return row

    def _switch(self, account_id: int, what: str, on: bool) -> None:
        self.follow(self._facade.set_account(account_id, **{what: on}), account_id)


def _health(account: AccountView) -> str:
    words = [tr(HEALTH[account.state]), account.text]
    if account.state is HealthState.OK and account.last_contact:
        words.append(tr("last heard from at {time}", time=clock_time(account.last_contact)))
    if account.state in (HealthState.DEGRADED, HealthState.SIGNED_OUT) and account.since:
        words.append(tr("since {time}", time=clock_time(account.since)))
    return " · ".join(word for word in words if word)
