"""The printers on the Settings page: what each can say, whom it prints for, how it is, and its form."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot

from app.engine.facade import Facade
from app.engine.views import HealthState, PrinterForm, PrinterTest, PrinterView
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.printer import PrinterDialog
from app.ui.papers import abilities, paper_words, served
from app.ui.theme import Theme
from app.ui.widgets.connection import ConnectionRow
from app.ui.widgets.connection_list import ConnectionList
from app.ui.words import PRINTER_HEALTH, clock_time


class PrintersPanel(ConnectionList):
    """Reads the printers anew whenever they change."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        lesson = tr("No printer yet. Add the kitchen's network printer, and every accepted order prints its ticket there.")
        super().__init__(bridge, theme, tr("Printers"), "settings-printers", lesson)
        self._facade = facade
        self.add_action("settings-add-printer", tr("Add printer…"), self.add)
        bridge.printers_changed.connect(self.read)

    @Slot()
    def add(self) -> None:
        """Open the printer form."""
        self.open_form(PrinterDialog(self._facade, self.bridge, self.theme, self))

    def change(self, printer_id: int, *_: object) -> None:
        """Open the form of a stored printer."""
        self.open_form(PrinterDialog(self._facade, self.bridge, self.theme, self, self._printer(printer_id)))

    @Slot()
    def read(self) -> None:
        """Show what the engine says, while anybody can see it."""
        if not self.isVisible():
            return
        printers = self._facade.printers()
        self.keep_only({printer.id for printer in printers})
        for printer in printers:
            row = self.rows.get(printer.id) or self._add_row(printer)
            row.describe(printer.name, _detail(printer))
            row.show_health(printer.state, _health(printer))
            row.set_switch("enabled", printer.enabled)

    def _add_row(self, printer: PrinterView) -> ConnectionRow:
        row = self.add_row(printer.id, ConnectionRow(self.theme, f"printer-{printer.id}"))
        row.glyph("printer")
        row.add_switch("enabled", tr("Print here"), partial(self._switch, printer.id))
        row.add_button("test", tr("Print test page"), partial(self._test, printer.id))
        row.add_button("edit", tr("Edit"), partial(self.change, printer.id))
        return row

    def _switch(self, printer_id: int, on: bool) -> None:
        self.follow(self._facade.set_printer(printer_id, on), printer_id)

    def _test(self, printer_id: int, *_: object) -> None:
        row, printer = self.rows[printer_id], self._printer(printer_id)

        def answered(test: PrinterTest) -> None:
            row.say(tr("The printer says: {words}", words=test.text), "text" if test.printed else "late")

        row.say(tr("Printing…"), "muted")
        form = PrinterForm(printer.name, printer.kind, printer.settings, printer.dialect, printer.paper)
        self.bridge.run(self._facade.try_printer(form, printer_id), answered, row.say, row)

    def _printer(self, printer_id: int) -> PrinterView:
        """As it is now: a row outlives changes of its printer."""
        return next(printer for printer in self._facade.printers() if printer.id == printer_id)


def _detail(printer: PrinterView) -> str:
    parts = [printer.address, paper_words(printer.paper), served(printer), *abilities(printer.profile, printer.acknowledges)]
    return " · ".join(filter(None, parts))


def _health(printer: PrinterView) -> str:
    words = [tr(PRINTER_HEALTH[printer.state]), printer.text]
    if printer.state in (HealthState.DEGRADED, HealthState.SIGNED_OUT) and printer.since:
        words.append(tr("since {time}", time=clock_time(printer.since)))
    words += [tr("{n} tickets waiting", n=printer.waiting)] if printer.waiting else []
    words += [tr("{n} tickets to look for", n=printer.unknown)] if printer.unknown else []
    return " · ".join(word for word in words if word)
