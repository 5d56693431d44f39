"""The first steps of adding a printer: which kind of connection, and what that kind needs to know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.printing.kinds import Field as Declared
from app.printing.kinds import PrinterKind
from app.texts import N_, tr
from app.ui.dialogs.form import Field, SecretEdit, choice_edit, column, hint, text_edit
from app.ui.papers import dialect_words
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.choice_card import ChoiceCard
from app.ui.widgets.panel import plain_label

LAN = "lan"
_WHEN = {  # when to choose a kind; one without a sentence here shows its own note
    LAN: N_("It has a network cable or Wi-Fi. The usual kitchen printer, and the one that can tell most."),
    "spooler": N_("It is set up under Windows' printers already."),
    "cups": N_("It is set up in this computer's print system (CUPS) already."),
    "usb": N_("Its USB cable goes into this computer."),
    "serial": N_("Its serial cable, or a Bluetooth connection that pretends to be one, goes into this computer."),
    "feie": N_("A Feie printer with its own SIM card or Wi-Fi."),
    "yilianyun": N_("A Yilianyun printer with its own SIM card or Wi-Fi."),
}
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LAST_PORT = 65535


class KindStep(QWidget):
    """Every kind as a card, the network first; the way to finding printers above all. `chosen` carries a kind's name."""

    chosen = Signal(str)
    wanted_search = Signal()

    def __init__(self, theme: Theme, kinds: Mapping[str, PrinterKind]) -> None:
        super().__init__()
        find = self._find = Button(
            theme,
            tr("Find printers on this network"),
            "new",
            "search",
            height=PRIMARY_HEIGHT,
            name="printer-find",
            action=self.wanted_search,
            auto_default=False,
        )
        self._cards: dict[str, ChoiceCard] = {}
        for kind in sorted(kinds.values(), key=lambda one: one.name != LAN):
            sentence = tr(_WHEN[kind.name]) if kind.name in _WHEN else tr(kind.note) if kind.note else ""
            card = self._cards[kind.name] = ChoiceCard(theme, f"printer-kind-{kind.name}", tr(kind.title), sentence)
            card.setCheckable(True)
            card.clicked.connect(partial(self._choose, kind.name))
        other = plain_label(tr("Or say yourself how it is connected:"), 15, bold=True)
        self.setLayout(column(find, other, *self._cards.values()))

    def start(self) -> None:
        """Put the keyboard on the way that most should go."""
        self._find.setFocus()

    def mark(self, kind: str) -> None:
        """Show which one is chosen."""
        for name, card in self._cards.items():
            card.setChecked(name == kind)

    def _choose(self, kind: str, *_: object) -> None:
        self.mark(kind)
        self.chosen.emit(kind)


class ConnectionStep(QWidget):
    """The fields of the chosen kind. `edited` whenever what was tried before no longer counts.

    `stored_kind`: the kind of the printer that is being changed, "" for a new one; only its blank secrets mean something.
    """

    edited = Signal()

    def __init__(self, theme: Theme, kinds: Mapping[str, PrinterKind], stored_kind: str) -> None:
        super().__init__()
        self._theme, self._kinds, self._stored_kind = theme, kinds, stored_kind
        self.kind = ""
        self._fields: dict[str, Field] = {}
        self._dialect: Field | None = None
        self._body = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._body)

    def draw(self, kind: str, settings: Mapping[str, str], dialect: str = "") -> None:
        """Show the form of `kind`, filled in."""
        self.kind = kind
        declared = self._kinds[kind]
        self._fields = {one.name: self._field(one, settings.get(one.name, one.default)) for one in declared.fields}
        dialects = [(one, dialect_words(one)) for one in declared.dialects]
        self._dialect = None
        parts: list[QWidget] = [plain_label(tr(declared.title), 16, bold=True)]
        parts += [hint(self._theme, tr(declared.note), "printer-note")] if declared.note else []
        parts += self._fields.values()
        if len(dialects) > 1:
            box = choice_edit(self._theme, dialects, dialect)
            self._dialect = Field(self._theme, "printer-dialect", tr("What it prints"), box)
            self._dialect.edited.connect(self.edited)
            parts.append(self._dialect)
        self._replace_body(parts)
        self.edited.emit()

    @property
    def _stored(self) -> bool:
        return self.kind == self._stored_kind

    @property
    def settings(self) -> dict[str, str]:
        """What stands in the fields; a blank secret of a stored printer stands for the stored one."""
        return {name: field.answer for name, field in self._fields.items()}

    @property
    def dialect(self) -> str:
        """What the printer speaks."""
        return self._dialect.answer if self._dialect else self._kinds[self.kind].dialects[0]

    def check(self) -> bool:
        """Whether everything needed is there and makes sense; the first wrong field says so and gets the cursor."""
        wrong = [declared for declared in self._kinds[self.kind].fields if not self._is_fine(declared)]
        if wrong:
            self._fields[wrong[0].name].editor.setFocus()
        return not wrong

    def start(self) -> None:
        """Put the cursor where typing begins."""
        if self._fields:
            next(iter(self._fields.values())).editor.setFocus()

    def _field(self, declared: Declared, text: str) -> Field:
        name = f"printer-field-{declared.name}"
        editor: QWidget
        if declared.choices:
            editor = choice_edit(self._theme, [(value, tr(title)) for value, title in declared.choices], text)
        elif declared.secret:
            editor = SecretEdit(self._theme, name, tr("unchanged") if self._stored else "")
        else:
            editor = text_edit(text)
        label = tr(declared.title) if declared.required else tr("{label} (optional)", label=tr(declared.title))
        field = Field(self._theme, name, label, editor, tr(declared.help) if declared.help else "")
        field.edited.connect(self.edited)
        return field

    def _replace_body(self, parts: list[QWidget]) -> None:
        fresh, layout = QWidget(), self.layout()
        fresh.setLayout(column(*parts))
        if layout:
            layout.replaceWidget(self._body, fresh)
        self._body.setParent(None)
        self._body.deleteLater()
        self._body = fresh

    def _is_fine(self, declared: Declared) -> bool:
        field = self._fields[declared.name]
        spared = not declared.required or (declared.secret and self._stored)
        if not spared and not field.require():
            return False
        field.complain(_complaint(declared.name, field.answer) if field.answer else "")
        return not field.error


def _complaint(name: str, answer: str) -> str:
    """What is wrong with an address or a port, whichever kind asks for one."""
    if name == "host" and not _is_address(answer):
        return tr("Only the address belongs here, such as 192.168.1.50; the port has its own field.")
    if name == "port" and not (answer.isascii() and answer.isdecimal() and 1 <= int(answer) <= _LAST_PORT):
        return tr("A port is a number from 1 to {last}.", last=_LAST_PORT)
    return ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text))
    return True
