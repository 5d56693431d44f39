"""What every connector says of portions that a platform does not count, or does not have."""

from __future__ import annotations

from app.platforms.api import RejectedError
from app.texts import tr


def too_many(dish: str, left: int) -> RejectedError:
    """More portions of a dish than are left of it."""
    return RejectedError(tr("Of {dish} only {n} can still be given back.", dish=dish, n=max(left, 0)), "count")
