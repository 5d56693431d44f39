"""The shop's business day: a local date that begins at a cut-off hour, not at midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Time zone and cut-off of one shop: orders before `cutoff_hour` belong to the evening before."""

    zone: ZoneInfo
    cutoff_hour: int = 4

    @classmethod
    def of(cls, zone: str, cutoff_hour: int = 4) -> BusinessCalendar:
        """Calendar of an IANA zone name such as "Asia/Shanghai"."""
        return cls(ZoneInfo(zone), cutoff_hour)

    def day(self, instant: datetime) -> date:
        """Business day of an aware instant."""
        local = instant.astimezone(self.zone)
        return local.date() - timedelta(days=1) if local.hour < self.cutoff_hour else local.date()

    def hour(self, instant: datetime) -> int:
        """Local hour of day, 0 to 23, of an aware instant."""
        return instant.astimezone(self.zone).hour

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """First instant of `day` and first instant of the next one, in UTC (23, 24 or 25 hours apart)."""
        return self._start(day), self._start(day + timedelta(days=1))

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(self.cutoff_hour), self.zone).astimezone(UTC)
