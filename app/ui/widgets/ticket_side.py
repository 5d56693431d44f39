"""Beside the ledger: one ticket with its buttons, the paper itself, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import printing
from app.engine.facade import Facade
from app.engine.views import PrintState, Step, TicketAction, TicketView
from app.texts import N_, tr
from app.ui import words
from app.ui.icons import pixmap
from app.ui.models.ledger import marks, troubles
from app.ui.shop_clock import local
from app.ui.theme import Theme, styled
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.preview import PaperPicture
from app.ui.widgets.rows import Rows
from app.ui.widgets.scroll import ScrollArea
from app.ui.widgets.ticket_cells import GLYPHS, action_label, action_tone, state_look, state_words
from app.ui.words import plain

WIDTH = 400
NARROWEST = 300
_STEPS = {
    "pending": N_("waits for {printer}"),
    "sending": N_("sent to {printer}"),
    "confirmed": N_("{printer} confirms: on paper"),
    "sent": N_("{printer} took it, and cannot say more"),
    "failed": N_("NOT printed at {printer}"),
    "unknown": N_("nobody knows whether {printer} printed it"),
    "skipped": N_("will not be printed"),
    "held": N_("waited too long for {printer}: print or skip"),
    "came_out": N_("a person found it on paper"),
    "reprinted": N_("printed once more, marked"),
    "overtaken": N_("no longer needed: the order moved on"),
}


@dataclass(frozen=True)
class Opened:
    """One ticket with its steps. `png` is the paper, `flaw` says why there is none; `trouble` keeps it from printing."""

    ticket: TicketView
    steps: Sequence[Step]
    png: bytes = field(default=b"", repr=False)
    flaw: str = ""
    trouble: str = ""


def open_ticket(facade: Facade, ticket_id: int, known: Opened | None) -> Opened | None:
    """Read one ticket and draw its paper, unless `known` holds the same. None when it is gone. Not for the UI thread."""
    ticket = next(iter(facade.tickets_of([ticket_id])), None)
    if ticket is None:
        return None
    steps = facade.ticket_steps(ticket_id)
    waits = ticket.state is PrintState.PENDING
    trouble = troubles(facade.printers()).get(ticket.printer_id, "") if waits else ""
    if known and known.ticket.ticket == ticket.ticket:
        return Opened(ticket, steps, known.png, known.flaw, trouble)
    try:
        return Opened(ticket, steps, printing.render_png(ticket.ticket), trouble=trouble)
    except (printing.FontMissingError, OSError, ValueError) as error:
        return Opened(ticket, steps, flaw=str(error), trouble=trouble)


def step_words(step: Step) -> str:
    """One thing that happened, as a person would say it."""
    printer = plain(step.printer) or tr("the printer")
    said = tr(_STEPS[step.state], printer=printer) if step.state in _STEPS else plain(step.state)
    return words.headed(said, step.text)


class TicketSide(QWidget):
    """Shows one `Opened`. `asked` with an action and a ticket's id; `closed` when a person is done with it."""

    asked = Signal(object, int)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shown: Opened | None = None
        self._busy = False
        self.setObjectName("ledger-side")
        self._scroll = ScrollArea()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def sizeHint(self) -> QSize:
        """As wide as it may be."""
        return QSize(WIDTH, 500)

    def show_ticket(self, opened: Opened, busy: bool) -> None:
        """Show it; `busy` while the engine has not answered the last press."""
        if (opened, busy) == (self.shown, self._busy):
            return
        same = self.shown is not None and self.shown.ticket.id == opened.ticket.id
        place = self._scroll.verticalScrollBar().value() if same else 0
        self.shown, self._busy = opened, busy
        self._scroll.setWidget(self._content(opened))
        self._scroll.verticalScrollBar().setValue(place)

    def _content(self, opened: Opened) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._head(opened.ticket, opened.trouble))
        column.addWidget(self._history(opened))
        column.addWidget(self._paper(opened))
        column.addStretch(1)
        return content

    def _head(self, ticket: TicketView, trouble: str) -> Panel:
        panel = Panel(self._theme)
        panel.inner.setContentsMargins(12, 8, 8, 12)
        top = QHBoxLayout()
        top.addWidget(plain_label(plain(ticket.call_number), 24, bold=True), 1)
        close = Button(self._theme, "", glyph="cross", spoken=tr("Close"), name="ledger-close", action=self.closed)
        close.setToolTip(tr("Esc closes"))
        top.addWidget(close)
        panel.inner.addLayout(top)
        places = " → ".join(plain(part) for part in (ticket.station, ticket.printer) if part)
        about = (tr(words.PAPERS[ticket.ticket.kind]), *marks(ticket), places, ticket.ticket.ticket_id)
        label = plain_label(" · ".join(about), 14, color=self._theme.color("muted"))
        label.setWordWrap(True)
        panel.inner.addWidget(label)
        panel.inner.addWidget(_StateLine(self._theme, ticket))
        if reason := state_words(ticket, trouble)[1]:
            label = plain_label(reason, 14)
            label.setWordWrap(True)
            panel.inner.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(8)
        for action in ticket.actions:
            row.addWidget(self._button(ticket, action))
        panel.inner.addLayout(row)
        return panel

    def _button(self, ticket: TicketView, action: TicketAction) -> Button:
        label, tone = action_label(ticket, action), action_tone(ticket, action)
        button = Button(
            self._theme,
            label,
            tone,
            GLYPHS[action],
            f"{label} {plain(ticket.call_number)}",
            name=f"ledger-{action.value}-{ticket.id}",
            action=partial(self._ask, action, ticket.id),
        )
        button.setEnabled(not self._busy)
        return button

    def _ask(self, action: TicketAction, ticket_id: int, *_: object) -> None:
        self.asked.emit(action, ticket_id)

    def _history(self, opened: Opened) -> Panel:
        rows = Rows(self._theme, tr("What happened"))
        for step in opened.steps:
            loud = step.state in ("failed", "unknown", "held")
            at = local(step.at).strftime("%H:%M:%S")
            rows.add(step_words(step), at, bold=loud, ink="late" if loud else "text")
        return rows.panel

    def _paper(self, opened: Opened) -> Panel:
        panel = Panel(self._theme, tr("The paper"))
        if opened.png:
            picture = PaperPicture(self._theme)
            picture.setObjectName("ledger-paper")
            picture.show_png(opened.png)
            panel.inner.addWidget(picture)
        else:
            flaw = plain_label(tr("No picture: {why}", why=opened.flaw), 14, color=self._theme.color("late"))
            flaw.setWordWrap(True)
            panel.inner.addWidget(flaw)
        return panel


class _StateLine(QWidget):
    """Icon and word on the ground of the state, as in the table."""

    def __init__(self, theme: Theme, ticket: TicketView) -> None:
        super().__init__()
        self._theme, self._ticket = theme, ticket
        self._said = state_words(ticket)[0]
        self.setAccessibleName(self._said)
        self.setFixedHeight(32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The same three signs of one thing."""
        del event
        glyph, ink, ground = state_look(self._ticket)
        color = self._theme.color(ink)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(ground or "sunken"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.drawPixmap(8, 6, pixmap(glyph, color.name(), 20))
        painter.setFont(styled(16, bold=True))
        painter.setPen(color if ground else self._theme.color("text"))
        painter.drawText(QRectF(38, 0, self.width() - 42, 32), Qt.AlignmentFlag.AlignVCenter, self._said)
        painter.end()
