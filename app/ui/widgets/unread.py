"""The platform messages that nobody could read, for a person: when, from whom, about which order, and why."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import steady
from app.engine.facade import Facade
from app.engine.views import MessageView
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.words import moment, plain

MOST = 10


class UnreadMessages(Panel):
    """Takes no room while there are none. Putting away concerns only the messages on screen."""

    def __init__(self, theme: Theme, facade: Facade, bridge: Bridge) -> None:
        super().__init__(theme, tr("Messages that could not be read"), "settings-unread")
        self._facade, self._bridge = facade, bridge
        lesson = plain_label(tr("Compare with the platform's own screen: an order may be missing here."), 15)
        lesson.setWordWrap(True)
        self._rows = QVBoxLayout()
        self.inner.addWidget(lesson)
        self.inner.addLayout(self._rows)
        button = Button(theme, tr("I have looked at these"), name="unread-put-away", action=self._put_away)
        self.inner.addWidget(button)
        self._shown: list[MessageView] = []
        bridge.problems_changed.connect(self.read)
        self.hide()  # the page has it read once it stands there: shown before, it would be a window of its own

    @Slot()
    def read(self) -> None:
        """Show what is there now."""
        found = self._facade.messages()[:MOST]
        if found != self._shown:
            self._show(found)
        self.setVisible(bool(found))

    def _show(self, found: list[MessageView]) -> None:
        self._shown = found
        while (item := self._rows.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        for one in found:
            self._rows.addWidget(self._row(one))

    def _row(self, one: MessageView) -> QWidget:
        about = (moment(one.received_at, steady.now()), one.platform, one.kind, one.order, one.reason)
        label = plain_label(" · ".join(plain(part) for part in about if part), 14, name=f"unread-{one.id}")
        label.setWordWrap(True)
        return label

    @Slot()
    def _put_away(self) -> None:
        self._bridge.run(self._facade.put_away(frozenset(one.id for one in self._shown)), owner=self)
