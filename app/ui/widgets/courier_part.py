"""Where the platform's courier is, in the detail of an order: asked by a person, said with its time, to be copied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout

from app.domain.lifecycle import CLOSED, Delivery, Kitchen
from app.domain.orders import Fulfilment
from app.domain.shop import CourierPlace
from app.engine.views import Ability, OrderDetail
from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.words import ago, moment, plain

_OVER = (Delivery.DELIVERED, Delivery.NONE)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What came of the last question about one order's courier. `why`: it was not answered."""

    waiting: bool = False
    place: CourierPlace | None = None
    why: str = ""


def can_locate(detail: OrderDetail) -> bool:
    """Whether there may be a courier of the platform's on the way, and it may be asked."""
    card = detail.card
    away = card.kitchen in CLOSED | {Kitchen.NEW} or card.delivery in _OVER or card.fulfilment is not Fulfilment.DELIVERY
    return Ability.TRACKS_COURIERS in detail.abilities and not away


def coordinates(place: CourierPlace) -> str:
    """ "31.23041, 121.47370": what any map takes; five digits are a metre."""
    return f"{place.latitude:.5f}, {place.longitude:.5f}"


class CourierPart(Panel):
    """`wanted` when a person asks."""

    wanted = Signal()

    def __init__(self, theme: Theme, call_number: str) -> None:
        super().__init__(theme, tr("Courier"), "courier-part")
        self._theme, self._place = theme, ""
        self._ask = Button(
            theme,
            tr("Where is the courier?"),
            "button",
            "courier",
            f"{tr('Where is the courier?')} {plain(call_number)}",
            name="courier-ask",
            action=self.wanted,
        )
        self._copy = Button(theme, tr("Copy place"), "button", "copy", name="courier-copy", action=self._copied)
        self._answer = plain_label(px=16, bold=True, name="courier-place")
        self._when = plain_label(px=14, name="courier-when", color=theme.color("muted"))
        for line in (self._answer, self._when):
            line.setWordWrap(True)
            self.inner.addWidget(line)
        row = QHBoxLayout()
        row.addWidget(self._ask)
        row.addWidget(self._copy)
        row.addStretch(1)
        self.inner.addLayout(row)

    def show_sighting(self, seen: Sighting | None, now: datetime) -> None:
        """What is known; None before anybody asked."""
        self._place = coordinates(seen.place) if seen and seen.place else ""
        words, when, tone = _words(seen, now)
        self._answer.setText(words)
        tint(self._answer, self._theme.color(tone))
        self._when.setText(when)
        self._answer.setVisible(bool(words))
        self._when.setVisible(bool(when))
        self._copy.setVisible(bool(self._place))
        self._ask.setEnabled(not (seen and seen.waiting))

    @Slot()
    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(self._place)


def _words(seen: Sighting | None, now: datetime) -> tuple[str, str, str]:
    if seen is None:
        return "", "", "text"
    if seen.waiting:
        return tr("Asking the platform…"), "", "muted"
    if seen.why:
        return plain(seen.why), "", "late"
    if seen.place is None:
        return tr("The platform does not say yet"), "", "text"
    when = tr(
        "There at {time} ({ago}). Copy it into a map on your phone.",
        time=moment(seen.place.at, now),
        ago=ago(seen.place.at, now),
    )
    return tr("Latitude, longitude: {place}", place=coordinates(seen.place)), when, "text"
