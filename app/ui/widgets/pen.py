"""Lays out and paints a card from top to bottom. Without a painter it only measures, so both can never disagree.

Everything is drawn as plain text: a customer's words never meet a rich-text engine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from app.ui.icons import pixmap
from app.ui.theme import Theme, styled

GAP = 6
_NEVER_FIRST = "，。、；：！？）】」》…"  # Chinese typesetting: a line does not begin with these


@dataclass(frozen=True, slots=True)
class Chip:
    """A small framed word with an icon. `tone` with an `on_` partner fills it; "" leaves it plain."""

    text: str
    glyph: str = ""
    tone: str = ""


class Pen:
    """Walks down a column `width` wide from (`x`, `y`). `y` after the last call is the height used."""

    def __init__(self, theme: Theme, x: float, y: float, width: float, painter: QPainter | None = None) -> None:
        self.theme, self.x, self.y, self.width, self.painter = theme, x, y, width, painter

    def gap(self, height: float = GAP) -> None:
        """Leave room."""
        self.y += height

    def line(self, text: str, px: int, bold: bool = False, ink: str = "text", strike: bool = False) -> None:
        """One elided line."""
        face = styled(px, bold, strike)
        height = line_height(px)
        self._write(text, face, QRectF(self.x, self.y, self.width, height), self.theme.color(ink))
        self.y += height

    def labelled(self, glyph: str, text: str, px: int = 13, ink: str = "muted", bold: bool = False) -> None:
        """An icon and one elided line."""
        height = max(18, line_height(px))
        self._icon(glyph, self.theme.color(ink), self.x, self.y + (height - 16) / 2, 16)
        self._write(text, styled(px, bold), QRectF(self.x + 22, self.y, self.width - 22, height), self.theme.color(ink))
        self.y += height

    def counted(self, quantity: str, text: str, strike: bool = False) -> None:
        """An order line: the quantity first, in a filled box when it is not 1, because a missed "2" is a missed dish."""
        height = line_height(15) + 2
        face = styled(15, bold=True)
        box = max(26.0, QFontMetricsF(face).horizontalAdvance(quantity) + 12)
        self._quantity(quantity, QRectF(self.x, self.y + 1, box, height - 2), face)
        room = QRectF(self.x + box + 8, self.y, self.width - box - 8, height)
        self._write(text, styled(15, strike=strike), room, self.theme.color("text"))
        self.y += height + 2

    def band(self, glyph: str, text: str, tone: str, px: int = 15, lines: int = 2, ink: str = "") -> None:
        """A filled stripe across the card with an icon and up to `lines` lines of bold text."""
        face = styled(px, bold=True)
        wrapped = wrap(text, face, self.width - 42, lines)
        height = len(wrapped) * line_height(px) + 10
        color = self.theme.color(ink or f"on_{tone}")
        self._box(QRectF(self.x, self.y, self.width, height), self.theme.color(tone))
        self._icon(glyph, color, self.x + 8, self.y + 5 + (line_height(px) - 18) / 2, 18)
        for number, part in enumerate(wrapped):
            top = self.y + 5 + number * line_height(px)
            self._write(part, face, QRectF(self.x + 34, top, self.width - 40, line_height(px)), color)
        self.y += height + 4

    def chips(self, chips: Sequence[Chip]) -> None:
        """A row of chips, wrapped to further rows where they do not fit."""
        x, height, face = self.x, 22.0, styled(13)
        for chip in chips:
            wide = min(self.width, QFontMetricsF(face).horizontalAdvance(chip.text) + 14 + (19 if chip.glyph else 0))
            if x > self.x and x + wide > self.x + self.width:
                x, self.y = self.x, self.y + height + 4
            self._chip(chip, QRectF(x, self.y, wide, height), face)
            x += wide + 6
        if chips:
            self.y += height

    def _chip(self, chip: Chip, box: QRectF, face: QFont) -> None:
        ink = self.theme.color(f"on_{chip.tone}" if chip.tone else "text")
        self._box(box, self.theme.color(chip.tone or "sunken"))
        left = box.left() + 7
        if chip.glyph:
            self._icon(chip.glyph, ink, left, box.top() + 4, 14)
            left += 19
        self._write(chip.text, face, QRectF(left, box.top(), box.right() - left - 4, box.height()), ink)

    def _quantity(self, quantity: str, box: QRectF, face: QFont) -> None:
        filled = quantity != "1"
        if filled:
            self._box(box, self.theme.color("inverse"))
        self._write(quantity, face, box, self.theme.color("on_inverse" if filled else "text"), Qt.AlignmentFlag.AlignCenter)

    def _box(self, box: QRectF, fill: QColor) -> None:
        if self.painter is None:
            return
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(fill)
        self.painter.drawRoundedRect(box, 4, 4)

    def _icon(self, name: str, ink: QColor, x: float, y: float, size: int) -> None:
        if self.painter is None:
            return
        self.painter.drawPixmap(QPointF(x, y), pixmap(name, ink.name(), size))

    def _write(
        self, text: str, face: QFont, box: QRectF, ink: QColor, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter
    ) -> None:
        if self.painter is None:
            return
        self.painter.setFont(face)
        self.painter.setPen(ink)
        shown = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        self.painter.drawText(box, align, shown)


def line_height(px: int) -> int:
    """Room for one line of Chinese at `px`."""
    return round(px * 1.4)


def wrap(text: str, face: QFont, width: float, lines: int) -> list[str]:
    """Break `text` into at most `lines` lines, the last one elided; Chinese breaks anywhere, Latin at spaces."""
    metrics = QFontMetricsF(face)
    rest, broken = text, list[str]()
    while rest and len(broken) < lines - 1 and metrics.horizontalAdvance(rest) > width:
        cut = _fitting(rest, metrics, width)
        broken.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*broken, metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)]


def _fitting(text: str, metrics: QFontMetricsF, width: float) -> int:
    """How many characters go on this line: Latin words stay whole where anything else can be moved instead."""
    most = min(len(text), int(width))  # no letter is narrower than a pixel
    cut = max(1, bisect_right(range(1, most + 1), width, key=lambda n: metrics.horizontalAdvance(text[:n])))
    start = cut
    if 1 < start < len(text) and text[start] in _NEVER_FIRST:
        start -= 1
    while 0 < start < len(text) and _latin(text[start]) and _latin(text[start - 1]):
        start -= 1
    return start or cut


def _latin(character: str) -> bool:
    return character.isascii() and not character.isspace()
