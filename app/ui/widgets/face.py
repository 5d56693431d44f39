"""What a card says and how it is drawn: the full face, and one row of it when the queue is crowded."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetricsF, QPainter, QPen

from app.domain.lifecycle import Delivery
from app.domain.orders import Fulfilment
from app.domain.tickets import NoteKind
from app.engine.views import Card, CommandState, PrintState
from app.texts import N_, tr
from app.ui import words
from app.ui.countdown import Level
from app.ui.icons import pixmap
from app.ui.reading import (
    accepted_elsewhere,
    given_back,
    gone_altogether,
    open_request,
    paper_lost,
    pieces,
    print_sign,
    sending,
    tone,
    unsent,
    waiting_urge,
)
from app.ui.theme import Theme, styled
from app.ui.widgets.button import HEIGHT, PRIMARY_HEIGHT
from app.ui.widgets.head import PADDING as PADDING  # re-exported: the card's own margin
from app.ui.widgets.head import Clock, clock_box, draw_head, draw_mark
from app.ui.widgets.pen import Chip, Pen, line_height
from app.ui.words import plain, spelt

BAR = 6
ROW_HEIGHT = 52
MAX_ITEMS = 4
SIDE_BY_SIDE = 300  # pixels from which both answers to a request stand in one row
APART = 16  # pixels between yes and no
BIG_ORDER = 10
WHOLE = sys.maxsize  # lines of an allergy: the card grows with it, for half of one is worse than none
_ROW_TILE = 24.0
_NARROW_CLOCK = 66.0
ROOMY = 220  # pixels left of the button from which a row also shows the sign on its clock

_LOST_PAPER = {
    PrintState.FAILED: ("print-failed", N_("Kitchen ticket NOT printed"), "late"),
    PrintState.UNKNOWN: ("question", N_("Did the kitchen ticket come out?"), "soon"),
    PrintState.HELD: ("hand", N_("Kitchen ticket held back: print or skip"), "soon"),
}
_FULFILMENT_GLYPHS = {Fulfilment.DELIVERY: "courier", Fulfilment.PICKUP: "bag", Fulfilment.DINE_IN: "table"}


@dataclass(frozen=True, slots=True)
class Spaces:
    """Where the face left room for buttons (y of each row, None: no such row), and the whole height."""

    height: int
    answers: int | None = None
    urge: int | None = None
    buttons: int | None = None


def draw(pen: Pen, card: Card, clock: Clock) -> Spaces:
    """Draw (or only measure) the full face."""
    draw_head(pen, card, clock)
    pen.chips(_chips(card, datetime.fromtimestamp(clock.now, UTC)))
    pen.gap(8)
    answers = _request(pen, card)
    urge = _urge(pen, card)
    _trouble(pen, card)
    _items(pen, card)
    _notes(pen, card)
    _courier(pen, card)
    _money(pen, card)
    _tick(pen, card)
    if elsewhere := accepted_elsewhere(card):
        pen.gap(6)
        pen.band("hand", plain(elsewhere), "sunken", ink="text")
    buttons = None
    if card.primary or card.actions or card.rung or card.closed_attention:
        pen.gap(6)
        buttons = int(pen.y)
        pen.gap(PRIMARY_HEIGHT)
    return Spaces(int(pen.y) + PADDING, answers, urge, buttons)


def draw_row(pen: Pen, card: Card, clock: Clock, right: float) -> None:
    """One row: mark, number, clock, warnings, dishes; `right` is where the button begins."""
    if pen.painter is None:
        return
    x = draw_mark(pen, card, BAR + 6, (ROW_HEIGHT - _ROW_TILE) / 2, _ROW_TILE) + 5
    wide = _number_width(card)
    _row_text(pen, plain(card.call_number).removeprefix(card.mark), styled(18, bold=True), x, wide)
    if clock.text:
        box = row_clock_box(card, right)
        draw_row_clock(pen, clock, box)
        x = box.right() + 8
    else:
        x += wide + 6
    for glyph, ink in _warnings(card):
        if x + 18 < right:
            pen.painter.drawPixmap(QPointF(x, ROW_HEIGHT / 2 - 9), pixmap(glyph, pen.theme.color(ink).name(), 18))
        x += 24
    dishes = "，".join(_row_dish(card, place) for place in range(len(card.items)))
    _row_text(pen, dishes, styled(14), x, right - x - 8)


def _row_dish(card: Card, place: int) -> str:
    quantity, name = card.items[place]
    said = f"{plain(name)} ×{quantity}" if quantity != "1" else plain(name)
    back = given_back(card, place)
    return f"{said} ({back})" if back else said


def draw_row_clock(pen: Pen, clock: Clock, box: QRectF) -> None:
    """Only the clock of a row."""
    clock_box(pen, clock, box, 16, signed=box.width() > _NARROW_CLOCK)


def row_clock_box(card: Card, right: float) -> QRectF:
    """Where the clock of a row stands."""
    left = BAR + 6 + _ROW_TILE + 5 + _number_width(card) + 6
    return QRectF(left, (ROW_HEIGHT - 28) / 2, 86.0 if right > ROOMY else _NARROW_CLOCK, 28)


def _number_width(card: Card) -> float:
    number = plain(card.call_number).removeprefix(card.mark)
    return max(38.0, QFontMetricsF(styled(18, bold=True)).horizontalAdvance(number))


def _row_text(pen: Pen, text: str, face: QFont, x: float, width: float) -> None:
    if pen.painter and width > 0:
        pen.painter.setFont(face)
        pen.painter.setPen(pen.theme.color("text"))
        shown = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, width + 0.5)
        pen.painter.drawText(QRectF(x, 0, width + 1, ROW_HEIGHT), Qt.AlignmentFlag.AlignVCenter, shown)


def frame(painter: QPainter, theme: Theme, card: Card, level: Level, box: QRectF, ringing: bool, focused: bool) -> None:
    """Ground, hatch, border and state bar."""
    token = tone(card, level)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("surface"))
    painter.drawRoundedRect(box, 6, 6)
    if card.closed_attention:
        painter.setBrush(QBrush(theme.color("hatch"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(box, 6, 6)
    painter.save()
    painter.setClipRect(QRectF(box.left(), box.top(), BAR, box.height()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(token))
    painter.drawRoundedRect(QRectF(box.left(), box.top(), 20, box.height()), 6, 6)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_border(theme, card, token, ringing, focused))
    inset = 1.5 if focused or ringing else 0.5
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 6, 6)


def _border(theme: Theme, card: Card, token: str, ringing: bool, focused: bool) -> QPen:
    if focused:
        return QPen(theme.color("focus"), 3)
    if ringing:
        return QPen(theme.color(token), 3)
    pen = QPen(theme.color("late" if unsent(card) else "line"), 2 if unsent(card) else 1)
    if unsent(card):
        pen.setStyle(Qt.PenStyle.DashLine)
    return pen


def _chips(card: Card, now: datetime) -> list[Chip]:
    chips = [Chip(tr(words.FULFILMENTS[card.fulfilment]), _FULFILMENT_GLYPHS[card.fulfilment])]
    if card.source:
        chips.append(Chip(plain(card.source)))
    if card.due_at:
        text = tr("for {time}", time=words.moment(card.due_at, now))
        chips.append(Chip(text, "calendar" if card.scheduled else "clock", "new" if card.scheduled else ""))
    if card.pickup_code:
        chips.append(Chip(tr("code {code}", code=plain(card.pickup_code)), "bag"))
    if not card.paid:
        chips.append(Chip(tr("NOT PAID"), "money", "soon"))
    if pieces(card) >= BIG_ORDER:
        chips.append(Chip(tr("big order, {n} pieces", n=int(pieces(card))), "star"))
    if card.refunded:
        chips.append(Chip(tr("refunded {amount}", amount=words.money(card.refunded)), "money"))
    return chips


def _request(pen: Pen, card: Card) -> int | None:
    if not open_request(card) or card.request is None:
        return None
    title = words.request_title(card.request)
    pen.band("hand", words.headed(title, card.request.reason), "late", lines=3)
    y = int(pen.y)
    pen.gap(HEIGHT + 8 if pen.width >= SIDE_BY_SIDE else 2 * HEIGHT + 8 + APART)
    return y


def _urge(pen: Pen, card: Card) -> int | None:
    urge = waiting_urge(card)
    if urge is None:
        return None
    title = tr("Customer urges, {n} times", n=len(card.urges)) if len(card.urges) > 1 else tr("Customer urges")
    pen.band("exclaim", words.headed(title, urge.text), "soon")
    y = int(pen.y)
    pen.gap(HEIGHT + 8)
    return y


def _trouble(pen: Pen, card: Card) -> None:
    """What went wrong, loudest first, and the allergy that must not be missed."""
    if card.closed_attention:
        pen.band("cross", words.headed(tr("CANCELLED"), card.reason), "cancelled", lines=3)
    _command_trouble(pen, card)
    if card.print_state and paper_lost(card):
        glyph, text, ground = _LOST_PAPER[card.print_state]
        pen.band(glyph, tr(text), ground)
    for note in card.notes:
        if note.kind is NoteKind.ALLERGY:
            pen.band("alert", f"{tr('ALLERGY')} {plain(spelt(note.text))}", "inverse", px=16, lines=WHOLE)
    for problem in card.problems:
        pen.band("alert", plain(problem), "soon", px=13)


def _command_trouble(pen: Pen, card: Card) -> None:
    command = card.command
    if command is None or command.state not in (CommandState.REFUSED, CommandState.DEAD):
        return
    action, refused = tr(words.COMMANDS[command.kind]), command.state is CommandState.REFUSED
    title = (
        tr("{action}: platform refused", action=action)
        if refused
        else tr("{action} did not reach the platform", action=action)
    )
    pen.band("cross" if refused else "cloud-off", words.headed(title, command.text), "late", lines=3)


def _items(pen: Pen, card: Card) -> None:
    for place, (quantity, name) in enumerate(card.items[:MAX_ITEMS]):
        pen.counted(plain(quantity), plain(name), strike=card.closed_attention or gone_altogether(card, place))
        if back := given_back(card, place):
            pen.labelled("money", back, ink="text", bold=True)
    hidden = len(card.items) - MAX_ITEMS
    if hidden > 0:
        pen.line(tr("+{n} more", n=hidden), 14, bold=True, ink="new")
    pen.gap(4)


def _notes(pen: Pen, card: Card) -> None:
    for note in card.notes:
        if note.kind is NoteKind.CHANGE:
            pen.labelled("note", plain(spelt(note.text)), 15, ink="text", bold=True)
        elif note.kind is NoteKind.COURTESY:
            pen.labelled("note", plain(spelt(note.text)))


def _courier(pen: Pen, card: Card) -> None:
    state = tr(words.DELIVERIES[card.delivery]) if card.delivery is not Delivery.NONE else ""
    if not state or card.closed_attention:
        return
    parts = [state]
    if card.courier:
        parts += [plain(card.courier.text), plain(card.courier.name), plain(card.courier.phone)[-5:]]
        if card.courier.eta and card.delivery in (Delivery.ASSIGNED, Delivery.PICKED_UP):
            parts.append(words.clock_time(card.courier.eta))
    loud = card.delivery in (Delivery.AT_STORE, Delivery.FAILED)
    ink = {Delivery.AT_STORE: "text", Delivery.FAILED: "late"}.get(card.delivery, "muted")
    pen.labelled("courier", " · ".join(part for part in parts if part), ink=ink, bold=loud)


def _money(pen: Pen, card: Card) -> None:
    height = line_height(15) + 4
    amount = words.money(card.total) + (f" {tr('not final')}" if card.provisional else "")
    top = pen.y
    pen.line(amount, 15, bold=True)
    pen.y = top
    sign = print_sign(card)
    if pen.painter and sign:
        glyph, ink, text = sign
        color = pen.theme.color(ink)
        face = styled(13, bold=ink == "late")
        left = pen.x + pen.width - QFontMetricsF(face).horizontalAdvance(text)
        pen.painter.setFont(face)
        pen.painter.setPen(color)
        pen.painter.drawText(QRectF(left, top, pen.width, line_height(15)), Qt.AlignmentFlag.AlignVCenter, text)
        pen.painter.drawPixmap(QPointF(left - 22, top + 2), pixmap(glyph, color.name(), 17))
    pen.gap(height)


def _tick(pen: Pen, card: Card) -> None:
    """Does the platform know? The last command with its state."""
    command = card.command
    if command is None or command.state in (CommandState.REFUSED, CommandState.DEAD, CommandState.SUPERSEDED):
        return
    action = tr(words.COMMANDS[command.kind])
    if command.kind in card.local_only:
        pen.labelled("home", f"{action} · {tr('kept here only')}")
    elif command.state is CommandState.CONFIRMED:
        pen.labelled("check-cloud", f"{action} · {tr('platform confirmed')}", ink="ready")
    elif command.attempts > 1:
        pen.labelled("cloud-off", f"{action} · {tr('not sent yet, attempt {n}', n=command.attempts)}", ink="late", bold=True)
    else:
        pen.labelled("cloud-up", f"{action} · {tr('sending…')}", ink="text")


def _warnings(card: Card) -> list[tuple[str, str]]:
    found = []
    if any(note.kind is NoteKind.ALLERGY for note in card.notes):
        found.append(("alert", "late"))
    paper = print_sign(card)
    if paper and paper[1] == "late":
        found.append(paper[:2])
    if not card.paid:
        found.append(("money", "text"))
    if card.delivery is Delivery.AT_STORE:
        found.append(("courier", "text"))
    if sending(card):
        found.append(("cloud-up", "muted"))
    return found
