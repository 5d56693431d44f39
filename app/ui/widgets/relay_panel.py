"""The relay on the Settings page: whether there is one, how it stands, and the way to its form."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent

from app.engine.facade import Facade
from app.engine.views import HealthState, RelayView
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.relay import RelayDialog
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.connection import ConnectionRow
from app.ui.widgets.panel import Panel
from app.ui.words import HEALTH, clock_time


class RelayPanel(Panel):
    """Follows the relay's state while anybody can see it."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        super().__init__(theme, tr("Relay for pushed orders"), "settings-relay")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._row = ConnectionRow(theme, "relay")
        self._row.glyph("cloud-up")
        self._button = Button(theme, tr("Set up the relay…"), name="settings-relay-open", action=self._open)
        self.inner.addWidget(self._row)
        self.inner.addWidget(self._button)
        bridge.accounts_changed.connect(self.read)
        bridge.problems_changed.connect(self.read)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self.read()

    @Slot()
    def read(self) -> None:
        """Show what the engine says."""
        if not self.isVisible():
            return
        relay = self._facade.overview().relay
        self._button.show_as(tr("Change the relay…") if relay.url else tr("Set up the relay…"), "button")
        if not relay.url:
            lesson = tr("Some platforms only push, and cannot reach a computer behind a router: they need a relay.")
            self._row.describe(tr("No relay"), lesson)
            self._row.show_health(HealthState.OFF, tr("Orders that are asked for arrive without one."))
            return
        self._row.describe(relay.shop, " · ".join(filter(None, (relay.url, relay.public))))
        self._row.show_health(relay.state, _health(relay))

    @Slot()
    def _open(self) -> None:
        dialog = RelayDialog(self._facade, self._bridge, self._theme, self)
        dialog.accepted.connect(self.read)
        dialog.open()


def _health(relay: RelayView) -> str:
    if relay.state is HealthState.OFF:
        return tr("connecting…")
    since = tr("since {time}", time=clock_time(relay.since)) if relay.since else ""
    return " · ".join(filter(None, (tr(HEALTH[relay.state]), relay.text, since)))
