"""A word with a sign: how a platform, a printer or the loudspeaker is. Colour, sign and word each say it alone."""

from __future__ import annotations

import html
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.icons import pixmap
from app.ui.theme import Theme, styled
from app.ui.widgets.mark import paint_mark
from app.ui.words import plain

_HEIGHT = 36
_PX = 14


@dataclass(frozen=True, slots=True)
class Sign:
    """What a badge shows. `tone` is "ready", "late", "soon" or "" (neutral); a loud one is filled; `more` is a tool tip."""

    text: str
    glyph: str
    tone: str = ""
    loud: bool = False
    mark: str = ""
    mark_color: str = "#000000"
    more: str = ""


def wide(sign: Sign) -> int:
    """Pixels of a badge that shows all of its words."""
    words = QFontMetricsF(styled(_PX, bold=sign.loud)).horizontalAdvance(plain(sign.text))
    return int(words) + 20 + (24 if sign.glyph else 0) + (32 if sign.mark else 0)


class Badge(QWidget):
    """Paints one `Sign`."""

    def __init__(self, theme: Theme, sign: Sign, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.sign = theme, sign
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._say()

    def show_sign(self, sign: Sign) -> None:
        """Show another one."""
        if sign != self.sign:
            self.sign = sign
            self._say()
            self.updateGeometry()
            self.update()

    def _say(self) -> None:
        self.setAccessibleName(plain(f"{self.sign.mark} {self.sign.text}"))
        self.setAccessibleDescription(plain(self.sign.more))
        lines = (html.escape(plain(line)) for line in self.sign.more.splitlines())
        self.setToolTip("<br>".join(lines))  # rich either way, so that no word of a platform's is taken for markup

    def sizeHint(self) -> QSize:
        """As wide as its words."""
        return QSize(wide(self.sign), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The mark and the sign stay; words may be cut."""
        return QSize(16 + (24 if self.sign.glyph else 0) + (32 if self.sign.mark else 0), _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tile, sign, words."""
        del event
        painter, sign = QPainter(self), self.sign
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if sign.loud:
            painter.setBrush(self._theme.color(sign.tone))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        x = 8.0
        if sign.mark:
            x = self._paint_mark(painter, x)
        accent = self._theme.color(f"on_{sign.tone}" if sign.loud else sign.tone or "muted")
        if sign.glyph:
            painter.drawPixmap(QPointF(x, (_HEIGHT - 18) / 2), pixmap(sign.glyph, accent.name(), 18))
            x += 24
        face = styled(_PX, bold=sign.loud)
        painter.setFont(face)
        painter.setPen(accent if sign.loud else self._theme.color("text"))
        room = QRectF(x, 0, self.width() - x - 4, _HEIGHT)
        words = QFontMetricsF(face).elidedText(plain(sign.text), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()

    def _paint_mark(self, painter: QPainter, x: float) -> float:
        tile = QRectF(x, (_HEIGHT - 24) / 2, 24, 24)
        paint_mark(painter, tile, self.sign.mark, self.sign.mark_color, 15)
        painter.setPen(Qt.PenStyle.NoPen)
        return x + 32
