"""Add or change a rule: which dishes of which orders go to a station, and when."""

from __future__ import annotations

import re
from datetime import time

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.domain.orders import Fulfilment
from app.domain.routing import Route, Station
from app.engine.views import Menu
from app.texts import tr
from app.ui.dialogs.form import Field, FormWindow, hint, text_edit
from app.ui.theme import Theme
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.panel import plain_label
from app.ui.widgets.rule_names import NamesEdit
from app.ui.widgets.rule_words import rule_words
from app.ui.widgets.tick_row import TickRow
from app.ui.words import FULFILMENTS, station_name

_CLOCK = re.compile(r"(\d{1,2})(?:[:：.]?(\d{2}))?")


class RouteDialog(FormWindow):
    """Says all the while in words what the rule will do. `taken` carries the finished Route."""

    taken = Signal(object)

    def __init__(
        self,
        theme: Theme,
        station: Station,
        titles: dict[str, str],
        menu: Menu,
        parent: QWidget | None = None,
        route: Route | None = None,
    ) -> None:
        name = station_name(station.name)
        title = tr("Change a rule for {station}", station=name) if route else tr("A rule for {station}", station=name)
        super().__init__(theme, "route-dialog", title, parent)
        self._route = route or Route(0, station.id)
        self._titles = titles
        self._build_dishes(menu)
        self._build_rest()
        self._build_buttons()
        self._listen()
        self._show_words()
        self.resize(680, 660)

    def _build_dishes(self, menu: Menu) -> None:
        star = tr(
            'A whole name, or part of one with a star: *tea* fits "Iced tea, large". Whatever is left empty does not matter.'
        )
        self.form.addWidget(hint(self._theme, star))
        self._names: dict[str, NamesEdit] = {}
        for name, label, known, placeholder in (
            ("categories", tr("Category is"), menu.categories, tr("Drinks*")),
            ("items", tr("Dish is"), menu.items, tr("*fried rice*")),
            ("options", tr("Has the option"), menu.options, tr("Iced")),
        ):
            edit = self._names[name] = NamesEdit(self._theme, f"route-{name}", known, placeholder)
            edit.set_names(getattr(self._route, name))
            self.form.addWidget(Field(self._theme, f"route-{name}", label, edit))

        self._otherwise = TickBox(self._theme, tr("Only what no other station's rule takes"))
        self._otherwise.setObjectName("route-otherwise")
        self._otherwise.setChecked(self._route.otherwise)
        self.form.addWidget(self._otherwise)

    def _build_rest(self) -> None:
        route, known = self._route, {**{name: name for name in self._route.platforms}, **self._titles}
        self._platforms = TickRow(self._theme, "route-platform", known.items(), route.platforms)
        ways = [(one.value, tr(words)) for one, words in FULFILMENTS.items()]
        self._fulfilments = TickRow(self._theme, "route-fulfilment", ways, route.fulfilments)
        for label, row in ((tr("Platform"), self._platforms), (tr("How it leaves the shop"), self._fulfilments)):
            self.form.addWidget(plain_label(label, 15, bold=True))
            self.form.addWidget(row)
        self.form.addWidget(hint(self._theme, tr("None ticked: it does not matter.")))
        self._begins = self._clock_field("route-begins", tr("From"), route.begins)
        self._ends = self._clock_field("route-ends", tr("Until"), route.ends)
        band = QHBoxLayout()
        band.addWidget(self._begins)
        band.addWidget(self._ends)
        self.form.addLayout(band)
        self.form.addWidget(hint(self._theme, tr("The shop's time. 22:00 until 02:00 goes over midnight. Empty: all day.")))
        self._enabled = TickBox(self._theme, tr("This rule is in use"))
        self._enabled.setObjectName("route-enabled")
        self._enabled.setChecked(route.enabled)
        self.form.addWidget(self._enabled)
        self.form.addStretch(1)

    def _clock_field(self, name: str, label: str, at: time | None) -> Field:
        return Field(self._theme, name, label, text_edit(f"{at:%H:%M}" if at else "", "11:00"))

    def _build_buttons(self) -> None:
        self.add_way_back()
        save = self.add_button("route-save", tr("Save"), "ready", "check", self._keep)
        save.setDefault(True)

    def _listen(self) -> None:
        changes = [edit.changed for edit in self._names.values()]
        changes += [self._platforms.changed, self._fulfilments.changed]
        changes += [self._begins.edited, self._ends.edited, self._enabled.toggled, self._otherwise.toggled]
        for change in changes:
            change.connect(self._show_words)

    @property
    def _wanted(self) -> Route:
        return Route(
            self._route.id,
            self._route.station_id,
            platforms=self._platforms.ticked,
            categories=self._patterns("categories"),
            items=self._patterns("items"),
            options=self._patterns("options"),
            fulfilments=tuple(Fulfilment(one) for one in self._fulfilments.ticked),
            begins=read_clock(self._begins.answer),
            ends=read_clock(self._ends.answer),
            otherwise=self._otherwise.isChecked(),
            enabled=self._enabled.isChecked(),
        )

    def _patterns(self, name: str) -> tuple[str, ...]:
        """A Chinese keyboard writes its star as wide as a character."""
        return tuple(dict.fromkeys(text.replace("＊", "*") for text in self._names[name].names))

    @Slot()
    def _show_words(self, *_: object) -> None:
        self.tell(rule_words(self._wanted, self._titles), "text")

    @Slot()
    def _keep(self) -> None:
        fields = (self._begins, self._ends)
        for field in fields:
            bad = field.answer and read_clock(field.answer) is None
            field.complain(tr("A time looks like 11:00.") if bad else "")
        begins = read_clock(self._begins.answer)
        if begins is not None and begins == read_clock(self._ends.answer):
            self._ends.complain(tr("It ends when it begins: this rule would never hold."))
        if not any(field.error for field in fields):
            self.taken.emit(self._wanted)
            self.accept()


def read_clock(text: str) -> time | None:
    """A time of day from "11:00", "1100", "11.30" or "9"; None for anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
