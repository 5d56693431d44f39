"""The kitchen's printers in a window for practice: paper rolling out, and big buttons for what goes wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app import texts
from app.practice.paper_roll import PaperRoll
from app.practice.printer import VirtualPrinter
from app.practice.run import has_display
from app.texts import N_, tr
from app.ui.dialogs.form import scrolling
from app.ui.i18n import Language
from app.ui.run import application
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.widgets.preview import steady

LOOK_MS = 100
WIDTH = 400  # of one printer
_NEARLY = 4  # pixels from the end that count as the end

LESSONS = {
    "": N_("Press a button and watch what the console says about this printer."),
    "out": N_(
        "The console must say that the paper is out within 5 seconds. "
        "When you load a new roll, the ticket finishes by itself: print nothing again."
    ),
    "roll": N_(
        "What waited prints now. A ticket that comes out twice says so in white on black, at the top and the bottom."
    ),
    "open": N_(
        "The console must say that the cover is open within 5 seconds. Close it, and printing goes on where it stopped."
    ),
    "close": N_("The sign in the console goes away, and what waited prints now."),
    "pull": N_(
        "The console must say that the printer cannot be reached. "
        "If it was printing, the console asks about that ticket: look whether it is whole before you answer."
    ),
    "plug": N_(
        "The console finds the printer again by itself. What it does not know, it asks; what it prints again is marked."
    ),
    "low": N_("The console shows that the paper runs low and goes on printing. Change the roll when it is quiet."),
    "enough": N_("The sign in the console goes away."),
}
_PAPER = {False: (N_("Take the paper out"), "button"), True: (N_("Put in a new roll"), "ready")}
_COVER = {False: (N_("Open the cover"), "button"), True: (N_("Close the cover"), "ready")}
_POWER = {False: (N_("Pull the plug"), "button"), True: (N_("Plug in again"), "ready")}
_LOW = {False: (N_("Paper near end"), "button"), True: (N_("Enough paper"), "ready")}


class PaperWindow(QWidget):
    """Each printer in a column of its own, in the program's language. Looks ten times a second while it is shown."""

    def __init__(self, printers: Mapping[str, VirtualPrinter], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paper-window")
        self._printers = dict(printers)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.columns: list[PrinterColumn] = []
        self.speak(theme)
        self.resize(min(3, len(self._printers)) * (WIDTH + 12) + 14, 820)
        self._timer.start()

    def speak(self, theme: Theme) -> None:
        """Build everything anew in the language and look of now."""
        self.setWindowTitle(tr("Printers in the kitchen (practice)"))
        while (item := self._layout.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.columns = [PrinterColumn(theme, name, printer) for name, printer in self._printers.items()]
        body, row = QWidget(), QHBoxLayout()
        row.setSpacing(12)
        row.setContentsMargins(12, 12, 12, 12)
        for column in self.columns:
            row.addWidget(column)
        body.setLayout(row)
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._layout.addWidget(area)
        self.look()

    @Slot()
    def look(self) -> None:
        """Follow every printer."""
        for column in self.columns:
            column.look()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """A closed window looks no more."""
        self._timer.stop()
        super().closeEvent(event)


class PrinterColumn(Panel):
    """One printer. The buttons do to it what a hand would; each call waits the moment its loop takes to obey."""

    def __init__(self, theme: Theme, name: str, printer: VirtualPrinter) -> None:
        super().__init__(theme, name, f"printer-{name}")
        self._theme, self._printer = theme, printer
        self.setMinimumWidth(WIDTH)
        self.state = plain_label(px=15, bold=True, name=f"state-{name}")
        self.roll = PaperRoll(theme, printer)
        self.roll.setObjectName(f"roll-{name}")
        self._most = 0  # how far down it went before the paper grew
        self.area = self._scroller()
        self.lesson = plain_label(tr(LESSONS[""]), 15, name=f"lesson-{name}")
        self.lesson.setWordWrap(True)
        self.lesson.setMinimumHeight(72)
        self.lesson.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.inner.addWidget(self.state)
        self.inner.addWidget(self.area, 1)
        self.inner.addWidget(_Mouth(theme))
        self.inner.addLayout(self._build_buttons(name))
        self.inner.addWidget(self.lesson)

    def look(self) -> None:
        """Follow the printer."""
        self.roll.look()
        self._show_state()

    @Slot(int, int)
    def _stick(self, _least: int, most: int) -> None:
        """The newest line stays in sight, unless somebody scrolled up to read."""
        bar = self.area.verticalScrollBar()
        if bar.value() >= self._most - _NEARLY:
            bar.setValue(most)
        self._most = most

    def _show_state(self) -> None:
        condition, powered = self._printer.condition, self._printer.powered
        said = [
            (not powered, "late", N_("no power")),
            (condition.paper_out, "late", N_("no paper")),
            (condition.near_end and not condition.paper_out, "text", N_("paper runs low")),
            (condition.cover_open, "late", N_("cover open")),
            (condition.jammed, "late", N_("cutter stuck")),
        ]
        wrong = [(tone, tr(words)) for is_so, tone, words in said if is_so]
        good = tr("printing") if condition.printing else tr("ready, paper loaded, cover closed")
        self.state.setText("● " + (" · ".join(words for _, words in wrong) or good))
        bad = any(tone == "late" for tone, _ in wrong)
        tint(self.state, self._theme.color("late" if bad else "text" if wrong else "ready"))
        self._show_button(self._paper, _PAPER[condition.paper_out])
        self._show_button(self._cover, _COVER[condition.cover_open])
        self._show_button(self._power, _POWER[not powered])
        self._show_button(self._low, _LOW[condition.near_end and not condition.paper_out])
        self._low.setEnabled(not condition.paper_out)

    def _show_button(self, button: Button, look: tuple[str, str]) -> None:
        button.show_as(tr(look[0]), look[1])

    def _swap_paper(self) -> None:
        if self._printer.condition.paper_out:
            self._printer.refill()
            self._teach("roll")
        else:
            self._printer.change(paper_out_after_lines=0)
            self._teach("out")

    def _swap_cover(self) -> None:
        opens = not self._printer.condition.cover_open
        self._printer.change(cover_open=opens)
        self._teach("open" if opens else "close")

    def _swap_power(self) -> None:
        if self._printer.powered:
            self._printer.power_cut()
            self._teach("pull")
        else:
            self._printer.power_on()
            self._teach("plug")

    def _swap_low(self) -> None:
        runs_low = not self._printer.condition.near_end
        self._printer.change(near_end_after_lines=0 if runs_low else None)
        self._teach("low" if runs_low else "enough")

    def _teach(self, lesson: str) -> None:
        self.lesson.setText(tr(LESSONS[lesson]))
        self.look()

    def _build_buttons(self, name: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._paper = self._button(f"paper-{name}", self._swap_paper)
        self._cover = self._button(f"cover-{name}", self._swap_cover)
        self._power = self._button(f"power-{name}", self._swap_power)
        self._low = self._button(f"low-{name}", self._swap_low)
        for number, button in enumerate((self._paper, self._cover, self._power, self._low)):
            grid.addWidget(button, number // 2, number % 2)
            grid.setColumnStretch(number % 2, 1)
        return grid

    def _button(self, name: str, act: Callable[[], None]) -> Button:
        button = Button(self._theme, "", height=PRIMARY_HEIGHT)
        button.setObjectName(name)
        button.clicked.connect(act)
        return button

    def _scroller(self) -> QScrollArea:
        """The roll, lying on the slot however short it is."""
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(self.roll)
        area = steady(scrolling(column))
        ground = area.viewport().palette()
        ground.setColor(area.viewport().backgroundRole(), self._theme.color("sunken"))
        area.viewport().setPalette(ground)
        area.viewport().setAutoFillBackground(True)
        area.verticalScrollBar().rangeChanged.connect(self._stick)
        return area


class _Mouth(QWidget):
    """The dark slot that the paper comes out of."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedHeight(14)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A bar with round ends."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("cooking"))
        painter.drawRoundedRect(self.rect(), 7, 7)
        painter.end()


def run(printer: VirtualPrinter, theme: str = "light") -> int:
    """Show one printer, which is running in another thread, until a person closes the window; answers the exit status."""
    if QApplication.instance() is None and not has_display():  # Qt would abort the program
        print(f"order-console: {tr('There is no display to show a window on: leave out --window.')}", file=sys.stderr)
        return 2
    app = application()
    language = Language(app)
    language.use(texts.language())
    look = Theme.load(theme)
    look.apply(app)
    window = PaperWindow({f"{printer.host}:{printer.port}": printer}, look)
    window.show()
    status = app.exec()
    window.deleteLater()
    language.forget()
    return status
