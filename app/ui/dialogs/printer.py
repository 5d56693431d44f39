"""Add or change a printer, step by step: how it is connected, what it is for, and a page that shows what it can do."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.domain.routing import Station
from app.engine.facade import Facade
from app.engine.views import PrinterForm, PrinterTest, PrinterView
from app.printing.discovery import Found
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.find_printer import FindPrinterDialog
from app.ui.dialogs.form import FormWindow, hint
from app.ui.dialogs.printer_connection import LAN, ConnectionStep, KindStep
from app.ui.dialogs.printer_trial import OTHER_ROLL, TrialStep
from app.ui.dialogs.printer_work import WorkStep
from app.ui.theme import Theme
from app.ui.words import plain

_STEPS = (N_("How it is connected"), N_("Where it is"), N_("What it is for"), N_("Try it"))
_KIND, _CONNECTION, _WORK, _TRIAL = range(4)


class PrinterDialog(FormWindow):
    """A printer may be saved untried: it can be switched off today and still be the right one.

    With a stored `printer` it changes that one, and may be saved at any step.
    """

    def __init__(
        self,
        facade: Facade,
        bridge: Bridge,
        theme: Theme,
        parent: QWidget | None = None,
        printer: PrinterView | None = None,
    ) -> None:
        title = tr("Change printer {name}", name=plain(printer.name)) if printer else tr("Add a printer")
        super().__init__(theme, "printer-dialog", title, parent)
        self._facade, self._bridge, self._printer = facade, bridge, printer
        self._printer_id = printer.id if printer else None
        self._test: Future[PrinterTest] | None = None
        self._step = _KIND
        self._build_steps()
        self._build_buttons()
        self._fill_in(printer)
        self._wire()
        self._go(_CONNECTION if printer else _KIND)
        self.resize(680, 660)

    # building

    def _build_steps(self) -> None:
        theme, kinds = self._theme, self._facade.printer_kinds()
        names = {one.id: one.name for one in self._facade.printers()}
        self._kinds = kinds
        self._kind_step = KindStep(theme, kinds)
        self._connection = ConnectionStep(theme, kinds, self._printer.kind if self._printer else "")
        self._work = WorkStep(theme, self._facade.stations(), names, self._printer_id)
        self._trial = TrialStep(theme, self._printer.profile if self._printer else {})
        self._where = hint(theme, "", "printer-step")
        self.form.addWidget(self._where)
        for step in (self._kind_step, self._connection, self._work, self._trial):
            self.form.addWidget(step)
        self.form.addStretch(1)

    def _build_buttons(self) -> None:
        self.add_way_back()
        self._before = self.add_button("printer-before", tr("Previous step"), action=self._go_back)
        self._next = self.add_button("printer-next", tr("Next"), "new", action=self._go_on)
        self._save = self.add_button("printer-save", tr("Save"), "ready", "check", self._keep)

    def _fill_in(self, printer: PrinterView | None) -> None:
        kind = printer.kind if printer and printer.kind in self._kinds else next(iter(self._kinds), LAN)
        if printer:
            self._work.name = printer.name
            self._kind_step.mark(kind)
        self._connection.draw(kind, printer.settings if printer else {}, printer.dialect if printer else "")
        self._work.offer(self._connection.dialect, printer.paper if printer else "80")

    def _wire(self) -> None:
        self._kind_step.chosen.connect(self._choose)
        self._kind_step.wanted_search.connect(self._find)
        self._connection.edited.connect(self._doubt)
        self._trial.wanted.connect(self._try)
        self._trial.unwanted.connect(self._stop_waiting)
        self._trial.other_width.connect(self._change_width)

    # going from step to step

    def _go(self, step: int) -> None:
        self._step = step
        parts = (self._kind_step, self._connection, self._work, self._trial)
        for number, part in enumerate(parts):
            part.setVisible(number == step)
        self._where.setText(tr("Step {n} of {last}: {what}", n=step + 1, last=len(_STEPS), what=tr(_STEPS[step])))
        self._before.setVisible(step > _KIND)
        self._next.setVisible(_KIND < step < _TRIAL)
        self._save.setVisible(step == _TRIAL or (self._printer is not None and step > _KIND))
        self._next.setDefault(self._next.isVisibleTo(self))
        self._save.setDefault(not self._next.isVisibleTo(self))
        self.tell(self._untried() if step == _TRIAL else "", "muted")
        parts[step].start()

    @Slot()
    def _go_on(self) -> None:
        checked = {_CONNECTION: self._connection.check, _WORK: self._work.check}
        if checked[self._step]():
            self._go(self._step + 1)

    @Slot()
    def _go_back(self) -> None:
        self._go(self._step - 1)

    @Slot(str)
    def _choose(self, kind: str) -> None:
        if kind != self._connection.kind:
            known = self._printer.settings if self._printer and self._printer.kind == kind else {}
            self._connection.draw(kind, known)
        self._go(_CONNECTION)

    @Slot()
    def _find(self) -> None:
        dialog = FindPrinterDialog(self._facade, self._bridge, self._theme, self)
        dialog.picked.connect(self._take)
        dialog.open()

    @Slot(object)
    def _take(self, found: Found) -> None:
        """Fill the form from what answered."""
        self._kind_step.mark(found.kind)
        self._connection.draw(found.kind, {"host": found.host, "port": str(found.port)})
        if not self._work.name:
            self._work.name = found.name or found.model
        self._go(_CONNECTION)

    @Slot()
    def _doubt(self) -> None:
        """What was found out is of another connection than the form now names."""
        self._abandon()
        self._trial.forget()
        self._work.offer(self._connection.dialect, self._work.paper)

    def _untried(self) -> str:
        if self._trial.profile:
            return ""
        return tr("You may save it untried, if it is switched off just now: it is examined as soon as it can be reached.")

    # trying it

    @property
    def _form(self) -> PrinterForm:
        connection = self._connection
        return PrinterForm(self._work.name, connection.kind, connection.settings, connection.dialect, self._work.paper)

    @Slot()
    def _try(self) -> None:
        if not self._complete():
            return
        self._trial.run()
        self.tell("", "muted")
        asked = self._test = self._facade.try_printer(self._form, self._printer_id)
        self._bridge.run(asked, partial(self._answered, asked), partial(self._failed, asked), self)

    def _answered(self, asked: Future[PrinterTest], test: PrinterTest) -> None:
        if asked is self._test:
            self._test = None
            self._trial.show_answer(test, self._connection.dialect, self._work.paper)

    def _failed(self, asked: Future[PrinterTest], why: str) -> None:
        if asked is self._test:
            self._test = None
            self._trial.rest()
            self._trial.tell(plain(why), "late")
            self.tell(self._untried(), "muted")

    @Slot()
    def _stop_waiting(self) -> None:
        self._abandon()
        self._trial.rest()
        self._trial.tell(tr("Stopped waiting. A page that was on its way may still come out."), "muted")

    def _abandon(self) -> None:
        test, self._test = self._test, None
        if test:
            test.cancel()

    @Slot()
    def _change_width(self) -> None:
        self._work.offer(self._connection.dialect, OTHER_ROLL.get(self._work.paper, self._work.paper))

    # keeping it

    def _complete(self) -> bool:
        """Whether it can be tried and saved; goes to the step where something is missing."""
        for step, part in ((_CONNECTION, self._connection), (_WORK, self._work)):
            if not part.check():
                self._go(step)
                part.check()  # the cursor goes there once it can be seen
                return False
        return True

    @Slot()
    def _keep(self) -> None:
        if not self._complete():
            return
        self._abandon()
        self._save.setEnabled(False)
        station = self._work.station if self._printer_id is None else self._work.new_station
        asked = self._facade.save_printer(self._form, self._trial.profile, self._printer_id, station)
        self._bridge.run(asked, self._stored, self._not_saved, self)

    def _stored(self, printer_id: int) -> None:
        self._printer_id = printer_id  # saving again, after a station could not be stored, changes this one
        self._give(tuple(self._work.changed(self._facade.stations(), printer_id)))

    def _give(self, stations: Sequence[Station]) -> None:
        """Let these stations print here, one after the other."""
        if not stations:
            self.accept()
            return
        first, *rest = stations
        self._bridge.run(self._facade.save_station(first), lambda _: self._give(rest), self._not_given, self)

    def _not_saved(self, why: str) -> None:
        self._save.setEnabled(True)
        self.tell(tr("Not saved: {why}", why=plain(why)), "late")

    def _not_given(self, why: str) -> None:
        self._save.setEnabled(True)
        self.tell(tr("The printer is saved, but a station is not: {why}", why=plain(why)), "late")

    def done(self, result: int) -> None:
        """However it closes, nobody waits for a test any more."""
        self._abandon()
        super().done(result)
