"""On an account's form: how its orders arrive, the address to give the platform, and a push to try it with."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import steady
from app.engine.facade import Facade
from app.engine.views import AccountView, Arrivals, HealthState, RelayView
from app.platforms.api import Arrival, Platform
from app.texts import tr
from app.ui.arrival import arriving
from app.ui.bridge import Bridge
from app.ui.dialogs.form import CopyEdit, Field, hint
from app.ui.dialogs.relay import RelayDialog
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.words import headed, plain

_PUSHING = (Arrival.RELAYED, Arrival.POLLED_OR_RELAYED)
_ASKING = (Arrival.POLLED, Arrival.STREAMED)


class ArrivalPanel(Panel):
    """Of a stored account. Reads again whenever accounts or the relay change."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, account: AccountView, platform: Platform) -> None:
        super().__init__(theme, tr("How its orders arrive"), "arrival")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._account, self._platform = account, platform
        self._words = plain_label(px=15, bold=True, name="arrival-words")
        self._address_of = ""
        self._address: QWidget = QWidget()
        self._answer = plain_label(px=14, name="arrival-answer")
        for label in (self._words, self._answer):
            label.setWordWrap(True)
        self._answer.hide()
        self._test = Button(
            self._theme, tr("Send a test push"), glyph="cloud-up", name="arrival-test", action=self._push, auto_default=False
        )
        self._relay = Button(
            self._theme, tr("Set up the relay…"), name="arrival-relay", action=self._set_up, auto_default=False
        )
        self._lay_out()
        bridge.accounts_changed.connect(self.read)
        self.read()

    @Slot()
    def read(self) -> None:
        """Show how it stands now."""
        told, relay = self._facade.arrivals(self._account.id), self._facade.overview().relay
        words, tone = arriving(self._platform.arrival, told, relay, steady.now())
        self._words.setText(words)
        tint(self._words, self._theme.color("text" if tone in ("muted", "soon") else tone))
        pushing = self._platform.arrival in _PUSHING
        self._test.setVisible(pushing and bool(told.public))
        self._relay.setVisible(pushing and not (told.public and relay.state is HealthState.OK))
        self._relay.show_as(
            tr("Change the relay…") if relay.url else tr("Set up the relay…"), "new" if tone == "late" else "button"
        )
        self._show_address(told, relay)

    def _show_address(self, told: Arrivals, relay: RelayView) -> None:
        """The relay's address for this account, or the one on this computer for a tunnel of the shop's own."""
        through = told.public if self._platform.arrival in _PUSHING else ""  # a voice cannot wait for a relay
        address = through or self._account.hook
        if address != self._address_of:
            self._address_of = address
            fresh = self._public(told) if through else self._loopback(relay, address)
            self.inner.replaceWidget(self._address, fresh)
            self._address.hide()
            self._address.deleteLater()
            self._address = fresh
        self._address.setVisible(bool(address) and self._platform.arrival not in _ASKING)

    def _public(self, told: Arrivals) -> QWidget:
        edit = CopyEdit(self._theme, "account-hook", told.public)
        label = tr("Push address: paste it into the platform's console")
        words = tr("The relay's list of shops knows this account as {digest}", digest=told.digest)
        return Field(self._theme, "account-hook", label, edit, words)

    def _loopback(self, relay: RelayView, address: str) -> QWidget:
        edit = CopyEdit(self._theme, "account-hook", address)
        words = tr("This address works on this computer only: for a tunnel of your own. A platform cannot reach it.")
        if relay.url and self._platform.arrival in _PUSHING:
            words = tr("The relay's public address is not set, so this is the address on this computer only.")
        return Field(self._theme, "account-hook", tr("Address on this computer"), edit, words)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._test)
        row.addWidget(self._relay)
        row.addStretch(1)
        self.inner.addWidget(self._words)
        self.inner.addWidget(self._address)
        self.inner.addLayout(row)
        self.inner.addWidget(self._answer)

    @Slot()
    def _push(self) -> None:
        self._test.setEnabled(False)
        self._say(tr("Pushing to the address above and waiting for it here…"), "muted")
        self._bridge.run(self._facade.test_push(self._account.id), self._came, self._lost, self)

    def _came(self, seconds: float) -> None:
        self._test.setEnabled(True)
        text = tr(
            "The test push came through the relay in {seconds} s. Orders can come the same way.", seconds=f"{seconds:.1f}"
        )
        self._say(text, "ready")

    def _lost(self, why: str) -> None:
        self._test.setEnabled(True)
        self._say(tr("The test push did not arrive. {why}", why=plain(why)), "late")

    def _say(self, text: str, tone: str) -> None:
        tint(self._answer, self._theme.color(tone))
        self._answer.setText(text)
        self._answer.show()

    @Slot()
    def _set_up(self) -> None:
        dialog = RelayDialog(self._facade, self._bridge, self._theme, self)
        dialog.accepted.connect(self.read)
        dialog.open()


def about_platform(theme: Theme, platform: Platform, stored: bool) -> QWidget:
    """How orders arrive from a platform; of an account that is not stored yet also what else they need."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    if platform.how_orders_arrive:
        words = plain_label(tr(platform.how_orders_arrive), 15, name="account-explanation")
        words.setWordWrap(True)
        layout.addWidget(words)
    if platform.arrival is Arrival.RELAYED and not stored:
        text = tr("This platform only pushes: without a relay no orders arrive. Save first, then set up the relay here.")
        warning = plain_label(text, 15, bold=True, name="account-needs-relay", color=theme.color("late"))
        warning.setWordWrap(True)
        layout.addWidget(warning)
    return whole


def limits_of(theme: Theme, platform: Platform) -> QWidget:
    """What a platform does not offer, and where our knowledge of it comes from; takes no room when there is nothing."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    if platform.cannot:
        layout.addWidget(plain_label(tr("What {platform} cannot do here", platform=tr(platform.title)), 15, bold=True))
    for number, sentence in enumerate(platform.cannot):
        layout.addWidget(_item(theme, tr(sentence), f"account-cannot-{number}"))
    if platform.evidence:
        layout.addWidget(hint(theme, headed(tr("How sure we are"), tr(platform.evidence)), "account-evidence"))
    return whole


def _item(theme: Theme, text: str, name: str) -> QWidget:
    line, words = QWidget(), hint(theme, text, name)
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(plain_label("–", 14, color=theme.color("muted")), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(words, 1)
    return line
