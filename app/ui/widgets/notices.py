"""The lines under the top bar: what failed, by name, and for a few seconds what the last press could not do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.health import Notice
from app.ui.icons import pixmap
from app.ui.theme import Theme, styled
from app.ui.widgets.button import Button
from app.ui.widgets.pen import wrap
from app.ui.words import plain

MOST = 4
TOAST_MS = 12000


class Notices(QWidget):
    """Shows at most `MOST` notices and one toast; takes no room when there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 4, 8, 0)
        self._column.setSpacing(3)
        self._lines: list[NoticeLine] = []
        self._toast = NoticeLine(theme, Notice("", "late"), "toast", self)
        self._toast.hide()
        self._column.addWidget(self._toast)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._toast.hide)

    def show_notices(self, notices: list[Notice]) -> None:
        """Replace what is shown, if it changed."""
        if len(notices) > MOST:
            more = Notice(tr("and {n} more, see Settings", n=len(notices) - MOST + 1), "soon")
            notices = [*notices[: MOST - 1], more]
        if notices == self._shown:
            return
        self._shown = notices
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [NoticeLine(self._theme, notice, f"notice-{i}", self) for i, notice in enumerate(notices)]
        for line in self._lines:
            self._column.addWidget(line)

    @Slot(str)
    def say(self, text: str) -> None:
        """Tell what just did not work, for a while or until pressed away."""
        self._toast.show_notice(Notice(text, "late"))
        self._toast.show()
        self._timer.start(TOAST_MS)


class NoticeLine(QWidget):
    """A sign and up to two lines of words, filled; a toast can be pressed away."""

    def __init__(self, theme: Theme, notice: Notice, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.addStretch(1)
        if name == "toast":
            close = Button(theme, "", notice.tone, "cross", tr("Close"))
            close.clicked.connect(self.hide)
            row.addWidget(close)
        self._loud = name == "toast"
        self.setFixedHeight(52 if self._loud else 36)
        self.show_notice(notice)

    def show_notice(self, notice: Notice) -> None:
        """Say this."""
        self.notice = notice
        self.setAccessibleName(plain(notice.text))
        self.update()

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
        painter.drawPixmap(16, (self.height() - 20) // 2, pixmap("alert", sign.name(), 20))
        self._paint_words(painter, ink)
        painter.end()

    def _paint_words(self, painter: QPainter, ink: QColor) -> None:
        face = styled(15, bold=self._loud)
        painter.setPen(ink)
        painter.setFont(face)
        room = self.width() - (110 if self._loud else 56)
        lines = wrap(plain(self.notice.text), face, room, 2 if self._loud else 1)
        for number, line in enumerate(lines):
            top = (self.height() - 21 * len(lines)) / 2 + 21 * number
            painter.drawText(QRectF(46, top, room, 21), Qt.AlignmentFlag.AlignVCenter, line)
