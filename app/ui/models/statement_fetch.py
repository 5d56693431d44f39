"""Asks a platform for its statements day by day, one after the other, and tells how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.engine.facade import Facade
from app.engine.views import Storefront
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.models.figures import short_day
from app.ui.words import headed, plain


class StatementFetch(QObject):
    """`told` carries words and the token of their colour; `ended` when nothing more is asked."""

    told = Signal(str, str)
    ended = Signal()

    def __init__(self, facade: Facade, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._facade, self._bridge = facade, bridge
        self._front: Storefront | None = None
        self._todo: list[date] = []
        self._all = 0

    @property
    def busy(self) -> bool:
        """Whether days are still to come."""
        return bool(self._todo)

    def start(self, front: Storefront, days: Sequence[date]) -> None:
        """Ask for these days, oldest first; nothing happens while others are asked for."""
        if not self._todo:
            self._front, self._todo, self._all = front, list(days), len(days)
            self._next(front)

    def stop(self) -> None:
        """Ask for no more; the day under way is still kept."""
        if self._todo:
            self._end(tr("Stopped after {n} of {all} days.", n=self._all - len(self._todo), all=self._all), "text")

    def _next(self, front: Storefront) -> None:
        if not self._todo:
            self._end(tr("Fetched {n} days.", n=self._all), "ready")
            return
        day, number = self._todo[0], self._all - len(self._todo) + 1
        self.told.emit(tr("Fetching day {n} of {all}: {day}…", n=number, all=self._all, day=short_day(day)), "muted")
        asked = self._facade.settlement(front.account_id, day)
        self._bridge.run(asked, partial(self._came, front, day), partial(self._failed, front, day), self)

    def _came(self, front: Storefront, day: date, _: object) -> None:
        if front is self._front and self._todo[:1] == [day]:
            self._todo.pop(0)
            self._next(front)

    def _failed(self, front: Storefront, day: date, why: str) -> None:
        if front is self._front and self._todo[:1] == [day]:
            said = tr("{platform} says: {why}", platform=plain(front.title), why=plain(why))
            self._end(headed(short_day(day), said), "late")

    def _end(self, text: str, tone: str) -> None:
        self._front, self._todo = None, []
        self.told.emit(text, tone)
        self.ended.emit()
