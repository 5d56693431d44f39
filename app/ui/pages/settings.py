"""The Settings page: accounts, printers, the shop's language, look and business day, and what this program is made of."""

from __future__ import annotations

import platform as machine
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import available_timezones

from PySide6.QtCore import Qt, Slot, qVersion
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

import app
from app.engine.facade import Facade
from app.engine.views import AccountView, HealthState, PrinterView
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.account import AccountDialog
from app.ui.dialogs.form import Field, choice_edit, scrolling
from app.ui.dialogs.printer import PrinterDialog
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.connection import ConnectionRow
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.unread import UnreadMessages
from app.ui.words import HEALTH, PRINTER_HEALTH, clock_time

_LANGUAGES = (("zh", "中文"), ("en", "English"))  # each in its own language, for whoever is lost
_THEMES = (("light", N_("Light")), ("dark", N_("Dark")))
_LATEST_CUTOFF = 11  # hours after midnight at which a business day may begin
_ACKNOWLEDGES = {
    "process_id": N_("confirms every ticket"),
    "status": N_("reports its state, but not every ticket"),
    "none": N_("cannot confirm tickets"),
}
_PARTS = ("PySide6-Essentials", "SQLAlchemy", "sqlcipher3", "httpx", "aiohttp", "pyqtgraph", "python-escpos")


