"""Stations and rules: which paper comes out where, which dishes go there, and a tester of where an order would go."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.routing import Route, Station
from app.engine.facade import Facade, RefusalError
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint, scrolling
from app.ui.dialogs.remove_station import RemoveStation
from app.ui.dialogs.route import RouteDialog
from app.ui.dialogs.station import StationDialog
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.widgets.rule_tester import RuleTester
from app.ui.widgets.station_card import StationCard
from app.ui.words import plain, station_name

_WIDE = 1000  # logical pixels


class StationsPage(QWidget):
    """Every change is stored at once; the last change of the rules can be undone, and what was deleted be put back."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stations")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._titles = {platform.name: tr(platform.title) for platform in facade.platforms()}
        self._shown: tuple[object, ...] = ()
        self._before: tuple[Route, ...] | None = None
        self._tester = RuleTester(facade, theme, self._titles)
        self._answer = plain_label(px=15, bold=True, name="stations-answer")
        self._answer.setWordWrap(True)
        self._answer.hide()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        self._gone = QVBoxLayout()
        self._lay_out()
        bridge.printers_changed.connect(self.read)
        bridge.problems_changed.connect(self.read)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self.read()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a narrow screen the tester stands under the stations."""
        super().resizeEvent(event)
        wide = event.size().width() >= _WIDE
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    @Slot()
    def read(self, *_: object) -> None:
        """Show what is stored; what did not change is left in peace."""
        if not self.isVisible():
            return
        stations, routes, gone = self._facade.stations(), self._facade.routes(), self._facade.removed_stations()
        printers = {printer.id: printer.name for printer in self._facade.printers()}
        wanted = (stations, routes, printers, gone)
        if wanted != self._shown:
            self._shown = wanted
            self._show(stations, routes, printers)
            self._show_removed(gone)
            self._tester.look_again()

    @Slot()
    def add_station(self) -> None:
        """Open the form of a new station."""
        self._open_station(None)

    # building

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        self._lesson = hint(self._theme, "", "stations-lesson")
        add = Button(self._theme, tr("Add station…"), "new", name="stations-add", action=self.add_station)
        self._undo = Button(self._theme, tr("Undo the last change of rules"), name="rules-undo", action=self._undo_rules)
        self._undo.hide()
        buttons = QHBoxLayout()
        buttons.addWidget(add)
        buttons.addWidget(self._undo)
        buttons.addStretch(1)
        for part in (self._lesson, self._answer):
            left.addWidget(part)
        left.addLayout(self._cards)
        left.addLayout(buttons)
        left.addLayout(self._gone)
        left.addStretch(1)
        right.addWidget(self._tester)
        right.addStretch(1)
        columns = self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        columns.setSpacing(12)
        columns.addLayout(left, 3)
        columns.addLayout(right, 2)
        body = QVBoxLayout()
        body.setContentsMargins(20, 8, 20, 16)
        body.addLayout(columns)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(body))

    def _show(self, stations: list[Station], routes: list[Route], printers: dict[int, str]) -> None:
        _empty(self._cards)
        for station in stations:
            mine = [route for route in routes if route.station_id == station.id]
            card = StationCard(self._theme, station, mine, printers, self._titles)
            card.changed.connect(partial(self._open_station, station))
            card.ruled.connect(partial(self._open_rule, station))
            card.dropped.connect(self._drop)
            card.removed.connect(partial(self._remove, station))
            self._cards.addWidget(card)
        self._lesson.setText(_lesson(stations))

    def _show_removed(self, stations: list[Station]) -> None:
        _empty(self._gone)
        if not stations:
            return
        panel = Panel(self._theme, tr("Deleted stations"), "stations-removed")
        for station in stations:
            name = station_name(station.name)
            words = plain_label(name, 15, name=f"station-{station.id}-removed")
            words.setWordWrap(True)
            button = Button(
                self._theme,
                tr("Put back"),
                spoken=tr("Put {name} back", name=name),
                name=f"station-{station.id}-put-back",
                action=partial(self._restore, station.id),
            )
            row = QHBoxLayout()
            row.addWidget(words, 1)
            row.addWidget(button)
            panel.inner.addLayout(row)
        self._gone.addWidget(panel)

    # changing

    def _open_station(self, station: Station | None) -> None:
        dialog = StationDialog(self._facade, self._bridge, self._theme, self, station)
        dialog.saved.connect(self.read)
        dialog.open()

    def _remove(self, station: Station) -> None:
        try:
            use = self._facade.station_use(station.id)
        except RefusalError as refusal:  # somebody else was faster
            self._tell(str(refusal))
            self.read()
            return
        dialog = RemoveStation(self._facade, self._bridge, self._theme, use, self._titles, self)
        dialog.removed.connect(self._was_removed)
        dialog.open()

    @Slot(object)
    def _was_removed(self, _: object) -> None:
        self._before = None  # rules from before the deletion name a station that is gone
        self._undo.hide()
        self._tell("")
        self.read()

    def _restore(self, station_id: int, *_: object) -> None:
        self._bridge.run(self._facade.restore_station(station_id), self.read, self._refused, self)

    def _open_rule(self, station: Station, route: Route | None) -> None:
        dialog = RouteDialog(self._theme, station, self._titles, self._facade.menu(), self, route)
        dialog.taken.connect(partial(self._put, route))
        dialog.open()

    def _put(self, old: Route | None, new: Route) -> None:
        """Store a rule in the place of an old one, or at the end."""
        routes = self._facade.routes()
        place = _place(routes, old) if old else len(routes)
        self._store((*routes[:place], new, *routes[place + 1 :]))

    def _drop(self, route: Route) -> None:
        routes = self._facade.routes()
        place = _place(routes, route)
        self._store((*routes[:place], *routes[place + 1 :]))

    @Slot()
    def _undo_rules(self) -> None:
        if self._before is not None:
            self._store(self._before)

    def _store(self, routes: tuple[Route, ...]) -> None:
        before = tuple(self._facade.routes())
        self._tell("")
        self._bridge.run(self._facade.save_routes(routes), partial(self._stored, before), self._refused, self)

    def _stored(self, before: tuple[Route, ...], _: object) -> None:
        self._before = before
        self._undo.show()
        self.read()

    def _refused(self, why: str) -> None:
        self._tell(tr("Not saved: {why}", why=plain(why)))
        self.read()

    def _tell(self, text: str) -> None:
        tint(self._answer, self._theme.color("late"))
        self._answer.setText(text)
        self._answer.setVisible(bool(text))


def _empty(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()


def _place(routes: list[Route], wanted: Route) -> int:
    """Where a rule stands, the end if it is gone; storing gives rules new ids, so those do not count."""
    plain_ones = [replace(route, id=0) for route in routes]
    return plain_ones.index(replace(wanted, id=0)) if replace(wanted, id=0) in plain_ones else len(routes)


def _lesson(stations: list[Station]) -> str:
    if not stations:
        return tr(
            "No station yet. A station is a place where paper comes out: the hot kitchen, the drinks, the packing table."
        )
    words = tr("A station without a rule takes everything. With rules it takes what at least one of them names.")
    if not any(station.default and station.enabled for station in stations):
        return " ".join([words, tr("No station is the default: a dish that no rule names would not be printed.")])
    return words
