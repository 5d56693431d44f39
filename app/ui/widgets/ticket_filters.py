"""The controls over the print ledger: which day, which tickets, whose station and printer, and what to do with many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.dialogs.form import choice_edit
from app.ui.models.figures import long_day
from app.ui.models.ledger import GROUPS, Found, Group, Wanted
from app.ui.theme import Theme, font
from app.ui.widgets.button import Button
from app.ui.widgets.inputs import Choice
from app.ui.widgets.panel import plain_label
from app.ui.widgets.search_field import search_field
from app.ui.widgets.ticket_proof import ProofLine
from app.ui.words import plain, station_name

DAYS = 60  # that can be looked back at
_WIDE = 1180  # pixels from which all filters stand in one row
_HIGH = 600  # pixels of the window below which those that are seldom used are put away


class Filters(QWidget):
    """`changed` with the `Wanted` that a person chose; `proof` is the line of the day."""

    changed = Signal(object)

    def __init__(self, theme: Theme, wanted: Wanted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.wanted = theme, wanted
        self._offered: tuple[object, ...] = ()
        self.proof = ProofLine(theme)
        self._days = self._choice("ledger-day", tr("Business day"))
        self._stations = self._choice("ledger-station", tr("Station"))
        self._printers = self._choice("ledger-printer", tr("Printer"))
        self._groups = {group: self._group(group) for group in GROUPS}
        self._unfold = Button(
            theme, "", glyph="search", spoken=tr("More filters"), name="ledger-unfold", action=self._fold, checkable=True
        )
        self._rest = self._build_rest()
        self._second = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._second.setSpacing(8)
        self._second.addLayout(self._build_groups(), 1)
        self._second.addWidget(self._rest)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._build_first())
        column.addLayout(self._second)

    def show_found(self, found: Found) -> None:
        """Counts, the day's proof, and what can be chosen now."""
        self.proof.show_found(found)
        for group, button in self._groups.items():
            count = found.counts.get(group, 0)
            tone = "late" if group is Group.NEEDS and count else "button"
            chosen = group is self.wanted.group
            text = f"{tr(GROUPS[group])} {count}"
            button.setChecked(chosen)
            button.show_as(text, "new" if chosen and tone == "button" else tone)
        offered = (found.today, *found.stations, *found.printers)
        if offered != self._offered:
            self._offered = offered
            self._offer(found)

    def put(self, wanted: Wanted) -> None:
        """Show these filters, chosen elsewhere."""
        self.wanted = wanted
        self.search.blockSignals(True)
        self.search.setText(wanted.text)
        self.search.blockSignals(False)
        day = wanted.day.isoformat() if wanted.day else None
        self._days.setCurrentIndex(max(self._days.findData(day), 0))
        self._stations.setCurrentIndex(max(self._stations.findData(wanted.station_id), 0))
        self._printers.setCurrentIndex(max(self._printers.findData(wanted.printer_id), 0))
        self._fold()

    def unfold(self) -> None:
        """Show every filter, whatever room it takes."""
        self._unfold.setChecked(True)
        self._fold()

    @Slot()
    def _fold(self) -> None:
        """On a small screen the second row breaks in two, and on a low one the second of them shows when it is used."""
        wide, high = self.width() >= _WIDE, self.window().height() >= _HIGH
        self._second.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        used = bool(self.wanted.text or self.wanted.station_id or self.wanted.printer_id)
        self._unfold.setVisible(not wide and not high)
        self._rest.setVisible(wide or high or used or self._unfold.isChecked())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold or unfold."""
        super().resizeEvent(event)
        self._fold()

    def _offer(self, found: Found) -> None:
        before = [found.today - timedelta(days=ago) for ago in range(1, DAYS)]
        _fill(self._days, [(None, tr("Today")), *((day.isoformat(), long_day(day)) for day in before)])
        _fill(self._stations, [(None, tr("All stations")), *((one.id, station_name(one.name)) for one in found.stations)])
        _fill(self._printers, [(None, tr("All printers")), *((one.id, plain(one.name)) for one in found.printers)])
        self.put(self.wanted)

    # building

    def _build_first(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.proof, 1)
        row.addStretch(0)
        row.addWidget(self._days)
        return row

    def _build_groups(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in self._groups.values():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._unfold)
        return row

    def _build_rest(self) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._search_field(), 1)
        for box in (self._stations, self._printers):
            row.addWidget(box)
        return whole

    def _choice(self, name: str, spoken: str) -> Choice:
        box = choice_edit(self._theme, ())
        box.setObjectName(name)
        box.setAccessibleName(spoken)
        box.setFont(font(15))
        box.setMinimumWidth(130)
        box.activated.connect(self._choose)
        return box

    def _group(self, group: Group) -> Button:
        return Button(
            self._theme,
            tr(GROUPS[group]),
            name=f"ledger-group-{group.value}",
            action=partial(self._choose_group, group),
            checkable=True,
        )

    def _search_field(self) -> QLineEdit:
        self.search = search_field(self._theme, "ledger-search", tr("Call number"), tr("Call number"))
        self.search.setMinimumWidth(130)
        self.search.setToolTip(tr("/ puts the keys here, Esc gives them back"))
        self.search.textChanged.connect(self._typed)
        return self.search

    # choosing

    def _choose_group(self, group: Group, *_: object) -> None:
        self._change(replace(self.wanted, group=group))

    @Slot()
    def _choose(self) -> None:
        day = self._days.currentData()
        places = {"station_id": self._stations, "printer_id": self._printers}
        chosen = {name: box.currentData() for name, box in places.items()}
        self._change(replace(self.wanted, day=date.fromisoformat(day) if day else None, **chosen))

    @Slot(str)
    def _typed(self, text: str) -> None:
        self._change(replace(self.wanted, text=text))

    def _change(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.changed.emit(wanted)


class BulkBar(QWidget):
    """What can be done with many at once: those that are ticked, or all that wait for "print or skip".

    `print_pressed` and `skip_pressed` carry the ids that the words spoke of.
    """

    print_pressed = Signal(frozenset)
    skip_pressed = Signal(frozenset)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._printable: frozenset[int] = frozenset()
        self._skippable: frozenset[int] = frozenset()
        self.said = plain_label("", 16, bold=True, name="ledger-bulk-words")
        self.print_all = Button(theme, "", "new", "printer", name="ledger-print-all", action=self._print)
        self.skip_all = Button(theme, "", "button", "cross", name="ledger-skip-all", action=self._skip)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.said, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.print_all)
        row.addWidget(self.skip_all)

    def offer(self, words: str, printable: Sequence[int], skippable: Sequence[int], everything: bool) -> None:
        """Say `words` and offer both, each with its count; gone when there is nothing to do."""
        self._printable, self._skippable = frozenset(printable), frozenset(skippable)
        self.said.setText(words)
        once, never = len(self._printable), len(self._skippable)
        self.print_all.show_as(tr("Print all {n}", n=once) if everything else tr("Print {n}", n=once), "new", "printer")
        self.skip_all.show_as(tr("Skip all {n}", n=never) if everything else tr("Skip {n}", n=never), "button", "cross")
        self.print_all.setVisible(bool(self._printable))
        self.skip_all.setVisible(bool(self._skippable))
        self.setVisible(bool(self._printable or self._skippable))

    @Slot()
    def _print(self) -> None:
        self.print_pressed.emit(self._printable)

    @Slot()
    def _skip(self) -> None:
        self.skip_pressed.emit(self._skippable)


def _fill(box: Choice, choices: Sequence[tuple[object, str]]) -> None:
    box.clear()
    for value, text in choices:
        box.addItem(text, value)