class SettingsPage(QWidget):
    """Reads accounts and printers anew whenever they change; every control says at once what the engine answered."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._accounts: dict[int, ConnectionRow] = {}
        self._printers: dict[int, ConnectionRow] = {}
        self._arrivals = {platform.name: platform.how_orders_arrive for platform in facade.platforms()}
        self._lay_out()
        bridge.accounts_changed.connect(self._read_accounts)
        bridge.printers_changed.connect(self._read_printers)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self._read_accounts()
        self._read_printers()
        self._unread.read()

    @Slot()
    def add_account(self) -> None:
        """Open the account form."""
        self._open(AccountDialog(self._facade, self._bridge, self._theme, self), self._read_accounts)

    @Slot()
    def add_printer(self) -> None:
        """Open the printer form."""
        self._open(PrinterDialog(self._facade, self._bridge, self._theme, self), self._read_printers)

    def change_account(self, account_id: int, *_: object) -> None:
        """Open the form of a stored account."""
        account = next(account for account in self._facade.accounts() if account.id == account_id)
        self._open(AccountDialog(self._facade, self._bridge, self._theme, self, account), self._read_accounts)

    def change_printer(self, printer_id: int, *_: object) -> None:
        """Open the form of a stored printer."""
        self._open(
            PrinterDialog(self._facade, self._bridge, self._theme, self, self._printer(printer_id)), self._read_printers
        )

    # building

    def _lay_out(self) -> None:
        wide, narrow = QVBoxLayout(), QVBoxLayout()
        for column in (wide, narrow):
            column.setSpacing(12)
        self._unread = UnreadMessages(self._theme, self._facade, self._bridge)
        wide.addWidget(self._unread)
        wide.addWidget(self._build_accounts())
        wide.addWidget(self._build_printers())
        wide.addStretch(1)
        narrow.addWidget(self._build_shop())
        narrow.addWidget(self._build_about())
        narrow.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        columns.addLayout(wide, 3)
        columns.addLayout(narrow, 2)
        body = QVBoxLayout()
        body.setContentsMargins(20, 16, 20, 16)
        body.setSpacing(12)
        body.addWidget(plain_label(tr("Settings"), 24, bold=True))
        body.addLayout(columns)
        body.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(body))

    def _build_accounts(self) -> Panel:
        panel = Panel(self._theme, tr("Accounts"), "settings-accounts")
        self._no_accounts = self._lesson(
            "settings-accounts-empty",
            tr("No account yet. Add the account of a platform you sell on, and its orders will arrive here."),
        )
        self._account_rows = QVBoxLayout()
        panel.inner.addWidget(self._no_accounts)
        panel.inner.addLayout(self._account_rows)
        panel.inner.addWidget(self._button("settings-add-account", tr("Add account…"), self.add_account))
        return panel

    def _build_printers(self) -> Panel:
        panel = Panel(self._theme, tr("Printers"), "settings-printers")
        self._no_printers = self._lesson(
            "settings-printers-empty",
            tr("No printer yet. Add the kitchen's network printer, and every accepted order prints its ticket there."),
        )
        self._printer_rows = QVBoxLayout()
        panel.inner.addWidget(self._no_printers)
        panel.inner.addLayout(self._printer_rows)
        panel.inner.addWidget(self._button("settings-add-printer", tr("Add printer…"), self.add_printer))
        return panel

    def _build_shop(self) -> Panel:
        panel = Panel(self._theme, tr("Shop and language"), "settings-shop")
        themes = [(value, tr(words)) for value, words in _THEMES]
        cutoffs = [(str(hour), f"{hour:02}:00") for hour in range(_LATEST_CUTOFF + 1)]
        zones = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc")]
        restart = tr("Used for new orders after the console is started again.")
        day = tr("Orders before this hour count for the evening before. {restart}", restart=restart)
        for name, label, choices, default, explanation in (
            ("language", tr("Language"), _LANGUAGES, "zh", ""),
            ("theme", tr("Look"), themes, "light", ""),
            ("cutoff_hour", tr("The business day begins at"), cutoffs, "4", day),
            ("zone", tr("Time zone"), zones, "Asia/Shanghai", restart),
        ):
            box = choice_edit(self._theme, choices, self._facade.preference(name, default))
            field = Field(self._theme, f"settings-{name}", label, box, explanation)
            box.activated.connect(partial(self._prefer, name, field))
            panel.inner.addWidget(field)
        return panel

    def _build_about(self) -> Panel:
        panel = Panel(self._theme, tr("About"), "settings-about")
        words = plain_label(versions(), 14, name="settings-versions", color=self._theme.color("muted"))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        panel.inner.addWidget(words)
        panel.inner.addWidget(self._button("settings-copy-versions", tr("Copy versions"), self._copy_versions, "copy"))
        return panel

    def _button(self, name: str, text: str, action: Callable[[], None], glyph: str = "") -> Button:
        button = Button(self._theme, text, glyph=glyph)
        button.setObjectName(name)
        button.clicked.connect(action)
        return button

    def _lesson(self, name: str, text: str) -> QWidget:
        label = plain_label(text, 15, name=name, color=self._theme.color("muted"))
        label.setWordWrap(True)
        return label

    # accounts

    @Slot()
    def _read_accounts(self) -> None:
        if not self.isVisible():
            return
        accounts = self._facade.accounts()
        self._no_accounts.setVisible(not accounts)
        _keep_only(self._accounts, {account.id for account in accounts})
        for account in accounts:
            row = self._accounts.get(account.id) or self._add_account_row(account)
            row.describe(account.name, self._account_detail(account))
            row.show_health(account.state, _account_health(account))
            row.set_switch("enabled", account.enabled)
            row.set_switch("auto-accept", account.auto_accept)
            row.show_button("edit", account.platform in self._arrivals)
            row.show_button("sign-in", account.state is HealthState.SIGNED_OUT and account.platform in self._arrivals)

    def _account_detail(self, account: AccountView) -> str:
        arrival = self._arrivals.get(account.platform, "")
        return " · ".join(filter(None, (account.title, tr(arrival) if arrival else "")))

    def _add_account_row(self, account: AccountView) -> ConnectionRow:
        row = self._accounts[account.id] = ConnectionRow(self._theme, f"account-{account.id}")
        row.badge(account.mark, account.color)
        row.add_switch("enabled", tr("Take orders"), partial(self._switch_account, account.id, "enabled"))
        row.add_switch("auto-accept", tr("Accept by itself"), partial(self._switch_account, account.id, "auto_accept"))
        change = partial(self.change_account, account.id)
        row.add_button("sign-in", tr("Sign in again"), change, "late", "hand")
        row.add_button("edit", tr("Edit"), change)
        self._account_rows.addWidget(row)
        return row

    def _switch_account(self, account_id: int, what: str, on: bool) -> None:
        asked = self._facade.set_account(account_id, **{what: on})
        self._follow(asked, self._accounts[account_id], self._read_accounts)

    # printers

    @Slot()
    def _read_printers(self) -> None:
        if not self.isVisible():
            return
        printers = self._facade.printers()
        self._no_printers.setVisible(not printers)
        _keep_only(self._printers, {printer.id for printer in printers})
        for printer in printers:
            row = self._printers.get(printer.id) or self._add_printer_row(printer)
            row.describe(printer.name, _printer_detail(printer))
            row.show_health(printer.state, _printer_health(printer))
            row.set_switch("enabled", printer.enabled)

    def _add_printer_row(self, printer: PrinterView) -> ConnectionRow:
        row = self._printers[printer.id] = ConnectionRow(self._theme, f"printer-{printer.id}")
        row.glyph("printer")
        row.add_switch("enabled", tr("Print here"), partial(self._switch_printer, printer.id))
        row.add_button("test", tr("Print test ticket"), partial(self._test_printer, printer.id))
        row.add_button("edit", tr("Edit"), partial(self.change_printer, printer.id))
        self._printer_rows.addWidget(row)
        return row

    def _switch_printer(self, printer_id: int, on: bool) -> None:
        self._follow(self._facade.set_printer(printer_id, on), self._printers[printer_id], self._read_printers)

    def _test_printer(self, printer_id: int, *_: object) -> None:
        row, printer = self._printers[printer_id], self._printer(printer_id)
        host, _colon, port = printer.address.rpartition(":")
        row.say(tr("Printing…"), "muted")
        asked = self._facade.test_printer(host, int(port), printer.width)
        self._bridge.run(asked, lambda words: row.say(tr("The printer says: {words}", words=words), "text"), row.say, row)

    def _printer(self, printer_id: int) -> PrinterView:
        """As it is now: a row outlives changes of its printer."""
        return next(printer for printer in self._facade.printers() if printer.id == printer_id)

    # shop

    def _prefer(self, name: str, field: Field, *_: object) -> None:
        if name in ("language", "theme"):
            self._bridge.prefer(name, field.answer)
        else:
            self._bridge.run(self._facade.set_preference(name, field.answer), None, field.complain, field)

    @Slot()
    def _copy_versions(self) -> None:
        QGuiApplication.clipboard().setText(versions())

    def _follow(self, asked: Future[None], row: ConnectionRow, read: Callable[[], None]) -> None:
        """Show what became of a switch: the engine's state either way, and its reason when it said no."""

        def refused(why: str) -> None:
            read()
            row.say(why)

        row.say("")
        self._bridge.run(asked, lambda _: read(), refused, row)

    def _open(self, dialog: QDialog, read: Callable[[], None]) -> None:
        dialog.accepted.connect(read)
        dialog.open()


