"""The Settings page: accounts, printers and the shop; stations and their rules; the forms of tickets."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import scrolling
from app.ui.theme import Theme
from app.ui.widgets.about_panel import AboutPanel
from app.ui.widgets.accounts_panel import AccountsPanel
from app.ui.widgets.parted_page import Part, PartedPage
from app.ui.widgets.printers_panel import PrintersPanel
from app.ui.widgets.relay_panel import RelayPanel
from app.ui.widgets.shop_panel import LimitsPanel, ShopPanel
from app.ui.widgets.unread import UnreadMessages


class SettingsPage(PartedPage):
    """Its parts: "general", "stations" and "templates"."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        unread = UnreadMessages(theme, facade, bridge)
        shared = (facade, bridge, theme)
        parts = {
            "general": Part(tr("Shop and devices"), partial(_general, unread, *shared)),
            "stations": Part(tr("Stations and rules"), partial(_stations, *shared)),
            "templates": Part(tr("Ticket forms"), partial(_templates, *shared)),
        }
        super().__init__(theme, "settings", tr("Settings"), parts, parent)
        self._unread = unread

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self._unread.read()


def _general(unread: UnreadMessages, facade: Facade, bridge: Bridge, theme: Theme) -> QWidget:
    shared = (facade, bridge, theme)
    wide = _column(unread, AccountsPanel(*shared), RelayPanel(*shared), PrintersPanel(*shared))
    narrow = _column(ShopPanel(*shared), LimitsPanel(*shared), AboutPanel(theme))
    columns = QHBoxLayout()
    columns.setSpacing(12)
    columns.addLayout(wide, 3)
    columns.addLayout(narrow, 2)
    body = QVBoxLayout()
    body.setContentsMargins(20, 8, 20, 16)
    body.addLayout(columns)
    return scrolling(body)


def _stations(facade: Facade, bridge: Bridge, theme: Theme) -> QWidget:
    from app.ui.pages.stations import StationsPage

    return StationsPage(facade, bridge, theme)


def _templates(facade: Facade, bridge: Bridge, theme: Theme) -> QWidget:
    from app.ui.pages.templates import TemplatesPage  # the schema of forms takes a moment to load

    return TemplatesPage(facade, bridge, theme)


def _column(*panels: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(12)
    for panel in panels:
        layout.addWidget(panel)
    layout.addStretch(1)
    return layout
