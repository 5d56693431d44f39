"""The lines under the top bar: what failed, by name, and for a few seconds what the last press could not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.health import Notice
from app.ui.icons import pixmap
from app.ui.theme import Theme, styled
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.pen import wrap
from app.ui.words import plain

# At most so many notices in a window from so many pixels high: the orders below need their room.
_MOST = ((900, 4), (600, 3), (0, 2))
TOAST_MS = 12000
OFFER_MS = 10000  # so long a person may think again
_LEFT = 46  # pixels before the words


class Notices(QWidget):
    """Shows the first notices, fewer in a lower window, and one toast; takes no room when there is none.

    `chosen` carries the page and the group that the button of a notice opens.
    """

    chosen = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._given: list[Notice] = []
        self._shown: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 4, 8, 0)
        self._column.setSpacing(3)
        self._lines: list[NoticeLine] = []
        self._take: Callable[[], None] | None = None
        self._toast = NoticeLine(theme, Notice("", "late"), "toast", self)
        self._toast.pressed.connect(self._taken)
        self._toast.hide()
        self._column.addWidget(self._toast)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._toast.hide)

    def show_notices(self, notices: list[Notice]) -> None:
        """Replace what is shown, if it changed."""
        self._given = notices
        self.fit()

    def fit(self) -> None:
        """Show as many as the window has room for; call it when its size changed."""
        notices = self._given
        most = next(number for height, number in _MOST if self.window().height() >= height)
        if len(notices) > most:
            last = notices[most - 1]
            text = tr("{notice} (and {n} more)", notice=last.text, n=len(notices) - most)
            notices = [*notices[: most - 1], replace(last, text=text)]
        if notices == self._shown:
            return
        self._shown = notices
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [NoticeLine(self._theme, notice, f"notice-{i}", self) for i, notice in enumerate(notices)]
        for line in self._lines:
            line.pressed.connect(self._choose)
            self._column.addWidget(line)

    @Slot(str)
    def say(self, text: str) -> None:
        """Tell what just did not work, for a while or until pressed away."""
        self._take = None
        self._toast.show_notice(Notice(text, "late"))
        self._toast.show()
        self._timer.start(TOAST_MS)

    def offer(self, text: str, button: str, take: Callable[[], None]) -> None:
        """Say what was just done, and for a while offer a button that calls `take`, once."""
        self._take = take
        self._toast.show_notice(Notice(text, "cooking", button))
        self._toast.show()
        self._timer.start(OFFER_MS)

    @Slot(object)
    def _taken(self, notice: Notice) -> None:
        del notice
        take, self._take = self._take, None
        self._toast.hide()
        if take:
            take()

    @Slot(object)
    def _choose(self, notice: Notice) -> None:
        self.chosen.emit(notice.page, notice.group)


class NoticeLine(QWidget):
    """A sign and up to two lines of words, filled, and perhaps a button; a toast can be pressed away."""

    pressed = Signal(object)

    def __init__(self, theme: Theme, notice: Notice, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(8)
        row.addStretch(1)
        self._button = Button(theme, notice.button, "button", name=f"{name}-button", action=self._press)
        row.addWidget(self._button)
        if name == "toast":
            self._close = Button(theme, "", notice.tone, "cross", tr("Close"), action=self.hide)
            row.addWidget(self._close)
        self._loud = name == "toast"
        self.setFixedHeight(52 if self._loud else HEIGHT + 4 if notice.button else 36)
        self.show_notice(notice)

    def show_notice(self, notice: Notice) -> None:
        """Say this."""
        self.notice = notice
        self._button.show_as(notice.button, "button", "", f"{notice.button}: {plain(notice.text)}")
        self._button.setVisible(bool(notice.button))
        if self._loud:
            self._close.show_as("", notice.tone, "cross", tr("Close"))
        self.setAccessibleName(plain(notice.text))
        self.update()

    @Slot()
    def _press(self) -> None:
        self.pressed.emit(self.notice)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, sign, words."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = self.notice.tone
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(tone if self._loud else f"{tone}_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if not self._loud:
            painter.setBrush(self._theme.color(tone))
            painter.drawRoundedRect(QRectF(0, 0, 6, self.height()), 3, 3)
        ink = self._theme.color(f"on_{tone}" if self._loud else "text")
        sign = ink if self._loud or tone == "soon" else self._theme.color(tone)
        glyph = "check" if tone == "cooking" else "alert"
        painter.drawPixmap(16, (self.height() - 20) // 2, pixmap(glyph, sign.name(), 20))
        self._paint_words(painter, ink)
        painter.end()

    def _paint_words(self, painter: QPainter, ink: QColor) -> None:
        face = styled(15, bold=self._loud)
        painter.setPen(ink)
        painter.setFont(face)
        button = self._button.sizeHint().width() + 12 if self.notice.button else 0
        room = self.width() - (110 if self._loud else 56) - button
        lines = wrap(plain(self.notice.text), face, room, 2 if self.height() > HEIGHT else 1)
        for number, line in enumerate(lines):
            top = (self.height() - 21 * len(lines)) / 2 + 21 * number
            painter.drawText(QRectF(_LEFT, top, room, 21), Qt.AlignmentFlag.AlignVCenter, line)
