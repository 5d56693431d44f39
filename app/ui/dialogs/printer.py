"""Add or change a LAN printer: where it is, what it prints for, and a test ticket that a person has seen."""

from __future__ import annotations

import re
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.engine.facade import Facade
from app.engine.views import PrinterView
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import Field, FormWindow, choice_edit, text_edit
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import plain_label
from app.ui.words import plain

RAW_PORT = 9100  # where practically every network ticket printer takes its bytes
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LAST_PORT = 65535


class PrinterDialog(FormWindow):
    """A printer may be saved untested: it can be switched off today and still be the right one.

    With a stored `printer` it changes that one.
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
        self._build_form()
        if printer:
            self._fill_in(printer)
        self._build_question()
        self._build_buttons()
        self.resize(640, 660)

    def _build_form(self) -> None:
        theme = self._theme
        port = text_edit(str(RAW_PORT))
        port.setValidator(QIntValidator(1, _LAST_PORT, port))
        where = tr("On the printer's self-test page, often printed by holding its feed button while switching on.")
        which = tr("Which dishes' tickets it prints. One kitchen printer: leave it as it is.")
        widths = choice_edit(self._theme, [("80", tr("80 mm paper")), ("58", tr("58 mm paper"))])
        self._name = Field(theme, "printer-name", tr("Name"), text_edit(hint=tr("Hot kitchen")))
        self._host = Field(theme, "printer-host", tr("Network address"), text_edit(hint="192.168.1.50"), where)
        self._port = Field(theme, "printer-port", tr("Port"), port)
        self._station = Field(theme, "printer-station", tr("Station"), text_edit("kitchen"), which)
        self._width = Field(theme, "printer-width", tr("Paper"), widths)
        for field in (self._name, self._host, self._port, self._station, self._width):
            self.form.addWidget(field)
        self.form.addStretch(1)

    def _fill_in(self, printer: PrinterView) -> None:
        host, _colon, port = printer.address.rpartition(":")
        known = (printer.name, host, port, printer.station, str(printer.width))
        for field, text in zip((self._name, self._host, self._port, self._station, self._width), known, strict=True):
            field.answer = text

    def _build_question(self) -> None:
        """After a test: only a person can say whether paper came out."""
        self._question = QWidget()
        row = QHBoxLayout(self._question)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(plain_label(tr("Did the test ticket come out, easy to read?"), 15), 1)
        for name, text, action in (("yes", tr("Yes"), self._came_out), ("no", tr("No"), self._stayed_in)):
            button = Button(self._theme, text)
            button.setObjectName(f"printer-came-out-{name}")
            button.setAutoDefault(False)
            button.clicked.connect(action)
            row.addWidget(button)
        self._question.hide()
        self.below.addWidget(self._question)

    def _build_buttons(self) -> None:
        back = self.add_button("dialog-back", tr("Back"))
        back.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        self._test = self.add_button("printer-test", tr("Print test ticket"), glyph="printer")
        self._test.clicked.connect(self._print_test)
        self._save = self.add_button("printer-save", tr("Save"), "ready", "check")
        self._save.clicked.connect(self._keep)

    @Slot()
    def _print_test(self) -> None:
        if not self._reachable():
            return
        self._test.setEnabled(False)
        self._question.hide()
        self.tell(tr("Printing…"), "muted")
        asked = self._facade.test_printer(self._host.answer, int(self._port.answer), int(self._width.answer))
        self._bridge.run(asked, self._answered, self._failed, self)

    def _answered(self, words: str) -> None:
        self._test.setEnabled(True)
        self.tell(tr("The printer says: {words}", words=plain(words)), "text")
        self._question.show()

    def _failed(self, why: str) -> None:
        self._test.setEnabled(True)
        self.tell(plain(why), "late")

    @Slot()
    def _came_out(self) -> None:
        self._question.hide()
        self.tell(tr("Good. Save to use this printer."), "ready")

    @Slot()
    def _stayed_in(self) -> None:
        self._question.hide()
        self.tell(tr("Check paper, cover and network cable, and compare the address with the self-test page."), "late")

    @Slot()
    def _keep(self) -> None:
        named = [field.require() for field in (self._name, self._station)]
        if not self._reachable() or not all(named):
            return
        self._save.setEnabled(False)
        name, host, station = self._name.answer, self._host.answer, self._station.answer
        port, width = int(self._port.answer), int(self._width.answer)
        saved: Future[Any]
        if self._printer:
            saved = self._facade.change_printer(self._printer.id, name, host, port, station, width)
        else:
            saved = self._facade.add_printer(name, host, port, station, width)
        self._bridge.run(saved, lambda _: self.accept(), self._not_saved, self)

    def _not_saved(self, why: str) -> None:
        self._save.setEnabled(True)
        self.tell(tr("Not saved: {why}", why=plain(why)), "late")

    def _reachable(self) -> bool:
        """Whether address and port can be used at all."""
        good_host = self._host.require() and _is_address(self._host.answer)
        if self._host.answer and not good_host:
            self._host.complain(tr("Only the address belongs here, such as 192.168.1.50; the port has its own field."))
        good_port = self._port.answer.isdecimal() and 1 <= int(self._port.answer) <= _LAST_PORT
        self._port.complain("" if good_port else tr("A port is a number from 1 to {last}.", last=_LAST_PORT))
        return good_host and good_port


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text))
    return True
