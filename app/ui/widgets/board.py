"""The lanes side by side. Lanes that find no room are folded to a strip, New last of all."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.engine.views import Lane
from app.ui.theme import Theme
from app.ui.widgets.lane import FOLDED, GAP, MIN_CARD, LaneWidget

ORDER = (Lane.NEW, Lane.SCHEDULED, Lane.COOKING, Lane.READY, Lane.ON_THE_WAY)
WEIGHTS = {Lane.NEW: 24, Lane.SCHEDULED: 20, Lane.COOKING: 34, Lane.READY: 22, Lane.ON_THE_WAY: 20}
NARROWEST = MIN_CARD + 2 * GAP + 12
_KEEP = (Lane.NEW, Lane.COOKING, Lane.READY, Lane.ON_THE_WAY, Lane.SCHEDULED)


def widths(room: int, keep: tuple[Lane, ...], folded: frozenset[Lane]) -> dict[Lane, int]:
    """Width of every lane in `room` pixels, `FOLDED` for a folded one.

    `keep` names the lanes by how much they deserve room; those in `folded` give theirs up freely. The first of `keep`
    is never folded, and the widths never exceed the room unless that one lane alone does.
    """
    room -= GAP * (len(keep) - 1)
    shown = [lane for lane in keep if lane not in folded] or [keep[0]]
    while len(shown) > 1 and len(shown) * NARROWEST + (len(keep) - len(shown)) * FOLDED > room:
        shown.pop()
    spare = max(0, room - (len(keep) - len(shown)) * FOLDED - len(shown) * NARROWEST)
    weight = sum(WEIGHTS[lane] for lane in shown)
    return {lane: NARROWEST + spare * WEIGHTS[lane] // weight if lane in shown else FOLDED for lane in keep}


class Board(QWidget):
    """Five lanes; pressing a folded one gives it room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lanes = {lane: LaneWidget(theme, lane, self) for lane in ORDER}
        self._folded = {Lane.SCHEDULED}
        self._wanted: Lane | None = None
        for lane in self.lanes.values():
            lane.unfolded.connect(self._toggle)

    def want(self, lane: Lane) -> None:
        """Give `lane` room before the others, New excepted."""
        if self.lanes[lane].folded:
            self._folded.discard(lane)
            self._wanted = lane
            self.arrange()

    def arrange(self) -> None:
        """Place the lanes for the present width."""
        first = (Lane.NEW,) if self._wanted in (None, Lane.NEW) else (Lane.NEW, self._wanted)
        keep = first + tuple(lane for lane in _KEEP if lane not in first)
        wide = widths(self.width(), keep, frozenset(self._folded))
        x = 0
        for lane in ORDER:
            widget = self.lanes[lane]
            widget.fold(wide[lane] == FOLDED)
            widget.setGeometry(x, 0, wide[lane], self.height())
            widget.place()
            x += wide[lane] + GAP

    @Slot(object)
    def _toggle(self, lane: Lane) -> None:
        if self.lanes[lane].folded:
            self.want(lane)
        elif lane is Lane.SCHEDULED:
            self._folded.add(lane)
            self.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        del event
        self.arrange()

    def minimumSizeHint(self) -> QSize:
        """New and four strips."""
        return QSize(NARROWEST + 4 * (FOLDED + GAP), 300)

    def neighbour(self, lane: Lane, step: int) -> Lane | None:
        """The next unfolded lane with cards to the left (-1) or right (+1)."""
        order = [other for other in ORDER if not self.lanes[other].folded and (self.lanes[other].cards or other is lane)]
        place = order.index(lane) + step if lane in order else 0
        return order[place] if 0 <= place < len(order) else None
