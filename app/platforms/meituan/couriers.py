"""Where Meituan's courier is. Only of its crowd couriers (众包) a path is told; `riderPosition` goes the other way round: it
takes the places of a shop's own couriers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from app.domain.shop import CourierPlace
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.meituan.doors import Door, says_unknown
from app.platforms.meituan.payloads import LATEST, Wire, shape
from app.platforms.meituan.routes import Ask
from app.texts import tr

# Documented as whole numbers: degrees times 10^6, as in old orders (recalled). What can be degrees is taken for degrees.
SCALE = 1_000_000


class Point(Wire):
    """A point of a courier's path, GCJ-02 like every place in China; `time` in epoch seconds."""

    latitude: Annotated[float, Field(ge=-90 * SCALE, le=90 * SCALE)]
    longitude: Annotated[float, Field(ge=-180 * SCALE, le=180 * SCALE)]
    time: Annotated[int, Field(gt=0, le=LATEST)]


async def locate(door: Door, order_id: str) -> CourierPlace | None:
    """The newest point. None while nobody carries the order, and where another fleet does: Meituan refuses to tell then."""
    try:
        result = await door.step(Ask.PATH, order_id, **door.named)
    except RejectedError as refusal:
        if says_unknown(refusal):
            raise
        return None
    if not isinstance(result.value, list | None):
        raise ProtocolError(tr("Meituan answered something else than a list"))
    points = [shape(Point, one) for one in result.value or ()]
    newest = max(points, key=lambda point: point.time, default=None)
    return _place(newest) if newest else None


def _place(point: Point) -> CourierPlace:
    scale = SCALE if abs(point.latitude) > 90 or abs(point.longitude) > 180 else 1
    return CourierPlace(point.latitude / scale, point.longitude / scale, datetime.fromtimestamp(point.time, UTC))
