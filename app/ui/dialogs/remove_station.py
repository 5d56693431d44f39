"""Before a station is deleted: what goes with it, where its dishes go then, and what must be answered first."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.routing import Station
from app.domain.tickets import COOKED_FROM
from app.engine.facade import Facade
from app.engine.views import StationUse
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.question import Question, label
from app.ui.papers import TITLES
from app.ui.theme import Theme
from app.ui.widgets.panel import tint
from app.ui.widgets.rule_words import rule_words
from app.ui.words import plain, station_name

_WIDTH = 560


class RemoveStation(Question):
    """`removed` once it is. `titles` are the platforms' names on screen."""

    removed = Signal(object)

    def __init__(
        self, facade: Facade, bridge: Bridge, theme: Theme, use: StationUse, titles: Mapping[str, str], parent: QWidget
    ) -> None:
        title = tr("Delete station {name}?", name=station_name(use.station.name))
        super().__init__(theme, title, tr("Delete station"), "late", parent)
        self.setObjectName("station-removal")
        self._facade, self._bridge, self._station = facade, bridge, use.station
        for text in (*_rules(use, titles), *_afterwards(use.station, facade.stations()), _kept()):
            self.body.addWidget(label(text))
        self._answer = label(use.refusal, bold=True)
        self._answer.setObjectName("station-removal-answer")
        tint(self._answer, theme.color("late"))
        self._answer.setVisible(bool(use.refusal))
        self.body.addWidget(self._answer)
        self.confirm.setObjectName("station-removal-confirm")
        self.confirm.setEnabled(not use.refusal)
        self.confirm.setAutoDefault(False)
        self.confirm.clicked.connect(self._remove)
        self.back.setDefault(True)
        self._fit()

    @Slot()
    def _remove(self) -> None:
        self.confirm.setEnabled(False)
        self._bridge.run(self._facade.remove_station(self._station.id), self._gone, self._refused, self)

    def _gone(self, _: object) -> None:
        self.removed.emit(self._station)
        self.accept()

    def _refused(self, why: str) -> None:
        """A ticket may have come while the question stood there."""
        self._answer.setText(plain(why))
        self._answer.show()
        self._fit()

    def _fit(self) -> None:
        """As high as its wrapped words need: Qt asks them for their height at another width than they get."""
        layout = self.layout()
        if layout:
            layout.activate()
            self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))


def _rules(use: StationUse, titles: Mapping[str, str]) -> list[str]:
    if not use.station.enabled:
        return [tr("It is switched off: nothing comes out there now.")]
    if not use.rules:
        return [tr("It has no rule: it takes every order.")]
    return [tr("These rules go with it:"), *(f"– {rule_words(route, titles)}" for route in use.rules)]


def _afterwards(station: Station, stations: list[Station]) -> list[str]:
    others = [one for one in stations if one.id != station.id and one.enabled]
    if station.default or not station.enabled:
        return []
    if station.kind not in COOKED_FROM:
        return [_other_paper(station, others)]
    default = next((one for one in others if one.default), None)
    if default is None:
        return [tr("A dish that no other station takes would not be printed any more.")]
    return [tr("A dish that no other station takes is printed at {name} from now on.", name=station_name(default.name))]


def _other_paper(station: Station, others: list[Station]) -> str:
    if any(one.kind is station.kind for one in others):
        return tr("Another station still prints such papers.")
    paper = tr(TITLES[station.kind])
    return tr("No other station prints this paper ({paper}): it will not come out any more.", paper=paper)


def _kept() -> str:
    return tr("What it has printed stays in the ledger under its name; an order that dies is still voided there.")
