"""Add or change a station: which paper comes out, where, in whose language, and what the dishes are called there."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.routing import Moment, Station
from app.domain.tickets import COOKED_FROM, TicketKind
from app.engine.facade import Facade
from app.engine.views import PrinterView
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import Field, FormWindow, choice_edit, hint, text_edit
from app.ui.papers import LABEL_DIALECT, LANGUAGES, MOMENTS, PURPOSES, kind_words, paper_words, templates_of
from app.ui.theme import Theme
from app.ui.widgets.dish_names import DishNames
from app.ui.widgets.inputs import Choice, TickBox
from app.ui.widgets.panel import plain_label, tint
from app.ui.words import plain, station_name

_MOST_COPIES = 5
_LONGEST_NAME = 40


class StationDialog(FormWindow):
    """Without a `station` it adds one. `saved` carries the id."""

    saved = Signal(int)

    def __init__(
        self,
        facade: Facade,
        bridge: Bridge,
        theme: Theme,
        parent: QWidget | None = None,
        station: Station | None = None,
    ) -> None:
        title = tr("Change station {name}", name=station_name(station.name)) if station else tr("Add a station")
        super().__init__(theme, "station-dialog", title, parent)
        self._facade, self._bridge = facade, bridge
        self._station = station or Station(0, "")
        self._printers = {str(printer.id): printer for printer in facade.printers()}
        self._forms = facade.forms()
        self._build_paper()
        self._build_printing()
        self._build_switches()
        self._build_names()
        self._build_buttons()
        self._follow_kind()
        self._follow_printer()
        self.resize(680, 660)

    # building

    def _build_paper(self) -> None:
        theme, station = self._theme, self._station
        name = text_edit(station.name, tr("Hot kitchen"))
        name.setMaxLength(_LONGEST_NAME)
        kinds = [(kind.value, kind_words(kind)) for kind in PURPOSES]
        moments = [(one.value, tr(words)) for one, words in MOMENTS.items()]
        self._name = Field(theme, "station-name", tr("Name"), name, tr("It stands on every ticket of this station."))
        self._kind = Field(theme, "station-kind", tr("Kind of paper"), choice_edit(theme, kinds, station.kind.value))
        usual = tr("The usual form fits most shops. Own forms are made under Ticket forms.")
        self._template = Field(theme, "station-template", tr("Form"), choice_edit(theme, []), usual)
        speaks = tr("Of the fixed words on the paper. What customers wrote stays as it is.")
        languages = choice_edit(theme, list(LANGUAGES.items()), station.language)
        self._language = Field(theme, "station-language", tr("Language"), languages, speaks)
        self._moment = Field(theme, "station-moment", tr("Prints"), choice_edit(theme, moments, station.moment.value))
        for field in (self._name, self._kind, self._template, self._language, self._moment):
            self.form.addWidget(field)
        self._kind.edited.connect(self._follow_kind)

    def _build_printing(self) -> None:
        theme, station = self._theme, self._station
        printers = [("", tr("No printer yet")), *((key, plain(one.name)) for key, one in self._printers.items())]
        copies = [(str(number), str(number)) for number in range(1, _MOST_COPIES + 1)]
        spare = tr("Takes over when the printer fails. Its tickets say whose work they are.")
        self._printer = Field(
            theme, "station-printer", tr("Printer"), choice_edit(theme, printers, _key(station.printer_id))
        )
        self._backup = Field(theme, "station-backup", tr("Backup printer"), choice_edit(theme, []), spare)
        self._copies = Field(theme, "station-copies", tr("Copies"), choice_edit(theme, copies, str(station.copies)))
        self._warning = hint(theme, "", "station-warning")
        tint(self._warning, theme.color("late"))
        for widget in (self._printer, self._backup, self._warning, self._copies):
            self.form.addWidget(widget)
        self._printer.edited.connect(self._follow_printer)
        self._backup.edited.connect(self._warn)
        self._kind.edited.connect(self._warn)

    def _build_switches(self) -> None:
        self._default = self._tick(
            "station-default", tr("Gets the dishes that no other station cooks"), self._station.default
        )
        self._why_not = hint(self._theme, tr("Only for papers that dishes are cooked from."), "station-default-why")
        self._default.toggled.connect(self._warn)
        self.form.addWidget(self._why_not)
        self._enabled = self._tick("station-enabled", tr("In use"), self._station.enabled)

    def _tick(self, name: str, text: str, on: bool) -> TickBox:
        box = TickBox(self._theme, text)
        box.setObjectName(name)
        box.setChecked(on)
        self.form.addWidget(box)
        return box

    def _build_names(self) -> None:
        menu = self._facade.menu()
        known = sorted({*menu.items, *menu.options})
        self.form.addWidget(plain_label(tr("What this station calls the dishes"), 15, bold=True))
        why = tr("For a cook who reads another language than the customer, or has a shorter word. Dishes and options.")
        self.form.addWidget(hint(self._theme, why))
        self._names = DishNames(self._theme, "station-dish", known, self._station.names)
        self.form.addWidget(self._names)
        self.form.addStretch(1)

    def _build_buttons(self) -> None:
        self.add_way_back()
        self._save = self.add_button("station-save", tr("Save"), "ready", "check")
        self._save.setDefault(True)
        self._save.clicked.connect(self._keep)

    # following what is chosen

    @property
    def _paper(self) -> TicketKind:
        return TicketKind(self._kind.answer)

    @Slot()
    def _follow_kind(self) -> None:
        """Offer the forms of this paper, and the default only where dishes are cooked from it."""
        chosen = self._template.answer or self._station.template
        _refill(self._template, templates_of(self._paper, self._forms), chosen)
        cooked = self._paper in COOKED_FROM
        self._default.setEnabled(cooked)
        self._default.setChecked(cooked and self._default.isChecked())
        self._why_not.setVisible(not cooked)

    @Slot()
    def _follow_printer(self) -> None:
        """Offer every other printer as backup."""
        chosen = self._backup.answer or _key(self._station.backup_id)
        others = [(key, plain(one.name)) for key, one in self._printers.items() if key != self._printer.answer]
        _refill(self._backup, [("", tr("None")), *others], chosen)
        self._backup.setEnabled(bool(self._printer.answer and others))
        self._warn()

    @Slot()
    def _warn(self) -> None:
        """What will look odd on paper, before it does."""
        words = " ".join(self._oddities())
        self._warning.setText(words)
        self._warning.setVisible(bool(words))

    def _oddities(self) -> list[str]:
        printer, backup = (self._printers.get(field.answer) for field in (self._printer, self._backup))
        found = []
        if printer is None and self._default.isChecked():
            found.append(
                tr(
                    "The default station needs a printer: without one, what no other station cooks comes out nowhere. "
                    "Choose a printer, or add one first."
                )
            )
        elif printer is None:
            found.append(tr("Without a printer nothing comes out here."))
        if printer and (self._paper is TicketKind.LABEL) != (printer.dialect == LABEL_DIALECT):
            found.append(_odd_paper(printer))
        if printer and backup and printer.paper != backup.paper:
            words = tr(
                "The backup has other paper ({paper}): tickets will look different there.", paper=paper_words(backup.paper)
            )
            found.append(words)
        return found

    # keeping it

    @Slot()
    def _keep(self) -> None:
        fine = [self._name.require(), self._names.check()]
        if not all(fine):
            (self._names if fine[0] else self._name.editor).setFocus()
            return
        self._save.setEnabled(False)
        self._bridge.run(self._facade.save_station(self._wanted()), self._stored, self._not_saved, self)

    def _wanted(self) -> Station:
        printer = _id(self._printer.answer)
        return replace(
            self._station,
            name=self._name.answer,
            kind=self._paper,
            template=self._template.answer,
            language=self._language.answer,
            printer_id=printer,
            backup_id=_id(self._backup.answer) if printer is not None else None,
            copies=int(self._copies.answer),
            moment=Moment(self._moment.answer),
            enabled=self._enabled.isChecked(),
            default=self._default.isChecked(),
            names=self._names.names,
        )

    def _stored(self, station_id: int) -> None:
        self.saved.emit(station_id)
        self.accept()

    def _not_saved(self, why: str) -> None:
        self._save.setEnabled(True)
        self.tell(tr("Not saved: {why}", why=plain(why)), "late")


def _odd_paper(printer: PrinterView) -> str:
    name = plain(printer.name)
    if printer.dialect == LABEL_DIALECT:
        return tr("{name} prints labels: tickets hardly fit on them.", name=name)
    return tr("{name} prints on a roll: cup labels want a label printer.", name=name)


def _refill(field: Field, choices: list[tuple[str, str]], chosen: str) -> None:
    """Offer these, keeping `chosen` where it is still among them."""
    box = field.editor
    if isinstance(box, Choice):
        with QSignalBlocker(box):
            box.clear()
            for value, words in choices:
                box.addItem(words, value)
            box.setCurrentIndex(max(box.findData(chosen), 0))
        box.update()


def _key(printer_id: int | None) -> str:
    return "" if printer_id is None else str(printer_id)


def _id(key: str) -> int | None:
    return int(key) if key else None
