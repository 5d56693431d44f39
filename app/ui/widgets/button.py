"""The console's button: big, painted by itself (a style sheet on hundreds of cards is slow), with a visible focus ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, SignalInstance
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.ui.icons import pixmap
from app.ui.theme import Theme, styled
from app.ui.words import plain

HEIGHT = 44  # smallest target for a gloved finger, logical pixels
PRIMARY_HEIGHT = 52
_ICON = 20


Action: TypeAlias = Callable[..., object] | SignalInstance  # what `clicked` may be connected to


class Button(QPushButton):
    """One button, complete with its name and what a press does.

    `tone` is a token with an `on_` partner ("new", "ready", "late", "button" ...), `glyph` an icon name or "", `spoken` what
    a screen reader says instead of `text`. The Enter key of a dialog's field presses its first button with `auto_default`.
    """

    def __init__(
        self,
        theme: Theme,
        text: str,
        tone: str = "button",
        glyph: str = "",
        spoken: str = "",
        height: int = HEIGHT,
        parent: QWidget | None = None,
        *,
        name: str = "",
        action: Action | None = None,
        checkable: bool = False,
        auto_default: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setCheckable(checkable)
        if not auto_default:  # never set it to True: outside a dialog that changes what the Enter key does
            self.setAutoDefault(False)
        self._theme, self._tone, self._glyph, self._height = theme, tone, glyph, height
        self._words = plain(text)
        self.setAccessibleName(spoken or self._words)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew under the pointer and after it
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if action is not None:
            self.clicked.connect(action)

    def show_as(self, text: str, tone: str, glyph: str = "", spoken: str = "") -> None:
        """Change words and look; costs nothing when they are what they were."""
        words = plain(text)
        if (words, tone, glyph) != (self._words, self._tone, self._glyph):
            self._words, self._tone, self._glyph = words, tone, glyph
            self.updateGeometry()
            self.update()
        self.setAccessibleName(spoken or words)

    def mark(self, chosen: bool) -> None:
        """Show whether it is the chosen one of several."""
        self.setChecked(chosen)
        self.show_as(self._words, "new" if chosen else "button")

    def set_height(self, height: int) -> None:
        """Make it a tall or an ordinary one; the type follows."""
        self._height = height
        self.setFixedHeight(height)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words

    @property
    def _face(self) -> QFont:
        """Its own face, never the widget's font: a style sheet may put that back."""
        return styled(17 if self._height > HEIGHT else 15, bold=True)

    def sizeHint(self) -> QSize:
        """Words, icon and breathing space."""
        text = QFontMetrics(self._face).horizontalAdvance(self._words)
        parts = text + (_ICON if self._glyph else 0) + (8 if self._glyph and self._words else 0)
        return QSize(max(HEIGHT, parts + 28), self._height)

    def minimumSizeHint(self) -> QSize:
        """Never smaller than a finger; long words are elided."""
        return QSize(min(self.sizeHint().width(), 64), self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded box, the icon and the words."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_box(painter)
        self._paint_words(painter)
        painter.end()

    def _paint_box(self, painter: QPainter) -> None:
        fill = self._theme.color(self._tone if self.isEnabled() else "sunken")
        if self.isDown():
            fill = fill.darker(125)
        elif self.isEnabled() and self.underMouse():
            fill = fill.lighter(112)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self.isChecked() or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("surface"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 4, 4)
            painter.setPen(QPen(self._theme.color("text"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_words(self, painter: QPainter) -> None:
        ink = self._theme.color(f"on_{self._tone}" if self.isEnabled() else "muted")
        gap = 8 if self._glyph and self._words else 0
        room = self.width() - 16 - (_ICON + gap if self._glyph else 0)
        metrics = QFontMetrics(self._face)
        words = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        wide = metrics.horizontalAdvance(words) + (_ICON + gap if self._glyph else 0)
        left = (self.width() - wide) / 2
        if self._glyph:
            painter.drawPixmap(QPointF(left, (self.height() - _ICON) / 2), pixmap(self._glyph, ink.name(), _ICON))
            left += _ICON + gap
        painter.setFont(self._face)
        painter.setPen(ink)
        painter.drawText(QRectF(left, 0, room + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
