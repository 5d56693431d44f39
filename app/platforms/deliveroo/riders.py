"""Where riders are. Deliveroo tells it in their events only, and has no call to ask, so the last one is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.lifecycle import Delivery
from app.domain.shop import CourierPlace
from app.platforms.api import Message
from app.platforms.deliveroo.mapping import RIDER_EVENT, last_move
from app.platforms.deliveroo.wire import RiderReport
from app.platforms.shapes import UNREADABLE

MOST = 100  # orders remembered


@dataclass(frozen=True, slots=True)
class Seen:
    """What the newest event of an order told; no `place` where nobody is on the way or none was given."""

    version: int
    place: CourierPlace | None


class Riders:
    """Events come late and twice: the newest of each order counts."""

    def __init__(self) -> None:
        self._orders: dict[str, Seen] = {}

    def hear(self, message: Message) -> None:
        """Learn from one message; any other than a rider's event teaches nothing."""
        known = self._orders.get(message.order_id)
        if known and known.version > message.version:
            return
        report = _report(message.body)
        if report is not None:
            self._orders.pop(message.order_id, None)
            self._orders[message.order_id] = Seen(message.version, _place(report, message.version))
            self._orders = dict(list(self._orders.items())[-MOST:])

    def recall(self, messages: Iterable[Message]) -> None:
        """See `api.RecallsMessages`."""
        for message in messages:
            self.hear(message)

    def place(self, order_id: str) -> CourierPlace | None:
        """Where the order's rider was last."""
        seen = self._orders.get(order_id)
        return seen.place if seen else None


def _report(body: bytes) -> RiderReport | None:
    try:
        found = json.loads(body)
        if not isinstance(found, dict) or found.get("event") != RIDER_EVENT:
            return None
        return RiderReport.model_validate(found.get("body"))
    except UNREADABLE:
        return None


def _place(report: RiderReport, version: int) -> CourierPlace | None:
    """Of the rider who moved last, unless he left; the place's own time, or the event's."""
    move = last_move(report)
    if move is None or move.state is Delivery.PENDING:
        return None
    rider = move.rider
    at = rider.at or (datetime.fromtimestamp(version / 1000, UTC) if version else None)
    if rider.lat is None or rider.lon is None or at is None:
        return None
    return CourierPlace(rider.lat, rider.lon, at)
