"""The printers in the top bar: a chip for each of the worst, and one for all the others, as many as there is room for."""

from __future__ import annotations

from itertools import accumulate

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout

from app.engine.views import HealthState, PrinterView
from app.texts import tr
from app.ui.health import printer_sign, worst_first
from app.ui.theme import Theme, styled
from app.ui.widgets.badge import Sign
from app.ui.widgets.button import HEIGHT, Button
from app.ui.words import plain

_MANY = 3  # printers named at most
_MORE_ROOM = 90  # pixels of the chip for all the others
_GAP = 4
_FRAME = 56  # pixels of a chip around its words, with the icon
_STATE = 8  # characters of its state that a chip keeps
_Chip = tuple[int, Sign]  # a printer's id, 0 for several; and how it is


class PrinterChips(QHBoxLayout):
    """`chosen` carries the id of the printer whose chip was pressed, 0 for all of them."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._chips: list[PrinterChip] = []
        self.setSpacing(_GAP)

    def show_printers(self, printers: tuple[PrinterView, ...], room: int) -> None:
        """Name as many as `room` pixels allow."""
        chips = _wanted(printers, room)
        while len(self._chips) > len(chips):
            gone = self._chips.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._chips) < len(chips):
            self._chips.append(PrinterChip(self._theme))
            self._chips[-1].asked.connect(self.chosen)
            self.addWidget(self._chips[-1])
        for chip, (printer_id, sign) in zip(self._chips, chips, strict=True):
            chip.show_printer(printer_id, sign)
        self._share(room - sum(_needed(sign) + _GAP for _, sign in chips))

    def _share(self, spare: int) -> None:
        """Give what is left of the room to the words of the worst first; nothing else in the bar is squeezed for them."""
        for chip in self._chips:
            wide = min(chip.sizeHint().width(), chip.needed + max(spare, 0))
            spare -= wide - chip.needed
            chip.setMaximumWidth(wide)


class PrinterChip(Button):
    """One printer in its own words; a press shows its tickets."""

    asked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "", "button", "printed")
        self._printer_id = 0
        self.needed = 0  # pixels for its name and the start of its state
        self.clicked.connect(self._ask)

    def show_printer(self, printer_id: int, sign: Sign) -> None:
        """How it is."""
        self._printer_id, self.needed = printer_id, _needed(sign)
        self.setObjectName(f"printer-{printer_id}" if printer_id else "printers-more")
        self.show_as(sign.text, sign.tone if sign.loud else "button", sign.glyph)
        self.setToolTip(tr("{printer}: show its tickets", printer=sign.text))

    def minimumSizeHint(self) -> QSize:
        """The sign stays, words may be cut."""
        return QSize(min(self.sizeHint().width(), 110), HEIGHT)

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self._printer_id)


def _wanted(printers: tuple[PrinterView, ...], room: int) -> list[_Chip]:
    known = worst_first(printers)
    chips = [(one.id, printer_sign(one)) for one in known]
    most = _most([sign for _, sign in chips], room)
    if len(chips) > most:
        calm = not any(sign.loud for _, sign in chips)
        left = Sign(f"+{len(chips) - most}", "printer")
        ready = Sign(tr("{n} printers ready", n=sum(_prints(one) for one in known)), "printed", "ready")
        chips = [(0, ready)] if calm else [*chips[:most], (0, left)]
    if not any(one.enabled for one in known):
        chips = [(0, Sign(tr("no printer"), "print-failed", "soon", loud=True)), *chips][:most]
    return chips


def _prints(printer: PrinterView) -> bool:
    return printer.enabled and printer.state is HealthState.OK


def _needed(sign: Sign) -> int:
    """Pixels of a chip that shows the whole name and the start of the state."""
    name, _, state = plain(sign.text).partition(" · ")
    words = f"{name} · {state[:_STATE]}…" if len(state) > _STATE else plain(sign.text)
    return QFontMetrics(styled(15, bold=True)).horizontalAdvance(words) + _FRAME


def _most(signs: list[Sign], room: int) -> int:
    """How many printers the bar can name: all of them, or the worst and one chip for the others; at least one."""
    ends = list(accumulate(_needed(sign) + _GAP for sign in signs[:_MANY]))
    if len(signs) <= _MANY and (not ends or ends[-1] <= room):
        return len(signs)
    return max(1, sum(end <= room - _MORE_ROOM for end in ends))
