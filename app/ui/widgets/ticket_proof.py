"""The day's proof: one line over the ledger, and behind it what each station owes and which tickets nobody can prove."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.engine.views import DayProof, StationProof, Unproved
from app.texts import tr
from app.ui import words
from app.ui.dialogs.form import scrolling
from app.ui.icons import pixmap
from app.ui.models.figures import long_day
from app.ui.models.ledger import Found
from app.ui.theme import Theme, styled
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.words import plain

MOST = 60  # rows; a printer that cannot confirm leaves hundreds of explained ones a day, and the open ones come first


def sums(proof: DayProof) -> StationProof:
    """All stations of a day together."""
    total = {name: sum(getattr(one, name) for one in proof.stations) for name in ("owed", "confirmed", "explained", "open")}
    return StationProof("", **total)


def proof_words(found: Found) -> str:
    """The day in one line."""
    proof, total = found.proof, sums(found.proof)
    day = tr("Today") if proof.day == found.today else long_day(proof.day)
    whole = tr("{orders} orders, {tickets} tickets", orders=proof.orders, tickets=total.owed)
    parts = [whole, tr("{n} confirmed", n=total.confirmed), tr("{n} explained", n=total.explained)]
    lost = len(found.lost)
    waiting = sum(one.open for one in proof.unproved) - lost
    news = [tr("{n} NOT proved", n=lost)] if lost else []
    news += [tr("{n} waiting", n=waiting)] if waiting else []
    parts = [*news, *parts]  # first, because the end of the line is what a narrow screen cuts off
    return words.headed(day, " · ".join(parts))


def proof_tone(found: Found) -> str:
    """ "ready" when all is told, "late" when something needs a person, "soon" while tickets wait."""
    return "ready" if found.proof.complete else "late" if found.lost else "soon"


class ProofLine(QPushButton):
    """The line; a press opens what is behind it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tone, self.words = theme, "soon", ""
        self.setObjectName("ledger-proof")
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(200)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Shows the day station by station, and every ticket that is not proved"))

    def show_found(self, found: Found) -> None:
        """Say how the day stands."""
        self.words, self._tone = proof_words(found), proof_tone(found)
        self.setAccessibleName(self.words)
        self.setVisible(bool(found.proof.orders))
        self.update()

    def sizeHint(self) -> QSize:
        """The whole sentence."""
        return QSize(round(QFontMetricsF(styled(16, bold=True)).horizontalAdvance(self.words)) + 80, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Loud only when a person is needed."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        loud = self._tone == "late"
        ink = self._theme.color("on_late" if loud else "text")
        painter.setPen(QPen(self._theme.color("focus"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("late" if loud else f"{self._tone}_soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        glyph = {"ready": "check", "soon": "clock", "late": "alert"}[self._tone]
        sign = self._theme.color("ready") if self._tone == "ready" else ink
        painter.drawPixmap(12, 11, pixmap(glyph, sign.name(), 22))
        painter.setPen(ink)
        face = styled(16, bold=True)
        painter.setFont(face)
        room = QRectF(44, 0, self.width() - 76, self.height())
        said = QFontMetricsF(face).elidedText(self.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, said)
        painter.drawPixmap(self.width() - 30, 12, pixmap("more", ink.name(), 20))
        painter.end()


class ProofSide(QWidget):
    """`picked` with a ticket's id; `wanted` with the id of an order that has no ticket; `totals` with a day; `closed`."""

    picked = Signal(int)
    wanted = Signal(int)
    totals = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shown: DayProof | None = None
        self._lost: tuple[Unproved, ...] = ()
        self.setObjectName("ledger-proof-side")
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._inside: QWidget | None = None

    def show_found(self, found: Found) -> None:
        """Show the proof behind the line."""
        if (found.proof, found.lost) == (self.shown, self._lost):
            return
        self.shown, self._lost = found.proof, found.lost
        if self._inside:
            self._inside.hide()
            self._inside.deleteLater()
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 8, 8)
        column.addWidget(self._stations(found))
        column.addWidget(self._unproved(found.proof))
        column.addStretch(1)
        self._inside = scrolling(column)
        self._outer.addWidget(self._inside)

    def _stations(self, found: Found) -> Panel:
        panel = Panel(self._theme)
        panel.inner.setContentsMargins(12, 8, 8, 12)
        top = QHBoxLayout()
        top.addWidget(plain_label(tr("Proof of {day}", day=long_day(found.proof.day)), 18, bold=True), 1)
        close = Button(self._theme, "", glyph="cross", spoken=tr("Close"), name="ledger-proof-close", action=self.closed)
        top.addWidget(close)
        panel.inner.addLayout(top)
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(14)
        for column, text in enumerate((tr("Station"), tr("Owed"), tr("Confirmed"), tr("Explained"), tr("Open"))):
            self._put(grid, 0, column, text, px=13, bold=True, ink="muted")
        total = sums(found.proof)
        for row, one in enumerate((*found.proof.stations, total), start=1):
            self._row(grid, row, one, strong=one is total)
        panel.inner.addLayout(grid)
        print_totals = Button(
            self._theme, tr("Print what was sold"), glyph="printer", name="ledger-totals", action=self._want_totals
        )
        panel.inner.addWidget(print_totals)
        return panel

    def _row(self, grid: QGridLayout, row: int, one: StationProof, strong: bool) -> None:
        self._put(grid, row, 0, tr("All stations") if strong else plain(one.station), bold=strong)
        for column, number in enumerate((one.owed, one.confirmed, one.explained), start=1):
            self._put(grid, row, column, str(number), bold=strong)
        self._put(grid, row, 4, str(one.open), bold=bool(one.open), ink="late" if one.open and self._lost else "text")

    def _put(
        self, grid: QGridLayout, row: int, column: int, text: str, px: int = 15, bold: bool = False, ink: str = "text"
    ) -> None:
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        grid.addWidget(plain_label(text, px, bold, color=self._theme.color(ink)), row, column, side)

    def _unproved(self, proof: DayProof) -> Panel:
        panel = Panel(self._theme, tr("Not confirmed by a printer"))
        panel.inner.setContentsMargins(12, 8, 8, 12)
        if not proof.unproved:
            panel.inner.addWidget(plain_label(tr("Nothing: every ticket is on paper, and its printer said so."), 14))
        for place, one in enumerate(sorted(proof.unproved, key=lambda each: (each not in self._lost, not each.open))[:MOST]):
            row = UnprovedRow(self._theme, one, place, one in self._lost)
            row.asked.connect(self._press)
            panel.inner.addWidget(row)
        if len(proof.unproved) > MOST:
            panel.inner.addWidget(plain_label(tr("+{n} more", n=len(proof.unproved) - MOST), 14, bold=True))
        return panel

    @Slot()
    def _want_totals(self) -> None:
        if self.shown:
            self.totals.emit(self.shown.day)

    @Slot(object)
    def _press(self, one: Unproved) -> None:
        if one.ticket_id is None:
            self.wanted.emit(one.order_id)
        else:
            self.picked.emit(one.ticket_id)


class UnprovedRow(QPushButton):
    """One ticket nobody confirmed: loud where a person must decide. A press shows it, or prints what was never made."""

    asked = Signal(object)

    def __init__(self, theme: Theme, one: Unproved, place: int, lost: bool) -> None:
        super().__init__()
        self._theme, self._one = theme, one
        self._tone = "late" if lost else "soon" if one.open else ""
        self._missing = one.ticket_id is None
        head = " · ".join(plain(part) for part in (one.call_number, one.station) if part)
        self._head = f"{head} · {tr('print it now')}" if self._missing else head
        self.setObjectName(f"unproved-{place}")
        self.setAccessibleName(f"{self._head}: {plain(one.text)}")
        self.setToolTip(plain(one.text))
        self.setFixedHeight(HEIGHT + 4)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self._one)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Number and place, the reason under it."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("focus"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(f"{self._tone}_soft" if self._tone else "sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        ink = self._theme.color({"late": "late", "soon": "text", "": "muted"}[self._tone])
        glyph = "printer" if self._missing else {"late": "alert", "soon": "clock", "": "check"}[self._tone]
        painter.drawPixmap(10, 14, pixmap(glyph, ink.name(), 20))
        for top, text, face in ((4, self._head, styled(15, bold=True)), (25, plain(self._one.text), styled(13))):
            painter.setFont(face)
            painter.setPen(self._theme.color("text"))
            room = self.width() - 48
            cut = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(40, top, room, 20), Qt.AlignmentFlag.AlignVCenter, cut)
        painter.end()
