"""The head of a card: the platform's tile, the call number, and the clock, which a tick repaints alone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from app.engine.views import Card
from app.texts import tr
from app.ui.countdown import Countdown, Level
from app.ui.icons import pixmap
from app.ui.reading import LEVEL_TONES
from app.ui.theme import styled
from app.ui.widgets.mark import paint_mark
from app.ui.widgets.pen import Pen
from app.ui.words import plain

PADDING = 12
_TILE = 34.0
_TIMER_WIDTH = 136.0
_CLOCK_PX = 26
_HEAD_HEIGHT = 46.0


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock of a card shows at one moment."""

    text: str
    caption: str
    level: Level
    now: float

    @classmethod
    def at(cls, running: Countdown | None, now: float) -> Clock:
        """Read the countdown; an empty clock when nothing runs."""
        if running is None:
            return cls("", "", Level.CALM, now)
        late = running.down and now > running.target
        return cls(running.text(now), tr("late") if late else tr(running.caption), running.level(now), now)


def timer_box(width: float) -> QRectF:
    """Where the clock of a full card stands: what a tick repaints."""
    return QRectF(width - PADDING - _TIMER_WIDTH, PADDING - 2, _TIMER_WIDTH, _HEAD_HEIGHT + 4)


def draw_head(pen: Pen, card: Card, clock: Clock) -> None:
    """Tile, number and clock of a full card."""
    draw_mark(pen, card, pen.x, pen.y + 3, _TILE)
    draw_head_text(pen, card, clock)
    pen.gap(_HEAD_HEIGHT + 6)


def draw_head_text(pen: Pen, card: Card, clock: Clock) -> None:
    """Number and clock of a full card: what a tick repaints, since a long number reaches into the clock's place."""
    if pen.painter is None:
        return
    number, x = plain(card.call_number).removeprefix(card.mark), pen.x + _TILE + 8
    room = pen.x + pen.width - x - _clock_width(clock)
    pen.painter.setFont(styled(number_px(number, room), bold=True, strike=card.closed_attention))
    pen.painter.setPen(pen.theme.color("text"))
    pen.painter.drawText(QRectF(x, pen.y, pen.width, 40), Qt.AlignmentFlag.AlignVCenter, number)
    _draw_clock(pen, clock)


def number_px(number: str, room: float) -> int:
    """The largest type in which the whole number stands beside the clock: some platforms call out seven characters."""
    sizes = (30, 26, 22, 18)
    return next((px for px in sizes if QFontMetricsF(styled(px, bold=True)).horizontalAdvance(number) <= room), 15)


def _clock_width(clock: Clock) -> float:
    """What the clock of a full card takes of the head, with the box around urgent digits."""
    if not clock.text:
        return 0.0
    digits = QFontMetricsF(styled(_CLOCK_PX, bold=True)).horizontalAdvance(clock.text)
    return 6.0 + (min(_TIMER_WIDTH, digits + _CLOCK_PX * 0.75 + 16) if LEVEL_TONES.get(clock.level) else digits)


def _draw_clock(pen: Pen, clock: Clock) -> None:
    """The digits, with the words under them that say what they count."""
    if pen.painter is None or not clock.text:
        return
    box = timer_box(pen.x + pen.width + PADDING)
    clock_box(pen, clock, QRectF(box.left(), box.top() + 1, box.width(), 34), _CLOCK_PX)
    pen.painter.setFont(styled(12))
    pen.painter.setPen(pen.theme.color("muted"))
    caption = QRectF(box.left(), box.top() + 35, box.width(), 16)
    pen.painter.drawText(caption, Qt.AlignmentFlag.AlignRight, clock.caption)


def draw_mark(pen: Pen, card: Card, x: float, y: float, size: float) -> float:
    """The platform's letter in a tile of its colour; answers the x behind it."""
    if pen.painter:
        paint_mark(pen.painter, QRectF(x, y, size, size), card.mark, card.color, round(size * 0.62))
    return x + size


def clock_box(pen: Pen, clock: Clock, box: QRectF, px: int, signed: bool = True) -> None:
    """Digits at the right; a filled box, with a sign where there is room, when it is urgent."""
    if pen.painter is None:
        return
    token, face = LEVEL_TONES.get(clock.level), styled(px, bold=True)
    ink = pen.theme.color(f"on_{token}" if token else "text")
    if token:
        _clock_ground(pen, clock, box, face, px * 0.75 if signed else 0.0, token)
    pen.painter.setFont(face)
    pen.painter.setPen(ink)
    align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    pen.painter.drawText(box.adjusted(0, 0, -6 if token else 0, 0), align, clock.text)


def _clock_ground(pen: Pen, clock: Clock, box: QRectF, face: QFont, sign: float, token: str) -> None:
    if pen.painter is None:
        return
    digits = QFontMetricsF(face).horizontalAdvance(clock.text)
    wide = min(box.width(), digits + sign + 16)
    ground = QRectF(box.right() - wide, box.top(), wide, box.height())
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(pen.theme.color(token))
    pen.painter.drawRoundedRect(ground, 5, 5)
    if sign:
        ink = pen.theme.color(f"on_{token}").name()
        glyph = pixmap("exclaim" if clock.level is Level.LATE else "clock", ink, round(sign))
        pen.painter.drawPixmap(QPointF(ground.left() + 5, box.center().y() - sign / 2), glyph)
