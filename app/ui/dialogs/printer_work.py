"""The step that says what a printer is called, what paper is in it and which stations it prints for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.routing import Station
from app.texts import tr
from app.ui.dialogs.form import Field, choice_edit, column, hint, text_edit
from app.ui.papers import paper_words, papers_of
from app.ui.theme import Theme
from app.ui.widgets.inputs import Choice, TickBox
from app.ui.widgets.panel import plain_label
from app.ui.words import PAPERS, plain, station_name

_LONGEST_NAME = 40
_LONGEST_TICK = 20


class WorkStep(QWidget):
    """`paper_changed` whenever the paper did."""

    paper_changed = Signal()

    def __init__(self, theme: Theme, stations: Sequence[Station], printers: dict[int, str], printer_id: int | None) -> None:
        super().__init__()
        self._stations, self._printer_id = tuple(stations), printer_id
        name = text_edit(hint=tr("Hot kitchen"))
        name.setMaxLength(_LONGEST_NAME)
        self._name = Field(theme, "printer-name", tr("Name"), name, tr("What staff call it. It stands on the screen."))
        what = tr("A roll is measured across: most are 80 mm, small ones 58 mm. Labels: width by height.")
        self._paper = Field(theme, "printer-paper", tr("Paper"), choice_edit(theme, []), what)
        self._paper.edited.connect(self.paper_changed)
        self._ticks = {station.id: self._tick(theme, station, printers) for station in stations}
        proposed = "" if stations else tr("Kitchen")
        label = tr("A new station") if stations else tr("Prints for the station")
        self._new = Field(theme, "printer-station", label, text_edit(proposed, tr("Hot kitchen, drinks, packing")))
        self._idle = hint(
            theme, tr("No station is chosen: nothing prints here until a station uses this printer."), "printer-idle"
        )
        for box in self._ticks.values():
            box.toggled.connect(self._look)
        self._new.edited.connect(self._look)
        heading = plain_label(tr("Prints for the stations"), 15, bold=True)
        heading.setVisible(bool(stations))
        self.setLayout(column(self._name, self._paper, heading, *self._ticks.values(), self._new, self._idle))
        self._look()

    @property
    def name(self) -> str:
        """What the printer is called."""
        return self._name.answer

    @name.setter
    def name(self, text: str) -> None:
        self._name.answer = text[:_LONGEST_NAME]

    @property
    def paper(self) -> str:
        """What is in it."""
        return self._paper.answer

    def offer(self, dialect: str, paper: str) -> None:
        """Show the papers of a dialect, `paper` chosen where it is one of them."""
        box = self._paper.editor
        if isinstance(box, Choice):
            with QSignalBlocker(box):
                box.clear()
                for one in papers_of(dialect):
                    box.addItem(paper_words(one), one)
            box.setCurrentIndex(max(box.findData(paper), 0))
            box.update()

    @property
    def new_station(self) -> str:
        """The name of a station to make, "" for none."""
        return self._new.answer

    @property
    def station(self) -> str:
        """The station that a new printer is for: one to be made, else the first that is ticked, "" for none."""
        ticked = (station.name for station in self._stations if self._ticks[station.id].isChecked())
        return self.new_station or next(ticked, "")

    def changed(self, stations: Iterable[Station], printer_id: int) -> Iterator[Station]:
        """Those of `stations`, as they are stored now, that shall print elsewhere; ones made meanwhile stay as they are."""
        for station in stations:
            box = self._ticks.get(station.id)
            if box is None:
                continue
            mine = box.isChecked()
            if mine and station.printer_id != printer_id:
                backup = None if station.backup_id == printer_id else station.backup_id
                yield replace(station, printer_id=printer_id, backup_id=backup)
            elif not mine and station.printer_id == printer_id:
                yield replace(station, printer_id=None, backup_id=None)

    def check(self) -> bool:
        """Whether it has a name, and a new station one of its own."""
        taken = any(station.name.casefold() == self.new_station.casefold() for station in self._stations)
        self._new.complain(tr("There is already a station of this name. Tick it instead.") if taken else "")
        named = self._name.require()
        if not named or taken:
            (self._new if named else self._name).editor.setFocus()
        return named and not taken

    def start(self) -> None:
        """Put the cursor where typing begins."""
        self._name.editor.setFocus()

    def _tick(self, theme: Theme, station: Station, printers: dict[int, str]) -> TickBox:
        words = [_brief(station_name(station.name)), tr(PAPERS[station.kind])]
        if station.printer_id not in (None, self._printer_id):
            words.append(tr("now at {printer}", printer=_brief(printers.get(station.printer_id or 0, "?"))))
        box = TickBox(theme, " · ".join(words))
        box.setObjectName(f"printer-serves-{station.id}")
        box.setChecked(self._printer_id is not None and station.printer_id == self._printer_id)
        return box

    @Slot()
    def _look(self, *_: object) -> None:
        self._idle.setVisible(not self.station)


def _brief(name: str) -> str:
    """A name that cannot widen the form: a tick box never wraps its words."""
    words = plain(name)
    return words if len(words) <= _LONGEST_TICK else f"{words[:_LONGEST_TICK]}…"
