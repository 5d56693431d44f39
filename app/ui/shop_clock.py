"""The wall clock on every screen: the shop's, as on its papers, whatever zone the computer is set to."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_zone: list[ZoneInfo | None] = [None]  # None: the computer's


def use(zone: str) -> None:
    """Show times in this IANA zone from now on; "" for the computer's own."""
    _zone[0] = ZoneInfo(zone) if zone else None


def local(at: datetime) -> datetime:
    """An aware instant as the shop's wall clock shows it."""
    return at.astimezone(_zone[0])
