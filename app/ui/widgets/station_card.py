"""One station on the page: what comes out there, where, and its rules in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.routing import Route, Station
from app.texts import tr
from app.ui.dialogs.form import hint
from app.ui.icons import pixmap
from app.ui.papers import station_words
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.rule_words import rule_words
from app.ui.words import station_name

_STAR = 20


class StationCard(Panel):
    """`changed`: edit the station, `removed`: delete it. `ruled` carries the Route to edit (None: a new one), `dropped` one
    to take away.
    """

    changed = Signal()
    removed = Signal()
    ruled = Signal(object)
    dropped = Signal(object)

    def __init__(
        self,
        theme: Theme,
        station: Station,
        routes: Sequence[Route],
        printers: Mapping[int, str],
        titles: Mapping[str, str],
    ) -> None:
        super().__init__(theme, "", f"station-{station.id}")
        self._theme, self._station, self._titles = theme, station, titles
        self.inner.addLayout(self._head())
        self.inner.addWidget(hint(theme, station_words(station, printers), f"station-{station.id}-detail"))
        if not any(route.enabled for route in routes):
            self.inner.addWidget(plain_label(tr("No rule: takes everything."), 15, name=f"station-{station.id}-all"))
        for place, route in enumerate(routes):
            self.inner.addWidget(self._rule(place, route))
        self.inner.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        station, theme = self._station, self._theme
        row = QHBoxLayout()
        title = plain_label(station_name(station.name), 17, bold=True, name=f"station-{station.id}-name")
        title.setWordWrap(True)
        if station.default:
            row.addWidget(self._star())
        row.addWidget(title, 1)
        if not station.enabled:
            row.addWidget(plain_label(tr("off"), 15, bold=True, color=theme.color("muted")))
        elif station.printer_id is None:
            row.addWidget(plain_label(tr("no printer: nothing comes out"), 15, bold=True, color=theme.color("late")))
        return row

    def _star(self) -> QLabel:
        star = QLabel()
        star.setObjectName(f"station-{self._station.id}-default")
        star.setPixmap(pixmap("star", self._theme.color("new").name(), _STAR))
        words = tr("Gets the dishes that no other station cooks")
        star.setToolTip(words)
        star.setAccessibleName(words)
        return star

    def _rule(self, place: int, route: Route) -> QWidget:
        whole = QWidget()
        name = f"rule-{self._station.id}-{place}"
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        words = plain_label(rule_words(route, self._titles), 15, name=f"{name}-words")
        words.setWordWrap(True)
        if not route.enabled:
            words.setEnabled(False)
        row.addWidget(words, 1)
        row.addWidget(self._button(f"{name}-edit", tr("Edit"), partial(self.ruled.emit, route)))
        spoken = tr("Take away this rule")
        row.addWidget(self._button(f"{name}-drop", "", partial(self.dropped.emit, route), "cross", spoken))
        return whole

    def _foot(self) -> QVBoxLayout:
        number = self._station.id
        buttons = QHBoxLayout()
        buttons.addWidget(self._button(f"station-{number}-rule", tr("Add rule…"), partial(self.ruled.emit, None)))
        buttons.addStretch(1)
        buttons.addWidget(self._button(f"station-{number}-remove", tr("Delete station…"), self.removed.emit))
        buttons.addWidget(self._button(f"station-{number}-edit", tr("Edit station"), self.changed.emit))
        foot = QVBoxLayout()
        foot.addLayout(buttons)
        return foot

    def _button(self, name: str, text: str, action: Callable[[], None], glyph: str = "", spoken: str = "") -> Button:
        button = Button(self._theme, text, "button", glyph, spoken, name=name, action=lambda _checked=False: action())
        button.setToolTip(spoken)
        return button
