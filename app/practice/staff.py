"""The automatic member of staff: looks at the real window and presses its real buttons, no faster than a person could.

It never waits inside Qt's loop: every look takes one short turn of a timer. A look also notes when a card first stood on
the screen, the one time of a report that only the window can tell (resolution: `LOOK`).
"""

from __future__ import annotations

import random
import time

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QMenu, QWidget

from app import steady
from app.practice.habits import Habits
from app.texts import tr
from app.ui import names
from app.ui.pages.ledger import LedgerPage
from app.ui.widgets.card import CardWidget
from app.ui.widgets.detail_parts import TicketButton
from app.ui.widgets.lane import LaneWidget

LOOK = 30  # milliseconds between two looks
REST = 0.1  # seconds between two presses at 20 simulated seconds a second or less; shorter when time flies faster
PATIENCE = 3.0  # seconds before the same button is pressed again because nothing seemed to happen


class Staff(QObject):
    """Serves `window` until `stop`. `shown` tells when each card first stood on the screen: call number -> Unix seconds."""

    def __init__(self, window: QWidget, seed: int, speed: float) -> None:
        super().__init__(window)
        self.shown: dict[str, float] = {}
        self.presses = 0
        self.paused = False
        self._window = window
        self._habits = Habits(seed, speed)
        self._speed = speed
        self._rest = REST * min(1.0, 20.0 / speed)
        self._chance = random.Random(seed)
        self._wished: dict[str, float] = {}
        self._pressed: dict[str, float] = {}
        self._free_at = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin the shift."""
        self._timer.start(LOOK)

    def stop(self) -> None:
        """End the shift."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Note new cards and press at most one thing."""
        cards = [card for card in self._window.findChildren(CardWidget) if card.isVisible()]
        for widget in cards:
            self.shown.setdefault(widget.card.call_number, steady.time())
        now = time.monotonic()
        if not self.paused and now >= self._free_at and (self._answer() or self._serve(cards, now)):
            self.presses += 1
            self._free_at = now + self._rest

    def _answer(self) -> bool:
        """An open question or menu comes first, as it does for a person: it is in the way."""
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible():
                return self._answer_dialog(dialog)
        for menu in self._window.findChildren(QMenu):
            if menu.isVisible():
                return self._answer_menu(menu)
        return False

    def _answer_dialog(self, dialog: QDialog) -> bool:
        send = {names.REASON_DIALOG: names.REASON_SEND, names.WORDS_DIALOG: names.WORDS_SEND}.get(dialog.objectName())
        if send and self._press(dialog, send):
            return True
        offered = [button for button in dialog.findChildren(QAbstractButton) if _is_answer(button)]
        if not offered:
            dialog.reject()
            return True
        offered[self._chance.randrange(len(offered))].click()
        return True

    def _answer_menu(self, menu: QMenu) -> bool:
        wanted = [action for action in menu.findChildren(QAction) if action.objectName().startswith("action-reject-")]
        menu.close()
        for action in wanted:
            action.trigger()
        return True

    def _serve(self, cards: list[CardWidget], now: float) -> bool:
        moment = steady.now()
        wished: dict[str, float] = {}
        ready: list[tuple[float, str]] = []
        for widget in self._window.findChildren(CardWidget):
            for wish in self._habits.wishes(widget.card, moment):
                if not widget.isVisible() and wish.button not in self._wished:
                    continue  # nobody cooks what nobody saw, but food in a folded lane cooks on
                wished[wish.button] = self._wished.get(wish.button, now)
                due = wished[wish.button] + wish.wait / self._speed
                if widget.isVisible() and due <= now >= self._pressed.get(wish.button, 0.0) + PATIENCE:
                    ready.append((due, wish.button))
        self._wished = wished
        if self._look_into_detail(now) or any(self._serve_one(button, now) for _, button in sorted(ready)):
            return True
        return self._quieten(cards, now) or self._unfold(now) or self._look_after_paper(now)

    def _serve_one(self, button: str, now: float) -> bool:
        pressed = self._open(button) if button.startswith("card-") else self._press(self._window, button)
        if pressed:
            self._pressed[button] = now
            self._wished.pop(button, None)
        return pressed

    def _quieten(self, cards: list[CardWidget], now: float) -> bool:
        """Stop the bell for all at once when nothing else is to be done."""
        ringing = any(widget.card.rung for widget in cards)
        if not ringing or now < self._pressed.get(names.HEAR_ALL, 0.0) + PATIENCE:
            return False
        self._pressed[names.HEAR_ALL] = now
        return self._press(self._window, names.HEAR_ALL)

    def _unfold(self, now: float) -> bool:
        """Look into a folded lane that holds orders."""
        for lane in self._window.findChildren(LaneWidget):
            if lane.folded and lane.cards and now >= self._pressed.get(lane.objectName(), 0.0) + PATIENCE:
                self._pressed[lane.objectName()] = now
                QTest.mouseClick(lane, Qt.MouseButton.LeftButton)
                return True
        return False

    def _look_after_paper(self, now: float) -> bool:
        """Tickets that waited for a printer too long: print them all, then back to the orders."""
        everything = "ledger-print-all"
        if now >= self._pressed.get(everything, 0.0) + PATIENCE and self._press(self._window, everything):
            self._pressed[everything] = now
            return True
        ledger = self._window.findChild(LedgerPage)
        if ledger and ledger.isVisible():
            return self._press(self._window, "rail-queue")
        if now < self._pressed.get("print-or-skip", 0.0) + PATIENCE:
            return False
        self._pressed["print-or-skip"] = now
        offered = self._window.findChildren(QAbstractButton)
        wanted = [one for one in offered if one.isVisible() and one.accessibleName().startswith(tr("Print or skip"))]
        for button in wanted:
            button.click()
        return bool(wanted)

    def _look_into_detail(self, now: float) -> bool:
        """Print the ticket that waits there for a person, and close it again: it takes the room of the lanes."""
        for button in self._window.findChildren(TicketButton):
            pressed = self._pressed.get(button.objectName(), 0.0)
            if button.wanted and button.isVisible() and button.isEnabled() and now >= pressed + PATIENCE:
                self._pressed[button.objectName()] = now
                button.click()
                return True
        return self._press(self._window, "detail-close")

    def _open(self, card: str) -> bool:
        """A ticket of this order waits for a person."""
        widget = self._window.findChild(CardWidget, card)
        if widget:
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(widget.width() // 2, 8))
        return widget is not None

    @staticmethod
    def _press(where: QWidget, name: str) -> bool:
        """Click the button with this object name, if a person could."""
        button = where.findChild(QAbstractButton, name)
        if button is None or not button.isVisible() or not button.isEnabled():
            return False
        button.click()
        return True


def _is_answer(button: QAbstractButton) -> bool:
    name = button.objectName()
    return button.isVisible() and name.startswith(("reason-", "preset-")) and name != names.REASON_SEND