def versions() -> str:
    """Everything a person who helps from afar will ask for."""
    lines = [
        f"Order Console {app.__version__}",
        f"Python {machine.python_version()}, {machine.system()} {machine.machine()}",
    ]
    lines += [f"Qt {qVersion()}"]
    for part in _PARTS:
        try:
            lines.append(f"{part} {version(part)}")
        except PackageNotFoundError:  # a frozen program carries the modules without their metadata
            continue
    return "\n".join(lines)


def _account_health(account: AccountView) -> str:
    words = [tr(HEALTH[account.state]), account.text]
    if account.state is HealthState.OK and account.last_contact:
        words.append(tr("last heard from at {time}", time=clock_time(account.last_contact)))
    if account.state in (HealthState.DEGRADED, HealthState.SIGNED_OUT) and account.since:
        words.append(tr("since {time}", time=clock_time(account.since)))
    return " · ".join(word for word in words if word)


def _printer_detail(printer: PrinterView) -> str:
    parts = [printer.address, printer.station, tr("{width} mm", width=printer.width)]
    return " · ".join([*parts, tr(_ACKNOWLEDGES.get(printer.acknowledges, ""))]).rstrip(" ·")


def _printer_health(printer: PrinterView) -> str:
    words = [tr(PRINTER_HEALTH[printer.state]), printer.text]
    words += [tr("{n} tickets waiting", n=printer.waiting)] if printer.waiting else []
    words += [tr("{n} tickets to look for", n=printer.unknown)] if printer.unknown else []
    return " · ".join(word for word in words if word)


def _keep_only(rows: dict[int, ConnectionRow], ids: set[int]) -> None:
    """Let go of the rows whose account or printer is gone."""
    for gone in rows.keys() - ids:
        rows.pop(gone).deleteLater()
