"""The Settings page: accounts, printers and the shop; stations and their rules; the forms of tickets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import scrolling
from app.ui.theme import Theme
from app.ui.widgets.about_panel import AboutPanel
from app.ui.widgets.accounts_panel import AccountsPanel
from app.ui.widgets.button import Button
from app.ui.widgets.panel import plain_label
from app.ui.widgets.printers_panel import PrintersPanel
from app.ui.widgets.relay_panel import RelayPanel
from app.ui.widgets.shop_panel import LimitsPanel, ShopPanel
from app.ui.widgets.unread import UnreadMessages

GENERAL = "general"
_PARTS = {GENERAL: N_("Shop and devices"), "stations": N_("Stations and rules"), "templates": N_("Ticket forms")}


class SettingsPage(QWidget):
    """Three parts behind three buttons; each is made when it is first wanted."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._makers: dict[str, Callable[[], QWidget]] = {
            GENERAL: self._make_general,
            "stations": self._make_stations,
            "templates": self._make_templates,
        }
        self._parts: dict[str, QWidget] = {}
        self._may_leave: Callable[[Callable[[], None]], bool] = lambda _go: True
        self._tabs = {name: self._tab(name, tr(title)) for name, title in _PARTS.items()}
        self._stack = QStackedWidget()
        head = QHBoxLayout()
        head.setContentsMargins(20, 12, 20, 4)
        head.setSpacing(8)
        head.addWidget(plain_label(tr("Settings"), 24, bold=True))
        head.addSpacing(16)
        for tab in self._tabs.values():
            head.addWidget(tab)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self.open_part(GENERAL)

    def open_part(self, name: str, *_: object) -> QWidget:
        """Show "general", "stations" or "templates"."""
        if name not in self._parts:
            self._parts[name] = self._makers[name]()
            self._stack.addWidget(self._parts[name])
        self._stack.setCurrentWidget(self._parts[name])
        self._mark(name)
        return self._parts[name]

    def _go(self, name: str, *_: object) -> None:
        """Open a part, after asking about a form that is not saved."""
        if name == "templates" or self._may_leave(partial(self._go, name)):
            self.open_part(name)
        else:
            self._mark("templates")

    def _mark(self, name: str) -> None:
        for other, tab in self._tabs.items():
            tab.setChecked(other == name)
            tab.show_as(tab.words, "new" if other == name else "button")

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self._unread.read()

    def _tab(self, name: str, title: str) -> Button:
        tab = Button(self._theme, title)
        tab.setObjectName(f"settings-part-{name}")
        tab.setCheckable(True)
        tab.clicked.connect(partial(self._go, name))
        return tab

    def _make_general(self) -> QWidget:
        shared = (self._facade, self._bridge, self._theme)
        self._unread = UnreadMessages(self._theme, self._facade, self._bridge)
        wide = _column(self._unread, AccountsPanel(*shared), RelayPanel(*shared), PrintersPanel(*shared))
        narrow = _column(ShopPanel(*shared), LimitsPanel(*shared), AboutPanel(self._theme))
        columns = QHBoxLayout()
        columns.setSpacing(12)
        columns.addLayout(wide, 3)
        columns.addLayout(narrow, 2)
        body = QVBoxLayout()
        body.setContentsMargins(20, 8, 20, 16)
        body.addLayout(columns)
        return scrolling(body)

    def _make_stations(self) -> QWidget:
        from app.ui.pages.stations import StationsPage

        return StationsPage(self._facade, self._bridge, self._theme, self)

    def _make_templates(self) -> QWidget:
        from app.ui.pages.templates import TemplatesPage  # the schema of forms takes a moment to load

        page = TemplatesPage(self._facade, self._bridge, self._theme, self)
        self._may_leave = page.may_leave
        return page


def _column(*panels: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(12)
    for panel in panels:
        layout.addWidget(panel)
    layout.addStretch(1)
    return layout
