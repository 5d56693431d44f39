"""The strip above all windows when nobody heard the bell: how many, which is oldest, how long is left, one big button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.engine.views import Card
from app.texts import tr
from app.ui import names
from app.ui.countdown import countdown
from app.ui.icons import pixmap
from app.ui.theme import Theme, styled
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.words import plain

HEIGHT = 64


class Strip(QWidget):
    """64 pixels across the top of one screen; takes no focus away from whatever staff are typing."""

    seen = Signal()

    def __init__(self, theme: Theme, screen: QScreen | None = None) -> None:
        flags = Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        super().__init__(None, flags | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setObjectName("strip")
        self._theme, self._place, self._text = theme, screen, ""
        self._button = Button(
            theme, tr("I see it"), "surface", "check", height=PRIMARY_HEIGHT, name=names.STRIP_SEEN, action=self.seen
        )
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 6)
        row.addStretch(1)
        row.addWidget(self._button)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def show_cards(self, cards: list[Card], now: float) -> None:
        """Say what waits; hide when nothing does."""
        if not cards:
            self.hide()
            return
        oldest = cards[0]
        running = countdown(oldest)
        left = running.text(now) if running else ""
        text = tr("{n} orders nobody has seen. Oldest: {number}", n=len(cards), number=plain(oldest.call_number))
        self._text = f"{text}   {left}".rstrip()
        self.setAccessibleName(self._text)
        if not self.isVisible():
            self._rise()
        self.update()

    def _rise(self) -> None:
        screen = self._place or self.screen()
        area = screen.availableGeometry()
        self.setGeometry(area.x(), area.y(), area.width(), HEIGHT)
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Red ground, bell, words."""
        del event
        painter = QPainter(self)
        ink = self._theme.color("on_late")
        painter.fillRect(self.rect(), self._theme.color("late"))
        painter.drawPixmap(20, 18, pixmap("bell", ink.name(), 28))
        painter.setPen(ink)
        painter.setFont(styled(24, bold=True))
        room = QRectF(64, 0, self._button.x() - 80, HEIGHT)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()
